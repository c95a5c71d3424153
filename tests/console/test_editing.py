"""The form on which a proposal is edited, over HTTP and without a script."""

import re
import secrets
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest

from approvals.proposal import Status
from tests.conversations.town import (
    PRIYA,
    SAM,
    Town,
    Visitor,
    eventually,
    text_of,
    town,
)

ASK = "invoice Acme West for 10 hours consulting, net 30"
EDIT = "/console/proposals/P-1/edit"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as made:
        async with made.visit(SAM) as sam:
            await sam.say(ASK)
            await sam.sees("P-1")
        yield made


def fields(page: str) -> dict[str, str]:
    """What the edit form would send, as a browser would fill it in."""
    form = re.search(r'<form class="panel edit".*?</form>', page, re.DOTALL)
    assert form is not None, text_of(page)
    found = {}
    for tag in re.findall(r"<input [^>]*>", form[0]):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attributes.get("type") == "checkbox" and " checked" not in tag:
            continue
        found[attributes["name"]] = unescape(attributes.get("value", ""))
    for name, text in re.findall(
        r'<textarea [^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', form[0]
    ):
        found[name] = unescape(text)
    del found["csrf"]
    return found


async def save(visitor: Visitor, **typed: str) -> dict[str, str]:
    """Type over some fields of the form on the page, and save; what was sent."""
    sent = {**fields(visitor.page), "do": "save"}
    sent |= {name.replace("__", "."): value for name, value in typed.items()}
    await visitor.post(EDIT, **sent)
    return sent


async def test_an_edit_by_form_is_a_revision_that_shows_what_differs(
    place: Town,
) -> None:
    async with place.visit(SAM) as sam:
        await sam.sees("P-1")
        await sam.press("edit")
        opened = text_of(sam.page)
        assert 'value="Acme West"' in sam.page
        sent = await save(sam, line__0__quantity="12", memo="June")
        saved = text_of(sam.page)
        # The same form once more, as by a double press: nothing new.
        await sam.post(EDIT, **sent)
    revised = await place.proposal("P-1")
    async with place.visit(SAM) as sam:
        chat = await sam.sees("P-1 was changed; revision 2 is below")
        assert sam.page.count('data-verb="withdraw"') == 1
    async with place.visit(PRIYA) as priya:
        await priya.sees("Changed in revision 2")
        await priya.press("approve")
    applied = await place.status("P-1", Status.APPLIED)

    assert "Edit P-1" in opened
    assert "cannot approve" not in opened
    assert "revision 2 of P-1 waits for approval" in saved
    assert revised.revision == 2
    assert "Line 1, quantity 10 → 12" in chat
    assert applied.confidence is None
    assert applied.draft.lines[0].quantity == 12
    number = applied.receipts[0].doc_number
    found = await place.query(f"SELECT * FROM Invoice WHERE DocNumber = '{number}'")
    assert found["Invoice"][0]["Line"][0]["Amount"] == 1800
    assert found["Invoice"][0]["PrivateNote"] == "June (Ref P-1)"


async def test_mistakes_stand_beside_their_fields_and_nothing_is_lost(
    place: Town,
) -> None:
    async with place.visit(SAM) as sam:
        await sam.get(EDIT)
        await save(
            sam, customer="Acme Wst", line__0__quantity="ten", memo="<b>keep me</b>"
        )
        status, page = sam.status, sam.page
        # One more line, and away with the first: still nothing of it is lost.
        await sam.post(EDIT, **{**fields(page), "do": "add"})
        two = fields(sam.page)
        await sam.post(EDIT, **{**two, "do": "remove.0"})
        one = fields(sam.page)
        # Drafting finds what the form by itself cannot.
        await sam.get(EDIT)
        await save(sam, due_date="2020-01-01")
        late = text_of(sam.page)
        await sam.get(EDIT)
        await save(sam)
        same = text_of(sam.page)

    assert status == 422
    assert "QuickBooks has no customer called “Acme Wst”" in text_of(page)
    assert "“ten” is not a number" in text_of(page)
    assert fields(page)["memo"] == "<b>keep me</b>"
    assert fields(page)["line.0.quantity"] == "ten"
    assert 'aria-invalid="true"' in page
    assert "line.1.item" in two
    assert "line.0.item" not in one
    assert one["memo"] == "<b>keep me</b>"
    assert "lies before the invoice date" in late
    assert "no new revision was made" in same
    assert (await place.proposal("P-1")).revision == 1


async def test_a_form_of_an_older_revision_is_refused_and_shows_both(
    place: Town,
) -> None:
    async with place.visit(SAM) as sam, place.visit(PRIYA) as priya:
        await priya.get(EDIT)
        warned = text_of(priya.page)
        await sam.get(EDIT)
        await save(priya, line__0__rate="160")
        await save(sam, line__0__quantity="12", event=secrets.token_hex(4))
        refused, status = text_of(sam.page), sam.status
        standing = await place.proposal("P-1")
        await save(sam)
        again = await place.proposal("P-1")
        # Who has changed it at any time counts as having asked, and cannot approve.
        page = await priya.get("/console/proposals/P-1")

    assert "you count as having asked for it" in warned
    assert status == 422
    assert "Priya Nair has changed P-1 meanwhile" in refused
    assert "Line 1, rate 160 empty" in refused
    assert "Line 1, quantity 10 12" in refused
    assert (standing.revision, standing.editor) == (2, "Priya Nair")
    assert (again.revision, again.editor) == (3, "Sam Rivera")
    assert again.draft.lines[0].quantity == 12
    assert 'data-verb="approve"' not in page


async def test_a_page_kept_by_the_browser_never_says_saved_of_what_is_not(
    place: Town,
) -> None:
    async with place.visit(SAM) as sam:
        await sam.get(EDIT)
        sent = await save(sam, line__0__quantity="12")
        # Back in the browser, another value, and saved again: the same page.
        await sam.post(EDIT, **{**sent, "line.0.quantity": "14"})
        status, kept = sam.status, fields(sam.page)
        told = text_of(sam.page)
        standing = await place.proposal("P-1")
        await sam.post(EDIT, **{**kept, "do": "save"})
    after = await place.proposal("P-1")

    assert status == 422
    assert "Line 1, quantity 12 14" in told
    assert "Saved" not in told
    assert (standing.revision, after.revision) == (2, 3)
    assert standing.draft.lines[0].quantity == 12
    assert after.draft.lines[0].quantity == 14


async def test_who_may_not_and_what_waits_no_longer_are_told_so(place: Town) -> None:
    async with place.visit(PRIYA) as priya:
        await priya.sees("P-1")
        old = priya.button("edit")
        async with place.visit(SAM) as sam:
            await sam.get(EDIT)
            form = fields(sam.page)
            await save(sam, memo="changed")
        await priya.get("/console/")
        await priya.post("/console/press", **old)
        changed = text_of(priya.page)
        await priya.get("/console/proposals/P-1")
        await priya.press("edit")
        await save(priya, memo="mine")
        mine = text_of(await priya.get("/console/proposals/P-1"))
        await priya.get("/console/proposals/P-99/edit")
        missing = priya.status
    async with place.visit(SAM) as sam:
        await sam.sees("Changed in revision 3")
        await sam.press("withdraw")
        await place.status("P-1", Status.WITHDRAWN)
        over = text_of(await sam.get(EDIT))
        await sam.post(EDIT, **{**form, "event": "another", "revision": "3"})
        gone = text_of(sam.page)
        await sam.post(EDIT, **{**form, "revision": "x"})
        senseless = sam.status

    assert "has changed since that card was made" in changed
    assert "You changed this, so somebody else has to approve it" in mine
    assert missing == 404
    assert "has been withdrawn" in over
    assert "has been withdrawn" in gone
    assert senseless == 400


async def test_an_approver_is_offered_to_edit_only_in_the_console(place: Town) -> None:
    async def shown() -> str | None:
        found = await place.parts.desk.notices((await place.proposal("P-1")).id)
        return "yes" if all(each.message for each in found) else None

    await eventually(shown)
    waiting = await place.proposal("P-1")
    priya = await place.parts.people.person(PRIYA)

    card = place.parts.notices.card(waiting, "", priya)
    inside = place.parts.notices.card(waiting, "", priya, is_console=True)

    assert [each.verb for each in card.buttons] == ["approve", "reject"]
    assert [each.verb for each in inside.buttons] == ["approve", "reject", "edit"]

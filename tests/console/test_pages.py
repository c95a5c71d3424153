"""The proposals' pages and the admin's pages, over HTTP."""

import json
from dataclasses import replace

import pytest

from approvals.proposal import Role, Status, TrailLine
from bot.console.ports import AccessRequest, ConnectionState
from bot.console.site import place
from bot.platform import Press, Reply
from qbo.books import Environment
from tests.console.office import ALEX, COMPANY, NOW, Office, plain_card, proposal

EVIL = '<script>alert("x")</script><img src=x onerror=alert(1)>'


async def test_waiting_proposals_come_first_and_the_filters_tell_them_apart(
    office: Office,
) -> None:
    office.tray.held = [
        proposal("P-1", Status.UNCONFIRMED),
        proposal("P-2", Status.APPLIED),
        proposal("P-3", Status.REJECTED),
        proposal("P-4", Status.APPROVED),
        proposal("P-5"),
    ]
    expected = {
        "": ["P-5", "P-1"],
        "waiting": ["P-5", "P-1"],
        "working": ["P-4"],
        "applied": ["P-2"],
        "ended": ["P-3"],
        "all": ["P-5", "P-1", "P-4", "P-3", "P-2"],
        "unheard-of": ["P-5", "P-1"],
    }
    async with office.browser() as browser:
        await browser.be("sam")
        for show, numbers in expected.items():
            page = await browser.get(f"/console/proposals?show={show}")
            found = [part.partition('"')[0] for part in page.split('<li id="p-')[1:]]
            assert found == numbers, show


async def test_the_badge_counts_what_waits(office: Office) -> None:
    office.tray.held = [proposal("P-1"), proposal("P-2", Status.APPLIED)]
    async with office.browser() as browser:
        await browser.be("sam")

    assert '<span class="count-number">1</span>' in browser.text


async def test_only_an_approver_sees_the_approvers_buttons(office: Office) -> None:
    office.tray.held = [proposal("P-1")]
    async with office.browser() as sam, office.browser() as priya:
        await sam.be("sam")
        await priya.be("priya")

        assert "P-1.yes" not in await sam.get("/console/proposals")
        assert "P-1.yes" in await priya.get("/console/proposals")


async def test_a_press_on_a_proposals_page_leads_back_to_it(office: Office) -> None:
    async def reply(press: Press) -> Reply:
        office.tray.move("P-1", Status.APPROVED)
        return Reply("Approved; it is being entered in QuickBooks.")

    office.listener.reply = reply
    office.tray.held = [proposal("P-1")]
    async with office.browser() as browser:
        await browser.be("priya")
        await browser.get("/console/proposals/P-1")

        page = await browser.post(
            "/console/press",
            verb="approve",
            token="P-1.yes",
            back="/console/proposals/P-1",
        )

    assert "<h1>P-1</h1>" in page
    assert "Approved; it is being entered" in page
    (press,) = office.listener.pressed
    assert press.message == ""


async def test_a_proposal_shows_what_happened_to_it(office: Office) -> None:
    office.tray.held = [proposal("P-1")]
    facts = json.dumps({"reason": EVIL, "doc_number": "1189", "version": 3})
    office.tray.lines = (
        TrailLine(1, NOW, "P-1", "propose", "Sam", "console", facts),
        TrailLine(2, NOW, "P-2", "quorum", "Priya", "slack", ""),
        TrailLine(3, NOW, "P-1", "lost-and-found", "", "", "no JSON"),
    )
    async with office.browser() as browser:
        await browser.be("sam")

        page = await browser.get("/console/proposals/P-1")

    assert "<strong>Proposed</strong>" in page
    assert "in the console" in page
    assert "<dt>doc number</dt><dd>1189</dd>" in page
    assert "<strong>Lost and found</strong>" in page
    assert "no JSON" in page
    assert "<strong>Approved</strong>" not in page
    assert "&lt;script&gt;alert" in page
    assert "<script>alert" not in page


async def test_a_proposal_of_another_workspace_is_not_there(office: Office) -> None:
    office.tray.held = [replace(proposal("P-1"), workspace="w2")]
    async with office.browser() as browser:
        await browser.be("alex")

        await browser.get("/console/proposals/P-1")

    assert browser.status == 404


@pytest.mark.parametrize("path", ["/console/connection", "/console/people"])
async def test_the_admins_pages_are_for_admins_only(office: Office, path: str) -> None:
    async with office.browser() as browser:
        await browser.be("priya")
        assert "/console/people" not in browser.text

        await browser.get(path)

    assert browser.status == 403
    assert "Only an administrator" in browser.text


async def test_the_connection_page_shows_the_company_and_its_mark(
    office: Office,
) -> None:
    async with office.browser() as browser:
        await browser.be("alex")

        page = await browser.get("/console/connection")

    assert "Harbour &amp; Pine Landscaping" in page
    assert '<strong class="mark">SIMULATED</strong>' in page
    assert "Connected" in page
    for verb in ("connection.test", "sync.now", "connect", "disconnect"):
        assert f'name="verb" value="{verb}"' in page


async def test_the_question_before_disconnecting_names_the_company_with_its_mark(
    office: Office,
) -> None:
    async with office.browser() as browser:
        await browser.be("alex")
        page = await browser.get("/console/connection")

    assert f"Disconnect {COMPANY.title}?".replace("&", "&amp;") in page
    assert "[SIMULATED]" in COMPANY.title


async def test_a_production_company_has_no_mark(office: Office) -> None:
    held = office.switchboard.held[0]
    real = replace(COMPANY, environment=Environment.PRODUCTION)
    office.switchboard.held = (replace(held, company=real),)
    async with office.browser() as browser:
        await browser.be("alex")

    assert "Harbour &amp; Pine Landscaping" in browser.text
    assert 'class="mark"' not in browser.text


async def test_what_a_button_of_the_connection_page_brought_is_shown_there(
    office: Office,
) -> None:
    async def reply(press: Press) -> Reply:
        await office.console.send(press.place, plain_card("The connection works"))
        return Reply()

    office.listener.reply = reply
    await office.console.send(place(ALEX), plain_card("Something older"))
    async with office.browser() as browser:
        await browser.be("alex")
        page = await browser.get("/console/connection")
        assert "Something older" not in page
        since = page.partition('value="/console/connection?since=')[2].partition('"')[0]

        page = await browser.post(
            "/console/press",
            verb="connection.test",
            token=COMPANY.id,
            back=f"/console/connection?since={since}",
        )

    assert "The connection works" in page
    assert "Something older" not in page
    (press,) = office.listener.pressed
    assert (press.verb, press.token) == ("connection.test", COMPANY.id)


async def test_a_company_that_waits_for_a_yes_offers_it_by_name(
    office: Office,
) -> None:
    held = office.switchboard.held[0]
    office.switchboard.held = (
        replace(held, state=ConnectionState.UNCONFIRMED, confirm_token="c-1"),
    )
    async with office.browser() as browser:
        await browser.be("alex")

        page = await browser.get("/console/connection")

    assert "Yes, Harbour &amp; Pine Landscaping, simulator" in page
    assert 'value="connect.yes"' in page
    assert 'value="c-1"' in page


async def test_without_a_company_the_page_says_how_to_begin(office: Office) -> None:
    office.switchboard.held = ()
    async with office.browser() as browser:
        await browser.be("alex")

        page = await browser.get("/console/connection")

    assert "No company is connected" in page
    assert 'value="connect"' in page
    assert "Harbour &amp; Pine" in page


async def test_an_admin_gives_and_takes_roles(office: Office) -> None:
    async with office.browser() as browser:
        await browser.be("alex")
        await browser.get("/console/people")

        page = await browser.post("/console/people", person="sam", role="approver")

    assert "Saved. Sam now has: approver." in page
    assert office.crew.known["sam"].roles == {Role.APPROVER}


async def test_a_denied_change_of_roles_is_told_and_changes_nothing(
    office: Office,
) -> None:
    async with office.browser() as browser:
        await browser.be("alex")
        await browser.get("/console/people")

        page = await browser.post("/console/people", person="alex")

    assert "Nobody would be left as an admin." in page
    assert Role.ADMIN in office.crew.known["alex"].roles


@pytest.mark.parametrize(
    ("person", "role", "status"), [("eve", "admin", 404), ("sam", "owner", 400)]
)
async def test_roles_of_strangers_and_roles_unheard_of_are_refused(
    office: Office, person: str, role: str, status: int
) -> None:
    before = dict(office.crew.known)
    async with office.browser() as browser:
        await browser.be("alex")
        await browser.get("/console/people")

        await browser.post("/console/people", person=person, role=role)

    assert browser.status == status
    assert office.crew.known == before


async def test_somebody_who_is_no_admin_cannot_send_the_admins_form(
    office: Office,
) -> None:
    async with office.browser() as browser:
        await browser.be("priya")

        await browser.post("/console/people", person="priya", role="admin")

    assert browser.status == 403
    assert Role.ADMIN not in office.crew.known["priya"].roles


async def test_a_person_who_asked_to_be_let_in_is_answered_by_a_press(
    office: Office,
) -> None:
    office.crew.asked = (AccessRequest("r-1", EVIL, "slack", NOW),)
    async with office.browser() as browser:
        await browser.be("alex")
        page = await browser.get("/console/people")
        assert "<script>alert" not in page
        assert "<img" not in page

        await browser.post("/console/press", verb="access.staff", token="r-1")

    (press,) = office.listener.pressed
    assert (press.verb, press.token) == ("access.staff", "r-1")

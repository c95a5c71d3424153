"""Stopping companies by words, end to end: two administrators, cards, the server."""

import asyncio
import secrets
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from approvals.proposal import Proposal, Role, Status
from bot import app as program
from bot import demo, stops
from qbo.connection import State
from tests.conversations.town import (
    ALEX,
    COMPANY,
    PRIYA,
    REALM,
    SAM,
    Town,
    environ_for,
    eventually,
    serving,
    town,
)
from tests.program import run

ASK = "invoice Acme West for 10 hours consulting, net 30"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as made:
        await made.parts.people.set_roles(
            PRIYA, {Role.STAFF, Role.APPROVER, Role.ADMIN}
        )
        yield made


async def proposed(place: Town, text: str = ASK, number: str = "P-1") -> None:
    async with place.visit(SAM) as sam:
        await sam.say(text)
        await sam.sees(number)


async def approved(place: Town, number: str = "P-1") -> None:
    async with place.visit(PRIYA) as priya:
        await priya.sees(number)
        await priya.press("approve")


async def down(place: Town) -> None:
    await place.order(match={"path": "/v3/"}, status=503, times=1000)


async def held(place: Town, number: str) -> Proposal:
    """The proposal, once it waits."""

    async def looked() -> Proposal | None:
        found = await place.proposal(number)
        return found if found.waiting_since is not None else None

    return await eventually(looked)


async def well(place: Town) -> None:
    await place.http.delete(f"{place.simulator.url}/_simulator/faults")


async def test_a_freeze_is_on_every_card_and_takes_two_to_lift(place: Town) -> None:
    before = await place.invoices()
    await proposed(place)
    async with place.visit(PRIYA) as priya:
        await priya.sees("P-1")
        before_it = priya.button("approve")
    async with place.visit(ALEX) as alex:
        await alex.say('freeze "two odd payments"')
        said = await alex.sees("nothing is approved or posted any more")
    assert "two odd payments" in said
    assert "1 open proposal waits" in said
    async with place.visit(SAM) as sam:
        shown = await sam.sees("Posting is stopped")
        assert "by Alex Morgan (“two odd payments”)" in shown
        # A card of a new proposal says so as well.
        await sam.say("invoice Fernwood Library for 3 hours consulting")
        await sam.sees(r"P-2.*Posting is stopped|Posting is stopped.*P-2")
    async with place.visit(PRIYA) as priya:
        await priya.sees("Posting is stopped")
        assert 'value="approve"' not in priya.page
        # Pressed all the same, on a page from before.
        said = await priya.post(
            "/console/press", **before_it, event=secrets.token_hex(8)
        )
        assert "two odd payments" in said
    assert (await place.proposal("P-1")).status is Status.PENDING

    async with place.visit(ALEX) as alex:
        await alex.say("thaw")
        await alex.sees("one more administrator has to")
        await alex.say("thaw")
        await alex.sees("it takes another administrator")
    async with place.visit(SAM) as sam:
        await sam.sees("Alex Morgan has let it go on")
    assert await place.parts.desk.stops.of(COMPANY)
    async with place.visit(PRIYA) as priya:
        await priya.say("thaw")
        await priya.sees("Approving and posting go on")
    await approved(place, "P-2")

    await place.status("P-2", Status.APPLIED)
    assert (await place.proposal("P-1")).status is Status.PENDING
    assert not await place.parts.desk.stops.of(COMPANY)
    assert await place.invoices() == before + 1


async def test_what_waits_behind_another_write_does_not_leave_any_more(
    place: Town,
) -> None:
    before = await place.invoices()
    await proposed(place)
    await proposed(place, "invoice Fernwood Library for 3 hours consulting", "P-2")
    create = {"entity": "Invoice", "operation": "create"}
    await place.order(match=create, delay_before_seconds=4)
    for number in ("P-2", "P-1"):
        async with place.visit(PRIYA) as priya:
            await priya.sees(number)
            await priya.press("approve")
        await place.status(number, Status.APPLYING)

    async with place.visit(ALEX) as alex:
        await alex.say("freeze")
        await alex.sees("nothing is approved or posted any more")

    assert (await place.status("P-2", Status.APPLIED)).receipts
    held_back = await place.status("P-1", Status.APPROVED)
    assert "Posting has been stopped" in (held_back.reason or "")
    assert await place.invoices() == before + 1


async def test_a_first_word_outlives_a_crash(tmp_path: Path, database_url: str) -> None:
    """Frozen and half lifted by one process; the next one lifts it."""
    async with town(tmp_path, database_url=database_url) as place:
        await place.parts.people.set_roles(
            PRIYA, {Role.STAFF, Role.APPROVER, Role.ADMIN}
        )
        await proposed(place)
        async with place.visit(ALEX) as alex:
            await alex.say("freeze")
            await alex.sees("Frozen")
            await alex.say("thaw")
            await alex.sees("one more administrator has to")
        settings = place.parts.settings.model_copy(update={"port": demo.free_port(0)})
        async with serving(settings, place.clock) as (second, _):
            (halt,) = await second.desk.stops.of(COMPANY)
            assert (halt.kind, halt.lifting) == ("frozen", "Alex Morgan")
            other = Town(
                settings.base_url, place.simulator, second, place.clock, place.http
            )
            async with other.visit(PRIYA) as priya:
                await priya.say("thaw")
                await priya.sees("Approving and posting go on")
        await approved(place)
        await place.status("P-1", Status.APPLIED)


async def test_only_administrators_freeze(place: Town) -> None:
    async with place.visit(SAM) as sam:
        await sam.say("freeze")
        await sam.sees("is for administrators")

    assert not await place.parts.desk.stops.of(COMPANY)


async def test_read_only_answers_questions_and_no_write(place: Town) -> None:
    async with place.visit(ALEX) as alex:
        await alex.say('readonly on "the audit"')
        await alex.sees("nothing is proposed, approved or posted")
    async with place.visit(SAM) as sam:
        await sam.say(ASK)
        said = await sam.sees("is read-only")
        assert "the audit" in said
        assert "Alex Morgan" in said
        assert "readonly off" in said
        await sam.say("who owes us money")
        await sam.sees("As of")

    assert await place.parts.desk.by_number("main", "P-1") is None
    for person in (ALEX, PRIYA):
        async with place.visit(person) as admin:
            await admin.say("readonly off")
            await admin.sees("one more administrator|can be written to again")
    await proposed(place)


async def test_a_setting_makes_companies_read_only(tmp_path: Path) -> None:
    async with town(tmp_path, COUNTERSIGN_READONLY="all") as place:
        async with place.visit(SAM) as sam:
            await sam.say(ASK)
            said = await sam.sees("is read-only")

        assert "COUNTERSIGN_READONLY" in said
        assert "Whoever runs Countersign" in said
        assert await place.parts.desk.by_number("main", "P-1") is None


async def test_the_server_lifts_a_freeze_alone(tmp_path: Path) -> None:
    """The command itself, in a process of its own beside the running server."""
    async with town(tmp_path) as place:
        await proposed(place)
        async with place.visit(ALEX) as alex:
            await alex.say("freeze")
            await alex.sees("Frozen")
        settings = place.parts.settings
        environ = {
            **environ_for(tmp_path, place.simulator.url),
            "COUNTERSIGN_SECRET_KEYS": settings.secret_keys[0].get_secret_value(),
        }

        async def thaw(name: str, reason: str) -> subprocess.CompletedProcess[str]:
            words = ("thaw", "--company", name, "--reason", reason)
            # In a thread: the server lives in this loop and goes on meanwhile.
            return await asyncio.to_thread(lambda: run(*words, **environ))

        wrong = await thaw("Nobody", "x")
        right = await thaw("Harbour & Pine Landscaping", "Alex is away")

        assert (wrong.returncode, "Known are" in wrong.stderr) == (2, True)
        assert right.returncode == 0, right.stderr
        assert "you lifted it alone" in right.stdout
        # The running server's next round finds the card that lags.
        await place.parts.notices.catch_up()
        async with place.visit(PRIYA) as priya:
            await priya.sees("Waiting for approval What will be posted")
        await approved(place)
        await place.status("P-1", Status.APPLIED)


async def test_disconnecting_names_what_waits_and_goes_on_after_a_fresh_look(
    place: Town,
) -> None:
    before = await place.invoices()
    await proposed(place)
    await proposed(place, "invoice Fernwood Library for 3 hours consulting", "P-2")
    await down(place)
    await approved(place, "P-2")
    await held(place, "P-2")
    await well(place)
    async with place.visit(ALEX) as alex:
        await alex.say("disconnect")
        asked = await alex.sees("Keep it")
        assert "2 proposals of this company wait" in asked
        await alex.press("disconnect.yes")
        await alex.sees("is disconnected")
    async with place.visit(SAM) as sam:
        await sam.sees("nothing can be posted until an administrator renews")
    # It may still be approved; nothing is posted.
    await place.status("P-1", Status.PENDING)
    async with place.visit(PRIYA) as priya:
        await priya.sees("P-1")
        await priya.press("approve")
    await place.status("P-1", Status.APPROVED, Status.PENDING)

    await demo.connect(place.parts)
    known = await place.parts.connection.company(COMPANY)
    assert known.state is State.CONNECTED
    await place.edit("Item", "Consulting", UnitPrice=175)
    place.clock.advance(minutes=20)
    await stops.look_again(place.parts.back, COMPANY)

    assert not await place.parts.desk.stops.of(COMPANY)
    moved = await place.status("P-2", Status.STALE)
    assert any("175" in each for each in moved.moved)
    assert await place.invoices() == before


async def test_another_company_adopts_no_proposal(tmp_path: Path) -> None:
    """Ids are environment and realm: what waits for one is nothing to another."""
    both = ("harbour-pine-us", "pennine-uk")
    async with town(tmp_path, companies=both) as place:
        await proposed(place)
        async with place.visit(ALEX) as alex:
            await alex.say("disconnect")
            await alex.sees("Keep it")
            await alex.press("disconnect.yes")
            await alex.sees("is disconnected")
        await approved(place)
        await place.status("P-1", Status.APPROVED)

        await _connect_other(place)
        place.clock.advance(minutes=30)
        await program._catch_up(place.parts)

        waits = await place.proposal("P-1")
        assert waits.status is Status.APPROVED
        assert waits.company.id == COMPANY
        assert [halt.kind for halt in waits.halts] == ["disconnected"]
        assert await place.requests("/invoice") == []


async def _connect_other(place: Town) -> str:
    """Consent to the other company of the simulator, and say yes to it."""
    parts = place.parts
    invited = await parts.connection.invite("main", ALEX)
    async with httpx.AsyncClient(follow_redirects=True, timeout=60) as browser:
        page = await browser.post(
            f"{place.url}/oauth/quickbooks/start", data={"link": invited.token}
        )
        form = demo.ConsentForm.of(page.text)
        name, value = next(each for each in form.choices if each[1] != REALM)
        fields = {**form.with_first_company(), name: value}
        back = await browser.post(urljoin(str(page.url), form.action), data=fields)
    assert back.status_code == httpx.codes.OK, back.text
    (other,) = (
        each
        for each in await parts.connection.companies("main")
        if each.state is State.CONFIRMING
    )
    assert other.company.id != COMPANY
    await parts.connection.confirm(other.company.id, ALEX)
    return other.company.id

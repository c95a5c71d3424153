"""Orders about deputies, people named instead and forced words, as people say them."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from approvals.proposal import Denied, Role, Status
from bot import app as program
from bot.backstage import Asked
from bot.orders import deputies, stopping
from bot.orders.book import Orders
from bot.orders.naming import people_called, person_called
from bot.orders.until import end_of, last_day
from bot.platform import Place, Sender
from tests.approvals.far import LUIS, PRIYA, SAM, person
from tests.conversations.town import ALEX as ALEX_ID
from tests.conversations.town import PRIYA as PRIYA_ID
from tests.conversations.town import SAM as SAM_ID
from tests.conversations.town import Town, town

FRIDAY = date(2026, 11, 20)
ASK = "invoice Acme West for 10 hours consulting, net 30"


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("Friday", date(2026, 11, 20)),
        ("mon", date(2026, 11, 23)),
        ("next Friday", date(2026, 11, 27)),
        ("end of Monday", date(2026, 11, 23)),
        ("tomorrow.", date(2026, 11, 21)),
        ("28 Nov", date(2026, 11, 28)),
        ("the 28th of November", date(2026, 11, 28)),
        ("Nov 28, 2026", date(2026, 11, 28)),
        ("3 January", date(2027, 1, 3)),
        ("2026-11-28", date(2026, 11, 28)),
        ("3 days", date(2026, 11, 22)),
        ("a week", date(2026, 11, 26)),
        ("two weeks", date(2026, 12, 3)),
        ("28/11", None),
        ("31 Nov", None),
        ("2026-13-01", None),
        ("0 days", None),
        ("soon", None),
        ("", None),
    ],
)
def test_until_when_is_read_or_not_at_all(said: str, day: date | None) -> None:
    assert last_day(said, FRIDAY) == day


def test_a_day_ends_where_the_person_is() -> None:
    assert end_of(FRIDAY, "America/New_York") == datetime(2026, 11, 21, 5, tzinfo=UTC)
    assert end_of(date(2026, 10, 24), "Europe/London") == datetime(
        2026, 10, 24, 23, tzinfo=UTC
    )
    assert end_of(FRIDAY, "Nowhere/At_all") == datetime(2026, 11, 21, tzinfo=UTC)


def test_people_are_found_by_what_they_are_called() -> None:
    other = person("Luis Ortega", Role.STAFF)
    gone = person("Priyanka")
    members = [SAM, PRIYA, other, gone]

    assert person_called(members, "@luis") == other
    assert person_called(members, " Luis  Ortega ") == other
    assert person_called(members, "pri") == PRIYA
    assert people_called(members, "Sam, Priya and ortega") == (SAM, PRIYA, other)
    with pytest.raises(Denied, match="nobody here called “Priyanka”"):
        person_called(members, "Priyanka")
    with pytest.raises(Denied, match="Whom do you mean: Luis or Luis Two"):
        person_called([LUIS, person("Luis Two", Role.STAFF)], "lu")


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Town]:
    async with town(folder) as made:
        people = made.parts.people
        await people.enrol(
            program.WORKSPACE,
            "Luis Ortega",
            {Role.STAFF},
            email="luis@harbourpine.example",
            person="luis",
        )
        yield made


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    async with opened(tmp_path) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def unchanged(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    """One place for all the words that change nothing."""
    async with opened(tmp_path_factory.mktemp("town")) as made:
        yield made


async def test_a_deputy_decides_from_the_card_shown_to_them(place: Town) -> None:
    luis = await place.parts.people.person("luis")
    assert luis is not None
    async with place.visit(PRIYA_ID) as priya:
        await priya.say("delegate to Luis for 3 days")
        await priya.sees("Luis Ortega decides in your place")
        await priya.say("who stands in?")
        await priya.sees("Who decides in whose place")
    async with place.visit(SAM_ID) as sam:
        await sam.say(ASK)
        await sam.sees("P-1")
        approved = await place.parts.desk.proposal((await place.proposal("P-1")).id)
        (notice,) = [
            each
            for each in await place.parts.desk.notices(approved.id)
            if each.viewer_id == "luis"
        ]
        token = place.parts.desk.token(notice.id, approved, "approve")
        done = await place.parts.desk.decide(token, luis, platform="console")
        await place.parts.notices.catch_up()
        await sam.sees("Approved by Luis Ortega for Priya Nair")

    assert done.decisions[0].instead_of == "Priya Nair"


async def test_a_card_sent_before_names_the_deputy_at_once(place: Town) -> None:
    async with place.visit(SAM_ID) as sam, place.visit(PRIYA_ID) as priya:
        await sam.say(ASK)
        await sam.sees("P-1")
        await priya.say("delegate to Luis until 28 Nov 2027")
        await priya.sees("A deputy decides for at most 92 days")
        assert "In their place" not in sam.page
        await priya.say("delegate to Alex for 2 days")
        await priya.say("delegate to Luis for 2 days")
        await priya.sees("decides in your place, and Alex Morgan no longer does")
        await sam.sees(r"Luis Ortega decides for Priya Nair until the end of \w+")
        await priya.say("stop delegating")
        await sam.sees(r"To be approved by (?!.*In their place)")


@pytest.mark.parametrize(
    ("who", "words", "answer"),
    [
        (SAM_ID, "delegate Luis until Friday", "You decide about nothing here"),
        (PRIYA_ID, "delegate Luis", "Say who decides in your place, and until when"),
        (PRIYA_ID, "delegate Luis until whenever", "I do not understand until when"),
        (
            PRIYA_ID,
            "delegate Bob until Friday",
            "I know nobody here called “Bob”. I know Alex Morgan, Luis Ortega,",
        ),
        (PRIYA_ID, "delegate Priya until Friday", "You cannot stand in for yourself"),
        (PRIYA_ID, "stop delegating", "Nobody decides in your place just now"),
        (PRIYA_ID, "reassign P-1 to Luis", "Alex Morgan. Nothing has been changed"),
        (PRIYA_ID, "force P-1 for Luis: now", "place is for administrators"),
        (PRIYA_ID, "approve P-97", "There is no proposal P-97"),
        (PRIYA_ID, "LGTM!", "Words approve and reject nothing here"),
        (PRIYA_ID, "approved", "Nothing has been decided"),
        (PRIYA_ID, "yes, approve it", "Words approve and reject nothing here"),
        (PRIYA_ID, "ok approve the invoice please", "Words approve and reject nothing"),
        (PRIYA_ID, "reject it because it is a duplicate", "Words approve and reject"),
        (PRIYA_ID, "please approve P-97", "There is no proposal P-97"),
        (PRIYA_ID, "reject P-97: too much", "There is no proposal P-97"),
        (PRIYA_ID, "deny P-97 because it is late", "There is no proposal P-97"),
        (PRIYA_ID, "post P-97", "There is no proposal P-97"),
        (ALEX_ID, "reassign P-99 to Luis", "There is no proposal P-99"),
        (ALEX_ID, "force P-98 now", "There is no proposal P-98"),
    ],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_what_cannot_be_is_said_plainly(
    unchanged: Town, who: str, words: str, answer: str
) -> None:
    async with unchanged.visit(who) as visitor:
        await visitor.say(words)

        await visitor.sees(re.escape(answer))


async def test_an_administrator_names_others_and_forces_from_the_console(
    place: Town,
) -> None:
    async with place.visit(SAM_ID) as sam:
        await sam.say(ASK)
        await sam.sees("P-1")
        await sam.say(ASK.replace("10", "11"))
        await sam.sees("P-2")
    async with place.visit(ALEX_ID) as alex:
        await alex.get("/console/proposals/P-1")
        await alex.press("reassign", people="Luis Ortega")
        named = await place.proposal("P-1")
        await alex.get("/console/proposals/P-2")
        await alex.press("force", reason="Priya is ill", instead_of="")
        forced = await place.status("P-2", Status.APPLIED)
        await alex.get("/console/proposals/P-2")
        assert "Forced: approved by Alex Morgan in the place of Priya Nair" in alex.page

    assert named.rule.steps[0].named == ("luis",)
    assert forced.decisions[0].forced


async def test_orders_name_and_force_from_words(place: Town) -> None:
    async with place.visit(SAM_ID) as sam:
        await sam.say(ASK)
        await sam.sees("P-1")
        await sam.say("force P-1 for Priya: I want it")
        await sam.sees("is for administrators")
    async with place.visit(ALEX_ID) as alex:
        await alex.say("approve P-1")
        await alex.sees("Words approve and reject nothing here")
        await alex.sees("Waiting for approval")
        await alex.say("reassign P-1")
        await alex.sees("Say who is to approve it: “reassign P-1 to Luis”")
        await alex.say("reassign P-1 to Luis")
        await alex.sees("P-1 is now to be approved by Luis Ortega")
        await alex.say("force p-1 for Luis")
        await alex.sees("Please say why P-1 is decided")
        await alex.say("force p-1 for Luis: he is on a plane")
        await alex.sees("You approved P-1 in the place of Luis Ortega")

    assert (await place.status("P-1", Status.APPLIED)).decisions[0].forced


async def test_words_that_decide_nothing_say_why_there_is_no_button(
    place: Town,
) -> None:
    async with place.visit(SAM_ID) as sam:
        await sam.say(ASK)
        await sam.sees("P-1")
        await sam.say("approve P-1 please")
        await sam.sees("somebody else has to approve it. Nothing has been decided")
        await sam.say("reject P-1 because it is a duplicate")
        await sam.sees("it is not yours to reject. You can withdraw it")
        await sam.say("withdraw P-1")
        await place.status("P-1", Status.WITHDRAWN)
    async with place.visit(PRIYA_ID) as priya:
        await priya.say("approve P-1")
        await priya.sees("P-1 has been withdrawn. Nothing was posted")


async def test_forced_words_are_about_the_revision_that_they_name(
    place: Town,
) -> None:
    async with place.visit(SAM_ID) as sam:
        await sam.say(ASK)
        await sam.sees("P-1")
        await sam.say("make it 12 hours instead")
        await sam.sees("10 → 12")
    async with place.visit(ALEX_ID) as alex:
        await alex.say("force P-1 for Priya: she is ill")
        await alex.sees("revision 2 stands now")
        asked = await place.proposal("P-1")
        await alex.say("force P-1 revision 2 for Priya: she is ill")
        await alex.sees("You approved P-1 in the place of Priya Nair")

    assert (asked.status, asked.decisions) == (Status.PENDING, ())
    done = await place.status("P-1", Status.APPLIED)
    assert (done.revision, done.decisions[0].forced) == (2, True)


async def test_an_auditor_reads_and_orders_nothing(place: Town) -> None:
    people = place.parts.people
    await people.set_roles(PRIYA_ID, {Role.AUDITOR})
    async with place.visit(SAM_ID) as sam:
        await sam.say(ASK)
        await sam.sees("P-1")
    async with place.visit(PRIYA_ID) as priya:
        await priya.say("who owes us money")
        await priya.sees("As of")
        for words in (ASK, "withdraw P-1", "delegate Luis until Friday", "sync now"):
            await priya.say(words)
            await priya.sees("An auditor reads everything")
        await priya.get("/console/proposals/P-1")
        assert priya.status == 200
        assert 'data-verb="approve"' not in priya.page
    assert (await place.proposal("P-1")).decisions == ()


async def test_a_session_whose_roles_were_taken_decides_nothing(place: Town) -> None:
    async with place.visit(SAM_ID) as sam:
        await sam.say(ASK)
        await sam.sees("P-1")
    async with place.visit(PRIYA_ID) as priya:
        await priya.get("/console/proposals/P-1")
        await place.parts.people.set_roles(PRIYA_ID, set())

        await priya.press("approve")

    assert (await place.proposal("P-1")).status is Status.PENDING
    assert (await place.proposal("P-1")).decisions == ()


@pytest.mark.parametrize(
    "words",
    [
        "delegate Luis until Friday",
        "reassign P-1 to Luis",
        "force P-1: they are away",
        "thaw",
        "readonly off",
    ],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_words_of_somebody_not_made_sure_of_change_nothing(
    unchanged: Town, words: str
) -> None:
    back = unchanged.parts.back
    alex = await unchanged.parts.people.person(ALEX_ID)
    assert alex is not None
    roles = frozenset({*alex.roles, Role.APPROVER})
    sender = Sender("console", "here", ALEX_ID, alex.name, None)
    where = Place("console", "here", "c1")
    asked = Asked(replace(alex, roles=roles), sender, where, "e1", words, FRIDAY)
    found = Orders((*deputies.orders(back), *stopping.orders(back))).find(words)
    assert found is not None

    with pytest.raises(Denied) as no:
        await found[0].do(asked, found[1])

    assert no.value.rule == "unsure"

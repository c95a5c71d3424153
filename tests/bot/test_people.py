"""Workspaces, people, and who they are on each platform."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from approvals.proposal import Denied, Person, Role
from bot.people import Newcomer, People, Stranger, Unlinkable
from bot.platform import Sender
from tests.conftest import Clock

SLACK = Sender("slack", "T1", "U1", "Priya Nair", "priya@books.example")
TEAMS = Sender("teams", "tenant-1", "aad-1", "Priya N.", "priya@books.example")


def vouched(sender: Sender) -> Sender:
    """The same, with the platform vouching for member and address."""
    return replace(sender, vouched=True, is_email_verified=True)


@pytest.fixture
async def people(engine: AsyncEngine, clock: Clock) -> People:
    made = People(engine, clock)
    await made.open_workspace("main", "Books", ["alex@books.example"])
    await made.bind("slack", "T1", "main")
    await made.bind("teams", "tenant-1", "main")
    return made


async def _known(people: People, sender: Sender, *roles: Role) -> Person:
    person = await people.enrol("main", sender.name, roles, email=sender.email)
    await people.identify(person.id, sender)
    return person


async def test_a_team_of_no_workspace_is_turned_away(people: People) -> None:
    found = await people.recognise(Sender("slack", "T9", "U1"))

    assert isinstance(found, Stranger)


async def test_the_consoles_users_are_our_own_people(people: People) -> None:
    sam = await people.enrol("main", "Sam", {Role.STAFF})

    assert await people.recognise(Sender("console", "main", sam.id)) == sam
    for stranger in (
        Sender("console", "other", sam.id),
        Sender("console", "main", "x"),
    ):
        assert isinstance(await people.recognise(stranger), Stranger)


async def test_a_tenant_belongs_to_one_workspace_for_good(people: People) -> None:
    await people.open_workspace("other", "Others")
    await people.bind("slack", "T1", "main")

    with pytest.raises(ValueError, match="another workspace"):
        await people.bind("slack", "T1", "other")


async def test_a_newcomer_is_new_once(people: People) -> None:
    first = await people.recognise(SLACK)
    second = await people.recognise(SLACK)

    assert isinstance(first, Newcomer)
    assert first.is_new
    assert isinstance(second, Newcomer)
    assert not second.is_new
    assert second.request.id == first.request.id


async def test_twenty_messages_of_a_newcomer_at_once_are_one_request(
    people: People,
) -> None:
    found = await asyncio.gather(*(people.recognise(SLACK) for _ in range(20)))

    assert sum(isinstance(each, Newcomer) and each.is_new for each in found) == 1
    assert len(await people.requests("main")) == 1


async def test_the_first_identity_with_a_named_admins_address_is_that_admin(
    people: People,
) -> None:
    alex = Sender("slack", "T1", "U7", "Alex Morgan", "Alex@Books.example")

    assert isinstance(await people.recognise(alex), Newcomer)
    found = await people.recognise(vouched(alex))

    assert isinstance(found, Person)
    assert found.roles == {Role.ADMIN, Role.STAFF}
    assert found.name == "Alex Morgan"


async def test_a_person_who_was_not_awaited_is_nobodys_for_an_address(
    people: People,
) -> None:
    await people.enrol("main", "Priya", {Role.ADMIN}, email="priya@books.example")

    found = await people.recognise(SLACK)

    assert isinstance(found, Newcomer)
    assert found.likely is not None


async def test_a_newcomer_with_a_known_address_becomes_no_second_person(
    people: People,
) -> None:
    alex = await _known(people, Sender("slack", "T1", "U7", "Alex"), Role.ADMIN)
    await _known(people, SLACK, Role.STAFF)
    newcomer = await people.recognise(TEAMS)
    assert isinstance(newcomer, Newcomer)

    with pytest.raises(Unlinkable, match="known here already"):
        await people.grant(newcomer.request.id, alex, {Role.STAFF, Role.APPROVER})

    assert isinstance(await people.recognise(TEAMS), Newcomer)


async def test_a_named_admin_who_is_known_already_is_made_one(people: People) -> None:
    priya = await _known(people, SLACK, Role.STAFF)

    await people.open_workspace("main", "Books", ["Priya@books.example"])

    known = await people.person(priya.id)
    assert known is not None
    assert known.roles == {Role.STAFF, Role.ADMIN}


async def test_an_auditor_who_is_named_an_admin_is_an_auditor_no_longer(
    people: People,
) -> None:
    priya = await _known(people, SLACK, Role.AUDITOR)

    await people.open_workspace("main", "Books", ["Priya@books.example"])

    known = await people.person(priya.id)
    assert known is not None
    assert known.roles == {Role.STAFF, Role.ADMIN}


async def test_a_second_identity_with_the_address_is_only_a_proposal(
    people: People,
) -> None:
    priya = await _known(people, SLACK, Role.APPROVER)

    found = await people.recognise(TEAMS)

    assert isinstance(found, Newcomer)
    assert found.likely == priya
    assert found.request.sender.user == "aad-1"


async def test_a_code_makes_two_identities_one_person(people: People) -> None:
    priya = await _known(people, SLACK, Role.APPROVER)
    await people.recognise(TEAMS)
    code = await people.link_code(priya)

    linked = await people.link(f" {code.lower()} ", TEAMS)

    assert linked == priya
    assert await people.recognise(TEAMS) == priya
    assert {each.platform for each in await people.identities(priya.id)} == {
        "slack",
        "teams",
    }
    assert await people.requests("main") == ()


async def test_a_code_works_once(people: People) -> None:
    priya = await _known(people, SLACK)
    code = await people.link_code(priya)
    await people.link(code, TEAMS)

    with pytest.raises(Unlinkable, match="no longer good"):
        await people.link(code, Sender("teams", "tenant-1", "aad-2"))


async def test_a_code_entered_twice_at_once_is_good_once(people: People) -> None:
    priya = await people.enrol("main", "Priya", {Role.APPROVER})
    for nth in range(5):
        code = await people.link_code(priya)

        ends = await asyncio.gather(
            *(
                people.link(code, Sender("teams", "tenant-1", f"aad-{nth}-{other}"))
                for other in range(3)
            ),
            return_exceptions=True,
        )

        assert sorted(type(end).__name__ for end in ends) == [
            "Person",
            "Unlinkable",
            "Unlinkable",
        ]


async def test_a_code_is_good_for_ten_minutes(people: People, clock: Clock) -> None:
    priya = await _known(people, SLACK)
    code = await people.link_code(priya)
    clock.advance(minutes=10, seconds=1)

    with pytest.raises(Unlinkable, match="no longer good"):
        await people.link(code, TEAMS)


async def test_a_code_of_another_workspace_is_unknown(people: People) -> None:
    await people.open_workspace("other", "Others")
    await people.bind("teams", "tenant-2", "other")
    priya = await _known(people, SLACK)
    code = await people.link_code(priya)

    with pytest.raises(Unlinkable, match="do not know"):
        await people.link(code, Sender("teams", "tenant-2", "aad-1"))


async def test_access_is_given_once_by_an_admin_of_the_workspace(
    people: People,
) -> None:
    alex = await _known(people, Sender("slack", "T1", "U7", "Alex"), Role.ADMIN)
    newcomer = await people.recognise(SLACK)
    assert isinstance(newcomer, Newcomer)

    granted = await people.grant(newcomer.request.id, alex, {Role.STAFF, Role.APPROVER})
    again = await people.grant(newcomer.request.id, alex, {Role.ADMIN})

    assert granted is not None
    assert granted[1] is not None
    assert again is None
    assert await people.recognise(SLACK) == granted[1]
    assert granted[1].roles == {Role.STAFF, Role.APPROVER}


async def test_an_admin_of_another_workspace_gives_no_access(people: People) -> None:
    newcomer = await people.recognise(SLACK)
    assert isinstance(newcomer, Newcomer)
    stranger = Person("x", "other", "Eve", frozenset({Role.ADMIN}))

    assert await people.grant(newcomer.request.id, stranger, {Role.STAFF}) is None
    assert isinstance(await people.recognise(SLACK), Newcomer)


async def test_who_was_kept_out_stays_a_newcomer(people: People) -> None:
    alex = await _known(people, Sender("slack", "T1", "U7", "Alex"), Role.ADMIN)
    newcomer = await people.recognise(SLACK)
    assert isinstance(newcomer, Newcomer)

    await people.grant(newcomer.request.id, alex, ())
    found = await people.recognise(SLACK)

    assert isinstance(found, Newcomer)
    assert not found.is_new
    assert await people.requests("main") == ()


async def test_a_persons_time_zone_is_remembered(people: People) -> None:
    priya = await _known(people, SLACK)

    await people.heard_from(
        priya, Sender("slack", "T1", "U1", zone="America/Los_Angeles")
    )

    assert await people.zone(priya.id) == "America/Los_Angeles"


# --- one person by a verified address --------------------------------------------


@pytest.fixture
async def joining(engine: AsyncEngine, people: People, clock: Clock) -> People:
    del people
    return People(engine, clock, ("teams",))


async def test_an_address_that_teams_vouches_for_is_the_person_named_with_it(
    joining: People,
) -> None:
    priya = await _known(joining, SLACK, Role.APPROVER)

    found = await joining.recognise(vouched(TEAMS))

    assert found == priya
    assert len(await joining.identities(priya.id)) == 2


@pytest.mark.parametrize(
    "claim",
    [
        TEAMS,
        replace(TEAMS, vouched=True),
        replace(TEAMS, is_email_verified=True),
        replace(vouched(TEAMS), guest=True),
        replace(vouched(TEAMS), email="priya@else.example"),
        replace(vouched(TEAMS), email=None),
        # Slack is not believed here, whatever it says.
        replace(vouched(SLACK), user="U66"),
    ],
)
async def test_nobody_becomes_somebody_by_naming_themselves_an_address(
    joining: People, claim: Sender
) -> None:
    priya = await joining.enrol(
        "main", "Priya", {Role.APPROVER}, email="priya@books.example"
    )

    assert isinstance(await joining.recognise(claim), Newcomer)
    assert await joining.identities(priya.id) == ()


async def test_without_the_setting_a_further_platform_needs_the_code(
    people: People,
) -> None:
    await _known(people, SLACK, Role.APPROVER)

    assert isinstance(await people.recognise(vouched(TEAMS)), Newcomer)


async def test_a_claimed_address_is_not_kept_as_known(people: People) -> None:
    alex = await _known(people, Sender("slack", "T1", "U7", "Alex"), Role.ADMIN)
    newcomer = await people.recognise(replace(SLACK, email="cfo@books.example"))
    assert isinstance(newcomer, Newcomer)

    granted = await people.grant(newcomer.request.id, alex, {Role.STAFF})
    assert granted is not None
    eve = granted[1]
    assert eve is not None
    await people.open_workspace("main", "Books", ["cfo@books.example"])
    again = await people.person(eve.id)

    # Neither a rule that names the address nor the operator's list means Eve.
    assert eve.email is None
    assert again is not None
    assert again.roles == {Role.STAFF}


async def test_a_given_address_counts_from_when_it_is_vouched_for(
    people: People,
) -> None:
    alex = await _known(people, Sender("slack", "T1", "U7", "Alex"), Role.ADMIN)
    newcomer = await people.recognise(SLACK)
    assert isinstance(newcomer, Newcomer)
    granted = await people.grant(newcomer.request.id, alex, {Role.STAFF})
    assert granted is not None
    assert granted[1] is not None

    await people.heard_from(granted[1], vouched(replace(SLACK, email="x@y.example")))
    before = await people.person(granted[1].id)
    await people.heard_from(granted[1], vouched(SLACK))
    after = await people.person(granted[1].id)

    assert before is not None
    assert after is not None
    assert (before.email, after.email) == (None, "priya@books.example")


async def test_who_was_let_in_by_address_is_awaited_once(people: People) -> None:
    made = await people.enrol_by_email(
        "main", "Priya", "Priya@books.example", {Role.APPROVER}
    )
    again = await people.enrol_by_email(
        "main", "Else", "priya@books.example", {Role.ADMIN}
    )

    found = await people.recognise(vouched(SLACK))

    assert made is not None
    assert again is None
    assert isinstance(found, Person)
    assert found.id == made.id
    assert found.roles == {Role.APPROVER}


async def test_an_auditor_is_nothing_else(people: People) -> None:
    with pytest.raises(Denied, match="stands alone"):
        await people.enrol("main", "Omar", {Role.AUDITOR, Role.APPROVER})
    omar = await people.enrol("main", "Omar", {Role.AUDITOR})
    for more in (Role.STAFF, Role.APPROVER, Role.ADMIN):
        with pytest.raises(Denied, match="decides nothing"):
            await people.set_roles(omar.id, {Role.AUDITOR, more})

    known = await people.person(omar.id)
    assert known is not None
    assert known.roles == {Role.AUDITOR}

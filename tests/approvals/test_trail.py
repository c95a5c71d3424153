"""The trail: one chain, and no way to change it unseen."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from approvals import guards
from approvals.desk import Desk
from approvals.policy import Policy
from approvals.proposal import Status
from bot import database
from qbo.books import Environment
from tests.approvals.far import ALEX, COMPANY, KEY, LUIS, PRIYA, Rail, W
from tests.conftest import Clock


async def changed(rail: Rail, *statements: str) -> None:
    """As somebody with every right in the database would."""
    async with rail.engine.begin() as connection:
        await connection.run_sync(guards.unguard)
        for statement in statements:
            assert (await connection.execute(text(statement))).rowcount > 0


@pytest.fixture
async def written(rail: Rail) -> Rail:
    """A rail with one applied proposal: six lines."""
    await rail.desk.apply((await rail.approved()).id)
    return rail


async def test_a_trail_as_it_was_written_is_sound(written: Rail) -> None:
    verified = await written.desk.verify(COMPANY.id)

    assert verified.sound
    assert verified.seq == 6
    assert verified.sentence == "All 6 lines are as they were written."


async def test_a_chain_without_lines_is_sound(rail: Rail) -> None:
    assert (await rail.desk.verify("nothing")).sound


@pytest.mark.parametrize(
    "change",
    [
        "who = 'Somebody else'",
        "who_id = 'somebody'",
        "event = 'reject'",
        "facts = '{}'",
        "platform = 'teams'",
        "proposal_id = 'another'",
        "number = 'P-2'",
        "at = '2026-11-20 15:00:01.000000+00:00'",
        "digest = 'x'",
    ],
)
async def test_an_edited_line_is_named(written: Rail, change: str) -> None:
    await changed(written, f"UPDATE trail SET {change} WHERE seq = 3")

    verified = await written.desk.verify(COMPANY.id)

    assert not verified.sound
    assert verified.broken_at == 3
    assert verified.sentence == "Line 3 is not as it was written."


async def test_a_removed_line_is_named(written: Rail) -> None:
    await changed(written, "DELETE FROM trail WHERE seq = 3")

    verified = await written.desk.verify(COMPANY.id)

    assert verified.broken_at == 3
    assert verified.sentence == "Line 3 is missing."


async def test_a_removed_line_is_named_also_when_the_rest_moves_up(
    written: Rail,
) -> None:
    await changed(
        written,
        "DELETE FROM trail WHERE seq = 3",
        "UPDATE trail SET seq = 3 WHERE seq = 4",
        "UPDATE trail SET seq = 4 WHERE seq = 5",
        "UPDATE trail SET seq = 5 WHERE seq = 6",
        "UPDATE trail_head SET seq = 5",
    )

    assert (await written.desk.verify(COMPANY.id)).broken_at == 3


async def test_a_cut_end_is_seen(written: Rail) -> None:
    await changed(written, "DELETE FROM trail WHERE seq > 4")

    verified = await written.desk.verify(COMPANY.id)

    assert (verified.seq, verified.broken_at) == (4, 5)
    assert "cut off" in verified.sentence


async def test_a_cut_end_is_seen_also_when_the_head_is_set_back(
    written: Rail,
) -> None:
    await changed(
        written,
        "DELETE FROM trail WHERE seq > 4",
        "UPDATE trail_head SET seq = 4,"
        " digest = (SELECT digest FROM trail WHERE seq = 4)",
    )

    verified = await written.desk.verify(COMPANY.id)

    assert verified.broken_at == 5
    assert "seal" in verified.sentence


async def test_going_on_after_a_cut_does_not_heal_it(written: Rail) -> None:
    await changed(
        written,
        "DELETE FROM trail WHERE seq > 4",
        "UPDATE trail_head SET seq = 4,"
        " digest = (SELECT digest FROM trail WHERE seq = 4)",
    )

    await written.proposed()

    assert (await written.desk.verify(COMPANY.id)).broken_at == 5


async def test_an_emptied_trail_is_not_one_that_never_began(written: Rail) -> None:
    await changed(written, "DELETE FROM trail", "DELETE FROM trail_head")

    emptied = await written.desk.verify(COMPANY.id)
    await written.proposed()
    goes_on = await written.desk.verify(COMPANY.id)

    assert (emptied.sound, emptied.seq, emptied.broken_at) == (False, 0, 1)
    assert emptied.sentence == "Line 1 is missing: the whole trail was removed."
    assert (goes_on.sound, goes_on.seq, goes_on.broken_at) == (False, 1, 2)


async def test_an_emptied_trail_of_a_stop_is_seen(rail: Rail) -> None:
    await rail.frozen()
    await changed(rail, "DELETE FROM trail", "DELETE FROM trail_head")

    assert not (await rail.desk.verify(COMPANY.id)).sound


async def test_an_emptied_trail_of_a_stop_is_listed(rail: Rail) -> None:
    await rail.frozen()
    await changed(rail, "DELETE FROM trail", "DELETE FROM trail_head")

    assert await rail.desk.audit.chains() == (COMPANY.id,)


async def test_an_emptied_trail_of_delegations_is_seen_and_listed(rail: Rail) -> None:
    until = rail.clock() + timedelta(days=2)
    await rail.desk.approvers.delegate(PRIYA, LUIS, until, platform="slack")
    chain = f"workspace:{W}"
    before = await rail.desk.verify(chain)

    await changed(rail, "DELETE FROM trail", "DELETE FROM trail_head")

    assert (before.sound, before.seq) == (True, 1)
    assert not (await rail.desk.verify(chain)).sound
    assert await rail.desk.audit.chains() == (chain,)


async def test_an_emptied_trail_of_policies_is_seen_and_listed(rail: Rail) -> None:
    chain = f"workspace:{W}"
    for digest in ("", "a" * 64, "b" * 64, "a" * 64, ""):
        policy = replace(Policy(), digest=digest)
        await rail.desk.policies.in_force(
            policy, "New.", workspace=W, file="p", owner="o", at=rail.clock()
        )
    before = await rail.desk.verify(chain)

    await changed(rail, "DELETE FROM trail", "DELETE FROM trail_head")

    assert (before.sound, before.seq) == (True, 4)
    assert not (await rail.desk.verify(chain)).sound
    assert await rail.desk.audit.chains() == (chain,)


async def test_removed_lines_without_a_head_are_seen(written: Rail) -> None:
    await changed(written, "DELETE FROM trail_head")

    assert (await written.desk.verify(COMPANY.id)).broken_at == 7


async def test_lines_under_another_key_are_not_ours(written: Rail) -> None:
    other = Desk(
        written.engine,
        written.books,
        Policy(),
        KEY + b"!",
        written.clock,
        owner="other",
        may_post=_always,
    )

    assert (await other.verify(COMPANY.id)).broken_at == 1


async def _always(company: str) -> bool:
    return bool(company)


async def test_two_processes_do_not_fork_the_chain(rail: Rail) -> None:
    second = rail.another()
    proposals = [await rail.approved() for _ in range(4)]

    await asyncio.gather(
        *(desk.apply(p.id) for p in proposals for desk in (rail.desk, second)),
        *(rail.proposed() for _ in range(4)),
    )

    verified = await rail.desk.verify(COMPANY.id)
    assert verified.sound
    assert verified.seq == 4 * 6 + 4


async def test_each_company_has_its_own_chain(rail: Rail) -> None:
    await rail.proposed()
    other = replace(COMPANY, realm="9131")
    await rail.desk.stops.freeze(other, ALEX, rail.clock(), platform="console")

    assert COMPANY.environment is Environment.SIMULATOR
    assert (await rail.desk.verify(COMPANY.id)).seq == 1
    assert (await rail.desk.verify(other.id)).seq == 1


async def test_the_trail_says_who_did_what_from_where(rail: Rail) -> None:
    proposal = await rail.proposed()
    await rail.press(proposal, "reject", reason="twice “billed”")

    lines = await rail.desk.trail(proposal.id)

    assert [(x.event, x.who, x.platform) for x in lines] == [
        ("propose", "Sam", "console"),
        ("reject", "Priya", "slack"),
    ]
    assert "twice “billed”" in lines[1].facts
    assert lines[1].proposal == "P-1"
    assert lines[1].at == rail.clock()
    assert f'"to": "{Status.REJECTED}"' in lines[1].facts


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trail SET who = 'Somebody else' WHERE seq = 3",
        "UPDATE trail SET seq = 30 WHERE seq = 3",
        "DELETE FROM trail WHERE seq = 6",
        "DELETE FROM trail",
        "UPDATE trail_head SET seq = 5",
        "UPDATE trail_head SET chain = 'another'",
        "UPDATE trail_head SET digest = 'x'",
        "DELETE FROM trail_head",
    ],
)
async def test_the_database_itself_refuses_to_change_what_is_written(
    written: Rail, statement: str
) -> None:
    with pytest.raises(DBAPIError):
        async with written.engine.begin() as connection:
            await connection.execute(text(statement))

    assert (await written.desk.verify(COMPANY.id)).sound


async def test_the_database_refuses_to_replace_or_empty_the_trail(
    written: Rail,
) -> None:
    is_sqlite = written.engine.dialect.name == "sqlite"
    statements = (
        ("INSERT OR REPLACE INTO trail SELECT * FROM trail WHERE seq = 3",)
        if is_sqlite
        else ("TRUNCATE trail", "TRUNCATE trail_head", "TRUNCATE trail CASCADE")
    )

    for statement in statements:
        with pytest.raises(DBAPIError):
            async with written.engine.begin() as connection:
                await connection.execute(text(statement))
    if is_sqlite:
        async with written.engine.begin() as connection:
            await connection.execute(
                text(
                    "INSERT OR REPLACE INTO trail_head SELECT chain, 2, digest, seal"
                    " FROM trail_head"
                )
            )

    assert (await written.desk.verify(COMPANY.id)).sound


async def test_sqlite_replaces_no_line_by_the_number_of_its_row(
    written: Rail,
) -> None:
    if written.engine.dialect.name != "sqlite":
        pytest.skip("rows have such numbers on SQLite only")
    before = await written.desk.audit.chains()

    with pytest.raises(DBAPIError):
        async with written.engine.begin() as connection:
            await connection.execute(
                text(
                    "INSERT OR REPLACE INTO trail (rowid, chain, seq, at, proposal_id,"
                    " number, event, who_id, who, platform, facts, digest)"
                    " SELECT rowid, 'another', 1, at, proposal_id, number, event,"
                    " who_id, who, platform, facts, digest FROM trail WHERE seq = 3"
                )
            )
    async with written.engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT OR REPLACE INTO trail_head (rowid, chain, seq, digest, seal)"
                " SELECT rowid, 'another', seq, digest, seal FROM trail_head"
            )
        )

    assert (await written.desk.verify(COMPANY.id)).sound
    assert await written.desk.audit.chains() == before


async def test_sqlite_moves_no_head_into_the_place_of_another(rail: Rail) -> None:
    if rail.engine.dialect.name != "sqlite":
        pytest.skip("rows have such numbers on SQLite only")
    await rail.proposed()
    other = replace(COMPANY, realm="9131")
    await rail.desk.stops.freeze(other, ALEX, rail.clock(), platform="console")

    with pytest.raises(DBAPIError):
        async with rail.engine.begin() as connection:
            await connection.execute(
                text(
                    "UPDATE OR REPLACE trail_head SET rowid = (SELECT rowid FROM"
                    f" trail_head WHERE chain = '{COMPANY.id}'), seq = seq + 1"
                    f" WHERE chain = '{other.id}'"
                )
            )

    assert (await rail.desk.verify(COMPANY.id)).sound


async def test_the_database_refuses_also_after_the_migrations(
    database_url: str, clock: Clock
) -> None:
    engine = database.engine(database_url)
    await database.migrate(engine)
    rail = Rail(engine, clock)
    await rail.proposed()

    for statement in ("UPDATE trail SET who = 'x'", "DELETE FROM trail"):
        with pytest.raises(DBAPIError):
            async with engine.begin() as connection:
                await connection.execute(text(statement))

    assert (await rail.desk.verify(COMPANY.id)).sound
    await engine.dispose()


_ALL = (
    "chain, seq, at, proposal_id, number, event, who_id, who, platform, facts, digest"
)


@pytest.mark.parametrize(("chain", "seq"), [(COMPANY.id, 0), (COMPANY.id, -2)])
async def test_a_line_before_the_first_is_none_of_ours(
    rail: Rail, chain: str, seq: int
) -> None:
    made = await rail.approved()
    before = await rail.desk.trail(made.id)

    await _copied(rail, chain, seq)

    verified = await rail.desk.verify(COMPANY.id)
    assert (verified.sound, verified.broken_at) == (False, 1)
    assert await rail.desk.trail(made.id) == before


async def test_a_line_of_a_chain_that_there_is_not_is_no_line_of_a_proposal(
    rail: Rail,
) -> None:
    made = await rail.approved()
    before = await rail.desk.trail(made.id)

    await _copied(rail, "simulator:zz", 99)

    assert await rail.desk.trail(made.id) == before
    assert not (await rail.desk.verify("simulator:zz")).sound


async def _copied(rail: Rail, chain: str, seq: int) -> None:
    """As somebody does who can insert: an approval that nobody has said."""
    async with rail.engine.begin() as connection:
        await connection.execute(
            text(
                f"INSERT INTO trail ({_ALL}) SELECT :chain, :seq, at, proposal_id,"
                " number, 'approve', who_id, 'The Director', platform, facts, digest"
                " FROM trail WHERE seq = 1"
            ),
            {"chain": chain, "seq": seq},
        )


@pytest.mark.parametrize(
    "what", ["at = 'garbage'", "facts = x'ff'", "who = x'00ff'", "at = 7"]
)
async def test_a_line_that_cannot_be_read_is_named(rail: Rail, what: str) -> None:
    if rail.engine.dialect.name == "postgresql":
        return  # its columns take nothing else
    made = await rail.approved()
    async with rail.engine.begin() as connection:
        await connection.execute(text("DROP TRIGGER trail_no_update"))
        await connection.execute(text(f"UPDATE trail SET {what} WHERE seq = 2"))

    verified = await rail.desk.verify(COMPANY.id)

    assert (verified.sound, verified.broken_at) == (False, 2)
    assert verified.sentence == "Line 2 is not as it was written."
    assert await rail.desk.audit.evidence(made.id) is not None

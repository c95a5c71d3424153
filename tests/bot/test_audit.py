"""The trail checked and exported, as an auditor would on the server."""

import asyncio
import csv
import io
import itertools
import json
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from approvals import guards
from approvals.proposal import TrailLine, Verified
from bot import app as program
from bot import audit, database
from bot.audit import Checked, Form, Unclear, chain_of, checked, exported, harmless
from bot.settings import Settings
from tests.approvals.far import COMPANY, Rail
from tests.conftest import Clock
from tests.program import run

NAMES = {COMPANY.id: COMPANY.name}


async def tampered(rail: Rail, *statements: str) -> None:
    async with rail.engine.begin() as connection:
        await connection.run_sync(guards.unguard)
        for statement in statements:
            assert (await connection.execute(text(statement))).rowcount > 0


@pytest.fixture
def rail(engine: AsyncEngine, clock: Clock) -> Rail:
    return Rail(engine, clock)


async def _lines(rail: Rail, form: Form, **when: datetime) -> str:
    out = io.StringIO()
    await exported(rail.desk.audit.lines(COMPANY.id, **when), form, out)
    return out.getvalue()


async def test_the_first_broken_line_is_named_with_what_stands_there(
    rail: Rail,
) -> None:
    await rail.desk.apply((await rail.approved()).id)
    await tampered(rail, "UPDATE trail SET who = 'Nobody' WHERE seq = 2")

    (found,) = await checked(rail.desk.audit, NAMES)

    assert not found.sound
    assert found.name == f"Harbour & Pine Landscaping ({COMPANY.id})"
    assert found.sentences == (
        "Line 2 is not as it was written.",
        "There now: 2, quorum P-1, 20 Nov 2026, 15:00 UTC, by Nobody.",
        "The last line that is sound: 1, propose P-1, 20 Nov 2026, 15:00 UTC, by Sam.",
    )


async def test_a_trail_that_was_taken_away_whole_is_still_checked(rail: Rail) -> None:
    await rail.proposed()
    await tampered(rail, "DELETE FROM trail", "DELETE FROM trail_head")

    (found,) = await checked(rail.desk.audit, {})

    assert found.found.chain == COMPANY.id
    assert not found.sound


async def test_a_number_written_down_shows_an_old_database_put_back(
    rail: Rail,
) -> None:
    await rail.proposed()

    (fine,) = await checked(rail.desk.audit, NAMES, expected={"9130": 1})
    (short,) = await checked(rail.desk.audit, NAMES, expected={"9130": 7})

    assert fine.sound
    assert short.found.sound
    assert not short.sound
    assert "line 7 was written down" in short.sentences[0]


def test_a_chain_is_found_by_any_name_of_its_company() -> None:
    chains = [COMPANY.id, "workspace:main"]

    for said in (COMPANY.id, "9130", " harbour & PINE landscaping "):
        assert chain_of(said, chains, NAMES) == COMPANY.id
    assert chain_of("main", chains, NAMES) == "workspace:main"
    with pytest.raises(Unclear, match="There is no trail called Acme"):
        chain_of("Acme", chains, NAMES)
    with pytest.raises(Unclear, match="Several"):
        chain_of("1", ["sandbox:1", "production:1"], {})


async def test_json_lines_are_exact_and_each_names_the_one_before(rail: Rail) -> None:
    await rail.desk.apply((await rail.approved()).id)

    lines = [json.loads(each) for each in (await _lines(rail, Form.JSON)).splitlines()]

    assert [each["seq"] for each in lines] == list(range(1, 7))
    assert lines[0]["before"] == ""
    for earlier, later in itertools.pairwise(lines):
        assert later["before"] == earlier["digest"]
    async with rail.engine.connect() as connection:
        found = await connection.execute(text("SELECT * FROM trail ORDER BY seq"))
        rows = found.all()
    for line, row in zip(lines, rows, strict=True):
        stored = row._mapping
        for name in ("chain", "facts", "digest", "who_id", "proposal_id", "event"):
            assert line[name] == stored[name]


async def test_an_export_can_begin_and_end_with_a_day(rail: Rail) -> None:
    for _ in range(3):
        await rail.proposed()
        rail.clock.advance(days=1)

    middle = datetime(2026, 11, 21, tzinfo=UTC)
    told = await _lines(rail, Form.JSON, since=middle, until=middle + timedelta(days=1))

    (line,) = [json.loads(each) for each in told.splitlines()]
    assert line["proposal"] == "P-2"
    assert line["before"] != ""


async def test_an_export_is_read_page_by_page(
    rail: Rail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("approvals.trail._PAGE", 2)
    await rail.desk.apply((await rail.approved()).id)

    lines = [each async for each in rail.desk.audit.lines(COMPANY.id)]
    verified = await rail.desk.verify(COMPANY.id)

    assert [each.seq for each in lines] == [1, 2, 3, 4, 5, 6]
    assert [each.before for each in lines[1:]] == [each.digest for each in lines[:-1]]
    assert verified.sound


@pytest.mark.parametrize("start", [*"=+-@\t\r\n＝＋－＠", "  =", "\u00a0＝"])
def test_no_cell_is_a_formula(start: str) -> None:
    assert harmless(f"{start}HYPERLINK(1)") == f"'{start}HYPERLINK(1)"
    assert harmless("Sam = Priya") == "Sam = Priya"


async def test_csv_has_all_columns_and_no_formulas() -> None:
    line = TrailLine(
        seq=1,
        at=datetime(2026, 11, 20, tzinfo=UTC),
        proposal="P-1",
        event="propose",
        who='=cmd|"/c calc"!A1',
        platform="slack",
        facts='{"reason": "a,b\\n\\"c\\""}',
        digest="d",
        chain="c",
    )
    out = io.StringIO()

    async def lines() -> AsyncIterator[TrailLine]:
        yield line

    count, digest = await exported(lines(), Form.CSV, out)

    (head, row) = csv.reader(io.StringIO(out.getvalue()))
    assert tuple(head) == audit.COLUMNS
    assert row[head.index("who")] == '\'=cmd|"/c calc"!A1'
    assert row[head.index("facts")] == line.facts
    assert count == 1
    assert len(digest) == 64


# --- the command ------------------------------------------------------------------


def _audit(
    environ: dict[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    return run("audit", *arguments, **environ)


async def _written(environ: dict[str, str]) -> None:
    """A database of the program's own with one proposal in it."""
    parts = program.assemble(Settings.read(environ), program.utc_now)
    await database.migrate(parts.engine)
    rail = Rail(parts.engine, Clock())
    rail.desk = parts.desk
    await rail.proposed()
    await parts.http.aclose()
    await parts.engine.dispose()


async def _cut(environ: dict[str, str]) -> None:
    engine = database.engine(Settings.read(environ).database_url)
    async with engine.begin() as connection:
        await connection.run_sync(guards.unguard)
        await connection.execute(text("UPDATE trail SET event = 'reject'"))
    await engine.dispose()


def test_the_command_ends_with_1_where_a_line_was_changed(
    tmp_path: Path, database_url: str
) -> None:
    environ = {
        "COUNTERSIGN_DATA_DIR": str(tmp_path),
        "COUNTERSIGN_DATABASE_URL": database_url,
        "COUNTERSIGN_SECRET_KEYS": Fernet.generate_key().decode(),
    }
    early = _audit(environ, "verify")
    asyncio.run(_written(environ))
    out = tmp_path / "trail.jsonl"

    sound = _audit(environ, "verify")
    short = _audit(environ, "verify", "--company", "9130", "--expect", "9130=2")
    wrote = _audit(
        environ, "export", "--company", "9130", "--format", "json", "--out", str(out)
    )
    unknown = _audit(environ, "export", "--company", "Acme")
    unclear = _audit(environ, "verify", "--expect", "Acme")
    asyncio.run(_cut(environ))
    broken = _audit(environ, "verify")

    assert (early.returncode, "countersign migrate" in early.stderr) == (2, True)
    assert sound.returncode == 0, sound.stderr
    assert "simulator:9130: sound" in sound.stdout
    assert short.returncode == 1
    assert "line 2 was written down" in short.stdout
    assert wrote.returncode == 0, wrote.stderr
    assert json.loads(out.read_text())["event"] == "propose"
    assert "SHA-256 of the file" in wrote.stderr
    assert unknown.returncode == 2
    assert "There is no trail called Acme" in unknown.stderr
    assert unclear.returncode == 2
    assert broken.returncode == 1
    assert "BROKEN" in broken.stdout
    assert "Line 1 is not as it was written." in broken.stdout
    assert "Traceback" not in broken.stderr + unclear.stderr + early.stderr


def test_a_chain_that_is_sound_but_short_says_so() -> None:
    found = Checked("Acme", Verified("c", 3, None, "All 3 lines."), expected=4)

    assert not found.sound
    assert found.is_short

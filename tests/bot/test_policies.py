"""The policy while the program runs, on the command line, in chat and on paper."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy.ext.asyncio import AsyncEngine

from approvals.policy import Broken, Policy, called, load, parse
from approvals.policy.file import ASKS, CONDITIONS
from approvals.policy.table import OPERATIONS
from approvals.policy.versions import BUILT_IN, UNREADABLE, key_of
from approvals.proposal import Denied, Person, Role, Status
from bot import demo, policies, verdicts
from bot.policies import Policies
from bot.understanding.interpretation import ACTIONS
from cards.text import text
from qbo import asks
from qbo.books import Circumstances, Company, Environment, Money
from tests.approvals.far import ALEX, COMPANY, SAM, Rail, W, draft
from tests.conftest import Clock
from tests.conversations.town import ALEX as ADMIN
from tests.conversations.town import SAM as STAFF
from tests.conversations.town import Town, text_of, town
from tests.program import ROOT, run

TWO = "[[rule]]\nname = 'Large'\ntotal_from = 1000\nquorum = 2\n"
WRONG = "[[rule]]\nqourum = 2\nhours = 0\n"


# --- the running program ------------------------------------------------------------


class Place:
    """A rail with a policy file that is looked at again."""

    def __init__(self, rail: Rail, path: Path) -> None:
        self.rail = rail
        self.path = path
        self.hurried = 0
        rail.desk.policy = load(path)
        self.policies = self.another()

    def another(self, desk: object = None) -> Policies:
        """What another process has."""
        assert desk is None or desk is not self.rail.desk
        return Policies(
            self.rail.desk if desk is None else desk,  # type: ignore[arg-type]
            self.path,
            self.rail.clock,
            workspace=W,
            owner="first",
            hurry=self.hurry,
        )

    async def hurry(self) -> None:
        self.hurried += 1

    async def told(self) -> list[str]:
        waiting = await self.rail.desk.tellings.waiting(self.rail.clock())
        return [each.sentence for each in waiting if each.kind == "policy"]

    async def trail(self) -> int:
        return (await self.rail.desk.verify(f"workspace:{W}")).seq


@pytest.fixture
async def place(engine: AsyncEngine, clock: Clock, tmp_path: Path) -> Place:
    path = tmp_path / "policy.toml"
    path.write_text(TWO)
    made = Place(Rail(engine, clock), path)
    await made.policies.begin()
    return made


async def test_a_file_that_says_the_same_changes_nothing(place: Place) -> None:
    place.path.write_text(TWO)

    assert not await place.policies.look()
    assert await place.told() == []
    assert [each.digest for each in await place.rail.desk.policies.all()] == [
        key_of(place.rail.desk.policy)
    ]


async def test_an_edit_holds_for_what_is_proposed_from_then_on(place: Place) -> None:
    before = await place.rail.proposed()
    place.path.write_text(TWO.replace("quorum = 2", "quorum = 3"))

    assert await place.policies.look()
    after = await place.rail.proposed()

    assert (before.rule.quorum, after.rule.quorum) == (2, 3)
    assert (await place.rail.desk.proposal(before.id)).rule.quorum == 2
    assert before.rule.digest != after.rule.digest
    (told,) = await place.told()
    assert "policy.toml has 1 rule now" in told
    # The rule of each can be read, with all that stood beside it.
    kept = await place.rail.desk.policies.one(before.rule.digest[:12])
    assert kept is not None
    assert (kept.text, kept.in_force, kept.sound) == (TWO, False, True)


async def test_a_broken_edit_stops_all_writing_at_once_and_is_told_once(
    place: Place,
) -> None:
    waiting = await place.rail.proposed()
    place.path.write_text(WRONG)

    assert await place.policies.look()
    assert not await place.policies.look()

    for refused in (place.rail.proposed(), place.rail.press(waiting)):
        with pytest.raises(Denied) as denied:
            await refused
        assert denied.value.rule == "policy"
        assert "(line 2)" in denied.value.sentence
        assert "There is more to mend in line 3." in denied.value.sentence
    assert (await place.rail.desk.proposal(waiting.id)).status is Status.PENDING
    (told,) = await place.told()
    assert "Did you mean “quorum”?" in told
    assert place.hurried == 0


async def test_once_it_is_mended_what_waited_goes_on(place: Place) -> None:
    waiting = await place.rail.proposed()
    place.path.write_text(WRONG)
    await place.policies.look()
    place.path.write_text(TWO)

    assert await place.policies.look()

    await place.rail.press(waiting)
    assert place.hurried == 1
    assert len(await place.told()) == 2
    # Broken in the same way again, it is told again.
    place.path.write_text(WRONG)
    await place.policies.look()
    assert len(await place.told()) == 3


async def test_two_processes_tell_of_one_change_once(place: Place) -> None:
    other = place.rail.another()
    other.policy = place.rail.desk.policy
    second = place.another(other)
    await second.begin()
    lines = await place.trail()
    place.path.write_text(WRONG)

    assert await place.policies.look()
    assert await second.look()

    assert isinstance(other.policy, Broken)
    assert len(await place.told()) == 1
    assert await place.trail() == lines + 1


async def test_a_restart_with_the_same_file_tells_nothing(place: Place) -> None:
    place.path.write_text(WRONG)
    await place.policies.look()

    await place.policies.begin()

    assert len(await place.told()) == 1


async def test_a_file_that_vanishes_is_a_broken_policy(place: Place) -> None:
    place.path.unlink()

    assert await place.policies.look()

    assert isinstance(place.rail.desk.policy, Broken)
    assert key_of(place.rail.desk.policy) == UNREADABLE
    (told,) = await place.told()
    assert "policy.toml cannot be read" in told


async def test_without_a_file_nothing_is_read_again(engine: AsyncEngine) -> None:
    rail = Rail(engine, Clock())

    async def hurry() -> None:
        raise AssertionError

    none = Policies(rail.desk, None, rail.clock, workspace=W, owner="x", hurry=hurry)
    await none.begin()
    rail.desk.policy = Broken(3, "set by hand")

    assert not await none.look()
    assert [each.digest for each in await rail.desk.policies.all()] == [BUILT_IN]
    assert (await rail.desk.verify(f"workspace:{W}")).seq == 0


async def test_the_rule_with_its_deadlines_is_kept_in_the_proposal(
    place: Place,
) -> None:
    place.path.write_text(
        "[[rule]]\nhours = 8\nremind_after_hours = 1\nescalate_after_hours = 4\n"
        "working_hours = 'Mon-Fri 09:00-17:00 UTC'\n"
    )
    await place.policies.look()

    made = await place.rail.proposed()  # on a Friday at three

    kept = await place.rail.desk.proposal(made.id)
    assert kept.rule == made.rule
    assert kept.rule.why
    assert [
        f"{each:%a %H:%M}" if each else None
        for each in (kept.remind_at, kept.escalate_at, kept.expires_at)
    ] == ["Fri 16:00", "Mon 11:00", "Mon 15:00"]


async def test_a_revision_by_another_gets_no_milder_rule_than_the_requester(
    place: Place,
) -> None:
    place.path.write_text(
        "[[rule]]\nrequester = 'approver'\nhours = 9\n\n" + TWO.replace("1000", "1")
    )
    await place.policies.look()
    made = await place.rail.proposed(requester=SAM)
    boss = Person("boss", W, "Boss", frozenset({Role.STAFF, Role.APPROVER}))
    direct = await place.rail.proposed(requester=boss)

    revised = await place.rail.desk.revise(
        made.id,
        draft(made.number, "900"),
        Circumstances(),
        boss,
        platform="console",
    )

    assert (made.rule.quorum, direct.rule.quorum, revised.rule.quorum) == (2, 1, 2)


# --- trying and replaying -----------------------------------------------------------


def tried(words: str, policy: str = TWO, **more: object) -> Awaitable[object]:
    found = parse(policy)
    assert isinstance(found, Policy)
    trying = verdicts.Trying(words, ALEX, date(2026, 11, 20), **more)  # type: ignore[arg-type]
    return verdicts.tried(found, trying, None)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("invoice Acme Corporation 12000", "Total: $12,000.00"),
        ("invoice Acme Corporation $12,000", "Total: $12,000.00"),
        ("invoice Acme Corporation 12k", "Total: $12,000.00"),
        ("invoice Acme West for 10 hours consulting", "Total: $1,500.00"),
        ("Acme Corporation paid 500", "Total: $500.00"),
        ("Acme Corporation paid 500", "No – rule “Large” (line 1): total $500.00 is"),
        ("void invoice 1042", "Total: not known"),
        ("void invoice 1042", "so the strictest of the 2 rules"),
        ("add customer Birch Lane", "1 approval: any approver"),
    ],
)
async def test_what_it_would_ask_is_worked_out_from_words(
    words: str, expected: str
) -> None:
    card = await tried(words)

    shown = re.sub(r"\s+", " ", text(card))  # type: ignore[arg-type]
    assert expected in shown
    assert "the sample company Harbour & Pine Landscaping" in shown


async def test_names_in_the_words_count(place: Place) -> None:
    del place
    rule = "[[rule]]\nname='Named'\n{} = '{}'\nquorum = 2\n"

    for words, key, name in (
        ("invoice Acme West for 10 hours consulting", "customer", "acme west"),
        ("invoice Acme West for 10 hours consulting", "item", "Consulting"),
        ("invoice Acme West for 10 hours consulting", "requester", "admin"),
        ("invoice Acme West for 10 hours consulting", "company", "harbour*"),
    ):
        card = await tried(words, rule.format(key, name))
        assert "Yes – rule “Named”" in text(card)  # type: ignore[arg-type]


@pytest.mark.parametrize("words", ["who owes us money", "help", "asdf ghjk"])
async def test_what_is_no_change_has_no_rule(words: str) -> None:
    with pytest.raises(verdicts.Unclear):
        await tried(words)


async def test_a_read_only_company_says_so_before_any_rule() -> None:
    found = parse("[readonly]\ncompanies = 'Harbour & Pine Landscaping'\n")
    assert isinstance(found, Policy)
    trying = verdicts.Trying("Acme West paid 5", ALEX, date(2026, 11, 20))

    card = await verdicts.tried(found, trying, None)

    assert "read-only: nothing would be proposed" in text(card)


def test_every_write_is_an_operation_that_a_rule_can_name() -> None:
    writes = {name for name, shape in ACTIONS.items() if shape.kind == "write"}

    # What is undone is proposed as what its reverse does ("payment.void").
    for action in sorted((writes | set(asks.CHANGES)) - {"undo"}):
        found = parse(f"[[rule]]\noperation = '{action}'\nquorum = 2\n")
        assert isinstance(found, Policy), action
    assert "invoice.create" in OPERATIONS


# --- the command line ---------------------------------------------------------------


def test_check_names_every_mistake_and_ends_with_one(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(WRONG)

    by_name = run("policy", "check", str(path))
    by_setting = run("policy", "check", COUNTERSIGN_POLICY=str(path))
    missing = run("policy", "check", str(tmp_path / "none.toml"))
    whole = run(
        "check",
        COUNTERSIGN_POLICY=str(path),
        COUNTERSIGN_DATA_DIR=str(tmp_path / "data"),
        COUNTERSIGN_SECRET_KEYS=Fernet.generate_key().decode(),
        COUNTERSIGN_ADMINS="alex@harbourpine.example",
    )

    for shown in (by_name, by_setting):
        assert shown.returncode == 1
        assert "Line 2: There is no “qourum” in a rule." in shown.stdout
        assert "Line 3: “hours” is from 1 to 2160." in shown.stdout
    assert missing.returncode == 1
    assert "none.toml cannot be read" in missing.stdout
    assert whole.returncode == 1
    assert "FAIL policy line 2: There is no “qourum” in a rule." in whole.stdout
    assert "FAIL policy line 3:" in whole.stdout


def test_check_test_and_replay_of_a_sound_policy(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(TWO)
    environ = {
        "COUNTERSIGN_DATA_DIR": str(tmp_path / "data"),
        "COUNTERSIGN_SECRET_KEYS": Fernet.generate_key().decode(),
    }

    sound = run("policy", "check", str(path))
    tried_ = run(
        *("policy", "test", "invoice Acme Corporation 12000"),
        *("--as", "sam@harbourpine.example", "--file", str(path)),
    )
    unclear = run("policy", "test", "who owes us", "--file", str(path))
    british = run(
        *("policy", "test", "Holm Valley Estates paid 5000"),
        *("--company", "pennine-uk", "--file", str(path)),
    )
    nowhere = run("policy", "replay", "--file", str(path), **environ)
    run("migrate", **environ)
    nothing = run("policy", "replay", "--days", "30", "--file", str(path), **environ)

    assert (sound.returncode, "1. Large (line 1)" in sound.stdout) == (0, True)
    assert tried_.returncode == 0
    assert "sam@harbourpine.example" in tried_.stdout
    assert "total $12,000.00 is at least" in tried_.stdout
    assert (unclear.returncode, unclear.stdout) == (2, "")
    assert "no change of the books" in unclear.stderr
    assert "£" in british.stdout or british.returncode == 2
    assert nowhere.returncode == 2
    assert nothing.returncode == 0
    assert "There are no proposals of the last 30 days." in nothing.stdout


def test_a_running_server_reads_the_file_again_on_sighup(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(TWO)
    environ = {
        "PATH": "/usr/bin:/bin",
        "COUNTERSIGN_PORT": str(demo.free_port(0)),
        "COUNTERSIGN_DATA_DIR": str(tmp_path / "data"),
        "COUNTERSIGN_SECRET_KEYS": Fernet.generate_key().decode(),
        "COUNTERSIGN_POLICY": str(path),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "serve"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environ,
    ) as server:
        try:
            assert server.stdout is not None
            assert "listens at" in server.stdout.readline()
            path.write_text(WRONG)
            server.send_signal(signal.SIGHUP)
            for _ in range(60):
                shown = run("policy", "versions", **environ).stdout
                if "broken" in shown:
                    break
                time.sleep(0.2)
            alive = server.poll() is None
        finally:
            server.terminate()
            server.wait(timeout=30)

    assert alive
    assert "in force, broken" in shown


async def test_replay_says_what_would_be_different(place: Place) -> None:
    same = await place.rail.proposed(amount="10")
    other = await place.rail.proposed(amount="5000")
    place.rail.clock.advance(days=10)
    stricter = parse("[[rule]]\nname = 'New'\ntotal_from = 2000\nquorum = 3\n")
    assert isinstance(stricter, Policy)

    async def nobody(person: str) -> Person | None:
        return {"sam": SAM}.get(person)

    people = type("People", (), {"person": staticmethod(nobody)})()
    replay: Callable[..., Awaitable[object]] = verdicts.replay
    card = await replay(
        stricter,
        place.rail.desk,
        people,
        workspace=W,
        now=place.rail.clock(),
        days=90,
    )
    recent = await replay(
        stricter,
        place.rail.desk,
        people,
        workspace=W,
        now=place.rail.clock(),
        days=9,
    )

    shown = re.sub(r"\s+", " ", text(card))  # type: ignore[arg-type]
    assert "2 proposals of the last 90 days: 1 would be asked of others." in shown
    assert other.number in shown
    assert f"{same.number} " not in shown
    assert "rule “Large” (line 1) -> rule “New” (line 1)" in shown
    assert "There are no proposals" in text(recent)  # type: ignore[arg-type]


# --- in chat ------------------------------------------------------------------------


async def test_administrators_ask_about_the_policy_in_chat(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(TWO)
    async with town(tmp_path, COUNTERSIGN_POLICY=str(path)) as place:
        async with place.visit(STAFF) as sam:
            await sam.say("policy")
            await sam.sees("for administrators and auditors to look at")
            await sam.say("policy reload")
            await sam.sees("Reading the policy again is for administrators")
        async with place.visit(ADMIN) as alex:
            await alex.say("policy")
            await alex.sees("policy.toml has 1 rule")
            await alex.say("policy test “invoice Acme West for 10 hours consulting”")
            await alex.sees("Drafted from the books of Harbour & Pine Landscaping")
            shown = text_of(alex.page)
            await alex.say("policy test Acme West paid 5 as sam@harbourpine.example")
            await alex.sees("Asked for by Sam Rivera")
            await alex.say("policy replay 90")
            await alex.sees("There are no proposals of the last 90 days")
            path.write_text(WRONG)
            await alex.say("policy reload")
            await alex.sees("policy.toml has 2 mistakes")
            await alex.say("invoice Acme West for 10 hours consulting")
            await alex.sees(r"cannot be followed \(line 2\)")
            await alex.say("who owes us money")
            await alex.sees("Acme")
            await alex.say("policy versions")
            await alex.sees("in force, broken")
        assert "rule “Large” (line 1): total $1,500.00 is at least $1,000.00" in shown
        assert await place.parts.desk.by_number("main", "P-1") is None


async def test_the_server_starts_with_a_broken_policy_and_reads_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with town(
        tmp_path, COUNTERSIGN_POLICY=str(tmp_path / "missing.toml")
    ) as place:
        # Whoever starts it reads it at once.
        assert "missing.toml cannot be read" in capsys.readouterr().err
        await _asks_and_is_denied(place)


async def _asks_and_is_denied(place: Town) -> None:
    async with place.visit(STAFF) as sam:
        await sam.say("show invoice 1042")
        await sam.sees("1042")
        await sam.say("invoice Acme West for 10 hours consulting")
        await sam.sees("missing.toml cannot be read")
    assert await place.invoices() > 0
    assert await place.parts.desk.since("main", place.clock().replace(year=2020)) == ()


# --- on paper -----------------------------------------------------------------------

DOCS = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")


def test_every_example_on_paper_is_a_sound_policy() -> None:
    examples = re.findall(r"```toml\n(.*?)```", DOCS, re.DOTALL)

    assert len(examples) >= 4
    for each in examples:
        assert isinstance(parse(each), Policy), each


def test_every_word_of_a_policy_is_explained_on_paper() -> None:
    for word in (*ASKS, *CONDITIONS, "name"):
        assert f"`{word}`" in DOCS or f"`[[rule.{word}]]`" in DOCS, word


@pytest.mark.parametrize(
    ("action", "amount", "around", "email", "expected"),
    [
        ("invoice.create", "12000", (), "sam@harbourpine.example", "Large amounts"),
        ("invoice.create", "10000", (), "sam@harbourpine.example", "Large amounts"),
        ("invoice.create", "9999.99", (), "sam@harbourpine.example", ""),
        ("invoice.create", "1", (), "x@contractors.example", "Asked for by a contrac"),
        ("invoice.void", "1", (), "sam@harbourpine.example", "Voids and deletions"),
        (
            "expense.create",
            "50",
            ("Payroll:Bonuses",),
            "sam@harbourpine.example",
            "Payroll accounts",
        ),
        ("payment.record", "499.99", (), "sam@harbourpine.example", "Small payments"),
        ("payment.record", "500", (), "sam@harbourpine.example", ""),
    ],
)
def test_the_example_file_gives_the_verdicts_that_it_claims(
    action: str,
    amount: str,
    around: tuple[str, ...],
    email: str,
    expected: str,
) -> None:
    policy = load(ROOT / "docs" / "policy.example.toml")
    assert isinstance(policy, Policy), policy
    person = replace(SAM, email=email)

    rule = policy.rule(
        draft(amount=amount, action=action),
        Circumstances(accounts=around),
        person,
        COMPANY,
    )

    assert rule.name.startswith(expected)
    assert bool(rule.name) == bool(expected)
    asked = {"": 1, "Large amounts": 2, "Payroll accounts": 1, "Small payments": 1}
    assert rule.quorum == asked.get(rule.name, 2)
    if rule.name == "Large amounts":
        assert [stage.quorum for stage in rule.steps] == [1, 1]
        assert (rule.hours, rule.remind_hours, rule.escalate_hours) == (40, 8, 16)
    if rule.name == "Voids and deletions":
        assert rule.undo_hours is None
    assert rule.working_hours == "Mon-Fri 09:00-17:00 America/Los_Angeles"
    assert called(rule)


def test_the_news_of_a_policy_name_its_rules_and_its_digest() -> None:
    sound = parse(TWO + "\n[[rule]]\nname = 'b'\noperation = 'invoice.*'\n")

    assert "has 2 rules now (digest" in policies.news(sound, "policy.toml")
    assert "No policy file is named any more" in policies.news(Policy(), "")
    pounds = Company("1", "P", Environment.SANDBOX, "GB", "GBP")
    made = replace(draft(), home_total=Money(Decimal(1000), "GBP"))
    assert isinstance(sound, Policy)
    assert "£1,000.00" in sound.rule(made, company=pounds).why[0]

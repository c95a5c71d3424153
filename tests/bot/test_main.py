"""The command line as a person meets it."""

import json
import logging
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot import demo
from bot.commands import Fields
from tests.program import run


def test_interpret_shows_what_a_message_means() -> None:
    shown = run("interpret", "--today", "2026-11-20", "who owes us money")

    assert json.loads(shown.stdout)["action"] == "receivables.list"


def test_interpret_reads_and_writes_lines_in_order() -> None:
    asked = "".join(
        json.dumps({"id": str(number), "text": text}) + "\n"
        for number, text in enumerate(["help", "void invoice 1042", "?"])
    )

    shown = run("interpret", "--jsonl", given=asked)

    lines = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [line["id"] for line in lines] == ["0", "1", "2"]
    assert lines[1]["interpretation"]["action"] == "invoice.void"


@pytest.mark.parametrize(
    ("arguments", "given", "said"),
    [
        (("interpret", "--company", "nowhere", "help"), "", "no sample company"),
        (("interpret", "--jsonl"), "{not json\n", "line 1"),
        (("interpret",), "", "give a message"),
        (("serve",), "", "COUNTERSIGN_SECRET_KEYS is missing"),
        (("cards", "no/such"), "", "no sample card"),
        (
            ("cards", "talk/help", "--form", "fax"),
            "",
            "none of text, html, slack, teams",
        ),
        (("nonsense",), "", "No such command"),
    ],
)
def test_bad_input_gets_a_sentence_and_no_traceback(
    arguments: tuple[str, ...], given: str, said: str
) -> None:
    ended = run(*arguments, given=given)

    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout


def test_a_database_that_cannot_be_opened_gets_a_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "countersign.db"
    broken.write_bytes(b"this is no database at all, but long enough" * 40)

    ended = run(
        "migrate",
        COUNTERSIGN_SECRET_KEYS=Fernet.generate_key().decode(),
        COUNTERSIGN_DATA_DIR=str(tmp_path),
    )

    assert ended.returncode == 2
    assert "database cannot be used" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_check_names_everything_that_is_missing() -> None:
    ended = run("check", SLACK_SIGNING_SECRET="s", QUICKBOOKS_CLIENT_ID="q")

    for name in (
        "COUNTERSIGN_SECRET_KEYS",
        "SLACK_BOT_TOKEN",
        "QUICKBOOKS_CLIENT_SECRET",
    ):
        assert f"{name} is missing" in ended.stdout
    assert ended.returncode == 1


def test_the_demo_refuses_real_books() -> None:
    ended = run("demo", QUICKBOOKS_ENVIRONMENT="production")

    assert ended.returncode == 2
    assert "simulated QuickBooks only" in ended.stderr


def test_a_card_is_shown_in_every_form() -> None:
    names = run("cards").stdout.split()

    for form in ("text", "slack", "teams", "html"):
        shown = run("cards", names[0], "--form", form)
        assert shown.returncode == 0
        assert shown.stdout.strip()


def test_two_demos_do_not_share_one_folder(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    (folder / "kept").mkdir(parents=True)
    with demo.alone(folder):
        demo.tell_where(folder, "http://127.0.0.1:8790")

        second = run("demo", "--reset", COUNTERSIGN_DATA_DIR=str(tmp_path))

    assert second.returncode == 2
    assert "running already at http://127.0.0.1:8790" in second.stderr
    assert (folder / "kept").exists()


def test_a_level_that_is_none_gets_a_sentence() -> None:
    ended = run("key", COUNTERSIGN_LOG_LEVEL="loud")

    assert ended.returncode == 2
    assert "COUNTERSIGN_LOG_LEVEL" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_reference_number_stands_in_the_log_with_its_facts() -> None:
    record = logging.makeLogRecord(
        {"msg": "a notice lags", "proposal": "P-7", "why": "slack\nis down"}
    )

    line = Fields("%(levelname)s %(message)s").format(record)

    assert line.endswith("a notice lags proposal='P-7' why='slack\\nis down'")

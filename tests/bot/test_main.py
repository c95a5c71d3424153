"""The command line as a person meets it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

ROOT = Path(__file__).parents[2]


def _run(
    *arguments: str, given: str = "", **environ: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "bot", *arguments],
        input=given,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **environ},
        timeout=60,
        check=False,
    )


def test_interpret_shows_what_a_message_means() -> None:
    shown = _run("interpret", "--today", "2026-11-20", "who owes us money")

    assert json.loads(shown.stdout)["action"] == "receivables.list"


def test_interpret_reads_and_writes_lines_in_order() -> None:
    asked = "".join(
        json.dumps({"id": str(number), "text": text}) + "\n"
        for number, text in enumerate(["help", "void invoice 1042", "?"])
    )

    shown = _run("interpret", "--jsonl", given=asked)

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
            "none of text, slack, teams, html",
        ),
        (("nonsense",), "", "No such command"),
    ],
)
def test_bad_input_gets_a_sentence_and_no_traceback(
    arguments: tuple[str, ...], given: str, said: str
) -> None:
    ended = _run(*arguments, given=given)

    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout


def test_a_database_that_cannot_be_opened_gets_a_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "countersign.db"
    broken.write_bytes(b"this is no database at all, but long enough" * 40)

    ended = _run(
        "migrate",
        COUNTERSIGN_SECRET_KEYS=Fernet.generate_key().decode(),
        COUNTERSIGN_DATA_DIR=str(tmp_path),
    )

    assert ended.returncode == 2
    assert "database cannot be used" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_check_names_everything_that_is_missing() -> None:
    ended = _run("check", SLACK_SIGNING_SECRET="s", QUICKBOOKS_CLIENT_ID="q")

    for name in (
        "COUNTERSIGN_SECRET_KEYS",
        "SLACK_BOT_TOKEN",
        "QUICKBOOKS_CLIENT_SECRET",
    ):
        assert f"{name} is missing" in ended.stdout
    assert ended.returncode == 1


def test_the_demo_refuses_real_books() -> None:
    ended = _run("demo", QUICKBOOKS_ENVIRONMENT="production")

    assert ended.returncode == 2
    assert "simulated QuickBooks only" in ended.stderr


def test_a_card_is_shown_in_every_form() -> None:
    names = _run("cards").stdout.split()

    for form in ("text", "slack", "teams", "html"):
        shown = _run("cards", names[0], "--form", form)
        assert shown.returncode == 0
        assert shown.stdout.strip()

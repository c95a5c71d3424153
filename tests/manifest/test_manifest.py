import json
import re
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cards import checkers

FOLDER = Path(__file__).parents[2] / "manifest"
FILLED = {
    "{base_url}": "https://countersign.example.com",
    "{host}": "countersign.example.com",
    "{bot_id}": "22222222-2222-4222-8222-222222222222",
    "{app_id}": "33333333-3333-4333-8333-333333333333",
}


def filled(path: Path) -> str:
    text = path.read_text()
    for placeholder, value in FILLED.items():
        text = text.replace(placeholder, value)
    return text


def teams_manifest() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(filled(FOLDER / "teams" / "manifest.json"))
    return made


def listed(text: str, key: str) -> list[str]:
    """The entries below `key:` in the YAML, which is written one to a line."""
    after = text.split(f"{key}:\n", 1)[1]
    entries = []
    for each in after.splitlines():
        found = re.fullmatch(r"\s+- (\S+)", each)
        if found:
            entries.append(found[1])
        elif not each.strip().startswith("#"):
            break
    return entries


@pytest.mark.parametrize("path", ["slack.yaml", "teams/manifest.json"])
def test_no_placeholder_is_left_when_all_are_filled_in(path: str) -> None:
    assert not re.search(r"\{[a-z_]+\}", filled(FOLDER / path).split("features:")[-1])


def test_slack_may_do_what_is_needed_and_no_more() -> None:
    text = (FOLDER / "slack.yaml").read_text()

    assert sorted(listed(text, "    bot")) == [
        "app_mentions:read",
        "assistant:write",
        "channels:read",
        "chat:write",
        "commands",
        "files:write",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "mpim:read",
        "users:read",
        "users:read.email",
    ]
    assert listed(text, "    bot_events") == [
        "app_home_opened",
        "app_mention",
        "message.im",
    ]
    assert re.findall(r"command: (\S+)", text) == ["/countersign", "/connect"]
    assert "agent_view:" in text
    assert text.count('"{base_url}/slack/events"') == 4


def test_the_teams_app_is_the_bot_everywhere_it_can_be_asked() -> None:
    manifest = teams_manifest()

    (bot,) = manifest["bots"]
    assert bot["botId"] == FILLED["{bot_id}"]
    assert bot["scopes"] == ["personal", "team", "groupChat"]
    assert manifest["validDomains"] == ["countersign.example.com"]


@pytest.mark.parametrize(
    ("name", "size", "colour_type"),
    [("color.png", 192, {2, 3, 6}), ("outline.png", 32, {6})],
)
def test_the_icons_have_the_sizes_that_teams_takes(
    name: str, size: int, colour_type: set[int]
) -> None:
    data = (FOLDER / "teams" / name).read_bytes()

    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, _, colour = struct.unpack(">IIBB", data[16:26])
    assert (width, height) == (size, size)
    assert colour in colour_type


def test_slacks_definitions_accept_the_manifest(tmp_path: Path) -> None:
    tool = checkers.folder("slack-validate")
    python = tool / ".venv" / "bin" / "python"
    path = tmp_path / "slack.yaml"
    path.write_text(filled(FOLDER / "slack.yaml"))

    done = subprocess.run(  # noqa: S603 - the checker that a developer set up
        [str(python), "validate_manifest.py", str(path)],
        capture_output=True,
        text=True,
        cwd=tool,
        check=False,
    )

    if "cannot read" in done.stderr:
        pytest.skip("the checker cannot read YAML (pip install pyyaml in its venv)")
    assert done.returncode == 0, done.stdout


def test_teams_definitions_accept_the_manifest(tmp_path: Path) -> None:
    tool = checkers.folder("teams-validate")
    for icon in ("color.png", "outline.png"):
        shutil.copy(FOLDER / "teams" / icon, tmp_path)
    path = tmp_path / "manifest.json"
    path.write_text(filled(FOLDER / "teams" / "manifest.json"))

    done = checkers.node(tool, "check_manifest.mjs", str(path), "--dir", str(tmp_path))

    assert done.returncode == 0, done.stdout + done.stderr

"""docs/simulator.md tells everything there is to set, ask for and choose."""

import re
from pathlib import Path
from typing import Final

import pytest

from qbo.simulator.__main__ import parser
from qbo.simulator.entities import ENTITIES
from qbo.simulator.reports import NAMES
from qbo.simulator.stories import seed
from qbo.simulator.switches import CHOICES, Switches

TEXT: Final = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text("utf-8")
WORDS: Final = set(re.findall(r"[A-Za-z]+", TEXT))


def told(name: str) -> tuple[str, str]:
    """The default and the words of a switch in the document's table."""
    row = re.search(rf"^\| `{name}` \| (.*?) \| (.*) \|$", TEXT, re.MULTILINE)
    assert row, f"no row for the switch {name}"
    return row[1], row[2]


@pytest.mark.parametrize("name", Switches().as_json())
def test_every_switch_has_a_row_with_its_default(name: str) -> None:
    default, words = told(name)
    value = Switches().as_json()[name]
    shown = str(value).lower() if isinstance(value, bool) else str(value) or "empty"
    if name != "entitled_scopes":
        assert default == shown
    for choice in CHOICES.get(name, ()):
        assert f"`{choice}`" in words


def test_no_switch_is_told_that_there_is_not() -> None:
    table = TEXT[TEXT.index("## Switches") : TEXT.index("## Flags")]
    assert set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == set(
        Switches().as_json()
    )


def test_every_flag_is_told() -> None:
    flags = {option for action in parser()._actions for option in action.option_strings}
    missing = {flag for flag in flags if flag.startswith("--") and flag not in TEXT}
    assert missing == {"--help"}


@pytest.mark.parametrize("name", [*ENTITIES, *NAMES])
def test_every_entity_and_report_is_told(name: str) -> None:
    assert name in WORDS


@pytest.mark.parametrize("slug", seed.known())
def test_every_company_is_told_with_its_realm(slug: str) -> None:
    realm = seed.data_of(slug)["company"]["realm_id"]
    assert re.search(rf"^\| `{slug}` \| `{realm}` \|", TEXT, re.MULTILINE)

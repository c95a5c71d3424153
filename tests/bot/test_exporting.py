"""The gallery: every read is in it, and each card is there in every form."""

import re
from pathlib import Path

import pytest

from bot import exporting
from bot.understanding.conversation import Context, interpret
from bot.understanding.samples import names as names_of
from cards.gallery import gallery
from cards.text import text
from qbo import asks


def test_every_question_of_the_gallery_is_understood_and_every_read_is_asked() -> None:
    names = names_of("harbour-pine-us")

    meant = [
        interpret(words, names, exporting.DAY, Context())
        for words in exporting.READS.values()
    ]

    assert {each.kind for each in meant} == {"read"}
    assert {each.action for each in meant} == asks.ASKS.keys()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    samples = gallery()
    chosen = ("answers/aging", "proposals/pending-approver")
    exporting.write(tmp_path / "new", {name: samples[name] for name in chosen})
    return tmp_path / "new"


def test_a_card_is_written_in_every_form_with_its_pictures(folder: Path) -> None:
    forms = ("slack.json", "teams.json", "html", "txt", "light.png", "dark.png")
    names = {each.name for each in folder.iterdir()}

    for form in forms[:4]:
        assert f"answers-aging.{form}" in names
        assert f"proposals-pending-approver.{form}" in names
    assert {f"answers-aging-0.{form}" for form in forms[4:]} <= names
    whole = (folder / "answers-aging.txt").read_text()
    assert whole == text(gallery()["answers/aging"])


def test_the_index_shows_each_card_light_and_dark_and_all_it_needs_is_there(
    folder: Path,
) -> None:
    index = (folder / "index.html").read_text()
    sheet = (folder / "gallery.css").read_text()

    assert index.count('class="look look-light"') == 2
    assert index.count('class="look look-dark"') == 2
    for address in re.findall(r'(?:src|srcset|href)="((?!https:)[^"#]+)"', index):
        assert (folder / address).exists(), address
    # The colours are the console's own, in both looks.
    assert sheet.count("--surface:") == 2
    assert "#1a1f1c" in sheet.split(".look-dark")[1]

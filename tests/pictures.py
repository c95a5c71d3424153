"""Makes the pictures of the README anew, from the gallery: `make pictures`.

Needs Chromium. Each is one card as the console shows it, twice as sharp as a screen
and with few colours, so that it stays small.
"""

import io
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import sync_playwright

from bot import exporting

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
# The picture's name, the card, and the look.
PICTURES: tuple[tuple[str, str, Literal["light", "dark"]], ...] = (
    ("answer", "answers-sales-by-month", "light"),
    ("proposal", "states-pending-approver", "light"),
    ("record", "answers-customer", "dark"),
)
WIDTH = 780
_COLORS = 96
_BYTES_MAX = 120_000


def main() -> None:
    """Export the gallery, and photograph three of its cards."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        sys.exit("There is no Chromium here.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        # Before the player starts its loop.
        exporting.export(Path(made))
        _photographed(program, Path(made))


def _photographed(program: str, made: Path) -> None:
    with sync_playwright() as player:
        browser = player.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        for name, card, look in PICTURES:
            page = browser.new_page(
                viewport={"width": WIDTH, "height": 600},
                device_scale_factor=2,
                color_scheme=look,
            )
            page.goto((made / f"{card}.html").as_uri())
            page.wait_for_load_state("networkidle")
            taken = page.locator("main").screenshot()
            page.close()
            _kept(FOLDER / f"{name}.png", taken)
        browser.close()


def _kept(path: Path, taken: bytes) -> None:
    picture = Image.open(io.BytesIO(taken)).convert("RGB")
    few = picture.quantize(_COLORS, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
    size = path.stat().st_size
    assert size < _BYTES_MAX, f"{path.name} has {size} bytes"
    print(f"{path.name}: {picture.width} x {picture.height}, {size // 1000} kB")  # noqa: T201


if __name__ == "__main__":
    main()

"""The platforms' manifests with this deployment's address, and sample cards."""

import io
import json
import uuid
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from bot.settings import Settings, Unfit
from cards import gallery, html, slack, teams, text
from cards.card import Card

FOLDER = Path(__file__).parent.parent / "manifest"


def write(settings: Settings, folder: Path) -> tuple[Path, ...]:
    """Write `slack.yaml` and, where Teams is configured, `teams.zip`.

    Raises:
        Unfit: there is no public address to fill in.
    """
    if not settings.public_url:
        raise Unfit(("COUNTERSIGN_PUBLIC_URL is missing: it stands in the manifests.",))
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / "slack.yaml"]
    template = (FOLDER / "slack.yaml").read_text()
    written[0].write_text(template.replace("{base_url}", settings.base_url))
    if settings.teams_app_id:
        written.append(folder / "teams.zip")
        written[1].write_bytes(teams_package(settings))
    return tuple(written)


def teams_package(settings: Settings) -> bytes:
    """The zip that Teams takes: manifest.json and the two icons at its root."""
    host = urlsplit(settings.base_url).hostname or ""
    manifest = (FOLDER / "teams" / "manifest.json").read_text()
    for placeholder, value in {
        "{base_url}": settings.base_url,
        "{host}": host,
        "{bot_id}": settings.teams_app_id or "",
        # Stable for one bot, so that a newer package replaces the older one.
        "{app_id}": str(uuid.uuid5(uuid.NAMESPACE_URL, settings.teams_app_id or "")),
    }.items():
        manifest = manifest.replace(placeholder, value)
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("manifest.json", manifest)
        for icon in ("color.png", "outline.png"):
            files.writestr(icon, (FOLDER / "teams" / icon).read_bytes())
    return package.getvalue()


class NoSuchSample(Exception):
    """There is no such sample card, or no such form; the text is a sentence."""


FORMS: Mapping[str, Callable[[Card], str]] = {
    "text": text.text,
    "html": lambda card: str(html.html(card)),
    "slack": lambda card: _pretty(slack.payload(card)),
    "teams": lambda card: _pretty(teams.content(card)),
}


def show_cards(name: str | None, form: str, say: Callable[[str], None]) -> None:
    """Print one sample card in one form, or the names of all.

    Raises:
        NoSuchSample: no such card or form.
    """
    samples = gallery.gallery()
    if form not in FORMS:
        raise NoSuchSample(f"{form} is none of {', '.join(FORMS)}.")
    if name is None:
        for each in samples:
            say(each)
        return
    if name not in samples:
        raise NoSuchSample(
            f"There is no sample card {name}; `countersign cards` lists them."
        )
    say(FORMS[form](samples[name]))


def _pretty(payload: object) -> str:
    return json.dumps(payload, indent=2, ensure_ascii=False)

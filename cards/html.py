"""A card as HTML: semantic, readable without style, pressable without a script.

All text is escaped and isolated (`<bdi>`), so that no name can be markup or turn
the order of what stands beside it. No inline style or script. Every button is a
form of its own that is posted to `action`:

    <form class="card-form" method="post" action="/console/press">
      <input type="hidden" name="verb" value="approve">
      <input type="hidden" name="token" value="…">
      <label class="card-field">…<textarea name="reason" required></textarea></label>
      <button type="submit" class="button button-primary" data-verb data-token>
    </form>

A button that asks or confirms is folded into `<details class="card-fold">`, whose
`<summary class="button …">` looks like the button. The classes, for a style sheet:

    article.card.card-good|-warning|-bad|-muted|-plain   aria-label company and title
      header.card-head
        p.card-company > span.card-name, strong.card-mark "[SIMULATED]"
        h3.card-title        p.card-status.card-status-good|-warning|…
      section.card-section
        h4.card-heading      p.card-text
        dl.card-facts > div.card-fact > dt, dd (del.card-before, ins.card-after)
        figure.card-chart > picture > source (dark), img[alt]   or figcaption
        div.card-scroll[tabindex=0 where wide] > table.card-table
          caption  thead th[scope=col]  tbody th[scope=row]|td
          tr.card-strong (totals, headings)  .card-number (right-aligned)
          .card-long (a text that wraps)
          .card-indent-1 … .card-indent-6 on the first cell
        p.card-more          what was cut: "… and 37 more"
      div.card-buttons > form.card-form | details.card-fold
        .card-question (what is confirmed)   label.card-field > span, input|textarea
      ul.card-links > li > a
      footer.card-foot > p

`button`, `button-primary`, `button-danger` are the console's own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cards.card import Button, Card, Chart, Section, Table
from cards.plain import address, line, token
from cards.tables import depth, link_of

_WIDE = 3
_INDENT_MAX = 6
_PRESS = "/console/press"

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters["plain"] = line


@dataclass(frozen=True, slots=True)
class Picture:
    """Where a chart's picture is, for light and dark pages; its size in CSS pixels.

    `narrow` is where it is for narrow pages, light and dark.
    """

    light: str
    dark: str
    width: int
    height: int
    narrow: tuple[str, str] | None = None


def html(
    card: Card,
    *,
    action: str = _PRESS,
    level: int = 3,
    picture: Callable[[Chart], Picture | None] = lambda _: None,
) -> Markup:
    """The card as one `<article>`; `level` is that of its heading (h1 to h5).

    `picture` says where the picture of a chart of the card is; None: the chart is
    told in words.
    """
    name, mark = _banner(card.banner)
    spoken = f"{line(card.banner)}: {line(card.title)}" if card.banner else card.title
    whole = _templates.get_template("card.html").render(
        card=card,
        name=name,
        mark=mark,
        spoken=line(spoken),
        address=address,
        token=token,
        action=action,
        level=level,
        label=_label,
        indent=_indent,
        is_wide=_is_wide,
        is_empty=_is_empty,
        link=link_of,
        picture=picture,
    )
    return Markup(whole.strip())  # noqa: S704 - the template escapes everything


def _banner(banner: str | None) -> tuple[str, str]:
    """The company's name and its mark, each "" where there is none."""
    text = line(banner or "")
    name, bracket, mark = text.rpartition(" [")
    if bracket and mark.endswith("]"):
        return name, f"[{mark}"
    return text, ""


def _label(button: Button) -> str:
    return line(button.label) or "…"


def _indent(table: Table, row: int) -> int:
    return min(depth(table, row), _INDENT_MAX)


def _is_wide(table: Table) -> bool:
    """Whether it may have to be scrolled on a phone, and then by keyboard as well."""
    return len(table.columns) >= _WIDE


def _is_empty(section: Section) -> bool:
    texts = section.heading or section.warnings or section.texts or section.facts
    return not (texts or section.table or section.chart)

"""A card: plain text in a structure. Only renderers know markup.

Everything a person is shown is one of these, on every platform. Texts may come
from strangers (customer names, memos); no field holds markup, and every
renderer makes sure that none of it can become a mention, a link or markup.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pydantic import TypeAdapter


class Tone(StrEnum):
    """How a card feels; never the only carrier of a meaning."""

    PLAIN = "plain"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    MUTED = "muted"


# How a tone looks beside a word, where there is no colour to give it.
SIGNS = {
    Tone.PLAIN: "",
    Tone.GOOD: "🟢 ",
    Tone.WARNING: "🟡 ",
    Tone.BAD: "🔴 ",
    Tone.MUTED: "⚪ ",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One labelled value; `before` where the value replaces something."""

    label: str
    value: str
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of plain text. `numeric` are the columns that stand right-aligned.

    `emphasis` are the rows (from 0) that are totals or headings; `indents` says
    how far each row's first cell is indented (empty: not at all).
    `more` says what was cut ("… and 37 more"), None when the table is whole.
    `links` are addresses of our own making, one a row, behind its first cell; "" is
    none. Empty: no row has one.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()
    emphasis: tuple[int, ...] = ()
    indents: tuple[int, ...] = ()
    more: str | None = None
    caption: str | None = None
    links: tuple[str, ...] = ()


class Shape(StrEnum):
    """How a chart is drawn: bars lie and suit names, columns stand and suit time."""

    BARS = "bars"
    COLUMNS = "columns"


@dataclass(frozen=True, slots=True)
class Series:
    """One row of numbers of a chart, one for each category; None is a gap."""

    name: str
    values: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of numbers, drawn natively where a platform can.

    `unit` is the currency of all of them, `axis` what the categories are ("Month").
    `text` says what there is to see, for whoever sees no picture.
    """

    title: str
    shape: Shape
    axis: str
    unit: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    text: str


class Style(StrEnum):
    """How a button looks."""

    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Field:
    """Something a person is asked to type before a button counts."""

    id: str
    label: str
    required: bool = True
    multiline: bool = False
    max_length: int = 500
    placeholder: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """What a person can press.

    `verb` is what it means ("approve", "say", "sync.now"), `token` an opaque
    text that comes back with the press. `asks` are fields to fill in first: a
    modal in Slack, a fold-out in Teams and the console. `confirm` is a question
    to answer with yes first.
    """

    label: str
    verb: str
    token: str = ""
    style: Style = Style.PLAIN
    asks: tuple[Field, ...] = ()
    confirm: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """An address of Countersign's own making that a person may open."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a card, in this order: heading, warnings, texts, facts, chart, table.

    Of a warning the word stands out ("Warning", "Stop") before its text.
    """

    heading: str | None = None
    warnings: tuple[tuple[str, str], ...] = ()
    texts: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    table: Table | None = None
    chart: Chart | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """One thing to show.

    `banner` is the company's title, with [SIMULATED] or [SANDBOX] where it is
    so; it is shown before everything else and opens `summary`, the one line of
    a notification. `status` is a short badge ("Waiting for approval").
    `footnotes` hold the working and the moment ("As of 14:02 UTC").
    """

    title: str
    summary: str
    banner: str | None = None
    status: str | None = None
    tone: Tone = Tone.PLAIN
    sections: tuple[Section, ...] = ()
    buttons: tuple[Button, ...] = ()
    links: tuple[Link, ...] = ()
    footnotes: tuple[str, ...] = ()

    @property
    def charts(self) -> tuple[Chart, ...]:
        """All charts on the card, from above."""
        return tuple(each.chart for each in self.sections if each.chart)


_CARD = TypeAdapter(Card)


def card_text(card: Card) -> str:
    """A card as JSON text."""
    return _CARD.dump_json(card).decode()


def card_from(text: str) -> Card:
    """The card that `card_text` wrote.

    Raises:
        pydantic.ValidationError: the text is not a card.
    """
    return _CARD.validate_json(text)

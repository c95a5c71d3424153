"""A card as plain text, for a terminal or an e-mail: aligned, nothing hidden."""

import textwrap
import unicodedata

from cards.card import Card, Fact, Section, Table
from cards.plain import address, cut, line
from cards.tables import depth

WIDTH = 78
# A cell is cut, visibly, so that one long memo does not push columns off the page.
_CELL_MAX = 40
_GAP = "  "


def text(card: Card) -> str:
    """The whole card; buttons are named, since they cannot be pressed here."""
    parts = [_head(card), *(_section(section) for section in card.sections)]
    if card.buttons:
        labels = " ".join(f"[{line(button.label)}]" for button in card.buttons)
        parts.append(_wrapped(labels))
    if card.links:
        parts.append(
            "\n".join(f"{line(link.label)}: {address(link.url)}" for link in card.links)
        )
    if card.footnotes:
        parts.append("\n".join(_wrapped(line(note)) for note in card.footnotes))
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(card: Card) -> str:
    lines = [_wrapped(line(card.banner))] if card.banner else []
    lines.append(_wrapped(line(card.title)))
    if card.status:
        lines.append(f"({line(card.status)})")
    return "\n".join(lines)


def _section(section: Section) -> str:
    parts = [_wrapped(f"{word}: {line(text)}") for word, text in section.warnings]
    parts += [_wrapped(line(each)) for each in section.texts]
    if section.facts:
        parts.append(_facts(section.facts))
    blocks = ["\n".join(parts)] if parts else []
    if section.chart:
        blocks.append(_wrapped(line(section.chart.text)))
    if section.table:
        blocks.append(table_text(section.table))
    whole = "\n\n".join(blocks)
    if not section.heading:
        return whole
    heading = line(section.heading)
    return f"{heading}\n{'-' * columns_of(heading)}\n{whole}".rstrip()


def _facts(facts: tuple[Fact, ...]) -> str:
    labels = [f"{line(fact.label)}:" for fact in facts]
    width = min(max(columns_of(label) for label in labels), WIDTH // 2)
    lines = []
    for label, fact in zip(labels, facts, strict=True):
        value = line(fact.value) or "–"
        if fact.before is not None:
            value = f"{line(fact.before) or 'empty'} -> {line(fact.value) or 'empty'}"
        lines.append(_wrapped(f"{_padded(label, width)} {value}", width + 1))
    return "\n".join(lines)


def table_text(table: Table) -> str:
    """The table with aligned columns, and what was cut below it."""
    head = [cut(line(column), _CELL_MAX) for column in table.columns]
    rows = []
    for index, row in enumerate(table.rows):
        cells = [cut(line(cell), _CELL_MAX) for cell in row]
        rows.append(
            [f"{'  ' * depth(table, index)}{cells[0]}", *cells[1:]] if cells else []
        )
    widths = [
        max(columns_of(row[at]) for row in [head, *rows] if at < len(row))
        for at in range(len(head))
    ]
    lines = [line(table.caption)] if table.caption else []
    lines.append(_row(head, widths, table.numeric))
    lines.append(_GAP.join("-" * width for width in widths))
    lines.extend(_row(row, widths, table.numeric) for row in rows)
    if table.more:
        lines.append(line(table.more))
    return "\n".join(lines)


def _row(cells: list[str], widths: list[int], numeric: tuple[int, ...]) -> str:
    padded = (
        _padded(cell, width, right=at in numeric)
        for at, (cell, width) in enumerate(zip(cells, widths, strict=False))
    )
    return _GAP.join(padded).rstrip()


def columns_of(shown: str) -> int:
    """How many columns of a terminal the text takes."""
    return sum(_columns(char) for char in shown)


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _padded(shown: str, width: int, *, right: bool = False) -> str:
    blanks = " " * max(width - columns_of(shown), 0)
    return f"{blanks}{shown}" if right else f"{shown}{blanks}"


def _wrapped(shown: str, indent: int = 0) -> str:
    return textwrap.fill(
        shown,
        WIDTH,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )

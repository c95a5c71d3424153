"""A card as an Adaptive Card for Microsoft Teams, version 1.5.

All text stands in TextRuns, which take no Markdown; the macros that they do take
(`{{DATE(…)}}`) are broken. A button is an Action.Execute whose verb is the
button's and whose data is {"token": …}; one that asks or confirms unfolds an
Action.ShowCard with the inputs and the Action.Execute in it. Inputs come back in
data under the field's id.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from cards.card import SIGNS, Button, Card, Fact, Field, Link, Section, Style, Table
from cards.plain import address, cut, inert, line, token
from cards.tables import cells, columns_kept, depth, link_of, rows_kept, total_row
from cards.teams_charts import drawn as chart_drawn

Json: TypeAlias = dict[str, Any]

# Teams draws Adaptive Cards up to 1.5 for bots (learn.microsoft.com/microsoftteams/
# platform/task-modules-and-cards/cards/cards-reference).
VERSION = "1.5"
# A bot's message may be about 100 KB in UTF-16; this is 56 KB of it, since mentions
# and what Teams adds count as well (learn.microsoft.com/microsoftteams/platform/bots/
# how-to/format-your-bot-messages).
CHARACTERS_MAX = 28_000
# More actions than these go into an overflow menu (learn.microsoft.com/
# adaptive-cards/rendering-cards/host-config, actions.maxActions).
ACTIONS_MAX = 6
# Ours: beyond these a table cannot be read in a chat.
COLUMNS_MAX = 8
_WIDE = 5

_CELL_MAX = 200
_ENTRY_MAX = 1500
_TITLE_MAX = 1000
_SMALL_PRINT_MAX = 300
_SUMMARY_MAX = 600
_NOTES_MAX = 10
_LABEL_MAX = 100
# What buttons may take of the room; a card with more than fit says so.
_BUTTONS_ROOM = 12_000
_LARGE_MAX = 60
_RESERVE = 600
_STYLES = {Style.PRIMARY: "positive", Style.DANGER: "destructive"}
_CUT = "… This is not all: the rest does not fit into a Teams message."
_BLANK = "\u00a0"
_TOKEN = "token"  # noqa: S105 - the name of a field


def content(card: Card) -> Json:
    """The Adaptive Card; `fallbackText` is for clients that cannot draw it."""
    head, tail, actions = _head(card), _tail(card), _actions(card)
    made: Json = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": VERSION,
        "fallbackText": summary(card),
        "body": [*head, *tail],
        "actions": actions,
    }
    columns = (len(s.table.columns) for s in card.sections if s.table)
    if max(columns, default=0) >= _WIDE - 1:
        made["msteams"] = {"width": "Full"}
    paper = _Paper(CHARACTERS_MAX - _RESERVE - _length(made))
    for section in card.sections:
        paper.write(section)
    made["body"] = [*head, *paper.done(), *tail]
    if not actions:
        del made["actions"]
    return made


def summary(card: Card) -> str:
    """The line of a notification, for the activity's `summary`."""
    return inert(cut(line(card.summary), _SUMMARY_MAX)) or "…"


# --- above and below ---------------------------------------------------------------


def _head(card: Card) -> list[Json]:
    body: list[Json] = []
    if card.banner:
        body.append(_block([_run(_short(card.banner), size="Small", isSubtle=True)]))
    size = "Large" if len(card.title) <= _LARGE_MAX else "Medium"
    title = _run(cut(line(card.title), _TITLE_MAX), size=size, weight="Bolder")
    body.append(_block([title], spacing="Small" if body else "None"))
    if card.status:
        # Teams' own colours are too pale for text in the light theme.
        status = _run(_short(card.status), before=SIGNS[card.tone], weight="Bolder")
        body.append(_block([status], spacing="Small"))
    return body


def _tail(card: Card) -> list[Json]:
    """What stands below: many buttons, plain addresses, small print."""
    body: list[Json] = []
    actions, left = _all_actions(card)
    if len(actions) > ACTIONS_MAX:
        body += [
            {"type": "ActionSet", "actions": actions[at : at + ACTIONS_MAX]}
            for at in range(0, len(actions), ACTIONS_MAX)
        ]
    if left:
        body.append(_small(f"… and {left} more; type it instead."))
    body += [
        _block([_run(f"{_label(link.label)}: {address(link.url)}")])
        for link in card.links
        if not _opens(link)
    ]
    notes = [_short(note) for note in card.footnotes if line(note)]
    if len(notes) > _NOTES_MAX:
        rest = " ".join(notes[_NOTES_MAX - 1 :])
        notes = [*notes[: _NOTES_MAX - 1], _short(rest)]
    return [*body, *map(_small, notes)]


def _actions(card: Card) -> list[Json]:
    actions, _ = _all_actions(card)
    return actions if len(actions) <= ACTIONS_MAX else []


def _all_actions(card: Card) -> tuple[list[Json], int]:
    """The actions that fit, and how many buttons do not."""
    ids = [asked.id for button in card.buttons for asked in button.asks]
    assert len(ids) == len(set(ids)), "two fields of one card have one id"
    assert _TOKEN not in ids, "a field would overwrite the button's token"
    made, room = [], _BUTTONS_ROOM
    for button in card.buttons:
        action = _button(button)
        room -= _length(action)
        if room >= 0:
            made.append(action)
    links = [
        {
            "type": "Action.OpenUrl",
            "title": _label(link.label),
            "url": address(link.url),
        }
        for link in card.links
        if _opens(link)
    ]
    return [*made, *links], len(card.buttons) - len(made)


def _opens(link: Link) -> bool:
    """Teams opens https only; other addresses are shown."""
    return link.url.startswith("https://")


def _button(button: Button) -> Json:
    execute = _execute(button)
    if not button.asks and not button.confirm:
        return {**execute, "associatedInputs": "none"}
    body = [_block([_run(button.confirm)])] if button.confirm else []
    show: Json = {
        "type": "Action.ShowCard",
        "title": execute["title"],
        "card": {
            "type": "AdaptiveCard",
            "version": VERSION,
            "body": [*body, *map(_input, button.asks)],
            "actions": [execute],
        },
    }
    if "style" in execute:
        show["style"] = execute["style"]
    return show


def _execute(button: Button) -> Json:
    made: Json = {
        "type": "Action.Execute",
        "title": _label(button.label),
        "verb": button.verb,
        "data": {_TOKEN: token(button.token)},
    }
    if button.style in _STYLES:
        made["style"] = _STYLES[button.style]
    return made


def _input(asked: Field) -> Json:
    made: Json = {
        "type": "Input.Text",
        "id": asked.id,
        "label": inert(asked.label) or "…",
        "isMultiline": asked.multiline,
        "maxLength": asked.max_length,
        "placeholder": _text(asked.placeholder),
    }
    if asked.required:
        made["isRequired"] = True
        made["errorMessage"] = "Please fill this in."
    return made


# --- the middle --------------------------------------------------------------------


@dataclass(slots=True)
class _Paper:
    """Elements within the room that is left; what does not fit is said, once."""

    room: int
    made: list[Json] = field(default_factory=list)
    is_cut: bool = False

    def write(self, section: Section) -> None:
        """Put down as much of a section as fits."""
        is_first = True
        for entry in _entries(section):
            if is_first:
                entry.update(spacing="Medium", separator=True)
                is_first = False
            self._put(entry)
        if section.chart:
            text = _block([_run(section.chart.text)], spacing="Small")
            self._put(chart_drawn(section.chart, instead=text, plain=_text))
        if section.table:
            self._table(section.table)

    def done(self) -> list[Json]:
        """All elements, with a word about what is missing."""
        return [*self.made, _block([_run(_CUT)])] if self.is_cut else self.made

    def _put(self, *elements: Json) -> bool:
        size = _length(list(elements))
        if self.is_cut or size > self.room:
            self.is_cut = True
            return False
        self.room -= size
        self.made += elements
        return True

    def _table(self, table: Table) -> None:
        if self.is_cut:
            return
        caption = [_small(table.caption)] if table.caption else []
        narrowed, notes = _narrowed(table)
        whole = _drawn(narrowed)
        dropped = 0
        while narrowed.rows and _length(whole) > self.room - _RESERVE:
            # A tenth at a time: few rounds, and little more dropped than must be.
            fewer = _shortened(narrowed, max(1, len(narrowed.rows) // 10))
            dropped += len(narrowed.rows) - len(fewer.rows)
            narrowed = fewer
            whole = _drawn(narrowed)
        if table.rows and not narrowed.rows:
            self.is_cut = True
            return
        if dropped:
            notes.append(f"… and {dropped} more rows do not fit here")
        said = [_small("; ".join(notes))] if notes else []
        self._put(*caption, *whole, *said)


def _entries(section: Section) -> list[Json]:
    """Heading, warnings, texts and facts, one element each."""
    entries = []
    if section.heading:
        entries.append(_block([_run(section.heading, weight="Bolder")]))
    entries += [
        _block(
            [
                _run(f"{word}:", weight="Bolder", color="Warning"),
                _run(text, before=" "),
            ],
            spacing="Small",
        )
        for word, text in section.warnings
    ]
    entries += [
        _block([_run(text)], spacing="Small") for text in section.texts if line(text)
    ]
    entries += [_fact(fact) for fact in section.facts]
    return entries


def _fact(fact: Fact) -> Json:
    if fact.before is None:
        value = [_run(fact.value or "–")]
    else:
        value = [
            _run(fact.before or "empty", strikethrough=True, isSubtle=True),
            _run(fact.value or "empty", before=" → "),
        ]
    return {
        "type": "ColumnSet",
        "spacing": "Small",
        "columns": [
            _column(1, [_run(fact.label, isSubtle=True)]),
            _column(2, value),
        ],
    }


def _column(width: int, runs: list[Json]) -> Json:
    return {"type": "Column", "width": width, "items": [_block(runs)]}


def _small(text: str) -> Json:
    return _block([_run(text, size="Small", isSubtle=True)], spacing="Small")


# --- tables --------------------------------------------------------------------------


def _narrowed(table: Table) -> tuple[Table, list[str]]:
    """The first column and the last ones; and what to say about the others."""
    notes = [table.more] if table.more else []
    left = len(table.columns) - COLUMNS_MAX
    if left <= 0:
        return table, notes
    keep = [0, *range(left + 1, len(table.columns))]
    notes.append(f"… and {left} earlier columns do not fit here")
    return columns_kept(table, keep), notes


def _shortened(table: Table, by: int) -> Table:
    """Without `by` of its last rows; a total in the very last row stays."""
    last = total_row(table)
    end = len(table.rows) if last is None else last
    kept = [*range(max(end - by, 0))]
    if last is not None and kept:
        kept.append(last)
    return rows_kept(table, kept)


def _drawn(table: Table) -> list[Json]:
    """The table; one of many columns also as lines, for narrow screens."""
    if len(table.columns) < _WIDE:
        return [_table(table)]
    return [
        {**_table(table), "targetWidth": "atLeast:standard"},
        {
            "type": "Container",
            "targetWidth": "atMost:narrow",
            "items": [_row_line(table, at) for at in range(len(table.rows))]
            or [_small(" · ".join(table.columns))],
        },
    ]


def _table(table: Table) -> Json:
    rows = [_row(table, table.columns, bold=True, indent=0)]
    for at, row in enumerate(table.rows):
        bold = at in table.emphasis
        made = _row(table, row, bold=bold, indent=depth(table, at))
        if link := link_of(table, at):
            _open(made["cells"][0]["items"][0]["inlines"][0], link)
        rows.append(made)
    return {
        "type": "Table",
        "firstRowAsHeaders": True,
        "showGridLines": True,
        "gridStyle": "default",
        "columns": [{"width": width} for width in _widths(table)],
        "rows": rows,
    }


def _widths(table: Table) -> list[int | str]:
    """Room for every number in one line; the other columns share what is left."""
    widths: list[int | str] = []
    for at, column in enumerate(table.columns):
        shown = (column, *(row[at] for row in table.rows if at < len(row)))
        longest = max(len(_cell(cell)) for cell in shown)
        if at in table.numeric and len(table.columns) < _WIDE:
            widths.append(f"{min(longest, 20) * 8 + 18}px")
        else:
            widths.append(min(max(longest, 6), 26))
    return widths


def _row(table: Table, row: Sequence[str], *, bold: bool, indent: int) -> Json:
    made = []
    for at, cell in enumerate(cells(table, row)):
        before = _BLANK * 3 * min(indent, 6) if at == 0 else ""
        look = {"weight": "Bolder"} if bold else {}
        block = _block([_run(_cell(cell), before=before, empty=_BLANK, **look)])
        if at in table.numeric:
            block["horizontalAlignment"] = "Right"
        made.append({"type": "TableCell", "items": [block]})
    return {"type": "TableRow", "cells": made}


def _open(run: Json, link: str) -> None:
    """Make a run lead to an address of our own making."""
    run["selectAction"] = {"type": "Action.OpenUrl", "url": address(link)}


def _cell(text: str) -> str:
    return cut(line(text), _CELL_MAX)


def _row_line(table: Table, at: int) -> Json:
    """One row as a line: the first cell, then what stands in the others."""
    row = table.rows[at]
    bold = {"weight": "Bolder"} if at in table.emphasis or not table.indents else {}
    indent = _BLANK * 3 * min(depth(table, at), 6)
    parts = []
    for number, cell in enumerate(row[1:], start=1):
        shown = _cell(cell)
        if not shown or shown == "–":
            continue
        name = line(table.columns[number]) if number in table.numeric else ""
        parts.append(f"{name} {shown}".strip())
    runs = [_run(_cell(row[0]), before=indent, empty=_BLANK, **bold)]
    if link := link_of(table, at):
        _open(runs[0], link)
    if parts:
        runs.append(_run(" · ".join(parts), before=f"{_BLANK} "))
    return _block(runs, spacing="Small")


# --- the smallest parts ------------------------------------------------------------


def _text(text: str) -> str:
    """One clean line without the start of a macro or of a mention."""
    shown = line(text)
    while "{{" in shown:
        shown = shown.replace("{{", "{ {")
    return shown.replace("<at", "‹at").replace("</at", "‹/at")


def _short(text: str) -> str:
    return cut(line(text), _SMALL_PRINT_MAX)


def _label(text: str) -> str:
    return cut(_text(text), _LABEL_MAX) or "…"


def _run(text: str, *, before: str = "", empty: str = "…", **look: Any) -> Json:
    """A run of untrusted `text`; `before` and `empty` are our own."""
    shown = cut(_text(text), _ENTRY_MAX) or empty
    return {"type": "TextRun", "text": f"{before}{shown}", **look}


def _block(runs: list[Json], **look: Any) -> Json:
    return {"type": "RichTextBlock", "inlines": runs, **look}


def _length(value: Any) -> int:
    """How long a part is as JSON, in UTF-16 units."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return len(text.encode("utf-16-le")) // 2

"""A card as a Slack message (Block Kit), and as the form that some buttons open.

Texts stand where Slack takes them literally: rich_text `text` elements, raw_text
cells, plain_text with `emoji` off. Nothing is mrkdwn. Only the notification's
`text` is parsed by Slack; it is made inert first.

A button's action_id is `cs:<verb>` (`cs-ask:<verb>` where it asks first); equal
verbs on one card are told apart by a number behind "#". Its value is the token.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from cards import asking as askings
from cards.card import SIGNS, Button, Card, Fact, Field, Section, Style, Table
from cards.plain import address, cut, inert, line, token, unlinked
from cards.tables import cells, columns_kept, depth, link_of, rows_kept, total_row
from cards.text import table_text

Json: TypeAlias = dict[str, Any]

# https://docs.slack.dev/reference/block-kit/blocks/ and the pages of each block.
BLOCKS_MAX = 50
HEADER_MAX = 150
CONTEXT_ELEMENTS_MAX = 10
ACTIONS_ELEMENTS_MAX = 25
TABLE_ROWS_MAX = 100
TABLE_COLUMNS_MAX = 20
TEXT_MAX = 3000
# https://docs.slack.dev/reference/block-kit/block-elements/button-element/
BUTTON_TEXT_MAX = 75
BUTTON_VALUE_MAX = 2000
# https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object/
CONFIRM_TITLE_MAX = 100
CONFIRM_TEXT_MAX = 300
CONFIRM_BUTTON_MAX = 30
# https://docs.slack.dev/reference/views/modal-views/
MODAL_TITLE_MAX = 24
PLACEHOLDER_MAX = 150
LABEL_MAX = 2000
INPUT_MAX = 3000
# Not documented: beyond about 13,200 characters in all blocks Slack answers
# msg_blocks_too_long (https://github.com/slackapi/bolt-js/issues/2509).
CHARACTERS_MAX = 12_500
# https://docs.slack.dev/reference/methods/chat.update/ (msg_too_long)
NOTIFICATION_MAX = 4000

ACTION = "cs:"
ASKING = "cs-ask:"
MODAL = "cs-ask"

_CELL_MAX = 200
_ENTRY_MAX = 1500
_TITLE_MAX = 1000
_SMALL_PRINT_MAX = 300
# What buttons may take of the characters; a card with more than fit says so.
_BUTTONS_ROOM = 4000
# What the sentence about a cut, and a table's own, take at most.
_RESERVE = 300
_CUT = "… This is not all: the rest does not fit into a Slack message."
_BLANK = "\u00a0"


def payload(card: Card) -> Json:
    """The message: `text` for notifications and screen readers, and `blocks`."""
    head, tail = _head(card), _tail(card)
    paper = _Paper(
        characters=CHARACTERS_MAX - _RESERVE - _size(head) - _size(tail),
        blocks=BLOCKS_MAX - 1 - len(head) - len(tail),
    )
    for section in card.sections:
        paper.write(section)
    return {"text": _notification(card), "blocks": [*head, *paper.done(), *tail]}


def _notification(card: Card) -> str:
    shown = inert(cut(line(card.summary), NOTIFICATION_MAX // 5))
    # https://docs.slack.dev/messaging/formatting-message-text/#escaping
    for raw, escaped in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        shown = shown.replace(raw, escaped)
    return shown or "…"


# --- above and below ---------------------------------------------------------------


def _head(card: Card) -> list[Json]:
    above = [line(card.banner)] if card.banner else []
    if card.status:
        above.append(f"{SIGNS[card.tone]}{line(card.status)}")
    blocks = [_context(above)] if above else []
    title = line(card.title)
    if len(title) <= HEADER_MAX:
        blocks.append({"type": "header", "text": _plain(title, HEADER_MAX)})
    else:
        blocks.append({"type": "section", "text": _plain(unlinked(title), _TITLE_MAX)})
    return blocks


def _tail(card: Card) -> list[Json]:
    blocks = _actions(card.buttons)
    if card.links:
        elements: list[Json] = []
        for link in card.links:
            if elements:
                elements.append(_run("   "))
            shown = cut(line(link.label), BUTTON_TEXT_MAX)
            elements.append({"type": "link", "url": address(link.url), "text": shown})
        blocks.append(_rich(elements))
    if card.footnotes:
        blocks.append(_context([line(note) for note in card.footnotes]))
    return blocks


def _context(texts: list[str]) -> Json:
    """Small print; what is more than ten elements is joined into the last."""
    kept = [text for text in texts if text]
    if len(kept) > CONTEXT_ELEMENTS_MAX:
        rest = " ".join(kept[CONTEXT_ELEMENTS_MAX - 1 :])
        kept = [*kept[: CONTEXT_ELEMENTS_MAX - 1], rest]
    # Whether Slack makes links of addresses in plain_text is not written down.
    elements = [_plain(unlinked(text), _SMALL_PRINT_MAX) for text in kept or ["…"]]
    return {"type": "context", "elements": elements}


def _actions(buttons: tuple[Button, ...]) -> list[Json]:
    made: list[Json] = []
    seen: dict[str, int] = {}
    room = _BUTTONS_ROOM
    for button in buttons:
        seen[button.verb] = seen.get(button.verb, 0) + 1
        element = _button(button, seen[button.verb])
        room -= _size(element)
        if len(button.token) > BUTTON_VALUE_MAX or room < 0:
            continue
        # Slack asks for one primary button at most.
        if any(each.get("style") == element.get("style") == "primary" for each in made):
            del element["style"]
        made.append(element)
    blocks: list[Json] = [
        {"type": "actions", "elements": made[at : at + ACTIONS_ELEMENTS_MAX]}
        for at in range(0, len(made), ACTIONS_ELEMENTS_MAX)
    ]
    left = len(buttons) - len(made)
    return (
        [*blocks, _context([f"… and {left} more; type it instead."])]
        if left
        else blocks
    )


def _button(button: Button, occurrence: int) -> Json:
    prefix = ASKING if button.asks else ACTION
    suffix = f"#{occurrence}" if occurrence > 1 else ""
    label = line(button.label)
    made: Json = {
        "type": "button",
        "action_id": f"{prefix}{button.verb}{suffix}",
        "text": _plain(label, BUTTON_TEXT_MAX),
    }
    if button.token:
        made["value"] = token(button.token)
    if button.style is not Style.PLAIN:
        made["style"] = button.style.value
    if button.confirm and not button.asks:
        made["confirm"] = {
            "title": _plain(f"{label}?", CONFIRM_TITLE_MAX),
            "text": _plain(line(button.confirm), CONFIRM_TEXT_MAX),
            "confirm": _plain(label, CONFIRM_BUTTON_MAX),
            "deny": _plain("Not now", CONFIRM_BUTTON_MAX),
        }
    return made


# --- the middle --------------------------------------------------------------------


@dataclass(slots=True)
class _Paper:
    """Blocks within the room that is left; what does not fit is said, once."""

    characters: int
    blocks: int
    made: list[Json] = field(default_factory=list)
    has_table: bool = False
    is_cut: bool = False

    def write(self, section: Section) -> None:
        """Put down as much of a section as fits."""
        if self.is_cut:
            return
        if section.heading and self.made and self.blocks > 1:
            self.blocks -= 1
            self.made.append({"type": "divider"})
        self._entries(_entries(section))
        if section.table and not self.is_cut:
            self._table(section.table)

    def done(self) -> list[Json]:
        """All blocks, with a word about what is missing."""
        return [*self.made, _context([_CUT])] if self.is_cut else self.made

    def _entries(self, entries: list[list[Json]]) -> None:
        elements: list[Json] = []
        for entry in entries:
            runs = [_run("\n"), *entry] if elements else entry
            if self.blocks < 1 or _size(runs) > self.characters:
                self.is_cut = True
                break
            self.characters -= _size(runs)
            elements += runs
        if elements:
            self.blocks -= 1
            self.made.append(_rich(elements))

    def _table(self, table: Table) -> None:
        whole, more = _fitting(table, self.characters)
        notes = [line(note) for note in (table.caption, more) if note]
        block = _literal(whole) if self.has_table else _table(whole)
        blocks = [block, *([_context(notes)] if notes else [])]
        nothing = bool(table.rows) and not whole.rows
        if nothing or self.blocks < len(blocks) or _size(blocks) > self.characters:
            self.is_cut = True
            return
        self.has_table = True
        self.characters -= _size(blocks)
        self.blocks -= len(blocks)
        self.made += blocks


def _entries(section: Section) -> list[list[Json]]:
    """Heading, warnings, texts and facts, one line each."""
    entries = []
    if section.heading:
        entries.append([_run(line(section.heading), bold=True)])
    entries += [
        [_run(f"{word}: ", bold=True), _run(line(text) or "–")]
        for word, text in section.warnings
    ]
    entries += [[_run(line(text))] for text in section.texts if line(text)]
    entries += [_fact(fact) for fact in section.facts]
    if section.chart and not section.table:
        # The picture follows as a file of its own; its numbers stand here as well.
        entries.append([_run(line(section.chart.text))])
    return entries


def _fact(fact: Fact) -> list[Json]:
    label = _run(f"{line(fact.label)}: ", bold=True)
    if fact.before is None:
        return [label, _run(line(fact.value) or "–")]
    before = _run(line(fact.before) or "empty", strike=True)
    return [label, before, _run(" → "), _run(line(fact.value) or "empty")]


def _fitting(table: Table, room: int) -> tuple[Table, str | None]:
    """The part of a table that fits, and what to say about the rest.

    A total in the last row stays.
    """
    left = max(len(table.columns) - TABLE_COLUMNS_MAX, 0)
    if left:
        # The last column is the total where there is one.
        keep = [*range(TABLE_COLUMNS_MAX - 1), len(table.columns) - 1]
        table = columns_kept(table, keep)
    last = total_row(table)
    end = len(table.rows) if last is None else last
    room -= _letters(table.columns) + (
        0 if last is None else _letters(table.rows[last])
    )
    rows_max = TABLE_ROWS_MAX - 1 - (last is not None)
    kept: list[int] = []
    for at in range(min(end, rows_max)):
        room -= _letters(table.rows[at]) + len(link_of(table, at))
        if room < 0:
            break
        kept.append(at)
    if last is not None and kept:
        kept.append(last)
    dropped = len(table.rows) - len(kept)
    said = [table.more] if table.more else []
    if dropped:
        said.append(f"… and {dropped} more rows do not fit here")
    if left:
        said.append(f"… and {left} more columns do not fit here")
    return rows_kept(table, kept), "; ".join(said) or None


def _letters(row: Iterable[str]) -> int:
    # Indents and blank cells take letters as well.
    return sum(min(len(cell), _CELL_MAX) + 8 for cell in row)


def _table(table: Table) -> Json:
    """Slack's own table; one a message (docs: blocks/table-block)."""
    rows = [[_cell(column, bold=True) for column in table.columns]]
    for at, row in enumerate(table.rows):
        bold = at in table.emphasis
        name, *others = cells(table, row)
        indented = f"{_BLANK * 3 * min(depth(table, at), 6)}{line(name)}"
        link = link_of(table, at)
        first = _linked(indented, link) if link else None
        rows.append(
            [
                first or _cell(indented, bold=bold, clean=False),
                *(_cell(cell, bold=bold) for cell in others),
            ]
        )
    settings = [
        {"align": "right", "is_wrapped": False}
        if at in table.numeric
        else {"align": "left", "is_wrapped": True}
        for at in range(len(table.columns))
    ]
    return {"type": "table", "column_settings": settings, "rows": rows}


def _cell(text: str, *, bold: bool, clean: bool = True) -> Json:
    shown = cut(line(text) if clean else text, _CELL_MAX) or _BLANK
    if not bold:
        return {"type": "raw_text", "text": shown}
    return _rich([_run(shown, bold=True)])


def _linked(shown: str, link: str) -> Json:
    text = cut(shown, _CELL_MAX) or "…"
    return _rich([{"type": "link", "url": address(link), "text": text}])


def _literal(table: Table) -> Json:
    """A second table, since Slack takes one: letters of one width."""
    text = table_text(replace(table, caption=None))
    return {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_preformatted",
                "elements": [{"type": "text", "text": text}],
            }
        ],
    }


def _rich(elements: list[Json]) -> Json:
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": elements}],
    }


def _run(text: str, *, bold: bool = False, strike: bool = False) -> Json:
    style = {name: True for name, on in (("bold", bold), ("strike", strike)) if on}
    made: Json = {"type": "text", "text": cut(text, _ENTRY_MAX)}
    return {**made, "style": style} if style else made


def _plain(text: str, limit: int) -> Json:
    return {"type": "plain_text", "text": cut(text, limit) or "…", "emoji": False}


def _size(value: Any) -> int:
    """The characters that people read in some blocks."""
    if isinstance(value, dict):
        return sum(
            len(part)
            if key in {"text", "url"} and isinstance(part, str)
            else _size(part)
            for key, part in value.items()
        )
    return sum(map(_size, value)) if isinstance(value, list) else 0


# --- forms ---------------------------------------------------------------------------


def asking(value: str, label: str, verb: str) -> Button:
    """The button behind a pressed `cs-ask:<verb>`, with the fields that it asks.

    Raises:
        ValueError: this verb asks nothing.
    """
    found = askings.button(verb, value)
    if found is None:
        raise ValueError(f"{verb!r} asks nothing")
    return replace(found, label=label or found.label)


def modal(button: Button, *, metadata: str = "") -> Json:
    """The form that a button opens; `metadata` comes back with it, unread here.

    Each field's block_id and action_id are the field's id.
    """
    label = line(button.label)
    blocks: list[Json] = []
    if button.confirm:
        blocks.append(_rich([_run(line(button.confirm))]))
    blocks += [_input(asked) for asked in button.asks]
    return {
        "type": "modal",
        "callback_id": MODAL,
        "private_metadata": metadata,
        "title": _plain(label, MODAL_TITLE_MAX),
        "submit": _plain(label, MODAL_TITLE_MAX),
        "close": _plain("Cancel", MODAL_TITLE_MAX),
        "blocks": blocks,
    }


def _input(asked: Field) -> Json:
    element: Json = {
        "type": "plain_text_input",
        "action_id": asked.id,
        "multiline": asked.multiline,
        "max_length": min(asked.max_length, INPUT_MAX),
    }
    if asked.required:
        element["min_length"] = 1
    if line(asked.placeholder):
        element["placeholder"] = _plain(line(asked.placeholder), PLACEHOLDER_MAX)
    return {
        "type": "input",
        "block_id": asked.id,
        "label": _plain(line(asked.label), LABEL_MAX),
        "optional": not asked.required,
        "element": element,
    }

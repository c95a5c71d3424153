"""Tables that are cut down to what a platform takes."""

from collections.abc import Sequence
from dataclasses import replace

from cards.card import Table


def depth(table: Table, row: int) -> int:
    """How far the row's first cell is indented."""
    return table.indents[row] if row < len(table.indents) else 0


def link_of(table: Table, row: int) -> str:
    """The address behind the row's first cell; "" where there is none."""
    return table.links[row] if row < len(table.links) else ""


def columns_kept(table: Table, kept: Sequence[int]) -> Table:
    """The table with these columns alone."""
    return replace(
        table,
        columns=tuple(table.columns[at] for at in kept),
        rows=tuple(
            tuple(row[at] for at in kept if at < len(row)) for row in table.rows
        ),
        numeric=tuple(new for new, old in enumerate(kept) if old in table.numeric),
    )


def rows_kept(table: Table, kept: Sequence[int]) -> Table:
    """The table with these rows alone; what was cut before is the caller's to say."""
    return replace(
        table,
        rows=tuple(table.rows[at] for at in kept),
        emphasis=tuple(new for new, old in enumerate(kept) if old in table.emphasis),
        indents=tuple(depth(table, at) for at in kept),
        links=tuple(link_of(table, at) for at in kept) if table.links else (),
        more=None,
    )


def total_row(table: Table) -> int | None:
    """The last row where it is a total: it stays when others are cut."""
    last = len(table.rows) - 1
    return last if last > 0 and last in table.emphasis else None


def cells(table: Table, row: Sequence[str]) -> tuple[str, ...]:
    """A row with as many cells as there are columns."""
    padded = (*row, *("",) * len(table.columns))
    return padded[: len(table.columns)]

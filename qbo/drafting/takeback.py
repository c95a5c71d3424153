"""How one posted record is taken back: the operation it is, and how it is told."""

from dataclasses import dataclass

from qbo.books import Money
from qbo.drafting.assembly import Around
from qbo.lookup import preflight
from qbo.reports import day_label
from qbo.wire import records
from qbo.wire.exact import Json


@dataclass(frozen=True, slots=True)
class Reverse:
    """How one record is taken back: the operation it is, in words, and its total.

    `name` and `what` are the same as one line among several: "Invoice 1189", "void,
    Acme West, $1,500.00".
    """

    action: str
    words: str
    name: str
    what: str
    total: Money | None = None
    tax: Money | None = None


def check_open(around: Around, record: Json, name: str) -> None:
    """Refuse what lies in the books' closed period.

    Raises:
        Refused: it does ("preflight").
    """
    closed = around.company.book_close_date
    if closed is not None and records.day(record, "TxnDate") <= closed:
        raise preflight(
            f"The books are closed up to {day_label(closed)}, so {name} cannot be taken"
            " back. Nothing has been changed; have the closing date moved in QuickBooks"
            " first."
        )

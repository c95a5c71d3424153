"""How one posted record is taken back: the operation it is, and how it is told."""

from dataclasses import dataclass

from qbo.books import Money


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

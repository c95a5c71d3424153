"""The ways in which the books say no, or nothing.

Each carries its facts as attributes and one sentence fit for a book-keeper.
Never recognise a fault by its text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from qbo.books import PartReceipt

UNSUPPORTED: Final = "500"
"""QuickBooks' code for a kind that a subscription does not have."""


class BooksFault(Exception):
    """Something about the books stood in the way.

    `intuit_tid` is Intuit's trace id of the answer, for their support; None where
    there was no answer. `status` and `response` are the HTTP status and the body of
    the answer to a write, untrusted and with people's data: for the trail alone.
    """

    def __init__(self, sentence: str, *, intuit_tid: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.intuit_tid = intuit_tid
        self.status: int | None = None
        self.response = ""


class Refused(BooksFault):
    """QuickBooks says no, definitely; nothing was changed.

    `code` is QuickBooks' own ("6240"), or "preflight" where we know beforehand
    that it would refuse. `detail` is QuickBooks' text, untrusted.
    """

    def __init__(
        self,
        sentence: str,
        *,
        code: str,
        detail: str = "",
        element: str = "",
        intuit_tid: str | None = None,
    ) -> None:
        super().__init__(sentence, intuit_tid=intuit_tid)
        self.code = code
        self.detail = detail
        self.element = element


class LinesRefused(Refused):
    """QuickBooks said no to every line of a batch; nothing was changed.

    `parts` is what it said of each, in their order.
    """

    def __init__(self, sentence: str, parts: tuple[PartReceipt, ...]) -> None:
        super().__init__(sentence, code="batch")
        self.parts = parts


class Stale(Refused):
    """The record was edited in between (5010); nothing was changed."""


class NotTaken(BooksFault):
    """The request certainly changed nothing and may be made again.

    `waits_for` is a stable word for what is waited for, where the type alone does
    not say it: "pace" (our own), "turn" (another write), "renewal" (of the token),
    "maintenance", "database" (ours).
    """

    waits_for: str = ""

    def waiting(self, what: str) -> Self:
        """The same fault, with the word for what is waited for."""
        self.waits_for = what
        return self


class Throttled(NotTaken):
    """QuickBooks asks for patience. `retry_after_seconds` is how long."""

    def __init__(
        self,
        sentence: str,
        *,
        retry_after_seconds: float,
        intuit_tid: str | None = None,
    ) -> None:
        super().__init__(sentence, intuit_tid=intuit_tid)
        self.retry_after_seconds = retry_after_seconds


class Disconnected(NotTaken):
    """The connection of this company has ended, or never began."""

    def __init__(
        self, sentence: str, *, company: str, intuit_tid: str | None = None
    ) -> None:
        super().__init__(sentence, intuit_tid=intuit_tid)
        self.company = company


class Forbidden(NotTaken):
    """QuickBooks does not let this connection do that (403, 120)."""


class Unreachable(NotTaken):
    """QuickBooks could not be reached, or a read was not answered."""


class Unconfirmed(BooksFault):
    """A write went out and nobody knows how it ended."""


class NotFound(BooksFault):
    """No such record. `kind` is the noun ("invoice"), `name` what was looked for."""

    def __init__(self, sentence: str, *, kind: str, name: str) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.name = name


class Ambiguous(BooksFault):
    """Something has to be asked first: about which argument, choices best first."""

    def __init__(
        self, sentence: str, *, about: str, choices: tuple[str, ...] = ()
    ) -> None:
        super().__init__(sentence)
        self.about = about
        self.choices = choices


@dataclass(frozen=True, slots=True)
class Namesake:
    """A record that may be the one whose name is to be made anew.

    `entity` is its list ("Customer", "Vendor", "Employee"), `why` in what it is the
    same ("nearly the same name"); `likeness` is 3 for the same name, 2 for the same
    address or number, 1 for nearly the same name.
    """

    entity: str
    record_id: str
    name: str
    active: bool
    why: str
    likeness: int

    @property
    def takes(self) -> bool:
        """Whether QuickBooks refuses the new name for it."""
        return self.active and self.likeness == 3  # noqa: PLR2004 - the same name

    @property
    def noun(self) -> str:
        """What people call one of its list."""
        return self.entity.lower()

    @property
    def title(self) -> str:
        """It in a sentence: "the inactive vendor Riverdale Farm"."""
        state = "" if self.active else "inactive "
        return f"the {state}{self.noun} {self.name}"


class Alike(Ambiguous):
    """A new name is taken, or may mean somebody who is in the books already.

    `found` are those, the surest first; `taken` says that QuickBooks would refuse it.
    """

    def __init__(self, sentence: str, *, found: Sequence[Namesake]) -> None:
        names = tuple(dict.fromkeys(each.name for each in found))
        super().__init__(sentence, about="name", choices=names)
        self.found = tuple(found)

    @property
    def taken(self) -> bool:
        """Whether the name cannot be had as it is."""
        return any(each.takes for each in self.found)

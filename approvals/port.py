"""What the rail needs of the books, and the times that it keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from qbo.books import Circumstances, Draft, Receipt, Standing


class Books(Protocol):
    """What is needed of the ledger. `step` counts from 1.

    All raise faults of `qbo.faults`. `post` sends exactly the step's bytes with
    its request id, once. `find` searches live: a receipt only for what is found
    and equal, None for what is certainly not there.
    """

    async def check(self, draft: Draft) -> Standing:
        """Whether the draft still rests on what it rested on, read live."""
        ...

    async def circumstances(self, draft: Draft) -> Circumstances | None:
        """The facts around a draft as they are now; None where nobody can say."""
        ...

    async def post(
        self, draft: Draft, step: int, receipts: Sequence[Receipt]
    ) -> Receipt:
        """Post one step."""
        ...

    async def find(
        self,
        draft: Draft,
        step: int,
        receipts: Sequence[Receipt],
        first_attempt_at: datetime,
    ) -> Receipt | None:
        """Search for what an earlier attempt at a step may have made."""
        ...

    async def read_back(self, draft: Draft, receipt: Receipt) -> Receipt:
        """Read what was posted and compare; the receipt with what differs."""
        ...

    async def match(
        self,
        draft: Draft,
        doc_number: str,
        *,
        first_attempt_at: datetime | None = None,
    ) -> Receipt | None:
        """Read the document that a person names; None where it does not match.

        Nor does one that was created before the first attempt, or for another
        proposal.
        """
        ...


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """The times of the rail.

    The lease is longer than the client's total time-out for one write (130 s),
    and so is `repost_after_seconds`, within which the first request may still be
    on its way. QuickBooks keeps a request id for a while only: after
    `repost_until_seconds` nothing is sent again and a person decides. What waits for
    people is looked at every `review_seconds` at most, `reviews` in one round. What
    is approved and waits is told to the administrators after `late_after_minutes`,
    and is STALE after `stale_after_hours`. `readonly` names the companies (realm or
    name, or "all") to which nothing is written.
    """

    lease_seconds: int = 180
    repost_after_seconds: int = 150
    repost_until_seconds: int = 3600
    stale_after_hours: int = 24
    late_after_minutes: int = 15
    readonly: tuple[str, ...] = ()
    search_seconds: int = 15
    search_doubted_seconds: int = 3600
    patience_seconds: int = 30
    patience_max_seconds: int = 900
    notice_seconds: int = 60
    review_seconds: int = 300
    reviews: int = 5

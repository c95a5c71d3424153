"""The story of the sandbox company: what a fresh developer sandbox has in it.

Everything is dated back from today, as in a sandbox made this morning; nothing is
left to chance.
"""

from qbo.simulator.teller import Teller


def tell(teller: Teller, _invoices: int | None) -> None:
    """Tell the last months."""
    teller.tell()

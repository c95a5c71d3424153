"""What journal entries and transfers post."""

from collections.abc import Mapping
from typing import Final

from qbo.simulator.company import Company, Record
from qbo.simulator.exact import ZERO
from qbo.simulator.ledger import Entry
from qbo.simulator.postings.parts import (
    Maker,
    Moves,
    evened,
    lines_of,
    tracking,
)
from qbo.simulator.transactions import in_home


def _journal_entry(_company: Company, record: Record) -> tuple[list[Entry], Moves]:
    entries = []
    for line, detail in lines_of(record.body, "JournalEntryLineDetail"):
        sign = 1 if detail["PostingType"] == "Debit" else -1
        party = ((detail.get("Entity") or {}).get("EntityRef") or {}).get("value", "")
        amount = sign * in_home(record.body, line["Amount"])
        account = detail["AccountRef"]["value"]
        group = tracking(detail, {})
        entries.append(Entry(account, amount, party, "", group, line.get("Id", "")))
    return evened(entries, ZERO), []


def _transfer(_company: Company, record: Record) -> tuple[list[Entry], Moves]:
    amount = in_home(record.body, record.body["Amount"])
    return [
        Entry(record.ref("ToAccountRef"), amount),
        Entry(record.ref("FromAccountRef"), -amount),
    ], []


MAKERS: Final[Mapping[str, Maker]] = {
    "JournalEntry": _journal_entry,
    "Transfer": _transfer,
}

"""What an invoice bills: estimates, working time, what was spent for the customer.

An invoice names an estimate, time or an expense in its LinkedTxn, or in those of its
lines, an expense's line by TxnLineId; its own LinkedTxn shows them all. While it
stands, the estimate is closed, unless the company invoices by progress and something of
it is left; and the BillableStatus of time and expenses is HasBeenBilled.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from qbo.simulator import faults
from qbo.simulator.books.company import Company, Record
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.rules.draft import Draft
from qbo.simulator.rules.transactions import detail_of, every_line

ESTIMATE: Final = "Estimate"
TIME: Final = "TimeActivity"
_EXPENSES: Final = ("Bill", "Purchase", "VendorCredit", "JournalEntry")
_SPENT: Final = frozenset(
    {*_EXPENSES, "ReimburseCharge", "Expense", "Check", "CreditCardCharge"}
)
"""Words for something spent; a charge for it has the id of the expense itself."""
_OPEN: Final = frozenset({"Pending", "Accepted", "Converted"})
_BILLED, _BILLABLE = "HasBeenBilled", "Billable"


def check(draft: Draft) -> None:
    """Keep of an invoice's links those to what it bills.

    Raises:
        Refused: one of them is not there, another customer's, or billed already.
    """
    sent = draft.body.pop("LinkedTxn", None) or []
    if draft.old and "LinkedTxn" not in draft.sent:
        sent = draft.old.notes.get("links", [])
    estimates = [str(link.get("TxnId")) for link in sent if _is(link, ESTIMATE)]
    shown = {_key(link) for link in line_links(draft.old)} if draft.old else set()
    spent = [link for link in sent if _is_spent(link) and _key(link) not in shown]
    for link in spent:
        _check_spent(draft, link)
    for line in every_line(draft.body["Line"]):
        links = [link for link in line.pop("LinkedTxn", None) or () if _bills(link)]
        if links:
            line["LinkedTxn"] = links
        for link in links:
            if _is(link, ESTIMATE):
                estimates.append(link["TxnId"])
            else:
                _check_spent(draft, link)
    wanted = list(dict.fromkeys(estimates))
    for number in wanted:
        _check_estimate(draft, number)
    draft.notes["links"] = [
        *({"TxnId": one, "TxnType": ESTIMATE} for one in wanted),
        *spent,
    ]


def line_links(invoice: Record) -> list[Json]:
    """The time and expenses that an invoice's lines name, each once."""
    links = {_key(link): link for link in _spent(invoice.body.get("Line") or ())}
    return [{"TxnId": number, "TxnType": kind} for number, kind in links]


def _key(link: Json) -> tuple[str, str]:
    return link["TxnId"], link["TxnType"]


def _is(link: Json, kind: str) -> bool:
    return link.get("TxnType") == kind and bool(link.get("TxnId"))


def _bills(link: Json) -> bool:
    return _is(link, ESTIMATE) or _is_spent(link)


def _is_spent(link: Json) -> bool:
    return bool(link.get("TxnId")) and link.get("TxnType") in {TIME, *_SPENT}


def _check_estimate(draft: Draft, number: str) -> None:
    estimate = draft.company.find(ESTIMATE, number)
    if estimate is None:
        raise faults.not_found(
            "Object Not Found : Another user has deleted this transaction."
        )
    if estimate.ref("CustomerRef") != draft.ref("CustomerRef"):
        raise faults.refusal(
            "620", "The linked transaction belongs to another customer or vendor."
        )
    linked = draft.old.id if draft.old else ""
    mine = linked in draft.company.tied.get(number, ())
    if not mine and estimate.body["TxnStatus"] not in _OPEN:
        raise faults.refusal(
            "620", f"The estimate is {estimate.body['TxnStatus']} and cannot be linked."
        )


def _check_spent(draft: Draft, link: Json) -> None:
    found = _billable(draft.company, link)
    if found is None:
        raise faults.not_found(
            "Object Not Found : Another user has deleted this transaction."
        )
    whose = (found[1].get("CustomerRef") or {}).get("value")
    if whose and whose not in draft.company.family(draft.ref("CustomerRef")):
        raise faults.refusal(
            "620", "The linked transaction belongs to another customer or vendor."
        )
    own = draft.old.notes.get("billed", []) if draft.old else []
    if found[1].get("BillableStatus") == _BILLED and link not in own:
        raise faults.refusal("620", "The linked transaction has been billed already.")


def keep(draft: Draft) -> None:
    """Keep billed those lines of an expense that an invoice bills, and no others.

    Raises:
        Refused: a status says otherwise, or a billed line is left out.
    """
    before = _billed(draft.old.body) if draft.old else Counter()
    for line in draft.body["Line"]:
        if line.get("Id") in before:
            detail_of(line)[1].setdefault("BillableStatus", _BILLED)
    if _billed(draft.body) != before:
        raise faults.business(
            "An expense is billed by an invoice that is linked to it, not by its"
            " status."
        )


def check_free(record: Record) -> None:
    """Refuse to take away an expense that an invoice bills."""
    if record.entity.name in _EXPENSES and _billed(record.body):
        raise faults.business(
            "This expense has been billed, so it cannot be deleted or voided."
        )


def _billed(body: Json) -> Counter[str | None]:
    """The Ids of the lines that are billed."""
    return Counter(
        line.get("Id")
        for line in body.get("Line") or ()
        if any(
            isinstance(one, dict) and one.get("BillableStatus") == _BILLED
            for one in line.values()
        )
    )


def _billable(company: Company, link: Json) -> tuple[Record, Json] | None:
    """The record that a link means, and the part of it with a BillableStatus."""
    if link["TxnType"] == TIME:
        record = company.find(TIME, link["TxnId"])
        return (record, record.body) if record else None
    record = company.transaction(link["TxnId"])
    if record is None or record.entity.name not in _EXPENSES:
        return None
    wanted = link.get("TxnLineId")
    for line in record.body.get("Line") or ():
        detail = line.get(line.get("DetailType", ""))
        if detail is not None and (not wanted or line.get("Id") == wanted):
            return record, detail
    return None


def mark(company: Company, invoice: Record, *, gone: bool = False) -> Iterator[Record]:
    """Mark what an invoice bills, and no longer what it billed before.

    Gives the records that changed.
    """
    if invoice.entity.name != "Invoice":
        return
    before: list[Json] = invoice.notes.get("billed", [])
    own = (link for link in invoice.notes.get("links", ()) if _is_spent(link))
    lines = _spent(invoice.body.get("Line") or ())
    now = [] if gone else [*own, *lines]
    for links, status in ((before, _BILLABLE), (now, _BILLED)):
        for link in links:
            found = _billable(company, link)
            stays = status == _BILLABLE and link in now
            if found and not stays and found[1].get("BillableStatus") != status:
                found[1]["BillableStatus"] = status
                yield found[0]
    if now:
        invoice.notes["billed"] = now
    else:
        invoice.notes.pop("billed", None)


def _spent(lines: Iterable[Json]) -> Iterator[Json]:
    for line in every_line(lines):
        for link in line.get("LinkedTxn") or ():
            if not _is(link, ESTIMATE):
                yield link


def set_status(draft: Draft) -> None:
    """Keep the status that somebody gave an estimate apart from what follows from it.

    A status that merely repeats what was read is not one that was given.
    """
    body, old = draft.body, draft.old
    before = old.body["TxnStatus"] if old else "Pending"
    own = draft.notes.get("status", before)
    given = draft.sent.get("TxnStatus")
    if given and not (old and given == before):
        own = given
    draft.notes["status"] = own
    body["TxnStatus"] = own


def show_status(company: Company, estimate: Record) -> None:
    """Write an estimate's status: closed by its invoices, or else as it was given."""
    body, status = estimate.body, estimate.notes.get("status", "Pending")
    numbers = company.tied.get(estimate.id, ())
    invoices = [company.record("Invoice", number) for number in numbers]
    billed = sum((one.body["TotalAmt"] for one in invoices), ZERO)
    prefs = company.preferences.get("SalesFormsPrefs") or {}
    partly = prefs.get("UsingProgressInvoicing") and billed < body["TotalAmt"]
    if invoices and not partly:
        status = "Closed"
    if body.get("TxnStatus") != status:
        body["TxnStatus"] = status
        company.touch(estimate)

"""The names that a draft mentions, for a policy to match: the full ones."""

from collections.abc import Iterator, Sequence
from typing import Final

from qbo.drafting.assembly import Around
from qbo.drafting.subjects import NAMES, Subject
from qbo.wire import records
from qbo.wire.exact import Json

_FIELDS: Final = {
    "Customer": "customers",
    "Vendor": "vendors",
    "Account": "accounts",
    "Item": "items",
    "Class": "classes",
}
_REFS: Final = {
    "AccountRef": "Account",
    "DepositToAccountRef": "Account",
    "APAccountRef": "Account",
    "BankAccountRef": "Account",
    "CCAccountRef": "Account",
    "ClassRef": "Class",
    "ItemRef": "Item",
    "IncomeAccountRef": "Account",
}
_SALES: Final = frozenset({"Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt"})


async def names_of(
    around: Around, found: Sequence[Subject]
) -> dict[str, tuple[str, ...]]:
    """The full names of all that a draft is about, by the fields that hold them.

    Of an item that is sold the account of its income is meant as well.
    """
    names: dict[str, dict[str, None]] = {field: {} for field in _FIELDS.values()}
    for each in found:
        for entity, record_id, shown in _mentions(each):
            record = await around.mirror.record(around.company.id, entity, record_id)
            if name := (_full(record) if record else shown):
                names[_FIELDS[entity]][name] = None
            if entity != "Item" or each.entity not in _SALES or record is None:
                continue
            account_id = records.ref_id(record, "IncomeAccountRef")
            account = await around.mirror.record(
                around.company.id, "Account", account_id
            )
            if account is not None:
                names["accounts"][_full(account)] = None
    return {field: tuple(values) for field, values in names.items()}


def _mentions(each: Subject) -> Iterator[tuple[str, str, str]]:
    """What a subject mentions: the kind, the id, and the name beside it."""
    if each.party is not None:
        yield (*each.party, "")
    elif each.is_new and each.entity in NAMES:
        yield each.entity, "", str(each.json.get("DisplayName") or "")
    elif each.entity == "Item":
        yield each.entity, "", str(each.json.get("Name") or "")
    details = map(records.line_detail, records.flat_lines(each.json))
    ways = (each.json.get("CheckPayment"), each.json.get("CreditCardPayment"))
    # What an account loses is about that account as well.
    earlier = map(records.line_detail, records.flat_lines(each.before or {}))
    for part in (each.json, *details, *filter(None, ways), *earlier):
        for ref, entity in _REFS.items():
            if record_id := records.ref_id(part, ref):
                yield entity, record_id, records.ref_name(part, ref)


def _full(record: Json) -> str:
    """A name with those that it lies under: "Design:Plants"."""
    full = str(record.get("FullyQualifiedName") or "")
    return records.plain_name(full) or records.label(record)

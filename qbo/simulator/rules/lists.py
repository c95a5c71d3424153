"""The rules that lists share, and those of the plain ones: terms, classes, locations.

Names are unique, records below others carry the whole way in FullyQualifiedName, and
what is no longer wanted is made inactive rather than deleted.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from qbo.simulator import faults
from qbo.simulator.books.company import DELETED_SUFFIX, Company, Record
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.rules.draft import Draft, Rule

_LEVELS_MAX: Final = 5
_BY_FULL_NAME: Final = frozenset(
    {"Account", "Item", "Class", "Department", "CustomerType"}
)
"""Lists whose names are unique below one parent only."""
_DATED: Final = ("DayOfMonthDue", "DueNextMonthDays", "DiscountDayOfMonth")
_COUNTED: Final = ("DueDays", "DiscountDays")
_TERM_LIMITS: Final[Mapping[str, int]] = {
    "DueDays": 999,
    "DiscountDays": 999,
    "DiscountPercent": 100,
    "DayOfMonthDue": 31,
    "DueNextMonthDays": 999,
    "DiscountDayOfMonth": 31,
}


def term(draft: Draft) -> None:
    """Payment terms: so many days, or a day of the month; the last one sent counts."""
    body = draft.body
    plain_name(draft)
    by_date = body.get("DayOfMonthDue") and draft.sent.get("DueDays") is None
    body["Type"] = "DATE_DRIVEN" if by_date else "STANDARD"
    if not by_date:
        body.setdefault("DueDays", ZERO)
    for name in _COUNTED if by_date else _DATED:
        body.pop(name, None)
    for name, most in _TERM_LIMITS.items():
        value = body.get(name, ZERO)
        whole = name == "DiscountPercent" or value == value.to_integral_value()
        if not whole or not 0 <= value <= most:
            raise faults.refusal("2080", f"Invalid Number : {value}", name)


def plain_name(draft: Draft) -> None:
    """A list that is little more than names."""
    activity(draft)
    if draft.entity.name in _BY_FULL_NAME:
        below = place_below_parent(draft, "Name")
        draft.body.pop("Level", None)
        flag = f"Sub{draft.entity.name}"
        if flag in draft.entity.fields:
            draft.body[flag] = below
        check_full_name(draft, ":")
    elif draft.changed("Name"):
        check_name(draft, "Name", "")


def department(draft: Draft) -> None:
    """A location."""
    plain_name(draft)
    number_addresses(draft, "Address")


def payment_method(draft: Draft) -> None:
    """A way to pay."""
    plain_name(draft)
    draft.body.setdefault("Type", "NON_CREDIT_CARD")


def tax_agency(draft: Draft) -> None:
    """Somebody to whom tax is paid."""
    body = draft.body
    body.setdefault("TaxTrackedOnSales", True)
    body.setdefault("TaxTrackedOnPurchases", False)
    check_name(draft, "DisplayName", "")


def budget(draft: Draft) -> None:
    """What a company means to earn and spend, by account and month."""
    body = draft.body
    plain_name(draft)
    body.setdefault("BudgetType", "ProfitAndLoss")
    body.setdefault("BudgetEntryType", "Monthly")
    if body["EndDate"] < body["StartDate"]:
        raise faults.business("A budget cannot end before it starts.")
    for row in body.get("BudgetDetail", ()):
        for name in ("BudgetDate", "Amount", "AccountRef"):
            if row.get(name) is None:
                raise faults.missing(name)


def activity(draft: Draft) -> None:
    """Active by default; a name made inactive is marked and thereby free again.

    Made active again it keeps the mark, unless another name comes with it or the
    switch says that it is taken off.
    """
    body, name = draft.body, draft.entity.name_field
    body.setdefault("Active", True)
    if draft.old is None or not draft.changed("Active"):
        return
    plain = DELETED_SUFFIX.sub("", body[name])
    if body["Active"]:
        restored = draft.switches.get("reactivated_name", "kept") == "restored"
        if restored and not draft.changed(name):
            body[name] = plain
        return
    above, marked, count = _above(draft), f"{plain} (deleted)", 0
    while (_space(draft), f"{above}{marked}".casefold()) in draft.company.names:
        count += 1
        marked = f"{plain} (deleted {count})"
    body[name] = marked


def _above(draft: Draft) -> str:
    """What stands before a name where it has to be unique."""
    parent = draft.company.find(draft.entity.name, draft.ref("ParentRef"))
    if draft.entity.name not in _BY_FULL_NAME or parent is None:
        return ""
    return f"{parent.body['FullyQualifiedName']}:"


def check_full_name(draft: Draft, forbidden: str) -> None:
    """Refuse a name that is not allowed, or taken below the same parent."""
    if draft.changed("Name") or draft.changed("ParentRef"):
        check_name(draft, "Name", forbidden, "FullyQualifiedName")


def check_name(
    draft: Draft, name: str, forbidden: str, unique: str | None = None
) -> None:
    """Refuse a name with forbidden characters, or one that is taken."""
    shown = draft.body[name]
    if any(sign in shown for sign in forbidden):
        raise faults.business(f"{name} has a character that is not allowed.")
    wanted = draft.body[unique or name]
    taken = draft.company.names.get((_space(draft), wanted.casefold()))
    if taken and (draft.old is None or taken != (draft.entity.name, draft.old.id)):
        raise faults.duplicate_name(taken[1])


def name_of(record: Record) -> tuple[str, str]:
    """The place of a record's name among those that must be unique."""
    name = "FullyQualifiedName" if record.entity.name in _BY_FULL_NAME else None
    text = record.body.get(name or record.entity.name_field, "")
    return _space_of(record.entity.name, record.entity.family), str(text).casefold()


def place_below_parent(draft: Draft, name: str) -> bool:
    """Set FullyQualifiedName (and Level); True when there is a parent.

    Raises:
        Refused: the parent is unknown, or the tree would loop or grow too deep.
    """
    body, company, old = draft.body, draft.company, draft.old
    body["FullyQualifiedName"] = body[name]
    number = draft.ref("ParentRef")
    if not number:
        return False
    parent = company.find(draft.entity.name, number)
    if parent is None:
        raise faults.bad_reference(draft.entity.family, number)
    above = [parent, *company.ancestors(parent)]
    if old and old.id in {one.id for one in above}:
        raise faults.refusal("900", "A record cannot be below itself.", "ParentRef")
    below = _height(company, old) if old and draft.changed("ParentRef") else 1
    if len(above) + below > _LEVELS_MAX:
        raise faults.refusal(
            "700", "There can be no more than five levels.", "ParentRef"
        )
    body["FullyQualifiedName"] = f"{parent.body['FullyQualifiedName']}:{body[name]}"
    body["Level"] = Decimal(len(above))
    return True


def children(company: Company, record: Record) -> Iterator[Record]:
    """The records right below a record."""
    for other in company.records(record.entity.name):
        if other.ref("ParentRef") == record.id:
            yield other


def show_place(child: Record, parent: Record) -> None:
    """Show a record below its parent, which has moved or has another name."""
    name = child.body[child.entity.name_field]
    child.body["FullyQualifiedName"] = f"{parent.body['FullyQualifiedName']}:{name}"
    if "Level" in child.body:
        child.body["Level"] = parent.body.get("Level", ZERO) + 1


def _height(company: Company, record: Record) -> int:
    """How many levels a record takes with all that is below it."""
    below = (_height(company, one) for one in children(company, record))
    return 1 + max(below, default=0)


def number_addresses(draft: Draft, *names: str) -> None:
    """Give every address the id that QuickBooks gives it."""
    for name in names:
        address = draft.body.get(name)
        if address:
            before: Json = (draft.old.body.get(name) if draft.old else None) or {}
            address["Id"] = before.get("Id") or draft.company.next_id("Addresses")


def _space(draft: Draft) -> str:
    return _space_of(draft.entity.name, draft.entity.family)


def _space_of(entity: str, family: str) -> str:
    return family if family == "Names" else entity


RULES: Final[Mapping[str, Rule]] = {
    "Term": term,
    "PaymentMethod": payment_method,
    "Class": plain_name,
    "Department": department,
    "CustomerType": plain_name,
    "TaxAgency": tax_agency,
    "Budget": budget,
}

"""The rules for accounts of the chart."""

from collections.abc import Mapping
from typing import Final

from qbo.simulator import faults
from qbo.simulator.books.company import CONTROL_TYPES, SYSTEM_ACCOUNTS, Record
from qbo.simulator.entities.books import ACCOUNT_TYPES
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.rules import exchange, openings
from qbo.simulator.rules.draft import Draft, Enter, Follow, Rule
from qbo.simulator.rules.lists import activity, check_full_name, place_below_parent
from qbo.simulator.rules.subtypes import TYPE_OF, USUAL
from qbo.simulator.rules.taxes.accounts import has_agency


def account(draft: Draft) -> None:
    """An account: its type follows from the sub-type or the other way round."""
    body = draft.body
    _set_type(draft)
    body.setdefault("CurrentBalance", ZERO)
    body.setdefault("CurrentBalanceWithSubAccounts", ZERO)
    exchange.check_currency(draft)
    if not openings.has_balance_sheet(draft):
        body.pop("OpeningBalance", None)
    openings.take(draft, "OpeningBalance", "OpeningBalanceDate")
    activity(draft)
    body["SubAccount"] = place_below_parent(draft, "Name")
    body.pop("Level", None)
    check_full_name(draft, ':"')
    if ":" in body.get("AcctNum", ""):
        raise faults.business("AcctNum has a character that is not allowed.")
    _check_family(draft)
    _check_need(draft)


def _set_type(draft: Draft) -> None:
    """AccountType, AccountSubType and Classification, which go together.

    Raises:
        Refused: none is given, one is unknown, or they do not belong together.
    """
    body = draft.body
    before: Json = draft.old.body if draft.old else {}
    subtype, kind = body.get("AccountSubType"), body.get("AccountType")
    if not kind and not subtype:
        raise _types("either must be given")
    if subtype and subtype not in TYPE_OF:
        raise faults.refusal(
            "2170", f"Invalid Enumeration: {subtype}", "AccountSubType"
        )
    given = draft.sent
    if subtype and not given.get("AccountSubType") and draft.changed("AccountType"):
        subtype = None
    if kind and not given.get("AccountType") and draft.changed("AccountSubType"):
        kind = None
    kind = str(kind or TYPE_OF[str(subtype)])
    if not subtype and before.get("AccountType") == kind:
        subtype = before["AccountSubType"]
    subtype = subtype or USUAL[kind]
    if TYPE_OF[str(subtype)] != kind:
        raise _types(f"{subtype} is no sub-type of {kind}")
    body["AccountType"], body["AccountSubType"] = kind, subtype
    body["Classification"] = ACCOUNT_TYPES[kind]


def _types(reason: str) -> faults.Refused:
    return faults.refusal(
        "6010",
        f"Invalid Account.AccountType && Account.SubType : {reason}",
        "AccountType",
    )


def _check_family(draft: Draft) -> None:
    """Refuse a sub-account of another type than its parent's."""
    company, kind = draft.company, draft.body["AccountType"]
    parent = company.find("Account", draft.ref("ParentRef"))
    related = [parent] if parent else []
    if draft.old and draft.changed("AccountType"):
        related += [
            one
            for one in company.records("Account")
            if one.ref("ParentRef") == draft.old.id
        ]
    if any(one.body["AccountType"] != kind for one in related):
        raise faults.business(
            "A sub-account must be of the same account type as its parent."
        )


def _check_need(draft: Draft) -> None:
    """Refuse to take from the company an account that it cannot do without."""
    body, company, old = draft.body, draft.company, draft.old
    if old is None:
        return
    kinds = {old.body["AccountType"], body["AccountType"]}
    if len(kinds) > 1 and kinds & set(CONTROL_TYPES):
        raise faults.business(
            "The type of an account of receivables or payables cannot be changed."
        )
    subtype = old.body["AccountSubType"]
    leaves = not body["Active"] or subtype != body["AccountSubType"]
    if not leaves or not old.body["Active"]:
        return
    if has_agency(company, old):
        raise _needed()
    if subtype not in SYSTEM_ACCOUNTS:
        return
    others = (
        one
        for one in company.records("Account")
        if one.body["AccountSubType"] == subtype and one.body["Active"]
    )
    if all(one.id == old.id for one in others):
        raise _needed()


def _needed() -> faults.Refused:
    return faults.business(
        "QuickBooks needs this account, so it cannot be made inactive or another."
    )


def show_balance(draft: Draft, record: Record, _enter: Enter) -> None:
    """Show the balance anew: an inactive account and one of income show none."""
    draft.company.show_account(record.id)


RULES: Final[Mapping[str, Rule]] = {"Account": account}
FOLLOWS: Final[Mapping[str, tuple[Follow, ...]]] = {
    "Account": (show_balance, openings.enter_balance),
}

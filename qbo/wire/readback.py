"""Is what QuickBooks holds what was sent? Every field sent is compared.

QuickBooks does not give back the same text: it adds members, names references,
drops empty ones. What it may do without that being a difference stands in one
list, `NORMALISATIONS`, each under a name and with its reason.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from qbo.books import Step, Verb
from qbo.wire.exact import Json, at, canonical, dumps, loads, number
from qbo.wire.records import flat_lines, is_sent, is_voided, plain_name

# Not facts about the record: how the request is to be understood.
_INSTRUCTIONS: Final = frozenset({"SyncToken", "sparse"})
AUTO_NUMBER: Final = "AUTO_GENERATE"
"""What asks QuickBooks for the next number, for kinds that know it (quickbooks.md)."""
_TOLERANCE_SHARE = Decimal("0.01")
_TOLERANCE_LEAST = Decimal("0.05")
_SHOWN_MAX = 120


@dataclass(frozen=True, slots=True)
class Normalisation:
    """One thing QuickBooks may do to a value; `holds` is given path, sent and got."""

    name: str
    reason: str
    holds: Callable[[str, Any, Any], bool]


def _is_same_number(path: str, sent: Any, got: Any) -> bool:
    del path
    if isinstance(sent, bool) or not isinstance(sent, int | Decimal):
        return False
    try:
        return number(sent) == number(got)
    except InvalidOperation:
        return False


def _is_cleared(path: str, sent: Any, got: Any) -> bool:
    del path
    return bool(sent == "" and got in (None, ""))


def _is_given_number(path: str, sent: Any, got: Any) -> bool:
    return path == "DocNumber" and sent == AUTO_NUMBER and bool(got)


def _is_trimmed(path: str, sent: Any, got: Any) -> bool:
    del path
    if not isinstance(sent, str) or not isinstance(got, str):
        return False
    return _squeezed(sent) == _squeezed(got)


def _squeezed(value: str) -> str:
    unix = value.replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(line.rstrip() for line in unix.strip().split("\n"))


def _is_address_list(path: str, sent: Any, got: Any) -> bool:
    if not path.endswith("Email.Address") and not path.endswith("EmailAddr.Address"):
        return False
    return isinstance(got, str) and _addresses(str(sent)) == _addresses(got)


def _addresses(value: str) -> list[str]:
    return [each.strip() for each in re.split("[,;]", value) if each.strip()]


def _is_marked_inactive(path: str, sent: Any, got: Any) -> bool:
    if path not in ("DisplayName", "Name") or not isinstance(got, str):
        return False
    return bool(got != sent and plain_name(got) == sent)


NORMALISATIONS: Final = (
    Normalisation("number", "50 comes back as 50.00 or 50.0", _is_same_number),
    Normalisation("cleared", "an empty text clears a field", _is_cleared),
    Normalisation(
        "document number",
        "AUTO_GENERATE asks QuickBooks for the next one",
        _is_given_number,
    ),
    Normalisation(
        "white space", "trailing blanks and line ends are changed", _is_trimmed
    ),
    Normalisation("address list", "blanks around commas are changed", _is_address_list),
    Normalisation(
        "inactive mark",
        'the name of a record made inactive gains " (deleted)"',
        _is_marked_inactive,
    ),
)
"""What QuickBooks may do to one value.

Besides these, by the shape of the comparison: members that were not sent are
ignored (ids of lines and addresses, computed fields), a reference is compared by
its `value` alone, and subtotal lines that QuickBooks adds are left out.
"""

_LABELS: Final[Mapping[str, str]] = {
    "CustomerRef": "Customer",
    "TxnDate": "Date",
    "DueDate": "Due date",
    "SalesTermRef": "Terms",
    "DocNumber": "Number",
    "PrivateNote": "Memo",
    "CustomerMemo.value": "Note to the customer",
    "BillEmail.Address": "E-mail",
    "PrimaryEmailAddr.Address": "E-mail",
    "PrimaryPhone.FreeFormNumber": "Phone",
    "DisplayName": "Name",
    "Name": "Name",
    "Line": "the lines",
    "SalesTaxRateList": "the tax rates",
    "RateValue": "Rate",
    "DefaultTaxCodeRef.value": "Tax code",
    "SalesTermRef.name": "Terms",
    "CustomerRef.name": "Customer",
    "TotalAmt": "Total",
    "PaymentMethodRef": "Method",
    "PaymentRefNum": "Reference",
    "DepositToAccountRef": "Deposit to",
    "SalesItemLineDetail.ItemRef": "item",
    "SalesItemLineDetail.Qty": "quantity",
    "SalesItemLineDetail.UnitPrice": "rate",
    "SalesItemLineDetail.TaxCodeRef": "tax code",
    "Amount": "amount",
    "Description": "description",
    "Active": "Active",
    "Balance": "Open balance",
    "UnitPrice": "Price",
    "Taxable": "Taxable",
    "IncomeAccountRef": "Income account",
    "RemainingCredit": "Credit not used",
    "SalesTaxCodeRef.value": "Tax code",
    "SalesTermRef.value": "Terms",
    "CustomerRef.value": "Customer",
    "DeliveryInfo.DeliveryTime": "Last e-mailed",
    "BillAddr": "Address",
    "VendorRef": "Vendor",
    "VendorRef.value": "Vendor",
    "TermRef": "Terms",
    "TermRef.value": "Terms",
    "TermRef.name": "Terms",
    "EntityRef": "Payee",
    "EntityRef.value": "Payee",
    "EntityRef.name": "Payee",
    "APAccountRef": "Owed in",
    "APAccountRef.value": "Owed in",
    "AccountRef": "Paid from",
    "AccountRef.value": "Paid from",
    "AccountRef.name": "Paid from",
    "CheckPayment.BankAccountRef": "Paid from",
    "CreditCardPayment.CCAccountRef": "Paid from",
    "PayType": "Way of paying",
    "PaymentType": "Way of paying",
    "GlobalTaxCalculation": "Tax in the amounts",
    "AccountType": "Type",
    "TaxCodeRef.value": "Tax code",
    "PurchaseTaxRateList": "the tax rates",
    "CurrencyRef": "Currency",
    "AccountBasedExpenseLineDetail.AccountRef": "account",
    "AccountBasedExpenseLineDetail.TaxCodeRef": "tax code",
    "AccountBasedExpenseLineDetail.TaxInclusiveAmt": "amount with tax",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that was sent as one value and is another: by its label, as shown.

    `name` is the top-level field of the record that it is, or is a part of.
    """

    name: str
    label: str
    sent: str
    got: str
    sentence: str


def differences(step: Step, record: Json) -> tuple[str, ...]:
    """Sentences about what of a step is not so in a record as it was read.

    For a create or an update every field sent is compared; a void must have
    voided it, a send must have e-mailed it to the address given, a delete must have
    left nothing to compare.
    """
    return tuple(each.sentence for each in differing(step, record))


def differing(step: Step, record: Json) -> tuple[Difference, ...]:
    """The same as values, for those who show the old beside the new."""
    if step.verb is Verb.VOID:
        if is_voided(record) and number(record.get("Balance")) == 0:
            return ()
        return (
            Difference(
                "PrivateNote",
                "State",
                "voided",
                "not voided",
                "It is not voided in QuickBooks.",
            ),
        )
    if step.verb is Verb.DELETE:
        # Whatever is there still is a difference.
        told = "It is still in QuickBooks."
        return (Difference("Id", "State", "deleted", "still there", told),)
    if step.verb is Verb.SEND:
        return tuple(_send_differences(step, record))
    return tuple(
        replace(difference, name=name)
        for name, value in loads(step.body).items()
        if name not in _INSTRUCTIONS
        for difference in _compared(name, value, record.get(name), record)
    )


def without_note(step: Step, record: Json) -> tuple[str, ...]:
    """The differences, but for the memo that carries our mark."""
    memo = f"{_LABELS['PrivateNote']}:"
    return tuple(
        each for each in differences(step, record) if not each.startswith(memo)
    )


def _send_differences(step: Step, record: Json) -> Iterator[Difference]:
    if not is_sent(record):
        yield Difference(
            "EmailStatus",
            "E-mailed",
            "yes",
            "no",
            "QuickBooks does not say that it was e-mailed.",
        )
    wanted = dict(step.query).get("sendTo")
    got = at(record, "BillEmail.Address")
    if wanted and not _is_address_list("BillEmail.Address", wanted, got):
        yield _difference("BillEmail.Address", wanted, got)


def _compared(path: str, sent: Any, got: Any, record: Json) -> Iterator[Difference]:
    if path == "Line":
        ours = list(flat_lines({"Line": sent}))
        yield from _lines_compared(ours, list(flat_lines(record)))
    elif isinstance(sent, Mapping):
        if "value" in sent and path.endswith("Ref"):
            yield from _value_compared(path, sent["value"], at({"r": got}, "r.value"))
            return
        for name, value in sent.items():
            inner = got.get(name) if isinstance(got, Mapping) else None
            yield from _compared(f"{path}.{name}", value, inner, record)
    else:
        yield from _value_compared(path, sent, got)


def _value_compared(path: str, sent: Any, got: Any) -> Iterator[Difference]:
    if canonical(sent) == canonical(got):
        return
    if not any(each.holds(path, sent, got) for each in NORMALISATIONS):
        yield _difference(path, sent, got)


def _lines_compared(sent: list[Json], got: list[Json]) -> Iterator[Difference]:
    if len(sent) != len(got):
        told = f"Lines: {len(sent)} sent, {len(got)} in QuickBooks."
        yield Difference("Line", "Lines", str(len(sent)), str(len(got)), told)
        return
    for place, (ours, theirs) in enumerate(zip(sent, got, strict=True), start=1):
        for name, value in ours.items():
            if name == "LinkedTxn":
                if _links(value) != _links(theirs.get(name) or []):
                    told = f"Line {place} is applied to another document."
                    label = f"Line {place}, applied to"
                    yield Difference(name, label, "as approved", "another", told)
                continue
            for difference in _compared(name, value, theirs.get(name), theirs):
                yield replace(
                    difference,
                    label=f"Line {place}, {difference.label}",
                    sentence=f"Line {place}, {difference.sentence}",
                )


def _links(links: list[Json]) -> list[tuple[str, str]]:
    return [(str(link.get("TxnType")), str(link.get("TxnId"))) for link in links]


def _difference(path: str, sent: Any, got: Any) -> Difference:
    label, before, now = label_of(path), shown(sent), shown(got)
    told = f"{label}: sent {before}, in QuickBooks {now}."
    return Difference(path, label, before, now, told)


def label_of(path: str) -> str:
    """A field as people call it."""
    return _LABELS.get(path, path)


def shown(value: Any) -> str:
    """A value of a record in a sentence: one line, cut where it is long."""
    if value is None or value == "":
        return "nothing"
    text = value if isinstance(value, str) else dumps(value)
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN_MAX else f"{text[: _SHOWN_MAX - 1]}…"


def tax_is_near(estimate: Decimal, charged: Decimal) -> bool:
    """Whether a tax that QuickBooks computed is what was estimated, nearly.

    Rounding by line or by total differs by cents: 1 % of the estimate, at least
    five cents, is near.
    """
    allowed = max(abs(estimate) * _TOLERANCE_SHARE, _TOLERANCE_LEAST)
    return abs(charged - estimate) <= allowed


def carries(mark: str, record: Json) -> bool:
    """Whether a record's memo holds a mark such as "Ref P-17" (not "Ref P-170")."""
    note = str(record.get("PrivateNote") or "")
    return re.search(rf"(?<!\w){re.escape(mark)}(?!\w)", note) is not None


def is_marked_otherwise(mark: str, record: Json) -> bool:
    """Whether a record's memo holds a mark of that kind, and not this one.

    A mark is a word and a proposal's number ("Ref P-17").
    """
    word, _, number_ = mark.rpartition(" ")
    kind = number_.rpartition("-")[0]
    note = str(record.get("PrivateNote") or "")
    any_mark = rf"(?<!\w){re.escape(word)} {re.escape(kind)}-\d+(?!\w)"
    return re.search(any_mark, note) is not None and not carries(mark, record)

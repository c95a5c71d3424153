"""Tax by a code on each line: VAT, GST/HST and PST.

The tax of each rate is computed on the sum of its lines and rounded once, half up; not
line by line. With TaxInclusive the gross amounts stand: a line's net is its gross
without the tax of all rates of its code, rounded, and the rates together take exactly
what lies between.
"""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Final, NamedTuple

from qbo.simulator import faults
from qbo.simulator.exact import ZERO, Json, cents
from qbo.simulator.rules.draft import PSEUDO_CODES, Draft
from qbo.simulator.rules.taxes.rates import (
    WHOLE,
    Rate,
    detail,
    override,
    rates_of,
    spread,
    tax_line,
    total_of,
)

EXCLUDED, INCLUSIVE, NOT_APPLICABLE = "TaxExcluded", "TaxInclusive", "NotApplicable"
_WORDS: Final = {"GB": "VAT", "IE": "VAT", "CA": "GST/HST", "AU": "GST"}


class Charged(NamedTuple):
    """A line with its rates; `kept` is the share a discount leaves of its tax."""

    line: Json
    detail: Json
    rates: list[Rate]
    kept: Decimal = WHOLE


def vat(
    draft: Draft, lines: Iterable[tuple[Json, Json]], side: str
) -> tuple[Decimal, Decimal]:
    """Tax over lines of (line, detail); gives the net sum and the tax."""
    charged = opened(draft, lines, side)
    return total_of(one.line for one in charged), charge(draft, charged)


def opened(
    draft: Draft, lines: Iterable[tuple[Json, Json]], side: str
) -> list[Charged]:
    """The lines with their rates, and with net amounts.

    Raises:
        Refused: a line has no tax code, or one that is not of this company.
    """
    how = draft.body.setdefault("GlobalTaxCalculation", EXCLUDED)
    if how not in {EXCLUDED, INCLUSIVE, NOT_APPLICABLE}:
        raise faults.refusal(
            "2170", f"Invalid Enumeration: {how}", "GlobalTaxCalculation"
        )
    found = []
    for line, parts in lines:
        rates = _line_rates(draft, parts, how, side)
        if how == INCLUSIVE:
            _make_net(draft, line, parts, sum((one.share for one in rates), ZERO))
        else:
            parts.pop("TaxInclusiveAmt", None)
        found.append(Charged(line, parts, rates))
    return found


def charge(draft: Draft, charged: Iterable[Charged]) -> Decimal:
    """Write a transaction's TxnTaxDetail; gives the tax.

    Raises:
        Refused: the TxnTaxDetail that was sent names rates that the lines do not have.
    """
    nets: defaultdict[Rate, Decimal] = defaultdict(lambda: ZERO)
    gross = net = ZERO
    for one in charged:
        amount: Decimal = one.line["Amount"]
        with_tax: Decimal = one.detail.get("TaxInclusiveAmt", amount)
        base = amount * one.kept
        net += base
        gross += with_tax * one.kept
        for rate in one.rates:
            nets[rate] += base * rate.factor
    _check_sent(draft, {rate.id for rate in nets})
    lines = [tax_line(rate, amount) for rate, amount in nets.items() if amount]
    if lines and draft.body["GlobalTaxCalculation"] == INCLUSIVE:
        spread(lines, cents(gross) - cents(net))
    total = total_of(lines)
    wish = override(draft, total)
    if wish is not None:
        if not any(one["TaxLineDetail"]["TaxPercent"] for one in lines):
            raise faults.business("No line has a tax code that this tax belongs to.")
        spread(lines, wish, noted=True)
        total = wish
        draft.notes["tax"] = wish
    draft.body["TxnTaxDetail"] = detail(total, lines)
    return cents(total)


def _line_rates(draft: Draft, parts: Json, how: str, side: str) -> list[Rate]:
    code = (parts.get("TaxCodeRef") or {}).get("value")
    prefs = draft.company.preferences.get("TaxPrefs") or {}
    if how == NOT_APPLICABLE or not prefs.get("UsingSalesTax", True):
        return []
    if code is None:
        word = _WORDS.get(str(draft.company.info.get("Country")), "tax")
        raise faults.business(
            f"Make sure all your transactions have a {word} rate before you save."
        )
    if code in PSEUDO_CODES or draft.company.find("TaxCode", code) is None:
        raise faults.bad_reference("TaxCodes", code)
    return rates_of(draft.company, code, side)


def _make_net(draft: Draft, line: Json, parts: Json, share: Decimal) -> None:
    if "TaxInclusiveAmt" not in parts:
        lone: Decimal = line["Amount"]
        if draft.switches.get("inclusive_amount") == "net":
            lone = cents(lone * (WHOLE + share))
        parts["TaxInclusiveAmt"] = lone
    line["Amount"] = cents(parts["TaxInclusiveAmt"] / (WHOLE + share))


def _check_sent(draft: Draft, known: set[str]) -> None:
    """Refuse a TxnTaxDetail that does not belong to the lines; an echo passes."""
    sent: Json = draft.sent.get("TxnTaxDetail") or {}
    if not sent or (draft.old and sent == draft.old.body.get("TxnTaxDetail")):
        return
    wish = draft.switches.get("vat_tax_detail", "usual")
    british = draft.company.info.get("Country") == "GB"
    if wish == "refuse" or (wish == "usual" and british):
        raise faults.business("TxnTaxDetail is calculated and cannot be given.")
    if sent.get("TxnTaxCodeRef"):
        raise faults.business("A tax code belongs on each line, not on the whole.")
    seen = set()
    for line in sent.get("TaxLine") or ():
        parts = line.get("TaxLineDetail") or {}
        number = (parts.get("TaxRateRef") or {}).get("value")
        if number not in known or number in seen:
            raise faults.business(
                f"The tax rate {number} does not belong to the tax codes on the lines,"
                " is for the other side, or is there twice."
            )
        seen.add(number)

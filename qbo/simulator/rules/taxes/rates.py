"""The rates of a tax code, and tax lines made of them."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final, NamedTuple

from qbo.simulator.books.company import Company
from qbo.simulator.exact import ZERO, Json, cents
from qbo.simulator.rules.draft import Draft

SALES: Final = "SalesTaxRateList"
PURCHASES: Final = "PurchaseTaxRateList"
HUNDRED: Final = Decimal(100)
WHOLE: Final = Decimal(1)


class Rate(NamedTuple):
    """One tax rate, in per cent, of `factor` times a line's net amount."""

    id: str
    percent: Decimal
    factor: Decimal = WHOLE

    @property
    def share(self) -> Decimal:
        """The tax on a net amount of one."""
        return self.factor * self.percent / HUNDRED


def rates_of(company: Company, code: str, side: str) -> list[Rate]:
    """The rates behind a tax code, on the sales or on the purchase side."""
    record = company.find("TaxCode", code)
    listed = ((record.body.get(side) if record else None) or {}).get("TaxRateDetail")
    found: list[Rate] = []
    for one in sorted(listed or (), key=lambda one: one.get("TaxOrder", ZERO)):
        rate = company.record("TaxRate", one["TaxRateRef"]["value"])
        before = sum((other.share for other in found), ZERO)
        factor = {"TaxOnTax": before, "TaxOnAmountPlusTax": WHOLE + before}.get(
            one.get("TaxTypeApplicable", ""), WHOLE
        )
        found.append(Rate(rate.id, rate.body["RateValue"], factor))
    return found


def side_of(detail: Json) -> str:
    """The side that a line says its tax is on; sales unless it says so."""
    return PURCHASES if detail.get("TaxApplicableOn") == "Purchase" else SALES


def tax_line(rate: Rate, net: Decimal) -> Json:
    """The tax of one rate on the net amount of all its lines, rounded once."""
    return {
        "Amount": cents(net * rate.percent / HUNDRED),
        "DetailType": "TaxLineDetail",
        "TaxLineDetail": {
            "TaxRateRef": {"value": rate.id},
            "PercentBased": True,
            "TaxPercent": rate.percent,
            "NetAmountTaxable": cents(net),
        },
    }


def total_of(lines: Iterable[Json]) -> Decimal:
    """What lines come to."""
    return sum((line["Amount"] for line in lines), ZERO)


def spread(lines: list[Json], wanted: Decimal, *, noted: bool = False) -> None:
    """Make tax lines add up to a total, each by its share of what they came to.

    `noted` writes on each line by how much it was overridden.
    """
    before = [line["Amount"] for line in lines]
    whole = sum(before, ZERO)
    delta = wanted - whole
    done = ZERO
    for place, line in enumerate(lines):
        so_far = sum(before[: place + 1], ZERO)
        up_to = cents(delta * so_far / whole) if whole else delta
        part = up_to - done
        done = up_to
        line["Amount"] += part
        if noted and part:
            line["TaxLineDetail"]["OverrideDeltaAmount"] = part


def override(draft: Draft, computed: Decimal) -> Decimal | None:
    """The total tax a client wants in place of the computed one.

    A TotalTax that merely repeats what the record had (a client that sends back
    what it read) is not an override.
    """
    sent: Json = draft.sent.get("TxnTaxDetail") or {}
    wish: Decimal | None = sent.get("TotalTax")
    if wish is None and sent.get("TaxLine"):
        amounts = [line.get("Amount") for line in sent["TaxLine"]]
        wish = None if None in amounts else sum(amounts, ZERO)
    if wish is None or wish == computed:
        return None
    if draft.old is None:
        return wish
    before: Json = draft.old.body.get("TxnTaxDetail") or {}
    if wish == before.get("TotalTax") and draft.old.notes.get("tax") is None:
        return None
    return wish


def detail(total: Decimal, lines: list[Json], code: str = "") -> Json:
    """A TxnTaxDetail."""
    made: Json = {"TxnTaxCodeRef": {"value": code}} if code else {}
    made["TotalTax"] = cents(total)
    if lines:
        made["TaxLine"] = lines
    return made

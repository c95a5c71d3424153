"""Sales tax and VAT: the company's rates, and what they make of a set of lines."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from qbo.simulator import faults
from qbo.simulator.company import Company
from qbo.simulator.draft import Draft
from qbo.simulator.exact import ZERO, Json, cents

_HUNDRED = Decimal(100)
SALES: Final = "SalesTaxRateList"
PURCHASES: Final = "PurchaseTaxRateList"


@dataclass(frozen=True)
class Rate:
    """One tax rate, in per cent."""

    id: str
    percent: Decimal


def rates_of(company: Company, code: str, side: str) -> list[Rate]:
    """The rates behind a tax code, on the sales or on the purchase side."""
    record = company.find("TaxCode", code)
    listed = ((record.body.get(side) if record else None) or {}).get("TaxRateDetail")
    found = []
    for one in listed or ():
        rate = company.record("TaxRate", one["TaxRateRef"]["value"])
        found.append(Rate(rate.id, rate.body["RateValue"]))
    return found


def company_code(company: Company) -> str:
    """The code that automated sales tax uses for this company."""
    prefs = company.preferences.get("TaxPrefs") or {}
    return str((prefs.get("TaxGroupCodeRef") or {}).get("value", ""))


def check_us_code(code: str) -> None:
    """Refuse a line code other than TAX and NON."""
    if code not in {"TAX", "NON"}:
        raise faults.refusal(
            "6100",
            "Invalid Line TaxCode in the request : only TAX and NON are allowed on"
            " lines",
            "Line.TaxCodeRef",
        )


def us_tax(draft: Draft, taxable: Decimal) -> Decimal:
    """Automated sales tax on the taxable sum; a TotalTax that was sent overrides.

    A TotalTax that merely repeats what the record had (a client that sends back
    what it read) is not an override.
    """
    company = draft.company
    code = company_code(company)
    rates = rates_of(company, code, SALES) if code else []
    lines = [_tax_line(rate, taxable) for rate in rates if taxable]
    total = sum((line["Amount"] for line in lines), ZERO)
    wish = _override(draft, total)
    if wish is not None:
        if lines:
            lines[0]["Amount"] += wish - total
            lines[0]["TaxLineDetail"]["OverrideDeltaAmount"] = wish - total
        total = wish
        draft.notes["tax"] = wish
    detail: Json = {"TotalTax": cents(total)}
    if lines:
        detail = {"TxnTaxCodeRef": {"value": code}, **detail, "TaxLine": lines}
    draft.body["TxnTaxDetail"] = detail
    return cents(total)


def _override(draft: Draft, computed: Decimal) -> Decimal | None:
    sent: Json = draft.sent.get("TxnTaxDetail") or {}
    wish: Decimal | None = sent.get("TotalTax")
    if wish is None or wish == computed:
        return None
    if draft.old is None:
        return wish
    before: Json = draft.old.body.get("TxnTaxDetail") or {}
    kept = draft.old.notes.get("tax")
    if wish == before.get("TotalTax"):
        return wish if kept is not None else None
    return wish


def vat(
    draft: Draft, lines: Iterable[tuple[Json, Json]], side: str
) -> tuple[Decimal, Decimal]:
    """VAT by rate over lines of (line, detail); gives the net sum and the tax.

    Tax is computed per rate on the sum of its lines, not line by line. With
    TaxInclusive a lone Amount is read as gross and turned into net.

    Raises:
        Refused: a line has no tax code.
    """
    how = draft.body.setdefault("GlobalTaxCalculation", "TaxExcluded")
    net: defaultdict[Rate, Decimal] = defaultdict(lambda: ZERO)
    subtotal = ZERO
    for line, detail in lines:
        rates = _line_rates(draft, detail, how, side)
        if how == "TaxInclusive":
            _make_net(line, detail, sum((rate.percent for rate in rates), ZERO))
        subtotal += line["Amount"]
        for rate in rates:
            net[rate] += line["Amount"]
    tax_lines = [_tax_line(rate, amount) for rate, amount in net.items()]
    total = sum((line["Amount"] for line in tax_lines), ZERO)
    detail_body: Json = {"TotalTax": cents(total)}
    if tax_lines:
        detail_body["TaxLine"] = tax_lines
    draft.body["TxnTaxDetail"] = detail_body
    return subtotal, cents(total)


def _line_rates(draft: Draft, detail: Json, how: str, side: str) -> list[Rate]:
    code = (detail.get("TaxCodeRef") or {}).get("value")
    if how == "NotApplicable":
        return []
    if code is None:
        raise faults.business(
            "Make sure all your transactions have a VAT rate before you save."
        )
    if code in {"TAX", "NON"}:
        raise faults.bad_reference("TaxCodes", code)
    return rates_of(draft.company, code, side)


def _make_net(line: Json, detail: Json, percent: Decimal) -> None:
    if "TaxInclusiveAmt" in detail:
        gross = detail["TaxInclusiveAmt"]
    else:
        gross = detail["TaxInclusiveAmt"] = line["Amount"]
    line["Amount"] = cents(gross / (1 + percent / _HUNDRED))


def _tax_line(rate: Rate, net: Decimal) -> Json:
    return {
        "Amount": cents(net * rate.percent / _HUNDRED),
        "DetailType": "TaxLineDetail",
        "TaxLineDetail": {
            "TaxRateRef": {"value": rate.id},
            "PercentBased": True,
            "TaxPercent": rate.percent,
            "NetAmountTaxable": cents(net),
        },
    }

"""Sales tax in the US: TAX or NON on each line, one code for the whole form.

Automated sales tax picks the code by the place of delivery; a company that keeps its
own rates ("manual", Preferences without PartnerTaxEnabled) names it on the form, or as
the customer's default. The tax of each rate is rounded once, on the sum of its lines.
"""

from decimal import Decimal
from typing import Final

from qbo.simulator import faults
from qbo.simulator.books.company import Company, Record
from qbo.simulator.exact import ZERO, Json, cents
from qbo.simulator.rules.draft import Draft
from qbo.simulator.rules.taxes.rates import (
    SALES,
    detail,
    override,
    rates_of,
    spread,
    tax_line,
    total_of,
)

CUSTOM: Final = "CustomSalesTax"
_NAMES: Final = (
    "AL Alabama,AK Alaska,AZ Arizona,AR Arkansas,CA California,CO Colorado,"
    "CT Connecticut,DE Delaware,FL Florida,GA Georgia,HI Hawaii,ID Idaho,IL Illinois,"
    "IN Indiana,IA Iowa,KS Kansas,KY Kentucky,LA Louisiana,ME Maine,MD Maryland,"
    "MA Massachusetts,MI Michigan,MN Minnesota,MS Mississippi,MO Missouri,MT Montana,"
    "NE Nebraska,NV Nevada,NH New Hampshire,NJ New Jersey,NM New Mexico,NY New York,"
    "NC North Carolina,ND North Dakota,OH Ohio,OK Oklahoma,OR Oregon,PA Pennsylvania,"
    "RI Rhode Island,SC South Carolina,SD South Dakota,TN Tennessee,TX Texas,UT Utah,"
    "VT Vermont,VA Virginia,WA Washington,WV West Virginia,WI Wisconsin,WY Wyoming,"
    "DC District of Columbia"
)
STATES: Final = dict(one.split(" ", 1) for one in _NAMES.split(","))


def check_us_code(code: str) -> None:
    """Refuse a line code other than TAX and NON."""
    if code not in {"TAX", "NON"}:
        raise faults.refusal(
            "6100",
            "Invalid Line TaxCode in the request : only TAX and NON are allowed on"
            " lines",
            "Line.TaxCodeRef",
        )


def us_tax(draft: Draft, taxable: Decimal, customer: Record | None = None) -> Decimal:
    """Write a form's TxnTaxDetail; gives the tax.

    A TotalTax that was sent overrides what the rates come to and is spread over
    them, unless UseAutomatedSalesTax asks for the computed one.
    """
    company, body = draft.company, draft.body
    prefs = company.preferences.get("TaxPrefs") or {}
    if not prefs.get("UsingSalesTax", True):
        body.pop("TxnTaxDetail", None)
        return ZERO
    given: Json = body.get("TxnTaxDetail") or {}
    automated = bool(prefs.get("PartnerTaxEnabled"))
    code = _automatic(draft) if automated else _chosen(draft, given, customer)
    rates = rates_of(company, code, SALES) if code else []
    lines = [tax_line(rate, taxable) for rate in rates if taxable]
    total = total_of(lines)
    wish = None
    if not (automated and given.get("UseAutomatedSalesTax")):
        wish = override(draft, total)
    if wish is not None:
        spread(lines, wish, noted=True)
        total = wish
        draft.notes["tax"] = wish
    shown = code if lines or code == CUSTOM else ""
    body["TxnTaxDetail"] = detail(total, lines, shown)
    if automated and wish is not None:
        body["TxnTaxDetail"]["TaxReviewStatus"] = "AST_TAX_OVERRIDE"
    return cents(total)


def company_code(company: Company) -> str:
    """The code that automated sales tax uses at the company's own place."""
    prefs = company.preferences.get("TaxPrefs") or {}
    return str((prefs.get("TaxGroupCodeRef") or {}).get("value", ""))


def _automatic(draft: Draft) -> str:
    """The code for the state a form is delivered to, or for the company's own."""
    company = draft.company
    own = company.info.get("CompanyAddr") or {}
    there = _state(draft.body.get("ShipAddr") or {})
    if not there or there == _state(own):
        return company_code(company)
    for record in company.records("TaxCode"):
        named = _state({"CountrySubDivisionCode": record.body["Name"]})
        if there in {named, *record.notes.get("states", ())}:
            return record.id
    return ""


def _state(address: Json) -> str:
    """The two letters of an address's state, or what stands there."""
    text = str(address.get("CountrySubDivisionCode", "")).strip()
    if text.upper() in STATES:
        return text.upper()
    known = (code for code, name in STATES.items() if name.lower() == text.lower())
    return next(known, text)


def _chosen(draft: Draft, given: Json, customer: Record | None) -> str:
    """The code a form names, or the customer's usual one.

    Raises:
        Refused: there is none of that id.
    """
    code = str((given.get("TxnTaxCodeRef") or {}).get("value", ""))
    if not code and customer is not None:
        code = customer.ref("DefaultTaxCodeRef")
    if code == "TAX":
        return company_code(draft.company)
    if code not in {"", "NON", CUSTOM} and not draft.company.find("TaxCode", code):
        raise faults.bad_reference("TaxCodes", code)
    return "" if code == "NON" else code

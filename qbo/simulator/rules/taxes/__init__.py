"""Sales tax and VAT: what a company's codes make of the lines of a form.

A code (TaxCode) names the rates (TaxRate) it consists of, apart for sales and for
purchases; a rate belongs to an agency (TaxAgency). To give a code several rates, list
them in its SalesTaxRateList and PurchaseTaxRateList, each with its TaxOrder:

    GST/PST BC: [{"TaxRateRef": {"value": "1"}, "TaxTypeApplicable": "TaxOnAmount",
                  "TaxOrder": 0},
                 {"TaxRateRef": {"value": "2"}, "TaxTypeApplicable": "TaxOnAmount",
                  "TaxOrder": 0}]

Then each line with the code is taxed 5 and 7 per cent, and the form has two tax lines.
`TaxOnAmountPlusTax` makes a rate apply to the amount and the taxes before it (by
TaxOrder), `TaxOnTax` to those taxes alone. A reverse charge has two purchase rates, one
of them negative.

What a buyer gets back of a tax depends on its agency: where TaxTrackedOnPurchases is
false (provincial sales tax) the tax of a purchase is part of the cost. Each agency's
tax goes to the payable account named after it, "<DisplayName> Payable", where the
company has one, and else to the company's one tax account (see `accounts`).

With automated sales tax the rate follows the place of delivery: a code is for the state
it is named after ("California"), or for those in the `states` of its record's notes;
elsewhere in the US the company owes no tax.
"""

from qbo.simulator.rules.taxes.rates import PURCHASES, SALES, Rate, rates_of, side_of
from qbo.simulator.rules.taxes.us import check_us_code, us_tax
from qbo.simulator.rules.taxes.vat import Charged, charge, opened, vat

__all__ = [
    "PURCHASES",
    "SALES",
    "Charged",
    "Rate",
    "charge",
    "check_us_code",
    "opened",
    "rates_of",
    "side_of",
    "us_tax",
    "vat",
]

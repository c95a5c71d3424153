"""Which side of an account its CurrentBalance shows as positive.

QuickBooks shows what stands in debit as positive, also of payables, loans, taxes and
equity, which are negative as a rule: in the accounts that Intuit publishes as samples,
and in a recorded answer where Opening Balance Equity, credited with 10.00, has a
CurrentBalance of -10.00. Only a credit card is positive when money is owed on it.
"""

from decimal import Decimal
from typing import Final

from qbo.simulator.exact import ZERO, Json

_SHOWN_BY_CREDIT: Final = "Credit Card"


def shown(account: Json, debit: Decimal) -> Decimal:
    """The CurrentBalance of an account that is active and of the balance sheet.

    `debit` is what was debited less what was credited, in the account's currency.
    """
    return -debit if account["AccountType"] == _SHOWN_BY_CREDIT else debit


def natural(account: Json) -> Decimal:
    """What is there of an asset, and what is owed or owned of the others."""
    balance: Decimal = account.get("CurrentBalance", ZERO)
    debit = shown(account, balance)
    return debit if account["Classification"] == "Asset" else -debit

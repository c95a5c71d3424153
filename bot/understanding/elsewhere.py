"""Where something is done that is not done here: one sentence, where we know it.

The menus are those of QuickBooks Online at the end of 2026, and may be named otherwise
in some editions.
"""

import re
from typing import Final

_DONE: Final = (
    (
        r"\breconcil|\bbank rec\b",
        "Accounts are reconciled in QuickBooks, under Transactions, then Reconcile.",
    ),
    (
        r"payroll|payslip|pay ?stub|wages|salar|timesheet",
        "Payroll is run in QuickBooks.",
    ),
    (
        r"estimate|\bquotes?\b|quotation|pro ?forma",
        "Estimates are made in QuickBooks, under Sales.",
    ),
    (r"refund|money back", "Refunds are entered in QuickBooks, with + New."),
    (r"journal|adjusting entr", "Journal entries are made in QuickBooks, with + New."),
    (
        r"\btransfer\b|\bwire\b|\bsweep\b",
        "Money is moved at your bank, and entered in QuickBooks with + New.",
    ),
    (
        r"recurring|every (?:week|month|quarter|year)|each (?:week|month|quarter|year)",
        "What recurs is set up in QuickBooks, under Recurring transactions.",
    ),
    (
        r"\b(?:price|rate|cost)\b",
        "Prices are changed in QuickBooks, under Products and services.",
    ),
    (r"statement", "Statements are sent from the customer's page in QuickBooks."),
    (
        r"1099|vat return|tax return|sales tax|\bgst\b|\bvat\b",
        "Tax returns are prepared in QuickBooks, under Taxes.",
    ),
    (
        r"bank feed|(?:connect|link) (?:\w+ ){0,3}bank",
        "Banks are linked in QuickBooks, under Transactions.",
    ),
    (
        r"\bdelete\b|\berase\b|\bremove\b",
        "Records are deleted in QuickBooks; here they are voided or made inactive.",
    ),
)


def where(words: str) -> str:
    """Where it is done instead; empty where that is not known."""
    low = words.casefold()
    return next((text for pattern, text in _DONE if re.search(pattern, low)), "")

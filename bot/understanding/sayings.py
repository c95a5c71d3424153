"""Each action as a person would say it, for a button that stands for it.

A saying is understood by itself: pressed, it is what was said. One of a write
asks for the first thing that the write needs.
"""

from collections.abc import Mapping
from types import MappingProxyType

SAYINGS: Mapping[str, str] = MappingProxyType(
    {
        "customers.list": "list customers",
        "customer.show": "show a customer",
        "receivables.list": "who owes us money",
        "invoices.list": "list invoices",
        "invoice.show": "show an invoice",
        "invoice.pdf": "pdf of an invoice",
        "payments.list": "list payments",
        "credit_memos.list": "list credit memos",
        "bill.show": "show a bill",
        "vendors.list": "list vendors",
        "vendor.show": "show a vendor",
        "bills.list": "list bills",
        "payables.list": "who do we owe",
        "expenses.list": "list expenses",
        "spend.total": "how much did we spend",
        "sales.total": "total sales",
        "items.list": "price list",
        "item.show": "show an item",
        "accounts.list": "chart of accounts",
        "account.show": "show an account",
        "report.profit_and_loss": "profit and loss",
        "report.balance_sheet": "balance sheet",
        "report.ar_aging": "A/R aging",
        "report.ap_aging": "A/P aging",
        "report.cash_flow": "cash flow",
        "company.show": "which company is this",
        "proposals.list": "list proposals",
        "proposal.show": "show a proposal",
        "customer.create": "add a customer",
        "customer.update": "change a customer",
        "invoice.create": "create an invoice",
        "invoice.update": "change an invoice",
        "invoice.send": "send an invoice",
        "invoice.void": "void an invoice",
        "payment.record": "record a payment",
        "credit_memo.create": "create a credit memo",
        "vendor.create": "add a vendor",
        "vendor.update": "change a vendor",
        "bill.create": "enter a bill",
        "bill.pay": "pay a bill",
        "expense.create": "record an expense",
        "expense.categorize": "categorize expenses",
        "item.create": "add an item",
        "help": "help",
        "connect": "connect QuickBooks",
        "disconnect": "disconnect QuickBooks",
        "connection.status": "connection status",
        "connection.test": "test the connection",
        "connection.use": "switch company",
        "sync.now": "sync now",
        "undo": "undo",
        "proposal.withdraw": "withdraw the proposal",
        "proposal.edit": "edit the proposal",
    }
)

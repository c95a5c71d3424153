"""Where QuickBooks itself shows a record; the one place that makes such addresses.

Only of ids that are digits: what comes from outside makes no address. A simulated
company has no pages for people, and so no links.
"""

from qbo.books import Company, Environment

# Below the address of the environment's app.
_PAGES = {
    "Invoice": "invoice?txnId=",
    "Payment": "recvpayment?txnId=",
    "CreditMemo": "creditmemo?txnId=",
    "Estimate": "estimate?txnId=",
    "SalesReceipt": "salesreceipt?txnId=",
    "RefundReceipt": "refundreceipt?txnId=",
    "Bill": "bill?txnId=",
    "BillPayment": "billpayment?txnId=",
    "VendorCredit": "vendorcredit?txnId=",
    "Purchase": "expense?txnId=",
    "JournalEntry": "journal?txnId=",
    "Deposit": "deposit?txnId=",
    "Transfer": "transfer?txnId=",
    "Customer": "customerdetail?nameId=",
    "Vendor": "vendordetail?nameId=",
}
_APPS = {
    Environment.PRODUCTION: "https://qbo.intuit.com/app",
    Environment.SANDBOX: "https://sandbox.qbo.intuit.com/app",
}


def page(company: Company, entity: str, record_id: str) -> str:
    """The address of a record in QuickBooks; "" where it has no page."""
    app, found = _APPS.get(company.environment), _PAGES.get(entity)
    if not (app and found and record_id.isascii() and record_id.isdigit()):
        return ""
    return f"{app}/{found}{record_id}"

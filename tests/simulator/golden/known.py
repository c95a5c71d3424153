"""Where a difference is known and right, each with its reason."""

from typing import Final

# Required by the pages in words, not by QuickBooks: no recorded answer has them.
NOT_REQUIRED: Final = {
    "Line[].Id": "the sub-total line has none",
    "ItemCategoryType": "French companies only",
    "Line[].JournalEntryLineDetail.JournalCodeRef": "French companies only",
    "Line[].DepositLineDetail.AccountRef": "a line of deposited payments has none",
    "Line": "a voided bill payment has none",
    "SyncToken": "the pseudo codes TAX and NON have none",
}

# Recorded, but trimmed or written by hand in the recording.
ODD_RECORDINGS: Final = {
    "Customer.time: no such member": "an attribute of the envelope around it",
    "Employee.Gender: 'female' is not one of gender": "made up",
    "Estimate.CustomField[].DefinitionId: is required": "trimmed",
    "RefundReceipt.CustomField[].DefinitionId: is required": "trimmed",
}

# Members that recordings show and the simulator does not, by the end of their path.
NOT_SHOWN: Final = {
    ".Lat": "addresses are not looked up on a map",
    ".Long": "addresses are not looked up on a map",
    "Customer.time": "an attribute of the envelope around it",
    "Invoice.Line[].LinkedTxn": "recorded empty, which clients reject",
    "Payment.Line[].LineEx.NameValue": "in JSON it is spelt LineEx.any",
    "Estimate.FreeFormAddress": "an old client's own member",
    "CreditMemo.GlobalTaxCalculation": "recorded where tax is on each line",
    "SalesReceipt.GlobalTaxCalculation": "recorded where tax is on each line",
    "Purchase.GlobalTaxCalculation": "recorded where tax is on each line",
    ".TaxInclusiveAmt": "recorded where prices include the tax",
    "JournalEntry.Line[].JournalEntryLineDetail.TaxAmount": "recorded with VAT",
    "JournalEntry.Line[].JournalEntryLineDetail.TaxApplicableOn": "recorded with VAT",
    "JournalEntry.Line[].JournalEntryLineDetail.TaxCodeRef": "recorded with VAT",
    "JournalEntry.TxnTaxDetail.TaxLine": "recorded with VAT",
    "Preferences.AccountingInfoPrefs.TaxForm": "gone since 2014",
    "Preferences.SalesFormsPrefs.ETransactionAttachPDF": "gone since 2014",
    "Preferences.SalesFormsPrefs.ETransactionEnabledStatus": "gone since 2014",
    "Preferences.SalesFormsPrefs.UsingPriceLevels": "gone since 2014",
    "Preferences.TaxPrefs.PartnerTaxEnabled": "only where Intuit's partner files",
    "Vendor.OtherContactInfo": "gone since 2014",
}

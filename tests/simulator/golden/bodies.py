"""One full-featured record of each entity, as a client would send it.

`@Label` stands for the Id of the record that was made, or found, under that label.
"""

from typing import Final

from tests.simulator.client import Json

# What there is already, by label.
FOUND: Final = {
    "Bank": "select * from Account where AccountType = 'Bank'",
    "Savings": "select * from Account where AccountSubType = 'Savings'",
    "Card": "select * from Account where AccountType = 'Credit Card'",
    "Income": "select * from Account where AccountSubType = 'SalesOfProductIncome'",
    "Cost": "select * from Account where AccountType = 'Cost of Goods Sold'",
    "Stock": "select * from Account where AccountSubType = 'Inventory'",
    "Payable": "select * from Account where AccountType = 'Accounts Payable'",
    "Check": "select * from PaymentMethod where Name = 'Check'",
    "TaxCode": "select * from TaxCode where Name = 'California'",
}


def _address(line: str) -> Json:
    return {
        "Line1": line,
        "Line2": "Building 2",
        "Line3": "Third floor",
        "Line4": "Room 4",
        "Line5": "Desk 5",
        "City": "Mountain View",
        "CountrySubDivisionCode": "CA",
        "PostalCode": "94043",
        "Country": "USA",
    }


def _sold(amount: float, tax: str = "NON") -> Json:
    detail = {
        "ItemRef": {"value": "@Item"},
        "Qty": 2,
        "UnitPrice": amount / 2,
        "ClassRef": {"value": "@Class"},
        "ServiceDate": "2026-11-02",
        "TaxCodeRef": {"value": tax},
    }
    return {
        "Description": "Two hours in the garden",
        "Amount": amount,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": detail,
    }


def _spent(amount: float) -> Json:
    detail = {
        "AccountRef": {"value": "@Account"},
        "CustomerRef": {"value": "@Customer"},
        "ClassRef": {"value": "@Class"},
        "BillableStatus": "Billable",
        "TaxCodeRef": {"value": "NON"},
    }
    return {
        "Description": "Something used up",
        "Amount": amount,
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": detail,
    }


def _bought(amount: float) -> Json:
    detail = {
        "ItemRef": {"value": "@Item inventory"},
        "Qty": 2,
        "UnitPrice": amount / 2,
        "ClassRef": {"value": "@Class"},
        "TaxCodeRef": {"value": "NON"},
        "CustomerRef": {"value": "@Customer"},
        "BillableStatus": "NotBillable",
    }
    return {
        "Description": "Two for stock",
        "Amount": amount,
        "DetailType": "ItemBasedExpenseLineDetail",
        "ItemBasedExpenseLineDetail": detail,
    }


def _settled(kind: str, amount: float) -> Json:
    link = {"TxnId": f"@{kind}", "TxnType": kind}
    return {"Amount": amount, "LinkedTxn": [link]}


def _moved(side: str, account: str, amount: float) -> Json:
    detail = {
        "PostingType": side,
        "AccountRef": {"value": account},
        "ClassRef": {"value": "@Class"},
        "DepartmentRef": {"value": "@Department"},
    }
    return {
        "Description": "Moved by hand",
        "Amount": amount,
        "DetailType": "JournalEntryLineDetail",
        "JournalEntryLineDetail": detail,
    }


_DISCOUNT: Final = {
    "Amount": 5,
    "DetailType": "DiscountLineDetail",
    "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10},
}
_BUNDLE: Final = {
    "DetailType": "GroupLineDetail",
    "GroupLineDetail": {"GroupItemRef": {"value": "@Item bundle"}, "Quantity": 1},
}
_TOLD: Final = {"DetailType": "DescriptionOnly", "Description": "Only words"}
_CUSTOM: Final = {
    "DefinitionId": "1",
    "Name": "Crew #",
    "Type": "StringType",
    "StringValue": "102",
}
_SALE: Final = {
    "CustomerRef": {"value": "@Customer"},
    "TxnDate": "2026-11-03",
    "CustomerMemo": {"value": "Thank you"},
    "PrivateNote": "Only for us",
    "BillAddr": _address("1 Billing Road"),
    "ShipAddr": _address("1 Shipping Road"),
    "BillEmail": {"Address": "someone@example.com"},
    "ClassRef": {"value": "@Class"},
    "DepartmentRef": {"value": "@Department"},
    "Line": [_sold(50), _sold(10, "TAX"), _TOLD, _BUNDLE, _DISCOUNT],
    "TxnTaxDetail": {"TxnTaxCodeRef": {"value": "@TaxCode"}},
}
_SPENDING: Final = {
    "TxnDate": "2026-11-04",
    "PrivateNote": "Only for us",
    "DepartmentRef": {"value": "@Department"},
    "Line": [_spent(40), _bought(30)],
}
_PERSON: Final = {
    "Title": "Ms",
    "GivenName": "Tess",
    "MiddleName": "T",
    "FamilyName": "Golden",
    "Suffix": "Jr",
    "PrimaryPhone": {"FreeFormNumber": "(555) 555-0100"},
    "Mobile": {"FreeFormNumber": "(555) 555-0101"},
}
_PARTY: Final = {
    **_PERSON,
    "AlternatePhone": {"FreeFormNumber": "(555) 555-0102"},
    "Fax": {"FreeFormNumber": "(555) 555-0103"},
    "PrimaryEmailAddr": {"Address": "tess@example.com"},
    "WebAddr": {"URI": "https://example.com"},
    "BillAddr": _address("2 Golden Road"),
    "Notes": "Known for long",
}
_NAMED_ITEM: Final = {
    "Sku": "G-1",
    "Description": "What it is",
    "UnitPrice": 25,
    "IncomeAccountRef": {"value": "@Income"},
    "PurchaseDesc": "What it is when bought",
    "PurchaseCost": 15,
    "Taxable": False,
}
_SCHEDULE: Final = {
    "StartDate": "2027-01-01",
    "EndDate": "2027-12-31",
    "IntervalType": "Monthly",
    "DayOfMonth": 1,
    "NumInterval": 1,
    "DaysBefore": 3,
}

# Label, entity, body: in an order in which each finds what it names.
MADE: Final[tuple[tuple[str, str, Json], ...]] = (
    ("Class", "Class", {"Name": "Golden class"}),
    (
        "Class below",
        "Class",
        {"Name": "Below", "SubClass": True, "ParentRef": {"value": "@Class"}},
    ),
    ("Department", "Department", {"Name": "Golden department"}),
    (
        "Department below",
        "Department",
        {
            "Name": "Below",
            "SubDepartment": True,
            "ParentRef": {"value": "@Department"},
        },
    ),
    (
        "Term by the day of the month",
        "Term",
        {
            "Name": "Golden day",
            "DayOfMonthDue": 15,
            "DueNextMonthDays": 5,
            "DiscountDayOfMonth": 5,
            "DiscountPercent": 1,
        },
    ),
    (
        "Term",
        "Term",
        {
            "Name": "Golden term",
            "DueDays": 20,
            "DiscountPercent": 2,
            "DiscountDays": 5,
        },
    ),
    (
        "PaymentMethod",
        "PaymentMethod",
        {"Name": "Golden card", "Type": "CREDIT_CARD"},
    ),
    (
        "Account",
        "Account",
        {
            "Name": "Golden supplies",
            "AccountType": "Expense",
            "AccountSubType": "SuppliesMaterials",
            "AcctNum": "6999",
            "Description": "Used up",
        },
    ),
    (
        "Account below",
        "Account",
        {
            "Name": "Below",
            "AccountType": "Expense",
            "AccountSubType": "SuppliesMaterials",
            "SubAccount": True,
            "ParentRef": {"value": "@Account"},
        },
    ),
    (
        "Customer",
        "Customer",
        {
            **_PARTY,
            "DisplayName": "Golden customer",
            "CompanyName": "Golden Ltd",
            "ShipAddr": _address("2 Other Road"),
            "SalesTermRef": {"value": "@Term"},
            "PaymentMethodRef": {"value": "@PaymentMethod"},
            "PreferredDeliveryMethod": "Email",
            "ResaleNum": "R-1",
            "Taxable": True,
        },
    ),
    (
        "Customer below",
        "Customer",
        {
            "DisplayName": "Golden job",
            "Job": True,
            "ParentRef": {"value": "@Customer"},
            "BillWithParent": True,
        },
    ),
    (
        "Vendor",
        "Vendor",
        {
            **_PARTY,
            "DisplayName": "Golden vendor",
            "CompanyName": "Golden Supplies Ltd",
            "AcctNum": "V-77",
            "TaxIdentifier": "12-3456789",
            "Vendor1099": True,
            "TermRef": {"value": "@Term"},
            "OtherContactInfo": [
                {
                    "Type": "TelephoneNumber",
                    "Telephone": {"FreeFormNumber": "555-0188"},
                }
            ],
        },
    ),
    (
        "Employee",
        "Employee",
        {
            **_PERSON,
            "DisplayName": "Golden employee",
            "PrimaryEmailAddr": {"Address": "employee@example.com"},
            "Organization": False,
            "PrimaryAddr": _address("3 Golden Road"),
            "EmployeeNumber": "E-7",
            "SSN": "444-55-6666",
            "HiredDate": "2024-01-15",
            "BirthDate": "1990-05-05",
            "Gender": "Female",
            "BillableTime": True,
            "BillRate": 60,
        },
    ),
    (
        "Item",
        "Item",
        {
            **_NAMED_ITEM,
            "Name": "Golden service",
            "Type": "Service",
            "ExpenseAccountRef": {"value": "@Account"},
        },
    ),
    (
        "Item stockless",
        "Item",
        {**_NAMED_ITEM, "Name": "Golden thing", "Type": "NonInventory"},
    ),
    (
        "Item inventory",
        "Item",
        {
            **_NAMED_ITEM,
            "Name": "Golden stock",
            "Type": "Inventory",
            "TrackQtyOnHand": True,
            "QtyOnHand": 10,
            "InvStartDate": "2026-01-01",
            "AssetAccountRef": {"value": "@Stock"},
            "ExpenseAccountRef": {"value": "@Cost"},
        },
    ),
    ("Item category", "Item", {"Name": "Golden category", "Type": "Category"}),
    (
        "Item bundle",
        "Item",
        {
            "Name": "Golden bundle",
            "Type": "Group",
            "PrintGroupedItems": True,
            "ItemGroupDetail": {
                "ItemGroupLine": [
                    {"Qty": 2, "ItemRef": {"value": "@Item"}},
                    {"Qty": 1, "ItemRef": {"value": "@Item stockless"}},
                ]
            },
        },
    ),
    ("TaxAgency", "TaxAgency", {"DisplayName": "Golden agency"}),
    ("CompanyCurrency", "CompanyCurrency", {"Code": "NOK", "Name": "Norwegian Krone"}),
    (
        "Estimate",
        "Estimate",
        {
            **_SALE,
            "ExpirationDate": "2026-12-31",
            "TxnStatus": "Accepted",
            "AcceptedBy": "Tess",
            "AcceptedDate": "2026-11-04",
        },
    ),
    (
        "Invoice",
        "Invoice",
        {
            **_SALE,
            "DueDate": "2026-12-03",
            "SalesTermRef": {"value": "@Term"},
            "ShipDate": "2026-11-05",
            "ShipMethodRef": {"value": "UPS"},
            "ShipFromAddr": _address("9 Sending Road"),
            "Deposit": 10,
            "DepositToAccountRef": {"value": "@Bank"},
            "CustomField": [_CUSTOM],
            "LinkedTxn": [{"TxnId": "@Estimate", "TxnType": "Estimate"}],
            "TrackingNum": "T-1",
            "BillEmailCc": {"Address": "cc@example.com"},
            "BillEmailBcc": {"Address": "bcc@example.com"},
            "AllowOnlineACHPayment": True,
            "AllowOnlineCreditCardPayment": True,
            "EmailStatus": "NeedToSend",
            "PrintStatus": "NeedToPrint",
        },
    ),
    (
        "SalesReceipt",
        "SalesReceipt",
        {
            **_SALE,
            "PaymentMethodRef": {"value": "@Check"},
            "PaymentRefNum": "2001",
            "ShipMethodRef": {"value": "UPS"},
            "ShipFromAddr": _address("9 Sending Road"),
            "DepositToAccountRef": {"value": "@Bank"},
        },
    ),
    ("CreditMemo", "CreditMemo", _SALE),
    (
        "RefundReceipt",
        "RefundReceipt",
        {
            **_SALE,
            "PaymentMethodRef": {"value": "@Check"},
            "PaymentRefNum": "2002",
            "CustomField": [_CUSTOM],
            "DepositToAccountRef": {"value": "@Bank"},
        },
    ),
    (
        "Payment",
        "Payment",
        {
            "CustomerRef": {"value": "@Customer"},
            "TxnDate": "2026-11-06",
            "TotalAmt": 30,
            "PaymentMethodRef": {"value": "@Check"},
            "PaymentRefNum": "2003",
            "DepositToAccountRef": {"value": "@Bank"},
            "PrivateNote": "Part of it",
            "Line": [_settled("Invoice", 20)],
        },
    ),
    (
        "PurchaseOrder",
        "PurchaseOrder",
        {
            "VendorRef": {"value": "@Vendor"},
            "APAccountRef": {"value": "@Payable"},
            "TxnDate": "2026-11-04",
            "VendorAddr": _address("4 Golden Road"),
            "ShipAddr": _address("5 Golden Road"),
            "POEmail": {"Address": "orders@example.com"},
            "Memo": "For the vendor",
            "PrivateNote": "Only for us",
            "SalesTermRef": {"value": "@Term"},
            "ClassRef": {"value": "@Class"},
            "Line": [_bought(30), _spent(10)],
        },
    ),
    (
        "Bill",
        "Bill",
        {
            **_SPENDING,
            "VendorRef": {"value": "@Vendor"},
            "APAccountRef": {"value": "@Payable"},
            "DueDate": "2026-12-04",
            "DocNumber": "B-1",
            "SalesTermRef": {"value": "@Term"},
        },
    ),
    (
        "BillPayment",
        "BillPayment",
        {
            "VendorRef": {"value": "@Vendor"},
            "TxnDate": "2026-11-08",
            "DocNumber": "BP-1",
            "PayType": "Check",
            "CheckPayment": {
                "BankAccountRef": {"value": "@Bank"},
                "PrintStatus": "NeedToPrint",
            },
            "TotalAmt": 25,
            "PrivateNote": "Part of it",
            "Line": [_settled("Bill", 25)],
        },
    ),
    (
        "BillPayment by card",
        "BillPayment",
        {
            "VendorRef": {"value": "@Vendor"},
            "PayType": "CreditCard",
            "CreditCardPayment": {"CCAccountRef": {"value": "@Card"}},
            "TotalAmt": 5,
            "Line": [_settled("Bill", 5)],
        },
    ),
    (
        "VendorCredit",
        "VendorCredit",
        {
            **_SPENDING,
            "VendorRef": {"value": "@Vendor"},
            "APAccountRef": {"value": "@Payable"},
            "DocNumber": "VC-1",
        },
    ),
    (
        "Purchase",
        "Purchase",
        {
            **_SPENDING,
            "AccountRef": {"value": "@Bank"},
            "PaymentType": "Check",
            "DocNumber": "101",
            "PrintStatus": "NeedToPrint",
            "EntityRef": {"value": "@Vendor", "type": "Vendor"},
            "RemitToAddr": _address("6 Golden Road"),
        },
    ),
    (
        "Purchase by card",
        "Purchase",
        {
            **_SPENDING,
            "AccountRef": {"value": "@Card"},
            "PaymentType": "CreditCard",
            "Credit": False,
        },
    ),
    (
        "JournalEntry",
        "JournalEntry",
        {
            "TxnDate": "2026-11-09",
            "DocNumber": "J-1",
            "Adjustment": False,
            "PrivateNote": "Only for us",
            "Line": [_moved("Debit", "@Account", 12), _moved("Credit", "@Bank", 12)],
        },
    ),
    (
        "Deposit",
        "Deposit",
        {
            "TxnDate": "2026-11-10",
            "DepositToAccountRef": {"value": "@Bank"},
            "PrivateNote": "Only for us",
            "DepartmentRef": {"value": "@Department"},
            "Line": [
                {
                    "Description": "Rent",
                    "Amount": 45,
                    "DetailType": "DepositLineDetail",
                    "DepositLineDetail": {
                        "AccountRef": {"value": "@Income"},
                        "Entity": {"value": "@Customer", "type": "CUSTOMER"},
                        "PaymentMethodRef": {"value": "@Check"},
                        "CheckNum": "77",
                        "ClassRef": {"value": "@Class"},
                    },
                }
            ],
            "CashBack": {
                "AccountRef": {"value": "@Savings"},
                "Amount": 5,
                "Memo": "For the till",
            },
        },
    ),
    (
        "Transfer",
        "Transfer",
        {
            "FromAccountRef": {"value": "@Bank"},
            "ToAccountRef": {"value": "@Savings"},
            "Amount": 15,
            "TxnDate": "2026-11-11",
            "PrivateNote": "Put aside",
        },
    ),
    (
        "CreditCardPayment",
        "CreditCardPaymentTxn",
        {
            "TxnDate": "2026-11-12",
            "Amount": 20,
            "BankAccountRef": {"value": "@Bank"},
            "CreditCardAccountRef": {"value": "@Card"},
            "PrivateNote": "Paid off",
        },
    ),
    (
        "TimeActivity",
        "TimeActivity",
        {
            "TxnDate": "2026-11-13",
            "NameOf": "Employee",
            "EmployeeRef": {"value": "@Employee"},
            "CustomerRef": {"value": "@Customer"},
            "ItemRef": {"value": "@Item"},
            "ClassRef": {"value": "@Class"},
            "DepartmentRef": {"value": "@Department"},
            "BillableStatus": "Billable",
            "Taxable": False,
            "HourlyRate": 60,
            "Hours": 2,
            "Minutes": 30,
            "Description": "Dug",
        },
    ),
    (
        "RecurringTransaction",
        "RecurringTransaction",
        {
            "Invoice": {
                "CustomerRef": {"value": "@Customer"},
                "Line": [_sold(50)],
                "RecurringInfo": {
                    "Name": "Golden every month",
                    "RecurType": "Automated",
                    "Active": True,
                    "ScheduleInfo": _SCHEDULE,
                },
            }
        },
    ),
    (
        "Attachable",
        "Attachable",
        {
            "Note": "Look at this",
            "Category": "Document",
            "Tag": "golden",
            "AttachableRef": [
                {
                    "EntityRef": {"type": "Invoice", "value": "@Invoice"},
                    "IncludeOnSend": False,
                }
            ],
        },
    ),
)

"""Groups of fields that several entities share."""

from typing import Final

from qbo.simulator.fields import (
    Field,
    anything,
    computed,
    contact,
    day,
    email,
    filtered,
    flag,
    group,
    money,
    number,
    one_of,
    ref,
    rows,
    sorted_by,
    text,
)

ENVELOPE: Final = (
    text("Id", 40),
    text("SyncToken", 20),
    text("domain", 20),
    flag("sparse"),
    anything("MetaData"),
    *computed(text("status"), anything("CustomField"), anything("AttachableRef")),
)
"""What every entity has; custom fields are kept only where a form shows them."""
ADDRESS_FIELDS: Final = (
    text("Id", 40),
    *(text(f"Line{n}", 500) for n in range(1, 6)),
    text("City", 255),
    text("Country", 255),
    text("CountryCode", 10),
    text("CountrySubDivisionCode", 255),
    text("PostalCode", 30),
    text("PostalCodeSuffix", 30),
    text("County", 255),
    text("Note", 255),
    text("Tag", 255),
    *computed(text("Lat"), text("Long")),
)


def address(name: str) -> Field:
    """A postal address."""
    return group(name, ADDRESS_FIELDS)


def phone(name: str) -> Field:
    """A telephone number."""
    parts = ("DeviceType", "CountryCode", "AreaCode", "ExchangeCode", "Extension")
    unused = computed(*(text(part) for part in parts))
    return group(name, text("FreeFormNumber", 30), unused, contact())


def web(name: str) -> Field:
    """A web address."""
    return group(name, text("URI", 1000), contact())


PERSON: Final = (
    text("Title", 16),
    *sorted_by(
        text("GivenName", 100),
        text("MiddleName", 100),
        text("FamilyName", 100),
    ),
    text("Suffix", 16),
    *sorted_by(text("DisplayName", 500), text("PrintOnCheckName", 110)),
    *filtered(flag("Active")),
    phone("PrimaryPhone"),
    phone("AlternatePhone"),
    phone("Mobile"),
    phone("Fax"),
    *filtered(email("PrimaryEmailAddr")),
    web("WebAddr"),
    text("Notes", 4000),
    flag("Organization"),
    rows(
        "OtherContactInfo",
        text("Type", 40),
        phone("Telephone"),
        email("Email"),
        web("WebSite"),
        anything("OtherContact"),
    ),
    *computed(text("V4IDPseudonym"), text("IntuitId"), text("UserId")),
)
"""What customers, vendors and employees have."""

LINKS: Final = rows(
    "LinkedTxn", text("TxnId", 40), text("TxnType", 40), text("TxnLineId", 40)
)
TAX_LINE: Final = rows(
    "TaxLine",
    money("Amount"),
    text("DetailType", 40),
    group(
        "TaxLineDetail",
        ref("TaxRateRef", "TaxRate"),
        flag("PercentBased"),
        number("TaxPercent"),
        money("NetAmountTaxable"),
        money("TaxInclusiveAmount"),
        money("OverrideDeltaAmount"),
    ),
)
TAX_DETAIL: Final = group(
    "TxnTaxDetail",
    ref("TxnTaxCodeRef", "TaxCode"),
    money("TotalTax"),
    TAX_LINE,
    flag("UseAutomatedSalesTax"),
    text("TaxReviewStatus", 60),
)
ITEM_MEMBERS: Final = (
    ref("ItemRef", "Item"),
    number("Qty"),
    number("UnitPrice"),
    ref("TaxCodeRef", "TaxCode"),
    ref("ClassRef", "Class"),
    anything("MarkupInfo"),
    money("TaxInclusiveAmt"),
    *computed(ref("ItemAccountRef", "Account")),
)
EXPENSE_MEMBERS: Final = (
    ref("CustomerRef", "Customer"),
    one_of("BillableStatus", "Billable", "NotBillable", "HasBeenBilled"),
)
ACCOUNT_DETAIL: Final = group(
    "AccountBasedExpenseLineDetail",
    ref("AccountRef", "Account"),
    ref("TaxCodeRef", "TaxCode"),
    ref("ClassRef", "Class"),
    money("TaxAmount"),
    money("TaxInclusiveAmt"),
    anything("MarkupInfo"),
    EXPENSE_MEMBERS,
)
ITEM_EXPENSE_DETAIL: Final = group(
    "ItemBasedExpenseLineDetail", ITEM_MEMBERS, EXPENSE_MEMBERS
)


def lines_of(*details: Field) -> Field:
    """Lines of a transaction that may have these kinds of detail."""
    kinds = (detail.name for detail in details if detail.kind == "group")
    return rows(
        "Line",
        text("Id", 40),
        number("LineNum"),
        text("Description", 4000),
        money("Amount"),
        one_of("DetailType", *kinds, "DescriptionOnly"),
        LINKS,
        anything("CustomField"),
        *computed(anything("LineEx")),
        group(
            "DescriptionLineDetail", ref("TaxCodeRef", "TaxCode"), day("ServiceDate")
        ),
        details,
    )


LINK_LINES: Final = rows(
    "Line", text("Id", 40), money("Amount"), LINKS, *computed(anything("LineEx"))
)

TRANSACTION: Final = (
    ENVELOPE,
    sorted_by(day("TxnDate")),
    (text("PrivateNote", 4000),),
    (ref("CurrencyRef", "Currency"), number("ExchangeRate")),
    (*filtered(ref("DepartmentRef", "Department")), anything("CustomField")),
    computed(LINKS, anything("RecurDataRef"), anything("PurchaseEx")),
    computed(text("TxnSource"), text("TxnStatus")),
    computed(money("HomeTotalAmt"), *filtered(money("HomeBalance"))),
    computed(anything("TxnApprovalInfo")),
    (text("GlobalTaxCalculation", 30), text("TransactionLocationType", 60)),
)
"""What all transactions have."""

DOC_NUMBER: Final = sorted_by(text("DocNumber", 21))
TOTAL: Final = computed(*sorted_by(money("TotalAmt")))
BALANCE: Final = computed(*filtered(money("Balance")))

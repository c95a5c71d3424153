"""What a company has only one of."""

from typing import Final

from qbo.simulator.entities.kind import (
    UPDATE,
    Entity,
)
from qbo.simulator.entities.parts import (
    ENVELOPE,
    address,
    phone,
)
from qbo.simulator.fields import (
    anything,
    computed,
    day,
    email,
    group,
    group_of_anything,
    one_of,
    table,
    text,
)

_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
COMPANY_INFO: Final = Entity(
    "CompanyInfo",
    "Company",
    table(
        ENVELOPE,
        (text("CompanyName", 1024), text("LegalName", 1024), text("EmployerId", 20)),
        (address("CompanyAddr"), address("LegalAddr")),
        (address("CustomerCommunicationAddr"), phone("PrimaryPhone")),
        (email("Email"), email("CustomerCommunicationEmailAddr")),
        (group("WebAddr", text("URI", 1000)), day("CompanyStartDate")),
        (one_of("FiscalYearStartMonth", *_MONTHS), text("DefaultTimeZone", 40)),
        computed(text("Country"), text("SupportedLanguages"), anything("NameValue")),
    ),
    frozenset({UPDATE}),
    single=True,
)
PREFERENCES: Final = Entity(
    "Preferences",
    "Company",
    table(
        ENVELOPE,
        (
            group_of_anything(f"{name}Prefs")
            for name in (
                *("AccountingInfo", "ProductAndServices", "SalesForms"),
                *("EmailMessages", "VendorAndPurchases", "TimeTracking", "Tax"),
                *("Currency", "Report", "FinanceCharges", "Other"),
            )
        ),
    ),
    frozenset({UPDATE}),
    single=True,
)


ENTITIES: Final = (COMPANY_INFO, PREFERENCES)

"""What stands beside the books: attachments, time, recurring templates."""

from typing import Final

from qbo.simulator.entities.kind import (
    CREATE,
    DELETE,
    UPDATE,
    Entity,
)
from qbo.simulator.entities.parts import (
    ENVELOPE,
    LINKS,
)
from qbo.simulator.fields import (
    anything,
    computed,
    day,
    filtered,
    flag,
    group,
    moment,
    number,
    one_of,
    ref,
    rows,
    sorted_by,
    table,
    text,
)

TIME_ACTIVITY: Final = Entity(
    "TimeActivity",
    "TimeActivities",
    table(
        ENVELOPE,
        *sorted_by(day("TxnDate")),
        *filtered(
            one_of("NameOf", "Employee", "Vendor", "Other"),
            ref("EmployeeRef", "Employee"),
            ref("VendorRef", "Vendor"),
            ref("CustomerRef", "Customer"),
            ref("ItemRef", "Item"),
            ref("ClassRef", "Class"),
            ref("DepartmentRef", "Department"),
            one_of("BillableStatus", "Billable", "NotBillable", "HasBeenBilled"),
        ),
        flag("Taxable"),
        number("HourlyRate"),
        number("CostRate"),
        *(
            number(name)
            for name in (
                *("Hours", "Minutes", "Seconds"),
                *("BreakHours", "BreakMinutes", "BreakSeconds"),
            )
        ),
        moment("StartTime"),
        moment("EndTime"),
        text("Description", 4000),
        text("TimeZone", 60),
        flag("HoursInEmployeeTimeZone"),
        text("TransactionLocationType", 60),
        ref("ProjectRef", "Customer"),
        *computed(
            LINKS,
            anything("OtherNameRef"),
            anything("PayrollItemRef"),
            number("TimeChargeId"),
            anything("TimeActivityEx"),
        ),
    ),
    frozenset({CREATE, UPDATE, DELETE}),
    required=("NameOf",),
    in_cdc=False,
)

_NAME: Final = text("name", 1000)
ATTACHABLE: Final = Entity(
    "Attachable",
    "Attachables",
    table(
        ENVELOPE,
        *sorted_by(text("FileName", 1000), text("ContentType", 100)),
        *computed(*sorted_by(number("Size"))),
        *computed(text("FileAccessUri"), text("TempDownloadUri")),
        *computed(text("ThumbnailFileAccessUri"), text("ThumbnailTempDownloadUri")),
        *sorted_by(text("Note", 2000), text("Tag", 2000)),
        *filtered(
            one_of(
                "Category",
                *("Contact Photo", "Document", "Image", "Receipt", "Signature"),
                *("Sound", "Other"),
            ),
            text("PlaceName", 2000),
        ),
        (text("Lat", 100), text("Long", 100)),
        rows(
            "AttachableRef",
            group("EntityRef", *filtered(text("type", 40), text("value", 40)), _NAME),
            text("LineInfo", 40),
            flag("IncludeOnSend"),
            *filtered(flag("Inactive"), flag("NoRefOnly")),
            anything("CustomField"),
        ),
    ),
    frozenset({CREATE, UPDATE, DELETE}),
)

ENTITIES: Final[tuple[Entity, ...]] = (ATTACHABLE, TIME_ACTIVITY)

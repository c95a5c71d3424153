"""What QuickBooks says when it says no, in its two dialects.

Most refusals come from the service (`Fault`, capital letters); what the gateway
turns away (401, 403, 429) has lower-case keys and other members around it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from html import escape
from typing import Final

from qbo.simulator.clock import stamp_ms
from qbo.simulator.exact import Json, grouped

VALIDATION: Final = "ValidationFault"
SYSTEM: Final = "SystemFault"
AUTHORIZATION: Final = "AuthorizationFault"


@dataclass(eq=False)
class Refused(Exception):
    """A request that is answered with a fault.

    `gateway` picks the dialect; `element` names the field, where there is one.
    """

    code: str
    message: str
    detail: str | None
    status: int = 400
    element: str | None = ""
    kind: str = VALIDATION
    gateway: bool = False

    def body(self, now: datetime) -> Json:
        """The whole answer as JSON."""
        return self._gateway(now) if self.gateway else self._service(now)

    def newer(self) -> Json:
        """The gateway's answer in its newer form."""
        return {
            "code": self._word(),
            "type": "INPUT",
            "message": None,
            "detail": self.detail,
            "moreInfo": None,
        }

    def xml(self, now: datetime, *, newer: bool) -> str:
        """The gateway's answer as XML, in one of the two forms seen."""
        head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        detail = escape(self.detail or "")
        if newer:
            word = escape(self._word())
            error = f"<error><code>{word}</code><detail>{detail}</detail></error>"
            return f"{head}<Errors>{error}</Errors>"
        return (
            f'{head}<IntuitResponse time="{stamp_ms(now)}"'
            ' xmlns="http://schema.intuit.com/finance/v3">'
            f'<Fault type="{escape(self.kind)}"><Error code="{escape(self.code)}">'
            f"<Message>{escape(self.message)}</Message>"
            f"{f'<Detail>{detail}</Detail>' if detail else ''}"
            "</Error></Fault></IntuitResponse>"
        )

    def _word(self) -> str:
        """The name of a gateway's fault: what its message begins with."""
        return self.message.removeprefix("message=").partition(";")[0]

    def fault(self) -> Json:
        """The `Fault` object alone, as batches and odd 200s carry it."""
        error = {"Message": self.message, "Detail": self.detail, "code": self.code}
        if self.element is not None:
            error["element"] = self.element
        return {"Error": [error], "type": self.kind}

    def _service(self, now: datetime) -> Json:
        return {"Fault": self.fault(), "time": stamp_ms(now)}

    def _gateway(self, now: datetime) -> Json:
        error = {
            "message": self.message,
            "detail": self.detail,
            "code": self.code,
            "element": None,
        }
        return {
            "warnings": None,
            "intuitObject": None,
            "fault": {"error": [error], "type": self.kind},
            "report": None,
            "queryResponse": None,
            "batchItemResponse": [],
            "attachableResponse": [],
            "syncErrorResponse": None,
            "requestId": None,
            "time": int(now.timestamp() * 1000),
            "status": None,
            "cdcresponse": [],
        }


MESSAGES: Final[Mapping[str, str]] = {
    "120": "Authorization Failure",
    "400": "MalformedRequest",
    "500": "Unsupported Operation",
    "600": "Duplicate Request ID",
    "610": "Object Not Found",
    "620": "TxnID Cannot Be Linked",
    "1040": "Batch size exceeds allowed limit",
    "1050": "Invalid content type",
    "700": "Parent reference invalid",
    "900": "Parent cannot be child",
    "2010": "Request has invalid or unsupported property",
    "2020": ("Required param missing, need to supply the required value for the API"),
    "2050": "String length specified does not match the supported length",
    "2060": "Invalid Date",
    "2080": "Invalid Number",
    "2090": "Invalid Boolean",
    "2170": "Invalid Enumeration",
    "2210": "Email Address does not conform to the syntax rules of RFC 822.",
    "2500": "Invalid Reference Id",
    "4000": "Error parsing query",
    "4001": "Invalid query",
    "5010": "Stale Object Error",
    "5020": "Permission denied for a feature",
    "6000": "A business validation error has occurred while processing your request",
    "6010": "Invalid Account.AccountType && Account.SubType",
    "6030": "Upload request size exceeds allowed limit",
    "6040": "Metadata must be of type Attachable",
    "6050": "Entity type unsupported for Attachable",
    "6070": "Amount calculation incorrect in the request",
    "6080": "No name provided",
    "6090": "Discount line missing required info",
    "6100": "Invalid Line TaxCode in the request",
    "6140": "Duplicate Document Number Error",
    "6190": "Invalid Company Status",
    "6210": "Account Period Closed, Cannot Update Through Services API",
    "6240": "Duplicate Name Exists Error",
    "6430": "Invalid account type",
    "6540": "Deposited Transaction cannot be changed",
    "10000": "An application error has occurred while processing your request",
}
"""Message texts by code (developer.intuit.com, "Error codes")."""


def refusal(code: str, detail: str, element: str | None = "") -> Refused:
    """A validation fault with the code's usual message and status 400."""
    return Refused(code, MESSAGES[code], detail, element=element)


def not_found(detail: str = "") -> Refused:
    """610: unknown, deleted, or made inactive."""
    return refusal(
        "610",
        detail
        or "Object Not Found : Something you're trying to use has been made inactive."
        " Check the fields with accounts, customers, items, vendors or employees.",
    )


def bad_property() -> Refused:
    """2010: an unknown field, or a scalar where an object belongs."""
    return refusal(
        "2010",
        "Property Name:failed to parse json object; a property specified is"
        " unsupported or invalid",
        None,
    )


def missing(name: str) -> Refused:
    """2020: a required field was not sent."""
    return refusal("2020", f"Required parameter {name} is missing in the request", name)


def bad_reference(family: str, value: str) -> Refused:
    """2500: a reference to something that is not there."""
    return refusal(
        "2500",
        f"Invalid Reference Id : {family} element id {value} not found",
        "Reference Id",
    )


def inactive_reference() -> Refused:
    """2500: a reference to something that was made inactive."""
    return refusal(
        "2500",
        "Invalid Reference Id : Something you're trying to use has been made inactive."
        " Check the fields with accounts, customers, items, vendors or employees.",
        "Reference Id",
    )


def too_long(limit: int, supplied: int, name: str) -> Refused:
    """2050: a text is longer than its field."""
    return refusal(
        "2050",
        f"String length is either shorter or longer than supported by specification."
        f" Min:0 Max:{limit:,} supported. Supplied length:{supplied:,}",
        name,
    )


def stale() -> Refused:
    """5010: somebody else was there in between."""
    return refusal(
        "5010",
        "Stale Object Error : You and another user were working on this at the same"
        " time. The other user finished before you did, so your work was not saved.",
    )


def wrong_amount(supplied: Decimal) -> Refused:
    """6070: Amount is not UnitPrice x Qty."""
    return refusal(
        "6070",
        f"Amount is not equal to UnitPrice * Qty. Supplied value:{grouped(supplied)}",
        "Line.Amount",
    )


def business(sentence: str) -> Refused:
    """6000: the catch-all for a broken rule of bookkeeping."""
    return refusal("6000", f"Business Validation Error: {sentence}")


def duplicate_name(owner: str) -> Refused:
    """6240: the name belongs to another customer, vendor, item, ..."""
    return refusal(
        "6240", f"The name supplied already exists. : Id={owner}", element=None
    )


def unsupported(operation: str) -> Refused:
    """500: the entity does not have this operation."""
    return refusal("500", f"Operation {operation} is not supported.", "Operation")


def not_authenticated(detail: str) -> Refused:
    """401/3200 as the gateway says it."""
    return Refused(
        "3200",
        "message=AuthenticationFailed; errorCode=003200; statusCode=401",
        detail,
        status=401,
        kind="AUTHENTICATION",
        gateway=True,
    )


def not_authorised() -> Refused:
    """403/3100: the token is good, but not for this company."""
    return Refused(
        "3100",
        "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403",
        None,
        status=403,
        kind="SERVICE",
        gateway=True,
    )


def throttled() -> Refused:
    """429/3001: too many requests."""
    return Refused(
        "3001",
        "message=ThrottleExceeded; errorCode=003001; statusCode=429",
        "The request limit was reached. Try again later",
        status=429,
        kind="SERVICE",
        gateway=True,
    )


def broken(detail: str) -> Refused:
    """10000: something went wrong inside."""
    return Refused("10000", MESSAGES["10000"], detail, status=500, kind=SYSTEM)


def without_rights(plan: str, status: int) -> Refused:
    """120: the person who connected the app may no longer see the company."""
    refused = refusal(
        "120",
        "Authorization Failure-11014-You do not have access to use"
        f" QuickBooks Online {plan}.",
    )
    refused.status, refused.kind = status, AUTHORIZATION
    return refused


def not_in_plan(what: str, sku: str) -> Refused:
    """5020: the company's plan lacks something."""
    return refusal(
        "5020", f"Permission denied for a feature : {sku} does not have {what}."
    )


def reference_of_no_plan(code: str, name: str, family: str, value: str) -> Refused:
    """A reference to what the plan lacks, in one of the three ways seen."""
    if code == "5020":
        return refusal("5020", f"Permission denied for a feature : {name}", name)
    if code == "6000":
        return business(f"{name} cannot be used in this company.")
    return bad_reference(family, value)


def subscription_ended() -> Refused:
    """6190: nothing can be written, because nobody pays."""
    return refusal(
        "6190",
        "Invalid Company Status : The subscription period has ended or been canceled,"
        " or there was a billing problem.",
    )


def ordered(status: int, code: str | None, detail: str | None) -> Refused:
    """A fault on order, in the shape that QuickBooks has for this status and code."""
    code = code or {401: "3200", 403: "3100", 429: "3001"}.get(status, "10000")
    if code in _GATEWAY and status not in {200, 400}:
        refused = _GATEWAY[code]()
        refused.detail = detail or refused.detail
    else:
        kind = {"10000": SYSTEM, "120": AUTHORIZATION}.get(code, VALIDATION)
        message = MESSAGES.get(code, _ON_ORDER)
        refused = Refused(code, message, detail or _ON_ORDER, kind=kind)
        refused.gateway = status in {401, 403, 429} and code != "120"
    refused.status = status
    return refused


_ON_ORDER: Final = "A fault on order"
_GATEWAY: Final[Mapping[str, Callable[[], Refused]]] = {
    "3200": lambda: not_authenticated(_ON_ORDER),
    "3100": not_authorised,
    "3001": throttled,
}

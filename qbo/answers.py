"""What QuickBooks' answers mean: a success, or which of our faults; pure.

QuickBooks says no in several forms: the service's `{"Fault": {"Error": [...]}}`
(also under HTTP 200), the gateway's `{"fault": {"error": [...]}}`, XML although
JSON was asked for, a flat `{"code": "AuthenticationFailed"}`, and plain HTML from
whatever stands before it. Codes decide, never texts, which are in the company's
language (developer.intuit.com, "Error codes" and "Handling common errors").
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final, NoReturn

from qbo.faults import (
    BooksFault,
    Disconnected,
    Forbidden,
    Refused,
    Stale,
    Throttled,
    Unconfirmed,
    Unreachable,
)

QUOTED_CHARACTERS_MAX: Final = 200

# Intuit's guidance after a 429 that names no time ("Limits and throttles").
PATIENCE_SECONDS: Final = 60.0

ENDED: Final = (
    "The connection to QuickBooks has ended. An administrator can renew it under"
    " Connections."
)
UNREACHABLE: Final = (
    "QuickBooks cannot be reached just now. Nothing was changed; please try again in"
    " a few minutes."
)
SILENT: Final = (
    "QuickBooks did not answer in time. Nothing was changed; please try again in a"
    " few minutes."
)
UNREADABLE: Final = (
    "QuickBooks gave an answer that cannot be read. Nothing was changed; please try"
    " again in a few minutes."
)
UNCONFIRMED: Final = (
    "QuickBooks did not confirm this. It may or may not have been entered; I am"
    " checking."
)
THROTTLED: Final = (
    "QuickBooks asks for a little patience: too many requests at once. Nothing was"
    " changed; please try again in a minute."
)
FORBIDDEN: Final = (
    "QuickBooks does not allow this connection to do that, so nothing was changed."
    " An administrator can reconnect the company under Connections."
)
WITHOUT_RIGHTS: Final = (
    "Whoever connected QuickBooks no longer has the rights to this company there, so"
    " nothing was changed. An administrator of the company can reconnect it under"
    " Connections."
)

_PLAIN: Final[Mapping[str, str]] = {
    "500": (
        "QuickBooks cannot do that to this kind of record. Nothing was changed; do it"
        " in QuickBooks itself."
    ),
    "610": (
        "QuickBooks no longer has that record, or it has been made inactive. Nothing"
        " was changed; look it up in QuickBooks."
    ),
    "620": (
        "QuickBooks cannot link these two records: they belong to different parties,"
        " or one of them can no longer be linked. Nothing was changed; look at both in"
        " QuickBooks and ask again."
    ),
    "800": (
        "Other records in QuickBooks depend on this one, so it was not removed."
        " Nothing was changed; remove what depends on it first."
    ),
    "2010": (
        "I sent QuickBooks something that it does not know. That is a fault in me;"
        " nothing was changed. Enter it in QuickBooks, and tell whoever runs me."
    ),
    "2050": (
        "One of the texts is too long for QuickBooks. Nothing was changed; ask again"
        " with a shorter one."
    ),
    "2060": (
        "QuickBooks does not take that date. Nothing was changed; ask again with"
        " another."
    ),
    "2080": (
        "QuickBooks does not take one of the numbers. Nothing was changed; check the"
        " amounts and ask again."
    ),
    "2090": (
        "I sent QuickBooks something that it does not know. That is a fault in me;"
        " nothing was changed. Enter it in QuickBooks, and tell whoever runs me."
    ),
    "2170": (
        "I sent QuickBooks something that it does not know. That is a fault in me;"
        " nothing was changed. Enter it in QuickBooks, and tell whoever runs me."
    ),
    "2210": (
        "QuickBooks does not take that e-mail address. Nothing was changed; check the"
        " address and ask again."
    ),
    "4000": "I asked QuickBooks in a way that it cannot read. That is a fault in me.",
    "4001": "I asked QuickBooks in a way that it cannot read. That is a fault in me.",
    "4002": "QuickBooks could not work that question out. Please try again.",
    "5020": (
        "This company's QuickBooks subscription does not include that. Nothing was"
        " changed; its owner can choose another plan in QuickBooks."
    ),
    "5030": (
        "This company's QuickBooks subscription does not include that. Nothing was"
        " changed; its owner can choose another plan in QuickBooks."
    ),
    "6070": (
        "QuickBooks works out another amount from the quantity and the rate, so"
        " nothing was changed. Give the amount alone, or check quantity and rate."
    ),
    "6080": "QuickBooks needs a name. Nothing was changed; ask again with one.",
    "6100": (
        "QuickBooks does not take one of the tax codes on these lines. Nothing was"
        " changed; check the tax code of the product or service in QuickBooks."
    ),
    "6190": (
        "This company's QuickBooks subscription has ended or has a billing problem,"
        " so nothing was changed. Its owner can put that right in QuickBooks."
    ),
    "6200": (
        "The books are closed for that date, so nothing was changed. Use a later"
        " date, or have the closing date moved in QuickBooks."
    ),
    "6210": (
        "The books are closed for that date, so nothing was changed. Use a later"
        " date, or have the closing date moved in QuickBooks."
    ),
    "6240": (
        "QuickBooks already has that name, so nothing was changed. Choose another"
        " name; customers, vendors and employees share one list."
    ),
    "6430": (
        "QuickBooks does not take an account of that type here. Nothing was changed;"
        " choose another account, or change the product's in QuickBooks."
    ),
    "6540": (
        "That payment is already part of a deposit, so nothing was changed. Take it"
        " off the deposit in QuickBooks first."
    ),
    "6560": (
        "QuickBooks needs a customer here. Nothing was changed; ask again with one."
    ),
}

# What a 2500 calls the list ("Names element id 583 not found"), in people's words.
_LISTS: Final[Mapping[str, str]] = {
    "names": "The customer or vendor",
    "accounts": "An account",
    "items": "A product or service",
    "klasses": "A class",
    "terms": "The payment terms",
    "paymentmethods": "The payment method",
    "taxcodes": "A tax code",
}

_NAMED: Final[Mapping[str, str]] = {
    "authenticationfailed": "3200",
    "applicationauthorizationfailed": "3100",
    "applicationauthenticationfailed": "3200",
    "throttleexceeded": "3001",
}

_AUTHENTICATION: Final = frozenset({"100", "110", "3200"})
_WITHOUT_RIGHTS: Final = "120"
# The company is moved, locked or under maintenance: later, not never.
_CLOSED_FOR_NOW: Final = frozenset({"130", "140", "150"})
_DUPLICATE_REQUEST: Final = "600"
_SEVERE_FROM: Final = 10_000

# Turned away before anybody looked at the request, whatever the body says.
_TURNED_AWAY: Final = frozenset(
    {
        HTTPStatus.NOT_FOUND,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.NOT_ACCEPTABLE,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.REQUEST_URI_TOO_LONG,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    }
)


@dataclass(frozen=True, slots=True)
class Said:
    """One answer as it came over the wire; `headers` are looked up in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def intuit_tid(self) -> str | None:
        """Intuit's trace id; the header's name is written in several ways."""
        for name in ("intuit_tid", "intuit-tid"):
            if value := self.headers.get(name):
                return cleaned(value) or None
        return None

    @property
    def is_success(self) -> bool:
        """Whether the status alone says yes."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


@dataclass(frozen=True, slots=True)
class Fault:
    """QuickBooks' own words; all untrusted. `code` has no leading zeros."""

    code: str
    message: str = ""
    detail: str = ""
    element: str = ""
    type: str = ""


class Unreadable(Exception):
    """A body that should be a JSON object and is not."""


def read_json(body: bytes) -> dict[str, Any]:
    """A JSON object with its numbers as exact decimals.

    Raises:
        Unreadable: it is not JSON, not an object, or holds NaN or Infinity.
    """
    try:
        value = json.loads(body, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError) as wrong:
        raise Unreadable from wrong
    if not isinstance(value, dict):
        raise Unreadable
    return value


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def fault(said: Said) -> Fault | None:
    """The fault that an answer holds, in whichever form; None where there is none."""
    try:
        value = read_json(said.body)
    except Unreadable:
        return None if said.is_success else _fault_in_text(said.body)
    wrapped = value.get("Fault") or value.get("fault")
    if isinstance(wrapped, dict):
        return _fault_in_json(wrapped)
    if not said.is_success and isinstance(value.get("code"), str):
        return Fault(
            code=_code(value["code"]),
            message=_text(value.get("message")),
            detail=_text(value.get("detail")),
            type=_text(value.get("type")),
        )
    return None


def _fault_in_json(wrapped: Mapping[str, Any]) -> Fault:
    errors = wrapped.get("Error") or wrapped.get("error") or []
    first = errors[0] if isinstance(errors, list) and errors else errors
    if not isinstance(first, dict):
        first = {}
    message = _text(first.get("Message") or first.get("message"))
    code = _code(_text(first.get("code")))
    if not code and (found := re.search(r"errorCode=(\d+)", message)):
        code = _code(found[1])
    return Fault(
        code=code,
        message=message,
        detail=_text(first.get("Detail") or first.get("detail")),
        element=_text(first.get("element")),
        type=_text(wrapped.get("type")),
    )


def _fault_in_text(body: bytes) -> Fault | None:
    text = body[:20_000].decode(errors="replace")
    for pattern in (
        r"errorCode=(\d{1,6})",
        r'<Error\b[^>]*\bcode="(\d{1,6})"',
        r"<code>\s*(\w{1,60})\s*</code>",
    ):
        if found := re.search(pattern, text):
            code = _code(found[1])
            if code.isdigit():
                message = re.search(r"<Message>([^<]*)</Message>", text)
                return Fault(code=code, message=message[1] if message else "")
    return None


def _code(raw: str) -> str:
    named = _NAMED.get(raw.strip().lower())
    return named or raw.strip().lstrip("0")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def cleaned(text: str, characters_max: int = QUOTED_CHARACTERS_MAX) -> str:
    """Somebody else's text as one line without control or direction characters."""
    kept = "".join(
        " " if each.isspace() else each
        for each in text
        if each.isspace() or not unicodedata.category(each).startswith("C")
    )
    line = " ".join(kept.split())
    return line if len(line) <= characters_max else f"{line[: characters_max - 1]}…"


def is_stale_token(said: Said) -> bool:
    """Whether a fresh access token may help: a 401 that is not about rights."""
    if said.status != HTTPStatus.UNAUTHORIZED:
        return False
    found = fault(said)
    return found is None or found.code != _WITHOUT_RIGHTS


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for; None without a usable one."""
    raw = headers.get("retry-after", "").strip()
    if not raw:
        return None
    if re.fullmatch(r"\d{1,6}", raw):
        return float(raw)
    try:
        at = parsedate_to_datetime(raw)
    except ValueError:
        return None
    if at.tzinfo is None:
        return None
    return max(0.0, (at - now).total_seconds())


def judged(
    said: Said, *, company: str, is_write: bool, now: datetime
) -> BooksFault | None:
    """The fault of ours that an answer means; None when it is a success.

    A read that may be made again is Unreachable or Throttled. A write is Refused
    only where QuickBooks definitely said no; whatever is unclear is Unconfirmed.
    """
    tid = said.intuit_tid
    found = fault(said)
    code = found.code if found else ""
    if known := _known(said, code, company=company, now=now):
        return known
    if said.is_success and found is None:
        return None
    if said.status >= HTTPStatus.INTERNAL_SERVER_ERROR or _is_severe(found):
        return _unclear(is_write, tid, UNREACHABLE)
    if found is not None and not (is_write and code == _DUPLICATE_REQUEST):
        return refused(found, tid)
    if found is None and said.status in _TURNED_AWAY:
        return Refused(
            "QuickBooks turned this request away without looking at it. That is a"
            " fault in me; nothing was changed.",
            code=f"http-{said.status}",
            intuit_tid=tid,
        )
    return _unclear(is_write, tid, UNREADABLE)


def in_item(item: Mapping[str, Any], *, company: str) -> BooksFault | None:
    """The fault of ours that one item of a batch means; None when it went well.

    An item is judged as a write of its own would be: Unconfirmed where it may have
    been carried out all the same.
    """
    wrapped = item.get("Fault") or item.get("fault")
    if not isinstance(wrapped, dict):
        return None
    found = _fault_in_json(wrapped)
    if _is_severe(found) or found.code == _DUPLICATE_REQUEST:
        return Unconfirmed(UNCONFIRMED)
    if found.code == "3001":
        return Throttled(THROTTLED, retry_after_seconds=PATIENCE_SECONDS)
    if found.code in _AUTHENTICATION:
        return Disconnected(ENDED, company=company)
    if found.code in {_WITHOUT_RIGHTS, "3100"}:
        return Forbidden(FORBIDDEN)
    return refused(found, None)


def _known(  # noqa: PLR0911 - one return a fault
    said: Said, code: str, *, company: str, now: datetime
) -> Disconnected | Forbidden | Throttled | Unreachable | None:
    """Faults that mean the same for reads and writes: the request was not taken."""
    tid = said.intuit_tid
    if code == _WITHOUT_RIGHTS:
        return Forbidden(WITHOUT_RIGHTS, intuit_tid=tid)
    if said.status == HTTPStatus.TOO_MANY_REQUESTS or code == "3001":
        seconds = retry_after(said.headers, now)
        return Throttled(
            THROTTLED,
            retry_after_seconds=PATIENCE_SECONDS if seconds is None else seconds,
            intuit_tid=tid,
        )
    if said.status == HTTPStatus.UNAUTHORIZED or code in _AUTHENTICATION:
        return Disconnected(ENDED, company=company, intuit_tid=tid)
    if said.status == HTTPStatus.FORBIDDEN or code == "3100":
        return Forbidden(FORBIDDEN, intuit_tid=tid)
    if said.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return Unreachable(UNREACHABLE, intuit_tid=tid)
    if code in _CLOSED_FOR_NOW:
        return Unreachable(
            "QuickBooks has closed this company's books for maintenance just now."
            " Nothing was changed; please try again later.",
            intuit_tid=tid,
        ).waiting("maintenance")
    return None


def _is_severe(found: Fault | None) -> bool:
    if found is None:
        return False
    if found.code.isdigit() and int(found.code) >= _SEVERE_FROM:
        return True
    return found.type.lower() == "systemfault"


def _unclear(
    is_write: bool,  # noqa: FBT001 - the one question of this function
    tid: str | None,
    sentence: str,
) -> BooksFault:
    if is_write:
        return Unconfirmed(UNCONFIRMED, intuit_tid=tid)
    return Unreachable(sentence, intuit_tid=tid)


def refused(found: Fault, intuit_tid: str | None) -> Refused:
    """QuickBooks' definite no, with a sentence for a book-keeper."""
    detail = cleaned(found.detail or found.message)
    kind, sentence = Refused, _sentence(found, detail)
    if found.code == "5010":
        kind = Stale
        sentence = (
            "Somebody edited this record in QuickBooks in the meantime, so nothing was"
            " changed. Ask again for a fresh proposal."
        )
    return kind(
        sentence,
        code=found.code or "unknown",
        detail=detail,
        element=cleaned(found.element, 60),
        intuit_tid=intuit_tid,
    )


def _sentence(found: Fault, detail: str) -> str:
    if found.code == "6140":
        number = re.search(r"DocNumber=([\w./-]{1,21})", found.detail)
        which = f"Number {number[1]}" if number else "That number"
        return (
            f"{which} is already used in QuickBooks, so nothing was posted. Choose"
            " another number."
        )
    if found.code == "2500":
        named = re.search(r"(\w+) element id", found.detail)
        which = _LISTS.get(named[1].lower() if named else "", "Something")
        return (
            f"{which} that this refers to is not in QuickBooks any more, or has been"
            " made inactive. Nothing was changed; make it active in QuickBooks, or"
            " choose another."
        )
    if found.code == "2020":
        return (
            "QuickBooks needs something that is missing here"
            f"{_in_words(found.element)}. Nothing was changed; ask again and name it."
        )
    if plain := _PLAIN.get(found.code):
        return plain
    # 6000 and the rest carry their reason in the text alone.
    reason = re.sub(r"^Business Validation Error\s*:\s*", "", detail).rstrip(". ")
    if not reason:
        return (
            "QuickBooks said no and gave no reason. Nothing was changed; try the same"
            " in QuickBooks itself, which may say more."
        )
    return (
        f"QuickBooks said no: “{reason}”. Nothing was changed; put that right and ask"
        " again."
    )


def _in_words(element: str) -> str:
    """What an element is called, as " (customer)" for "CustomerRef"; "" if no name."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z.]{1,40}", element):
        return ""
    name = re.sub(r"Ref$", "", element.rsplit(".", 1)[-1])
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
    return f" ({words})" if words else ""

"""Intuit's events: is it really Intuit, and whose books moved.

Pure. Events carry no data, so all they tell us is which company to look at
again; a repeated or late event costs one look and changes nothing.
Source: developer.intuit.com, Webhooks (CloudEvents since 2026; legacy before).
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable
from typing import Any


def is_signed(body: bytes, signature: str | None, tokens: Iterable[str]) -> bool:
    """Whether one of the verifier tokens signed this body.

    `signature` is the header `intuit-signature`: base64 of HMAC-SHA256 over the
    raw body.
    """
    if not signature:
        return False
    given = signature.strip().encode("utf-8", "replace")
    return any(
        hmac.compare_digest(
            base64.b64encode(hmac.new(token.encode(), body, hashlib.sha256).digest()),
            given,
        )
        for token in tokens
    )


def realms(body: bytes) -> frozenset[str]:
    """The companies whose books moved, of either shape of event.

    Raises:
        ValueError: the body is neither shape.
    """
    try:
        events: Any = json.loads(body)
    except (ValueError, RecursionError) as wrong:
        raise ValueError("the event is not JSON") from wrong
    if isinstance(events, dict) and isinstance(events.get("eventNotifications"), list):
        found = [_text(each, "realmId") for each in events["eventNotifications"]]
    elif isinstance(events, list):
        found = [_text(each, "intuitaccountid") for each in events]
    else:
        raise ValueError("the event has neither shape")  # noqa: TRY004 - one refusal
    return frozenset(realm for realm in found if realm)


def _text(event: Any, name: str) -> str:
    value = event.get(name) if isinstance(event, dict) else None
    return value if isinstance(value, str) else ""

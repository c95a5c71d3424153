"""What was said to QuickBooks and what it said, as facts of the trail. Pure.

The bytes of the request and the body of the answer are the evidence itself, so they
stand in the trail as they were: up to a bound, and where they are cut it shows, with
the digest of the whole. What authorises a request (its headers) is never among them.
"""

import hashlib
from collections.abc import Sequence
from urllib.parse import urlencode

from approvals.trail import Facts
from qbo.books import Receipt, Step, made_ids
from qbo.faults import BooksFault

# Longer than any document that people approve line by line.
BODY_CHARACTERS_MAX = 65_536


def asked(step: Step, receipts: Sequence[Receipt] = ()) -> Facts:
    """A request that is about to leave; `receipts` are those of the steps before."""
    path = step.path
    for mark, record_id in made_ids(receipts).items():
        path = path.replace(mark, record_id)
    return {
        "request_id": step.request_id,
        "digest": step.digest,
        "method": step.method,
        "path": path,
        "query": urlencode(step.query) or None,
        "content_type": step.content_type,
        **_body("request", step.body.decode(errors="replace"), step.body),
    }


def answered(said: Receipt | BooksFault | None) -> Facts:
    """What QuickBooks answered; nothing where no answer came."""
    if said is None:
        return {}
    body = said.response
    return {
        "intuit_tid": said.intuit_tid,
        "status": said.status,
        **_body("response", body, body.encode(errors="surrogatepass")),
    }


def bounded(text: str) -> str:
    """A text as it is kept: whole, or cut so that it shows."""
    text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")  # PostgreSQL keeps none
    if len(text) <= BODY_CHARACTERS_MAX:
        return text
    left = len(text) - BODY_CHARACTERS_MAX
    return f"{text[:BODY_CHARACTERS_MAX]}… and {left:,} more characters"


def _body(name: str, text: str, whole: bytes) -> Facts:
    if not text:
        return {}
    kept = bounded(text)
    cut = hashlib.sha256(whole).hexdigest() if kept != text else None
    return {name: kept, f"{name}_sha256": cut}

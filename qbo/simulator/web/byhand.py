"""`/_simulator/companies/{realm}/...`: what only a person in QuickBooks itself does.

Clients have to cope with it all the same: names that were merged, documents voided
that the API cannot void, a connection ended from the other side.
"""

from typing import Final

from aiohttp import web

from qbo.simulator import faults
from qbo.simulator.entities import ENTITIES
from qbo.simulator.exact import Json
from qbo.simulator.rules import merging, writes
from qbo.simulator.web.board import PREFIX, bad, company_of, shown, wish_of
from qbo.simulator.web.state import STATE

VOIDABLE: Final = frozenset(
    {
        *("BillPayment", "CreditMemo", "Invoice", "Payment", "Purchase"),
        *("RefundReceipt", "SalesReceipt", "Transfer"),
    }
)
"""What a person can void; the API cannot void all of these."""
MADE_BY_HAND: Final = frozenset({"Budget", "CustomerType"})
"""What the API only reads."""


def routes() -> list[web.RouteDef]:
    """The routes for what is done by hand."""
    base = f"{PREFIX}/companies/{{realm}}"
    return [
        web.post(f"{base}/merge", merged),
        web.post(f"{base}/void", voided),
        web.post(f"{base}/disconnect", disconnected),
        web.post(f"{base}/make", made),
    ]


async def merged(request: web.Request) -> web.StreamResponse:
    """POST {"entity": "Vendor", "into": "1", "from": "27"}: two names become one."""
    state, company = request.app[STATE], company_of(request)
    wish = await wish_of(request)
    entity, into, loser = _texts(wish, "entity", "into", "from")
    try:
        record = merging.merge(company, entity, into, loser, state.clock.now())
    except ValueError as wrong:
        raise bad(str(wrong)) from None
    except faults.Refused as refused:
        raise bad(str(refused.detail)) from None
    state.commit(company)
    return shown({entity: record.json()})


async def voided(request: web.Request) -> web.StreamResponse:
    """POST {"entity": "Transfer", "id": "12"}: a document stays, with nothing in it."""
    state, company = request.app[STATE], company_of(request)
    entity, number = _texts(await wish_of(request), "entity", "id")
    record = company.find(entity, number) if entity in VOIDABLE else None
    if record is None:
        raise bad(f"there is no {entity} {number} that can be voided")
    try:
        writes.empty(company, record, state.clock.now())
    except faults.Refused as refused:
        raise bad(str(refused.detail)) from None
    state.commit(company)
    return shown({entity: record.json()})


async def made(request: web.Request) -> web.StreamResponse:
    """POST {"entity": "Budget", "body": {...}}: a record the API cannot make."""
    state, company = request.app[STATE], company_of(request)
    wish = await wish_of(request)
    entity, body = str(wish.get("entity")), wish.get("body")
    if entity not in MADE_BY_HAND or not isinstance(body, dict):
        kinds = ", ".join(sorted(MADE_BY_HAND))
        raise bad(f"wanted are a body, and as entity one of: {kinds}")
    try:
        record = writes.enter(company, ENTITIES[entity], body, state.around())
    except faults.Refused as refused:
        raise bad(str(refused.detail)) from None
    state.commit(company)
    return shown({entity: record.json()})


async def disconnected(request: web.Request) -> web.StreamResponse:
    """POST: the connections to a company end; {"app": id} ends only that app's.

    The tokens die and nobody is told, as Intuit has no event for it.
    """
    company, wish = company_of(request), await wish_of(request)
    if set(wish) - {"app"}:
        raise bad("at most app is wanted")
    authority = request.app[STATE].authority
    count = authority.disconnect(company.realm, str(wish.get("app", "")))
    return shown({"ended": count})


def _texts(wish: Json, *names: str) -> list[str]:
    """These members, all there and none besides.

    Raises:
        HTTPBadRequest: they are not.
    """
    if set(wish) != set(names):
        raise bad(f"wanted are: {', '.join(names)}")
    texts = [str(wish[name]) for name in names]
    if "entity" in names and texts[0] not in ENTITIES:
        raise bad(f"there is no entity {texts[0]}")
    return texts

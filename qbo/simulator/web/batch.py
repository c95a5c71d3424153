"""Batches: up to thirty writes and queries in one request, each for itself.

An item that is refused carries its fault and stops no other. All that was written
is on disk, together, before the answer leaves. With a request id, each item is known
by that id and its own bId, so what went well is not done again.
"""

from typing import Final

from aiohttp import web

from qbo.simulator import faults
from qbo.simulator.books.company import Company
from qbo.simulator.entities import (
    CREATE,
    ENTITIES,
    UPDATE,
    VOID,
    Entity,
)
from qbo.simulator.exact import Json, dumps
from qbo.simulator.gateway.orders import Arrival, Order, entity_in
from qbo.simulator.gateway.replay import Remembered
from qbo.simulator.rules import webhooks, writes
from qbo.simulator.web import cdc, gate, replies
from qbo.simulator.web.state import STATE

ITEMS_MAX: Final = 30
REQUEST_ID_MAX: Final = 36
BID_MAX: Final = 10
_BY_KEY: Final = {entity.key.lower(): entity for entity in ENTITIES.values()}
_ABOUT: Final = frozenset({"bId", "operation", "optionsData"})


async def run(request: web.Request) -> web.StreamResponse:
    """POST .../batch."""
    raw = await request.read()
    try:
        items, wrong = _items(replies.object_of(raw)), None
    except faults.Refused as refused:
        items, wrong = [], refused
    company = gate.admitted(request, max(len(items), 1))
    if wrong:
        raise wrong
    if len(request.query.get("requestid", "")) > REQUEST_ID_MAX:
        length = len(request.query["requestid"])
        raise faults.too_long(REQUEST_ID_MAX, length, "requestid")
    answers = _Batch(request, company).answers(items)
    return replies.reply(request, f'"BatchItemResponse":{replies.listed(answers)}')


def _items(given: Json) -> list[Json]:
    items = given.get("BatchItemRequest")
    if not items:
        raise faults.refusal("400", "Batch Request is Empty", None)
    if not isinstance(items, list):
        raise faults.bad_property()
    if len(items) > ITEMS_MAX:
        raise faults.refusal(
            "1040", f"Batch size exceeds allowed limit of {ITEMS_MAX}.", None
        )
    if not all(isinstance(one, dict) for one in items):
        raise faults.bad_property()
    return items


class _Batch:
    """One batch on its way: what its writes did, to be committed at the end."""

    def __init__(self, request: web.Request, company: Company) -> None:
        self.request, self.company = request, company
        self.state = request.app[STATE]
        self.id = request.query.get("requestid", "")
        self.events: list[webhooks.Event] = []
        self.remembered: list[tuple[str, Remembered]] = []
        self.reads = 0

    def answers(self, items: list[Json]) -> list[str]:
        """The answers, in the order of the items. Nothing here waits."""
        try:
            return [self._answer(item) for item in items]
        finally:
            self.request[gate.READS] = self.reads
            self.state.commit(
                self.company, self.remembered, self.request[gate.APP], self.events
            )

    def _answer(self, item: Json) -> str:
        head = {"bId": item["bId"]} if "bId" in item else {}
        order = self.state.orders.take(self._arrival(item))
        try:
            if order and order.when == "before":
                text = _ordered(order)
            else:
                text = self._member(item)
                text = _ordered(order) if order else text
        except faults.Refused as refused:
            return dumps({**head, "Fault": refused.fault()})
        except replies.OddAnswer as odd:
            text = str(odd)
        start = dumps(head)[:-1]
        return f"{start}{',' if head else ''}{text}}}"

    def _arrival(self, item: Json) -> Arrival:
        """An item as faults on order are matched against it."""
        path = self.request.path
        if "Query" in item:
            about = entity_in(str(item["Query"]))
            return Arrival("POST", path, about, "query", is_item=True)
        names = sorted(set(item) - _ABOUT)
        entity = _BY_KEY.get(names[0].lower()) if names else None
        wish = str(item.get("operation") or "").lower()
        if VOID in _options(item):
            wish = VOID
        elif entity and not wish:
            given = item[names[0]]
            known = isinstance(given, dict) and writes.identified(given)
            wish = UPDATE if known or entity.single else CREATE
        name = entity.name if entity else ""
        return Arrival("POST", path, name, wish, is_item=True)

    def _member(self, item: Json) -> str:
        """What an item gets: the member beside its bId.

        Raises:
            Refused: it is refused.
        """
        names = set(item) - _ABOUT
        if len(names) != 1:
            raise faults.bad_property()
        (name,) = names
        if name == "ReportQuery":
            raise faults.unsupported(name)
        if name in {"Query", "CDCQuery"}:
            self.reads += 1
            read = self._query if name == "Query" else self._changes
            return read(item[name])
        entity = _BY_KEY.get(name.lower())
        if entity is None or not isinstance(item[name], dict):
            raise faults.bad_property()
        return self._once(item, entity, item[name])

    def _query(self, statement: object) -> str:
        return replies.answered(self.request, self.company, str(statement))

    def _changes(self, given: object) -> str:
        if not isinstance(given, dict):
            raise faults.bad_property()
        return cdc.changes(
            self.company,
            str(given.get("Entities", "")),
            str(given.get("ChangedSince", "")),
            self.state.clock.now(),
            lambda record: replies.shown(self.request, self.company, record),
        )

    def _once(self, item: Json, entity: Entity, given: Json) -> str:
        """One write, unless the pair of request id and bId was answered before."""
        replays, key = self.state.replays[self.company.realm], ""
        if self.id and item.get("bId"):
            number = str(item["bId"])
            if len(number) > BID_MAX:
                raise faults.too_long(BID_MAX, len(number), "bId")
            key = f"{self.id}/{number}"
            if known := replays.find(key, entity.name):
                self.request[replies.REPLAYED] = True
                if self.company.touched:  # its write could not be stored then
                    self.remembered.append((key, known))
                return known.body
        text = self._write(item, entity, given)
        now = self.state.clock.now()
        self.events += webhooks.events(self.company, now, self.request[gate.APP])
        if key and not replays.ignores(entity.name):
            answer = Remembered(now.timestamp(), 200, text)
            replays.keep(key, answer)
            self.remembered.append((key, answer))
        return text

    def _write(self, item: Json, entity: Entity, given: Json) -> str:
        wish = str(item.get("operation") or "").lower()
        options = {one.strip().lower() for one in _options(item)}
        around = self.state.around(allow_duplicates="allowduplicatedocnum" in options)
        replies.check_operation(wish, entity, given)
        if wish == CREATE:
            given = {**given, "Id": None}
        elif wish == VOID:
            replies.check_plain_void(entity)
        operation = VOID if VOID in options else wish
        record = replies.carried_out(self.company, entity, operation, given, around)
        return replies.member(self.request, self.company, record)


def _ordered(order: Order) -> str:
    """What an order puts in the place of an item's answer.

    Raises:
        Refused: it orders a fault.
    """
    if isinstance(order.body, dict):
        return dumps(order.body)[1:-1]
    raise order.refusal


def _options(item: Json) -> list[str]:
    return str(item.get("optionsData") or "").replace("=", ",").split(",")

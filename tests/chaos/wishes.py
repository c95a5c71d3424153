"""Wishes for the chaos, made from the books as they are at the beginning."""

import re
from decimal import Decimal
from typing import Any

from tests.chaos.people import MIX, Kind, Wish
from tests.chaos.world import World

_PLAIN = re.compile(r"[A-Z][a-z]+(?: [A-Z][a-z]+){1,2}")


async def wishes(world: World, number: int) -> list[Wish]:
    """So many wishes, mixed; no two of them are about one document."""
    customers = [
        each["DisplayName"]
        for each in await world.query("SELECT * FROM Customer WHERE Active = true")
        if _PLAIN.fullmatch(each["DisplayName"])
        and each["DisplayName"] == each["FullyQualifiedName"]
        and not each.get("Job")
        and each.get("CurrencyRef", {}).get("value", "USD") == "USD"
    ]
    assert len(customers) > 3, "too few customers for chaos"
    invoices = [
        each
        for each in await world.query("SELECT * FROM Invoice WHERE Balance > '0'")
        if each.get("DocNumber", "").isdigit() and not each.get("LinkedTxn")
    ]
    world.chance.shuffle(invoices)
    kinds = [kind for kind, share in MIX.items() for _ in range(share)]
    made = []
    for count in range(number):
        # The first few are one of each kind, however few there are in all.
        kind = list(MIX)[count] if count < len(MIX) else world.chance.choice(kinds)
        made.append(_wish(world, kind, count, customers, invoices))
    world.chance.shuffle(made)
    return made


def _wish(
    world: World,
    kind: Kind,
    count: int,
    customers: list[str],
    invoices: list[dict[str, Any]],
) -> Wish:
    customer = world.chance.choice(customers)
    match kind:
        case Kind.PAYMENT if invoices:
            invoice = invoices.pop()
            part = min(Decimal(str(invoice["Balance"])), Decimal(20 + count % 50))
            return Wish(
                kind,
                f"record a payment of {part} from {invoice['CustomerRef']['name']}"
                f" for invoice {invoice['DocNumber']}",
            )
        case Kind.SEND if found := _with_address(invoices):
            return Wish(kind, f"send invoice {found['DocNumber']}")
        case Kind.VOID if invoices:
            return Wish(kind, f"void invoice {invoices.pop()['DocNumber']}")
    hours = 2 + count % 40
    ask = f"invoice {customer} for {hours} hours consulting, net 30"
    return Wish(kind if kind in _ABOUT_INVOICES else Kind.INVOICE, ask)


_ABOUT_INVOICES = {Kind.INVOICE, Kind.CORRECTED, Kind.REJECTED, Kind.WITHDRAWN}


def _with_address(invoices: list[dict[str, Any]]) -> dict[str, Any] | None:
    for place, each in enumerate(invoices):
        if each.get("BillEmail", {}).get("Address"):
            return invoices.pop(place)
    return None

"""Drafts that create or change a customer."""

from qbo import lookup
from qbo.asks import CustomerCreate, CustomerUpdate
from qbo.books import Draft
from qbo.drafting import party
from qbo.drafting.assembly import Around, Making
from qbo.drafting.party import CUSTOMER
from qbo.wire import records
from qbo.wire.exact import at


async def create(around: Around, change: CustomerCreate) -> Draft:
    """A new customer.

    Raises:
        Alike: the name is taken, or may mean somebody who is there already.
        Ambiguous: the name, e-mail address or number cannot be one.
        NotFound: there are no such terms.
    """
    making, body = await party.begin(around, CUSTOMER, change)
    _say_what_waits(making, change)
    making.create("Customer", body)
    return making.made(f"New customer {body['DisplayName']}")


def _say_what_waits(making: Making, change: CustomerCreate | CustomerUpdate) -> None:
    if change.then is not None:
        making.notes.append(
            "The request that waits for this customer is offered to whoever asked once"
            " it is posted; nothing of it is posted with this."
        )


async def update(around: Around, change: CustomerUpdate) -> Draft:
    """Some fields of a customer replaced; the others stay as they are.

    Raises:
        Ambiguous: nothing is to be changed, or a value cannot be one.
        NotFound: there is no such customer, or no such terms.
        Refused: the new name is taken, or everything is so already ("preflight").
    """
    kept = await lookup.named(
        around.mirror, around.company.id, "Customer", change.customer
    )
    record = await around.live_one("Customer", str(kept["Id"]))
    making = Making(around, change)
    body = await party.update(making, CUSTOMER, change.changes, record)
    name = records.label(record)
    if body.get("Active") is False and at(record, "Balance"):
        making.rely("Customer", record, name, ["Balance"])
        owed = records.money(record, "Balance", around.company.currency)
        making.notes.append(f"{name} has an open balance of {owed}, which stays.")
    _say_what_waits(making, change)
    making.update("Customer", record, body)
    return making.made(f"Change customer {name}")

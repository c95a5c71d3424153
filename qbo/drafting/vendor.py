"""Drafts that create or change a vendor."""

from qbo import lookup
from qbo.asks import VendorCreate, VendorUpdate
from qbo.books import Draft
from qbo.drafting import party
from qbo.drafting.assembly import Around, Making
from qbo.drafting.party import VENDOR
from qbo.wire import records
from qbo.wire.exact import at


async def create(around: Around, change: VendorCreate) -> Draft:
    """A new vendor, in the company's own currency.

    Raises:
        Alike: the name is taken, or may mean somebody who is there already.
        Ambiguous: the name, e-mail address or number cannot be one.
        NotFound: there are no such terms.
    """
    making, body = await party.begin(around, VENDOR, change)
    if at(around.prefs, "CurrencyPrefs.MultiCurrencyEnabled"):
        body["CurrencyRef"] = {"value": around.company.currency}
        making.show("Currency", around.company.currency)
        making.notes.append(
            f"Its currency is {around.company.currency}; once something is entered for"
            " a vendor, that cannot be changed."
        )
    making.create("Vendor", body)
    return making.made(f"New vendor {body['DisplayName']}")


async def update(around: Around, change: VendorUpdate) -> Draft:
    """Some fields of a vendor replaced; the others stay as they are.

    Raises:
        Ambiguous: nothing is to be changed, or a value cannot be one.
        NotFound: there is no such vendor, or no such terms.
        Refused: the new name is taken, or everything is so already ("preflight").
    """
    kept = await lookup.named(around.mirror, around.company.id, "Vendor", change.vendor)
    record = await around.live_one("Vendor", str(kept["Id"]))
    making = Making(around, change)
    body = await party.update(making, VENDOR, change.changes, record)
    name = records.label(record)
    if body.get("Active") is False and at(record, "Balance"):
        making.rely("Vendor", record, name, ["Balance"])
        owed = records.money(record, "Balance", around.company.currency)
        making.notes.append(f"We owe {name} {owed}, which stays.")
    making.update("Vendor", record, body)
    return making.made(f"Change vendor {name}")

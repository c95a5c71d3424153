"""What clients send that need not be sent, and what the lists make of it."""

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from qbo.simulator.entities import ENTITIES
from tests.simulator.client import Json, QuickBooks, fault, loads
from tests.simulator.test_entities import NAMES, body_for

LISTS = (*NAMES, "TimeActivity")
GOLDEN = Path(__file__).parents[3] / "shared" / "golden" / "xsd"
XSD = "{http://www.w3.org/2001/XMLSchema}"
DOCUMENTED = (
    *("Account", "Budget", "Class", "CompanyCurrency", "CompanyInfo", "Customer"),
    *("CustomerType", "Department", "Employee", "ExchangeRate", "Item"),
    *("PaymentMethod", "Preferences", "TaxCode", "TaxRate", "Term"),
    *("TimeActivity", "Vendor"),
    # not TaxAgency: in the schema it is a vendor, but four members are documented
)


@pytest.mark.parametrize("entity", LISTS)
async def test_what_a_client_adds_to_a_new_record_is_ignored(
    books: QuickBooks, entity: str
) -> None:
    junk: Json = {
        "Id": None,
        "SyncToken": 0,
        "domain": "QBO",
        "sparse": False,
        "status": "",
        "MetaData": {"CreateTime": "2001-01-01T00:00:00-08:00"},
        "CustomField": [],
        "AttachableRef": [],
    }

    made = await books.make(entity, {**await body_for(books, entity), **junk})

    assert made["SyncToken"] == "0"
    assert made["MetaData"]["CreateTime"] > "2026"
    assert not {"status", "CustomField", "AttachableRef"} & set(made)


@pytest.mark.parametrize("number", [0, "0", "", None])
async def test_an_id_of_nothing_means_a_new_record(
    books: QuickBooks, number: Any
) -> None:
    body = {"DisplayName": "New One", "Id": number, "SyncToken": ""}

    made = await books.make("Customer", body)

    assert int(made["Id"]) > 0


@pytest.mark.parametrize("entity", LISTS)
async def test_every_member_may_be_sent_empty(books: QuickBooks, entity: str) -> None:
    body = await body_for(books, entity)
    needed = {*body, "DisplayName", "MetaData"}
    empty = {name: "" for name in ENTITIES[entity].fields if name not in needed}

    made = await books.make(entity, {**empty, **body})

    assert "" not in made.values()


@pytest.mark.parametrize("entity", LISTS)
async def test_an_update_with_the_whole_record_needs_no_true_token_type(
    books: QuickBooks, entity: str
) -> None:
    made = await books.make(entity, await body_for(books, entity))

    again = await books.make(entity, {**made, "SyncToken": 0, "sparse": True})

    kept = {"SyncToken": "1", "MetaData": again["MetaData"]}
    assert again == {**made, **kept}


async def test_references_may_have_numbers_and_empty_names(books: QuickBooks) -> None:
    term = int(await books.id("Term", "Net 30"))
    odd = {"value": term, "name": "", "type": "Term"}

    made = await books.make("Customer", {"DisplayName": "Odd", "SalesTermRef": odd})
    none = await books.make(
        "Customer", {"DisplayName": "None", "SalesTermRef": {"value": "", "name": ""}}
    )

    assert made["SalesTermRef"] == {"value": str(term), "name": "Net 30"}
    assert "SalesTermRef" not in none


async def test_an_invented_address_id_is_replaced(books: QuickBooks) -> None:
    address = {"Id": "777777", "Line1": "1 Some Street"}
    body = {"DisplayName": "Somewhere", "BillAddr": address}

    made = await books.make("Customer", body)
    moved = await books.make(
        "Customer", {**made, "BillAddr": {"Id": "5", "Line1": "2 Some Street"}}
    )

    assert made["BillAddr"]["Id"] != "777777"
    assert moved["BillAddr"] == {"Id": made["BillAddr"]["Id"], "Line1": "2 Some Street"}


async def test_computed_members_are_taken_from_nobody(books: QuickBooks) -> None:
    body = {
        "DisplayName": "Computed",
        "Balance": 999,
        "BalanceWithJobs": "many",
        "FullyQualifiedName": "Something:Else",
        "Level": 9,
        "Job": True,
        "V4IDPseudonym": "0020",
    }

    made = await books.make("Customer", body)

    assert made["Balance"] == made["BalanceWithJobs"] == 0
    assert made["FullyQualifiedName"] == "Computed"
    assert made["Job"] is False
    assert "Level" not in made


@pytest.mark.parametrize("entity", LISTS)
async def test_an_unknown_member_is_refused(books: QuickBooks, entity: str) -> None:
    body = {**await body_for(books, entity), "Colour": "green"}

    answer = await books.post(entity.lower(), body)

    assert fault(answer)[0] == "2010"


@pytest.mark.parametrize("entity", NAMES)
async def test_lists_are_not_deleted(books: QuickBooks, entity: str) -> None:
    made = await books.make(entity, await body_for(books, entity))

    answer = await books.post(entity.lower(), made, operation="delete")

    assert fault(answer)[0] == "500"
    assert await books.read(entity, made["Id"]) == made


@pytest.mark.parametrize("entity", NAMES)
async def test_the_inactive_are_read_but_not_queried(
    books: QuickBooks, entity: str
) -> None:
    made = await books.make(entity, await body_for(books, entity))
    off = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Active": False}

    gone = await books.make(entity, off)

    one = f"select * from {entity} where Id = '{made['Id']}'"
    assert await books.read(entity, made["Id"]) == gone
    assert await books.query(one) == []
    assert await books.query(f"{one} and Active IN (true, false)") == [gone]
    assert await books.query(f"{one} and Active = false") == [gone]


@pytest.mark.parametrize(
    "name", ["Ann's & Bob's", 'The "Best" #1', "50% + more", "Müller-Ångström ß"]
)
@pytest.mark.parametrize("entity", ["Vendor", "Item", "Class", "Department"])
async def test_every_sign_survives_in_names(
    books: QuickBooks, entity: str, name: str
) -> None:
    body = await body_for(books, entity)
    field = "DisplayName" if "DisplayName" in body else "Name"

    made = await books.make(entity, {**body, field: name})

    assert made[field] == name
    escaped = name.replace("'", "\\'")
    assert await books.one(f"select * from {entity} where {field} = '{escaped}'")


@pytest.mark.parametrize(
    "entity",
    [
        *("account", "budget", "class", "companyInfo", "customer", "department"),
        *("employee", "exchangerate", "item", "paymentMethod", "preferences"),
        *("taxAgency", "taxCode", "taxRate", "term", "timeActivity", "vendor"),
        *("companycurrency", "customertype"),
    ],
)
async def test_every_list_is_queried_in_any_case(
    books: QuickBooks, entity: str
) -> None:
    answer = await books.get("query", query=f"select * from {entity}")

    assert answer.status_code == 200
    rows = loads(answer.text)["QueryResponse"]
    for one in next((part for part in rows.values() if isinstance(part, list)), []):
        assert one["MetaData"]["LastUpdatedTime"]


@pytest.mark.skipif(not GOLDEN.exists(), reason="the schemas are not here")
@pytest.mark.parametrize("entity", DOCUMENTED)
def test_every_member_of_the_schema_is_known(entity: str) -> None:
    assert set(members_of(entity)) - set(ENTITIES[entity].fields) == set()


def members_of(kind: str) -> list[str]:
    """The names of a type's elements, those of the types it extends included."""
    types = {
        node.get("name"): node
        for file in GOLDEN.glob("*.xsd")
        for node in ET.parse(file).getroot()  # noqa: S314 - our own disk
        if node.tag == f"{XSD}complexType"
    }
    found: list[str] = []
    name: str | None = kind
    while name in types:
        node = types[name]
        found += [one.get("name", "") for one in node.iter(f"{XSD}element")]
        extension = next(node.iter(f"{XSD}extension"), None)
        name = extension.get("base") if extension is not None else None
    return found

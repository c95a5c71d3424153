"""Two companies whose answers are checked, and their records as QuickBooks gives them.

`Theirs` reads over HTTP like any other client and adds up by itself: nothing of the
mirror, the wire or the ledger is used for what is expected.
"""

import json
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio

from qbo.asks import Ask
from qbo.books import Answer, Money
from qbo.simulator.serve import Options
from tests.qbo.conftest import HARBOUR, PENNINE, TODAY, TOKEN, Office, opened
from tests.qbo.far import simulated

ZERO: Final = Decimal(0)
LISTS: Final = ("Customer", "Vendor", "Item", "Account")
DOCUMENTS: Final = (
    *("Invoice", "SalesReceipt", "CreditMemo", "RefundReceipt", "Payment"),
    *("Bill", "VendorCredit", "BillPayment", "Purchase", "JournalEntry"),
)
Record = dict[str, Any]


def dec(value: Any) -> Decimal:
    """A number of QuickBooks', nothing being zero."""
    return Decimal(str(value)) if value not in (None, "") else ZERO


def ref(record: Record, name: str) -> str:
    """The id that a reference holds, or nothing."""
    return str((record.get(name) or {}).get("value", ""))


def on(record: Record, name: str = "TxnDate") -> date:
    """A date of a record; the due date of one without is its own."""
    return date.fromisoformat(record.get(name) or record["TxnDate"])


@dataclass
class Theirs:
    """One company as QuickBooks itself gives it to another client."""

    url: str
    realm: str
    http: httpx.AsyncClient = field(repr=False)
    kept: dict[str, list[Record]] = field(default_factory=dict)

    async def call(self, method: str, path: str, **how: Any) -> Any:
        """A request that succeeds; numbers come as exact decimals."""
        headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/json"}
        headers |= how.pop("headers", {})
        where = f"{self.url}/v3/company/{self.realm}/{path}"
        reply = await self.http.request(method, where, headers=headers, **how)
        assert reply.status_code == 200, reply.text
        if "pdf" in reply.headers["content-type"]:
            return reply.content
        return json.loads(reply.content, parse_float=Decimal)

    async def read(self, entity: str) -> list[Record]:
        """All records of an entity, page by page."""
        every = " WHERE Active IN (true, false)" if entity in LISTS else ""
        found: list[Record] = []
        while True:
            statement = (
                f"SELECT * FROM {entity}{every} STARTPOSITION {len(found) + 1}"
                " MAXRESULTS 1000"
            )
            reply = await self.call("GET", "query", params={"query": statement})
            page = reply["QueryResponse"].get(entity, [])
            found += page
            if len(page) < 1000:
                return found

    async def fill(self, *entities: str) -> None:
        """Read these, or everything there is."""
        for entity in entities or (*LISTS, *DOCUMENTS):
            self.kept[entity] = await self.read(entity)

    async def write(self, entity: str, body: Record, **params: str) -> Record:
        """Write as somebody else: a person in QuickBooks itself."""
        content = json.dumps(body, default=str)
        reply = await self.call(
            "POST",
            entity.lower(),
            params=params,
            content=content,
            headers={"Content-Type": "application/json"},
        )
        found: Record = reply[entity]
        return found

    async def report(self, name: str, **params: str) -> Record:
        """A report as QuickBooks computes it."""
        found: Record = await self.call("GET", f"reports/{name}", params=params)
        return found

    def all(self, *entities: str) -> list[Record]:
        """The records of some entities, in order of their ids."""
        return [each for entity in entities for each in self.kept[entity]]

    def where(self, entity: str, fits: Callable[[Record], bool]) -> list[Record]:
        """The records of an entity that fit."""
        return [each for each in self.kept[entity] if fits(each)]

    def named(self, entity: str, name: str) -> Record:
        """The list record of that name."""
        field_ = "DisplayName" if entity in ("Customer", "Vendor") else "Name"
        (found,) = [each for each in self.kept[entity] if each[field_] == name]
        return found

    def busiest(self, entity: str, reference: str, of: str) -> str:
        """The name of the list record that most documents are about."""
        counts: dict[str, int] = {}
        for each in self.kept[entity]:
            counts[ref(each, reference)] = counts.get(ref(each, reference), 0) + 1
        counts.pop("", None)
        best = max(sorted(counts), key=lambda one: counts[one])
        (found,) = [each for each in self.kept[of] if each["Id"] == best]
        return str(found["DisplayName"])

    def family(self, entity: str, name: str) -> set[str]:
        """The ids of a list record and of all below it."""
        found = {str(self.named(entity, name)["Id"])}
        while True:
            more = {
                str(each["Id"])
                for each in self.kept[entity]
                if ref(each, "ParentRef") in found
            }
            if more <= found:
                return found
            found |= more


@dataclass
class Side:
    """One company from both sides."""

    office: Office
    theirs: Theirs
    home: str

    async def answer(self, ask: Ask) -> Answer:
        """What is answered on the tests' day."""
        return await self.office.ledger.answer(self.office.company.id, ask, today=TODAY)

    async def value(self, ask: Ask) -> Any:
        """The value alone."""
        return (await self.answer(ask)).value

    def money(self, amounts: Iterable[Decimal] | Decimal) -> Money:
        """A sum in the company's currency."""
        found = amounts if isinstance(amounts, Decimal) else sum(amounts, ZERO)
        return Money(found.quantize(Decimal("0.01")), self.home)

    def is_home(self, record: Record) -> bool:
        """Whether a document is in the company's own currency."""
        return ref(record, "CurrencyRef") in ("", self.home)


def _sold(item: str, amount: str, **more: Any) -> Record:
    detail = {"ItemRef": {"value": item}, **more}
    return {
        "Amount": Decimal(amount),
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": detail,
    }


def _spent(account: str, amount: str, **more: Any) -> Record:
    detail = {"AccountRef": {"value": account}, **more}
    return {
        "Amount": Decimal(amount),
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": detail,
    }


async def _what_the_story_lacks(theirs: Theirs) -> None:
    """Receipts, refunds, credits, a void, money on account: all in this month."""
    await theirs.fill(*LISTS, "Invoice", "Bill", "Purchase")
    taxed: Record = {}
    if theirs.realm == PENNINE:
        used = theirs.kept["Invoice"][-1]["Line"][0]["SalesItemLineDetail"]
        taxed = {"TaxCodeRef": used["TaxCodeRef"]}
    customer = theirs.busiest("Invoice", "CustomerRef", "Customer")
    vendor = theirs.busiest("Bill", "VendorRef", "Vendor")
    who = {"CustomerRef": {"value": theirs.named("Customer", customer)["Id"]}}
    whom = {"value": theirs.named("Vendor", vendor)["Id"]}
    item = next(each for each in theirs.kept["Item"] if each["Type"] == "Service")
    kinds = {each["AccountType"]: each["Id"] for each in theirs.kept["Account"]}
    cost = next(
        line["AccountBasedExpenseLineDetail"]["AccountRef"]["value"]
        for line in theirs.kept["Purchase"][-1]["Line"]
    )
    bank = {"value": kinds["Bank"]}
    day = {"TxnDate": "2026-11-09"}
    sold = _sold(item["Id"], "210.00", **taxed)
    await theirs.write("SalesReceipt", {**who, **day, "Line": [sold]})
    refunded = [_sold(item["Id"], "60.00", **taxed)]
    refund = {**who, **day, "Line": refunded, "DepositToAccountRef": bank}
    await theirs.write("RefundReceipt", refund)
    credited = [_sold(item["Id"], "35.50", **taxed)]
    await theirs.write("CreditMemo", {**who, **day, "Line": credited})
    await theirs.write("Payment", {**who, **day, "TotalAmt": Decimal("77.00")})
    made = await theirs.write("Invoice", {**who, **day, "Line": [sold]})
    version = {"Id": made["Id"], "SyncToken": made["SyncToken"]}
    await theirs.write("Invoice", version, operation="void")
    spent = _spent(cost, "48.20", **taxed)
    credit = {"VendorRef": whom, **day, "Line": [spent]}
    await theirs.write("VendorCredit", credit)
    bill = {"VendorRef": whom, **day, "DueDate": "2026-11-16", "DocNumber": "K-9911"}
    await theirs.write("Bill", {**bill, "Line": [_spent(cost, "120.00", **taxed)]})
    card = {"AccountRef": {"value": kinds.get("Credit Card", kinds["Bank"])}}
    if "Credit Card" in kinds:
        back = {"PaymentType": "CreditCard", "Credit": True, "Line": [spent]}
        await theirs.write("Purchase", {**card, **day, **back})
    owed = next(
        each["Id"]
        for each in theirs.kept["Account"]
        if each["Classification"] == "Liability"
        and each["AccountType"] in ("Long Term Liability", "Other Current Liability")
    )
    loan = {"PaymentType": "Check", "AccountRef": bank, **day}
    await theirs.write("Purchase", {**loan, "Line": [_spent(owed, "300.00", **taxed)]})


@pytest.fixture(scope="package", params=["us", "uk"])
def country(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def side(
    country: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Side]:
    """A company with its mirror loaded, and its records read by another client."""
    name, realm, home = {
        "us": ("harbour-pine-us", HARBOUR, "USD"),
        "uk": ("pennine-uk", PENNINE, "GBP"),
    }[country]
    options = Options(
        port=0, today=TODAY, companies=(name,), tokens=(TOKEN,), months=12
    )
    where = f"sqlite:///{tmp_path_factory.mktemp(country) / 'countersign.db'}"
    with simulated(options) as url:
        async with httpx.AsyncClient(timeout=30) as http:
            theirs = Theirs(url, realm, http)
            await _what_the_story_lacks(theirs)
            async with opened(url, where, realm) as office:
                await theirs.fill()
                yield Side(office, theirs, home)

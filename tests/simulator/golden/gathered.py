"""What the simulator answers: records made over HTTP, records of its own, reports."""

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from qbo.simulator.serve import Options, start
from tests.simulator.client import TOKEN, Json, QuickBooks
from tests.simulator.golden.bodies import FOUND, MADE

COMPANIES: Final = ("sandbox-us", "pennine-uk", "maple-ca", "liffey-ie")
TODAY: Final = date(2026, 11, 20)
_PATHS: Final = {"CreditCardPaymentTxn": "creditcardpayment"}
_QUERIED: Final = {"CreditCardPaymentTxn": "CreditCardPayment"}
# Queried and read, never created.
GIVEN: Final = (
    *("Budget", "CompanyInfo", "CustomerType", "ExchangeRate", "Preferences"),
    *("TaxCode", "TaxRate"),
)
ENTITIES: Final = tuple(sorted({*(entity for _, entity, _ in MADE), *GIVEN}))

REPORTS: Final = (
    *("AccountList", "AgedPayableDetail", "AgedPayables", "AgedReceivableDetail"),
    *("AgedReceivables", "BalanceSheet", "CashFlow", "ClassSales", "CustomerBalance"),
    *("CustomerBalanceDetail", "CustomerIncome", "CustomerSales", "DepartmentSales"),
    *("GeneralLedger", "InventoryValuationSummary", "ItemSales", "JournalReport"),
    *("ProfitAndLoss", "ProfitAndLossDetail", "TransactionList", "TrialBalance"),
    *("VendorBalance", "VendorBalanceDetail", "VendorExpenses"),
)


@dataclass
class Gathered:
    """Answers by what was asked.

    `made` and `read` hold the record of each label, `refused` why there is none;
    `found` all records of an entity by query, `unknown` why it cannot be queried.
    """

    made: dict[str, Json] = field(default_factory=dict)
    read: dict[str, Json] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    found: dict[str, list[Json]] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    reports: dict[str, Json] = field(default_factory=dict)
    others: dict[str, Json] = field(default_factory=dict)


async def gather() -> Gathered:
    """Start the sandbox company and ask it everything once."""
    running = await start(
        Options(port=0, today=TODAY, companies=COMPANIES, tokens=(TOKEN,))
    )
    gathered = Gathered()
    sandbox, *others = running.state.companies
    try:
        async with QuickBooks(running.url, sandbox) as books:
            await _make(books, gathered)
            await _send(books, gathered)
            await _upload(books)
            for entity in ENTITIES:
                await _find(books, gathered, entity)
            for name in REPORTS:
                gathered.reports[name] = (await books.get(f"reports/{name}")).json()
            await _rest(books, gathered)
        for realm in others:
            async with QuickBooks(running.url, realm) as books:
                for entity in ENTITIES:
                    await _find(books, gathered, entity)
    finally:
        await running.stop()
    return gathered


async def _make(books: QuickBooks, gathered: Gathered) -> None:
    numbers = {}
    for label, statement in FOUND.items():
        rows = await books.query(statement)
        if rows:
            numbers[label] = rows[0]["Id"]
    for label, entity, body in MADE:
        path = _PATHS.get(entity, entity.lower())
        answer = await books.post(path, _filled(body, numbers))
        if answer.status_code != 200:
            gathered.refused[label] = answer.text
            continue
        record = answer.json()[entity]
        gathered.made[label] = record
        numbers[label] = inner(record)["Id"]
        answer = await books.get(f"{path}/{numbers[label]}")
        gathered.read[label] = answer.json().get(entity, {})


async def _send(books: QuickBooks, gathered: Gathered) -> None:
    """E-mail what can be e-mailed, which leaves its traces in the record."""
    for entity in ("Estimate", "Invoice", "SalesReceipt"):
        if entity in gathered.made:
            number = gathered.made[entity]["Id"]
            await books.post(f"{entity.lower()}/{number}/send", {})


async def _upload(books: QuickBooks) -> None:
    """A picture, kept with the company."""
    content = ("golden.png", b"\x89PNG no real picture", "image/png")
    files = {"file_content_01": content}
    await books.http.post(f"{books.base}/upload", files=files)


async def _find(books: QuickBooks, gathered: Gathered, entity: str) -> None:
    source = _QUERIED.get(entity, entity)
    answer = await books.get("query", query=f"select * from {source} maxresults 200")
    if answer.status_code == 200:
        rows = answer.json()["QueryResponse"].get(entity, [])
        gathered.found.setdefault(entity, []).extend(rows)
    else:
        gathered.unknown[entity] = answer.text


async def _rest(books: QuickBooks, gathered: Gathered) -> None:
    """A fault, a batch, changes, a tax service."""
    since = "2026-11-19T00:00:00-08:00"
    wrong = {"bId": "1", "operation": "create", "Customer": {}}
    right = {"bId": "2", "Query": "select * from Customer maxresults 2"}
    rate = {
        "TaxRateName": "Golden rate",
        "RateValue": 5,
        "TaxAgencyId": "1",
        "TaxApplicableOn": "Sales",
    }
    tax = {"TaxCode": "Golden code", "TaxRateDetails": [rate]}
    answers = {
        "fault": await books.post("invoice", {}),
        "batch": await books.post("batch", {"BatchItemRequest": [wrong, right]}),
        "cdc": await books.get("cdc", entities="Customer,Invoice", changedSince=since),
        "TaxService": await books.post("taxservice/taxcode", tax),
    }
    gathered.others = {
        name: answer.json() if answer.content else {"status": answer.status_code}
        for name, answer in answers.items()
    }


def inner(record: Json) -> Json:
    """The record itself; a recurring one is wrapped in its kind."""
    if "Id" in record:
        return record
    found = [one for one in record.values() if isinstance(one, dict) and "Id" in one]
    return found[0] if found else {}


def _filled(body: Json, numbers: dict[str, str]) -> Any:
    """The body with Ids in place of labels; what could not be made stays a label."""

    def put(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: put(one) for name, one in value.items()}
        if isinstance(value, list):
            return [put(one) for one in value]
        if isinstance(value, str) and value.startswith("@"):
            return numbers.get(value[1:], value)
        return value

    return put(json.loads(json.dumps(body)))

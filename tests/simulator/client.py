"""A few lines over httpx, so that tests read as bookkeeping."""

import json
import ssl
from collections.abc import Iterator
from decimal import Decimal
from types import TracebackType
from typing import Any, Self

import httpx

TOKEN = "fixed-access-token-0001:fixed-refresh-token-0001"
Json = dict[str, Any]


class QuickBooks:
    """One company, spoken to with a fixed token."""

    def __init__(self, url: str, realm: str, token: str = "") -> None:
        bearer = token or TOKEN.partition(":")[0]
        self.http = plain(url)
        self.http.headers["Authorization"] = f"Bearer {bearer}"
        self.base = f"/v3/company/{realm}"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.http.aclose()

    async def get(self, path: str, **params: str) -> httpx.Response:
        return await self.http.get(f"{self.base}/{path}", params=params)

    async def post(self, path: str, body: Any, **params: str) -> httpx.Response:
        headers = {"Content-Type": "application/json"}
        return await self.http.post(
            f"{self.base}/{path}", content=dumps(body), params=params, headers=headers
        )

    async def make(self, entity: str, body: Json, **params: str) -> Json:
        """Create or update; it has to succeed."""
        answer = await self.post(entity.lower(), body, **params)
        assert answer.status_code == 200, answer.text
        made: Json = loads(answer.text)[entity]
        return made

    async def read(self, entity: str, number: str) -> Json:
        answer = await self.get(f"{entity.lower()}/{number}")
        assert answer.status_code == 200, answer.text
        found: Json = loads(answer.text)[entity]
        return found

    async def query(self, statement: str) -> list[Json]:
        answer = await self.get("query", query=statement)
        assert answer.status_code == 200, answer.text
        response = loads(answer.text)["QueryResponse"]
        rows: list[Json] = next(
            (value for value in response.values() if isinstance(value, list)), []
        )
        return rows

    async def one(self, statement: str) -> Json:
        rows = await self.query(statement)
        assert len(rows) == 1, statement
        return rows[0]

    async def count(self, entity: str, where: str = "") -> int:
        answer = await self.get("query", query=f"select count(*) from {entity} {where}")
        return int(answer.json()["QueryResponse"]["totalCount"])

    async def id(self, entity: str, name: str) -> str:
        field = "DisplayName" if entity in {"Customer", "Vendor"} else "Name"
        escaped = name.replace("'", "\\'")
        row = await self.one(f"select * from {entity} where {field} = '{escaped}'")
        return str(row["Id"])

    async def report(self, name: str, **params: str) -> Json:
        answer = await self.get(f"reports/{name}", **params)
        assert answer.status_code == 200, answer.text
        made: Json = answer.json()
        return made

    async def order(self, **order: Any) -> None:
        """Order a fault."""
        answer = await self.http.post("/_simulator/faults", json=order)
        assert answer.status_code == 201, answer.text

    async def switch(self, **switches: Any) -> None:
        answer = await self.http.post("/_simulator/switches", json=switches)
        assert answer.status_code == 200, answer.text

    async def made_by_hand(self, entity: str, body: Json) -> Json:
        """Make what only a person can make."""
        realm = self.base.rpartition("/")[2]
        answer = await self.http.post(
            f"/_simulator/companies/{realm}/make", json={"entity": entity, "body": body}
        )
        assert answer.status_code == 200, answer.text
        made: Json = loads(answer.text)[entity]
        return made

    async def arrived(self) -> list[Json]:
        answer = await self.http.get("/_simulator/requests")
        lines: list[Json] = answer.json()["requests"]
        return lines

    async def invoice(
        self, customer: str = "Acme West", amount: str = "1500", **more: Any
    ) -> Json:
        """An invoice over consulting, which is not taxed."""
        number = await self.id("Customer", customer)
        line = sales_line(await self.id("Item", "Consulting"), amount)
        body = {"CustomerRef": {"value": number}, "Line": [line], **more}
        return await self.make("Invoice", body)

    async def pay(self, invoice: Json, amount: str, **more: Any) -> Json:
        link = {"TxnId": invoice["Id"], "TxnType": "Invoice"}
        body = {
            "CustomerRef": invoice["CustomerRef"],
            "TotalAmt": Decimal(amount),
            "Line": [{"Amount": Decimal(amount), "LinkedTxn": [link]}],
            **more,
        }
        return await self.make("Payment", body)


def plain(url: str) -> httpx.AsyncClient:
    """An HTTP client; it loads no certificates, which takes a tenth of a second."""
    nothing = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.AsyncClient(base_url=url, timeout=20, verify=nothing)


def sales_line(item: str, amount: str, **detail: Any) -> Json:
    return {
        "Amount": Decimal(amount),
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": item}, **detail},
    }


def expense_line(account: str, amount: str, **detail: Any) -> Json:
    return {
        "Amount": Decimal(amount),
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {"AccountRef": {"value": account}, **detail},
    }


def fault(answer: httpx.Response, status: int = 400) -> tuple[str, str]:
    """The code and detail of a service fault."""
    assert answer.status_code == status, answer.text
    error = answer.json()["Fault"]["Error"][0]
    return error["code"], error["Detail"]


def loads(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def dumps(value: Any) -> str:
    return json.dumps(value, default=float)


def groups(report: Json) -> dict[str, list[str]]:
    """The summary values of every group of a report, by the group's name."""
    return {
        row["group"]: [cell["value"] for cell in row["Summary"]["ColData"][1:]]
        for row in rows(report["Rows"])
        if "group" in row and "Summary" in row
    }


def total(report: Json, group: str) -> Decimal:
    """The last value of a group's summary."""
    found = groups(report).get(group)
    return Decimal(found[-1] or "0") if found else Decimal(0)


def cell(report: Json, number: str) -> Decimal:
    """The last value of the row for one account or party, leaf or header."""
    for row in rows(report["Rows"]):
        cells = row.get("ColData") or row.get("Header", {}).get("ColData", [])
        if cells and cells[0].get("id") == number:
            return Decimal(cells[-1]["value"] or "0")
    return Decimal(0)


def held(account: Json) -> Decimal:
    """What is there of an asset, what is owed or owned of the others.

    CurrentBalance says so of assets and credit cards; the rest shows it negative.
    """
    shown: Decimal = account["CurrentBalance"]
    as_held = account["Classification"] == "Asset"
    return shown if as_held or account["AccountType"] == "Credit Card" else -shown


def rows(part: Json) -> Iterator[Json]:
    for row in part.get("Row", []):
        yield row
        if "Rows" in row:
            yield from rows(row["Rows"])

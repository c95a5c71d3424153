"""Reports have the shapes of recorded real ones, where those are at hand."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
import pytest_asyncio

from qbo.simulator.serve import Options, start
from tests.simulator.client import TOKEN, QuickBooks
from tests.simulator.conftest import TODAY

FOLDER: Final = Path(__file__).parents[3] / "shared" / "golden" / "quickbooks-ruby"
Node = ET.Element

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(not FOLDER.is_dir(), reason="no recorded reports at hand"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def books() -> AsyncIterator[QuickBooks]:
    """A company with a story, in the style of the old service, as was recorded."""
    options = Options(
        port=0, today=TODAY, companies=("harbour-pine-us",), tokens=(TOKEN,)
    )
    running = await start(options)
    async with QuickBooks(running.url, "9130350000000001") as client:
        await client.switch(reports_style="legacy")
        yield client
    await running.stop()


def recorded(name: str) -> Node:
    root = ET.parse(FOLDER / f"{name}.xml").getroot()  # noqa: S314 - our own files
    for node in root.iter():
        node.tag = node.tag.rpartition("}")[2]
    return root


def field(node: Node, name: str) -> str:
    """An attribute, or the text of a child: recordings have either."""
    return node.get(name) or node.findtext(name) or ""


def recorded_groups(rows: Node | None, above: str = "") -> Iterator[tuple[str, str]]:
    """Each group's path and the title of its sum."""
    for row in rows if rows is not None else ():
        group = field(row, "group")
        path = f"{above}/{group}" if group else above
        title = row.find("Summary/ColData")
        if group and title is not None:
            # One of them was misspelt once; the vendor's pages have it right.
            name = path.replace("Activites", "Activities")
            yield name, field(title, "value")
        yield from recorded_groups(row.find("Rows"), path)


def groups(part: dict[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for row in part.get("Row", ()):
        group = row.get("group", "")
        path = f"{above}/{group}" if group else above
        if group and "Summary" in row:
            yield path, row["Summary"]["ColData"][0]["value"]
        yield from groups(row.get("Rows", {}), path)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("balancesheet", "BalanceSheet"),
        ("profitloss", "ProfitAndLoss"),
        ("cashflow", "CashFlow"),
    ],
)
async def test_a_statement_has_the_recorded_groups(
    books: QuickBooks, file: str, name: str
) -> None:
    wanted = dict(recorded_groups(recorded(file).find("Rows")))

    found = dict(groups((await books.report(name))["Rows"]))

    assert wanted
    assert {path: found.get(path, "").casefold() for path in wanted} == {
        path: title.casefold() for path, title in wanted.items()
    }


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("age_payable_detail", "AgedPayableDetail"),
        ("transaction_list_report", "TransactionList"),
    ],
)
async def test_a_list_has_the_recorded_columns(
    books: QuickBooks, file: str, name: str
) -> None:
    columns = [
        (field(one, "ColType"), one.findtext("MetaData/Value"))
        for one in recorded(file).iter("Column")
    ]

    report = await books.report(name)

    assert columns
    assert [
        (one["ColType"], one["MetaData"][0]["Value"])
        for one in report["Columns"]["Column"]
    ] == columns


async def test_columns_of_years_have_the_recorded_titles(books: QuickBooks) -> None:
    root = recorded("balance_sheet_with_year_summary")
    titles = [one.findtext("ColTitle") or "" for one in root.iter("Column")]

    report = await books.report(
        "BalanceSheet",
        start_date="2013-07-04",
        end_date="2015-06-21",
        summarize_column_by="Year",
    )

    assert [one["ColTitle"] for one in report["Columns"]["Column"]] == titles


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("balancesheet", "BalanceSheet"),
        ("balance_sheet_with_year_summary", "BalanceSheet"),
        ("profitloss", "ProfitAndLoss"),
        ("profitandlossdetailwithoptions", "ProfitAndLossDetail"),
        ("cashflow", "CashFlow"),
        ("age_payable_detail", "AgedPayableDetail"),
        ("transaction_list_report", "TransactionList"),
    ],
)
async def test_a_header_has_what_a_recorded_one_has(
    books: QuickBooks, file: str, name: str
) -> None:
    header = recorded(file).find("Header")
    assert header is not None
    wanted = {one.tag for one in header}
    macro = header.findtext("DateMacro") or ""
    explicit = {"start_date": "2026-01-01", "end_date": "2026-11-20"}

    found = await books.report(name, **({"date_macro": macro} if macro else explicit))

    assert wanted <= set(found["Header"])
    options = {one.findtext("Name") for one in header.iter("Option")}
    assert options <= {one["Name"] for one in found["Header"]["Option"]}

"""What was sold and spent is what the lines of QuickBooks' documents come to."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from qbo import asks
from qbo.asks import Period
from qbo.books import Breakdown, Slice
from tests.qbo.independent.conftest import ZERO, Record, Side, dec, on, ref

pytestmark = pytest.mark.asyncio(loop_scope="session")

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
SPRING = Period(date(2026, 4, 1), date(2026, 6, 30))
AUTUMN = Period(date(2026, 9, 1), date(2026, 11, 20))
SOLD = {"Invoice": 1, "SalesReceipt": 1, "CreditMemo": -1, "RefundReceipt": -1}
SPENT = {"Bill": 1, "Purchase": 1, "VendorCredit": -1}
Group = Callable[[str, Record, Record], str]


def is_in(record: Record, period: Period) -> bool:
    assert period.start is not None
    assert period.end is not None
    return period.start <= on(record) <= period.end


def lines(
    side: Side, kinds: dict[str, int], period: Period
) -> Iterator[tuple[str, Record, Record, Decimal]]:
    """Kind, document, line and signed amount, of all that counts in a period."""
    for kind, sign in kinds.items():
        for each in side.theirs.where(kind, lambda one: is_in(one, period)):
            turned = -sign if each.get("Credit") else sign
            for line in each["Line"]:
                if line["DetailType"] in ("SubTotalLineDetail", "DescriptionOnly"):
                    continue
                less = line["DetailType"] == "DiscountLineDetail"
                amount = dec(line.get("Amount")) * (-turned if less else turned)
                yield kind, each, line, amount


def account_of(side: Side, line: Record) -> str:
    """The account that a line of something bought is on."""
    if line["DetailType"] == "AccountBasedExpenseLineDetail":
        return ref(line["AccountBasedExpenseLineDetail"], "AccountRef")
    item = ref(line["ItemBasedExpenseLineDetail"], "ItemRef")
    (one,) = [each for each in side.theirs.kept["Item"] if each["Id"] == item]
    return ref(one, "AssetAccountRef") or ref(one, "ExpenseAccountRef")


def is_spending(side: Side, line: Record) -> bool:
    """Whether a line is on a cost, or on something owned but cash and claims."""
    (account,) = [
        each
        for each in side.theirs.kept["Account"]
        if each["Id"] == account_of(side, line)
    ]
    owned = account["AccountType"] not in ("Bank", "Accounts Receivable")
    return account["Classification"] == "Expense" or (
        account["Classification"] == "Asset" and owned
    )


def spent_lines(
    side: Side, period: Period
) -> list[tuple[str, Record, Record, Decimal]]:
    return [each for each in lines(side, SPENT, period) if is_spending(side, each[2])]


def by_currency(
    side: Side,
    found: list[tuple[str, Record, Record, Decimal]],
    group: Callable[[Record, Record], str],
) -> dict[str, dict[str, Decimal]]:
    """Sums by currency and group; groups are ids or months."""
    sums: dict[str, dict[str, Decimal]] = {side.home: {}}
    for _, document, line, amount in found:
        currency = ref(document, "CurrencyRef") or side.home
        of = sums.setdefault(currency, {})
        key = group(document, line)
        of[key] = of.get(key, ZERO) + amount
    return sums


def shown(found: Breakdown, name: Callable[[Slice], str]) -> dict[str, Decimal]:
    return {name(each): each.amount.amount for each in found.rows}


def month(each: Slice) -> str:
    assert each.month is not None
    return each.month.strftime("%Y-%m")


def record(each: Slice) -> str:
    return each.record_id or ""


GROUPS: dict[str, Callable[[Record, Record], str]] = {
    "customer": lambda document, _: ref(document, "CustomerRef"),
    "vendor": lambda document, _: (
        ref(document, "VendorRef") or ref(document, "EntityRef")
    ),
    "item": lambda _, line: ref(line.get("SalesItemLineDetail") or {}, "ItemRef"),
    "month": lambda document, _: on(document).strftime("%Y-%m"),
}


def check(found: Breakdown, theirs: dict[str, dict[str, Decimal]], home: str) -> None:
    """Groups and totals are theirs, in each currency for itself."""
    name = month if found.by == "month" else record
    parts = [found, *found.foreign]
    assert {each.total.currency for each in parts} == set(theirs)
    assert parts[0].total.currency == home
    for part in parts:
        expected = theirs[part.total.currency]
        assert part.total.amount == sum(expected.values(), ZERO)
        left = part.rest.amount.amount if part.rest else ZERO
        assert sum(shown(part, name).values(), left) == part.total.amount
        for key, amount in shown(part, name).items():
            assert amount == expected.get(key, ZERO), key
        if part.complete:
            assert {k for k, v in expected.items() if v} <= set(shown(part, name))


@pytest.mark.parametrize("by", ["customer", "item", "month"])
async def test_sales_by_each_group_are_theirs(side: Side, by: str) -> None:
    ask = asks.SalesTotal(group_by=by, period=YEAR, limit=1000)

    answer = await side.answer(ask)

    found = answer.value
    assert isinstance(found, Breakdown)
    theirs = list(lines(side, SOLD, YEAR))
    check(found, by_currency(side, theirs, GROUPS[by]), side.home)
    documents = {(kind, one["Id"]) for kind, one, _, amount in theirs if amount}
    whole = sum(part.whole.count for part in (found, *found.foreign))
    assert whole == len(documents)
    text = " ".join(answer.working)
    assert "less 1 credit memo and 1 refund" in text or "credit memos" in text
    assert "voided" in text
    assert "without tax" in text


@pytest.mark.parametrize("by", ["vendor", "month"])
async def test_spending_by_each_group_is_theirs(side: Side, by: str) -> None:
    ask = asks.SpendTotal(group_by=by, period=YEAR, limit=1000)

    answer = await side.answer(ask)

    found = answer.value
    assert isinstance(found, Breakdown)
    theirs = spent_lines(side, YEAR)
    check(found, by_currency(side, theirs, GROUPS[by]), side.home)
    left_out = sum(
        amount
        for _, _, line, amount in lines(side, SPENT, YEAR)
        if not is_spending(side, line)
    )
    assert left_out == 300
    assert any(str(side.money(Decimal(300))) in each for each in answer.working)


async def test_spending_by_account_is_theirs(side: Side) -> None:
    ask = asks.SpendTotal(group_by="account", period=YEAR, limit=1000)

    found = await side.value(ask)

    theirs = spent_lines(side, YEAR)
    sums = by_currency(side, theirs, lambda _, line: account_of(side, line))
    check(found, sums, side.home)


async def test_spending_on_an_account_counts_its_lines_alone(side: Side) -> None:
    accounts = {each["Id"]: each["Name"] for each in side.theirs.kept["Account"]}
    used = [account_of(side, line) for _, _, line, _ in spent_lines(side, YEAR)]
    account = max(sorted(set(used)), key=used.count)
    family = side.theirs.family("Account", accounts[account])

    found = await side.value(
        asks.SpendTotal(account=accounts[account], period=YEAR, limit=1000)
    )

    theirs = [
        each for each in spent_lines(side, YEAR) if account_of(side, each[2]) in family
    ]
    check(found, by_currency(side, theirs, GROUPS["month"]), side.home)


async def test_journal_entries_on_costs_are_told_apart(side: Side) -> None:
    found = await side.value(asks.SpendTotal(period=YEAR))

    costs = {
        each["Id"]
        for each in side.theirs.kept["Account"]
        if each["Classification"] == "Expense"
    }
    theirs = ZERO
    for each in side.theirs.where("JournalEntry", lambda one: is_in(one, YEAR)):
        for line in each["Line"]:
            detail = line.get("JournalEntryLineDetail") or {}
            if ref(detail, "AccountRef") in costs:
                sign = 1 if detail["PostingType"] == "Debit" else -1
                theirs += sign * dec(line["Amount"])
    assert (found.journals.amount.amount if found.journals else ZERO) == theirs


async def test_periods_are_compared_group_by_group(side: Side) -> None:
    ask = asks.SalesTotal(
        group_by="customer", period=AUTUMN, compare_to=SPRING, limit=1000
    )

    found = await side.value(ask)

    now = by_currency(side, list(lines(side, SOLD, AUTUMN)), GROUPS["customer"])
    before = by_currency(side, list(lines(side, SOLD, SPRING)), GROUPS["customer"])
    one, two = (sum(each[side.home].values(), ZERO) for each in (now, before))
    assert (found.total.amount, found.whole.compared.amount) == (one, two)
    assert found.whole.change.amount == one - two
    assert abs(float(found.whole.percent) - float((one - two) * 100 / two)) <= 0.05
    assert {each.record_id: each.compared.amount for each in found.rows} == {
        each.record_id: before[side.home].get(each.record_id, ZERO)
        for each in found.rows
    }
    both = {*now[side.home], *before[side.home]}
    assert {each.record_id for each in found.rows} == both


async def test_one_customer_and_one_item_are_counted_alone(side: Side) -> None:
    name = side.theirs.busiest("Invoice", "CustomerRef", "Customer")
    ids = side.theirs.family("Customer", name)
    theirs = [
        each for each in lines(side, SOLD, YEAR) if ref(each[1], "CustomerRef") in ids
    ]
    sold = [GROUPS["item"](each[1], each[2]) for each in theirs]
    item = max(sorted(set(sold)), key=sold.count)
    (one,) = [each for each in side.theirs.kept["Item"] if each["Id"] == item]

    found = await side.value(asks.SalesTotal(customer=name, period=YEAR))
    of_item = await side.value(
        asks.SalesTotal(customer=name, item=one["Name"], period=YEAR)
    )

    check(found, by_currency(side, theirs, GROUPS["month"]), side.home)
    only = [each for each in theirs if GROUPS["item"](each[1], each[2]) == item]
    check(of_item, by_currency(side, only, GROUPS["month"]), side.home)


async def test_the_largest_are_shown_and_the_rest_is_summed(side: Side) -> None:
    found = await side.value(asks.SpendTotal(group_by="vendor", period=YEAR, limit=2))

    sums = by_currency(side, spent_lines(side, YEAR), GROUPS["vendor"])[side.home]
    largest = sorted(sums.values(), reverse=True)
    assert [each.amount.amount for each in found.rows] == largest[:2]
    assert found.rest.amount.amount == sum(largest[2:], ZERO)
    assert found.groups == len(sums)


async def test_sales_without_a_period_are_of_the_fiscal_year_to_date(
    side: Side,
) -> None:
    found: Any = await side.value(asks.SalesTotal())

    start = date(2026, 1 if side.home == "USD" else 4, 1)
    period = Period(start, date(2026, 11, 20))
    assert (found.start, found.end) == (period.start, period.end)
    sums = by_currency(side, list(lines(side, SOLD, period)), GROUPS["month"])
    check(found, sums, side.home)

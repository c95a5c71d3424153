"""Lists and single records are those that QuickBooks has, with the same sums."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from qbo import asks
from qbo.asks import Period
from tests.qbo.conftest import TODAY
from tests.qbo.independent.conftest import ZERO, Record, Side, dec, on, ref

pytestmark = pytest.mark.asyncio(loop_scope="session")

EVERY = 1000
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))


def is_void(record: Record) -> bool:
    note = str(record.get("PrivateNote", "")).lower()
    return note.startswith("void") and not dec(record["TotalAmt"])


def in_october(record: Record) -> bool:
    return date(2026, 10, 1) <= on(record) <= date(2026, 10, 31)


STATUSES: dict[str, Callable[[Record], bool]] = {
    "open": lambda each: dec(each["Balance"]) > 0,
    "overdue": lambda each: dec(each["Balance"]) > 0 and on(each, "DueDate") < TODAY,
    "paid": lambda each: not dec(each["Balance"]) and not is_void(each),
    "voided": is_void,
    "unsent": lambda each: each.get("EmailStatus") != "EmailSent" and not is_void(each),
}


def same_sum(
    side: Side, found: Any, sums: Any, theirs: list[Record], name: str
) -> None:
    """The total is theirs; of several currencies each has its own, and none is all."""
    expected: dict[str, Decimal] = {}
    for each in theirs:
        currency = ref(each, "CurrencyRef") or side.home
        expected[currency] = expected.get(currency, ZERO) + dec(each[name])
    if len(expected) > 1:
        assert found is None
        assert {each.currency: each.amount for each in sums} == expected
    else:
        assert found.amount == sum(expected.values(), ZERO)
        assert sums == ()


# --- documents --------------------------------------------------------------------


@pytest.mark.parametrize("status", list(STATUSES))
async def test_invoices_of_each_status_are_theirs(side: Side, status: str) -> None:
    found = await side.value(asks.InvoicesList(status=status, limit=EVERY))

    theirs = side.theirs.where("Invoice", STATUSES[status])
    assert {each.id for each in found.rows} == {each["Id"] for each in theirs}
    assert (found.count, found.complete) == (len(theirs), True)
    same_sum(side, found.total, found.sums, theirs, "TotalAmt")
    same_sum(side, found.open, found.open_sums, theirs, "Balance")


async def test_invoices_are_narrowed_down_as_asked(side: Side) -> None:
    name = side.theirs.busiest("Invoice", "CustomerRef", "Customer")
    family = side.theirs.family("Customer", name)
    ask = asks.InvoicesList(
        customer=name,
        period=Period(date(2026, 1, 1), TODAY),
        due=Period(date(2026, 2, 1), None),
        min_amount=Decimal(100),
        max_amount=Decimal(3000),
        sort="largest",
        limit=3,
    )

    found = await side.value(ask)

    theirs = side.theirs.where(
        "Invoice",
        lambda each: (
            ref(each, "CustomerRef") in family
            and date(2026, 1, 1) <= on(each) <= TODAY
            and on(each, "DueDate") >= date(2026, 2, 1)
            and 100 <= dec(each["TotalAmt"]) <= 3000
        ),
    )
    largest = sorted((dec(each["TotalAmt"]) for each in theirs), reverse=True)
    assert [each.total.amount for each in found.rows] == largest[:3]
    assert found.count == len(theirs) > 3
    assert not found.complete


async def test_an_invoice_is_shown_as_they_have_it(side: Side) -> None:
    one = side.theirs.kept["Invoice"][-9]

    found = await side.value(asks.InvoiceShow(invoice=one["DocNumber"]))

    sold = [each for each in one["Line"] if each["DetailType"].startswith("Sales")]
    assert found.id == one["Id"]
    assert found.total.amount == dec(one["TotalAmt"])
    assert found.balance.amount == dec(one["Balance"])
    assert [each.amount.amount for each in found.lines] == [
        dec(each["Amount"]) for each in sold
    ]
    name = side.theirs.busiest("Invoice", "CustomerRef", "Customer")
    family = side.theirs.family("Customer", name)
    ask = asks.InvoiceShow(customer=name, which="latest")
    latest = await side.value(ask)
    of_theirs = side.theirs.where(
        "Invoice", lambda each: ref(each, "CustomerRef") in family
    )
    assert latest.txn_date == max(map(on, of_theirs))


async def test_the_pdf_is_their_own_untouched(side: Side) -> None:
    one = side.theirs.kept["Invoice"][-9]

    found = await side.value(asks.InvoicePdf(invoice=one["DocNumber"]))

    assert found.content.startswith(b"%PDF")
    theirs = await side.theirs.call("GET", f"invoice/{one['Id']}/pdf")
    assert found.content == theirs


@pytest.mark.parametrize("status", ["open", "overdue", "paid"])
async def test_bills_of_each_status_are_theirs(side: Side, status: str) -> None:
    found = await side.value(asks.BillsList(status=status, limit=EVERY))

    theirs = side.theirs.where("Bill", STATUSES[status])
    assert {each.id for each in found.rows} == {each["Id"] for each in theirs}
    same_sum(side, found.total, found.sums, theirs, "TotalAmt")
    same_sum(side, found.open, found.open_sums, theirs, "Balance")


async def test_a_bill_is_shown_as_they_have_it(side: Side) -> None:
    (one,) = side.theirs.where("Bill", lambda each: each.get("DocNumber") == "K-9911")

    found = await side.value(asks.BillShow(bill="k-9911"))

    assert found.id == one["Id"]
    assert (found.total.amount, found.balance.amount) == (
        dec(one["TotalAmt"]),
        dec(one["Balance"]),
    )


async def test_payments_and_credits_of_a_month_are_theirs(side: Side) -> None:
    paid = await side.value(asks.PaymentsList(period=OCTOBER, limit=EVERY))
    credits_ = await side.value(asks.CreditMemosList(limit=EVERY))

    theirs = side.theirs.where("Payment", in_october)
    assert {each.id for each in paid.rows} == {each["Id"] for each in theirs}
    same_sum(side, paid.total, paid.sums, theirs, "TotalAmt")
    memos = side.theirs.kept["CreditMemo"]
    assert credits_.count == len(memos) > 0
    same_sum(side, credits_.total, credits_.sums, memos, "TotalAmt")
    left = sum((dec(each["RemainingCredit"]) for each in memos), ZERO)
    assert sum(each.remaining.amount for each in credits_.rows) == left


async def test_payments_of_one_invoice_are_theirs(side: Side) -> None:
    settled = next(
        each
        for each in reversed(side.theirs.kept["Invoice"])
        if any(link["TxnType"] == "Payment" for link in each["LinkedTxn"])
    )

    found = await side.value(asks.PaymentsList(invoice=settled["DocNumber"]))

    links = {link["TxnId"] for link in settled["LinkedTxn"]}
    assert {each.id for each in found.rows} == links


async def test_expenses_of_a_month_are_theirs(side: Side) -> None:
    found = await side.value(asks.ExpensesList(limit=EVERY, min_amount=Decimal(50)))

    def amount(each: Record) -> Decimal:
        return -dec(each["TotalAmt"]) if each.get("Credit") else dec(each["TotalAmt"])

    theirs = side.theirs.where("Purchase", lambda each: amount(each) >= 50)
    assert found.count == len(theirs)
    assert found.total == side.money(map(amount, theirs))


# --- who owes ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "party", "document"),
    [
        (asks.ReceivablesList(limit=EVERY), "Customer", "Invoice"),
        (asks.PayablesList(limit=EVERY), "Vendor", "Bill"),
    ],
)
async def test_who_owes_is_by_their_own_balances(
    side: Side, ask: asks.Ask, party: str, document: str
) -> None:
    found = await side.value(ask)

    theirs = side.theirs.where(party, lambda each: bool(dec(each["Balance"])))
    assert {each.party: each.balance.amount for each in found.rows} == {
        each["DisplayName"]: dec(each["Balance"]) for each in theirs
    }
    same_sum(side, found.total, found.sums, theirs, "Balance")
    for row in found.rows:
        ids = {side.theirs.named(party, row.party)["Id"]}
        late = side.theirs.where(
            document,
            lambda each, ids=ids: (  # type: ignore[misc]
                ref(each, f"{party}Ref") in ids and STATUSES["overdue"](each)
            ),
        )
        assert row.overdue.amount == sum((dec(each["Balance"]) for each in late), ZERO)


async def test_who_is_long_overdue_is_counted_by_days(side: Side) -> None:
    found = await side.value(asks.ReceivablesList(min_days_overdue=30, limit=EVERY))

    theirs: dict[str, Decimal] = {}
    for each in side.theirs.where("Invoice", STATUSES["overdue"]):
        if (TODAY - on(each, "DueDate")).days >= 30:
            who = ref(each, "CustomerRef")
            theirs[who] = theirs.get(who, ZERO) + dec(each["Balance"])
    ids = {each["DisplayName"]: each["Id"] for each in side.theirs.kept["Customer"]}
    assert {ids[each.party]: each.overdue.amount for each in found.rows} == theirs


# --- pages ------------------------------------------------------------------------


def days_to_pay(
    side: Side, document: str, payment: str, ids: set[str], party: str
) -> tuple[int, Decimal | None]:
    """How long payment took, from their links: settled within the last year."""
    payers = {each["Id"]: each for each in side.theirs.kept[payment]}
    days = []
    for each in side.theirs.kept[document]:
        dates = [
            on(payers[link["TxnId"]])
            for link in each.get("LinkedTxn", ())
            if link["TxnId"] in payers and dec(payers[link["TxnId"]]["TotalAmt"])
        ]
        is_paid = not dec(each["Balance"]) and dec(each["TotalAmt"])
        if ref(each, party) not in ids or not dates or not is_paid:
            continue
        if (TODAY - max(dates)).days < 365:
            days.append((max(dates) - on(each)).days)
    return len(days), Decimal(sum(days)) / len(days) if days else None


@pytest.mark.parametrize("which", ["busiest", "foreign", "parent"])
async def test_the_page_of_a_customer_is_theirs(side: Side, which: str) -> None:
    customers = side.theirs.kept["Customer"]
    parents = {ref(each, "ParentRef") for each in customers} - {""}
    names = {
        "busiest": side.theirs.busiest("Invoice", "CustomerRef", "Customer"),
        "foreign": [e["DisplayName"] for e in customers if not side.is_home(e)][-1:],
        "parent": [e["DisplayName"] for e in customers if e["Id"] in parents][:1],
    }[which]
    if not names:
        return  # This company has none; the other one has.
    name = names if isinstance(names, str) else names[0]
    ids = side.theirs.family("Customer", name)

    found = await side.value(asks.CustomerShow(name))

    def mine(entity: str) -> list[Record]:
        return side.theirs.where(entity, lambda each: ref(each, "CustomerRef") in ids)

    invoices = mine("Invoice")
    still = [each for each in invoices if dec(each["Balance"]) > 0]
    late = [each for each in still if on(each, "DueDate") < TODAY]
    month = [each for each in invoices if on(each) >= date(2026, 11, 1)]
    credit = sum((dec(each["UnappliedAmt"]) for each in mine("Payment")), ZERO)
    credit += sum((dec(each["RemainingCredit"]) for each in mine("CreditMemo")), ZERO)
    owed = [each for each in customers if each["Id"] in ids]
    assert found.customer.balance.amount == sum(dec(e["Balance"]) for e in owed)
    assert found.outstanding.amount == sum(dec(e["Balance"]) for e in still)
    assert found.overdue.amount == sum(dec(e["Balance"]) for e in late)
    assert found.invoiced.amount == sum(dec(e["TotalAmt"]) for e in month)
    assert found.credit.amount == credit
    assert found.open_invoices.count == len(still)
    latest = sorted((on(each) for each in invoices), reverse=True)[:5]
    assert [each.txn_date for each in found.recent] == latest
    paid = [on(each) for each in mine("Payment") if dec(each["TotalAmt"])]
    assert (found.last_payment and found.last_payment.txn_date) == max(
        paid, default=None
    )
    count, mean = days_to_pay(side, "Invoice", "Payment", ids, "CustomerRef")
    assert (found.pace.documents if found.pace else 0) == count
    assert mean is None or abs(found.pace.days - mean) <= Decimal("0.05")


async def test_the_page_of_a_vendor_is_theirs(side: Side) -> None:
    name = side.theirs.busiest("Bill", "VendorRef", "Vendor")
    vendor = side.theirs.named("Vendor", name)

    found = await side.value(asks.VendorShow(name))

    def mine(entity: str, party: str = "VendorRef") -> list[Record]:
        return side.theirs.where(entity, lambda each: ref(each, party) == vendor["Id"])

    bills = mine("Bill")
    still = [each for each in bills if dec(each["Balance"]) > 0]
    late = [each for each in still if on(each, "DueDate") < TODAY]
    month = [each for each in bills if on(each) >= date(2026, 11, 1)]
    assert found.vendor.balance.amount == dec(vendor["Balance"])
    assert found.outstanding.amount == sum(dec(e["Balance"]) for e in still)
    assert found.overdue.amount == sum(dec(e["Balance"]) for e in late)
    assert found.billed.amount == sum(dec(e["TotalAmt"]) for e in month)
    assert found.credit.amount == sum(dec(e["Balance"]) for e in mine("VendorCredit"))
    paid = [*mine("BillPayment"), *mine("Purchase", "EntityRef")]
    assert found.last_payment.paid_on == max(map(on, paid))
    ids = {str(vendor["Id"])}
    count, mean = days_to_pay(side, "Bill", "BillPayment", ids, "VendorRef")
    assert found.pace.documents == count
    assert mean is not None
    assert abs(found.pace.days - mean) <= Decimal("0.05")


# --- lists of names ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("entity", "ask"),
    [("Customer", asks.CustomersList()), ("Vendor", asks.VendorsList())],
)
async def test_names_and_balances_are_theirs(
    side: Side, entity: str, ask: asks.Ask
) -> None:
    found = await side.value(ask)

    theirs = side.theirs.where(entity, lambda each: bool(each["Active"]))
    assert found.count == len(theirs)
    assert {each.name for each in found.rows} <= {
        each["DisplayName"] for each in theirs
    }
    assert found.complete == (len(found.rows) == len(theirs))
    same_sum(side, found.total, found.sums, theirs, "Balance")


async def test_customers_with_a_balance_are_theirs(side: Side) -> None:
    found = await side.value(asks.CustomersList(with_balance=True))

    theirs = side.theirs.where(
        "Customer", lambda each: bool(each["Active"]) and dec(each["Balance"]) > 0
    )
    assert found.count == len(theirs)
    same_sum(side, found.total, found.sums, theirs, "Balance")


async def test_items_show_type_sku_price_and_account(side: Side) -> None:
    found = await side.value(asks.ItemsList())
    theirs = {each["Id"]: each for each in side.theirs.kept["Item"] if each["Active"]}

    assert found.count == len([e for e in theirs.values() if e["Type"] != "Category"])
    for row in found.rows:
        one = theirs[row.id]
        shown = await side.value(asks.ItemShow(row.name))
        assert shown == row
        assert (row.type, row.sku) == (one["Type"], one.get("Sku"))
        assert row.price.amount == dec(one.get("UnitPrice"))
        assert row.income_account == one["IncomeAccountRef"]["name"].split(":")[-1]


@pytest.mark.parametrize("kind", ["Bank", "Asset", "Liability", "Expense"])
async def test_accounts_show_number_types_and_balance(side: Side, kind: str) -> None:
    found = await side.value(asks.AccountsList(type=kind))

    theirs = side.theirs.where(
        "Account",
        lambda each: (
            bool(each["Active"])
            and kind in (each["AccountType"], each["Classification"])
        ),
    )
    assert found.count == len(theirs)
    by_id = {each["Id"]: each for each in theirs}
    for row in found.rows:
        one = by_id[row.id]
        assert row.number == one.get("AcctNum")
        assert row.type == one["AccountType"]
        assert row.sub_type.split("(")[0].replace(" ", "").lower() in (
            one["AccountSubType"].lower()
        )
        assert abs(row.balance.amount) == abs(dec(one["CurrentBalance"]))
    if kind == "Bank" and all(map(side.is_home, theirs)):
        assert found.total == side.money(dec(e["CurrentBalance"]) for e in theirs)


def _side(account: Record) -> str:
    found: str = account["Classification"]
    return found


async def test_an_account_is_shown_with_its_balance(side: Side) -> None:
    one = next(e for e in side.theirs.kept["Account"] if e["AccountType"] == "Bank")

    found = await side.value(asks.AccountShow(one["Name"]))

    assert found.balance.amount == dec(one["CurrentBalance"])
    assert found.sub_type


async def test_the_company_is_theirs(side: Side) -> None:
    found = await side.value(asks.CompanyInfo())

    reply = await side.theirs.call("GET", f"companyinfo/{side.theirs.realm}")
    info = reply["CompanyInfo"]
    assert (found.name, found.country) == (info["CompanyName"], info["Country"])
    assert (
        date(2000, found.fiscal_year_start_month, 1).strftime("%B")
        == (info["FiscalYearStartMonth"])
    )
    assert found.currency == side.home

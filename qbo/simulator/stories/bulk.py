"""Very many invoices, for trying things at size.

A few hundred go through the rules like any other write, each sent and paid; all the
others are struck from these. At the end some are voided, part-paid or credited, again
through the rules.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final, NamedTuple

from qbo.simulator.books.company import Company, Record
from qbo.simulator.books.moulds import (
    DAY,
    LINK,
    NUMBER,
    Copy,
    Mould,
    Striker,
    cut,
    enter,
)
from qbo.simulator.clock import stamp
from qbo.simulator.entities.sales import INVOICE
from qbo.simulator.exact import Json, cents
from qbo.simulator.rules.transactions import due_date
from qbo.simulator.rules.writes import remember
from qbo.simulator.stories.seed import at
from qbo.simulator.stories.teller import Teller, sales_line

SAMPLES: Final = 240
"""How many different invoices there are, about."""

_UNPAID: Final = 0.02
_LATE: Final = 0.1
_PART: Final = Decimal("0.4")
_ODD: Final = 250
"""So many each are voided, part-paid and credited, where there are enough."""

_FORMS: Final = ("Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt")
_DIGITS = re.compile(r"(.*?)(\d+)")
_ONE_DAY: Final = timedelta(days=1)


class Sample(NamedTuple):
    """An invoice that went through the rules: its moulds before and after payment."""

    open: Mould
    paid: Mould
    payment: Mould
    terms: Json


class Plan(NamedTuple):
    """An invoice to be struck, and when; `paid` is 0 where it stays open."""

    sample: Sample
    day: date
    due: date
    paid_on: date
    made: float
    paid: float


def add(company: Company, today: date, count: int, seed: int) -> None:
    """Bring the number of a company's invoices up to `count`."""
    missing = count - len(company.tables["Invoice"])
    if missing > 0:
        chance = Random(seed)  # noqa: S311 - no secret
        _Bulk(Teller(company, today, chance)).make(missing)


class _Bulk:
    """Makes invoices for one company."""

    def __init__(self, teller: Teller) -> None:
        self.teller = teller
        self.company = teller.company
        self.chance = teller.chance
        self.numbers = _numbers(self.company)
        self.moulds = 0
        self.striker = Striker()
        self.midnights: dict[date, float] = {}
        self.days: dict[date, str] = {}

    def make(self, count: int) -> None:
        """Make so many invoices, and what becomes of them."""
        samples = list(self._samples(min(SAMPLES, -(-count // 3))))
        plans = [self._plan(one, count, samples) for one in range(count - len(samples))]
        copies = self._struck(plans)
        enter(self.company, copies)
        self.company.show_balances()
        invoices = [one for one in copies if one.entity is INVOICE]
        remember(self.company, invoices[-1])
        self._odd([one for one in invoices if one.value("Balance")])

    # Samples

    def _samples(self, count: int) -> Iterator[Sample]:
        company, teller = self.company, self.teller
        customers = [
            one
            for one in company.records("Customer")
            if one.body["Active"] and one.ref("CurrencyRef") in {"", company.home}
        ]
        items = [one for one in company.records("Item") if self._sells(one)]
        teller.when = at(teller.start, 9)
        for place in range(count):
            basket = self.chance.sample(items, min(len(items), 1 + place % 4))
            yield self._sample(customers[place % len(customers)], basket)

    def _sells(self, item: Record) -> bool:
        body = item.body
        plain = body["Type"] in {"Service", "NonInventory"} and body["Active"]
        taxed = self.company.is_us or bool(item.ref("SalesTaxCodeRef"))
        return bool(
            plain and taxed and body["UnitPrice"] and item.ref("IncomeAccountRef")
        )

    def _sample(self, customer: Record, basket: list[Record]) -> Sample:
        """One invoice, sent and paid through the rules."""
        company, teller = self.company, self.teller
        number = next(self.numbers)
        address = customer.body.get("PrimaryEmailAddr")
        terms = company.find("Term", customer.ref("SalesTermRef"))
        body: Json = {
            "CustomerRef": {"value": customer.id},
            "DocNumber": number,
            "Line": [
                sales_line(item, self._some(), item.body["UnitPrice"])
                for item in basket
            ],
        }
        if terms:
            body["SalesTermRef"] = {"value": terms.id}
        if address:
            body["BillEmail"] = dict(address)
        invoice = teller.make("Invoice", body)
        if address:
            teller.send(invoice)
        opened = self._cut(invoice, _invoice_holes(invoice))
        payment = self._pay(invoice, invoice.body["TotalAmt"])
        paid = self._cut(invoice, _invoice_holes(invoice, payment.id))
        links = [(LINK, invoice.id), (LINK, number)]
        own = [(name, payment.body[name]) for name in (DAY, "PaymentRefNum")]
        struck = self._cut(payment, [*links, *own])
        return Sample(opened, paid, struck, terms.body if terms else {})

    def _cut(self, record: Record, holes: list[tuple[str, str]]) -> Mould:
        self.moulds += 1
        return cut(self.moulds, self.company, record, holes)

    def _pay(self, invoice: Record, amount: Decimal) -> Record:
        company = self.company
        accounts = company.records("Account")
        bank = next(one for one in accounts if one.body["AccountType"] == "Bank")
        methods = list(company.records("PaymentMethod"))
        link = {"TxnId": invoice.id, "TxnType": "Invoice"}
        return self.teller.make(
            "Payment",
            {
                "CustomerRef": {"value": invoice.ref("CustomerRef")},
                "TotalAmt": amount,
                "PaymentMethodRef": {"value": self.chance.choice(methods).id},
                "PaymentRefNum": self._reference(),
                "DepositToAccountRef": {"value": bank.id},
                "Line": [{"Amount": amount, "LinkedTxn": [link]}],
            },
        )

    def _some(self) -> Decimal:
        return Decimal(self.chance.randint(1, 9))

    def _reference(self) -> str:
        return str(self.chance.randint(100_000, 999_999))

    # Copies

    def _plan(self, place: int, count: int, samples: list[Sample]) -> Plan:
        """When an invoice is made, and when it is paid if it is."""
        teller, chance = self.teller, self.chance
        sample = samples[int(chance.random() * len(samples))]
        days = (teller.today - teller.start).days
        day = teller.start + timedelta(days=place * (days + 1) // count)
        due = due_date(day, sample.terms)
        late = 10 + 50 * chance.random() if chance.random() < _LATE else 0
        wait = timedelta(days=int(late or 26 * chance.random() - 20))
        paid_on = max(due + wait, day + _ONE_DAY)
        paid = 0.0
        if paid_on <= teller.today and chance.random() > _UNPAID:
            paid = self._moment(paid_on)
        return Plan(sample, day, due, paid_on, self._moment(day), paid)

    def _moment(self, day: date) -> float:
        """Some time of a day; of today, the first minute: never in the future."""
        start = self.midnights.get(day)
        if start is None:
            start = self.midnights[day] = at(day, 0).timestamp()
        hours = int(self.chance.random() * 540)
        return start + 60 * (1 if day == self.teller.today else 480 + hours)

    def _struck(self, plans: list[Plan]) -> list[Record]:
        """The copies, with ids in the order of time."""
        steps = [(plan.made, place, False) for place, plan in enumerate(plans)]
        steps += [
            (one.paid, place, True) for place, one in enumerate(plans) if one.paid
        ]
        steps.sort()
        sequences = self.company.sequences
        first = sequences[INVOICE.family] + 1
        sequences[INVOICE.family] += len(steps)
        numbers = {
            (place, pays): str(number)
            for number, (_, place, pays) in enumerate(steps, start=first)
        }
        invoices: dict[int, Record] = {}
        copies = []
        for _, place, pays in steps:
            plan, number = plans[place], numbers[place, pays]
            if pays:
                copies.append(self._payment(plan, number, invoices.pop(place)))
            else:
                payment = numbers.get((place, True), "")
                invoices[place] = self._invoice(plan, number, payment)
                copies.append(invoices[place])
        return copies

    def _invoice(self, plan: Plan, number: str, payment: str) -> Record:
        mould = plan.sample.paid if payment else plan.sample.open
        made = _moment(plan.made)
        fills = (
            self._iso(plan.day),
            self._iso(plan.due),
            next(self.numbers),
            stamp(made),
            payment,
            *(self.company.next_id("Addresses") for _ in mould.holes[_OWN:]),
        )
        times = (made, _moment(plan.paid) if payment else made)
        return self.striker.strike(mould, number, times, fills)

    def _payment(self, plan: Plan, number: str, invoice: Record) -> Record:
        when = _moment(plan.paid)
        copy = invoice.frozen()
        assert isinstance(copy, Copy), "it was struck a moment ago"
        day = self._iso(plan.paid_on)
        fills = (invoice.id, copy.fills[_NUMBER_AT], day, self._reference())
        return self.striker.strike(plan.sample.payment, number, (when, when), fills)

    def _iso(self, day: date) -> str:
        """A day as text, the same text each time."""
        return self.days.get(day) or self.days.setdefault(day, day.isoformat())

    # What becomes of some

    def _odd(self, unpaid: list[Record]) -> None:
        """Void some of the open invoices, credit some, take part of others."""
        teller = self.teller
        some = self.chance.sample(unpaid, min(3 * _ODD, len(unpaid) // 2))
        for place, invoice in enumerate(some):
            day = min(invoice.day + 2 * _ONE_DAY, teller.today)
            teller.when = at(day, 0, 1) if day == teller.today else at(day, 16)
            if place % 3 == 0:
                teller.void(invoice)
            elif place % 3 == 1:
                self._pay(invoice, cents(invoice.body["Balance"] * _PART))
            else:
                line = invoice.body["Line"][0]
                teller.credit(invoice, _one_of(line), used=True)


def _invoice_holes(invoice: Record, payment: str = "") -> list[tuple[str, str]]:
    """Where an invoice differs from another of the same customer and lines."""
    body = invoice.body
    sent = (body.get("DeliveryInfo") or {}).get("DeliveryTime", "")
    own = [(name, body[name]) for name in (DAY, "DueDate", NUMBER)]
    own += [("DeliveryInfo.DeliveryTime", sent), ("LinkedTxn", payment)]
    addresses = [
        (f"{name}.Id", part["Id"])
        for name, part in body.items()
        if isinstance(part, dict) and "Id" in part
    ]
    return own + addresses


_NUMBER_AT: Final = 2
_OWN: Final = 5
"""Where the number stands among an invoice's holes, and how many are no addresses."""


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _one_of(line: Json) -> Json:
    """A line that takes back one of what an invoice's line sold."""
    sold = line["SalesItemLineDetail"]
    kept = ("ItemRef", "UnitPrice", "TaxCodeRef")
    detail = {name: sold[name] for name in kept if name in sold}
    return {
        "Amount": cents(sold["UnitPrice"]),
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {**detail, "Qty": Decimal(1)},
    }


def _numbers(company: Company) -> Iterator[str]:
    """Document numbers that go on where the company's invoices are."""
    prefix, digits = "", "1000"
    for record in reversed(company.tables["Invoice"].values()):
        found = _DIGITS.fullmatch(record.body.get("DocNumber", ""))
        if found:
            prefix, digits = found.groups()
            break
    while True:
        digits = str(int(digits) + 1).zfill(len(digits))
        number = f"{prefix}{digits}"
        if not any((kind, number) in company.documents for kind in _FORMS):
            yield number

"""Plain reasons to look twice."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from approvals.proposal import Risk
from approvals.risk import risks
from qbo.books import Circumstances, Money, Verb
from tests.approvals.far import draft, step


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


PLAIN = Circumstances(
    party="Acme West",
    party_open=usd("10"),
    party_overdue=usd("0"),
    amount=usd("100"),
    largest_before=usd("100"),
)


def test_nothing_unusual_has_no_reasons() -> None:
    assert risks(draft(), PLAIN) == ()
    assert risks(draft(), Circumstances()) == ()


@pytest.mark.parametrize(
    ("facts", "level", "words"),
    [
        (replace(PLAIN, duplicates=("Invoice 1188",)), "warning", "Invoice 1188"),
        (replace(PLAIN, amount=usd("200")), "warning", "$200.00 is much larger"),
        (replace(PLAIN, amount=usd("199.99")), "note", "The largest so far"),
        (replace(PLAIN, party_is_new=True), "note", "first time for Acme West"),
        (replace(PLAIN, party_overdue=usd("0.01")), "warning", "already owes $0.01"),
        (replace(PLAIN, backdated_days=1), "note", "Dated 1 day back."),
        (replace(PLAIN, backdated_days=-3), "note", "Dated 3 days in the future."),
    ],
)
def test_each_reason_is_said(facts: Circumstances, level: str, words: str) -> None:
    (risk,) = risks(draft(), facts)

    assert risk.level == level
    assert words in risk.text


def test_amounts_in_two_currencies_are_not_compared() -> None:
    facts = replace(PLAIN, amount=Money(Decimal(9999), "GBP"))

    assert risks(draft(), facts) == ()


def test_an_e_mail_that_goes_out_is_said() -> None:
    (risk,) = risks(draft(send=True), PLAIN)

    assert risk == Risk(
        "note", "An e-mail goes out to the customer. It cannot be called back."
    )


def test_a_void_of_an_old_invoice_is_a_warning() -> None:
    void = draft(steps=(step(Verb.VOID),), action="invoice.void")

    (old,) = risks(void, replace(PLAIN, backdated_days=400, party_overdue=usd("5")))
    (fresh,) = risks(void, PLAIN)

    assert old.level == "warning"
    assert "400 days ago" in old.text
    assert fresh.level == "note"


def test_a_weekend_is_noted_and_warnings_come_first() -> None:
    saturday = replace(draft(), today=date(2026, 11, 21))

    found = risks(saturday, replace(PLAIN, duplicates=("One", "Two")))

    assert [r.level for r in found] == ["warning", "warning", "note"]
    assert found[2].text == "Asked for on a Saturday."

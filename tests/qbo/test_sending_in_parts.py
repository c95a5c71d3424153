from collections import Counter

from qbo.asks import InvoiceSend
from qbo.drafting.invoice import SENDS_MAX, in_parts


def test_too_many_invoices_are_sent_customer_by_customer() -> None:
    whose = Counter({"Big One": SENDS_MAX + 1, "Acme West": 9, "Lakeside HOA": 4})

    said = in_parts(InvoiceSend(status="unsent"), whose)

    assert "“send all unsent invoices for Acme West”" in said
    assert "Lakeside HOA" in said
    assert "Big One" not in said


def test_too_many_invoices_of_one_customer_are_sent_by_their_numbers() -> None:
    said = in_parts(
        InvoiceSend(status="open", customer="Acme West"), Counter({"Acme West": 40})
    )

    assert said == "Send them one by one, by their numbers."

"""What stands behind "from" is what stood there until now, never the new value."""

import pytest

from tests.understanding.test_said import heard


@pytest.mark.parametrize(
    "said",
    [
        "change due date on invoice 1042 from December 5",
        "change terms on 1042 from net 30",
        'change the memo of 1042 from "a"',
        "change Acme West terms from net 15",
        "change vendor Metro Water terms from net 30",
        "change Acme West's email from a@x.example",
        "change Zephyr Cycles' phone from 555-0100",
        "update Zephyr Cycles' address from 12 Main St",
    ],
)
def test_the_old_value_alone_leaves_open_what_should_change(said: str) -> None:
    made = heard(said)

    assert made.kind == "clarify"
    assert made.question is not None
    assert made.question.about == "changes"
    assert "changes" not in made.arguments


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        ('change the memo of 1042 from "a" to "b"', {"memo": "b"}),
        ("change terms on 1042 from net 30 to net 15", {"terms": "Net 15"}),
        ("change Acme West terms from net 15 to net 30", {"terms": "Net 30"}),
        (
            "change Acme West's email from a@x.example to b@x.example",
            {"email": "b@x.example"},
        ),
        (
            "change Zephyr Cycles' phone from 555-0100 to 555-0101",
            {"phone": "555-0101"},
        ),
        (
            "update Zephyr Cycles' address from 12 Main St to 14 High St",
            {"address": "14 High St"},
        ),
        (
            "change Acme West's email from a@x.example||b@x.example",
            {"email": "b@x.example"},
        ),
    ],
)
def test_the_new_value_is_the_one_behind_to(said: str, changes: dict[str, str]) -> None:
    made = heard(said)

    assert made.kind == "write"
    assert made.arguments["changes"] == changes


@pytest.mark.parametrize(
    "said",
    [
        "change Acme West's email and phone to a@x.example",
        "change Acme West's phone and email to 555-0101",
        "change Acme West's terms and email to net 15",
        "update Acme West's email and address to a@b.example",
    ],
)
def test_two_fields_with_one_value_are_asked_about(said: str) -> None:
    assert heard(said).kind == "clarify"


def test_two_fields_with_two_values_are_both_changed() -> None:
    made = heard("change Acme West's email and phone to a@x.example and 555-0101")

    assert made.arguments["changes"] == {"email": "a@x.example", "phone": "555-0101"}


def test_a_short_name_of_a_customer_and_a_vendor_is_asked_about() -> None:
    asked = heard("change Bill's email to a@b.example")

    assert asked.question is not None
    assert asked.question.choices == ("customer.update", "vendor.update")
    made = heard("change Bill's email to a@b.example||customer.update")
    assert made.arguments["customer"] == "Bill Hartley"

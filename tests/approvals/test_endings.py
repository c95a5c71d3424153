"""Who is told how it ended, in which words, and how often."""

from dataclasses import replace

import pytest

from approvals.proposal import Audience, Proposal, Status
from cards import outcome
from cards.card import Tone
from cards.samples.proposed import APPROVED, RECEIPT, show
from qbo.books import Company, Environment, Shown
from qbo.faults import Refused, Unconfirmed, Unreachable
from tests.approvals.far import Order, Rail

LOST = Unconfirmed("?")


async def told(rail: Rail, kind: str) -> list[tuple[Audience, str]]:
    found = await rail.desk.tellings.waiting(rail.clock())
    return [(x.audience, x.sentence) for x in found if x.kind == kind]


async def test_the_asker_is_told_the_number(rail: Rail) -> None:
    applied = await rail.desk.apply((await rail.approved()).id)

    assert applied.status is Status.APPLIED
    ((whom, said),) = await told(rail, "ended")
    assert whom is Audience.ASKER
    assert said == (
        "P-1 (Invoice Acme West for $1500.00) is posted to QuickBooks as Invoice 1189."
    )


async def test_a_refusal_is_told_with_what_to_do_and_a_code_to_quote(
    rail: Rail,
) -> None:
    approved = await rail.approved()
    no = Refused("The books are closed. Use a later date.", code="6210")
    rail.books.orders.append(Order(before=no))

    failed = await rail.desk.apply(approved.id)

    assert failed.reason == (
        "The books are closed. Use a later date. (To quote: QuickBooks 6210.)"
    )
    ((_, said),) = await told(rail, "ended")
    assert said.endswith(failed.reason)


async def test_a_refusal_of_our_own_has_no_code(rail: Rail) -> None:
    approved = await rail.approved()
    rail.books.orders.append(Order(before=Refused("No.", code="preflight")))

    assert (await rail.desk.apply(approved.id)).reason == "No."


async def test_what_was_posted_in_part_is_told_so(rail: Rail) -> None:
    approved = await rail.approved(send=True)
    rail.books.orders += [Order(), Order(before=Refused("No address.", code="2210"))]

    await rail.desk.apply(approved.id)

    ((_, said),) = await told(rail, "ended")
    assert "was posted only in part" in said
    assert "No address." in said


async def test_an_unknown_outcome_and_a_doubt_are_told_once_each(rail: Rail) -> None:
    approved = await rail.approved()
    rail.books.orders += [Order(before=LOST)] * 20
    await rail.desk.apply(approved.id)

    both = {Audience.ASKER, Audience.ADMINS}
    assert {whom for whom, _ in await told(rail, "unconfirmed")} == both
    for _ in range(14):
        rail.clock.advance(minutes=5)
        await rail.desk.resume()

    doubted = await rail.desk.proposal(approved.id)
    assert doubted.doubted_at is not None
    assert len(await told(rail, "unconfirmed")) == 2
    assert {whom for whom, _ in await told(rail, "doubt")} == both
    assert len(await told(rail, "doubt")) == 2
    assert "Please look in QuickBooks" in (await told(rail, "doubt"))[0][1]


async def test_a_search_in_vain_says_when_it_looks_next(rail: Rail) -> None:
    approved = await rail.approved()
    rail.books.orders.append(Order(before=LOST))
    lost = await rail.desk.apply(approved.id)
    rail.books.finding.append(Unreachable("down"))
    rail.clock.advance(seconds=15)

    searched = await rail.desk.confirm(approved.id)

    assert searched.version == lost.version + 1
    assert searched.next_try_at is not None
    assert searched.next_try_at > rail.clock()
    lines = await rail.desk.trail(approved.id)
    assert lines[-1].event == "searched"


async def test_a_difference_alarms_the_administrators_once(rail: Rail) -> None:
    approved = await rail.approved()
    rail.books.differences = ("Due date: sent 1, in QuickBooks 2.",)

    await rail.desk.apply(approved.id)
    for _ in range(3):
        rail.clock.advance(minutes=5)
        await rail.desk.resume()

    ((whom, said),) = await told(rail, "differs")
    assert whom is Audience.ADMINS
    assert "Due date: sent 1, in QuickBooks 2." in said


def applied(environment: Environment, **receipt: object) -> Proposal:
    company = Company("1", "Pennine", environment)
    posted = replace(RECEIPT, **receipt)  # type: ignore[arg-type]
    return replace(APPROVED, status=Status.APPLIED, company=company, receipts=(posted,))


@pytest.mark.parametrize(
    ("environment", "entity", "url"),
    [
        (
            Environment.PRODUCTION,
            "Invoice",
            "https://qbo.intuit.com/app/invoice?txnId=412",
        ),
        (
            Environment.SANDBOX,
            "Payment",
            "https://sandbox.qbo.intuit.com/app/recvpayment?txnId=412",
        ),
        (
            Environment.PRODUCTION,
            "Customer",
            "https://qbo.intuit.com/app/customerdetail?nameId=412",
        ),
    ],
)
def test_a_posted_record_is_one_press_away(
    environment: Environment, entity: str, url: str
) -> None:
    (link,) = outcome.links(applied(environment, entity=entity))

    assert link.url == url


@pytest.mark.parametrize("record_id", ["", "4&x=1", "../5", "٤١٢", "javascript:1"])
def test_what_is_no_number_makes_no_address(record_id: str) -> None:
    assert outcome.links(applied(Environment.PRODUCTION, record_id=record_id)) == ()


def test_a_simulated_company_has_no_pages() -> None:
    assert outcome.links(applied(Environment.SIMULATOR)) == ()
    assert outcome.links(applied(Environment.PRODUCTION, entity="Unheard")) == ()


def test_what_differs_stands_side_by_side_in_red() -> None:
    otherwise = applied(
        Environment.PRODUCTION,
        differences=("Due date: sent 1, in QuickBooks 2.",),
        differing=(Shown("Due date", "2", "1"),),
    )

    card = show(otherwise)
    table = outcome.differing(otherwise)

    assert card.tone is Tone.BAD
    assert table is not None
    assert table.rows == (("🔴 Due date", "1", "2"),)
    assert table.columns[1:] == ("Approved", "In QuickBooks")
    assert outcome.differing(applied(Environment.PRODUCTION)) is None

"""Steps of several lines against the simulated QuickBooks, over HTTP."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from qbo.asks import InvoiceCreate, InvoicesCreate, SaidLine, change_from, change_text
from qbo.books import Draft, Receipt, Verb, draft_from, draft_text, line_numbers
from qbo.drafting.batch import LinesUnfit
from qbo.faults import Ambiguous, LinesRefused, Refused, Throttled, Unconfirmed
from qbo.governor import Governor, Pace
from qbo.wire.exact import loads
from tests.qbo.conftest import Office

pytestmark = pytest.mark.asyncio(loop_scope="session")


def invoice(customer: dict[str, Any], amount: str = "10.00") -> InvoiceCreate:
    lines = (SaidLine(item="Consulting", amount=Decimal(amount)),)
    return InvoiceCreate(customer["DisplayName"], lines)


def several(customer: dict[str, Any], count: int) -> InvoicesCreate:
    return InvoicesCreate(
        tuple(invoice(customer, f"{10 + place}.00") for place in range(count))
    )


async def posted(office: Office, draft: Draft) -> list[Receipt]:
    receipts: list[Receipt] = []
    for step in range(1, len(draft.steps) + 1):
        receipts.append(await office.ledger.post(draft, step, receipts))
    return receipts


async def held(office: Office, customer: dict[str, Any]) -> list[dict[str, Any]]:
    return await office.query(
        f"SELECT * FROM Invoice WHERE CustomerRef = '{customer['Id']}' MAXRESULTS 1000"
    )


def started(office: Office) -> datetime:
    return office.clock()


@pytest.mark.parametrize(("count", "steps"), [(1, 1), (30, 1), (31, 2), (75, 3)])
async def test_each_line_is_posted_once_and_compared(
    office: Office, count: int, steps: int
) -> None:
    customer = await office.new_customer()
    draft = await office.draft(several(customer, count))

    receipts = await posted(office, draft)
    compared = [await office.ledger.read_back(draft, each) for each in receipts]

    assert len(draft.steps) == steps
    assert all(len(step.parts) <= 30 for step in draft.steps)
    books = {each["Id"]: each for each in await held(office, customer)}
    parts = [part for each in compared for part in each.parts]
    assert len(books) == len(parts) == count
    assert {part.record_id for part in parts} == set(books)
    assert all(each.compared and not each.differences for each in compared)
    for part in parts:
        assert f"Ref P-17/{part.key}" in books[part.record_id]["PrivateNote"]
        assert part.doc_number == books[part.record_id]["DocNumber"]
        net = Decimal(books[part.record_id]["Line"][0]["Amount"])
        assert net == 9 + int(part.key)
    assert draft.total is not None
    assert draft.total.amount == sum(
        Decimal(each["TotalAmt"]) for each in books.values()
    )


async def test_a_draft_of_lines_is_kept_whole(office: Office) -> None:
    customer = await office.new_customer()
    change = several(customer, 2)

    draft = await office.draft(change)

    assert draft_from(draft_text(draft)) == draft
    assert change_from(change_text(change)) == change
    assert change_from(draft.change) == change
    assert draft.independent
    assert [part.party for part in draft.steps[0].parts] == [
        customer["DisplayName"]
    ] * 2
    assert "Consulting" in draft.steps[0].parts[0].what


async def test_lines_that_are_refused_stop_no_other(office: Office) -> None:
    customer = await office.new_customer()
    gone = await office.new_customer()
    draft = await office.draft(
        InvoicesCreate((invoice(customer), invoice(gone), invoice(customer, "12.00")))
    )
    await office.write("Customer", {**gone, "Active": False})

    (receipt,) = await posted(office, draft)
    back = await office.ledger.read_back(draft, receipt)

    assert [part.is_posted for part in receipt.parts] == [True, False, True]
    assert receipt.parts[1].fault is not None
    assert "inactive" in receipt.parts[1].fault
    assert not receipt.is_whole
    assert not receipt.is_nothing
    assert len(receipt.singles) == 2
    assert back.compared
    assert back.differences == ()
    assert len(await held(office, customer)) == 2


async def test_when_every_line_is_refused_nothing_was_changed(office: Office) -> None:
    gone = await office.new_customer()
    draft = await office.draft(several(gone, 2))
    await office.write("Customer", {**gone, "Active": False})

    with pytest.raises(LinesRefused) as no:
        await posted(office, draft)

    assert [part.is_posted for part in no.value.parts] == [False, False]
    assert "nothing was changed" in no.value.sentence
    assert await held(office, gone) == []


async def test_a_number_that_is_taken_is_the_reason_of_its_line(office: Office) -> None:
    customer = await office.new_customer()
    draft = await office.draft(several(customer, 3))
    await office.far.order(
        "batch",
        entity="Invoice",
        operation="create",
        status=400,
        code="6140",
        detail="DocNumber=1042 taken",
    )

    (receipt,) = await posted(office, draft)

    faults = [part.fault for part in receipt.parts]
    assert faults[0] is not None
    assert "Number 1042 is already used" in faults[0]
    assert faults[1:] == [None, None]
    assert receipt.parts[0].code == "6140"
    assert len(await held(office, customer)) == 2


async def test_a_line_that_nobody_knows_of_makes_the_batch_unknown(
    office: Office,
) -> None:
    customer = await office.new_customer()
    draft = await office.draft(several(customer, 2))
    begun = started(office)
    await office.far.order(
        "batch",
        entity="Invoice",
        operation="create",
        status=500,
        code="10000",
        when="after",
    )

    with pytest.raises(Unconfirmed):
        await posted(office, draft)
    found = await office.ledger.find(draft, 1, (), begun)

    assert found is not None
    assert found.is_whole
    assert len(await held(office, customer)) == 2


@pytest.mark.parametrize(
    "body",
    [
        {"BatchItemResponse": []},
        {"time": "2026-11-20T07:00:00-08:00"},
        {"BatchItemResponse": [{"bId": "1", "Invoice": {"Id": "1", "SyncToken": "0"}}]},
        {"BatchItemResponse": [{"bId": "1"}, {"bId": "1"}]},
        {"BatchItemResponse": [{"bId": "1", "Invoice": {}}, {"bId": "2"}]},
        {"BatchItemResponse": "nothing"},
    ],
)
async def test_an_answer_that_leaves_a_line_out_says_nothing(
    office: Office, body: dict[str, Any]
) -> None:
    customer = await office.new_customer()
    draft = await office.draft(several(customer, 2))
    await office.far.order(
        "batch", operation="batch", status=200, body=body, when="after"
    )

    with pytest.raises(Unconfirmed):
        await posted(office, draft)


async def test_a_lost_reply_is_found_line_by_line(office: Office) -> None:
    customer = await office.new_customer()
    same = InvoicesCreate((invoice(customer), invoice(customer), invoice(customer)))
    draft = await office.draft(same)
    begun = started(office)
    before = await office.ledger.find(draft, 1, (), begun)
    await office.far.order("batch", method="POST", drop="after")

    with pytest.raises(Unconfirmed):
        await posted(office, draft)
    found = await office.ledger.find(draft, 1, (), begun)

    assert before is None
    assert found is not None
    assert len({part.record_id for part in found.parts}) == 3
    books = {each["Id"]: each["PrivateNote"] for each in await held(office, customer)}
    for part in found.parts:
        assert f"Ref P-17/{part.key}" in books[part.record_id]


async def test_lines_that_are_not_there_are_told_from_those_that_are(
    office: Office,
) -> None:
    customer = await office.new_customer()
    draft = await office.draft(several(customer, 3))
    begun = started(office)
    await office.far.order(
        "batch", entity="Invoice", operation="create", status=400, code="6000"
    )
    await office.far.order("batch", operation="batch", drop="after")

    with pytest.raises(Unconfirmed):
        await posted(office, draft)
    found = await office.ledger.find(draft, 1, (), begun)

    assert found is not None
    assert [part.is_posted for part in found.parts] == [False, True, True]
    assert found.parts[0].fault is not None
    assert "not there" in found.parts[0].fault


async def test_the_same_request_again_doubles_nothing(office: Office) -> None:
    customer = await office.new_customer()
    draft = await office.draft(several(customer, 4))

    (first,) = await posted(office, draft)
    (again,) = await posted(office, draft)

    assert [p.record_id for p in first.parts] == [p.record_id for p in again.parts]
    assert len(await held(office, customer)) == 4


async def test_a_line_that_is_there_twice_is_for_a_person(office: Office) -> None:
    customer = await office.new_customer()
    draft = await office.draft(several(customer, 2))
    begun = started(office)
    (receipt,) = await posted(office, draft)
    item = loads(draft.steps[0].body)["BatchItemRequest"][0]
    second = await office.write("Invoice", item["Invoice"])

    with pytest.raises(Ambiguous):
        await office.ledger.find(draft, 1, (), begun)
    named = await office.ledger.match(
        draft, second["DocNumber"], first_attempt_at=begun
    )
    other = await office.ledger.match(draft, "no such", first_attempt_at=begun)

    assert named is not None
    assert named.parts[0].record_id == second["Id"]
    assert named.parts[1].record_id == receipt.parts[1].record_id
    assert other is None


async def test_a_record_changed_meanwhile_shows_at_its_line(office: Office) -> None:
    customer = await office.new_customer()
    draft = await office.draft(several(customer, 2))
    (receipt,) = await posted(office, draft)
    second = await office.one("Invoice", receipt.parts[1].record_id)
    await office.write("Invoice", {**second, "PrivateNote": "somebody's note"})

    back = await office.ledger.read_back(draft, receipt)

    assert back.parts[0].differences == ()
    assert "Memo" in back.parts[1].differences[0]
    assert back.differences == (f"Line 2: {back.parts[1].differences[0]}",)


async def test_lines_are_emailed_one_by_one_after_they_were_posted(
    office: Office,
) -> None:
    mailed = await office.new_customer(PrimaryEmailAddr={"Address": "a@acme.example"})
    gone = await office.new_customer(PrimaryEmailAddr={"Address": "b@acme.example"})
    lines = (SaidLine(item="Consulting", amount=Decimal(5)),)
    draft = await office.draft(
        InvoicesCreate(
            (
                InvoiceCreate(mailed["DisplayName"], lines, send=True),
                InvoiceCreate(gone["DisplayName"], lines, send=True),
            )
        )
    )
    await office.write("Customer", {**gone, "Active": False})
    first = await office.ledger.post(draft, 1, ())

    sent = await office.ledger.post(draft, 2, [first])
    with pytest.raises(Refused) as no:
        await office.ledger.post(draft, 3, [first, sent])

    assert [step.verb for step in draft.steps] == [Verb.CREATE, Verb.SEND, Verb.SEND]
    assert sent.record_id == first.parts[0].record_id
    assert (await office.one("Invoice", sent.record_id))["EmailStatus"] == "EmailSent"
    assert "was not posted" in no.value.sentence


async def test_a_draft_says_of_every_line_what_is_wrong(office: Office) -> None:
    customer = await office.new_customer()
    lines = (SaidLine(item="No such thing", amount=Decimal(5)),)
    change = InvoicesCreate(
        (
            InvoiceCreate("Nobody at all", lines),
            invoice(customer),
            InvoiceCreate(customer["DisplayName"], lines),
        )
    )

    with pytest.raises(LinesUnfit) as no:
        await office.draft(change)

    assert [place for place, _ in no.value.problems] == [0, 2]
    assert "2 of 3 invoices" in no.value.sentence
    assert "nothing was proposed" in no.value.sentence


async def test_what_moved_is_said_with_its_lines_and_left_out(office: Office) -> None:
    stays, goes = await office.new_customer(), await office.new_customer()
    draft = await office.draft(
        InvoicesCreate((invoice(stays), invoice(goes), invoice(stays), invoice(goes)))
    )
    await office.write("Customer", {**goes, "Active": False})

    standing = await office.ledger.check(draft)

    (sentence,) = standing.moved
    assert sentence.startswith("Lines 2 and 4: ")
    assert "inactive" in sentence
    assert standing.rebased is not None
    assert len(standing.rebased.steps[0].parts) == 2
    assert any("Left out" in note for note in standing.rebased.notes)


async def test_british_lines_carry_their_tax(pennine: Office) -> None:
    customer = await pennine.new_customer()
    lines = (SaidLine(item="Management Fee", amount=Decimal(100)),)
    change = InvoicesCreate((InvoiceCreate(customer["DisplayName"], lines),) * 2)

    draft = await pennine.draft(change)
    receipts = await posted(pennine, draft)
    back = await pennine.ledger.read_back(draft, receipts[0])

    assert draft.tax is not None
    assert draft.tax.amount == Decimal("40.00")
    assert back.total == draft.total
    assert back.differences == ()
    items = loads(draft.steps[0].body)["BatchItemRequest"]
    assert all(each["Invoice"]["DocNumber"] == "AUTO_GENERATE" for each in items)


async def test_batches_have_a_pace_of_their_own(office: Office) -> None:
    now = [1_000_000.0]
    pace = Pace(1000, 1000, 8, batches_per_minute=2)
    governor = Governor(
        office.engine,
        paces={office.company.environment: pace},
        clock=lambda: now[0],
    )

    async def batch() -> None:
        async with governor.writing(
            f"{office.company.environment}:1",
            patience_seconds=1,
            lease_seconds=5,
            is_batch=True,
        ):
            await asyncio.sleep(0)

    await batch()
    await batch()
    with pytest.raises(Throttled) as no:
        await batch()
    now[0] += 61
    await batch()

    assert no.value.retry_after_seconds > 50


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ((), ""),
        ((3,), "Line 3"),
        ((4, 3), "Lines 3 and 4"),
        ((1, 2, 3, 7, 9, 10), "Lines 1-3, 7, 9 and 10"),
    ],
)
async def test_lines_are_named_by_their_numbers(
    found: Sequence[int], said: str
) -> None:
    assert line_numbers(found) == said

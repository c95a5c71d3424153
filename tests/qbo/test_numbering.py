"""Numbers that are ours to give: each once, and the next one where it was taken."""

import asyncio
import uuid
from decimal import Decimal
from itertools import islice

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from qbo.asks import BillCreate, CreditMemoCreate, SaidLine
from qbo.books import Draft
from qbo.faults import Stale
from qbo.numbering import HELD, Numbering, succeeding
from qbo.wire.exact import Json, loads
from tests.conftest import Clock
from tests.qbo.conftest import Office


@pytest.mark.parametrize(
    ("last", "after"),
    [
        ("1104", ["1105", "1106"]),
        ("0099", ["0100", "0101"]),
        ("CN-009", ["CN-010", "CN-011"]),
        ("999", ["1000", "1001"]),
        ("0", ["1", "2"]),
    ],
)
def test_the_next_number_keeps_its_form(last: str, after: list[str]) -> None:
    assert list(islice(succeeding(last), 2)) == after


async def test_each_proposal_has_a_number_of_its_own(
    engine: AsyncEngine, clock: Clock
) -> None:
    here, there = Numbering(engine, clock), Numbering(engine, clock)

    found = await asyncio.gather(
        *(
            (here, there)[n % 2].reserve("s:1", f"P-{n}", 0, "1104", {"1105"})
            for n in range(6)
        )
    )

    assert sorted(found) == ["1106", "1107", "1108", "1109", "1110", "1111"]
    for n in range(6):
        again = await there.reserve("s:1", f"P-{n}", 0, "1104", {"1105"})
        assert again == found[n], "a draft made anew keeps its number"


async def test_a_number_that_was_taken_is_given_up_and_others_keep_theirs(
    engine: AsyncEngine, clock: Clock
) -> None:
    numbering = Numbering(engine, clock)
    assert await numbering.reserve("s:1", "P-1", 0, "7", ()) == "8"
    assert await numbering.reserve("s:1", "P-1", 1, "7", ()) == "9"
    assert await numbering.reserve("s:2", "P-1", 0, "7", ()) == "8"

    assert await numbering.reserve("s:1", "P-1", 0, "8", {"8"}) == "10"
    assert await numbering.reserve("s:1", "P-1", 1, "8", {"8"}) == "9"


async def test_what_was_never_posted_is_free_again(
    engine: AsyncEngine, clock: Clock
) -> None:
    numbering = Numbering(engine, clock)
    assert await numbering.reserve("s:1", "P-1", 0, "7", ()) == "8"
    clock.advance(days=HELD.days - 1)
    assert await numbering.reserve("s:1", "P-2", 0, "7", ()) == "9"

    clock.advance(days=2)

    assert await numbering.reserve("s:1", "P-3", 0, "7", ()) == "8"
    assert await numbering.reserve("s:1", "P-2", 0, "7", ()) == "9"


async def test_a_look_reserves_nothing(engine: AsyncEngine, clock: Clock) -> None:
    numbering = Numbering(engine, clock)
    assert await numbering.reserve("s:1", "P-1", 0, "7", ()) == "8"

    shown = [await numbering.peek("s:1", "P-0", n, "7", {"10"}) for n in range(3)]

    assert shown == ["9", "11", "12"]
    assert await numbering.peek("s:1", "P-1", 0, "7", ()) == "8"
    assert await numbering.reserve("s:1", "P-2", 0, "7", ()) == "9"


def credit_for(customer: Json) -> CreditMemoCreate:
    line = SaidLine(item="Management Fee", amount=Decimal("40.00"))
    return CreditMemoCreate(str(customer["DisplayName"]), (line,))


def number_of(draft: Draft) -> str:
    return str(loads(draft.steps[0].body)["DocNumber"])


@pytest.mark.asyncio(loop_scope="session")
async def test_two_credit_memos_that_wait_have_two_numbers(pennine: Office) -> None:
    credit = credit_for(await pennine.new_customer())
    if not pennine.company.custom_txn_numbers:
        pytest.fail("this company was to number its documents itself")

    first = await pennine.draft(credit, "P-901")
    second = await pennine.draft(credit, "P-902")
    assert number_of(first) != number_of(second)
    posted = await pennine.ledger.post(first, 1, ())
    assert posted.doc_number == number_of(first)
    assert (await pennine.ledger.check(second)).moved == ()


@pytest.mark.asyncio(loop_scope="session")
async def test_a_number_taken_in_quickbooks_makes_it_stale_with_the_next(
    pennine: Office,
) -> None:
    customer = await pennine.new_customer()
    credit = credit_for(customer)
    draft = await pennine.draft(credit, "P-903")
    by_hand = {**loads(draft.steps[0].body), "PrivateNote": "by hand"}
    await pennine.write("CreditMemo", by_hand)

    standing = await pennine.ledger.check(draft)

    number, name = number_of(draft), customer["DisplayName"]
    said = f"The number {number} has been given to a document of {name} meanwhile."
    assert standing.moved == (said,)
    assert standing.rebased is not None
    offered = number_of(standing.rebased)
    assert offered > number
    afresh = await pennine.draft(credit, "P-906")
    assert number_of(afresh) == offered, "what was offered is what is proposed"


@pytest.mark.asyncio(loop_scope="session")
async def test_a_number_taken_at_the_last_moment_makes_it_stale_too(
    pennine: Office,
) -> None:
    customer = await pennine.new_customer()
    credit = credit_for(customer)
    draft = await pennine.draft(credit, "P-907")
    assert (await pennine.ledger.check(draft)).moved == ()
    await pennine.write(
        "CreditMemo", {**loads(draft.steps[0].body), "PrivateNote": "by hand"}
    )

    with pytest.raises(Stale, match="has been taken"):
        await pennine.ledger.post(draft, 1, ())


@pytest.mark.asyncio(loop_scope="session")
async def test_a_company_without_sales_receipts_can_credit_all_the_same(
    pennine: Office,
) -> None:
    customer = await pennine.new_customer()
    credit = credit_for(customer)
    draft = await pennine.draft(credit, "P-908")
    await pennine.far.order(
        "query", times=9, entity="SalesReceipt", status=400, code="500"
    )

    assert (await pennine.ledger.check(draft)).moved == ()


@pytest.mark.asyncio(loop_scope="session")
async def test_the_second_of_two_bills_with_one_number_is_not_posted(
    office: Office,
) -> None:
    vendor = f"Timber Yard {uuid.uuid4().hex[:6]}"
    await office.write("Vendor", {"DisplayName": vendor})
    await office.minute()
    bill = BillCreate(
        vendor,
        (SaidLine(account="Utilities", amount=Decimal("75.00")),),
        reference="TY-7781",
    )
    first, second = await office.draft(bill, "P-904"), await office.draft(bill, "P-905")
    await office.ledger.post(first, 1, ())

    standing = await office.ledger.check(second)

    assert standing.moved == (f"Bill TY-7781 of {vendor} is in QuickBooks by now.",)
    assert standing.rebased is None

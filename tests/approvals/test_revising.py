"""What a revision changes is told, whatever it is."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals import moves, revising
from approvals.proposal import (
    Audience,
    Decision,
    Denied,
    Event,
    Proposal,
    Verdict,
    WantedNotice,
)
from approvals.revising import changes, sentence
from qbo.books import Circumstances, Draft, Line, Money, Shown, Verb
from tests.approvals.far import COMPANY, PRIYA, SAM, Rail, W, draft, step
from tests.approvals.test_renewing import made_stale, renew


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def line(quantity: str = "10", rate: str = "150", item: str = "Consulting") -> Line:
    amount = Decimal(quantity) * Decimal(rate)
    return Line(
        Money(amount.quantize(Decimal("0.01")), "USD"),
        item=item,
        quantity=Decimal(quantity),
        rate=Decimal(rate),
    )


def invoice(*lines: Line, **more: object) -> Draft:
    made = replace(
        draft("P-1"),
        lines=lines,
        total=usd(str(sum(each.amount.amount for each in lines))),
        shown=(
            Shown("Customer", "Acme West"),
            Shown("Due date", "20 Dec 2026"),
            Shown("E-mail on the invoice", "ap@acme.example"),
            Shown("Memo", "Ref P-1"),
        ),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def several(*names: str) -> Draft:
    """Several at once: each line is told in one text, which ends with its mark."""
    ref = draft("P-1").ref
    return invoice(
        *(
            Line(
                usd("150"), description=f"{name}: Consulting; memo “Ref {ref}/{place}”"
            )
            for place, name in enumerate(names, 1)
        )
    )


def test_of_several_only_what_was_left_out_is_told() -> None:
    told = changes(several("Acme", "Birch", "Cole"), several("Acme", "Cole"))

    assert [(each.label, each.value) for each in told] == [
        ("Line 2 before", "removed"),
        ("Total", "$300.00"),
    ]
    assert (told[0].before or "").startswith("Birch: Consulting")


def test_hours_show_their_amount_and_the_total_as_well() -> None:
    told = changes(invoice(line("10")), invoice(line("12")))

    assert told == (
        Shown("Line 1, quantity", "12", "10"),
        Shown("Line 1, amount", "$1,800.00", "$1,500.00"),
        Shown("Total", "$1,800.00", "$1,500.00"),
    )
    assert sentence(told[:1]) == "Line 1, quantity: 10 → 12"


def test_a_line_added_and_one_removed_are_told_whole() -> None:
    one, other = line("10"), line("2", "80", "Design")

    added = changes(invoice(one), invoice(one, other))
    removed = changes(invoice(other, one), invoice(one))

    assert added[0] == Shown("Line 2, added", "Design, 2 x 80, $160.00")
    assert removed[0] == Shown("Line 1 before", "removed", "Design, 2 x 80, $160.00")
    assert [each.label for each in added] == ["Line 2, added", "Total"]


def test_sending_it_as_well_is_told_as_one_thing() -> None:
    before = invoice(line())
    after = invoice(
        line(),
        shown=(
            *before.shown[:2],
            Shown("E-mail to", "ap@acme.example"),
            before.shown[3],
        ),
        steps=(*before.steps, step(Verb.SEND, b"", "invoice/{1.id}/send")),
    )

    assert changes(before, after) == (
        Shown(
            "E-mail",
            "sent to ap@acme.example",
            "on the invoice, not sent: ap@acme.example",
        ),
    )


def test_customer_due_date_and_memo_are_told() -> None:
    after = invoice(
        line(),
        shown=(
            Shown("Customer", "Acme Corporation"),
            Shown("Due date", "30 Dec 2026"),
            Shown("E-mail on the invoice", "ap@acme.example"),
            Shown("Memo", "June (Ref P-1)"),
        ),
    )

    assert changes(invoice(line()), after) == (
        Shown("Customer", "Acme Corporation", "Acme West"),
        Shown("Due date", "30 Dec 2026", "20 Dec 2026"),
        Shown("Memo", "June (Ref P-1)", "Ref P-1"),
    )


def test_what_it_replaces_in_the_books_is_told_apart() -> None:
    before = invoice(shown=(Shown("E-mail", "new@x.example", "a@x.example"),))
    after = invoice(shown=(Shown("E-mail", "new@x.example", "b@x.example"),))

    assert changes(before, after) == (
        Shown("E-mail, until now", "b@x.example", "a@x.example"),
    )


def test_the_mark_of_another_proposal_is_no_difference() -> None:
    stale = invoice(line(), steps=(step(body=b'{"PrivateNote":"Ref P-1"}'),))
    renewed = replace(
        stale,
        ref="P-12",
        shown=(*stale.shown[:3], Shown("Memo", "Ref P-12")),
        steps=(step(body=b'{"PrivateNote":"Ref P-12"}'),),
    )

    assert changes(stale, renewed) == ()
    # "Ref P-1" is a part of "Ref P-12", and yet another mark.
    assert changes(renewed, stale) == ()
    assert changes(stale, replace(renewed, total=usd("1.00"))) == (
        Shown("Total", "$1.00", "$1,500.00"),
    )


def test_other_bytes_with_nothing_shown_that_differs_are_said_too() -> None:
    before = invoice(line(), steps=(step(body=b'{"A":1,"TrackingNum":"x"}'),))

    odd = changes(before, replace(before, steps=(step(body=b'{"A":1,"B":2}'),)))
    newer = changes(
        invoice(line(), steps=(step(body=b'{"Id":"5","SyncToken":"1"}'),)),
        invoice(line(), steps=(step(body=b'{"Id":"5","SyncToken":"2"}'),)),
    )
    unreadable = changes(before, replace(before, steps=(step(body=b"\xff"),)))
    other = changes(before, replace(before, steps=(step(Verb.VOID, b"{}"),)))

    assert odd == (
        Shown(
            "What is sent to QuickBooks",
            "differs in what is not shown here (B, TrackingNum)",
        ),
    )
    assert "newer version" in newer[0].value
    assert "not shown here" in unreadable[0].value
    assert (other[0].before, other[0].value) == ("create Invoice", "void Invoice")


def test_amounts_that_read_alike_are_told_digit_for_digit() -> None:
    told = changes(
        invoice(total=Money(Decimal("1.001"), "USD")),
        invoice(total=Money(Decimal("1.002"), "USD")),
    )

    assert told == (Shown("Total", "1.002 USD", "1.001 USD"),)


# --- whatever the drafts ------------------------------------------------------------

_texts = st.sampled_from(["", "a", "b", "Ref P-1", "removed", "nothing"])
_numbers = st.none() | st.decimals(0, 3, places=2)
_money = st.builds(Money, st.decimals(-2, 2, places=3), st.sampled_from(["USD", "CHF"]))
_facts = st.builds(
    Shown,
    st.sampled_from(["Customer", "E-mail", "E-mail to", "E-mail on the invoice"]),
    _texts,
    st.none() | _texts,
)
_rows = st.builds(
    Line,
    amount=_money,
    description=st.none() | _texts,
    item=st.none() | st.sampled_from(["x", "y"]),
    account=st.none() | st.sampled_from(["x", "y"]),
    quantity=_numbers,
    rate=_numbers,
    tracking_class=st.none() | st.sampled_from(["x", "y"]),
)
_drafts = st.builds(
    lambda shown, lines, total, tax, home, body: replace(
        draft("P-1", steps=(step(body=body),)),
        shown=tuple(shown),
        lines=tuple(lines),
        total=total,
        tax=tax,
        home_total=home,
    ),
    st.lists(_facts, max_size=4),
    st.lists(_rows, max_size=4),
    st.none() | _money,
    st.none() | _money,
    st.none() | _money,
    st.sampled_from([b"{}", b'{"A":1}']),
)


@given(_drafts, _drafts)
def test_no_difference_goes_untold(before: Draft, after: Draft) -> None:
    told = changes(before, after)
    labels = Counter(each.label for each in told)

    for label in {each.label for each in (*before.shown, *after.shown)}:
        old = [each for each in before.shown if each.label == label]
        new = [each for each in after.shown if each.label == label]
        if old != new:
            named = "E-mail" if label.startswith("E-mail") else label
            assert labels[named] + labels[f"{named}, until now"]
    if before.lines != after.lines:
        assert any(label.startswith("Line ") for label in labels)
    if len(before.lines) == len(after.lines) == 1:
        is_other = before.lines[0].amount != after.lines[0].amount
        assert is_other == bool(labels["Line 1, amount"])
    assert (before.total != after.total) == bool(labels["Total"])
    if before.tax != after.tax:
        assert labels["Tax (estimate)"]
    is_same_body = before.steps[0].body == after.steps[0].body
    if not told:
        assert is_same_body
        assert before.lines == after.lines
        assert sorted(before.shown, key=repr) == sorted(after.shown, key=repr)
    # One is never told with the same words on both sides, but for its label.
    assert all(
        each.before != each.value or each.value in {"removed", "nothing"}
        for each in told
    )


@given(_drafts)
def test_equal_drafts_differ_in_nothing(made: Draft) -> None:
    assert changes(made, made) == ()
    # New request ids alone change nothing of what is posted.
    again = replace(
        made, steps=tuple(step(body=each.body) for each in made.steps), digest="x"
    )
    assert changes(made, again) == ()


# --- kept with the proposal ----------------------------------------------------------


async def test_a_revision_keeps_what_it_changed_and_the_trail_has_it(
    rail: Rail,
) -> None:
    first = await rail.proposed()

    after = await rail.desk.revise(
        first.id,
        draft(first.number, "1800.00"),
        Circumstances(),
        SAM,
        platform="console",
    )

    assert first.changes == ()
    assert after.changes == (Shown("Total", "$1,800.00", "$1,500.00"),)
    assert (await rail.desk.proposal(first.id)).changes == after.changes
    line_of_it = (await rail.desk.trail(first.id))[-1]
    assert line_of_it.event == Event.REVISE.value
    assert "Total: $1,500.00 → $1,800.00" in line_of_it.facts


async def test_each_revision_tells_only_what_it_changed_itself(rail: Rail) -> None:
    first = await rail.proposed()
    for amount in ("1800.00", "2000.00"):
        after = await rail.desk.revise(
            first.id,
            draft(first.number, amount),
            Circumstances(),
            SAM,
            platform="console",
        )

    assert after.changes == (Shown("Total", "$2,000.00", "$1,800.00"),)


async def test_who_asked_is_told_when_somebody_else_changes_it(rail: Rail) -> None:
    first = await rail.proposed()
    for editor, amount in ((SAM, "1700.00"), (PRIYA, "1800.00")):
        await rail.desk.revise(
            first.id,
            draft(first.number, amount),
            Circumstances(),
            editor,
            platform="console",
        )

    (told,) = await rail.desk.tellings.waiting(rail.clock())

    assert (told.kind, told.audience) == ("revised", Audience.ASKER)
    assert told.sentence == (
        "Priya changed P-1 (Invoice Acme West for $1800.00), so somebody else has to"
        " approve it. Changed: Total: $1,700.00 → $1,800.00. Nothing has been posted."
    )


async def test_those_whose_approval_is_void_are_told(rail: Rail) -> None:
    first = replace(
        await rail.proposed(),
        decisions=(
            Decision("luis", "Luis", Verdict.APPROVE, 1, rail.clock(), "slack"),
            Decision("priya", "Priya", Verdict.APPROVE, 1, rail.clock(), "slack"),
        ),
    )
    after = moves.revised(
        first,
        draft("P-1", "1800.00"),
        Circumstances(),
        PRIYA,
        rule=first.rule,
        risks=(),
        at=rail.clock(),
    )

    told = revising.told(first, after)

    assert [(each.audience, each.people) for each in told] == [
        (Audience.PEOPLE, ("luis",)),
        (Audience.ASKER, ()),
    ]
    assert "your approval no longer counts" in told[0].sentence
    assert after.decisions == ()


# --- the card above ------------------------------------------------------------------

ASKED, DM = WantedNotice("asked"), WantedNotice("dm", "priya")


async def revise(rail: Rail, first: Proposal, *, inbox_id: str = "event 2") -> Proposal:
    return await rail.desk.revise(
        first.id,
        draft(first.number, "1800.00"),
        Circumstances(),
        SAM,
        platform="slack",
        inbox_id=inbox_id,
        places=(ASKED,),
    )


async def test_a_revision_locks_the_card_above_its_own_in_one_step(
    rail: Rail,
) -> None:
    first = await rail.proposed(places=(ASKED, DM))
    for place, notice in enumerate(await rail.desk.notices(first.id)):
        await rail.desk.sent(notice.id, f"m{place}", first.version)

    after = await revise(rail, first)
    again = await revise(rail, first)

    assert again == after
    by_message = {n.message: n for n in await rail.desk.notices(first.id)}
    assert set(by_message) == {"m0", "m1", None}
    locked = next(n for n in by_message.values() if n.superseded_by)
    assert (locked.place, locked.superseded_by) == ("asked", 2)
    # All of them lag: the locked one until it shows that it is.
    assert {n.id for n, _ in await rail.desk.lagging()} == {
        n.id for n in by_message.values()
    }
    assert (await rail.desk.draft(first.id, 1)) == first.draft
    await rail.desk.shown(locked.id, after.version)
    await rail.press(after, "reject", reason="no")
    # What is locked changes no more, whatever becomes of the proposal.
    assert locked.id not in {n.id for n, _ in await rail.desk.lagging()}


async def test_a_card_never_sent_is_not_sent_below_the_newer_one(rail: Rail) -> None:
    first = await rail.proposed(places=(ASKED,))
    (unsent,) = await rail.desk.notices(first.id)

    after = await revise(rail, first)

    ((wanted, _),) = await rail.desk.lagging()
    assert wanted.id != unsent.id
    # It turns out to have been sent, and its record lost: a press tells of it.
    token = rail.desk.token(unsent.id, first, "approve")
    with pytest.raises(Denied) as no:
        await rail.desk.decide(
            token, PRIYA, platform="slack", message="m9", place="asked"
        )
    assert no.value.rule == "changed"
    found = {n.message: n for n, _ in await rail.desk.lagging()}
    assert found["m9"].superseded_by == after.revision


async def test_a_card_in_the_making_while_it_is_locked_is_locked_after(
    rail: Rail,
) -> None:
    first = await rail.proposed(places=(ASKED,))
    (notice,) = await rail.desk.notices(first.id)
    assert await rail.desk.sending(notice.id)

    await revise(rail, first)
    await rail.desk.sent(notice.id, "m1", first.version)

    found = {n.message: n for n, _ in await rail.desk.lagging()}
    assert found["m1"].superseded_by == 2


async def test_another_revision_locks_what_stood_and_leaves_what_was_locked(
    rail: Rail,
) -> None:
    first = await rail.proposed(places=(ASKED,))
    for event in ("event 2", "event 3"):
        await revise(rail, first, inbox_id=event)

    notices = await rail.desk.notices(first.id)

    assert sorted(n.superseded_by or 99 for n in notices) == [2, 3, 99]


async def test_a_change_of_another_revision_than_the_newest_is_denied(
    rail: Rail,
) -> None:
    first = await rail.proposed()
    await revise(rail, first)

    with pytest.raises(Denied) as no:
        await rail.desk.revise(
            first.id,
            draft(first.number, "1900.00"),
            Circumstances(),
            PRIYA,
            platform="console",
            revision=1,
        )

    assert no.value.rule == "changed"
    assert no.value.sentence.startswith(
        "Sam has changed P-1 meanwhile: revision 2 stands now (Total: $1,500.00 →"
        " $1,800.00). So your change was not made."
    )
    assert (await rail.desk.proposal(first.id)).revision == 2


async def test_a_renewal_shows_what_differs_from_what_went_out_of_date(
    rail: Rail,
) -> None:
    stale = await made_stale(rail)

    renewed = await renew(rail, stale)

    assert renewed.changes == (Shown("Total", "$1,600.00", "$1,500.00"),)
    assert (await rail.desk.proposal(renewed.id)).changes == renewed.changes


async def test_how_surely_it_was_read_is_kept_with_each_revision(rail: Rail) -> None:
    first = await rail.desk.propose(
        draft(await rail.desk.reserve(W)),
        Circumstances(),
        SAM,
        COMPANY,
        places=(),
        inbox_id=None,
        platform="slack",
        confidence=92,
        doubts=("“Acme Wst” was read as Acme West.",),
    )
    kept = await rail.desk.proposal(first.id)
    edited = await revise(rail, first)

    assert (kept.confidence, kept.doubts) == (92, first.doubts)
    assert (edited.confidence, edited.doubts) == (None, ())
    assert rail.desk.asks_again(49)
    assert not rail.desk.asks_again(50)


async def test_a_revision_and_its_event_make_one_message_there(rail: Rail) -> None:
    made = await rail.proposed()
    await rail.desk.revise(
        made.id,
        draft(made.number, "2.00"),
        Circumstances(),
        SAM,
        platform="slack",
        inbox_id="e1",
        places=(WantedNotice("asked"),),
    )
    before = await rail.desk.notices(made.id)

    again = await rail.desk.want(made.id, "asked", inbox_id="e1")
    other = await rail.desk.want(made.id, "asked", inbox_id="e2")

    assert again.id in {each.id for each in before}
    assert other.id not in {each.id for each in before}

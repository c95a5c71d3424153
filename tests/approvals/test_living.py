"""What has happened to a posted record, from what is known and what it is now."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from approvals import living
from approvals.followed import Followed
from approvals.living import Later, Look
from approvals.proposal import Audience, Proposal, Status
from qbo.books import Became, Money, Receipt, Shown, Verb
from tests.approvals.far import Rail

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
WRITE = Followed("p", 1, "", Verb.CREATE, AT - timedelta(days=4), 1)


def usd(text: str) -> Money:
    return Money(Decimal(text), "USD")


PLAIN = Became("Invoice 1189", total=usd("1500.00"), balance=usd("1500.00"))


async def _posted(rail: Rail) -> Proposal:
    proposal = await rail.approved()
    applied = await rail.desk.apply(proposal.id)
    assert applied.status is Status.APPLIED
    return applied


def _look(became: Became, *later: Later, write: Followed = WRITE) -> Look:
    return Look("Invoice", "2189", write, became, later, AT)


def _after(proposal: Proposal, *looks: Became) -> tuple[Proposal, list[str]]:
    """The proposal after these looks, and the kinds of all that people were told."""
    told: list[str] = []
    for became in looks:
        happened, telling = living.happened(proposal, _look(became))
        told += [each.kind for each in telling]
        if happened:
            proposal = living.lived(proposal, happened)
    return proposal, told


def _kinds(proposal: Proposal) -> list[str]:
    return [each.kind for each in proposal.life]


async def test_nothing_new_is_nothing(rail: Rail) -> None:
    after, told = _after(await _posted(rail), PLAIN, PLAIN)

    assert after.life == ()
    assert told == []


async def test_the_same_twice_is_said_once(rail: Rail) -> None:
    part = replace(PLAIN, balance=usd("500.00"), settled_on=date(2026, 11, 23))
    paid = replace(PLAIN, balance=usd("0"), settled_on=date(2026, 11, 24))

    after, told = _after(await _posted(rail), part, part, paid, paid)

    assert [each.text for each in after.life] == [
        "Part-paid: $500.00 of $1,500.00 open, 23 Nov 2026",
        "Paid in full, 24 Nov 2026",
    ]
    assert told == ["paid"]


async def test_a_day_nobody_knows_is_the_day_it_was_seen(rail: Rail) -> None:
    after, _ = _after(await _posted(rail), replace(PLAIN, balance=usd("0")))

    assert after.life[0].text == "Paid in full, 24 Nov 2026"


async def test_what_is_paid_may_be_open_again(rail: Rail) -> None:
    paid = replace(PLAIN, balance=usd("0"))

    after, _ = _after(await _posted(rail), paid, PLAIN)

    assert _kinds(after) == ["paid", "open"]
    assert after.life[-1].text == "Not paid any more: $1,500.00 open, 24 Nov 2026"


async def test_an_invoice_of_nothing_is_not_paid(rail: Rail) -> None:
    nothing = replace(PLAIN, total=usd("0"), balance=usd("0"))

    assert _after(await _posted(rail), nothing)[0].life == ()


async def test_a_voided_one_is_neither_paid_nor_changed(rail: Rail) -> None:
    voided = Became(
        "Invoice 1189",
        voided=True,
        total=usd("0"),
        balance=usd("0"),
        changes=(Shown("Total", "$0.00", "$1,500.00"),),
        digest="d",
    )

    after, told = _after(await _posted(rail), voided, voided, PLAIN)

    assert _kinds(after) == ["voided", "unvoided"]
    assert told == ["voided"]


async def test_what_is_gone_says_nothing_more_until_it_is_back(rail: Rail) -> None:
    gone = Became("Invoice 1189", exists=False, total=usd("1500.00"))

    after, told = _after(await _posted(rail), gone, gone, PLAIN, gone)

    assert _kinds(after) == ["deleted", "back", "deleted"]
    assert told == ["deleted", "deleted"]  # of one key: the second is not told


async def test_each_change_is_told_with_a_key_of_its_own(rail: Rail) -> None:
    posted = await _posted(rail)
    one = replace(PLAIN, changes=(Shown("Memo", "b", "a"),), digest="1")
    two = replace(PLAIN, changes=(Shown("Memo", "c", "a"),), digest="2")

    keys = []
    for became in (one, two, one):
        happened, telling = living.happened(posted, _look(became))
        posted = living.lived(posted, happened)
        keys += [(each.audience, each.key, each.shown) for each in telling]

    assert len({key for _, key, _ in keys}) == 3
    assert keys[0][0] is Audience.ADMINS
    assert keys[0][2] == (Shown("Memo", "b", "a"),)


async def test_what_we_did_ourselves_later_alarms_nobody(rail: Rail) -> None:
    posted = await _posted(rail)
    void = Later("P-9", replace(WRITE, proposal_id="q", verb=Verb.VOID))
    delete = Later("P-9", replace(WRITE, proposal_id="q", verb=Verb.DELETE))
    voided = replace(PLAIN, voided=True, total=usd("0"), balance=usd("0"))
    gone = Became("Invoice 1189", exists=False)

    for became, later in ((voided, void), (gone, delete)):
        happened, telling = living.happened(posted, _look(became, later))
        assert [each.text[-6:] for each in happened] == [" (P-9)"]
        assert telling == ()


async def test_our_own_e_mail_is_not_news(rail: Rail) -> None:
    posted = await _posted(rail)
    own = Later(posted.number, replace(WRITE, proposal_id=posted.id, verb=Verb.SEND))
    mailed = replace(PLAIN, mailed=True, mailed_at=own.write.posted_at)
    again = replace(mailed, mailed_at=AT)

    assert living.happened(posted, _look(mailed, own))[0] == ()
    (sent,) = living.happened(posted, _look(again, own))[0]

    assert sent.text == "E-mailed from QuickBooks, 24 Nov 2026"


async def test_of_several_records_each_says_its_name(rail: Rail) -> None:
    posted = await _posted(rail)
    other = Receipt(2, "Invoice", "77", "0", "1190", None, AT)
    posted = replace(posted, receipts=(*posted.receipts, other))

    (paid,) = living.happened(posted, _look(replace(PLAIN, balance=usd("0"))))[0]

    assert paid.text == "Invoice 1189: Paid in full, 24 Nov 2026"


async def test_the_same_change_once_more_is_told_once_more(rail: Rail) -> None:
    changed = replace(PLAIN, changes=(Shown("Memo", "b", "a"),), digest="d")
    proposal, keys = await _posted(rail), []
    for became in (changed, changed, PLAIN, changed):
        happened, told = living.happened(proposal, _look(became))
        keys += [each.key for each in told]
        proposal = living.lived(proposal, happened) if happened else proposal

    assert _kinds(proposal) == ["changed", "restored", "changed"]
    assert len(keys) == len(set(keys)) == 2

"""What became of a proposal, in sentences: the books changed, or not, or unknown."""

from approvals import lines, waiting
from approvals.proposal import Proposal, Status
from cards import batch
from cards.card import SIGNS, Fact, Link, Section, Table, Tone
from cards.pages import page
from cards.plain import line, listed, moment
from qbo.books import Receipt, Verb

# What may or may not have happened, by what was asked.
_DONE: dict[str, str] = {
    "customer.create": "The customer may or may not have been entered",
    "customer.update": "The customer may or may not have been changed",
    "invoice.create": "The invoice may or may not have been entered",
    "invoices.create": "The invoices may or may not have been entered",
    "invoice.update": "The invoice may or may not have been changed",
    "invoice.send": "The e-mail may or may not have been sent",
    "invoice.void": "The invoice may or may not have been voided",
    "payment.delete": "The payment may or may not have been deleted",
    "payment.void": "The payment may or may not have been voided",
    "payment.record": "The payment may or may not have been entered",
    "credit_memo.create": "The credit memo may or may not have been entered",
    "credit_memo.delete": "The credit memo may or may not have been deleted",
    "item.create": "The item may or may not have been entered",
    "item.update": "The item may or may not have been changed",
    "vendor.create": "The vendor may or may not have been entered",
    "vendor.update": "The vendor may or may not have been changed",
    "bill.create": "The bill may or may not have been entered",
    "bill.delete": "The bill may or may not have been deleted",
    "bill_payment.void": "The payment may or may not have been voided",
    "bill.pay": "The payment may or may not have been entered",
    "expense.create": "The expense may or may not have been entered",
    "expense.delete": "The expense may or may not have been deleted",
    "expense.categorize": "The account may or may not have been changed",
}
_NOUNS = {
    "CreditMemo": "Credit memo",
    "BillPayment": "Bill payment",
    "Purchase": "Expense",
}
_NOTHING = "Nothing was posted to QuickBooks."
_LINKS_MAX = 5
_DIFFERS = "Please look at it in QuickBooks. The administrators have been told."


def outcome(proposal: Proposal, actions: tuple[str, ...]) -> Section | None:
    """The part that says how it ended; None while it waits for people."""
    texts, facts = _sentences(proposal, actions), _receipts(proposal)
    table = differing(proposal)
    if not texts and not facts and table is None:
        return None
    return Section(texts=texts, facts=facts, table=table)


def differing(proposal: Proposal) -> Table | None:
    """What QuickBooks holds otherwise than it was approved, side by side."""
    rows = tuple(
        (
            f"{SIGNS[Tone.BAD]}{line(each.label)}",
            line(each.before or ""),
            line(each.value),
        )
        for receipt in proposal.receipts
        for each in receipt.differing
    )
    if not rows:
        return None
    return Table(
        ("Not as approved", "Approved", "In QuickBooks"), rows, caption=_DIFFERS
    )


def links(proposal: Proposal) -> tuple[Link, ...]:
    """The ways to what was posted, in QuickBooks itself; each record once."""
    found: dict[str, Link] = {}
    for receipt in (x for each in proposal.receipts for x in each.singles):
        address = page(proposal.company, receipt.entity, receipt.record_id)
        if address:
            name = posted_name(proposal, receipt)
            found.setdefault(address, Link(f"{name} in QuickBooks", address))
    return tuple(found.values())[:_LINKS_MAX]


def posted_name(proposal: Proposal, receipt: Receipt) -> str:
    """The record by the number that QuickBooks gave it: "Invoice 1189"."""
    noun = _NOUNS.get(receipt.entity, receipt.entity)
    if receipt.doc_number:
        return f"{noun} {line(receipt.doc_number)}"
    party = proposal.circumstances.party
    if receipt.entity in {"Customer", "Vendor"} and party:
        return f"{noun} {line(party)}"
    items = proposal.circumstances.items
    if receipt.entity == "Item" and len(items) == 1:
        return f"{noun} {line(items[0])}"
    return f"{noun} (QuickBooks id {receipt.record_id})"


def _sentences(  # noqa: PLR0911 - one return a status
    proposal: Proposal, actions: tuple[str, ...]
) -> tuple[str, ...]:
    why = (proposal.reason,) if proposal.reason else ()
    match proposal.status:
        case Status.PENDING:
            return ()
        case Status.APPROVED:
            return _waits(proposal)
        case Status.APPLYING:
            return ("It is being posted to QuickBooks now.",)
        case Status.APPLIED:
            return (*_done(proposal), *why, *_rest_undone(proposal))
        case Status.UNCONFIRMED:
            return _unconfirmed(proposal, actions)
        case Status.FAILED:
            return (*(why or ("QuickBooks refused it.",)), *_not_all(proposal))
        case Status.STALE:
            offer = (
                "It can be proposed afresh on the books as they are now."
                if "renew" in actions
                else "Ask again for a fresh proposal."
            )
            if not proposal.moved and proposal.is_renewable:
                return (*why, offer)  # approved, and not posted in time
            moved = proposal.moved or why
            return (
                "The books changed after this was proposed, so it was not posted.",
                *moved,
                *_not_all(proposal),
                offer,
            )
        case Status.REJECTED | Status.EXPIRED | Status.WITHDRAWN:
            return (_ended(proposal),)


def _waits(proposal: Proposal) -> tuple[str, ...]:
    """For what an approved one waits, and until about when."""
    if proposal.halts and proposal.waiting_for in waiting.HALTED:
        return ()  # stands at the top of the card
    if not proposal.reason:
        return ("Approved; it is being posted to QuickBooks now.",)
    until = waiting.until(proposal)
    return (proposal.reason, until) if until else (proposal.reason,)


def _ended(proposal: Proposal) -> str:
    if proposal.status is Status.EXPIRED:
        return f"Nobody approved it in time. {_NOTHING}"
    if proposal.status is Status.WITHDRAWN:
        return f"{line(proposal.requester)} took it back. {_NOTHING}"
    return _NOTHING


def _done(proposal: Proposal) -> tuple[str, ...]:
    if lines.has_several(proposal.draft):
        return batch.applied(proposal)
    return (_applied(proposal),)


def _applied(proposal: Proposal) -> str:
    made = tuple(
        posted_name(proposal, receipt)
        for receipt in proposal.receipts
        if _verb(proposal, receipt) is not Verb.SEND
    )
    sent = any(_verb(proposal, r) is Verb.SEND for r in proposal.receipts)
    if not made:
        return "The e-mail was sent by QuickBooks." if sent else "Posted to QuickBooks."
    names = listed(tuple(dict.fromkeys(made)), "and")
    verbs = {_verb(proposal, receipt) for receipt in proposal.receipts}
    did = (
        "voided"
        if Verb.VOID in verbs
        else "deleted"
        if Verb.DELETE in verbs
        else "in QuickBooks"
    )
    return f"{names} is {did}." if len(made) == 1 else f"{names} are {did}."


def _unconfirmed(proposal: Proposal, actions: tuple[str, ...]) -> tuple[str, ...]:
    unknown = _DONE.get(proposal.draft.action, "The change may or may not be there")
    if "settle.there" in actions or "settle.not" in actions:
        todo = ", and I could not find out. Please look in QuickBooks and tell me."
        why = (proposal.reason,) if proposal.reason else ()
        return (f"QuickBooks did not answer. {unknown}{todo}", *why, searched(proposal))
    todo = "; I am checking and will update this message."
    said = f"QuickBooks did not answer. {unknown}{todo}"
    if proposal.doubted_at is not None:
        return (said, searched(proposal))
    at = proposal.next_try_at
    when = f" I look again at about {waiting.clock(at)}." if at else ""
    return (said, f"{searched(proposal)}{when}")


def searched(proposal: Proposal) -> str:
    """By what QuickBooks is searched for a step that nobody heard back from."""
    step = proposal.request
    match step.verb:
        case Verb.SEND:
            return "I look whether QuickBooks says that it was e-mailed, and when."
        case Verb.CREATE if step.entity in {"Customer", "Vendor", "Item"}:
            return "I look for the name, and compare every field that was sent."
        case Verb.CREATE:
            total = (
                f", the total {proposal.draft.total}" if proposal.draft.total else ""
            )
            return (
                f"I look for the mark “Ref {line(proposal.draft.ref)}”, the"
                f" number{total} and the date, among what was entered since."
            )
        case _:
            return "I look at the record itself, and compare every field."


def _not_all(proposal: Proposal) -> tuple[str, ...]:
    """What is in the books all the same, when several steps did not all end well."""
    if not proposal.is_begun:
        return ()
    done = len({r.step for r in proposal.receipts if not r.is_nothing})
    steps = len(proposal.draft.steps)
    return (
        f"But {done} of {steps} steps had been posted; that much is in QuickBooks.",
    )


def _rest_undone(proposal: Proposal) -> tuple[str, ...]:
    """How many steps were done, where it ended before all of them were."""
    if proposal.is_complete or lines.has_several(proposal.draft):
        return ()
    done = len({receipt.step for receipt in proposal.receipts})
    return (f"{done} of {len(proposal.draft.steps)} steps were done.",)


def _receipts(proposal: Proposal) -> tuple[Fact, ...]:
    if lines.has_several(proposal.draft):
        return batch.receipts(proposal)
    facts = []
    for receipt in proposal.receipts:
        name = posted_name(proposal, receipt)
        total = f", {receipt.total}" if receipt.total else ""
        verb = _verb(proposal, receipt)
        label = {
            Verb.SEND: "E-mailed",
            Verb.VOID: "Voided",
            Verb.UPDATE: "Changed",
            Verb.DELETE: "Deleted",
        }
        facts.append(
            Fact(
                label.get(verb, "Posted") if verb else "Posted",
                f"{name}{total}, {moment(receipt.posted_at)}",
            )
        )
        facts.append(Fact("Compared with what was approved", _compared(receipt)))
    return tuple(facts)


def _compared(receipt: Receipt) -> str:
    if not receipt.compared:
        return "posted, not yet compared"
    if not receipt.differences:
        return "equal"
    if receipt.differing:
        return "not equal, as shown below"
    return f"not equal: {'; '.join(receipt.differences)}"


def _verb(proposal: Proposal, receipt: Receipt) -> Verb | None:
    """What the receipt's step did; steps count from 1."""
    steps = proposal.draft.steps
    inside = 0 < receipt.step <= len(steps)
    return steps[receipt.step - 1].verb if inside else None

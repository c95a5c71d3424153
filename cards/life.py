"""What became of a posted document, on its card; and what people are told of it."""

from dataclasses import replace

from approvals.proposal import Happening, Person, Proposal, Status, Telling
from cards.card import Card, Section, Table, Tone
from cards.plain import count, line
from cards.talk import told as plainly
from qbo.books import Company

_SHOWN_MAX = 6
_PLATFORMS = {"slack": "Slack", "teams": "Teams", "console": "the console"}
# What the latest of these makes of the badge; what is not named makes nothing.
_BADGES: dict[str, tuple[str, Tone]] = {
    "deleted": ("Posted, then deleted", Tone.BAD),
    "voided": ("Posted, then voided", Tone.BAD),
    "changed": ("Posted, then changed", Tone.WARNING),
    "paid": ("Paid in full", Tone.GOOD),
    "part-paid": ("Part-paid", Tone.GOOD),
}
_TRACKS = (
    ("deleted", "back"),
    ("voided", "unvoided"),
    ("changed", "restored"),
    ("paid", "part-paid", "open"),
)


def section(proposal: Proposal) -> Section | None:
    """What became of it in QuickBooks since it was posted, the oldest first."""
    if not proposal.life:
        return None
    texts = [line(each.text) for each in proposal.life]
    left = len(texts) - _SHOWN_MAX
    if left > 0:
        texts = [f"… and {count(left, 'thing')} before that", *texts[left:]]
    return Section(heading="In QuickBooks since then", texts=tuple(texts))


def badge(proposal: Proposal) -> tuple[str, Tone] | None:
    """The badge that its life gives a posted one; None: as if nothing had been."""
    records = {(r.entity, r.record_id) for r in proposal.receipts if r.record_id}
    is_one = len(records) == 1 and not any(r.parts for r in proposal.receipts)
    if proposal.status is not Status.APPLIED or not is_one:
        return None
    for track in _TRACKS:
        latest = _latest(proposal, track)
        if latest is not None and latest.kind in _BADGES:
            return _BADGES[latest.kind]
    return None


def _latest(proposal: Proposal, kinds: tuple[str, ...]) -> Happening | None:
    found = [each for each in proposal.life if each.kind in kinds]
    return found[-1] if found else None


def told(telling: Telling, company: Company | None = None) -> Card:
    """What somebody is told unasked; values stand below it, the old beside the new."""
    card = plainly(telling.sentence, telling.number, company=company)
    if not telling.shown:
        return card
    rows = tuple(
        (line(each.label), line(each.before or ""), line(each.value))
        for each in telling.shown
    )
    table = Table(("", "As posted", "In QuickBooks now"), rows)
    return replace(
        card, tone=Tone.WARNING, sections=(*card.sections, Section(table=table))
    )


def given_up(number: str, platform: str, viewer: Person | None) -> str:
    """A card that is no longer kept in step, said to the administrators."""
    where = _PLATFORMS.get(platform, platform)
    whose = f"{line(viewer.name)}'s copy" if viewer else "A copy"
    return (
        f"{whose} of {number}'s card in {where} can no longer be updated: its message"
        " was deleted, or I am no longer let in there. It may show an old state; what"
        " the console shows is right. There may be more there; I say this once a day."
    )

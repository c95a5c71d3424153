"""Whether what a proposal takes up was done after all, by proof that came late.

The rest of several lines is proposed again once it is certain that they were not
done. QuickBooks' own answer may come later still and prove the contrary; posting the
rest would then do it twice. So each such proposal keeps how many lines were done when
it was drafted, and nothing of it leaves once there are more. Lines are never undone,
so that the number can only rise.
"""

from collections.abc import Sequence

from approvals import lines
from approvals.lines import Stand
from approvals.proposal import Proposal, Status
from approvals.reading import Reading


def done(proposal: Proposal) -> int:
    """How many lines of a proposal of several are done."""
    return sum(each.stand is Stand.DONE for each in lines.lines(proposal))


async def already(
    store: Reading, renews: Proposal | None, undoes: Proposal | None
) -> int | None:
    """How much is done by now of what a new proposal takes up, or takes back.

    None where nothing of it can be done twice. What takes up a STALE one has its
    lines, and rests on what that rested on.
    """
    if renews is not None and renews.status is Status.STALE:
        return (await store.takes_up(renews.id))[1]
    if undoes is not None:
        return await _taken_back(store, undoes)
    return done(renews) if renews is not None else None


def taken_back(undos: Sequence[Proposal]) -> int:
    """How many things these posted undos have taken back."""
    return sum(not each.is_nothing for undo in undos for each in undo.receipts)


async def _taken_back(store: Reading, original: Proposal) -> int:
    return taken_back(await store.undone(original.workspace, original.number))


async def overtaken(store: Reading, proposal: Proposal) -> str | None:
    """Why nothing of a proposal may be posted any more; None: it may be."""
    renews, known = await store.takes_up(proposal.id)
    if known is None:
        return None
    n = proposal.number
    if proposal.undoes is not None:
        original = await store.by_number(proposal.workspace, proposal.undoes)
        if original is None or await _taken_back(store, original) <= known:
            return None
        return (
            f"QuickBooks' late answer shows that some of what {n} was to take back has"
            f" been taken back already. Nothing of {n} was posted. Undo"
            f" {original.number} again for what is left."
        )
    old = await _begun(store, renews)
    if old is None or done(old) <= known:
        return None
    return (
        f"QuickBooks' late answer shows that some of what {n} was to do again had been"
        f" done with {old.number} after all. Nothing of {n} was posted. Look at"
        f" {old.number}, and ask again for what is still missing."
    )


async def _begun(store: Reading, proposal_id: str | None) -> Proposal | None:
    """The proposal whose rest it is; those between were STALE, and posted nothing."""
    while proposal_id is not None:
        found = await store.proposal(proposal_id)
        if found is None or found.status is not Status.STALE:
            return found
        proposal_id = (await store.takes_up(proposal_id))[0]
    return None


async def in_the_way(store: Reading, proposal: Proposal) -> Proposal | None:
    """What takes up the rest of a proposal by now, if nothing of it can have left."""
    latest = proposal
    while latest.renewed_by is not None:
        found = await store.by_number(latest.workspace, latest.renewed_by)
        if found is None:
            return None
        latest = found
    is_open = latest.status in {Status.PENDING, Status.APPROVED}
    is_clean = not latest.receipts and latest.attempts == 0
    return latest if latest is not proposal and is_open and is_clean else None

"""The proposals of the workspace: what waits, what became of the others."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from aiohttp import web
from markupsafe import Markup

from approvals.proposal import Proposal, Status
from bot.console.drawing import card_html
from bot.console.evidence import may_read
from bot.console.guard import Visit
from bot.console.history import told
from bot.console.site import Site, must_visit
from bot.console.uploading import listed

_LIMIT = 50
_WAITING = frozenset({Status.PENDING, Status.UNCONFIRMED})


@dataclass(frozen=True, slots=True)
class _Filter:
    key: str
    label: str
    statuses: frozenset[Status]
    empty_title: str
    empty_text: str


_FILTERS = (
    _Filter(
        "waiting",
        "Waiting",
        _WAITING,
        "Nothing waits",
        "When somebody asks for a change to the books, it waits here for approval.",
    ),
    _Filter(
        "working",
        "In work",
        frozenset({Status.APPROVED, Status.APPLYING}),
        "Nothing is in work",
        "Approved changes are here while they are entered in QuickBooks.",
    ),
    _Filter(
        "applied",
        "Posted",
        frozenset({Status.APPLIED}),
        "Nothing was posted yet",
        "Changes that are in QuickBooks are kept here with their numbers.",
    ),
    _Filter(
        "ended",
        "Not posted",
        frozenset(
            {
                Status.REJECTED,
                Status.WITHDRAWN,
                Status.EXPIRED,
                Status.STALE,
                Status.FAILED,
            }
        ),
        "Nothing was turned down",
        "Rejected, withdrawn, expired and failed proposals are kept here.",
    ),
    _Filter(
        "all",
        "All",
        frozenset(Status),
        "No proposals yet",
        "Ask for a change in the chat, for example an invoice; it is proposed first.",
    ),
)


@dataclass(frozen=True, slots=True)
class _Shown:
    number: str
    requester: str
    created_at: datetime
    card: Markup


class ProposalPages:
    """The list, and one proposal with its trail."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[web.RouteDef]:
        """What to mount."""
        return [
            web.get("/proposals", self._list),
            web.get("/proposals/{number}", self._one),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        visit = must_visit(request)
        wanted = request.query.get("show", "")
        chosen = next((each for each in _FILTERS if each.key == wanted), _FILTERS[0])
        found = await self._site.ports.proposals.list(
            visit.reader.workspace, chosen.statuses, _LIMIT + 1
        )
        first = sorted(found[:_LIMIT], key=lambda each: each.status not in _WAITING)
        back = f"/console/proposals?show={chosen.key}"
        return await self._site.page(
            request,
            "proposals.html",
            filters=_FILTERS,
            show=chosen.key,
            proposals=[self._shown(visit, each, back) for each in first],
            is_cut=len(found) > _LIMIT,
            empty_title=chosen.empty_title,
            empty_text=chosen.empty_text,
        )

    async def _one(self, request: web.Request) -> web.Response:
        visit = must_visit(request)
        number = request.match_info["number"]
        found = await self._site.ports.proposals.by_number(
            visit.reader.workspace, number
        )
        if found is None or found.workspace != visit.reader.workspace:
            raise web.HTTPNotFound(text="There is no proposal with that number.")
        return await self._site.page(
            request,
            "proposal.html",
            number=found.number,
            may_read_evidence=may_read(visit, found),
            proposal=self._shown(visit, found, f"/console/proposals/{found.number}"),
            listed=listed(found, self._site.ports.proposal_card(found, visit.person)),
            lines_event=uuid4().hex,
            trail=[
                told(line) for line in await self._site.ports.proposals.trail(found)
            ],
        )

    def _shown(self, visit: Visit, proposal: Proposal, back: str) -> _Shown:
        card = self._site.ports.proposal_card(proposal, visit.person)
        return _Shown(
            proposal.number,
            proposal.requester,
            proposal.created_at,
            card_html(card, csrf=visit.session.csrf, back=back),
        )

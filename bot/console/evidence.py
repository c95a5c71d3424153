"""Pages for auditors: the evidence of one proposal to print, and the trails' checks."""

from aiohttp import web

from approvals.proposal import Proposal, Role
from bot.console.guard import Visit
from bot.console.history import told
from bot.console.site import Site, must_visit
from cards.evidence import sheet
from cards.html import html

_READERS = {Role.AUDITOR, Role.ADMIN, Role.APPROVER}


def may_read(visit: Visit, proposal: Proposal) -> bool:
    """Whether the evidence of a proposal is shown to this person."""
    asked = {proposal.requester_id, *proposal.askers}
    return visit.person.id in asked or bool(visit.person.roles & _READERS)


class EvidencePages:
    """What an auditor opens: evidence, and whether the trail is as it was written."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[web.RouteDef]:
        """What to mount."""
        return [
            web.get("/proposals/{number}/evidence", self._evidence),
            web.get("/trail", self._trail),
        ]

    async def _evidence(self, request: web.Request) -> web.Response:
        visit, ports = must_visit(request), self._site.ports
        found = await ports.proposals.by_number(
            visit.reader.workspace, request.match_info["number"]
        )
        if found is None or found.workspace != visit.reader.workspace:
            raise web.HTTPNotFound(text="There is no proposal with that number.")
        if not may_read(visit, found):
            raise web.HTTPForbidden(
                text="The evidence is for approvers, auditors, administrators and"
                " whoever asked for it."
            )
        evidence = await ports.audit.evidence(found.id)
        if evidence is None:
            raise web.HTTPNotFound(text="There is no proposal with that number.")
        made = sheet(evidence, self._site.now())
        return await self._site.page(
            request,
            "evidence.html",
            sheet=made,
            cards=[html(each.card, level=4) for each in made.revisions],
            card=html(made.card, level=3),
            words=[told(each).event for each in evidence.lines],
            printed_by=visit.person.name,
        )

    async def _trail(self, request: web.Request) -> web.Response:
        visit = must_visit(request)
        if not visit.is_auditor:
            raise web.HTTPForbidden(
                text="Only administrators and auditors check the trail."
            )
        trails = await self._site.ports.audit.trails(visit.reader.workspace)
        return await self._site.page(request, "trail.html", trails=trails)

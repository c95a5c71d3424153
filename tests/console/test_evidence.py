"""The evidence of a proposal, and the trail's check, in the console."""

import asyncio
import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import make_mocked_request

from approvals.evidence import Attempt, Evidence, Revision
from approvals.proposal import (
    Decision,
    Happening,
    Proposal,
    Role,
    Status,
    TrailLine,
    Verdict,
    Verified,
)
from bot.console.guard import address_of
from bot.console.ports import ConsoleSettings, TrailCheck
from cards.evidence import sheet
from cards.exchanges import indented
from qbo.books import Receipt, Shown
from tests.console import office
from tests.console.office import NOW, Office
from tests.conversations.town import ALEX, PRIYA, SAM, Town, eventually, text_of, town

HOSTILE = "<script>alert(1)</script>"


def line(seq: int, event: str, who: str = "", **facts: object) -> TrailLine:
    return TrailLine(
        seq=seq,
        at=NOW,
        proposal="P-1",
        event=event,
        who=who or "Countersign",
        platform="slack" if who else "countersign",
        facts=json.dumps(facts),
        digest=f"{seq:064d}",
    )


def evidence() -> Evidence:
    """An invoice that was changed once, refused once, and posted otherwise."""
    base = office.proposal("P-1", Status.APPLIED)
    receipt = Receipt(
        1, "Invoice", "2190", "0", "1189", "1-abc", NOW, None, True, (HOSTILE,)
    )
    voided = Decision(
        "priya", "Priya", Verdict.APPROVE, 1, NOW, "slack", where="conversation C0FIN"
    )
    forced = Decision(
        "alex",
        "Alex",
        Verdict.APPROVE,
        2,
        NOW,
        "console",
        instead_of="Luis",
        forced=True,
        where="from 203.0.113.7",
    )
    now = replace(
        base,
        revision=2,
        receipts=(receipt,),
        decisions=(forced,),
        changes=(Shown("Quantity", "12 h", "10 h"),),
        life=(Happening("paid", 1, NOW + timedelta(days=3), "Paid in full"),),
    )
    first = replace(base, status=Status.PENDING, words=f"invoice Acme {HOSTILE}")
    second = replace(now, status=Status.PENDING, receipts=(), decisions=(), life=())
    return Evidence(
        proposal=now,
        revisions=(
            Revision(first, (voided,), "a" * 64, NOW, is_whole=False),
            Revision(second, (forced,), "b" * 64, NOW, is_whole=True),
        ),
        attempts=(
            Attempt(1, 1, "r1", "d1", NOW, None, None, None),
            Attempt(1, 2, "r1", "d1", NOW, NOW, "receipt", "1-abc"),
        ),
        lines=(
            line(1, "propose", "Sam", where="conversation C0FIN", digest="a" * 64),
            line(2, "quorum", "Alex", where="from 203.0.113.7"),
            line(
                3,
                "attempt",
                step=1,
                method="POST",
                path="invoice",
                request='{"Amount":1500.00}',
            ),
            line(4, "attempt", step=1, method="POST", path="invoice"),
            line(
                5,
                "receipt",
                step=1,
                status=200,
                intuit_tid="1-abc",
                response='{"Id":"2190","Memo":"a,b:{\\"}"}',
            ),
        ),
        verified=Verified(
            "simulator:9130", 5, None, "All 5 lines are as they were written."
        ),
    )


def test_the_sheet_tells_all_in_its_order() -> None:
    made = sheet(evidence(), NOW)

    assert made.asked[0].value == "Sam"
    assert [each.number for each in made.revisions] == [1, 2]
    assert made.revisions[0].note != ""
    assert made.revisions[1].changes[0].before == "10 h"
    assert [each.marks for each in made.decisions] == [
        ("void: the revision was replaced",),
        ("forced by an administrator, in the place of Luis",),
    ]
    assert made.decisions[1].where == "the console, from 203.0.113.7"
    assert made.life == (("23 Nov 2026, 15:00 UTC", "Paid in full"),)


def test_each_request_stands_with_its_own_answer() -> None:
    first, second = sheet(evidence(), NOW).exchanges

    assert "none was noted" in first.answered[0].value
    assert first.request == '{\n  "Amount": 1500.00\n}'
    assert second.response != ""
    assert {fact.label: fact.value for fact in second.answered}["HTTP status"] == "200"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"a":1.50,"b":[]}', '{\n  "a": 1.50,\n  "b": []\n}'),
        ('{"a":"x{,:\\"}"}', '{\n  "a": "x{,:\\"}"\n}'),
        ("<html>no JSON</html>", "<html>no JSON</html>"),
        ("", ""),
        ("{}", "{}"),
    ],
)
def test_bodies_keep_every_token(text: str, shown: str) -> None:
    assert indented(text) == shown


@pytest.fixture
def held(office: Office) -> Office:
    proof = evidence()
    office.tray.held.append(proof.proposal)
    office.tray.proofs[proof.proposal.id] = proof
    return office


async def test_the_evidence_is_one_page_without_anything_to_press(
    held: Office,
) -> None:
    async with held.browser() as browser:
        await browser.be("priya")
        link = await browser.get("/console/proposals/P-1")
        page = await browser.get("/console/proposals/P-1/evidence")

    assert 'href="/console/proposals/P-1/evidence"' in link
    assert browser.status == 200
    assert not re.search(r"<(button|form|input|script)", page)
    assert HOSTILE not in page
    said = text_of(page)
    for words in (
        "Who asked",
        "“invoice Acme",
        "forced by an administrator, in the place of Luis",
        "from 203.0.113.7",
        "1-abc",
        "QuickBooks has taken it",
        "Paid in full",
        "All 5 lines are as they were written.",
        "The trail is as it was written",
    ):
        assert words in said, words


async def test_a_broken_trail_is_told_on_the_evidence(held: Office) -> None:
    proof = held.tray.proofs["id-P-1"]
    broken = Verified("c", 2, 3, "Line 3 is not as it was written.")
    held.tray.proofs["id-P-1"] = replace(proof, verified=broken)
    async with held.browser() as browser:
        await browser.be("priya")
        page = await browser.get("/console/proposals/P-1/evidence")

    assert "NOT as it was written" in page


@pytest.mark.parametrize(
    ("roles", "status"),
    [
        ({Role.STAFF}, 403),
        ({Role.AUDITOR}, 200),
        ({Role.STAFF, Role.ADMIN}, 200),
        ({Role.APPROVER}, 200),
    ],
)
async def test_evidence_is_for_those_it_concerns(
    held: Office, roles: set[Role], status: int
) -> None:
    known = held.crew.known
    known["priya"] = replace(known["priya"], roles=frozenset(roles))
    async with held.browser() as browser:
        await browser.be("priya")
        await browser.get("/console/proposals/P-1/evidence")
        assert browser.status == status
        listed = await browser.get("/console/proposals/P-1")
        assert ("/evidence" in listed) is (status == 200)


async def test_the_requester_reads_the_evidence_and_strangers_find_nothing(
    held: Office,
) -> None:
    async with held.browser() as browser:
        await browser.be("sam")
        await browser.get("/console/proposals/P-1/evidence")
        assert browser.status == 200
        await browser.get("/console/proposals/P-2/evidence")
        assert browser.status == 404


async def test_the_trail_page_is_for_administrators_and_auditors(
    office: Office,
) -> None:
    office.tray.trail_checks = (
        TrailCheck("Harbour & Pine", 1204, True, ("All 1204 lines are sound.",)),
        TrailCheck("Elsewhere", 2, False, ("Line 3 is missing.", f"There: {HOSTILE}")),
    )
    async with office.browser() as browser:
        await browser.be("sam")
        await browser.get("/console/trail")
        assert browser.status == 403
        await browser.be("alex")
        page = await browser.get("/console/trail")

    assert 'href="/console/trail"' in page
    assert "1,204" in page
    assert "Line 3 is missing." in page
    assert HOSTILE not in page


async def test_an_address_is_told_only_where_it_can_be_known(office: Office) -> None:
    async with office.browser() as browser:
        await browser.be("sam")
        await browser.get("/console/")
        await browser.post("/console/say", text="help", event="e1")

    assert office.listener.accepted[0].sender.address == "127.0.0.1"


@pytest.mark.parametrize(
    ("proxies", "public", "forwarded", "address"),
    [
        (0, None, "6.6.6.6", "127.0.0.1"),
        (0, "https://c.example", "6.6.6.6", ""),
        (1, "https://c.example", "6.6.6.6, 203.0.113.7", "203.0.113.7"),
        (2, "https://c.example", "6.6.6.6, 203.0.113.7, 10.0.0.1", "203.0.113.7"),
        (2, "https://c.example", "203.0.113.7", ""),
        (1, "https://c.example", "<script>", ""),
    ],
)
def test_behind_proxies_the_address_is_what_the_outermost_of_ours_saw(
    proxies: int, public: str | None, forwarded: str, address: str
) -> None:
    settings = ConsoleSettings("http://127.0.0.1:1", public, proxies=proxies)
    request = make_mocked_request(
        "GET", "/", headers={"X-Forwarded-For": forwarded}, transport=_From("127.0.0.1")
    )

    assert address_of(settings, request) == address


class _From(asyncio.Transport):
    """A connection from one address."""

    def __init__(self, host: str) -> None:
        super().__init__({"peername": (host, 1234)})


async def test_the_evidence_of_a_real_proposal_can_be_printed(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        async with place.visit(SAM) as visitor:
            await visitor.say("invoice Acme West for 10 hours consulting, net 30")
            await visitor.sees("P-1")
        async with place.visit(PRIYA) as visitor:
            await visitor.sees("P-1")
            await visitor.press("approve")
            applied = await _compared(place)
            page = text_of(await visitor.get("/console/proposals/P-1/evidence"))
        async with place.visit(ALEX) as visitor:
            await visitor.say("audit verify")
            await visitor.sees("The trail is as it was written.")

    step, receipt = applied.draft.steps[0], applied.receipts[0]
    assert step.request_id in page
    assert step.digest in page
    assert receipt.intuit_tid is not None
    assert page.count(receipt.intuit_tid) >= 3
    assert f'"DocNumber": "{receipt.doc_number}"' in page
    assert '"PrivateNote": "Ref P-1"' in page
    assert "every field that was sent is equal" in page
    assert "from 127.0.0.1" in page
    assert "conversation demo-priya, message" in page


async def _compared(place: Town) -> Proposal:
    async def looked() -> Proposal | None:
        found = await place.proposal("P-1")
        done = found.status is Status.APPLIED and found.receipts[0].compared
        return found if done else None

    return await eventually(looked)

"""Sample cards of conversation, access and connection."""

from datetime import timedelta

from cards import access, connections, talk
from cards.card import Card
from cards.samples.world import HARBOUR, NOW, REAL, SANDBOX, TODAY

_SUPPORT = talk.Support("books-help@harbourpine.example")
_CONNECTION = connections.Connection(
    company=HARBOUR,
    state="connected",
    connected_by="Alex Berg",
    connected_at=NOW - timedelta(days=3),
    access_until=NOW + timedelta(minutes=41),
    renew_until=NOW + timedelta(days=98),
    synced_at=NOW - timedelta(minutes=2),
    records=2_143,
)


def cards() -> dict[str, Card]:
    """All of them by name."""
    return {**_talk(), **_access(), **_connections()}


def _talk() -> dict[str, Card]:
    return {
        "talk/greeting": talk.greeting("Sam Okafor", company=HARBOUR, support=_SUPPORT),
        "talk/greeting-unconnected": talk.greeting("Alex", admin=True),
        "talk/help": talk.guide(company=HARBOUR, support=_SUPPORT, admin=True),
        "talk/question": talk.question(
            "There are two customers called Acme. Which one?",
            ("Acme Corporation", "Acme West"),
            company=HARBOUR,
            is_write=True,
        ),
        "talk/question-many": talk.question(
            "Which customer?",
            tuple(f"Northgate School, house {number}" for number in range(1, 31)),
            company=HARBOUR,
        ),
        "talk/question-action": talk.question(
            "I am not sure what you want to do.",
            ("invoice.show", "payment.record"),
            company=HARBOUR,
            is_write=True,
            labels={
                "invoice.show": "show invoice 1042",
                "payment.record": "record a payment",
            },
        ),
        "talk/help-staff": talk.guide(
            company=HARBOUR,
            orders=(
                ("leave out 3 from P-17", "Leave lines out of a proposal of several."),
                ("who stands in", "Who decides in whose place just now."),
            ),
        ),
        "talk/not-understood": talk.not_understood(
            ("overdue invoices", "invoices due this week"), company=HARBOUR
        ),
        "talk/out-of-scope": talk.refusal("out_of_scope", company=HARBOUR),
        "talk/not-supported": talk.refusal(
            "not_supported", company=HARBOUR, support=_SUPPORT
        ),
        "talk/problem": talk.problem(
            "QuickBooks cannot be reached just now. Nothing was changed; please try "
            "again in a few minutes.",
            company=HARBOUR,
        ),
        "talk/fault": talk.fault(
            "7F3A", support=talk.Support(None, ("Alex Berg", "Kim Lee")), company=REAL
        ),
        "talk/fault-certain": talk.fault(
            "7F3B", support=_SUPPORT, company=SANDBOX, nothing_posted=True
        ),
        "talk/late": talk.late("who owes us money", company=HARBOUR),
        "talk/too-late": talk.too_late_to_correct(
            "P-17", "approved", "4f2a", company=HARBOUR
        ),
    }


def _access() -> dict[str, Card]:
    return {
        "access/stranger": access.stranger(("Alex Berg", "Kim Lee")),
        "access/turned-away": access.turned_away(),
        "access/guest": access.guest_refused(),
        "access/asked": access.access_asked(
            "Jo Marsh", "Slack", "access-1", email="jo@harbourpine.example"
        ),
        "access/given": access.access_settled("Jo Marsh", "approver", "Alex Berg"),
        "access/refused": access.access_settled("Jo Marsh", "no", "Alex Berg"),
        "access/welcome": access.welcome("staff", company=HARBOUR),
        "access/link-needed": access.link_needed("Teams"),
        "access/link-code": access.link_code("482 913", "Slack", 10),
        "access/linked": access.linked(("Slack", "Teams")),
    }


def _connections() -> dict[str, Card]:
    ended = connections.Connection(SANDBOX, "ended", problem="Intuit took it back.")
    return {
        "connection/none": talk.unconnected(admin=True, support=_SUPPORT),
        "connection/none-staff": talk.unconnected(admin=False, support=_SUPPORT),
        "connection/admins-only": connections.admins_only(
            "Connecting a company", ("Alex Berg",)
        ),
        "connection/invitation": connections.invitation(
            "https://countersign.harbourpine.example/oauth/quickbooks/start?i=Zk3"
        ),
        "connection/confirm": connections.confirm_company(HARBOUR, HARBOUR.id),
        "connection/confirm-other": connections.confirm_company(
            REAL, REAL.id, replaces=SANDBOX
        ),
        "connection/begins": connections.consent_begins(),
        "connection/returned": connections.returned(HARBOUR),
        "connection/returned-new": connections.returned(HARBOUR, needs_yes=True),
        "connection/ask-disconnect": connections.ask_disconnect(HARBOUR),
        "connection/connected": connections.connected(HARBOUR, "Alex Berg"),
        "connection/cancelled": connections.consent_failed(
            "You pressed Cancel at QuickBooks."
        ),
        "connection/ended": connections.connection_ended(HARBOUR, admin=True),
        "connection/ended-staff": connections.connection_ended(REAL, admin=False),
        "connection/disconnected": connections.disconnected(HARBOUR, "Alex Berg"),
        "connection/status": connections.status(
            (_CONNECTION,), today=TODAY, admin=True, support=_SUPPORT
        ),
        "connection/status-staff": connections.status(
            (_CONNECTION,), today=TODAY, admin=False
        ),
        "connection/status-ended": connections.status(
            (ended,), today=TODAY, admin=True
        ),
        "connection/status-several": connections.status(
            (connections.Connection(REAL, "connected"), _CONNECTION, ended),
            today=TODAY,
            admin=True,
        ),
        "connection/tested": connections.tested(
            HARBOUR, "QuickBooks answered in 0.2 s.", works=True
        ),
        "connection/tested-fails": connections.tested(
            HARBOUR, "QuickBooks cannot be reached just now.", works=False
        ),
        "connection/synced": connections.synced(HARBOUR, 12, NOW),
        "connection/using": connections.using(REAL),
    }

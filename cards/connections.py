"""The way to QuickBooks: link, confirmation, status, end.

Plain functions of plain arguments; buttons carry the company's id as token.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from cards.card import Button, Card, Fact, Link, Section, Style, Table, Tone
from cards.plain import count, cut, day, line, listed, moment, summary, title
from cards.talk import (
    READS,
    Support,
    names_listed,
    said_button,
    sentence,
    support_lines,
    unconnected,
)
from qbo.books import Company, Environment

State = Literal["connected", "unconfirmed", "ended", "disconnected"]


@dataclass(frozen=True, slots=True)
class Connection:
    """What is known of one company's connection. Times are UTC.

    `state` is "connected", "unconfirmed" (waits for the admin's yes), "ended"
    (QuickBooks no longer accepts the tokens) or "disconnected" (by a person).
    `renew_until` is when the refresh token ends unless it is used; `problem` a
    plain sentence about the last failure.
    """

    company: Company
    state: State
    connected_by: str | None = None
    connected_at: datetime | None = None
    access_until: datetime | None = None
    renew_until: datetime | None = None
    synced_at: datetime | None = None
    records: int | None = None
    problem: str | None = None


def admins_only(what: str, admins: tuple[str, ...]) -> Card:
    """`what` ("Connecting a company") is for administrators; names them."""
    names = names_listed(admins)
    ask = f" Ask {names}." if names else ""
    return sentence(f"{what} is for administrators.{ask}", tone=Tone.WARNING)


def invitation(url: str, minutes: int = 10) -> Card:
    """The single-use link that begins the consent; for one admin alone."""
    return Card(
        title="Connect a QuickBooks company",
        summary="Your link to connect a QuickBooks company.",
        sections=(
            Section(
                texts=(
                    (
                        "Open this link and choose the company at QuickBooks. It works "
                        f"once, for {count(minutes, 'minute')}, and only for you."
                    ),
                    "Afterwards I ask you here whether it is the right company.",
                )
            ),
        ),
        links=(Link("Open QuickBooks", url),),
    )


def confirm_company(
    company: Company, token: str, *, replaces: Company | None = None
) -> Card:
    """The first yes of an admin before anything can be posted to this company."""
    texts = [
        f"You connected {title(company)}.",
        "Until you say yes, nothing can be posted to it.",
    ]
    if replaces:
        texts.append(f"Before, {title(replaces)} was connected here.")
    return Card(
        title="Is this the right company?",
        summary=summary(company, "Is this the right company?"),
        banner=title(company),
        status="Waiting for your yes",
        tone=Tone.WARNING,
        sections=(Section(texts=tuple(texts), facts=company_facts(company)),),
        buttons=_confirming(company, token),
    )


def _confirming(company: Company, token: str) -> tuple[Button, ...]:
    name = cut(line(company.name), 40) or "Company"
    yes = f"Yes, {name}, {environment(company)}"
    return (
        Button(yes, "connect.yes", token, Style.PRIMARY),
        Button("No, disconnect it", "connect.no", token, Style.DANGER),
    )


def connected(company: Company, by: str) -> Card:
    """The company is connected and confirmed."""
    return Card(
        title=f"{cut(line(company.name), 60)} is connected.",
        summary=summary(company, f"connected, {environment(company)}."),
        banner=title(company),
        status="Connected",
        tone=Tone.GOOD,
        sections=(Section(facts=company_facts(company)),),
        buttons=(said_button(READS[0]),),
        footnotes=(f"Connected by {cut(line(by), 80)}. I am reading the books now.",),
    )


def consent_failed(text: str) -> Card:
    """Consent was cancelled or half-finished; `text` is the plain sentence."""
    return Card(
        title=text,
        summary=text,
        tone=Tone.WARNING,
        buttons=(Button("Try again", "connect", style=Style.PRIMARY),),
        footnotes=("No company was connected.",),
    )


def consent_begins() -> Card:
    """The page that an administrator's link opens."""
    text = "Connect a QuickBooks company"
    return Card(
        title=text,
        summary=text,
        sections=(
            Section(
                texts=(
                    "QuickBooks asks you next to sign in and to choose the company.",
                    "Afterwards I ask you in the chat whether it is the right one.",
                )
            ),
        ),
    )


def returned(company: Company, *, needs_yes: bool = False) -> Card:
    """The page after consent: the rest happens in the chat.

    `needs_yes`: nobody has said yet that it is the right company.
    """
    text = f"{cut(line(company.name), 60)} is connected."
    todo = "Go back to the chat; you can close this page."
    if needs_yes:
        todo = (
            "Go back to the chat and say yes there, if it is the right company. Until "
            "then nothing can be posted to it. You can close this page."
        )
    return Card(
        title=text,
        summary=summary(
            company, "connected; it needs your yes." if needs_yes else "connected."
        ),
        banner=title(company),
        status="Waiting for your yes" if needs_yes else "Connected",
        tone=Tone.WARNING if needs_yes else Tone.GOOD,
        sections=(
            Section(
                texts=(todo,),
                facts=(Fact("Environment", environment(company)),),
            ),
        ),
    )


def connection_ended(company: Company, *, admin: bool) -> Card:
    """QuickBooks no longer accepts our tokens; an admin gets the button."""
    todo = (
        "Connect it again to go on; nothing is lost."
        if admin
        else "An administrator can renew it under Connections."
    )
    return Card(
        title="The connection to QuickBooks has ended.",
        summary=summary(company, "the connection to QuickBooks has ended."),
        banner=title(company),
        status="Ended",
        tone=Tone.BAD,
        sections=(Section(texts=(todo,)),),
        buttons=(Button("Reconnect", "connect", company.id, Style.PRIMARY),)
        if admin
        else (),
    )


def to_renew(card: Card, company: str) -> Card:
    """A card with the button that renews a company's connection."""
    renew = Button("Reconnect", "connect", company, Style.PRIMARY)
    return replace(card, tone=Tone.BAD, buttons=(renew,))


def ask_disconnect(company: Company, *, waits: int = 0) -> Card:
    """Asked before a connection is ended; `waits` counts its open proposals."""
    text = f"Disconnect {cut(line(company.name), 60)}?"
    held = (
        f"{count(waits, 'proposal')} of this company {'wait' if waits > 1 else 'waits'}"
        " for approval or for posting. Connected again, that goes on after a fresh look"
        " at the books; what is approved and not posted within the time allowed has to"
        " be asked for again."
        if waits
        else "No proposal of this company waits."
    )
    return Card(
        title=text,
        summary=summary(company, "Disconnect it?"),
        banner=title(company),
        tone=Tone.WARNING,
        sections=(
            Section(
                texts=(
                    "Nothing can be read or posted until it is connected again.",
                    held,
                    "The books in QuickBooks stay as they are.",
                )
            ),
        ),
        buttons=(
            Button("Disconnect", "disconnect.yes", company.id, Style.DANGER),
            said_button("connection status", "Keep it"),
        ),
        footnotes=("Nothing has been changed.",),
    )


def disconnected(
    company: Company,
    by: str,
    sentence: str = "Access was revoked at QuickBooks.",
) -> Card:
    """A person ended the connection; `sentence` says whether Intuit confirmed it."""
    return Card(
        title=f"{cut(line(company.name), 60)} is disconnected.",
        summary=summary(company, "disconnected."),
        banner=title(company),
        status="Disconnected",
        tone=Tone.MUTED,
        sections=(Section(texts=(sentence, "The books are unchanged.")),),
        footnotes=(f"Disconnected by {cut(line(by), 80)}.",),
    )


def status(
    connections: tuple[Connection, ...],
    *,
    today: date,
    admin: bool,
    support: Support | None = None,
) -> Card:
    """How the connections are: one company in full, several as a table."""
    if not connections:
        return unconnected(admin=admin, support=support)
    if len(connections) > 1:
        return _several(connections, today, support)
    one = connections[0]
    word, tone = _STATES[one.state]
    buttons: tuple[Button, ...] = ()
    if admin:
        buttons = connection_buttons(one)
    return Card(
        title=_STATE_SENTENCES[one.state],
        summary=summary(one.company, _STATE_SENTENCES[one.state]),
        banner=title(one.company),
        status=word,
        tone=tone,
        sections=(
            Section(
                texts=(one.problem,) if one.problem else (),
                facts=_connection_facts(one, today),
            ),
        ),
        buttons=buttons,
        footnotes=support_lines(support),
    )


def connection_buttons(one: Connection) -> tuple[Button, ...]:
    """What an admin can press for one connection; the token is the company's id."""
    token = one.company.id
    renew = Button("Reconnect", "connect", token)
    if one.state == "unconfirmed":
        return _confirming(one.company, token)
    if one.state in {"ended", "disconnected"}:
        return (Button("Reconnect", "connect", token, Style.PRIMARY),)
    return (
        Button("Test", "connection.test", token),
        Button("Sync now", "sync.now", token),
        renew,
        Button(
            "Disconnect",
            "disconnect",
            token,
            Style.DANGER,
        ),
    )


def tested(company: Company, text: str, *, works: bool) -> Card:
    """What a test of the connection found."""
    return Card(
        title="The connection works." if works else "The connection does not work.",
        summary=summary(company, "works." if works else "does not work."),
        banner=title(company),
        status="Works" if works else "Fails",
        tone=Tone.GOOD if works else Tone.BAD,
        sections=(Section(texts=(text,)),),
    )


def synced(company: Company, records: int, at: datetime) -> Card:
    """The local copy was just brought up to date; how much of it there is."""
    text = f"I have read {count(records, 'record')} from QuickBooks."
    return Card(
        title="The books are up to date.",
        summary=summary(company, "up to date."),
        banner=title(company),
        tone=Tone.GOOD,
        sections=(Section(texts=(text,)),),
        footnotes=(f"As of {moment(at, at.date())}.",),
    )


def using(company: Company) -> Card:
    """Which company this conversation is about from now on."""
    return sentence("Questions here are now about this company.", company=company)


def environment(company: Company) -> str:
    """The environment as people read it."""
    return {
        Environment.PRODUCTION: "production",
        Environment.SANDBOX: "sandbox",
        Environment.SIMULATOR: "simulator",
    }[company.environment]


_STATES: dict[State, tuple[str, Tone]] = {
    "connected": ("Connected", Tone.GOOD),
    "unconfirmed": ("Waiting for a yes", Tone.WARNING),
    "ended": ("Ended", Tone.BAD),
    "disconnected": ("Disconnected", Tone.MUTED),
}
_STATE_SENTENCES: dict[State, str] = {
    "connected": "Connected to QuickBooks.",
    "unconfirmed": "Connected, but nobody has said yet that it is the right one.",
    "ended": "The connection to QuickBooks has ended.",
    "disconnected": "Not connected to QuickBooks.",
}


def _several(
    connections: tuple[Connection, ...], today: date, support: Support | None
) -> Card:
    rows = tuple(
        (
            title(one.company),
            _STATES[one.state][0],
            moment(one.synced_at, today) if one.synced_at else "never",
        )
        for one in connections
    )
    text = f"{count(len(connections), 'company', 'companies')} are known here."
    names = listed(tuple(title(one.company) for one in connections[:5]), "and")
    return Card(
        title=text,
        summary=f"{text.removesuffix('.')}: {names}.",
        sections=(
            Section(table=Table(("Company", "Connection", "Last synchronised"), rows)),
        ),
        footnotes=support_lines(support),
    )


def company_facts(company: Company) -> tuple[Fact, ...]:
    """Which company, where, in which currency, and until when it is closed."""
    months = "January February March April May June July August September October "
    months += "November December"
    month = months.split()[company.fiscal_year_start_month - 1]
    closed = company.book_close_date
    return (
        Fact("Company", title(company)),
        Fact("Environment", environment(company)),
        Fact("Company id", company.realm),
        Fact("Country", company.country),
        Fact("Currency", company.currency),
        Fact("Fiscal year begins in", month),
        *((Fact("Books closed until", day(closed)),) if closed else ()),
    )


def _connection_facts(one: Connection, today: date) -> tuple[Fact, ...]:
    facts = [Fact("Environment", environment(one.company))]
    if one.connected_at:
        by = f" by {cut(line(one.connected_by), 80)}" if one.connected_by else ""
        facts.append(Fact("Connected", f"{moment(one.connected_at, today)}{by}"))
    synced_at = moment(one.synced_at, today) if one.synced_at else "never"
    facts.append(Fact("Last synchronised", synced_at))
    if one.records is not None:
        facts.append(Fact("Records kept", f"{one.records:,}"))
    if one.access_until and one.state in {"connected", "unconfirmed"}:
        facts.append(
            Fact(
                "Access", f"renewed by itself before {moment(one.access_until, today)}"
            )
        )
    if one.renew_until and one.state in {"connected", "unconfirmed"}:
        facts.append(Fact("Permission lasts until", moment(one.renew_until, today)))
    return tuple(facts)

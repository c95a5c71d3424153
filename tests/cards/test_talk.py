import pytest

from cards import access, asking, connections, talk
from cards.card import Card, Style
from cards.samples.world import HARBOUR, NOW, REAL, SANDBOX, TODAY
from cards.text import text

SUPPORT = talk.Support("help@books.example")
ADMINS = talk.Support(None, ("Alex Berg", "Kim Lee"))


def said(card: Card) -> str:
    return " ".join(text(card).split())


def verbs(card: Card) -> list[tuple[str, str]]:
    return [(button.verb, button.token) for button in card.buttons]


def test_help_lists_what_can_be_asked_with_examples_to_press() -> None:
    card = talk.guide(company=HARBOUR, support=SUPPORT)

    assert ("say", "who owes us money") in verbs(card)
    assert "invoice Acme West for 10 hours consulting, net 30" in said(card)
    assert "Help: help@books.example" in said(card)


def test_an_example_that_changes_the_books_is_not_a_button() -> None:
    pressed = {token for _, token in verbs(talk.guide(admin=True))}

    assert not pressed & set(talk.WRITES)


def test_only_an_admin_is_shown_how_to_connect() -> None:
    assert ("say", "connect") in verbs(talk.guide(admin=True))
    assert ("say", "connect") not in verbs(talk.guide())


def test_without_an_address_the_admins_are_named() -> None:
    assert talk.Support(None, ("Alex",)).sentence == "Help: ask Alex."
    assert ADMINS.sentence == "Help: ask Alex Berg or Kim Lee."
    assert talk.Support().sentence == ""
    many = talk.Support(None, tuple("ABCDEFGHIJ"))
    assert many.sentence == "Help: ask A, B, C, D, E, F or 4 more."


def test_each_choice_is_a_button_that_says_it() -> None:
    card = talk.question(
        "Which one?", ("Acme Corporation", "Acme West"), company=HARBOUR, is_write=True
    )

    assert verbs(card) == [("say", "Acme Corporation"), ("say", "Acme West")]
    assert "Nothing has been changed." in said(card)
    assert "changed" not in said(talk.question("Which one?", ("A",)))


def test_more_choices_than_buttons_are_counted() -> None:
    card = talk.question("Which?", tuple(f"Customer {n}" for n in range(30)))

    assert len(card.buttons) == 20
    assert "… and 10 more; type the name." in said(card)


def test_a_choice_is_said_exactly_as_the_books_have_it() -> None:
    (button,) = talk.question("Which?", ("Smith,  Jane\u200b",)).buttons

    assert button.token == "Smith,  Jane\u200b"


def test_a_choice_that_is_a_code_is_shown_and_said_as_a_sentence() -> None:
    card = talk.question(
        "What do you mean?",
        ("receivables.list", "Acme West"),
        labels={"receivables.list": "who owes us money"},
    )

    assert verbs(card) == [("say", "who owes us money"), ("say", "Acme West")]
    assert [button.label for button in card.buttons] == [
        "who owes us money",
        "Acme West",
    ]


def test_a_title_that_asks_has_no_badge_that_says_so() -> None:
    assert talk.question("Which one?").status is None
    assert talk.question("I need a customer.").status == "Question"


def test_a_first_connection_says_that_a_yes_is_still_needed() -> None:
    first = connections.returned(HARBOUR, needs_yes=True)

    assert "say yes there" in said(first)
    assert "nothing can be posted" in said(first)
    assert first.status == "Waiting for your yes"
    assert "yes" not in said(connections.returned(HARBOUR))


def test_disconnecting_in_words_is_asked_about_first() -> None:
    card = connections.ask_disconnect(HARBOUR)

    assert card.title == "Disconnect Harbour & Pine Landscaping?"
    assert verbs(card) == [
        ("disconnect.yes", HARBOUR.id),
        ("say", "connection status"),
    ]
    assert card.buttons[0].style is Style.DANGER
    assert "Nothing has been changed." in said(card)


@pytest.mark.parametrize("reason", ["out_of_scope", "not_supported"])
def test_a_refusal_says_what_can_be_done_instead(reason: talk.Refusal) -> None:
    card = talk.refusal(reason, company=HARBOUR, support=SUPPORT)

    assert "customers" in said(card)
    assert ("say", "help") in verbs(card)


def test_a_fault_gives_a_number_to_quote_and_whom_to_tell() -> None:
    shown = said(talk.fault("7F3A", support=ADMINS))

    assert "That is a fault in me, not in your books." in shown
    assert "Reference 7F3A. Help: ask Alex Berg or Kim Lee." in shown


def test_nothing_posted_is_said_only_where_it_is_certain() -> None:
    assert "nothing was posted" not in said(talk.fault("1", support=SUPPORT))
    assert "nothing was posted" in said(
        talk.fault("1", support=SUPPORT, nothing_posted=True)
    )


def test_a_plain_problem_names_nobody() -> None:
    assert "Help" not in said(talk.problem("QuickBooks is down.", support=SUPPORT))


def test_a_headline_does_not_end_within_a_name() -> None:
    why = "Why: “Wrong Inc. Ask them”. Please look at it once more, and say so there."
    text = f"P-1 (Invoice Acme Inc. West for $450.00) was rejected by Priya. {why}"
    card = talk.told(text, "P-1")

    assert (
        card.title == "P-1 (Invoice Acme Inc. West for $450.00) was rejected by Priya."
    )
    assert card.sections[0].texts == (why,)


def test_a_late_apology_offers_the_question_again() -> None:
    assert verbs(talk.late("who owes us\nmoney")) == [("say", "who owes us\nmoney")]


def test_a_correction_that_comes_too_late_offers_a_second_one() -> None:
    card = talk.too_late_to_correct("P-17", "applied", "4f2a", company=HARBOUR)

    assert "P-17 is already posted" in card.title
    assert verbs(card) == [("second", "4f2a"), ("say", "show P-17")]


def test_a_stranger_is_told_who_was_asked() -> None:
    assert "I have asked Alex Berg." in said(access.stranger(("Alex Berg",)))
    assert "the administrators" in said(access.stranger(()))


def test_the_admins_choose_what_a_newcomer_may_do() -> None:
    card = access.access_asked("Jo", "Slack", "t-1", email="jo@books.example")

    assert verbs(card) == [
        ("access.staff", "t-1"),
        ("access.approver", "t-1"),
        ("access.no", "t-1"),
    ]
    assert "jo@books.example" in said(card)


def test_a_newcomers_name_cannot_fill_the_admins_screen() -> None:
    card = access.access_asked("Jo\n" * 500, "Slack", "t")

    assert len(card.title) < 120
    assert card.summary.startswith("Jo Jo")


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("staff", "Jo has access as staff."),
        ("approver", "Jo has access as approver."),
        ("no", "Jo was not given access."),
    ],
)
def test_what_the_admins_decided_is_said(outcome: str, words: str) -> None:
    card = access.access_settled("Jo", outcome, "Alex")

    assert card.title == words
    assert "Decided by Alex." in said(card)


def test_a_code_is_shown_with_where_and_how_long() -> None:
    shown = said(access.link_code("482 913", "Slack", 10))

    assert "On Slack, write “link 482 913” to me." in shown
    assert "10 minutes" in shown
    assert "482" not in access.link_code("482 913", "Slack", 10).summary


def test_the_first_yes_names_company_and_environment() -> None:
    card = connections.confirm_company(HARBOUR, HARBOUR.id, replaces=SANDBOX)

    yes, no = card.buttons
    assert yes.label == "Yes, Harbour & Pine Landscaping, simulator"
    assert (yes.verb, no.verb) == ("connect.yes", "connect.no")
    assert yes.token == no.token == HARBOUR.id
    assert "Before, Sandbox Company_US_1 [SANDBOX] was connected here." in said(card)


def test_a_long_company_name_does_not_hide_the_environment() -> None:
    company = type(HARBOUR)("1", "N" * 200, REAL.environment)

    (yes, _) = connections.confirm_company(company, "t").buttons

    assert yes.label.endswith(", production")
    assert len(yes.label) <= 75


def test_the_status_shows_the_facts_and_an_admins_buttons() -> None:
    one = connections.Connection(
        HARBOUR,
        "connected",
        connected_by="Alex",
        connected_at=NOW,
        access_until=NOW,
        renew_until=NOW,
        synced_at=NOW,
        records=12,
    )

    card = connections.status((one,), today=TODAY, admin=True)

    assert [verb for verb, _ in verbs(card)] == [
        "connection.test",
        "sync.now",
        "connect",
        "disconnect",
    ]
    assert {token for _, token in verbs(card)} == {HARBOUR.id}
    # It asks in a card of its own, which names how many proposals wait.
    assert card.buttons[-1].confirm is None
    assert "Connected: 14:02 UTC by Alex" in said(card)
    assert not connections.status((one,), today=TODAY, admin=False).buttons


def test_an_ended_connection_can_only_be_renewed() -> None:
    ended = connections.Connection(HARBOUR, "ended", problem="Revoked at Intuit.")

    card = connections.status((ended,), today=TODAY, admin=True)

    assert verbs(card) == [("connect", HARBOUR.id)]
    assert "Revoked at Intuit." in said(card)
    assert "never" in said(card)


def test_a_company_that_waits_for_its_yes_can_be_confirmed_from_the_status() -> None:
    waiting = connections.Connection(HARBOUR, "unconfirmed")

    card = connections.status((waiting,), today=TODAY, admin=True)

    assert verbs(card)[:2] == [
        ("connect.yes", HARBOUR.id),
        ("connect.no", HARBOUR.id),
    ]


def test_several_connections_are_a_table_with_each_mark() -> None:
    card = connections.status(
        (
            connections.Connection(REAL, "connected"),
            connections.Connection(HARBOUR, "connected"),
        ),
        today=TODAY,
        admin=True,
    )

    assert card.banner is None
    assert "Harbour & Pine Landscaping [SIMULATED]" in card.summary
    assert "Harbour & Pine Landscaping [SIMULATED] Connected never" in said(card)


def test_without_a_company_an_admin_can_connect_one() -> None:
    assert verbs(talk.unconnected(admin=True)) == [("connect", "")]
    assert verbs(talk.unconnected(admin=False)) == []
    assert connections.status((), today=TODAY, admin=True).buttons


def test_the_invitation_is_a_link_of_our_own() -> None:
    card = connections.invitation("https://books.example/oauth/x", 10)

    assert [link.url for link in card.links] == ["https://books.example/oauth/x"]
    assert "works once, for 10 minutes, and only for you" in said(card)
    assert "https" not in card.summary


def test_the_end_of_a_connection_says_who_can_mend_it() -> None:
    assert verbs(connections.connection_ended(HARBOUR, admin=True)) == [
        ("connect", HARBOUR.id)
    ]
    staff = connections.connection_ended(HARBOUR, admin=False)
    assert "An administrator can renew it under Connections." in said(staff)


def test_what_a_button_asks_is_found_by_its_verb() -> None:
    found = asking.button("settle.there", "t")

    assert found is not None
    assert (found.token, found.asks[0].id) == ("t", "doc_number")
    assert asking.button("approve", "t") is None

"""What somebody else read is taken over only as far as the words bear it out."""

import json
import random
from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.understanding import samples
from bot.understanding.conversation import interpret
from bot.understanding.interpretation import ACTIONS, Interpretation
from bot.understanding.proof import proven
from bot.understanding.shortlist import Shortlist, shortlist, told_of
from bot.understanding.sureness import is_lost, is_sure
from qbo.books import Names
from tests.understanding.test_said import table

TODAY = date(2026, 11, 20)
CONSULTING = {"item": "Consulting"}
NAMES = samples.names()
LISTS = {
    "customer": NAMES.customers,
    "vendor": NAMES.vendors,
    "item": NAMES.items,
    "account": NAMES.accounts,
    "terms": NAMES.terms,
    "method": NAMES.methods,
    "deposit_to": NAMES.accounts,
    "pay_from": NAMES.accounts,
    "income_account": NAMES.accounts,
}


def said(name: str) -> Iterator[tuple[str, Interpretation]]:
    """Single messages of a table, with what they mean."""
    for each in table(name):
        words, means = each.values
        if "||" in words or words.startswith("[UK]"):
            continue
        kind, action, arguments = means.split(" ", 2)
        yield words, Interpretation(kind, action, json.loads(arguments))


def shown(
    offered: Interpretation,
    words: str,
    names: Names = NAMES,
    last: Interpretation | None = None,
) -> Interpretation | None:
    told = shortlist(words, names, TODAY, last)
    return proven(offered, words, names, TODAY, told, last)


def write(action: str, **arguments: Any) -> Interpretation:
    return Interpretation("write", action, arguments)


def test_what_a_wish_means_is_mostly_shown_and_never_made_something_else() -> None:
    shown_, seen, different = 0, 0, []
    for words, means in said("writes"):
        made = shown(means, words)
        seen += 1
        if made is None or made.kind == "clarify":
            continue
        shown_ += 1
        if (made.kind, made.action) != ("write", means.action) or (
            made.arguments != means.arguments
        ):
            different.append((words, made.arguments))

    assert different == []
    assert seen > 100
    assert shown_ / seen > 0.6


def test_what_a_question_means_is_mostly_shown_and_never_made_something_else() -> None:
    shown_, seen, different = 0, 0, []
    for words, means in said("reads"):
        made = shown(means, words)
        seen += 1
        if made is None or made.kind == "clarify":
            continue
        shown_ += 1
        if made.action != means.action or made.arguments != means.arguments:
            different.append((words, means.arguments, made.arguments))

    assert different == []
    assert seen > 100
    assert shown_ / seen > 0.6


def test_no_wish_with_anything_changed_in_it_is_ever_taken() -> None:
    dice = random.Random(20261120)  # noqa: S311 - a repeatable choice, no secret
    cases = [
        (words, means, changed)
        for words, means in said("writes")
        for changed in changes(means, dice)
    ]
    taken = []
    for words, means, changed in dice.sample(cases, 400):
        made = shown(changed, words)
        if made is not None and made.kind == "write" and made != means:
            if made.action == means.action and made.arguments == means.arguments:
                continue
            taken.append((words, changed.arguments, made.arguments))

    assert taken == []


def changes(means: Interpretation, dice: random.Random) -> Iterator[Interpretation]:
    """The same wish with one thing in it changed, left out, or put in."""
    for path, value in leaves(means.arguments):
        changed = deepcopy(means.arguments)
        put(changed, path, another(str(path[-1]), value, dice))
        yield write(means.action or "", **changed)
    for key in means.arguments:
        rest = {k: v for k, v in means.arguments.items() if k != key}
        yield write(means.action or "", **rest)
    more = {
        "date": "2026-11-03",
        "due_date": "2026-12-24",
        "terms": "Net 60",
        "memo": "approved",
        "amount": "77.00",
        "send": True,
    }
    for key, value in more.items():
        if key in ACTIONS[means.action or ""].takes and key not in means.arguments:
            yield write(means.action or "", **means.arguments, **{key: value})
    others = [
        name
        for name, shape in ACTIONS.items()
        if shape.kind == "write"
        and name != means.action
        and set(means.arguments) <= set(shape.takes)
    ]
    if others:
        yield write(dice.choice(others), **means.arguments)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from leaves(inner, (*path, place))
    else:
        yield path, value


def put(into: Any, path: tuple[Any, ...], value: Any) -> None:
    for step in path[:-1]:
        into = into[step]
    into[path[-1]] = value


def another(key: str, value: Any, dice: random.Random) -> Any:
    if key in LISTS:
        return dice.choice([n.name for n in LISTS[key] if n.name != value])
    if isinstance(value, bool):
        return not value
    text = str(value)
    try:
        return (date.fromisoformat(text) + timedelta(days=7)).isoformat()
    except ValueError:
        pass
    if text.replace(".", "", 1).isdigit():
        return str(Decimal(text) + dice.choice([1, 10, 100]))
    return dice.choice([f"{text} too", text[: len(text) // 2], "Globex"])


# --- one thing each ------------------------------------------------------------------


def test_two_numbers_cannot_change_places() -> None:
    words = "invoice Acme West, consulting, ten hours, at 60 an hour, the usual stuff"
    right = {"item": "Consulting", "quantity": "10", "rate": "60.00"}
    wrong = {"item": "Consulting", "quantity": "60", "rate": "10.00"}

    good = shown(write("invoice.create", customer="Acme West", lines=[right]), words)
    bad = shown(write("invoice.create", customer="Acme West", lines=[wrong]), words)

    assert good is not None
    assert good.arguments["lines"] == [{**right, "amount": "600.00"}]
    assert bad is None or bad.kind == "clarify"


def test_a_number_of_one_line_is_not_anothers() -> None:
    words = "invoice Acme West for 2 hours of consulting and 5 of lawn mowing, as usual"
    lines = [
        {"item": "Consulting", "quantity": "2"},
        {"item": "Lawn Mowing", "quantity": "5"},
    ]
    crossed = [{**lines[0], "quantity": "5"}, {**lines[1], "quantity": "2"}]

    good = shown(write("invoice.create", customer="Acme West", lines=lines), words)
    bad = shown(write("invoice.create", customer="Acme West", lines=crossed), words)

    assert good == write("invoice.create", customer="Acme West", lines=lines)
    assert bad is None or bad.kind == "clarify"


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("payment of 500 to Acme West", ("payment.record", {"amount": "500.00"})),
        (
            "Acme West paid 500 from petty cash",
            ("payment.record", {"amount": "500.00", "deposit_to": "Petty Cash"}),
        ),
        (
            "Acme West paid us for 1042 500",
            ("payment.record", {"amount": "1042.00", "invoices": ["500"]}),
        ),
        (
            "invoice Acme West for consulting on monday",
            ("invoice.create", {"due_date": "2026-11-23", "lines": [CONSULTING]}),
        ),
        (
            "invoice Acme West for consulting due monday",
            ("invoice.create", {"date": "2026-11-16", "lines": [CONSULTING]}),
        ),
        (
            "invoice Acme West 3 hours consulting at 90 total",
            (
                "invoice.create",
                {"lines": [{**CONSULTING, "quantity": "3", "rate": "90.00"}]},
            ),
        ),
        (
            "remove a@b.example from Acme West",
            ("customer.update", {"changes": {"email": "a@b.example"}}),
        ),
        (
            "Acme West's wrong email is a@b.example fix it",
            ("customer.update", {"changes": {"email": "a@b.example"}}),
        ),
        (
            "a@b.example for Acme West bounces, change it",
            ("customer.update", {"changes": {"email": "a@b.example"}}),
        ),
        (
            "restore the old phone of Acme West",
            ("customer.update", {"changes": {"active": True}}),
        ),
    ],
)
def test_what_goes_the_other_way_is_not_taken(
    words: str, offered: tuple[str, dict[str, Any]]
) -> None:
    action, arguments = offered

    made = shown(write(action, customer="Acme West", **arguments), words)

    assert made is None or made.kind == "clarify"


@pytest.mark.parametrize(
    ("words", "changes"),
    [
        ("take consulting off 1042", {"add_lines": [CONSULTING]}),
        ("drop consulting from 1042", {"lines": [CONSULTING]}),
        ("add consulting to 1042", {"remove_lines": ["Consulting"]}),
    ],
)
def test_lines_are_not_added_where_they_are_to_go(
    words: str, changes: dict[str, Any]
) -> None:
    made = shown(write("invoice.update", invoice="1042", changes=changes), words)

    assert made is None or made.kind == "clarify"


def test_lines_are_changed_the_way_the_words_say() -> None:
    for words, changes in (
        ("take consulting off 1042", {"remove_lines": ["Consulting"]}),
        ("add consulting to 1042", {"add_lines": [CONSULTING]}),
    ):
        wanted = write("invoice.update", invoice="1042", changes=changes)

        assert shown(wanted, words) == wanted


def test_what_is_said_and_left_out_is_named_in_the_question() -> None:
    words = "invoice Acme West for the usual ten hours of consulting, by dec 15"
    lines = [{"item": "Consulting", "quantity": "10"}]

    made = shown(write("invoice.create", customer="Acme West", lines=lines), words)

    assert made is not None
    assert made.question is not None
    assert made.question.text.startswith("I made nothing of “by dec 15”.")


def test_somebody_nobody_knows_is_not_passed_over() -> None:
    words = "invoice Globex and Acme West for ten hours of consulting"
    lines = [{"item": "Consulting", "quantity": "10"}]

    made = shown(write("invoice.create", customer="Acme West", lines=lines), words)

    assert made is not None
    assert made.question is not None
    assert "Globex" in made.question.text


def test_a_word_of_doubt_or_denial_makes_it_a_question() -> None:
    for words in (
        "don't void that silly invoice 1042",
        "void that silly invoice 1042 if they moan",
        "should we void that silly invoice 1042?",
    ):
        made = shown(write("invoice.void", invoice="1042"), words)

        assert made is None or made.kind == "clarify"


def test_a_company_named_in_the_words_is_kept() -> None:
    words = "in Harbour & Pine Landscaping, whats the damage for acme west"
    offered = Interpretation("read", "receivables.list", {"customer": "Acme West"})

    made = shown(offered, words)

    assert made is not None
    assert made.arguments["company"] == "Harbour & Pine Landscaping"


def test_names_with_an_address_a_sum_or_a_token_are_not_told() -> None:
    names = ["Acme West", "a@b.example", "Acme £12.50", "x" * 30, "4111111111111"]

    assert told_of([*names, *names]) == ("Acme West",)


def test_of_a_question_only_names_and_actions_are_told() -> None:
    last = interpret("invoice Acme for 10 hours consulting", NAMES, TODAY)
    assert last.question is not None

    told = shortlist("the western one", NAMES, TODAY, last)

    assert told.about == "customer"
    assert told.choices == last.question.choices
    assert told.has("customer", "Acme West")
    assert not Shortlist().has("customer", "Acme West")


def test_what_nothing_fits_is_not_sure_and_what_is_refused_is() -> None:
    lost = "whats the damage for acme west"
    refused = "skip approval and post it"

    assert is_lost(lost, NAMES, TODAY)
    assert not is_sure(interpret(lost, NAMES, TODAY), lost, NAMES, TODAY, 50)
    assert is_sure(interpret(refused, NAMES, TODAY), refused, NAMES, TODAY, 50)
    assert is_sure(interpret("", NAMES, TODAY), "", NAMES, TODAY, 50)


def test_a_new_name_is_no_piece_of_somebodys_name() -> None:
    offered = write(
        "customer.update",
        customer="Acme West",
        changes={"name": "acme", "terms": "Net 15"},
    )

    made = shown(offered, "rename acme west to acme east, net 15")

    assert made is None or made.kind != "write"

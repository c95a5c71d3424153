"""Which next steps an answer offers, and what its buttons carry."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from approvals.proposal import Denied
from bot import steps
from bot.platform import Place
from bot.shown import KEPT_DAYS, ONCE, Shown, ShownAnswers
from cards.samples import answered
from qbo import asks
from qbo.books import Answer, Listing
from tests.conftest import Clock

ANSWERS = {**answered._lists(), **answered._records(), **answered._reports()}
PLACE = Place("slack", "T1", "C1")


def offered(action: str, answer: Answer, **said: Any) -> dict[str, dict[str, Any]]:
    """The labels of the steps, with what each asks."""
    made = steps.steps(action, said, answer)
    for step in made:
        if step.verb in {steps.ASK, steps.CSV, steps.XLSX, steps.CHART}:
            asks.ask(step.action, step.arguments)
        elif step.verb == steps.PROPOSE:
            asks.change(step.action, step.arguments)
    return {step.label: step.arguments for step in made}


def test_a_list_with_some_late_offers_those_and_files() -> None:
    found = offered("invoices.list", ANSWERS["invoices-mixed"], customer="Acme West")

    assert found["Overdue only"] == {"customer": "Acme West", "status": "overdue"}
    assert {"Export CSV", "Export XLSX"} <= found.keys()


def test_overdue_invoices_offer_reminders_as_one_change() -> None:
    answer = ANSWERS["invoices-overdue"]

    found = offered("invoices.list", answer, status="overdue")
    narrower = offered("invoices.list", answer, status="overdue", min_amount="5.00")

    assert found["Send 8 reminders"] == {"status": "overdue"}
    assert "Overdue only" not in found
    # invoice.send knows no amounts: it would remind others too.
    assert not [label for label in narrower if "reminder" in label]


def test_too_many_reminders_are_not_offered() -> None:
    answer = ANSWERS["invoices-overdue"]
    assert isinstance(answer.value, Listing)
    many = replace(answer, value=replace(answer.value, count=31, complete=False))

    found = offered("invoices.list", many, status="overdue")

    assert not [label for label in found if "reminder" in label]


def test_the_latest_invoice_is_refreshed_as_that_one() -> None:
    found = offered("invoice.show", ANSWERS["invoice"], customer="Acme West")

    assert found["Send reminder"] == {"invoice": "1042"}
    assert found["Refresh"] == {
        "entity": "Invoice",
        "id": "1042",
        "said": {"invoice": "1042"},
    }
    assert "Send reminder" not in offered("invoice.show", ANSWERS["invoice-paid"])


def test_last_year_is_the_same_days_a_year_earlier() -> None:
    said = {"period": {"start": "2024-02-01", "end": "2024-02-29"}, "basis": "cash"}

    found = offered(
        "report.profit_and_loss", ANSWERS["profit-and-loss-by-month"], **said
    )

    before = {"start": "2023-02-01", "end": "2023-02-28"}
    assert found["Same for last year"] == {"period": before, "basis": "cash"}
    assert found["Compare with last year"] == {**said, "compare_to": before}
    assert "By month" not in found


@pytest.mark.parametrize(
    ("period", "compared", "until"),
    [
        (("2026-01-01", "2026-12-31"), ("2025-01-01", "2025-12-31"), "2025-11-20"),
        (("2026-11-01", "2026-11-30"), ("2026-10-01", "2026-10-31"), "2026-10-20"),
        (("2026-10-01", "2026-12-31"), ("2026-07-01", "2026-09-30"), "2026-08-20"),
        (("2026-10-01", "2026-10-31"), ("2025-10-01", "2025-10-31"), None),
        (("2026-01-01", "2026-11-20"), ("2025-01-01", "2025-11-20"), None),
    ],
)
def test_what_is_not_over_is_compared_as_far_as_today(
    period: tuple[str, str], compared: tuple[str, str], until: str | None
) -> None:
    said = {
        "period": dict(zip(("start", "end"), period, strict=True)),
        "compare_to": dict(zip(("start", "end"), compared, strict=True)),
    }

    found = offered("report.profit_and_loss", ANSWERS["profit-and-loss"], **said)

    wanted = {
        "period": {"start": period[0], "end": "2026-11-20"},
        "compare_to": {"start": compared[0], "end": until},
    }
    assert found.get("As far as today") == (wanted if until else None)


def test_an_aging_of_today_offers_that_of_a_year_ago() -> None:
    found = offered("report.ar_aging", ANSWERS["aging"])

    assert found["Same a year earlier"] == {"as_of": "2025-11-20"}
    assert "Show chart" not in found


def test_a_year_offers_its_months() -> None:
    period = {"start": "2026-01-01", "end": "2026-11-20"}

    found = offered("report.profit_and_loss", ANSWERS["profit-and-loss"], period=period)

    assert found["By month"] == {"period": period, "by": "month"}


@pytest.mark.parametrize("name", ["receivables-none", "company", "document"])
def test_where_nothing_follows_there_are_no_buttons(name: str) -> None:
    action = {"company": "company.show", "document": "invoice.pdf"}

    assert not offered(action.get(name, "receivables.list"), ANSWERS[name])


@pytest.fixture
def answers(engine: AsyncEngine, clock: Clock) -> ShownAnswers:
    return ShownAnswers(engine, b"a key", clock)


async def _kept(answers: ShownAnswers) -> Shown:
    wanted = steps.steps("invoices.list", {}, ANSWERS["invoices-mixed"])
    return await answers.keep(
        "main", "simulator:1", "sam", PLACE, "invoices.list", {}, wanted
    )


async def test_a_button_means_the_same_after_a_restart(
    answers: ShownAnswers, engine: AsyncEngine, clock: Clock
) -> None:
    shown = await _kept(answers)
    token = answers.token(shown, 0)

    again = await ShownAnswers(engine, b"a key", clock).find(token, steps.ASK)

    assert again == (shown, 0)
    assert "Acme" not in token


async def test_a_button_is_good_for_its_own_verb_and_answer_alone(
    answers: ShownAnswers, engine: AsyncEngine, clock: Clock
) -> None:
    shown = await _kept(answers)
    token = answers.token(shown, 0)
    known, _, seal = token.split("~")
    others = ShownAnswers(engine, b"another key", clock)

    for text, verb in (
        (token, steps.CSV),
        (f"{known}~1~{seal}", steps.ASK),
        (f"{'0' * 32}~0~{seal}", steps.ASK),
        (others.token(shown, 0), steps.ASK),
        ("", steps.ASK),
        ("é~0~x", steps.ASK),
        (f"{known}~²~{seal}", steps.ASK),
    ):
        with pytest.raises(Denied, match="do not know that button"):
            await answers.find(text, verb)


async def test_the_same_press_at_once_counts_once(
    answers: ShownAnswers, clock: Clock
) -> None:
    shown = await _kept(answers)

    first, second = await answers.claim(shown, 0), await answers.claim(shown, 0)
    other = await answers.claim(shown, 1)
    clock.advance(seconds=ONCE.total_seconds())
    later = await answers.claim(shown, 0)

    assert (first, second, other, later) == (True, False, True, True)


async def test_an_answer_of_long_ago_says_so(
    answers: ShownAnswers, clock: Clock
) -> None:
    shown = await _kept(answers)
    clock.advance(days=KEPT_DAYS + 1)
    await answers.tidy()

    with pytest.raises(Denied, match="too old for its buttons"):
        await answers.find(answers.token(shown, 0), steps.ASK)
    assert not await answers.claim(shown, 0)

import subprocess
import sys
import threading
from dataclasses import replace
from decimal import Decimal

import pytest

from cards import charts, pictures, teams
from cards.card import Card, Chart, Section, Shape
from cards.samples.answered import _reports, cards
from qbo.books import Money, Statement, StatementRow


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def _many(count: int) -> Chart:
    found = charts.by_party(
        "Sales", "Customer", "Sales", [(f"C{n}", usd(f"{n}.10")) for n in range(count)]
    )
    assert found is not None
    return found


def test_more_names_than_ten_end_in_one_bar_that_sums_the_rest() -> None:
    found = _many(14)

    assert found.categories[0] == "C13"
    assert found.categories[-1] == "Others (4)"
    assert len(found.categories) == charts.BARS_MAX + 1
    # 0.10 + 1.10 + 2.10 + 3.10, which no float comes to.
    assert found.series[0].values[-1] == Decimal("6.40")


def test_amounts_of_two_currencies_make_no_chart() -> None:
    pairs = [("A", usd("1.00")), ("B", Money(Decimal("1.00"), "CAD"))]

    assert charts.by_party("Sales", "Customer", "Sales", pairs) is None


def test_an_aging_is_told_in_words_with_every_bucket() -> None:
    found = charts.chart(_reports()["aging"])

    assert found is not None
    assert found.text == (
        "Chart: Customers owe us, by days overdue. Current $8,000.00; 1 - 30 $3,360.00;"
        " 31 - 60 $0.00; 61 - 90 $0.00; 91 and over $8,682.00."
    )
    assert found.unit == "USD"


def test_a_profit_and_loss_by_month_has_a_series_each_and_no_total_column() -> None:
    found = charts.chart(_reports()["profit-and-loss-by-month"])

    assert found is not None
    assert [each.name for each in found.series] == ["Income", "Net income"]
    assert found.categories[-1] == "Nov 2026"


def test_costs_of_goods_sold_have_a_column_where_there_are_any() -> None:
    answer = _reports()["profit-and-loss-by-month"]
    told = answer.value
    assert isinstance(told, Statement)
    months = len(told.columns)

    def with_costs(amount: str) -> list[str]:
        label, amounts = "Total Cost of Goods Sold", (usd(amount),) * months
        row = StatementRow(label, amounts, is_total=True)
        statement = replace(told, rows=(*told.rows, row))
        found = charts.chart(replace(answer, value=statement))
        assert found is not None
        return [each.name for each in found.series]

    assert with_costs("12.50") == ["Income", "Cost of goods sold", "Net income"]
    assert with_costs("0.00") == ["Income", "Net income"]


def test_what_is_below_nought_keeps_the_colour_of_its_series() -> None:
    look = pictures._LIGHT
    assert len(set(look.bars)) == len(set(pictures._DARK.bars)) == 4

    now, before = (pictures._color(look, Decimal(-1), at, 2) for at in (0, 1))

    assert now != before
    assert pictures._color(look, Decimal(-1), 0, 1) == look.below


def test_a_picture_is_its_own_ground_whatever_the_names_are() -> None:
    names = ["$x$ \\frac{", "日本語", "a" * 300, ""]
    found = charts.by_party("$T$", "", "Owed", [(n, usd("-5")) for n in names])
    assert found is not None

    light, dark = pictures.png(found), pictures.png(found, dark=True)

    assert light.startswith(b"\x89PNG")
    assert light != dark
    width, height = (int.from_bytes(light[at : at + 4], "big") for at in (16, 20))
    assert (width, height) == tuple(2 * side for side in pictures.size(found))


def test_a_phone_has_a_picture_of_its_own_width() -> None:
    for chart in (_many(14), charts.chart(_reports()["profit-and-loss-by-month"])):
        assert chart is not None
        drawn = pictures.png(chart, narrow=True)

        width, height = (int.from_bytes(drawn[at : at + 4], "big") for at in (16, 20))
        assert (width, height) == tuple(
            2 * side for side in pictures.size(chart, narrow=True)
        )
        assert width < 2 * 360


def test_half_an_amount_is_rounded_up_as_people_do() -> None:
    assert pictures._short(Decimal("4708.50"), "USD") == "$4,709"
    assert pictures._short(Decimal("-3476.50"), "USD") == "-$3,477"
    assert pictures._short(Decimal(1_250_000), "USD") == "$1.3m"


def test_pictures_are_drawn_in_several_threads_at_once() -> None:
    made: list[bytes] = []
    threads = [
        threading.Thread(target=lambda n=n: made.append(pictures.png(_many(n))))
        for n in (2, 3, 4)
    ]

    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert len({*made}) == 3


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "$0"),
        ("950.5", "$951"),
        ("12.5", "$12.50"),
        ("-99999", "-$99,999"),
        ("999950", "$1m"),
        ("1234567", "$1.2m"),
    ],
)
def test_numbers_in_pictures_are_short(amount: str, shown: str) -> None:
    assert pictures._short(Decimal(amount), "USD") == shown


def test_teams_draws_names_literally_and_falls_back_to_words() -> None:
    long = "Customer with the same long beginning, number"
    found = charts.by_party(
        "Owed {{DATE(x)}}", "", "Owed", [(f"{long} {n}", usd("1")) for n in (1, 2)]
    )
    assert found is not None
    card = Card("t", "t", sections=(Section(chart=found),))

    (element,) = [b for b in teams.content(card)["body"] if "Chart" in b["type"]]

    assert element["type"] == "Chart.HorizontalBar"
    assert "{{" not in element["title"]
    assert len({bar["x"] for bar in element["data"]}) == 2
    assert element["fallback"]["inlines"][0]["text"].startswith("Chart: Owed { {DATE")
    assert found.shape is Shape.BARS


def test_a_card_with_a_chart_is_kept_and_read_back_exactly() -> None:
    from cards.card import card_from, card_text

    card = cards()["answers/aging"]

    assert card.charts
    assert card_from(card_text(card)) == card


def test_starting_pays_for_no_picture_and_no_file() -> None:
    heavy = "{'matplotlib', 'numpy', 'xlsxwriter', 'PIL'}"
    code = f"import sys, bot.commands; sys.exit(bool({heavy} & sys.modules.keys()))"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own program

"""A chart as an element that Teams draws itself.

Numbers are JSON numbers there and nothing but a picture; the exact ones stand in
the text that takes the chart's place (`fallback`) and in the table below it.
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/
charts-in-adaptive-cards
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeAlias

from cards.card import Chart, Shape
from cards.plain import cut

Json: TypeAlias = dict[str, Any]

# Names longer than this push the bars out of a narrow card.
_NAME_MAX = 28
_TITLE_MAX = 100
# More columns than these have no room for a number above each.
_VALUES_MAX = 6
# Told apart by whoever sees few colours, and with the legend beside them.
_COLORS = ("categoricalBlue", "categoricalMarigold", "categoricalTeal", "neutral")


def drawn(chart: Chart, *, instead: Json, plain: Callable[[str], str]) -> Json:
    """The element; `instead` is shown where it cannot be drawn.

    `plain` makes a text of strangers one that Teams reads as nothing but text.
    """
    made: Json = {
        "title": cut(plain(f"{chart.title} ({chart.unit})"), _TITLE_MAX),
        "showTitle": True,
        "spacing": "Small",
        "fallback": instead,
    }
    names = _names(chart, plain)
    if len(chart.series) > 1:
        made |= {
            "type": "Chart.VerticalBar.Grouped",
            "xAxisTitle": plain(chart.axis),
            "yAxisTitle": plain(chart.unit),
            "data": [
                {
                    "legend": cut(plain(series.name), _NAME_MAX) or "…",
                    "color": _COLORS[at % len(_COLORS)],
                    "values": [
                        {"x": name, "y": _number(value)}
                        for name, value in zip(names, series.values, strict=True)
                        if value is not None
                    ],
                }
                for at, series in enumerate(chart.series)
            ],
        }
        return made
    pairs = zip(names, chart.series[0].values, strict=True)
    made["data"] = [{"x": name, "y": _number(v)} for name, v in pairs if v is not None]
    made |= {"color": _COLORS[0], "yAxisTitle": plain(chart.unit)}
    if chart.shape is Shape.BARS:
        made |= {"type": "Chart.HorizontalBar", "displayMode": "AbsoluteWithAxis"}
    else:
        made |= {
            "type": "Chart.VerticalBar",
            "showBarValues": len(names) <= _VALUES_MAX,
        }
    made["xAxisTitle"] = plain(chart.axis)
    return made


def _names(chart: Chart, plain: Callable[[str], str]) -> list[str]:
    """Names as short as a narrow card takes; equal ones would be one bar."""
    names: list[str] = []
    for category in chart.categories:
        name = shown = cut(plain(category), _NAME_MAX) or "…"
        while shown in names:
            shown = f"{name} ({len(names) + 1})"
        names.append(shown)
    return names


def _number(value: Decimal) -> float:
    """A number for drawing; nothing is ever computed from it."""
    return float(value)

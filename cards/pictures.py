"""A chart as a PNG, for platforms that draw none themselves.

matplotlib is only loaded when the first picture is drawn, never with the program,
and only through figures of our own: its global state stays untouched. All texts are
literal (no TeX), in the font that comes with it.
"""

import io
import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cards.card import Chart, Shape
from cards.plain import cut, line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.font_manager import FontProperties

WIDTH = 640
_COLUMNS_HEIGHT = 320
_BAR_HEIGHT = 30
_FRAME_HEIGHT = 104
# Two dots a CSS pixel, for sharp screens.
_DOTS = 2
_INCH = 96
_NAME_MAX = 26
_TITLE_MAX = 70
# Columns with longer or more names than these have them at an angle.
_NAMES_STRAIGHT = 60
_VALUES_MAX = 8
_KEPT = 64
_SYMBOLS = {"USD": "$", "GBP": "£", "EUR": "€", "CAD": "CA$"}
# From here on without cents, and from there on in thousands.
_ROUNDED, _SHORTENED = Decimal(100), Decimal(100_000)
_STEPS = ((Decimal(10**9), "bn"), (Decimal(10**6), "m"), (Decimal(10**3), "k"))

_turn = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Look:
    """Colours on an opaque ground, told apart by people who see few of them too."""

    ground: str
    ink: str
    quiet: str
    grid: str
    bars: tuple[str, ...]
    below: str


# Blue, orange, green, purple after Okabe and Ito, dark or light enough for the ground.
_LIGHT = _Look(
    "#ffffff",
    "#1c2420",
    "#5a655f",
    "#e2e6e3",
    ("#0b6aa8", "#d9822b", "#12876a", "#92548d"),
    "#b3392f",
)
_DARK = _Look(
    "#1a1f1c",
    "#e6ebe8",
    "#a3aea8",
    "#313834",
    ("#5cb3ea", "#f0a95a", "#4cc9a4", "#cf9bc9"),
    "#f08a80",
)


def size(chart: Chart) -> tuple[int, int]:
    """Width and height of the picture in CSS pixels."""
    if chart.shape is Shape.BARS:
        rows = len(chart.categories) * max(len(chart.series), 1)
        return WIDTH, _FRAME_HEIGHT + _BAR_HEIGHT * rows
    return WIDTH, _COLUMNS_HEIGHT


@lru_cache(maxsize=_KEPT)
def png(chart: Chart, *, dark: bool = False) -> bytes:
    """The picture; takes a fraction of a second, so call it in a thread.

    It has a ground of its own, so that it can be read wherever it is shown.
    """
    # matplotlib's text layout is not made for several threads at once.
    with _turn:
        return _drawn(chart, _DARK if dark else _LIGHT)


def _drawn(chart: Chart, look: _Look) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    width, height = size(chart)
    figure = Figure((width / _INCH, height / _INCH), dpi=_INCH * _DOTS)
    FigureCanvasAgg(figure)
    figure.set_facecolor(look.ground)
    is_bars = chart.shape is Shape.BARS
    tilted = not is_bars and sum(map(len, _names(chart))) > _NAMES_STRAIGHT
    low = 66 if tilted else 40
    left, right = (198 if is_bars else 66), 22
    axes = figure.add_axes(
        (
            left / width,
            low / height,
            (width - left - right) / width,
            (height - low - 62) / height,
        )
    )
    axes.set_facecolor(look.ground)
    _texts(figure, chart, look)
    (_bars if is_bars else _columns)(axes, chart, look)
    if tilted:
        for label in axes.get_xticklabels():
            label.set(rotation=35, ha="right", rotation_mode="anchor")
    _frame(axes, look, is_bars=is_bars)
    out = io.BytesIO()
    figure.savefig(
        out, format="png", facecolor=look.ground, metadata={"Software": None}
    )
    return out.getvalue()


def _texts(figure: Any, chart: Chart, look: _Look) -> None:
    """Title and unit above; what the categories are stands there too."""
    width, height = size(chart)
    literal: dict[str, Any] = {"parse_math": False, "ha": "left", "va": "top"}
    figure.text(
        18 / width,
        1 - 14 / height,
        _shown(chart.title, _TITLE_MAX),
        color=look.ink,
        fontproperties=_font(13, bold=True),
        **literal,
    )
    unit = f"{chart.unit} by {chart.axis.lower()}" if chart.axis else chart.unit
    figure.text(
        18 / width,
        1 - 36 / height,
        _shown(unit, _TITLE_MAX),
        color=look.quiet,
        fontproperties=_font(10),
        **literal,
    )
    if len(chart.series) > 1:
        place = 0.985
        for at, series in reversed(list(enumerate(chart.series))):
            label = figure.text(
                place,
                1 - 36 / height,
                f"■ {_shown(series.name, _NAME_MAX)}",
                color=look.bars[at % len(look.bars)],
                fontproperties=_font(10),
                parse_math=False,
                ha="right",
                va="top",
            )
            box = label.get_window_extent()
            place -= (box.width / _DOTS + 16) / width


def _bars(axes: "Axes", chart: Chart, look: _Look) -> None:
    """Lying bars from above, each with its number."""
    thick = 0.72 / len(chart.series)
    for place, value, at, many in _values(chart):
        centre = place + (at - (many - 1) / 2) * thick
        color = _color(look, value, at, many)
        axes.barh(centre, float(value), height=thick * 0.94, color=color)
        axes.annotate(
            _short(value, chart.unit),
            (float(value), centre),
            xytext=(4 if value >= 0 else -4, 0),
            textcoords="offset points",
            ha="left" if value >= 0 else "right",
            va="center",
            color=look.ink,
            fontproperties=_font(9),
            parse_math=False,
        )
    axes.set_yticks(range(len(chart.categories)), _names(chart), parse_math=False)
    axes.set_ylim(len(chart.categories) - 0.45, -0.55)
    _range(axes.set_xlim, chart, room=0.16)
    _ticks(axes, chart, axes.xaxis)


def _columns(axes: "Axes", chart: Chart, look: _Look) -> None:
    """Standing columns from the left, side by side where there are several."""
    thick = 0.76 / len(chart.series)
    numbered = len(chart.categories) * len(chart.series) <= _VALUES_MAX
    for place, value, at, many in _values(chart):
        centre = place + (at - (many - 1) / 2) * thick
        color = _color(look, value, at, many)
        axes.bar(centre, float(value), width=thick * 0.92, color=color)
        if numbered:
            axes.annotate(
                _short(value, chart.unit),
                (centre, float(value)),
                xytext=(0, 3 if value >= 0 else -3),
                textcoords="offset points",
                ha="center",
                va="bottom" if value >= 0 else "top",
                color=look.ink,
                fontproperties=_font(9),
                parse_math=False,
            )
    axes.set_xticks(range(len(chart.categories)), _names(chart), parse_math=False)
    axes.set_xlim(-0.6, len(chart.categories) - 0.4)
    _range(axes.set_ylim, chart, room=0.1 if numbered else 0.05)
    _ticks(axes, chart, axes.yaxis)


def _color(look: _Look, value: Decimal, at: int, many: int) -> str:
    """The colour of its series; what is below nought has one where there is but one."""
    return look.below if value < 0 and many == 1 else look.bars[at % len(look.bars)]


def _values(chart: Chart) -> Iterator[tuple[int, Decimal, int, int]]:
    """Each number with its place, its series and how many series there are."""
    for at, series in enumerate(chart.series):
        for place, value in enumerate(series.values):
            if value is not None:
                yield place, value, at, len(chart.series)


def _range(limit: Any, chart: Chart, *, room: float) -> None:
    """From the smallest to the largest with nought between, and room for numbers."""
    values = [float(value) for _, value, _, _ in _values(chart)]
    low, high = min(0.0, *values), max(0.0, *values)
    spread = (high - low) or 1.0
    limit(low - (spread * room if low < 0 else 0), high + spread * room)


def _ticks(axes: "Axes", chart: Chart, axis: Any) -> None:
    """Few round numbers with their unit, at the side of the grid."""
    is_x = axis is axes.xaxis
    low, high = axes.get_xlim() if is_x else axes.get_ylim()
    step = _step(high - low)
    first = math.ceil(low / step)
    places = [n * step for n in range(first, math.floor(high / step) + 1)]
    labels = [_short(Decimal(str(place)), chart.unit) for place in places]
    axis.set_ticks(places, labels, parse_math=False)
    axis.grid(visible=True)


def _step(spread: float) -> float:
    """A round step that makes about five of the whole."""
    rough = spread / 5
    power: float = 10.0 ** math.floor(math.log10(rough))
    return next(power * each for each in (1, 2, 2.5, 5, 10) if power * each >= rough)


def _frame(axes: "Axes", look: _Look, *, is_bars: bool) -> None:
    """No box around it: a line at nought, a quiet grid behind."""
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_axisbelow(True)
    for each in axes.get_xgridlines() + axes.get_ygridlines():
        each.set(color=look.grid, linewidth=0.8)
    (axes.axvline if is_bars else axes.axhline)(0, color=look.quiet, linewidth=0.9)
    axes.tick_params(length=0, pad=5)
    for label in axes.get_xticklabels() + axes.get_yticklabels():
        label.set(fontproperties=_font(9), color=look.quiet)
    for label in axes.get_yticklabels() if is_bars else axes.get_xticklabels():
        label.set(color=look.ink)


def _names(chart: Chart) -> list[str]:
    return [_shown(name, _NAME_MAX) for name in chart.categories]


def _short(value: Decimal, unit: str) -> str:
    """A number as short as it can be read: "$1.2m", "-£950", "250k CHF"."""
    much = abs(value)
    is_round = much >= _ROUNDED or much == int(much)
    digits = f"{much:,.0f}" if is_round else f"{much:,.2f}"
    for least, sign in _STEPS:
        # 999,950 is nearer to a million than to any thousand.
        if much >= max(least * Decimal("0.99995"), _SHORTENED):
            digits = f"{much / least:,.1f}".removesuffix(".0") + sign
            break
    minus = "-" if value < 0 else ""
    symbol = _SYMBOLS.get(unit)
    return f"{minus}{symbol}{digits}" if symbol else f"{minus}{digits} {unit}"


def _shown(text: str, limit: int) -> str:
    """A text cut to fit, with a box for each letter that the font has not."""
    known = _letters()
    return "".join(
        char if ord(char) in known else "□" for char in cut(line(text), limit)
    )


@cache
def _file(*, bold: bool) -> Path:
    from matplotlib import get_data_path  # noqa: PLC0415

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return Path(get_data_path()) / "fonts" / "ttf" / name


@cache
def _letters() -> frozenset[int]:
    from matplotlib.ft2font import FT2Font  # noqa: PLC0415

    return frozenset(FT2Font(str(_file(bold=False))).get_charmap())


@cache
def _font(points: int, *, bold: bool = False) -> "FontProperties":
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415

    # Points are of 72 to an inch, ours of 96.
    return FontProperties(fname=str(_file(bold=bold)), size=points * 0.75 * 1.06)

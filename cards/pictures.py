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
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cards.card import Chart, Shape
from cards.plain import cut, line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.font_manager import FontProperties

WIDTH = 640
_NARROW = 344
_COLUMNS_HEIGHT = 320
_BAR_HEIGHT = 30
_FRAME_HEIGHT = 104
# Two dots a CSS pixel, for sharp screens.
_DOTS = 2
_INCH = 96
_NAME_MAX = 26
_NARROW_NAME_MAX = 15
_NARROW_COLUMNS = 6
_ROW = 18
_TITLE_MAX = 70
# Columns with longer or more names than these have them at an angle.
_NAMES_STRAIGHT = 60
_VALUES_MAX = 8
_KEPT = 64
_SYMBOLS = {"USD": "$", "GBP": "£", "EUR": "€", "CAD": "CA$"}
_WHOLE, _TENTH, _CENT = Decimal(1), Decimal("0.1"), Decimal("0.01")
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


def size(chart: Chart, *, narrow: bool = False) -> tuple[int, int]:
    """Width and height of the picture in CSS pixels; `narrow` for a phone's screen."""
    width = _NARROW if narrow else WIDTH
    legend = _ROW * _legend_rows(chart, narrow=narrow)
    if chart.shape is Shape.BARS:
        rows = len(chart.categories) * max(len(chart.series), 1)
        return width, _FRAME_HEIGHT + legend + _BAR_HEIGHT * rows
    return width, _COLUMNS_HEIGHT + legend


def _legend_rows(chart: Chart, *, narrow: bool) -> int:
    """The names of several series have a row each where they cannot stand abreast."""
    return len(chart.series) if narrow and len(chart.series) > 1 else 0


@lru_cache(maxsize=_KEPT)
def png(chart: Chart, *, dark: bool = False, narrow: bool = False) -> bytes:
    """The picture; takes a fraction of a second, so call it in a thread.

    `narrow` is for a phone's screen, where letters have the same size. It has a
    ground of its own, so that it can be read wherever it is shown.
    """
    # matplotlib's text layout is not made for several threads at once.
    with _turn:
        return _drawn(chart, _DARK if dark else _LIGHT, narrow=narrow)


def _drawn(chart: Chart, look: _Look, *, narrow: bool) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    width, height = size(chart, narrow=narrow)
    figure = Figure((width / _INCH, height / _INCH), dpi=_INCH * _DOTS)
    FigureCanvasAgg(figure)
    figure.set_facecolor(look.ground)
    is_bars = chart.shape is Shape.BARS
    names = _names(chart, narrow=narrow)
    straight = _NAMES_STRAIGHT // 2 if narrow else _NAMES_STRAIGHT
    tilted = not is_bars and sum(map(len, names)) > straight
    low = 66 if tilted else 40
    left = (112 if narrow else 198) if is_bars else 58 if narrow else 66
    top = 62 + _ROW * _legend_rows(chart, narrow=narrow)
    right = 22
    axes = figure.add_axes(
        (
            left / width,
            low / height,
            (width - left - right) / width,
            (height - low - top) / height,
        )
    )
    axes.set_facecolor(look.ground)
    _texts(figure, chart, look, narrow=narrow)
    (_bars if is_bars else _columns)(axes, chart, look, narrow=narrow)
    if tilted:
        for label in axes.get_xticklabels():
            label.set(rotation=35, ha="right", rotation_mode="anchor")
    _frame(axes, look, is_bars=is_bars)
    out = io.BytesIO()
    figure.savefig(
        out, format="png", facecolor=look.ground, metadata={"Software": None}
    )
    return out.getvalue()


def _texts(figure: Any, chart: Chart, look: _Look, *, narrow: bool) -> None:
    """Title and unit above; what the categories are stands there too."""
    width, height = size(chart, narrow=narrow)
    literal: dict[str, Any] = {"parse_math": False, "ha": "left", "va": "top"}
    figure.text(
        18 / width,
        1 - 14 / height,
        _shown(chart.title, _TITLE_MAX // 2 if narrow else _TITLE_MAX),
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
    if narrow and len(chart.series) > 1:
        for at, series in enumerate(chart.series):
            figure.text(
                18 / width,
                1 - (36 + _ROW * (at + 1)) / height,
                f"■ {_shown(series.name, _NAME_MAX)}",
                color=look.bars[at % len(look.bars)],
                fontproperties=_font(10),
                **literal,
            )
    elif len(chart.series) > 1:
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


def _bars(axes: "Axes", chart: Chart, look: _Look, *, narrow: bool) -> None:
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
    names = _names(chart, narrow=narrow)
    axes.set_yticks(range(len(names)), names, parse_math=False)
    axes.set_ylim(len(names) - 0.45, -0.55)
    _range(axes.set_xlim, chart, room=0.3 if narrow else 0.16)
    _ticks(axes, chart, axes.xaxis, few=narrow)


def _columns(axes: "Axes", chart: Chart, look: _Look, *, narrow: bool) -> None:
    """Standing columns from the left, side by side where there are several."""
    thick = 0.76 / len(chart.series)
    most = _VALUES_MAX // 2 if narrow else _VALUES_MAX
    numbered = len(chart.categories) * len(chart.series) <= most
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
    names = _names(chart, narrow=narrow)
    # Where not all names have room each second, third … stands there.
    step = math.ceil(len(names) / _NARROW_COLUMNS) if narrow else 1
    places = range(0, len(names), step)
    axes.set_xticks(places, [names[at] for at in places], parse_math=False)
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


def _ticks(axes: "Axes", chart: Chart, axis: Any, *, few: bool = False) -> None:
    """Few round numbers with their unit, at the side of the grid."""
    is_x = axis is axes.xaxis
    low, high = axes.get_xlim() if is_x else axes.get_ylim()
    step = _step(high - low, 3 if few else 5)
    first = math.ceil(low / step)
    places = [n * step for n in range(first, math.floor(high / step) + 1)]
    labels = [_short(Decimal(str(place)), chart.unit) for place in places]
    axis.set_ticks(places, labels, parse_math=False)
    axis.grid(visible=True)


def _step(spread: float, many: int) -> float:
    """A round step that makes about so many of the whole."""
    rough = spread / many
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


def _names(chart: Chart, *, narrow: bool) -> list[str]:
    most = _NARROW_NAME_MAX if narrow else _NAME_MAX
    return [_shown(name, most) for name in chart.categories]


def _short(value: Decimal, unit: str) -> str:
    """A number as short as it can be read: "$1.2m", "-£950", "250k CHF"."""
    much = abs(value)
    is_round = much >= _ROUNDED or much == int(much)
    places = _WHOLE if is_round else _CENT
    digits = f"{much.quantize(places, ROUND_HALF_UP):,}"
    for least, sign in _STEPS:
        # 999,950 is nearer to a million than to any thousand.
        if much >= max(least * Decimal("0.99995"), _SHORTENED):
            some = (much / least).quantize(_TENTH, ROUND_HALF_UP)
            digits = f"{some:,}".removesuffix(".0") + sign
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

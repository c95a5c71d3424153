"""Texts that strangers might write, and cards full of them."""

from decimal import Decimal

from hypothesis import strategies as st

from cards.card import (
    Button,
    Card,
    Chart,
    Fact,
    Field,
    Link,
    Section,
    Series,
    Shape,
    Style,
    Table,
    Tone,
)

_ADDRESS = "https://countersign.example/x"

FRAGMENTS = (
    "<!channel>",
    "<!here|x>",
    "<@U012AB3CD>",
    "<https://evil.example|Your bank>",
    "https://evil.example/pay?a=1&b=2",
    "evil.example",
    "someone@evil.example",
    "[a](https://evil.example)",
    "**bold** *bold* _it_ ~~gone~~ ~gone~ `code`",
    "```\nblock\n```",
    "# Title\n- one\n1. two\n> quoted",
    ":tada: :+1:",
    "{{DATE(2026-11-20T10:00:00Z,SHORT)}} {{{TIME(x)}}}",
    "<at>Priya</at>",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"'><b onclick='x'>",
    "&lt;b&gt; &amp;",
    "\u202egnp.exe\u202c \u2066x\u2069",
    "zero\u200bwidth\u200djoin\ufeff\u00ad",
    "\x1b[31mred\x1b[0m\x07\x00",
    "two\r\nlines\u2028three\x85four",
    "e" + "\u0301" * 40,
    "\U000e0041\U000e0042\ufe01",
    "\u3164\u2800",
    "\ud800half",
    "שלום עולם 123",
    "日本語テキスト",
    "@channel @everyone #general",
    "|a|b|\n|-|-|",
    "\\*escaped\\*",
)

texts = st.one_of(
    st.sampled_from(FRAGMENTS),
    st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=4).map(" ".join),
    st.text(max_size=40),
    st.integers(300, 9000).map(lambda size: "x" * size),
    st.sampled_from(FRAGMENTS).map(lambda text: text * 300),
)
_short = st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=30))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    width = draw(st.integers(1, 6))
    cells = st.tuples(*[_short] * width)
    rows = tuple(draw(st.lists(cells, max_size=6)))
    return Table(
        columns=draw(cells),
        rows=rows,
        numeric=tuple(draw(st.sets(st.integers(0, width - 1)))),
        emphasis=tuple(draw(st.sets(st.integers(0, 5)))),
        indents=tuple(draw(st.lists(st.integers(0, 9), max_size=6))),
        more=draw(st.none() | _short),
        caption=draw(st.none() | _short),
        links=tuple(draw(st.lists(st.sampled_from(("", _ADDRESS)), max_size=6))),
    )


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    """Charts with at least one number; their names are strangers'."""
    many = draw(st.integers(1, 4))
    numbers = st.none() | st.decimals(-(10**9), 10**9, places=2)
    others = st.tuples(*[numbers] * (many - 1))
    return Chart(
        title=draw(_short),
        shape=draw(st.sampled_from(Shape)),
        axis=draw(_short),
        unit="USD",
        categories=draw(st.tuples(*[_short] * many)),
        series=tuple(
            Series(draw(_short), (Decimal(1), *draw(others)))
            for _ in range(draw(st.integers(1, 3)))
        ),
        text=draw(texts),
    )


facts = st.builds(Fact, label=_short, value=texts, before=st.none() | _short)
sections = st.builds(
    Section,
    heading=st.none() | _short,
    texts=st.lists(texts, max_size=3).map(tuple),
    facts=st.lists(facts, max_size=3).map(tuple),
    table=st.none() | tables(),
    chart=st.none() | charts(),
)
buttons = st.builds(
    Button,
    label=texts,
    verb=st.sampled_from(("say", "approve", "sync.now")),
    token=_short,
    style=st.sampled_from(Style),
    confirm=st.none() | texts,
)


@st.composite
def cards(draw: st.DrawFn) -> Card:
    """Any card; its verbs, field ids and addresses are ours, its texts are not."""
    made = draw(st.lists(buttons, max_size=8))
    if draw(st.booleans()):
        asked = Field("reason", draw(_short), placeholder=draw(_short))
        made.append(Button(draw(_short), "reject", "t", asks=(asked,)))
    return Card(
        title=draw(texts),
        summary=draw(texts),
        banner=draw(st.none() | _short),
        status=draw(st.none() | _short),
        tone=draw(st.sampled_from(Tone)),
        sections=tuple(draw(st.lists(sections, max_size=3))),
        buttons=tuple(made),
        links=tuple(
            Link(label, "https://countersign.example/x")
            for label in draw(st.lists(_short, max_size=2))
        ),
        footnotes=tuple(draw(st.lists(texts, max_size=3))),
    )


def full_of(text: str) -> Card:
    """A card in which one text stands wherever a stranger's can."""
    rows, links = ((text, text), (text, "")), (_ADDRESS,)
    table = Table((text, text), rows, (1,), (1,), (0, 2), text, links=links)
    series = (Series(text, (Decimal(3), Decimal(-1))), Series(text, (Decimal(2), None)))
    chart = Chart(text, Shape.COLUMNS, text, "USD", (text, text), series, text)
    return Card(
        title=text,
        summary=text,
        banner=text,
        status=text,
        sections=(
            Section(
                heading=text,
                warnings=(("Warning", text),),
                texts=(text, text),
                facts=(Fact(text, text, text),),
                table=table,
                chart=chart,
            ),
        ),
        buttons=(
            Button(text, "say", text),
            Button(text, "approve", "t", Style.PRIMARY, confirm=text),
            Button(text, "reject", "t", asks=(Field("f", text, placeholder=text),)),
        ),
        links=(Link(text, "https://countersign.example/x"),),
        footnotes=(text,) * 12,
    )

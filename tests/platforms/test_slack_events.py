"""Slack's text, as its author saw it."""

import pytest

from bot.slack_events import mentioned, plain

NAMES = {"U2": "Ada Lovelace"}


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        ("<@U0BOT> who owes us money", "who owes us money"),
        ("hey <@U0BOT>, who owes us", "hey , who owes us"),
        ("<@U0BOT|countersign> help", "help"),
        ("ask <@U2> about it", "ask @Ada Lovelace about it"),
        ("ask <@U9|sam> about it", "ask @sam about it"),
        ("ask <@U9> about it", "ask @U9 about it"),
        ("in <#C1|finance> and <#C2>", "in #finance and #C2"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("<mailto:a@b.example>", "a@b.example"),
        ("<tel:+15550100|+1 555 0100>", "+1 555 0100"),
        ("<http://brightside.example|Brightside.example>", "Brightside.example"),
        ("<https://x.example/a?b=1&amp;c=2>", "https://x.example/a?b=1&c=2"),
        ("<!here> and <!subteam^S1|@team>", "@here and @team"),
        ("<!date^1^{date}|yesterday>", "yesterday"),
        ("Send &amp; Co &lt;b&gt;", "Send & Co <b>"),
        ("typed &lt;@U2&gt; by hand", "typed <@U2> by hand"),
        ("twice &amp;lt;", "twice &lt;"),
        ("&copy; stays", "&copy; stays"),
        ("a\u00a0b   c", "a b c"),
        ("one\n\n two ", "one\ntwo"),
        ("", ""),
    ],
)
def test_a_message_reads_as_its_author_saw_it(raw: str, seen: str) -> None:
    assert plain(raw, "U0BOT", NAMES) == seen


def test_the_people_a_text_mentions_are_found() -> None:
    assert mentioned("<@U2> and <@W3|x> but not &lt;@U4&gt;") == {"U2", "W3"}

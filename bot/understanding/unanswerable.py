"""What a question narrows that its answer could not: asked, rather than left out.

An answer to less than was asked looks like the whole of it.
"""

from datetime import timedelta

from bot.understanding import filters
from bot.understanding.interpretation import Interpretation
from bot.understanding.questions import ask_action
from bot.understanding.reading import Gathered, Reading
from bot.understanding.sentence import Sentence

# What is owed is of today; of another day the aging reports tell it.
_OF_A_DAY = {"receivables.list": "report.ar_aging", "payables.list": "report.ap_aging"}
_OF_NOW = frozenset(
    [*_OF_A_DAY, "account.show", "accounts.list", "customers.list", "vendors.list"]
)

_SUM = (
    r"(?:over|above|more than|greater than|bigger than|larger than|at least|under"
    r"|below|less than|smaller than|up to|at most) (?:{MONEY})(?! (?:days?|weeks?))"
)
_METHOD = (
    r"(?:by|in|via|through) (?:check|cash|card|credit card|transfer|bank transfer|ach"
    r"|wire|bacs|direct debit)(?= )|(?:cash|check|card|credit card|ach|transfer) "
    r"payments?(?= )"
)
_FIELD = r"(?:without|with no|no|missing|lacking|have no|has no) (?:an? |any )?"
_CURRENCY = r"in (?:euros?|dollars?|pounds?|eur|usd|gbp|foreign currency)(?= )"

# By the action, what it cannot be narrowed to, and what else may be meant.
_LOST: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("payments.list", rf"{_SUM}|{_METHOD}|{_CURRENCY}", ()),
    ("credit_memos.list", rf"{_SUM}|{_CURRENCY}", ()),
    ("invoices.list", _CURRENCY, ()),
    ("bills.list", _CURRENCY, ()),
    ("customers.list", _FIELD + r"(?:email|phone|address|terms)", ()),
    ("vendors.list", _FIELD + r"(?:email|phone|address|terms)", ()),
    ("report.profit_and_loss", r"(?:for|from|of|with|on) {C}", ("sales.total",)),
)
_KINDS = (
    ("invoices.list", "invoices"),
    ("bills.list", "bills"),
    ("payments.list", "payments"),
    ("expenses.list", "expenses"),
)
_BETWEEN_DAYS = r"(?:\d+|<doc:i>) (?:to|-) \d+ days? (?:overdue|late|past due|old)"
_DAYS_MAX = 36_500
_OLD = r"(?:over|more than|older than) (?P<count>\d+) (?P<grain>days?|weeks?)(?= )"


def question(sentence: Sentence) -> Interpretation | None:
    """What is asked of a message whose words no single read answers."""
    if sentence.has(_BETWEEN_DAYS):
        return ask_action(("report.ar_aging", "receivables.list"))
    nouns = "|".join(noun for _, noun in _KINDS)
    found = sentence.search(
        rf"(?P<one>{nouns}) (?:and|or)(?: (?:all|the|their|our|unpaid|open|overdue))* "
        rf"(?P<two>{nouns})(?= )"
    )
    if found is None:
        return None
    said = {sentence.parts[found.groups[each][0]].symbol for each in ("one", "two")}
    kinds = tuple(action for action, noun in _KINDS if noun in said)
    return ask_action(kinds) if len(kinds) > 1 else None


def lost(action: str, sentence: Sentence) -> Interpretation | None:
    """The question that stands before an answer to less than was asked."""
    for known, source, others in _LOST:
        if known == action and sentence.has(source):
            return ask_action((*others, action))
    return None


def of_its_day(reading: Reading, action: str, sentence: Sentence) -> str | None:
    """The action that tells what was owed on a day gone by; None where none does."""
    today = reading.today
    gone = any(
        when.behind.end is not None and when.behind.end < today
        for when in filters.days(sentence)
    )
    if not gone or action not in _OF_NOW:
        return action
    # No aging report names the largest, or those of so many days.
    ranked = sentence.has(r"top|biggest|largest|worst|\d+ (?:days?|weeks?)")
    return None if ranked else _OF_A_DAY.get(action)


def age(reading: Reading, sentence: Sentence, gathered: Gathered) -> None:
    """Such as "invoices over 60 days old": those of 61 days ago and before."""
    found = sentence.search(_OLD)
    if found is None or "period" in gathered.arguments:
        return
    if not sentence.has(r"old|older") or sentence.has("overdue|late"):
        return
    count = int(sentence.parts[found.groups["count"][0]].symbol)
    grain = sentence.parts[found.groups["grain"][0]].symbol
    days = min(count * (7 if grain.startswith("week") else 1), _DAYS_MAX)
    end = reading.today - timedelta(days=days + 1)
    gathered.arguments["period"] = {"end": end.isoformat()}

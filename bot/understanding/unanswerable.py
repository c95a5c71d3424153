"""What a question narrows that its answer could not: asked, rather than left out.

An answer to less than was asked looks like the whole of it.
"""

from datetime import timedelta

from bot.understanding import filters
from bot.understanding.interpretation import Interpretation
from bot.understanding.moments import distance
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
    r"(?:by|in|via|through|with|using) (?:(?:a|the|our) )*(?:check|cash|(?:credit |"
    r"debit )?card|(?:bank )?transfer|ach|wire|bacs|direct debit|paypal)(?= )|(?:cash"
    r"|card|ach|transfer) (?:payments?|expenses|purchases|spend|spending)(?= )"
    r"|(?<!^ )check payments?(?= )"
)
_FIELD = r"(?:without|with no|no|missing|lacking|have no|has no) (?:an? |any )?"
_CURRENCY = r"in (?:euros?|dollars?|pounds?|eur|usd|gbp|foreign currency)(?= )"

# By the action, what it cannot be narrowed to, and what else may be meant.
_LOST: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("payments.list", rf"{_SUM}|{_METHOD}|{_CURRENCY}", ()),
    ("credit_memos.list", rf"{_SUM}|{_CURRENCY}", ()),
    ("invoices.list", _CURRENCY, ()),
    ("bills.list", rf"{_METHOD}|{_CURRENCY}", ()),
    ("expenses.list", rf"{_METHOD}|{_CURRENCY}", ()),
    ("spend.total", rf"{_METHOD}|{_CURRENCY}", ()),
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
# A hundred years: nothing in the books is older.
_OLDEST = {"day": 36_500, "week": 5_200, "month": 1_200}
_OLD = (
    r"(?P<over>over|more than|older than) (?P<count>\d+) (?P<grain>{GRAIN})(?= )"
    r"|(?P<least>\d+) (?P<unit>{GRAIN}) (?:or more )?old"
).replace("{GRAIN}", "days?|weeks?|months?")


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


# Whose debts are told without a bound; the documents behind them have one.
_DOCUMENTS = {"receivables.list": "invoices.list", "payables.list": "bills.list"}


def bounded(action: str, sentence: Sentence) -> Interpretation | None:
    """The question of who owes more than so much: by document, or all of them?"""
    documents = _DOCUMENTS.get(action)
    found = sentence.search(_SUM) if documents is not None else None
    if documents is None or found is None:
        return None
    gathered = Gathered({"status": "open"})
    said = sentence.said(found.first, found.last).strip()
    filters.amounts(sentence.copy(), gathered)
    return ask_action(
        (documents, action),
        gathered.arguments,
        text=f'I cannot narrow what is owed in all by "{said}". Shall I list the open'
        f" {documents.removesuffix('.list')} {said}, or all that is owed?",
    )


def lost(action: str, sentence: Sentence) -> Interpretation | None:
    """The question that stands before an answer to less than was asked."""
    asked = bounded(action, sentence)
    if asked is not None:
        return asked
    for known, source, others in _LOST:
        found = sentence.search(source) if known == action else None
        if found is not None:
            said = sentence.said(found.first, found.last).strip()
            text = f'I cannot narrow it by "{said}". Shall I show all of it?'
            return ask_action((*others, action), text=text if not others else "")
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
    """Such as "invoices over 60 days old": those of 61 days ago and before.

    "Two weeks old" is at least that old.
    """
    found = sentence.search(_OLD)
    if found is None or "period" in gathered.arguments:
        return
    if not sentence.has(r"old|older") or sentence.has("overdue|late"):
        return
    counted, grained = ("count", "grain") if "over" in found.groups else _AT_LEAST
    count = int(sentence.parts[found.groups[counted][0]].symbol)
    grain = sentence.parts[found.groups[grained][0]].symbol.rstrip("s")
    end = distance(reading.today, -min(count, _OLDEST[grain]), grain)
    if counted == "count":
        end -= timedelta(days=1)
    gathered.arguments["period"] = {"end": end.isoformat()}


_AT_LEAST = ("least", "unit")

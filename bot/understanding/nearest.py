"""The nearest readings of a message that was not understood.

Each is a whole sentence that is read as just that: by its subject's words, however
misspelt, and with the names, numbers and days of the message where they fit.
"""

from datetime import date

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.understanding import canonical, reads, writes
from bot.understanding.conversation import interpret
from bot.understanding.interpretation import ACTIONS, Interpretation
from bot.understanding.names import index_of
from bot.understanding.reading import Reading
from bot.understanding.text import LENGTH_MAX, clean
from qbo.books import Names

COUNT = 2
_ALIKE = 0.6
_SHORT = 3
# What is offered where nothing is near.
_ANYWAY = ("who owes us money", "overdue invoices")

# The words that each subject is talked about in.
_TOPICS: dict[str, str] = {
    "receivables.list": "owe owes owing debt debtors receivable chase late money",
    "invoices.list": "invoice invoices overdue unpaid outstanding unsent due open",
    "invoice.show": "invoice number status paid",
    "invoice.pdf": "pdf print download copy invoice",
    "payments.list": "payment payments paid received receipts incoming",
    "credit_memos.list": "credit credits memo memos note notes",
    "customers.list": "customers clients buyers customer",
    "customer.show": "customer client contact details phone email",
    "vendors.list": "vendors suppliers vendor supplier",
    "vendor.show": "vendor supplier contact details phone email",
    "bills.list": "bill bills payable due supplier",
    "payables.list": "owe payable payables creditors suppliers vendors",
    "expenses.list": "expense expenses purchases bought costs charges",
    "spend.total": "spend spent spending cost costs expenditure budget",
    "sales.total": "sales sold turnover revenue billed selling best",
    "items.list": "items products services price prices stock inventory catalogue",
    "item.show": "price charge cost rate item product service",
    "accounts.list": "accounts account chart bank cash",
    "account.show": "account balance bank cash card",
    "report.profit_and_loss": "profit loss income earnings margin performance money",
    "report.balance_sheet": "balance sheet assets liabilities equity position",
    "report.ar_aging": "aging aged receivable debtors buckets",
    "report.ap_aging": "aging aged payable creditors",
    "report.cash_flow": "cash flow cashflow liquidity",
    "company.show": "company business books organisation",
    "proposals.list": "proposal proposals approval approvals pending waiting",
    "invoice.create": "invoice bill charge create raise make",
    "invoice.send": "send email mail resend invoice issue",
    "invoice.void": "void cancel invoice",
    "payment.record": "paid payment received record got cheque check",
    "customer.create": "customer client add new create",
    "vendor.create": "vendor supplier add new create",
    "expense.create": "spent bought expense record paid",
    "bill.pay": "pay settle bill vendor supplier",
}
# What a name or a document's number is most often asked about.
_NAMED = {
    "c": (("customer.show", 0.6), ("invoices.list", 0.5), ("receivables.list", 0.4)),
    "v": (("bills.list", 0.5), ("expenses.list", 0.4)),
    "i": (("item.show", 0.5), ("sales.total", 0.4)),
    "a": (("spend.total", 0.5), ("expenses.list", 0.4)),
}
_WORDS: dict[str, frozenset[str]] = {
    action: frozenset(words.split()) for action, words in _TOPICS.items()
}
_ALL = sorted({word for words in _WORDS.values() for word in words})


def readings(text: str, names: Names, today: date) -> tuple[str, ...]:
    """The nearest readings as sentences, the likeliest first; always as many."""
    reading = Reading(clean(text[:LENGTH_MAX]), index_of(names), today)
    near = _near_words(reading)
    scores = {
        action: sum(share for word, share in near.items() if word in words)
        for action, words in _WORDS.items()
    }
    for part in reading.sentence.parts:
        letters = part.value if part.symbol.startswith("<name:") else ()
        for letter in letters:
            for action, share in _NAMED[letter]:
                scores[action] += share
        if part.symbol == "<doc:i>":
            scores["invoice.show"] += 0.6
    found: list[tuple[float, str]] = []
    for action, score in scores.items():
        made = _made(reading, action) if score else None
        said = None if made is None else _said(made, names, today)
        if made is not None and said is not None:
            # Of two as near, the one that takes up more of what was said.
            found.append((score + 0.5 * len(made.arguments), said))
    ranked = [said for _, said in sorted(found, key=lambda each: (-each[0], each[1]))]
    return tuple(dict.fromkeys((*ranked, *_ANYWAY)))[:COUNT]


def _near_words(reading: Reading) -> dict[str, float]:
    """The subjects' words that a message has, each with how like it was typed."""
    near: dict[str, float] = {}
    for part in reading.raw.parts:
        for word in {part.symbol, part.fold}:
            if not word.isalpha() or len(word) < _SHORT:
                continue
            found = process.extractOne(
                word, _ALL, scorer=OSA.normalized_similarity, score_cutoff=_ALIKE
            )
            if found is not None:
                near[found[0]] = max(near.get(found[0], 0.0), float(found[1]))
    return near


def _made(reading: Reading, action: str) -> Interpretation | None:
    """The complete meaning that a message has as that action; None where none."""
    if ACTIONS[action].kind == "write":
        made = writes.as_action(reading, action)
    else:
        sentence = reading.for_reading()
        made = reads.finished(reading, action, reads.gather(reading, action, sentence))
    return None if made.kind == "clarify" else made


def _said(made: Interpretation, names: Names, today: date) -> str | None:
    """The sentence, where it is read as just that again."""
    said = canonical.sentence(made)
    if said is None:
        return None
    again = interpret(said, names, today)
    same = (again.kind, again.action, again.arguments)
    return said if same == (made.kind, made.action, made.arguments) else None

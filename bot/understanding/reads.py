"""Questions: which one it is, and what narrows it.

`RULES` are tried in order; the first that matches is the read. What a read may
take is the contract's own table, so that every argument is looked for in one
place and in one way.
"""

from dataclasses import dataclass
from datetime import date

from bot.understanding import filters
from bot.understanding.dates import When
from bot.understanding.days import Span
from bot.understanding.interpretation import ACTIONS, Interpretation
from bot.understanding.parties import (
    fits_of,
    in_slot,
    phrases,
    prefer_account,
    resolve,
    unresolved,
)
from bot.understanding.questions import ask
from bot.understanding.reading import ARGUMENT_LETTERS, Doubt, Gathered, Reading
from bot.understanding.sentence import Sentence
from bot.understanding.text import Part


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to ask for one read.

    `has` are the kinds of names that have to be in the sentence, any one of
    them; `lacks` those that must not be.
    """

    action: str
    pattern: str
    has: str = ""
    lacks: str = ""


_SHOWING = r"(?:show|list|see|view|find|get|pull|give|display|open|check|look)"
_LIST_END = r"(?:invoices|invoice)"
_VENDOR_SIDE = r"(?:bills?|vendors?|payables?|creditors?|ap|we owe)"

RULES: tuple[Rule, ...] = (
    # Proposals.
    Rule("proposals.list", r"(?:approve|reject|decline|sign) (?:everything|all|them)"),
    Rule("proposal.show", r"<p>"),
    Rule(
        "proposals.list", r"proposals?|(?:my|any|the|pending|open|which|what) requests?"
    ),
    Rule(
        "proposals.list",
        r"(?:waiting|pending|awaiting|waits|wait|needs?|requires?|requiring|ready|"
        r"stuck)"
        r"(?: (?:for|on|to|be|my|your|our|an|in|the|someone's|somebody's))* "
        r"(?:approval|approvals|approved|approve|approving|review|decision)",
    ),
    Rule("proposals.list", r"approvals?|approval queue|(?:to|should i|can i) approve"),
    Rule(
        "proposals.list",
        r"(?:what is|what|anything|is anything|whats|what s) (?:is )?"
        r"(?:still )?(?:pending|waiting)(?: (?:for|on) (?:me|us|you))?(?: \?)? $",
    ),
    # One document.
    Rule("invoice.pdf", r"(?:pdf|pdfs|print|download|printout)", lacks="iva"),
    Rule("invoice.pdf", r"copy (?:of )?(?:\S+ ){0,2}(?:{DOC}|invoice|\d{3,})"),
    # Reports.
    Rule(
        "report.ap_aging",
        r"(?:ap|payables?|creditors?|bills?|vendors?|{V})"
        r"(?: \S+){0,3} aging|aging(?: \S+){0,4} (?:ap|payables?|creditors?|bills?"
        r"|vendors?|we owe)",
    ),
    Rule("report.ap_aging", r"aging", has="v", lacks="c"),
    Rule("report.ar_aging", r"aging"),
    Rule("report.balance_sheet", r"balancesheet|(?:statement of )?financial position"),
    Rule(
        "report.cash_flow",
        r"cashflow|(?:where|how) (?:did|is) (?:the |our )?cash "
        r"(?:go|going|moving)|statement of cash",
    ),
    Rule("accounts.list", r"chartofaccounts|list of accounts"),
    Rule(
        "accounts.list",
        r"(?:how much|what|whats)(?: \S+){0,3} (?:cash|money)"
        r"(?: (?:do|have|we|is|in|on|hand|the|there|all|of|our|got|left))* "
        r"(?:have|hand|bank|banks|got|left|there)",
        lacks="a",
    ),
    Rule(
        "accounts.list",
        r"(?:cash|bank) (?:position|balances?|on hand)|cash in (?:the )?"
        r"bank|(?:what|whats) (?:is )?in the bank|bank accounts?",
        lacks="acv",
    ),
    Rule("accounts.list", r"accounts(?! \S* ?\d)", lacks="cv"),
    Rule(
        "accounts.list",
        r"(?:list|show|what|which|all|any|our)(?: \S+){0,3} "
        r"(?:credit cards|liabilities|assets|loans)",
        lacks="acv",
    ),
    Rule("report.profit_and_loss", r"pnl"),
    Rule(
        "report.profit_and_loss",
        r"(?:profits?|net income|gross margin|margins?|"
        r"profitable|bottom line|income|earnings|net loss|losses|gross income|"
        r"profitability|operating income|in the black|in the red)",
        lacks="aci",
    ),
    Rule(
        "report.profit_and_loss",
        r"(?:profits?|profitable|margin|net income|income)"
        r"(?: \S+)* (?:by|per) (?:customer|class|month|quarter)",
        lacks="",
    ),
    Rule(
        "report.profit_and_loss",
        r"(?:did|do|are|have|were|how much)(?: \S+){0,4} "
        r"(?:make|making|made|earn|earned|earning|lose|lost|losing)(?: \S+){0,2}"
        r"(?: (?:money|profit))?",
        lacks="cvia",
    ),
    Rule(
        "report.profit_and_loss",
        r"how (?:did|are|were|have|is) (?:we|the business|"
        r"business|things|the company)(?: been)? (?:do|doing|done|going)?",
        lacks="cvia",
    ),
    # Money out.
    Rule("bill.show", r"<doc:b>"),
    Rule("spend.total", r"(?:spend|spent|spending|spends|expenditure)"),
    Rule(
        "spend.total",
        r"(?:total|sum of|breakdown of|break down)(?: our| the| my| all)*"
        r" (?:expenses|costs|spend)|(?:expenses|costs) total",
    ),
    Rule(
        "spend.total",
        r"(?:expenses?|costs?)(?: \S+)* (?:by|per|for each) (?:vendor|"
        r"vendors|account|category|month|payee|supplier|type)",
    ),
    Rule("spend.total", r"(?:monthly|annual) (?:expenses|costs)"),
    Rule(
        "spend.total",
        r"(?:how much|what)(?: \S+){0,4} (?:pay|paid|paying|cost|costs|"
        r"costing|going)",
        has="va",
        lacks="ci",
    ),
    Rule(
        "spend.total",
        r"(?:top|biggest|largest|main|most expensive)(?: \d+)?(?: \S+)? "
        r"(?:vendors?|categories|cost|costs|spending)",
    ),
    Rule(
        "spend.total",
        r"how much (?:was|is|were|are)(?: (?:the|our|we|my|total))* "
        r"(?:expenses|costs|{A})",
        lacks="ci",
    ),
    Rule("spend.total", r"costs?(?: of| for)? (?:the |our )?{A}", lacks="ci"),
    Rule("expenses.list", r"(?:expenses?|purchases?|expenditures?|buy|bought|purchased)"),
    Rule("expenses.list", r"(?:charges|charged|transactions)", has="va", lacks="c"),
    Rule(
        "payables.list",
        r"(?:do|did|that|we|i|still|who|much) we (?:still |currently )?"
        r"owe|we (?:still |currently )?owe|payables?|creditors?|(?:our|my) debts"
        r"|we re owing|owed to (?:{V}|vendors?)|owed by us",
    ),
    Rule("payables.list", r"(?:balance|outstanding|owing|owed)", has="v", lacks="ca"),
    Rule(
        "bills.list",
        r"bills|(?:a|any|the|last|latest|newest|oldest|largest|biggest)"
        r"(?: \S+){0,2} bill|bill",
    ),
    Rule("bills.list", r"(?:overdue|unpaid|due|open)", has="v", lacks="c"),
    # Money in.
    Rule("credit_memos.list", r"creditmemos?|credits"),
    Rule("payments.list", r"payments?(?: \S+)* (?:for|on|against|to|towards)(?: \S+)? <doc:i>"),
    Rule("invoice.show", r"<doc:i>"),
    Rule("payments.list", r"when did(?: \S+){0,3} (?:pay|paid)"),
    Rule("payments.list", r"payments?|receipts"),
    Rule(
        "payments.list",
        r"(?:who|what|which|how much|did|has|have|was|were|anyone|"
        r"anybody|money|cash)(?: \S+)* (?:paid|pay|received|receive|collected|collect|"
        r"came in|come in|got in|sent us)(?: us| in)?(?! invoices)",
        lacks="v",
    ),
    Rule(
        "payments.list",
        r"(?:received|collected|paid us|came in)(?: \S+)*? <date>",
        lacks="v",
    ),
    Rule(
        "sales.total",
        r"(?:sales|turnover|sold|sell|sells|selling|sellers?|billings|"
        r"seller|bestsellers?)",
    ),
    Rule(
        "sales.total",
        r"revenues?(?: \S+)* (?:by|per|from) (?:customer|item|product|"
        r"service|each customer|month by customer)",
    ),
    Rule(
        "sales.total",
        r"(?:revenues?|income|business|earned|earn|make|made)",
        has="ci",
        lacks="a",
    ),
    Rule("report.profit_and_loss", r"revenues?"),
    Rule(
        "sales.total",
        r"(?:how much|what|total|amount)(?: (?!owe|owes|outstanding|"
        r"overdue|unpaid)\S+)* (?:billed|invoiced|invoicing|billing|charged)",
        lacks="v",
    ),
    Rule(
        "sales.total",
        r"(?:have|did|do) we(?: \S+){0,2} (?:billed|invoiced|bill|invoice)"
        r"(?: \S+)* <date>",
        has="c",
        lacks="v",
    ),
    Rule(
        "sales.total",
        r"(?:top|biggest|best|largest|main)(?: \d+)? (?:customers?|items?|"
        r"products?|services?)|customers by (?:sales|revenue|size|volume)",
    ),
    Rule("receivables.list", r"(?:owes?|owed|owing|debts?|debtors?|receivables?)"),
    Rule(
        "receivables.list",
        r"(?:how much|what amount|total)(?: \S+)* (?:outstanding|"
        r"overdue|unpaid|due|late)",
    ),
    Rule(
        "receivables.list",
        r"(?:who|which customers?|anyone|anybody|customers?|any "
        r"customers?)(?: \S+){0,3} (?:overdue|late|behind|unpaid|(?:not|yet to) (?:pay|"
        r"paid)|(?:hasn't|haven't|hasnt|havent|hasn|haven|isn't) (?:\S+ )?(?:paid|"
        r"pay))",
    ),
    Rule(
        "receivables.list",
        r"slow(?:est)? payers?|late payers?|who (?:do|should) (?:i|we)"
        r" (?:need to )?(?:chase|collect)|chase",
    ),
    Rule(
        "receivables.list",
        r"\d+ (?:\+ |plus |or more )?days (?:or more )?(?:overdue|"
        r"late|behind)",
        lacks="",
    ),
    Rule(
        "customers.list",
        r"customers?(?: \S+)* balances?|(?:who|which|everyone)"
        r"(?: \S+){0,3} (?:has|have|with)(?: a| an| any| open)* balances?",
        lacks="cva",
    ),
    Rule("receivables.list", r"balances?", has="c", lacks="a"),
    Rule("account.show", r"balances?", has="a", lacks="cv"),
    Rule(
        "account.show",
        r"(?:how much|what|whats|money|cash|funds|left|balance)"
        r"(?: \S+)* (?:in|on|of|at|left in)(?: the| our| my)* {A}",
    ),
    Rule("account.show", r"balances?(?: \S+)* account", lacks="cv"),
    Rule("invoice.show", r"(?:latest|last|newest)(?: {C})? invoice", has="c"),
    Rule(
        "invoices.list",
        r"(?:invoices?|overdue|outstanding|unpaid|voided|unsent|due|"
        r"invoiced|billed)",
        lacks="v",
    ),
    # Lists of names, and what is known of one.
    Rule(
        "item.show",
        r"(?:charge|price|prices|cost|rate|rates|stock|how many|sku|pricing"
        r"|per|left|hand)(?! list)",
        has="i",
        lacks="c",
    ),
    Rule(
        "item.show",
        r"(?:how much|what)(?: \S+)* (?:charge|cost|price|rate)"
        r"(?: \S+){0,2} (?:for|of|per)",
    ),
    Rule("item.show", r"(?:price|rate|cost) (?:of|for)(?: \S+)+"),
    Rule(
        "items.list",
        r"(?:price ?list|pricelist|prices|pricing|items|products|services|"
        r"inventory|stock|rate card|catalog|catalogue|rates|product list|item list)",
        lacks="cv",
    ),
    Rule("items.list", r"what (?:do|can) we (?:sell|offer|charge)"),
    Rule("vendors.list", r"vendors"),
    Rule("vendor.show", r"vendor"),
    Rule(
        "customers.list",
        r"customers|customer (?:list|names?)|customer(?: \S+){0,2} "
        r"(?:called|named)",
    ),
    Rule("customer.show", r"customer"),
    Rule("item.show", r"(?:item|product|service)"),
    Rule("account.show", r"account", lacks="cv"),
    Rule(
        "company.show",
        r"(?:which|what|whats|current|this|show|our|the|about)"
        r"(?: \S+){0,3} compan(?:y|ies)|company (?:info|information|details|name|"
        r"profile)"
        r"|whose books|which (?:quickbooks|books)",
    ),
)


def meant(reading: Reading, sentence: Sentence) -> str | None:
    """The read that a sentence asks for by its own words."""
    by_number = _by_number(sentence)
    if by_number is not None:
        return by_number
    letters = _letters(sentence)
    for rule in RULES:
        if rule.has and not set(rule.has) & letters:
            continue
        if set(rule.lacks) & letters:
            continue
        if sentence.has(rule.pattern):
            return rule.action
    del reading
    return None


def _letters(sentence: Sentence) -> set[str]:
    """The kinds of names in a sentence.

    Of two kinds the one said in full counts; of a customer's and a vendor's the
    customer's, for without a word for vendors the customer side is meant.
    """
    found: set[str] = set()
    for part in sentence.parts:
        if part.symbol.startswith("<name:"):
            kinds = {letter for letter, fit in part.value.items() if fit.whole}
            kinds = kinds or set(part.value)
            found |= kinds - {"v"} if "c" in kinds else kinds
    return found


def _by_number(sentence: Sentence) -> str | None:
    """A bare number is an invoice's."""
    source = (
        r"(?<=^ )(?:(?:show|open|pull up|see|view|what|about|status|of|is|has|was"
        r"|been|paid|the|me|whats|when|due|check|on|for|\?) )*(?P<number>\d{3,})"
        r"(?: (?:paid|been|sent|due|is|overdue|status|void|voided|yet|now|please|\?))* "
        r"$"
    )
    found = sentence.search(source)
    if found is None or len(sentence.parts) > 9:
        return None
    place = found.groups["number"][0]
    sentence.parts[place].symbol = "<doc:i>"
    sentence.parts[place].value = str(sentence.said(place, place + 1))
    sentence.changed()
    return "invoice.show"


_ACCOUNT_TYPES = (
    ("Fixed Asset", r"fixed assets?"),
    ("Other Current Asset", r"(?:other )?current assets?"),
    ("Other Current Liability", r"(?:other )?current liabilit(?:y|ies)"),
    (
        "Long Term Liability",
        r"long - ?term liabilit(?:y|ies)|long term liabilit(?:y|ies)",
    ),
    ("Accounts Receivable", r"receivables"),
    ("Accounts Payable", r"payables"),
    ("Other Income", r"other income"),
    ("Other Expense", r"other expenses?"),
    ("Cost of Goods Sold", r"cost of (?:goods sold|sales)|cogs"),
    ("Credit Card", r"credit cards?|cards?"),
    ("Bank", r"banks?|cash|checking|money"),
    ("Income", r"income"),
    ("Revenue", r"revenues?"),
    ("Expense", r"expenses?"),
    ("Asset", r"assets?"),
    ("Liability", r"liabilit(?:y|ies)|loans?"),
    ("Equity", r"equity"),
)

_ITEM_TYPES = (
    ("NonInventory", r"non -? ?(?:inventory|stock)|noninventory"),
    ("Inventory", r"inventory|stock(?:ed)?"),
    ("Service", r"service items|services|service"),
)

_STATES = (
    (
        "pending",
        r"pending|waiting|awaiting|waits|wait|undecided|needs?|require|to"
        r" approve|approve|open",
    ),
    ("approved", r"approved"),
    ("rejected", r"rejected|declined|turned down|refused"),
    ("applied", r"applied|posted|went through|done|completed"),
    ("failed", r"failed|fail|failing|failures?"),
    ("unconfirmed", r"unconfirmed|unknown|unclear"),
    ("stale", r"stale|outdated|out of date"),
    ("expired", r"expired|expire|lapsed"),
    ("withdrawn", r"withdrawn|withdrew|retracted|taken back"),
)


def interpretation(reading: Reading) -> Interpretation | None:
    """The read that a message is, or the question about it; None if it is none."""
    sentence = reading.for_reading()
    if sentence.has(r"(?:hour|rate|price) list"):
        return _made(reading, "items.list", sentence)
    action = meant(reading, sentence)
    if action is None:
        return by_name(reading, sentence)
    if action == "receivables.list" and not sentence.has(r"ow(?:es?|ed|ing)|late|overdue"):
        # "Fernwood's balance": whose, and so of which side, is open.
        for part in sentence.parts:
            both = _either_side(part) if part.symbol.startswith("<name:") else None
            if both is not None:
                return ask(None, {}, Doubt("customer", both, part.fold))
    return _made(reading, action, sentence)


_LOOK = (
    r"(?:(?:show|pull|bring|open|see|view|find|get|look|tell|give|what|whats|how|hows|"
    r"who|whos|up|me|at|about|is|are|the|doing|going|details?|info|information|contact|"
    r"on|for|of|record|profile|page|please|can|could|you|i|us|a|,|\?|!|\.|<name:\w+>|"
    r"do|we"
    r"|have|know|things|with|status|summary|overview|account|email|phone|address|"
    r"lookup|"
    r"number|terms|their|and|hey|hi|need|want|to|like|display|check|everything|any|"
    r"card|"
    r"customer|quick|let|s|'s|file|right|now|today|deal|there|all|our|my|pull-up) )+$"
)


def by_name(reading: Reading, sentence: Sentence) -> Interpretation | None:
    """A name, and no more than "show me" with it."""
    names = [p for p in sentence.parts if p.symbol.startswith("<name:")]
    if not names:
        return _unknown_name(reading, sentence)
    if len(names) > 1:
        return None
    if not sentence.has("(?<=^ )" + _LOOK):
        rest = phrases(sentence, "cvia")
        if not rest or any(not in_slot(sentence, said) for said in rest):
            return None
    both = _either_side(names[0])
    if both is not None:
        return ask(None, {}, Doubt("customer", both, names[0].fold))
    letters = _letters(sentence)
    for argument, letter in ARGUMENT_LETTERS.items():
        if letter in letters:
            return _made(reading, f"{argument}.show", sentence)
    return None


def _either_side(part: Part) -> tuple[str, ...] | None:
    """Customers and vendors together, where a name fits some of both equally well."""
    fits = part.value
    if not {"c", "v"} <= set(fits) or fits["c"].whole != fits["v"].whole:
        return None
    return tuple(sorted({*fits["c"].names, *fits["v"].names}, key=str.casefold))


def _unknown_name(reading: Reading, sentence: Sentence) -> Interpretation | None:
    """ "Show me Globex": a name, but nobody's."""
    found = sentence.search(
        r"(?:show me|show|pull up|bring up|look up|lookup|tell me about|hows|how is|"
        r"details for|details of|info on|open|find)(?= )"
    )
    if found is None or sentence.has(r"weather|joke|news|poem|song|story"):
        return None
    rest = [said for said in phrases(sentence, "cvia") if said.first >= found.first]
    if len(rest) != 1 or rest[0].first != found.last:
        return None
    if rest[0].last - rest[0].first > 4:
        return None
    phrase = sentence.said(rest[0].first, rest[0].last)
    choices = [
        *reading.index.books["c"].likely(phrase),
        *reading.index.books["v"].likely(phrase),
    ]
    return ask(None, {}, Doubt("customer", tuple(choices[:5]), phrase))


def _made(reading: Reading, action: str, sentence: Sentence) -> Interpretation:
    gathered = gather(reading, action, sentence)
    return finished(reading, action, gathered)


def finished(reading: Reading, action: str, gathered: Gathered) -> Interpretation:
    """The read with its defaults, or the question that stands before it."""
    shape = ACTIONS[action]
    order = {name: place for place, name in enumerate(shape.takes)}
    if gathered.doubts:
        doubt = min(gathered.doubts, key=lambda each: order.get(each.about, 99))
        arguments = {
            key: value
            for key, value in gathered.arguments.items()
            if key != doubt.about
        }
        return ask(action, arguments, doubt, tuple(gathered.assumptions))
    missing = shape.missing(gathered.arguments)
    if missing is not None:
        about = missing if isinstance(missing, str) else missing[0]
        return ask(action, gathered.arguments, Doubt(about))
    _defaults(reading, action, gathered)
    ordered = {
        key: gathered.arguments[key] for key in shape.takes if key in gathered.arguments
    }
    return Interpretation("read", action, ordered, tuple(gathered.assumptions))


def _defaults(reading: Reading, action: str, gathered: Gathered) -> None:
    arguments = gathered.arguments
    shape = ACTIONS[action]
    if "as_of" in shape.takes and "as_of" not in arguments:
        arguments["as_of"] = reading.today.isoformat()
        gathered.assumptions.append(f"As of today, {reading.today.isoformat()}.")
    totals = {
        "report.profit_and_loss",
        "report.cash_flow",
        "spend.total",
        "sales.total",
    }
    if action in totals and "period" not in arguments:
        start = reading.calendar.year(0).start
        span = Span(start, reading.today)
        arguments["period"] = span.as_json()
        gathered.assumptions.append(
            f"This fiscal year to date, from {start} to {reading.today}."
        )


def gather(reading: Reading, action: str, sentence: Sentence) -> Gathered:
    """All arguments of one read that a sentence holds."""
    gathered = Gathered()
    takes = ACTIONS[action].takes
    arguments = gathered.arguments
    _documents(action, sentence, gathered)
    if "status" in takes:
        options = ("open", "overdue", "paid", "voided")
        if action == "invoices.list":
            options += ("unsent",)
        filters.put(arguments, "status", filters.status(sentence, options))
    if "min_days_overdue" in takes:
        filters.put(arguments, "min_days_overdue", filters.days_overdue(sentence))
    if (
        "overdue" in takes
        and "min_days_overdue" not in arguments
        and sentence.has("overdue|late|behind|delinquent")
    ):
        arguments["overdue"] = True
    if "min_amount" in takes:
        filters.amounts(sentence, gathered)
    if "limit" in takes:
        filters.order(sentence, gathered, sorts="sort" in takes)
    if "group_by" in takes:
        options = ("vendor", "account", "month")
        if action == "sales.total":
            options = ("customer", "item", "month")
        filters.put(arguments, "group_by", _group(action, sentence, options))
    if "by" in takes:
        options = ("month", "quarter", "customer", "class")
        filters.put(arguments, "by", filters.grouping(sentence, options))
    if "basis" in takes:
        filters.put(arguments, "basis", filters.basis(sentence))
    if "detail" in takes and sentence.has("details?|detailed|by invoice|line by line"):
        arguments["detail"] = True
    times(reading, action, sentence, gathered)
    _names(reading, action, sentence, gathered)
    _special(reading, action, sentence, gathered)
    return gathered


def _group(action: str, sentence: Sentence, options: tuple[str, ...]) -> str | None:
    group = filters.grouping(sentence, options)
    if group is not None:
        return group
    ranked = r"(?:top|biggest|best|largest|main|which|most expensive)(?: \S+){0,2} "
    if action == "sales.total":
        if sentence.has(ranked + "(?:customers?)"):
            return "customer"
        if sentence.has(
            ranked + "(?:items?|products?|services?|sellers?|selling)"
            "|what sells|best - selling|what sold"
        ):
            return "item"
    elif sentence.has(ranked + "vendors?|who do we spend"):
        return "vendor"
    elif sentence.has(
        ranked + "(?:categories|costs?|accounts)|what do we spend"
        "|where (?:do|did|does) (?:we|our|the)(?: \\S+)* (?:spend|money)"
    ):
        return "account"
    return None


def _documents(action: str, sentence: Sentence, gathered: Gathered) -> None:
    for argument, source in (
        ("invoice", r"<doc:i>"),
        ("bill", r"<doc:b>"),
        ("proposal", r"<p>"),
    ):
        if argument not in ACTIONS[action].takes:
            continue
        values = {
            str(sentence.parts[found.first].value) for found in sentence.each(source)
        }
        if len(values) == 1:
            gathered.arguments[argument] = values.pop()
        elif values:
            gathered.doubt(argument, tuple(sorted(values)))
    if action == "invoice.pdf" and "invoice" not in gathered.arguments:
        found = sentence.search(r"(?P<number>\d{3,})")
        if found is not None:
            gathered.arguments["invoice"] = sentence.said(found.first, found.last)


def times(
    reading: Reading, action: str, sentence: Sentence, gathered: Gathered
) -> None:
    """`period`, `due`, `as_of` and `compare_to`."""
    takes = ACTIONS[action].takes
    arguments = gathered.arguments
    compared: tuple[Span | None, When | None] = (None, None)
    if "compare_to" in takes:
        first = next(iter(filters.days(sentence)), None)
        start = reading.calendar.year(0).start
        to_date = Span(start, reading.today)
        default = When(to_date, to_date, "year", mode="to date")
        if "as_of" in takes:
            day = Span(reading.today, reading.today)
            default = When(day, day)
        own = first if _first_is_own(sentence) else None
        compared = filters.comparison(reading, sentence, own or default)
    if "due" in takes:
        due = filters.due(sentence)
        if due is not None:
            _exists(due, gathered)
            arguments["due"] = reading.period_json(due, ahead=True)
    whens = filters.days(sentence)
    if "as_of" in takes:
        _as_of(reading, whens, compared, gathered)
        return
    if compared[0] is not None:
        arguments["compare_to"] = compared[0].as_json()
    if "period" in takes and whens:
        when = whens[0]
        if len(whens) > 1 and "compare_to" in takes and compared[0] is None:
            arguments["compare_to"] = whens[1].behind.as_json()
        _exists(when, gathered)
        ahead = when.behind.start is not None and when.behind.start > reading.today
        if "due" in takes and "due" not in arguments and ahead:
            arguments["due"] = reading.period_json(when, ahead=True)
        else:
            arguments["period"] = reading.period_json(when)


def _first_is_own(sentence: Sentence) -> bool:
    """Whether the first date is the period itself, not what it is compared with."""
    found = sentence.search(
        r"(?:vs|compared (?:to|with)|against|compare (?:to|with)|than) "
        r"(?:the |our |same |period |time |month |quarter |of |in )*<date>"
    )
    first = sentence.search("<date>")
    return found is None or first is None or first.first < found.first


def _exists(when: When, gathered: Gathered) -> None:
    if not when.exists:
        gathered.doubt("date")


def _as_of(
    reading: Reading,
    whens: list[When],
    compared: tuple[Span | None, When | None],
    gathered: Gathered,
) -> None:
    """A day: of a period its last, or today if that has not come."""

    def last(span: Span) -> date:
        return min(span.end or reading.today, reading.today)

    arguments = gathered.arguments
    other = compared[1]
    if whens:
        _exists(whens[0], gathered)
        when = whens[0]
        day = when.behind.end
        if when.is_day and day is not None:
            arguments["as_of"] = day.isoformat()
        else:
            arguments["as_of"] = last(when.behind).isoformat()
        if len(whens) > 1 and compared[0] is None and "compare_to" in arguments:
            return
    if compared[0] is not None:
        as_of = date.fromisoformat(arguments.get("as_of", reading.today.isoformat()))
        if other is not None and other.behind.end is not None:
            arguments["compare_to"] = last(other.behind).isoformat()
        else:
            end = compared[0].end or as_of
            arguments["compare_to"] = min(end, reading.today).isoformat()
    elif len(whens) > 1:
        arguments["compare_to"] = last(whens[1].behind).isoformat()


def _names(
    reading: Reading, action: str, sentence: Sentence, gathered: Gathered
) -> None:
    takes = ACTIONS[action].takes
    wanted = [name for name in ARGUMENT_LETTERS if name in takes]
    if not wanted:
        return
    places = {name: _places(sentence, name, wanted) for name in wanted}
    for name in wanted:
        if not places[name]:
            continue
        if name == "account" and action in {"spend.total", "expenses.list"}:
            _narrow(reading, sentence, places[name])
        resolve(reading, sentence, name, gathered, places[name])
    if any(name in gathered.arguments for name in wanted) or gathered.doubts:
        return
    if "invoice" in gathered.arguments or "bill" in gathered.arguments:
        return
    if "search" in takes:
        return
    letters = "".join(ARGUMENT_LETTERS[name] for name in wanted)
    about = wanted[0]
    if (
        len(wanted) > 1
        and sentence.has(r"(?:on|for|of|under|in) (?:the |our )?\S*")
        and ("account" in wanted)
    ):
        about = _about_unknown(sentence, letters)
    unresolved(reading, sentence, about, gathered, letters)


def _about_unknown(sentence: Sentence, letters: str) -> str:
    """Whether an unknown name is a vendor's or an account's, by its preposition."""
    for said in phrases(sentence, letters):
        before = sentence.parts[said.first - 1].symbol if said.first else ""
        if before in {"on", "under", "for", "category"}:
            return "account"
    return "vendor"


def _places(sentence: Sentence, name: str, wanted: list[str]) -> list[int]:
    """Where a name for an argument stands, when several arguments could take it."""
    letter = ARGUMENT_LETTERS[name]
    others = [ARGUMENT_LETTERS[other] for other in wanted if other != name]
    made = []
    for place, part in enumerate(sentence.parts):
        if not fits_of(part, letter):
            continue
        rivals = [other for other in others if fits_of(part, other)]
        if rivals and not _wins(sentence, place, letter, rivals):
            continue
        made.append(place)
    return made


def _wins(sentence: Sentence, place: int, letter: str, rivals: list[str]) -> bool:
    fits = sentence.parts[place].value
    before = sentence.parts[place - 1].symbol if place else ""
    if before in {"the", "our"} and place > 1:
        before = sentence.parts[place - 2].symbol
    if any(fits[rival].whole and not fits[letter].whole for rival in rivals):
        return False
    if all(fits[letter].whole and not fits[rival].whole for rival in rivals):
        return True
    if letter == "a":
        return before in {"on", "for", "under", "in", ""} or not {"v"} & set(rivals)
    return before not in {"on", "under"}


def _narrow(reading: Reading, sentence: Sentence, places: list[int]) -> None:
    """Money is spent on expense accounts: others that share a word are not meant."""
    from dataclasses import replace  # noqa: PLC0415

    for place in places:
        fits = sentence.parts[place].value
        names = prefer_account(reading, fits["a"].names, "expense")
        if names and len(names) < len(fits["a"].names):
            fits["a"] = replace(fits["a"], names=names)


def _special(
    reading: Reading, action: str, sentence: Sentence, gathered: Gathered
) -> None:
    arguments = gathered.arguments
    if action == "customers.list":
        if sentence.has("balances?|owes?|owing|owed"):
            arguments["with_balance"] = True
        else:
            filters.put(arguments, "search", _search(sentence))
    elif action == "vendors.list":
        filters.put(arguments, "search", _search(sentence))
    elif action == "items.list":
        kind = next(
            (name for name, source in _ITEM_TYPES if sentence.has(source)), None
        )
        if kind == "Service" and sentence.has("products|goods|prices? (?:list|of)"):
            kind = None
        filters.put(arguments, "type", kind)
        filters.put(arguments, "search", _search(sentence))
    elif action == "accounts.list":
        kind = next(
            (name for name, source in _ACCOUNT_TYPES if sentence.has(source)), None
        )
        filters.put(arguments, "type", kind)
        if kind is None:
            filters.put(arguments, "search", _search(sentence))
    elif action == "proposals.list":
        _proposals(sentence, arguments)
    elif action == "invoice.show" and "invoice" not in arguments:
        if "customer" in arguments or gathered.doubts:
            arguments["which"] = "latest"
    elif action == "invoice.show":
        arguments.pop("customer", None)
        gathered.doubts[:] = [d for d in gathered.doubts if d.about != "customer"]
    elif action == "payments.list":
        if sentence.has(r"when did(?: \S+)* last pay|last time(?: \S+)* paid"):
            arguments |= {"sort": "newest", "limit": 1}
        if "invoice" in arguments:
            arguments.pop("sort", None)
    elif action == "account.show" and not arguments and not gathered.doubts:
        _vague_account(reading, sentence, gathered)


def _search(sentence: Sentence) -> str | None:
    said = filters.search_text(sentence)
    if said is not None:
        return said
    names = [
        sentence.said(place, place + 1)
        for place, part in enumerate(sentence.parts)
        if part.symbol.startswith("<name:")
    ]
    return names[0] if len(names) == 1 else None


def _proposals(sentence: Sentence, arguments: dict[str, object]) -> None:
    for state, source in _STATES:
        if state == "approved" and sentence.has(r"(?:be|get|not|yet) approved"):
            continue
        if state == "pending" and sentence.has("approved|rejected|applied|failed"):
            continue
        if sentence.has(source):
            arguments["state"] = state
            break
    else:
        if sentence.has("approvals?") and not sentence.has("proposals?"):
            arguments["state"] = "pending"
    if sentence.has(r"my|mine|i|of mine|by me") and not sentence.has(
        r"(?:waiting|waits|pending) (?:for|on) (?:my|me)|my (?:approval|decision|"
        r"review)"
        r"|(?:need|can|could|should|may|have|do) i|i (?:need|can|have to|should|want)"
    ):
        arguments["mine"] = True


def _vague_account(reading: Reading, sentence: Sentence, gathered: Gathered) -> None:
    """ "The equity account": words of accounts' names that are common words too."""
    book = reading.index.books["a"]
    for part in sentence.parts:
        word = part.fold
        if word in {"account", "accounts", "balance", "the", "of", "and", "s"} or (
            not word or part.symbol.startswith("<")
        ):
            continue
        fit = book.fit(word)
        if fit.only:
            gathered.arguments["account"] = fit.only
            return
        if fit.names:
            gathered.doubt("account", fit.names, word)
            return

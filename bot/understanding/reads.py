"""Questions: which one it is, and what narrows it.

What a read may take is the contract's own table, so that every argument is
looked for in one place and in one way.
"""

from datetime import date

from bot.understanding import filters, periods, read_names, unanswerable, unread
from bot.understanding.days import Span
from bot.understanding.interpretation import ACTIONS, Interpretation
from bot.understanding.parties import (
    fits_of,
    in_slot,
    phrases,
    prefer_account,
)
from bot.understanding.questions import ask, ask_action
from bot.understanding.read_rules import (
    ACCOUNT_TYPES,
    ITEM_TYPES,
    STATES,
    letters_of,
    meant,
)
from bot.understanding.reading import ARGUMENT_LETTERS, Doubt, Gathered, Reading
from bot.understanding.sentence import Sentence
from bot.understanding.text import Part

# "We did the job at Acme West, can you invoice them for 1": nothing to look up.
_ORDERED_AFTER_A_TALE = (
    r"(?:can|could|would|will) (?:you|we)(?: (?:please|also|just|now|then))* "
    r"(?:invoice|bill|charge) (?:them|him|her|it|that|this|{C})(?= )"
)


def interpretation(reading: Reading) -> Interpretation | None:
    """The read that a message is, or the question about it; None if it is none."""
    sentence = reading.for_reading()
    if sentence.has(_ORDERED_AFTER_A_TALE):
        return ask_action(("invoice.create",))
    if sentence.has(r"(?:hour|rate|price) list"):
        return _made(reading, "items.list", sentence)
    asked = unanswerable.question(sentence)
    if asked is not None:
        return asked
    action = meant(sentence)
    if action is None:
        return by_name(reading, sentence)
    if action == "spend.total" and _is_of_a_balance(reading, sentence):
        action = "account.show"
    if action == "receivables.list" and not sentence.has(
        r"ow(?:es?|ed|ing)|late|overdue|\d+ (?:days|weeks)"
    ):
        # "Fernwood's balance": whose, and so of which side, is open.
        for part in sentence.parts:
            both = _either_side(part) if part.symbol.startswith("<name:") else None
            if both is not None:
                return ask(None, {}, Doubt("customer", both, part.fold))
    return _made(reading, action, sentence)


def _is_of_a_balance(reading: Reading, sentence: Sentence) -> bool:
    """Whether "how much is VAT Control" names an account that nothing is spent on."""
    found = sentence.search(
        r"how much (?:is|are) (?:(?:the|our) )*(?P<account>{A})(?: (?:now|today|\?))* $"
    )
    if found is None:
        return False
    names = fits_of(sentence.parts[found.groups["account"][0]], "a")
    return bool(names) and not prefer_account(reading, names, "expense")


_NAME_WORDS_MAX = 4

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
    return _of_name(reading, sentence, names[0])


def _of_name(reading: Reading, sentence: Sentence, name: Part) -> Interpretation | None:
    if "a" in name.value and name.fold.endswith("expenses"):
        # "Uncategorised expenses this quarter": the account's name says what of it.
        return _made(reading, "expenses.list", sentence)
    if not sentence.has("(?<=^ )" + _LOOK):
        rest = phrases(sentence, "cvia")
        if not rest or any(not in_slot(sentence, said) for said in rest):
            return None
    both = _either_side(name)
    if both is not None:
        return ask(None, {}, Doubt("customer", both, name.fold))
    letters = letters_of(sentence)
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
    """Such as "Show me Globex": a name, but nobody's."""
    found = sentence.search(
        r"(?:show (?:me|us)|show|pull up|bring up|look up|lookup|tell me about|hows|"
        r"how is|"
        r"details for|details of|info on|open|find)(?= )"
    )
    if found is None or sentence.has(r"weather|joke|news|poem|song|story"):
        return None
    rest = [said for said in phrases(sentence, "cvia") if said.first >= found.first]
    if len(rest) != 1 or rest[0].first != found.last:
        return None
    if rest[0].last - rest[0].first > _NAME_WORDS_MAX:
        return None
    phrase = sentence.said(rest[0].first, rest[0].last)
    choices = [
        *reading.index.books["c"].likely(phrase),
        *reading.index.books["v"].likely(phrase),
    ]
    return ask(None, {}, Doubt("customer", tuple(choices[:5]), phrase))


def _made(reading: Reading, action: str, sentence: Sentence) -> Interpretation:
    asked = unanswerable.lost(action, sentence)
    if asked is not None:
        return asked
    then = unanswerable.of_its_day(reading, action, sentence)
    if then is None:
        return ask_action((action,))
    gathered = gather(reading, then, sentence)
    if then in {"invoices.list", "bills.list"}:
        unanswerable.age(reading, sentence, gathered)
    asked = unread.question(reading, then, sentence, gathered)
    return finished(reading, then, gathered) if asked is None else asked


_LEFT_OUT = (
    r"(?:except|excluding|exclude|excludes|apart from|aside from|other than|besides"
    r"|but not|not|leaving out|minus)"
    r"(?: (?:for|from|of|at|to|by|with|the|any|those|all|that|are|ones?|invoices?"
    r"|bills?))* (?:<name:\w+>|paid|unpaid|open|outstanding|overdue|late|voided|void"
    r"|unsent|drafts?)(?= )(?! yet)"
    r"|(?:not|aren't|arent|isn't|isnt) (?:yet )?(?:overdue|late|past due)"
)


def finished(reading: Reading, action: str, gathered: Gathered) -> Interpretation:
    """The read with its defaults, or the question that stands before it."""
    if reading.sentence.has(_LEFT_OUT):
        # Nothing can be left out of a list here, and the rest is the opposite.
        return ask_action((action,))
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
        gathered.assumptions.append(f"As of today, {_in_words(reading.today)}.")
    totals = {
        "report.profit_and_loss",
        "report.cash_flow",
        "spend.total",
        "sales.total",
    }
    if action in totals and "period" not in arguments:
        start = reading.calendar.year(0).start
        assert start is not None, "a year begins some day"
        span = Span(start, reading.today)
        arguments["period"] = span.as_json()
        gathered.assumptions.append(
            f"This fiscal year to date, from {_in_words(start)} to"
            f" {_in_words(reading.today)}."
        )


def _in_words(day: date) -> str:
    """A day that no reader takes for another: "1 April 2026"."""
    return f"{day.day} {day:%B %Y}"


def gather(  # noqa: C901 - one step an argument
    reading: Reading, action: str, sentence: Sentence
) -> Gathered:
    """All arguments of one read that a sentence holds."""
    gathered = Gathered()
    takes = ACTIONS[action].takes
    arguments = gathered.arguments
    _documents(action, sentence, gathered)
    if "status" in takes:
        statuses: tuple[str, ...] = ("open", "overdue", "paid", "voided")
        if action == "invoices.list":
            statuses += ("unsent",)
        filters.put(arguments, "status", filters.status(sentence, statuses))
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
        groups = ("vendor", "account", "month")
        if action == "sales.total":
            groups = ("customer", "item", "month")
        filters.put(arguments, "group_by", _group(action, sentence, groups))
    if "by" in takes:
        columns = ("month", "quarter", "customer", "class")
        filters.put(arguments, "by", filters.grouping(sentence, columns))
    if "basis" in takes:
        filters.put(arguments, "basis", filters.basis(sentence))
    if "detail" in takes and sentence.has("details?|detailed|by invoice|line by line"):
        arguments["detail"] = True
    periods.times(reading, action, sentence, gathered)
    read_names.resolve_all(reading, action, sentence, gathered)
    _special(reading, action, sentence, gathered)
    return gathered


# What is drawn runs over time.
_DRAWN = (
    r"(?:charts?|graph|plot|trend) (?:(?:of|for|our|my|the|all|me|us|in|total) )*"
    r"(?:sales|spend|spending|spent|expenses|revenue|turnover|costs)"
    r"|(?:sales|spend|spending|expenses|costs|revenue) (?:chart|graph|trend)"
)


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
    return "month" if sentence.has(_DRAWN) else None


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


def _special(  # noqa: C901, PLR0912 - one branch an action
    reading: Reading, action: str, sentence: Sentence, gathered: Gathered
) -> None:
    arguments = gathered.arguments
    if action == "customers.list":
        if sentence.has("balances?|owes?|owing|owed|outstanding"):
            arguments["with_balance"] = True
        else:
            filters.put(arguments, "search", _search(sentence))
    elif action == "vendors.list":
        filters.put(arguments, "search", _search(sentence))
    elif action == "items.list":
        kind = next((name for name, source in ITEM_TYPES if sentence.has(source)), None)
        if kind == "Service" and sentence.has("products|goods|prices? (?:list|of)"):
            kind = None
        filters.put(arguments, "type", kind)
        filters.put(arguments, "search", _search(sentence))
    elif action == "accounts.list":
        kind = next(
            (
                name
                for name, source in ACCOUNT_TYPES
                # A type may be the name of an account as well.
                if sentence.has(source) or (" " in name and reading.raw.has(source))
            ),
            None,
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
    for state, source in STATES:
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
    if sentence.has(
        r"(?:have|did) i (?:\S+ )?(?:propose|proposed|request|requested)"
    ) or (
        sentence.has(r"my|mine|i|of mine|by me")
        and not sentence.has(
            r"(?:waiting|waits|pending) (?:for|on) (?:my|me)|my (?:approval|decision|"
            r"review)"
            r"|(?:need|can|could|should|may|have|do) i|i (?:need|can|have to|should|"
            r"want)"
        )
    ):
        arguments["mine"] = True


def _vague_account(reading: Reading, sentence: Sentence, gathered: Gathered) -> None:
    """Read "the equity account": words of names that are common words too."""
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

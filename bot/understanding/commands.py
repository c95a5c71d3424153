"""Commands about Countersign itself: help, the connection, proposals."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.understanding.interpretation import Interpretation
from bot.understanding.marks import amount_at, money, quantity
from bot.understanding.questions import ask
from bot.understanding.reading import Doubt, Reading
from bot.understanding.sentence import Found, Sentence

if TYPE_CHECKING:
    from bot.understanding.moments import When


@dataclass(frozen=True, slots=True)
class Command:
    """One way to give one command; `lacks` are names that must not be there."""

    action: str
    pattern: str
    lacks: str = ""


_START = (
    r"(?<=^ )(?:(?:please|and|now|ok|okay|hey|hi|hello|so|then|just|can|could|would|"
    r"will|you"
    r"|we|i|need|want|like|to|let's|lets|let|us|go|ahead|kindly|yes|no|,|!|quickly|me|"
    r"actually"
    r"|sorry|:|i'd|oops|wait|thanks) )*"
)
_BOOKS = r"(?:quickbooks|books|company|companies|file|account|online|intuit)"
_NEVER_MIND = (
    r"(?:(?:never mind|nevermind|forget (?:it|that))"
    r"(?: (?:,|\.|!|-|and|just|please|then|can|could|you))* )?"
)
_MANY = r"(?: \S+){0,4}"

COMMANDS: tuple[Command, ...] = (
    Command(
        "proposal.edit",
        r"(?:edit|change|update|revise|amend|modify|adjust|correct|fix)"
        r"(?: (?:the|my|that|this|last|pending|our|latest))* (?:proposal|<p>|draft "
        r"proposal)",
    ),
    Command(
        "proposal.edit",
        r"(?:edit|change|update|revise|amend|modify|set|make|put|add)"
        r"(?: \S+)* (?:on|in|of|to|for) (?:(?:the|my|that|this|last) )*(?:proposal|"
        r"<p>)",
    ),
    Command(
        "proposal.edit",
        _START
        + r"(?:make|set|change|put|move|update)(?= )(?: the| my)?(?: proposal)? <p>"
        r"(?: (?:to|for|be|at|due|into|say|read|with|a|the|from|of|out))* (?:{MONEY}|"
        r"<date>|<terms>|"
        r"<memo>|<e>|{C}|due)",
    ),
    Command(
        "proposal.edit",
        _START + r"(?:in|on|for|of|with|about)(?: the| my)?(?: proposal)? <p> ?[,:]? "
        r"(?:please )?(?:make|set|change|put|move|update|edit|add|use|correct|"
        r"fix)(?= )",
    ),
    Command(
        "proposal.edit",
        _START
        + r"<p> (?:(?:should|needs? to|must|has to|ought to) (?:be|have|say|read|go)"
        r"|(?:is|was) (?:meant|supposed) to be|:|,|-)(?: (?:for|to|at|due|on|the|a|"
        r"it))* "
        r"(?:{MONEY}|<date>|<terms>|<memo>|{C}|due)",
    ),
    Command(
        "undo",
        _START
        + _NEVER_MIND
        + r"(?:undo|reverse|revert|roll back|rollback|unpost)(?= )",
        "cv",
    ),
    Command(
        "proposal.withdraw",
        r"(?:withdraw|retract|take back|pull back|recall|scrap|cancel"
        r"|drop|discard|kill|abandon|revoke)(?: (?:the|my|that|this|last|latest|a|"
        r"of))* "
        r"(?:proposal|<p>|request)",
    ),
    Command(
        "proposal.withdraw",
        r"(?:take|pull)(?: \S+){0,3} (?:proposal|<p>)(?: \S+)? back",
    ),
    Command(
        "proposal.withdraw",
        _START + r"(?:withdraw|retract)(?: (?:it|that|this|my|last|"
        r"one|the|request|please))* $",
    ),
    Command(
        "disconnect",
        r"(?:disconnect|unlink|unhook|deauthorize|sign out of|log out of|"
        r"remove the connection|remove connection|end the connection|close the "
        r"connection|break the connection)",
        "cv",
    ),
    Command(
        "connection.test",
        r"(?:test|check|ping|verify|try|diagnose)(?: (?:the|our|your|"
        r"my|quickbooks|if|that|whether|api))* (?:connections?|quickbooks|link)",
        "cv",
    ),
    Command(
        "connection.test",
        r"connection test|(?:is|does) (?:the |our )?(?:quickbooks )?"
        r"connection (?:still )?(?:work|working|ok|alive|healthy)",
        "cv",
    ),
    Command(
        "connection.status",
        r"connection status|status of (?:the |our )?(?:quickbooks )?"
        r"connections?|(?:are|is|am|still|was|were)(?: \S+){0,3} (?:connected|linked|"
        r"hooked up|online)|connected (?:to|with) (?:what|which)|(?:what|which)"
        rf"{_MANY} connected|connected \?|(?:how is|hows|show)(?: \S+)? connections?|"
        r"quickbooks status|status of quickbooks|connections? $|when did we connect|"
        r"(?:show|list|what|any)(?: \S+)? connections",
        "cv",
    ),
    Command(
        "connection.use",
        r"(?:switch|change|move|swap|go|flip)(?: (?:me|us|over|company|"
        r"companies|books|the|back))* to (?:the )?(?P<name>\S.*)",
    ),
    Command(
        "connection.use",
        _START + r"(?:use|work in|work with|work on|select|open) "
        r"(?P<name>\S.*)",
    ),
    Command(
        "connection.use",
        _START + r"(?:switch|change)(?: (?:the|to|another|a|different|"
        r"other|our|over|between))* (?:company|companies|books)",
    ),
    Command(
        "sync.now",
        _START + r"(?:(?:do|run|start|force|trigger) (?:a |the )?)?(?:re - ?)?"
        r"(?:sync|resync|refresh|synchronize|synchronise|resynchronize)(?: \S+){0,6} $",
        "cv",
    ),
    Command(
        "sync.now",
        r"(?:pull|fetch|get|load|reload|update|refresh)(?: \S+){0,4} (?:data|"
        r"quickbooks|books|mirror|everything)(?: \S+){0,3} $",
        "cv",
    ),
    Command(
        "connect",
        _START + rf"(?:connect|reconnect|link|hook up|hookup|authorize|"
        rf"authorise|reauthorize|integrate|set up|create|sign in|log in|attach|add)"
        rf"(?= )(?:{_MANY} {_BOOKS}| (?:us|me|it|now|again|please))*(?:{_MANY} "
        rf"(?:quickbooks|connection))?(?: (?:now|again|please|online|company|to|for|us|"
        rf",|"
        r"\.|!|account|file|\?|another|new|a))* $",
        "cv",
    ),
    Command(
        "help",
        r"(?:what|which)(?: \S+)? (?:can|could|do|are)(?: \S+)? (?:you|this|it|"
        r"countersign|i|commands?|things)(?: \S+)? (?:do|help|say|ask|capable|know|"
        r"commands)(?: \S+){0,4} $",
    ),
    Command(
        "help",
        _START + r"(?:help|commands|menu|options|instructions|usage|start|"
        r"examples|about)(?: (?:me|please|out|with|this|you|us|!|\?|menu|page))* $",
    ),
    Command(
        "help",
        r"how (?:do|does|can|should|would|to|could)(?: (?:i|we|you|one|this|it))*"
        r" (?:use|work|void|create|add|make|record|invoice|send|connect|approve|undo|"
        r"enter"
        r"|change|pay|update|reject|get started|start|see|disconnect|switch|delete|"
        r"edit|"
        r"email|withdraw|categorize|credit|bill)(?= )",
    ),
    Command(
        "help",
        r"how does (?:this|it|countersign|that)(?: \S+)* work|who are you|what "
        r"are you|what is (?:this|countersign)|need (?:some )?help|what (?:else )?can "
        r"i "
        r"(?:ask|say|do|type)",
    ),
    Command(
        "help",
        r"(?<=^ )(?:(?:hi|hello|hey|hiya|howdy|yo|good|morning|afternoon|evening|"
        r"there|thanks|thank|you|countersign|bot|team|so|much|greetings|cheers|!|\.|,|"
        r"\?|"
        r"ok|great|perfect|nice|lovely|all|a|lot|day|g'day|gday|sup|everyone) )+(?<=^ "
        r")?"
        r"$|(?<=^ )(?:hi|hello|hey|hiya|howdy|greetings|thanks|cheers) $",
    ),
)

# What the short words of a chat's slash commands mean in full.
_SLASHED = {
    "status": "connection status",
    "test": "test the connection",
    "ping": "test the connection",
    "sync": "sync now",
    "refresh": "sync now",
}
_SLASH = re.compile(
    r"/\s?(help|connect|reconnect|disconnect|status|test|ping|sync|refresh|undo|"
    r"withdraw|switch|use)\b(.*)",
    re.IGNORECASE,
)


def slashed(text: str) -> str | None:
    """A command with the slash before it that chats have taught: "/status"."""
    found = _SLASH.fullmatch(text)
    if found is None:
        return None
    word = found[1].casefold()
    if word == "status" and found[2].strip():
        # "/status P-17" is about a proposal.
        return f"status{found[2]}"
    return _SLASHED.get(word, word) + found[2]


_PRONOUNS = frozenset(["it", "that", "this", "last", "latest", "one", "my", "the"])


def interpretation(reading: Reading) -> Interpretation | None:
    """The command that a message is, or the question about it; None if it is none."""
    sentence = reading.sentence
    if _is_greeting(sentence):
        return Interpretation("command", "help", {})
    letters = {
        letter
        for part in sentence.parts
        if part.symbol.startswith("<name:")
        for letter in part.value
    }
    for command in COMMANDS:
        if set(command.lacks) & letters and not _company(reading):
            continue
        found = sentence.search(command.pattern)
        if found is None or not _is_at(reading, sentence, found):
            continue
        made = _made(reading, command.action)
        if made is not None:
            return made
    return None


_BESIDE_A_COMPANY = frozenset(
    ["the", "company", "books", "of", "for", "in", "to", "quickbooks", "file", "our"]
)


def _is_at(reading: Reading, sentence: Sentence, found: Found) -> bool:
    """Whether a company that is named stands where its name must: behind the verb.

    "Open bills for Pennine Roofing" names no company to use.
    """
    group = found.groups.get("name")
    company = company_at(reading)
    if group is None or company is None:
        return True
    start = sentence.parts[group[0]].start
    between = [p.symbol for p in reading.raw.parts if start <= p.start < company[0]]
    return set(between) <= _BESIDE_A_COMPANY


_GREETINGS = frozenset(
    [
        "hi",
        "hello",
        "hey",
        "hiya",
        "howdy",
        "yo",
        "good",
        "morning",
        "afternoon",
        "evening",
        "there",
        "thanks",
        "thank",
        "you",
        "countersign",
        "bot",
        "team",
        "so",
        "much",
        "greetings",
        "cheers",
        "!",
        ".",
        ",",
        "?",
        "ok",
        "great",
        "perfect",
        "nice",
        "all",
        "a",
        "lot",
        "everyone",
        "folks",
    ]
)
_GREETS = frozenset(
    [
        "hi",
        "hello",
        "hey",
        "hiya",
        "howdy",
        "yo",
        "morning",
        "afternoon",
        "evening",
        "thanks",
        "thank",
        "greetings",
        "cheers",
    ]
)


def _is_greeting(sentence: Sentence) -> bool:
    symbols = {part.symbol for part in sentence.parts}
    return bool(symbols) and symbols <= _GREETINGS and bool(symbols & _GREETS)


def _company(reading: Reading) -> str | None:
    """The connected company that a message names."""
    found = company_at(reading)
    return found[2] if found else None


def company_at(reading: Reading) -> tuple[int, int, str] | None:
    """Where a connected company's name stands in the text, and which it is."""
    row = reading.raw.parts
    book = reading.index.books["k"]
    for place in range(len(row)):
        found = book.match(row, place)
        if found is None:
            continue
        end, fit, distinct = found
        if fit.only and (distinct or (fit.whole and end - place > 1)) and not fit.near:
            return row[place].start, row[end - 1].end, fit.only
    return None


def _made(reading: Reading, action: str) -> Interpretation | None:
    sentence = reading.sentence
    arguments: dict[str, object] = {}
    if action in {"undo", "proposal.withdraw", "proposal.edit"}:
        numbers = {str(p.value) for p in sentence.parts if p.symbol == "<p>"}
        if len(numbers) > 1:
            return ask(action, {}, Doubt("proposal", tuple(sorted(numbers))))
        if numbers:
            arguments["proposal"] = numbers.pop()
        elif action == "undo" and sentence.has(r"<doc:\w>|{MONEY}"):
            # Only a proposal can be undone; a document's number is none.
            return ask(action, {}, Doubt("proposal"))
        if action == "proposal.edit":
            return edited(reading, arguments)
    if action in {"disconnect", "connection.use"}:
        company = _company(reading)
        if company is not None:
            arguments["company"] = company
        elif action == "connection.use":
            if not _means_company(sentence):
                return None
            choices = tuple(reading.index.books["k"].names)
            return ask(action, {}, Doubt("company", choices))
    return Interpretation("command", action, arguments)


def _means_company(sentence: Sentence) -> bool:
    """Whether a switch is one of companies, not of terms or accounts."""
    if sentence.has(r"<terms>|<name:\w+>|<e>|<phone>|<doc:\w>|{MONEY}|<date>|<p>"):
        return False
    return sentence.has(r"switch|company|companies|books|use|work")


_TO = r"(?: (?:to|is|should be|should say|as|=|:|into|reads|says))+"


def edited(  # noqa: C901, PLR0912 - one step a field
    reading: Reading, arguments: dict[str, object]
) -> Interpretation:
    """Such as "Edit the proposal: change the memo to spring cleanup"."""
    sentence = reading.sentence.copy()
    changes: dict[str, object] = {}
    found = sentence.search(r"<memo>|<q>")
    if found is not None:
        changes["memo"] = str(sentence.parts[found.first].value)
        sentence.drop(found.first, found.last)
    found = sentence.search(
        r"(?:due|payable)(?: date)?(?: (?:of|for|on|in)(?: (?:the|my|that|this))* "
        r"(?:proposal|<p>|it))?(?: (?:to|on|by|is|in|be|should|:))* (?P<when><date>)"
    ) or sentence.search(r"(?:due|payable) (?:\S+ )*?(?P<when><date>)")
    if found is not None:
        when: When = sentence.parts[found.groups["when"][0]].value
        if when.exists and when.ahead.end is not None:
            changes["due_date"] = when.ahead.end.isoformat()
        sentence.drop(found.first, found.last)
    found = sentence.search(r"<date>")
    if found is not None:
        when = sentence.parts[found.first].value
        if when.exists and when.is_day and when.behind.start is not None:
            changes["date"] = when.behind.start.isoformat()
        sentence.drop(found.first, found.last)
    found = sentence.search(r"<terms>")
    if found is not None:
        name, said = sentence.parts[found.first].value
        if name is None:
            book = reading.index.books["t"]
            return ask(
                "proposal.edit", arguments, Doubt("terms", tuple(book.names), said)
            )
        changes["terms"] = name
    found = sentence.search(r"<e>")
    if found is not None:
        changes["email"] = sentence.parts[found.first].value
    found = sentence.search(
        rf"(?:quantity|qty|hours){_TO} (?P<count>{{NUM}})|(?P<units>{{NUM}}) {{UNIT}}"
    )
    if found is not None:
        place = next(iter(found.groups.values()))[0]
        changes["quantity"] = quantity(sentence.parts[place].value)
        sentence.drop(found.first, found.last)
    found = sentence.search(r"(?P<rate>{MONEY}) (?:each|an? {UNIT}|per {UNIT})")
    rate = found is not None
    found = found or sentence.search(r"(?P<rate>{MONEY})")
    if found is not None:
        value = amount_at(sentence, found.groups["rate"][0])
        if value is not None:
            changes["rate" if rate or sentence.has("rate|price") else "amount"] = money(
                value
            )
    for part in sentence.parts:
        if part.symbol.startswith("<name:") and "c" in part.value:
            fit = part.value["c"]
            if fit.only is None:
                return ask(
                    "proposal.edit", arguments, Doubt("customer", fit.names, part.fold)
                )
            changes["customer"] = fit.only
    if not changes:
        return ask("proposal.edit", arguments, Doubt("changes"))
    return Interpretation("command", "proposal.edit", {**arguments, "changes": changes})

"""The parts of a request to write, each taken out of the sentence as understood.

A write is never guessed: what is left in the end must bear no meaning, or there
is a doubt. That is what keeps an unknown word, a second customer or a stray
number from being overlooked.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from bot.understanding import vocabulary
from bot.understanding.interpretation import ACTIONS
from bot.understanding.marks import amount_at, money
from bot.understanding.moments import When, distance
from bot.understanding.parties import (
    fits_of,
    is_unknown,
    prefer_account,
    resolve,
    unresolved,
)
from bot.understanding.reading import Gathered, Reading

if TYPE_CHECKING:
    from bot.understanding.names import Fit
    from bot.understanding.sentence import Sentence


@dataclass(frozen=True, slots=True)
class Shown:
    """The one record of each kind that was shown last, where there is exactly one."""

    invoice: str | None = None
    bill: str | None = None
    customer: str | None = None
    vendor: str | None = None


class Request:
    """One write being understood."""

    def __init__(
        self, reading: Reading, action: str, shown: Shown | None = None
    ) -> None:
        self.reading = reading
        self.action = action
        self.sentence: Sentence = reading.sentence.copy()
        self.gathered = Gathered()
        self.shown = shown or Shown()
        # The field that is to change, where only its new value is missing.
        self.pending = ""

    @property
    def arguments(self) -> dict[str, Any]:
        """What is understood so far."""
        return self.gathered.arguments

    def doubt(self, about: str, choices: tuple[str, ...] = (), said: str = "") -> None:
        """Note a doubt."""
        self.gathered.doubt(about, choices, said)

    def take(self, source: str) -> bool:
        """Take the first match of a pattern out; whether there was one."""
        found = self.sentence.search(source)
        if found is None:
            return False
        self.sentence.drop(found.first, found.last)
        return True

    # --- who ----------------------------------------------------------------

    def take_party(
        self,
        argument: str,
        heads: str,
        others: str = "",
        *,
        active: bool = True,
    ) -> None:
        """The customer or vendor; `heads` are the words right before a name.

        `others` are the kinds of names that other arguments of this write take,
        so that they are no unknown parties. `active` makes an inactive one a
        doubt.
        """
        letter = argument[0]
        gathered, sentence = self.gathered, self.sentence
        place = resolve(sentence, argument, gathered, strict=True)
        if place is None:
            place = self._weak_party(argument, heads)
        if place is None:
            if self._pronoun(argument):
                return
            unresolved(self.reading, sentence, argument, gathered, letter + others)
            return
        name = gathered.arguments.get(argument)
        known = self.reading.index.books[letter].names
        if active and name is not None and not known[name].active:
            del gathered.arguments[argument]
            gathered.doubt(argument, (name,), f"{name} (inactive)")
        self._drop_names(letter, place)

    def _drop_names(self, letter: str, place: int) -> None:
        """Take a name out, and every other mention of it."""
        names = fits_of(self.sentence.parts[place], letter)
        if not names:
            self.sentence.drop(place, place + 1)
            return
        for at in reversed(range(len(self.sentence.parts))):
            part = self.sentence.parts[at]
            if set(fits_of(part, letter)) & set(names):
                first = at
                before = self.sentence.parts[at - 1].symbol if at else ""
                if before in {"from", "to", "for", "at", "by", "with"}:
                    first -= 1
                self.sentence.drop(first, at + 1)

    def _weak_party(self, argument: str, heads: str) -> int | None:
        """A name made of common words, right where a name must stand."""
        found = self.sentence.search(
            rf"(?:{heads}) (?P<name>(?:<date>|[a-z]+)"
            r"(?: (?!for|to|paid|at|email|phone)[a-z]+)?)"
            r"(?= (?:for|,|:|\d|<m>|<n>|paid|email|phone|to|at|\|))"
        )
        if found is None:
            return None
        first, last = found.groups["name"]
        book = self.reading.index.books[argument[0]]
        fit: Fit = book.fit(self.sentence.said(first, last))
        if not fit.names or fit.near or self.sentence.parts[first].symbol in _NO_NAMES:
            return None
        if fit.only:
            self.arguments[argument] = fit.only
        else:
            self.gathered.doubt(argument, fit.names, self.sentence.said(first, last))
        if last - first > 1:
            self.sentence.replace(first, last, "<weak>")
        return first

    def _pronoun(self, argument: str) -> bool:
        known = getattr(self.shown, argument)
        if known is None or not self.sentence.has("them|they|him|her|he|she|their|his"):
            return False
        self.arguments[argument] = known
        self.take("them|they|him|her|he|she|their|his")
        return True

    # --- when ---------------------------------------------------------------

    def take_due(self) -> None:
        """`due_date`: it lies ahead, and counts from the document's date."""
        sentence = self.sentence
        sources = (
            (
                r"(?:with |and |, )*(?:the |a )?(?:due|payable)(?: date)?"
                r"(?: (?:on|by|in|is|to|of|for|:|the))* (?P<when><date>)"
            ),
            (
                r"(?:due|payable)(?: (?:after|within|in))? (?P<count>\d+) "
                r"(?P<grain>days?|weeks?|months?)(?: (?:after|from)(?: \S+)? (?:date|"
                r"it))?"
            ),
        )
        for source in sources:
            found = sentence.search(source)
            if found is None:
                continue
            if "when" in found.groups:
                place = found.groups["when"][0]
                when: When = sentence.parts[place].value
                if not when.exists:
                    self.doubt("date", said=sentence.said(place, place + 1))
                self._due(when)
            else:
                count = int(sentence.parts[found.groups["count"][0]].symbol)
                grain = sentence.parts[found.groups["grain"][0]].symbol.rstrip("s")
                self._due_after(count, grain)
            sentence.drop(found.first, found.last)
            return

    def doubt_due(self) -> None:
        """Doubt a `due_date` that the `terms` said beside it do not make."""
        terms = re.fullmatch(r"(?i)net (\d{1,3})", self.arguments.get("terms", ""))
        due = self.arguments.get("due_date")
        if terms is None or due is None:
            return
        start = date.fromisoformat(
            self.arguments.get("date", self.reading.today.isoformat())
        )
        by_terms = distance(start, int(terms[1]), "day").isoformat()
        if due != by_terms:
            self.doubt("due_date", (due, by_terms))

    def _due(self, when: When) -> None:
        if not when.exists:
            self.doubt("date")
        elif when.relative is not None:
            self._due_after(*when.relative)
        elif when.grain == "day" and when.mode in {"", "by"} and when.ahead.end:
            if self.sentence.has(r"<date> or(?: on)? <date>"):
                self.doubt("date")
            else:
                self.arguments["due_date"] = when.ahead.end.isoformat()
        else:
            self.doubt("due_date")

    def _due_after(self, count: int, grain: str) -> None:
        start = self.reading.today
        if "date" in self.arguments:
            start = date.fromisoformat(self.arguments["date"])
        try:
            self.arguments["due_date"] = distance(start, count, grain).isoformat()
        except OverflowError:
            self.doubt("due_date")

    def take_date(
        self,
        sources: str = r"(?:(?:on|dated|date) )?",
        *,
        happened: bool = False,
        nearest: bool = False,
    ) -> None:
        """`date`: it lies behind; what has `happened` cannot lie ahead at all.

        `nearest` makes it a doubt where the same day ahead is nearer: "pay it on
        the 1st" is hardly said of a day gone by.
        """
        sentence = self.sentence
        if sentence.has(r"<date> ,? ?or(?: on)? <date>|<date> / <date>"):
            self.doubt("date")
            while self.take(r"(?:(?:on|either|or|dated) )*<date>"):
                pass
            return
        found = sentence.search(sources + r"(?P<when><date>)")
        if found is None:
            return
        when: When = sentence.parts[found.groups["when"][0]].value
        day = when.behind.start
        if when.relative is not None and not happened:
            # "In two weeks": when it is due, rather than its own day.
            takes = ACTIONS[self.action].takes
            self.doubt("due_date" if "due_date" in takes else "date")
            sentence.drop(found.first, found.last)
            return
        fits = when.exists and when.is_day and when.mode in {"", "as of"}
        ahead = when.ahead.start
        either: tuple[str, ...] = ()
        if nearest and fits and day and ahead and day != ahead:
            today = self.reading.today
            fits = today - day < ahead - today
            either = (ahead.isoformat(), day.isoformat())
        if fits and day and not (happened and day > self.reading.today):
            self.arguments["date"] = day.isoformat()
        else:
            place = found.groups["when"][0]
            said = "" if when.exists else sentence.said(place, place + 1)
            self.doubt("date", either, said)
        sentence.drop(found.first, found.last)

    # --- how much -----------------------------------------------------------

    def take_amount(self) -> None:
        """`amount`: the one sum in the sentence; two, or a vague one, are a doubt."""
        sentence = self.sentence
        vague = (
            r"(?:about|around|roughly|approximately|approx|~|some|nearly|almost|circa"
            r"|maybe|between) {MONEY}|{MONEY} (?:ish|or so|or thereabouts|-ish|\?)"
            r"|{MONEY}(?: ,)? or {MONEY}|{MONEY} / {MONEY}|<bad>|<neg>|<foreign>"
            r"|{MONEY} (?:-|to) {MONEY}|{MONEY} (?:%|percent|per cent)"
            # In brackets bookkeepers write what is taken away.
            r"|\( {MONEY} \)"
        )
        if self.take(r"on the \d{1,2}(?= (?:$|[|,.!?;]|from|by|for|with|please|via))"):
            # A day without its ending, which is no sum.
            self.doubt("date" if "date" in ACTIONS[self.action].takes else "amount")
        found = sentence.search(vague)
        if found is not None:
            sentence.drop(found.first, found.last)
            self.doubt("amount")
            return
        sums = list(sentence.each(r"(?:for |of |the )*(?P<sum>{MONEY})"))
        if len(sums) != 1:
            if sums:
                self.doubt("amount")
                for found in reversed(sums):
                    sentence.drop(found.first, found.last)
            return
        value = amount_at(sentence, sums[0].groups["sum"][0])
        if value is None:
            self.doubt("amount")
        else:
            self.arguments["amount"] = money(value)
        sentence.drop(sums[0].first, sums[0].last)

    # --- what else ----------------------------------------------------------

    def take_memo(self) -> None:
        """`memo`: after the word, or any text in quotes."""
        found = self.sentence.search(r"<memo>") or self.sentence.search(r"<q>")
        if found is None:
            return
        self.arguments["memo"] = str(self.sentence.parts[found.first].value)
        self.sentence.drop(found.first, found.last)

    def take_terms(self) -> None:
        """`terms`: the exact name in the books; one that fits none is a doubt."""
        found = self.sentence.search(
            r"(?:(?:with|on|at|,|and|payment|terms|of|to|:|are|is) )*(?P<t><terms>)"
            r"(?: terms| days)?"
        )
        if found is None:
            return
        name, said = self.sentence.parts[found.groups["t"][0]].value
        if name is None:
            self.doubt("terms", tuple(self.reading.index.books["t"].names), said)
        else:
            self.arguments["terms"] = name
        self.sentence.drop(found.first, found.last)

    def take_account(self, argument: str, leads: str) -> None:
        """An account that serves a use: where money comes from or goes to."""
        found = self.sentence.search(
            rf"(?:{leads}) (?:(?:the|our|my|a) )*(?P<account>{{A}})(?: account)?"
        )
        while found is not None:
            place = found.groups["account"][0]
            fits = fits_of(self.sentence.parts[place], "a")
            names = prefer_account(self.reading, fits, argument)
            if names:
                if len(names) == 1:
                    self.arguments[argument] = names[0]
                else:
                    said = self.sentence.said(place, place + 1)
                    self.doubt(argument, names, said)
                self.sentence.drop(found.first, found.last)
                return
            found = self.sentence.search(
                rf"(?:{leads}) (?:(?:the|our|my|a) )*(?P<account>{{A}})(?: account)?",
                found.last,
            )

    def take_method(self) -> None:
        """`method`: the exact name in the books; one that fits none is a doubt."""
        book = self.reading.index.books["m"]
        own = sorted(
            {word for name in book.names for word in name.casefold().split()}
            - {"transfer"}
        )
        words = "|".join(
            [
                "credit card",
                "debit card",
                "bank transfer",
                "wire transfer",
                "ach transfer",
                "ach",
                "direct debit",
                "standing order",
                "faster payments?",
                "money order",
                "check",
                "cash",
                "card",
                "transfer",
                "wire",
                "bacs",
                "chaps",
                "paypal",
                "venmo",
                "zelle",
                "stripe",
                "eft",
                "cashapp",
                "bitcoin",
                "crypto",
                "amex",
                "visa",
                "mastercard",
                *[word for word in own if word.isascii() and word.isalpha()],
            ]
        )
        found = self.sentence.search(
            rf"(?:(?:paid|by|via|in|with|using|through|as|on|a|an|the|,|\|) )*"
            rf"(?P<method>{words})(?: payment)?"
        )
        if found is None:
            return
        first, last = found.groups["method"]
        said = self.sentence.said(first, last)
        fit = book.fit(said)
        if not fit.names:
            # "Ck" and "chq" are typed of either.
            word = " ".join(part.symbol for part in self.sentence.parts[first:last])
            other = {"check": "cheque", "cheque": "check", "chq": "cheque"}
            fit = book.fit(word)
            fit = fit if fit.names else book.fit(other.get(said.casefold(), said))
        if fit.only:
            self.arguments["method"] = fit.only
        else:
            self.doubt("method", fit.names or tuple(book.names), said)
        self.sentence.drop(found.first, found.last)

    def take_reference(self) -> None:
        """`reference`: a check's number, or after the word."""
        found = self.sentence.search(r"(?:with |and |, )?<ref>")
        if found is None:
            return
        for part in self.sentence.parts[found.first : found.last]:
            if part.symbol == "<ref>":
                self.arguments["reference"] = str(part.value)
        self.sentence.drop(found.first, found.last)

    def documents(self, tag: str) -> list[str]:
        """All numbers of one kind of document, taken out, each once."""
        numbers: list[str] = []
        while (
            found := self.sentence.search(
                rf"(?:(?:for|on|against|to|towards?|covering|of|from|the|his|her|their|"
                rf"number"
                rf"|no|#|invoices?|bills?|and|,|settles|settling|clearing) "
                rf")*(?P<doc>{tag})"
            )
        ) is not None:
            place = found.groups["doc"][0]
            numbers.append(str(self.sentence.parts[place].value))
            self.sentence.drop(found.first, found.last)
        return list(dict.fromkeys(numbers))

    def bare_documents(self) -> list[str]:
        """The invoice in "apply it to 1042": a bare number behind such a word.

        Without a sign of money it is what the sum goes to, not the sum; "it came to
        1042" says the sum.
        """
        found = self.sentence.search(
            r"(?<!up )(?<!came )(?<!comes )(?<!amounts )(?<!amounting )(?<!adds up )"
            r"(?<!deposited )(?<!deposit )(?:against|towards?|on|to) "
            r"(?P<number>\d{3,6})(?= )"
        )
        if found is None:
            return []
        number = self.sentence.parts[found.groups["number"][0]].symbol
        self.sentence.drop(found.first, found.last)
        return [number]

    # --- what is left -------------------------------------------------------

    def take_reasons(self) -> None:
        """A reason given behind the request bears no meaning for it."""
        self.take(
            r"(?:,|\(|-|and)? ?(?:already |pre - ?)?approved by \S+(?: \S+)?(?= )"
        )
        found = self.sentence.search(
            r"(?:because|cause|cos|bc|since (?:it|they|he|she|we|the)|as (?:it|they|he|"
            r"she"
            r"|we) |reason|(?:,|-|\.|;|\() (?:it|its|it's|they|he|she|that|this|the|"
            r"was|"
            r"wrong|duplicate|customer|entered|sorry|client|double|they're|their|we|a|"
            r"my)"
            r")(?= ).*"
        )
        if found is None and self.action in _RIGHTED:
            found = self.sentence.search(_REASON)
        if found is None:
            return
        tail = self.sentence.parts[found.first :]
        if any(
            part.symbol in _DOUBTFUL
            or part.symbol.isdigit()
            or part.symbol in {"<m>", "<n>", "<bad>", "<date>", "<e>", "<terms>"}
            or part.symbol.startswith(("<doc", "<name"))
            for part in tail
        ):
            return
        self.sentence.drop(found.first, len(self.sentence.parts))

    def rest(self, allowed: str = "") -> str | None:
        """The first thing that is left and means something; None if nothing does."""
        fine = set(allowed.split())
        for part in self.sentence.parts:
            if part.symbol in _SILENT or part.symbol in fine:
                continue
            if part.symbol == "|" or (
                not part.symbol.isalnum() and (part.symbol in _MARKS)
            ):
                continue
            if is_unknown(part) or part.symbol in _DOUBTFUL:
                return part.symbol
            return part.symbol
        return None


# What rights a mistake may tell of it in words that no other write bears:
# "void 1061 wrong customer", "credit Acme 65 they were overcharged".
_RIGHTED = frozenset({"invoice.void", "credit_memo.create"})
_REASON = (
    r"(?:(?:it|its|it's|this|that)(?: (?:is|was|a|an|the))* (?:duplicate|mistake|error"
    r"|wrong)|(?:it|they|he|she|we|i)(?: (?:was|were|got|have|has|had|been|is|are))* "
    r"(?:overcharged|overbilled|overpaid|charged twice|billed twice)(?: (?:them|him|her"
    r"|it))?|(?:wrong|duplicate|mistaken) (?:customer|amount|date|price|one|invoice"
    r"|entry)|(?:entered|sent|billed|made) (?:twice|wrong|by mistake|in error)"
    r"|by mistake|in error|(?:a )?(?:duplicate|mistake))"
    r"(?: (?:by|us|please|thanks|!|\.))* $"
)

# Words of grammar: part of many a name, but never what it is called by.
_NO_NAMES = frozenset(
    [
        *("a", "an", "and", "at", "by", "for", "from", "in", "it", "me", "my", "of"),
        *("on", "our", "that", "the", "them", "this", "to", "us", "with"),
    ]
)
_DOUBTFUL = frozenset(
    [
        "or",
        "maybe",
        "perhaps",
        "either",
        "unsure",
        "probably",
        "if",
        "unless",
        "not",
        "never",
        "don't",
        "dont",
        "no",
        "whether",
        "wait",
        "except",
        "but",
        "half",
        "some",
        "most",
        "should",
        "won't",
        "wont",
        "didn't",
        "didnt",
        "doesn't",
        "cannot",
        "can't",
        "cant",
        "isn't",
        "isnt",
        "wasn't",
        "wasnt",
        "instead",
        "rather",
        "until",
        "when",
        "once",
        "after",
        "before",
    ]
)
_SILENT = (vocabulary.FILLER - _DOUBTFUL - {"one", "ones"}) | frozenset(["and"])
_MARKS = frozenset(
    [",", ".", ";", ":", "?", "!", "(", ")", "-", "/", "'", '"', "*", "_", "~"]
) - {"~"}

"""Which question it is: the ways to ask for each read, tried in order."""

import re
from dataclasses import dataclass

from bot.understanding.sentence import Sentence


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


_PARTS_MAX = 16

# Any one record, whose number is still to be said.
_ONE = r"(?<=^ )(?:show|open|see|view|pull up)(?: me)? (?:an?|one) noun(?: please)? $"

RULES: tuple[Rule, ...] = (
    *(
        Rule(f"{noun}.show", _ONE.replace("noun", noun))
        for noun in ("invoice", "bill", "proposal")
    ),
    # Whom we sell to, and what, by a word of its name.
    Rule(
        "customers.list",
        r"every(?:one|body) (?:that |who |whom )?we (?:sell|bill|invoice)",
    ),
    Rule(
        "items.list",
        r"(?:sell|stock|items?|products?|services?)(?: \S+){0,2}? (?:with|having|has|"
        r"containing) (?:\S+ ){1,3}in (?:the|their|its) names?",
    ),
    Rule(
        "vendors.list",
        r"(?:do|have|is|are)(?: \S+){0,2} (?:a|any) vendors? (?:called|named)",
    ),
    Rule(
        "items.list",
        r"(?:what|which) (?:products|services|items|goods|things)(?: and "
        r"(?:products|services))? (?:do|can) we (?:sell|offer|have|stock)"
        r"(?: (?:here|now|at the moment|please|\?))* $",
    ),
    # What a vendor takes from us, rather than what we charge.
    Rule(
        "spend.total",
        r"(?:what|how much) (?:do|does|did|has|have|is|are) {V}(?: \S+)? "
        r"(?:charges?|charged|charging|costs?|costing|bills?|billed|billing)(?: us)?",
        lacks="ci",
    ),
    # What stands on an account that nothing is spent on.
    Rule(
        "account.show",
        r"how much (?:(?:is|of|do we have|have we got) )*(?:(?:the|our) )*{A}"
        r"(?: account)? (?:is there|do we have|have we got|is left|is in there)",
        lacks="cvi",
    ),
    # What we billed a customer, who may have the name of a vendor as well.
    Rule(
        "sales.total",
        r"how (?:much|many)(?: \S+){0,2} (?:did|do|have) we (?:bill|billed|invoiced?|"
        r"charged?) {C}",
    ),
    # "Billed to Acme West last quarter": a heading rather than a request to bill.
    Rule(
        "sales.total",
        r"(?<=^ )(?:(?:total|amount|the|we|ve) )*(?:billed|invoiced|charged|billings)"
        r"(?: (?:to|for|out|<date>))* {C}",
    ),
    Rule("receivables.list", r"slow(?:est)? (?:- )?payers?"),
    Rule(
        "receivables.list",
        r"(?:outstanding|unpaid|open|owing|owed)(?: for)? (?:over|more than|beyond|"
        r"longer than|above|at least) \d+ (?:days|weeks)",
    ),
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
    Rule(
        "proposals.list",
        r"(?:anything|any|something|whats?|which|is|are)(?: \S+){0,3}? (?:unconfirmed|"
        r"stuck)(?! in)|(?<=^ )(?:unconfirmed|stuck)(?: \S+)? $|(?:waiting|pending|held"
        r" up|stuck) (?:on|for|with|at|in) quickbooks",
        lacks="cvia",
    ),
    Rule("proposals.list", r"(?:have|did) (?:i|we) (?:\S+ )?propos(?:e|ed)"),
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
    Rule("accounts.list", r"chartofaccounts|list of accounts|account (?:list|names)"),
    Rule(
        "accounts.list",
        r"(?:how much|what|whats)(?: \S+){0,3} (?:cash|money)"
        r"(?: (?:do|have|we|is|in|on|hand|the|there|all|of|our|got|left))* "
        r"(?:have|hand|bank|banks|got|left|there)",
        lacks="a",
    ),
    Rule(
        "accounts.list",
        r"how (?:is )?(?:(?:the|our) )*cash(?: (?:looking|doing|situation))?"
        r"(?: (?:right|now|today|please|\?))* $",
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
        r"(?<=^ )(?:(?:the|our|all|fixed|current|other|long|term|-|please) )*"
        r"(?:assets|liabilities) (?:please )?$",
    ),
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
        r"business|things|the company)(?: been)? (?:do|doing|done|going)?"
        r"|how we (?:do|doing|done)",
        lacks="cvia",
    ),
    # Money out.
    Rule("bill.show", r"<doc:b>"),
    Rule(
        "payables.list",
        r"(?:do|did|that|we|i|still|who|much) we (?:still |currently )?"
        r"owe|who (?:are|do) we (?:late|behind|overdue)|we (?:\S+ ){0,2}(?:late|behind|"
        r"overdue) (?:(?:on|in|with|our|the) )*(?:paying|payments?)|which vendors"
        r"(?: \S+){0,3} (?:late|behind|overdue|unpaid)|we (?:still |currently )?owe|"
        r"payables?|creditors?|(?:our|my) debts"
        r"|we re owing|owed to (?:{V}|vendors?)|owed by us",
    ),
    Rule("items.list", r"what (?:do|can|else do) we (?:sell|offer)(?: \S+){0,2} $"),
    Rule(
        "sales.total",
        r"(?:top|biggest|best|largest)(?: \d+)? (?:customers?|items?|"
        r"products?|services?)(?!(?: \S+)* (?:owes?|owing|owed|overdue|late|behind))",
    ),
    Rule(
        "sales.total",
        r"(?:how much|what) (?:did|do|have|has) we (?:bill|billed|invoiced?|"
        r"charged)(?! for)",
        lacks="v",
    ),
    Rule(
        "spend.total",
        r"where (?:did|does|do|is|has|have)(?: \S+){0,3} (?:money|cash)"
        r"(?: all)? (?:go|going|gone|went)",
    ),
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
        r"costing|going|goes|went|go|gone)",
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
    Rule(
        "expenses.list", r"(?:expenses?|purchases?|expenditures?|buy|bought|purchased)"
    ),
    Rule("expenses.list", r"(?:charges|charged|transactions)", has="va", lacks="c"),
    Rule("payables.list", r"(?:balance|outstanding|owing|owed)", has="v", lacks="ca"),
    Rule(
        "bills.list",
        r"bills|(?:a|any|the|last|latest|newest|oldest|largest|biggest)"
        r"(?: \S+){0,2} bill|bill",
    ),
    Rule("bills.list", r"(?:overdue|unpaid|due|open)", has="v", lacks="c"),
    # Money in.
    Rule("credit_memos.list", r"creditmemos?|credits"),
    Rule(
        "payments.list",
        r"payments?(?: \S+)* (?:for|on|against|to|towards)(?: \S+)? <doc:i>",
    ),
    Rule("invoice.show", r"<doc:i>"),
    Rule(
        "receivables.list",
        r"(?:who|whos|which customers?|anyone|anybody|any customers?)(?: \S+){0,3} "
        r"(?:behind|(?:hasn't|haven't|hasnt|havent|hasn|haven|isn't|not|yet to|still "
        r"to)"
        r"(?: \S+){0,2} (?:paid|pay|paying)|unpaid)",
    ),
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
        r"products?|services?)(?!(?: \S+)* (?:owes?|owing|owed|overdue|late|behind))|"
        r"customers by (?:sales|revenue|size|volume)",
    ),
    Rule("receivables.list", r"(?:owes?|owed|owing|debts?|debtors?|receivables?)"),
    Rule("receivables.list", r"(?:overdue|late|delinquent) customers", lacks="c"),
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
        r"late payers?|who (?:do|should) (?:i|we)"
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
        r"customers?(?: \S+)* balances?|(?:which|what|list|all|any|show)(?: \S+){0,3}? "
        r"customers (?:with|who have|that have|have|having|carrying)(?: \S+){0,3}? "
        r"outstanding|(?:who|which|everyone)"
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
        r"(?:invoices?|overdue|outstanding|unpaid|voided|unsent|"
        r"(?<! create )(?<! make )drafts|due|"
        r"invoiced|billed)",
        lacks="v",
    ),
    # Lists of names, and what is known of one.
    Rule("item.show", r"how much (?:is|are|for|does|do)", has="i", lacks="cv"),
    Rule("report.cash_flow", r"how (?:did|does|has) (?:the |our )?cash (?:move|flow)"),
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
    Rule("vendors.list", r"vendors|vendor (?:list|names?|directory)"),
    Rule("vendor.show", r"(?<! by )(?<! per )vendor"),
    Rule(
        "customers.list",
        r"customers|customer (?:list|names?)|customer(?: \S+){0,2} "
        r"(?:called|named)",
    ),
    Rule("customer.show", r"(?<! by )(?<! per )customer"),
    Rule("item.show", r"(?:item|product|service)"),
    Rule("account.show", r"(?<! by )(?<! per )account", lacks="cv"),
    Rule(
        "company.show",
        r"(?:which|what|whats|current|this|show|our|the|about)"
        r"(?: \S+){0,3} compan(?:y|ies)|company (?:info|information|details|name|"
        r"profile)"
        r"|whose books|which (?:quickbooks|books)",
    ),
)


def meant(sentence: Sentence) -> str | None:
    """The read that a sentence asks for by its own words."""
    by_number = _by_number(sentence)
    if by_number is not None:
        return by_number
    letters = letters_of(sentence)
    for rule in RULES:
        if rule.has and not set(rule.has) & letters:
            continue
        if set(rule.lacks) & letters:
            continue
        if sentence.has(rule.pattern):
            return rule.action
    return None


def letters_of(sentence: Sentence) -> set[str]:
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


# What is said around a document's number: to see it, and of how it stands.
_LOOKED_UP = (
    r"show|open(?: up)?|pull(?: up| out)?|bring(?: up| me)*|get|fetch|grab|find|give"
    r"|look(?: up| at)?|lookup|see|view|display|check(?: on)?|dig(?: out| up)|send"
    r"|email|text|forward|tell|read|can|could|would|you|i|we|want|need|like|to|have"
    r"|let|a|copy|about|and|hey|hi|hello|ok|so|please|quick|quickly|just|mate|will|my|back"
)
_OF_A_DOCUMENT = (
    r"what|when|where|how|much|many|long|days|weeks|old|is|was|has|been|are|it|its"
    r"|the|me|us|of|on|in|by|to|for|and|or|so|status|details?|about|up|with|invoice|number"
    r"|paid|sent|due|overdue|late|open|unpaid|outstanding|void|voided|settled|already"
    r"|yet|now|still|left|date|balance|total|far|please|thanks|going|doing"
    r"|right|who|whose|customer|did|does|go|gone|out|emailed|mailed|full|card|check"
    r"|cash|ach|transfer|quick|quickly|again|asap|real|soon|ok|mate|when|you|get|can|,|\?|!|\."
)


def _by_number(sentence: Sentence) -> str | None:
    """A bare number is an invoice's."""
    source = (
        rf"(?<=^ )(?:(?:{_LOOKED_UP}|{_OF_A_DOCUMENT}) )*(?P<number>\d{{3,}})"
        rf"(?! {{UNIT}}| weeks?| years?)(?: (?:{_OF_A_DOCUMENT}))* $"
    )
    found = sentence.search(source)
    if found is None or len(sentence.parts) > _PARTS_MAX:
        return None
    place = found.groups["number"][0]
    sentence.parts[place].symbol = "<doc:i>"
    sentence.parts[place].value = str(sentence.said(place, place + 1))
    sentence.changed()
    return "invoice.show"


# Words for the types of accounts and items, and for the states of proposals.
ACCOUNT_TYPES = (
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

ITEM_TYPES = (
    ("NonInventory", r"non -? ?(?:inventory|stock)|noninventory"),
    ("Inventory", r"inventory|stock(?:ed)?"),
    ("Service", r"service items|services|service"),
)

STATES = (
    (
        "pending",
        (
            r"pending|waiting(?! (?:on|for|with) quickbooks)|awaiting|waits|wait"
            r"|undecided|needs?|require|to approve|approve|open"
        ),
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


def _words() -> frozenset[str]:
    tables = (ACCOUNT_TYPES, ITEM_TYPES, STATES)
    sources = [rule.pattern for rule in RULES] + [_LOOKED_UP, _OF_A_DOCUMENT]
    sources += [source for table in tables for _, source in table]
    return frozenset(re.findall("[a-z]+", " ".join(sources)))


# Every word that some way to ask a question holds: said, it is not left unread.
WORDS = _words()

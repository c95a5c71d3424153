"""What Countersign does not do: by rule, not yet, or not its business.

Names, memos and quotes are tags by now: text inside them is data and refuses
nothing.
"""

from bot.understanding.interpretation import Interpretation, refuse
from bot.understanding.sentence import Sentence

_APPROVAL = (
    r"(?:approvals?|approver|approvers|approving|approve|review|reviewing|permission|"
    r"confirmation|authorization|authorisation|checks|policy|rules|limits|controls)"
)
_SKIPPING = (
    (
        rf"(?:skip|skipping|bypass|bypassing|without|ignore|ignoring|avoid|override|"
        rf"overriding|"
        rf"circumvent|dodge|forget|forgo|waive|disable|turn off|switch off|get around|"
        rf"work "
        rf"around|"
        rf"no need (?:for|to)|sidestep|evade|drop)(?: (?:the|any|an|all|getting|asking|"
        rf"for|"
        rf"waiting|on|about|usual|your|our|my|this|that|having|needing|it|to|be|"
        rf"further|"
        rf"more|"
        rf"second|manager's|manager|priya's|whole|going|through|of|everyone|his|her|"
        rf"their))* "
        rf"{_APPROVAL}"
    ),
    (
        r"(?:without|with out)(?: \S+){0,3} (?:approving|approval|approve|signing off|"
        r"reviewing|okaying)"
    ),
    (
        r"(?:no|zero) (?:approvals?|review|approver)(?: (?:needed|required|necessary|"
        r"this))?"
    ),
    (
        rf"(?:don't|dont|do not|doesn't|doesnt|don t|does not|needn't)(?: (?:need|want|"
        rf"ask|"
        rf"wait|bother|require|for|with|any|an|the|to|be|get|it|send|route|go|through|"
        rf"have))+ "
        rf"{_APPROVAL}"
    ),
    (
        r"(?:just|simply|directly|immediately)? ?(?:post|apply|push|book|write|enter) "
        r"(?:it|this"
        r"|that|them)(?: \S+){0,3} (?:directly|straight|right now without|without "
        r"asking|"
        r"anyway|"
        r"straightaway|yourself)"
    ),
    (
        r"(?:post|push|write|straight|directly)(?: (?:directly|straight|it))* (?:in|"
        r"into|"
        r"to|on) "
        r"(?:the )?(?:books|quickbooks|ledger)(?: (?:directly|without|now))*(?= )"
    ),
    (
        r"auto - ?approve|autoapprove|self - ?approve|approve (?:it |this |that |them "
        r"|<p> |everything |all )?"
        r"(?:yourself|automatically|for me|on my behalf|as \S+|on behalf)"
    ),
    (
        r"(?:pretend|act as if|act like|make believe|assume|fake|forge|claim|say|"
        r"simulate)"
        r"(?: \S+){0,6} (?:approved?|approval|approver|approves|admin)"
    ),
    r"(?:mark|set|flag)(?: \S+){0,3} as approved",
    r"(?:on behalf of|in the name of|impersonate|as) \S+(?: \S+)? approve",
    (
        r"(?:ignore|disregard|forget|override) (?:(?:all|your|the|any|previous|prior|"
        r"above|"
        r"these|"
        r"those|earlier|my|of) )*(?:instructions?|rules?|prompts?|guidelines|policies|"
        r"policy|"
        r"safeguards)"
    ),
    r"you are now|system prompt|developer mode|jailbreak|admin mode|god mode",
)

_NOT_SUPPORTED = (
    (
        r"(?:run|process|do|start|submit|file|pay|set up|create|manage|calculate|"
        r"approve) "
        r"(?:\S+ ){0,3}payroll|payroll (?:run|for|is|taxes|tax|this|<date>)|payslips?|"
        r"pay "
        r"?stubs?"
        r"|paychecks?|pay (?:the |our |my )?(?:staff|employees?|crew|team|wages|"
        r"salar(?:y|"
        r"ies)|"
        r"people|workers)|(?:run|do) (?:the )?wages|w - ?2s?|timesheets?|time "
        r"?tracking|"
        r"clock (?:in|out)"
    ),
    (
        r"(?:transfer|move|wire|shift|sweep)(?: \S+){0,3} (?:money|funds|cash|<m>|<n>|"
        r"\d+(?! (?:'s |s )?(?:due|terms|memo|date|from (?:the )?<date>) )|"
        r"balance)(?: \S+){0,6}? (?:from|to|into|between|over) "
    ),
    # "Direct" may be read as a vendor's name.
    (
        r"(?:create|start|enable|manage) (?:a |the |our )*(?:direct|<name:v>) deposits?"
        r"(?! (?:of|from))"
    ),
    # A price list is kept in QuickBooks: its prices are only read here.
    (
        r"(?:set|change|update|raise|lower|make|put|increase|reduce|bump|drop)"
        r"(?: (?:the|our|my|a))* (?:{I}(?: 's)? (?:price|rate|cost)|(?:price|rate|cost)"
        r" (?:of|for) (?:the |our )?{I}) (?:to|by|at|up|down) "
    ),
    (
        r"(?:send|put)(?: (?!payment|deposit|down|through|in )\S+){0,3} "
        r"(?:money|funds|cash|<m>)(?: (?!payment|deposit|check|paid)\S+){0,6}? "
        r"(?:from|to|into|between|over) "
    ),
    (
        r"(?:bank|wire|money|account) transfer (?:to|from|of)|make a (?:bank "
        r")?transfer|"
        r"initiate "
        r"(?:a |an )?(?:ach|wire|transfer)|(?:wire|transfer|send) (?:the )?(?:money|"
        r"funds)|"
        r"transfer between|(?:send|wire|pay) (?:<m>|{NUM})(?: \S+)? (?:by|via) (?:wire|"
        r"ach|"
        r"transfer|bank)|(?:^| )(?:wire|transfer) (?:<m>|<n>|\d+|{PARTY})"
    ),
    (
        r"(?:delete|erase|wipe|destroy|purge|remove)(?: (?:this|the|our|my|all|whole|"
        r"entire|a|"
        r"everything|that|every|old|his|her|their|test|customer|vendor|called|named))* "
        r"(?:company|"
        r"companies|books|quickbooks|data|customers?|vendors?|items?|accounts?|"
        r"invoices?|"
        r"bills?|"
        r"payments?|expenses?|everything|records?|history|{PARTY}|<doc:\w>|credit "
        r"?memos?|"
        r"creditmemos?|transactions?)"
    ),
    (
        r"(?:void|cancel|reverse|nullify)(?: (?:the|a|an|that|this|our|my|last))* "
        r"(?:payments?|creditmemos?|credit|expenses?|purchases?|checks?|deposits?)"
        r"(?= )"
    ),
    (
        r"quickbooks (?:\S+ )?desktop|desktop (?:file|version|edition|quickbooks)|qbd|"
        r"iif|"
        r"qbw|"
        r"quickbooks enterprise|xero|sage|freshbooks|wave accounting"
    ),
    (
        r"(?:make|create|write|send|draft|new|prepare|do|give|need|list|show|add|email|"
        r"convert|"
        r"raise|issue|put|get|all|any|open|pending|our|the)(?: \S+){0,4} (?:estimates?|"
        r"quotes?|"
        r"quotations?|proforma|pro forma)|estimates? (?:for|to)|quotes? (?:for|to)"
    ),
    r"refunds?|refunded|refunding|money back|give (?:\S+ ){0,4}back",
    (
        r"(?:customer|account|monthly|send|email|a|vendor|client|year - ?end|print|"
        r"activity) "
        r"statements?(?! of)|statements? (?:for|to) "
    ),
    (
        r"bank (?:rec|reconciliation|reconcile)|reconcil(?:e|ing|iation)(?: (?:the|our|"
        r"my|"
        r"all|"
        r"<date>|of|this|bank|for))* (?:checking|savings|bank|account|accounts|books|"
        r"{A}|"
        r"statement"
        r"|card|credit card|$)|reconciliations?"
    ),
    (
        r"journal (?:entry|entries)|adjusting (?:entry|entries)|(?:purchase|expense) "
        r"orders?|sales "
        r"(?:receipts?"
        r"|orders?)|budgets?(?: vs)?|forecasts?|recurring|(?:every|each) (?:month|week|"
        r"quarter|"
        r"year|monday|friday) (?:invoice|send|bill|charge|pay)|(?<=^ )(?:please |can "
        r"you )?"
        r"(?:invoice|bill|charge|send|pay)(?: \S+)+ (?:every|each) (?:month|week|"
        r"quarter|"
        r"year|1st|\d+(?:st|nd|rd|th))|"
        r"(?:monthly|weekly) (?:invoice|bill) (?:for|to)"
    ),
    (
        r"(?:file|submit|lodge|prepare|do|pay|run) (?:(?:the|our|my|a|sales|this|"
        r"<date>|s|"
        r"our|quarterly|annual|year end) )*(?:{NAME} (?=tax|returns?))?"
        r"(?:tax(?:es)?|vat|tax return|vat return|returns?|1099s?|sales tax|gst)|"
        r"1099s|(?:forms?|a|our|the) 1099|1099 (?:forms?|nec|misc|filing|contractors?)|"
        r"vat return"
        r"|tax return|mtd return"
    ),
    # What is owed of it is worked out in QuickBooks' own tax centre.
    (
        r"(?:sales tax|vat|gst) (?:(?:do|did|we) )*(?:owed?|owing|payable|liability)"
        r"|(?:how much|what)(?: \S+){0,3} (?:sales tax|vat|gst) (?:\S+ ){0,2}"
        r"(?:owed?|owing|due|payable)|(?:owe|owing)(?: \S+){0,3} (?:sales tax|vat|gst)"
    ),
    (
        r"write (?:\S+ ){0,3}off|write - ?offs?|bad debts?|(?:merge|combine) (?:\S+ "
        r")*(?:customers?"
        r"|vendors?|accounts?|{PARTY})|close the (?:books|year|month|period)|(?:year|"
        r"month) - ?end "
        r"close|(?:lock|unlock) the (?:books|period)|depreciat(?:e|ion entry)|(?:make|"
        r"record) "
        r"(?:a )?bank deposit|stock ?take|adjust (?:\S+ ){0,3}(?:inventory|stock|"
        r"quantity)|"
        r"inventory"
        r" adjustment"
    ),
    (
        r"(?:send|email|text|write)(?: \S+){0,4} (?:reminders?|statement|dunning)|"
        r"remind "
        r"{C}|"
        r"payment (?:reminder|link)|(?:charge|run) (?:their|her|his|the|{C}) (?:credit "
        r")?card|"
        r"(?:attach|upload|scan|import) |export (?:\S+ )*(?:to|as) |(?:to|in|as) "
        r"(?:excel|"
        r"csv)|"
        r"(?:connect|link|hook up) (?:\S+ ){0,2}(?:bank|stripe|paypal|shopify)|bank "
        r"feeds?|"
        r"credit (?:card )?(?:application|check)|vendor credits?|time off|apply for a "
        r"loan|"
        r"(?:hire|fire) (?:an|a|some|\S+) |(?:add|create|new|open|set up)(?: \S+){0,3} "
        r"(?:accounts?"
        r"|user|class|employee|budget)(?! \S* ?(?:payment|receivable))"
    ),
)

_OUT_OF_SCOPE = (
    (
        r"weather|forecast|rain|raining|snowing|temperature|jokes?|funny|poem|song|"
        r"story|"
        r"haiku|"
        r"riddle|recipe|cook|movie|movies|football|soccer|baseball|basketball|score of|"
        r"world cup|"
        r"olympics|president|election|politics|news|horoscope|lottery|translate|"
        r"translation|"
        r"stock market|stock price|share price|bitcoin|crypto|restaurant|lunch|dinner|"
        r"pizza|"
        r"coffee|holiday|vacation|flight|hotel room|taxi|uber|birthday|capital of|"
        r"meaning "
        r"of life"
    ),
    (
        r"(?:sue|suing|lawsuit|lawyer|attorney|legal (?:advice|action|opinion|"
        r"question)|"
        r"legally|"
        r"legal to|illegal|court|small claims|contract law|liable|collections agency|"
        r"litigation|"
        r"is it legal|terms of service)"
    ),
    (
        r"(?:write (?:\S+ ){0,5}off (?:\S+ ){0,6}tax(?:es)?|deductible|deduct|"
        r"deduction|deductions|write it off on|tax (?:advice|"
        r"question|"
        r"implications|bracket|rate|rates|break|planning|deadline|law)|taxable|how "
        r"much "
        r"tax|"
        r"what tax|owe in tax|irs|(?:de)?register(?:ed|ing)? for (?:the )?(?:vat|gst|"
        r"sales tax)"
        r"|(?:can|could|may|should) (?:i|we) write off (?:my|our|the|an?) "
        r"(?!(?:\S+ )*(?:invoices?|debts?|balance|customer|<doc:i>|{C}))"
        r"|should (?:i|we) (?:incorporate|form|invest|hire|buy|lease|"
        r"fire)|"
        r"invest|investment advice|audit risk|section 179|claim (?:the )?vat|reclaim "
        r"vat|"
        r"vat (?:on|registered|threshold))"
    ),
)


_MONEY_SPENT = r"expenses?|spend|spent|spending|costs?"


def skips_approval(sentence: Sentence) -> bool:
    """Whether it asks to skip, bend or fake approval."""
    if sentence.has(r"already (?:been )?approved|pre - ?approved|was approved"):
        return sentence.has("|".join(_SKIPPING[:4]))
    return any(sentence.has(source) for source in _SKIPPING)


def interpretation(
    sentence: Sentence, *, writing: bool = False
) -> Interpretation | None:
    """The refusal that a message calls for; None if it calls for none.

    `writing` says that it is a request to write: what money was spent on is then
    no subject of its own.
    """
    if skips_approval(sentence):
        return refuse("not_supported")
    # What is bought may be asked about: "expenses on coffee".
    elsewhere = _OUT_OF_SCOPE[sentence.has(_MONEY_SPENT) :]
    if not writing and any(sentence.has(source) for source in elsewhere):
        return refuse("out_of_scope")
    if sentence.has(r"cashflow|pnl|balancesheet|aging|statement of"):
        return None
    if any(sentence.has(source) for source in _NOT_SUPPORTED):
        return refuse("not_supported")
    return None

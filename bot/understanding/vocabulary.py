"""The words that the grammar knows, as tables.

Every word here is *weak* as part of a name: it never stands for a customer by
itself ("void", "may", "bill"), only beside a word that is not known.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Other ways to type a word that the grammar knows under one form only.
SLANG: dict[str, str] = dict(
    pair.split(":")
    for pair in [
        "pls:please",
        "plz:please",
        "plse:please",
        "pleas:please",
        "pleaze:please",
        "wk:week",
        "wks:weeks",
        "qtr:quarter",
        "qtrs:quarters",
        "yr:year",
        "yrs:years",
        "mo:month",
        "mth:month",
        "mths:months",
        "mnth:month",
        "rn:now",
        "r:are",
        "u:you",
        "ur:your",
        "thx:thanks",
        "ty:thanks",
        "tx:thanks",
        "inv:invoice",
        "invs:invoices",
        "invoce:invoice",
        "client:customer",
        "clients:customers",
        "clientele:customers",
        "supplier:vendor",
        "suppliers:vendors",
        "cust:customer",
        "custs:customers",
        "acct:account",
        "acc:account",
        "accts:accounts",
        "accs:accounts",
        "pmt:payment",
        "pmts:payments",
        "pymt:payment",
        "pymts:payments",
        "recd:received",
        "rcvd:received",
        "rec:received",
        "hr:hour",
        "hrs:hours",
        "amt:amount",
        "bal:balance",
        "yest:yesterday",
        "yday:yesterday",
        "tmrw:tomorrow",
        "tomo:tomorrow",
        "tmr:tomorrow",
        "tdy:today",
        "tonite:tonight",
        "qb:quickbooks",
        "qbo:quickbooks",
        "qbs:quickbooks",
        "ageing:aging",
        "aged:aging",
        "cheque:check",
        "cheques:checks",
        "chq:check",
        "chk:check",
        "pnl:pnl",
        "vs:vs",
        "v:vs",
        "versus:vs",
        "whats:what",
        "thats:that",
        "whos:who",
        "hows:how",
        "wheres:where",
        "whens:when",
        "gimme:give",
        "lemme:let",
        "wanna:want",
        "gonna:going",
        "im:i",
        "ive:i",
        "id:i",
        "ill:i",
        "bk:book",
        "desc:description",
        "ph:phone",
        "tel:phone",
        "mob:phone",
        "mobile:phone",
        "cell:phone",
        "mail:email",
        "emails:email",
        "trading:trading",
        "biz:business",
        "expence:expense",
        "expences:expenses",
        "purchase:expense",
        "purchases:expenses",
        "custmer:customer",
        "teh:the",
        "ows:owes",
        "owse:owes",
        "oews:owes",
        "owess:owes",
        "oweing:owing",
        "mony:money",
        "moeny:money",
        "monney:money",
        "munny:money",
        "ow:owe",
        "oew:owe",
        "wat:what",
        "waht:what",
        "wich:which",
        "shw:show",
        "hsow:show",
        "mcuh:much",
        "mutch:much",
        "bils:bills",
        "biills:bills",
        "invocie:invoice",
        "payed:paid",
        "paied:paid",
        "piad:paid",
        "unpayed:unpaid",
        "viod:void",
        "vodi:void",
        "duee:due",
        "lsat:last",
        "ballance:balance",
        "sheat:sheet",
        "slaes:sales",
        "custumer:customer",
        "custumers:customers",
        "vender:vendor",
        "venders:vendors",
        "recieved:received",
        "tommorow:tomorrow",
        "yesturday:yesterday",
        "adn:and",
        "frm:from",
        "fr:for",
        "creditnote:creditmemo",
        "cashflow:cashflow",
        "approvals:approvals",
        "recategorise:recategorize",
        "uncategorised:uncategorized",
        "categorise:categorize",
        "categorised:categorized",
        "categorisation:categorization",
        "recode:recategorize",
        "reclassify:recategorize",
    ]
    for pair in [pair]
)

# How words are typed on a phone. Each is read as the words it stands for, but only
# where no name of the books has it: "n" is "and", unless somebody's name is "N".
SPELLINGS: dict[str, str] = {
    word: meant
    for words, meant in (
        # Little words.
        ("n nd", "and"),
        ("w wit", "with"),
        ("outta outa", "from"),
        ("ovr", "over"),
        ("undr", "under"),
        ("abt", "about"),
        ("btwn", "between"),
        ("til", "till"),
        ("da", "the"),
        ("dat tht", "that"),
        ("ths thsi", "this"),
        ("dem thm", "them"),
        ("ya", "you"),
        ("wht wats whts", "what"),
        ("wen", "when"),
        ("hw", "how"),
        ("howmuch", "how much"),
        ("howmany", "how many"),
        ("jus jst", "just"),
        ("cn", "can"),
        ("cld cud", "could"),
        ("wld wud", "would"),
        ("shld shud", "should"),
        ("cuz coz cus", "because"),
        ("unpd", "unpaid"),
        # Two words in one.
        ("howd", "how did"),
        ("whatd", "what did"),
        ("whered", "where did"),
        ("whend", "when did"),
        ("whod", "who did"),
        ("didja", "did you"),
        ("dya dyou", "do you"),
        ("hafta", "have to"),
        ("needa", "need to"),
        ("weve", "we"),
        ("lmk", "let me know"),
        # Courtesies.
        ("yo heya hiya hullo ello", "hello"),
        ("bro dude buddy", "mate"),
        ("kk okey okie", "ok"),
        ("yup ye", "yes"),
        ("fyi btw", "just"),
        ("rq", "quick"),
        ("thnx thnks thks tnx tks tysm", "thanks"),
        # Time.
        ("nxt", "next"),
        ("lst", "last"),
        ("prev prv", "previous"),
        ("curr", "current"),
        ("mos mnths", "months"),
        ("qrtr", "quarter"),
        ("wknd", "weekend"),
        ("tmw tmrrw", "tomorrow"),
        ("ystrdy yestrdy", "yesterday"),
        ("eom", "end of month"),
        ("eoq", "end of quarter"),
        ("eoy", "end of year"),
        ("lastweek", "last week"),
        ("lastmonth", "last month"),
        ("lastyear", "last year"),
        ("thisweek", "this week"),
        ("thismonth", "this month"),
        ("thisyear", "this year"),
        ("nextweek", "next week"),
        ("nextmonth", "next month"),
        # What is done, and with what.
        ("pd", "paid"),
        ("rcv rcvd rcd", "received"),
        ("snd", "send"),
        ("giv", "give"),
        ("chg chng", "change"),
        ("cxl canc", "cancel"),
        ("del", "delete"),
        ("upd", "update"),
        ("cred crd", "credit"),
        ("dup dupe", "duplicate"),
        ("ck cks", "check"),
        ("dep", "deposit"),
        ("vend", "vendor"),
        ("vends", "vendors"),
        ("exp expns", "expense"),
        ("exps", "expenses"),
        ("rpt", "report"),
        ("sht", "sheet"),
        ("stmt", "statement"),
        ("num nbr", "number"),
        ("addr", "address"),
        ("amnt", "amount"),
        ("tot totl", "total"),
        ("svc", "service"),
        ("prod", "product"),
    )
    for word in words.split()
}

NUMBERS: dict[str, int] = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
    if value > 1
} | {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}

MONTHS: dict[str, int] = {}
for _number, _forms in enumerate(
    (
        "january jan",
        "february feb",
        "march mar",
        "april apr",
        "may",
        "june jun",
        "july jul",
        "august aug",
        "september sep sept",
        "october oct",
        "november nov",
        "december dec",
    ),
    1,
):
    for _form in _forms.split():
        MONTHS[_form] = _number

WEEKDAYS: dict[str, int] = {}
for _number, _forms in enumerate(
    (
        "monday mon",
        "tuesday tue tues",
        "wednesday wed weds",
        "thursday thu thur thurs",
        "friday fri",
        "saturday sat",
        "sunday sun",
    )
):
    for _form in _forms.split():
        WEEKDAYS[_form] = _number

UNITS = _words(
    "hour hours day days bag bags yard yards ton tons tonne tonnes unit units piece "
    "pieces pcs visit visits box boxes load loads month months session sessions"
)

# Words worth correcting when mistyped.
KEYWORDS = _words(
    """
    invoice invoices invoiced invoicing overdue outstanding unpaid voided unsent paid
    payment payments received receipt customer customers vendor vendors bill bills
    billed expense expenses spend spent spending sales sold turnover revenue balance
    balances account accounts accounting quarter quarters month months week weeks year
    years yesterday today tomorrow january february march april june july august
    september october november december monday tuesday wednesday thursday friday
    saturday sunday profit income statement report aging detail detailed receivable
    receivables payable payables debtors creditors proposal proposals approval
    approvals approve approved pending waiting rejected reject applied failed expired
    withdrawn withdraw unconfirmed stale connect connected connection disconnect
    reconnect company status quickbooks switch change update record create categorize
    recategorize categorized reactivate deactivate inactive active email phone address
    terms memo credit service inventory product products items price prices charge
    check cash deposit reference please thanks largest smallest newest oldest latest
    biggest recent between since until before after amount total remove delete cancel
    transfer payroll dated show list sheet fiscal group chart undo sync waits owing
    basis accrual compare compared previous quantity hours hour yards tonnes visits
    pieces sessions boxes second third fourth
    """
)

# Words that bear no meaning of their own in a request.
FILLER = _words(
    """
    a an the please thanks thank you hi hello hey ok okay right so well now then just
    quickly quick can could would will shall i i'd we us our me my to for of on in at
    by with and need want like wanna lets let go ahead kindly remember urgent urgently
    asap maybe perhaps probably guess think
    immediately today's there here this that it its all yes yep yeah sure cheers mate
    when get chance moment minute good morning afternoon evening dear team bot
    countersign is are be was were do does have has had been being up out over again
    also too as from into per his her their them they him she he who which one ones
    actually sorry im ta love great perfect nice alright thankyou gotta got must
    should may if possible whenever ready soon help give let's your away off really pm
    am next bit tell know oh ah um hm hmm
    """
)

_MORE = _words(
    """
    meant mean both transferred wired remitted mailed handed dropped cleared sent gave
    add added new set make made making mark put book log enter entered post take taken
    raise draft drafts prepare write register onboard issue send sending sent resend
    forward deliver void cancel pay pays paying paid settle settled edit correct fix
    rename extend push move remove drop strip delete apply applied code classify file
    reconcile undo revert reverse withdraw retract approve reject switch use sync
    refresh resync pull fetch test ping check connect link hook disconnect unlink what
    which who whom whose how much many when where why any anything anyone show list
    see view find search look looking lookup display open opened name named called
    names starting starts start containing contains contain matching like owe owes
    owed owing debt debts debtor debtors creditor creditors balance balances
    outstanding overdue unpaid late behind past due falling coming void voided
    cancelled canceled unsent not yet haven't hasn't havent hasnt dont don't didn't
    didnt isn't isnt aren't arent won't cant can't no never without except top biggest
    largest smallest highest lowest newest oldest latest last recent most least first
    second third fourth fifth latter former bottom least longest more less than above
    below under over at-least up-to minimum maximum max min least exceeding greater
    bigger smaller higher lower between within total totals sum amount amounts value
    worth number numbers no count month months monthly week weeks weekly quarter
    quarters quarterly year years yearly annual annually day days daily date dates
    dated fiscal financial calendar period previous prior before after since until
    till through thru during ytd mtd qtd wtd ago earlier later end beginning today
    yesterday tomorrow tonight fortnight fortnights weekend half halves compare
    compared comparison against vs same time basis cash accrual detail details
    detailed summary breakdown break group grouped customer customers vendor vendors
    item items product products service services inventory noninventory stock price
    prices pricing rate rates cost costs charge charges charged account accounts chart
    bank banks credit debit card cards loan loans equity asset assets liability
    liabilities income revenue revenues expense expenses spend spent spends spending
    sale sales sell sells selling sold turnover bill bills billed billing invoice
    invoices invoiced invoicing payment payments receipt receipts received receive
    receiving memo memos note notes description profit profits loss losses pnl net
    gross margin money make earn earned earning earnings bottom line sheet flow
    cashflow report reports statement statements receivable receivables payable
    payables aging ar ap proposal proposals approval approvals approved approving
    pending waiting awaiting waits wait rejected failed fail failing expired expire
    unconfirmed stale withdrawn mine requests request state status states company
    companies books quickbooks online desktop connection connected connecting
    connections reconnect working alive email emailed phone address terms term active
    inactive activate deactivate reactivate archive change changes changed changing
    update updated reference ref deposit deposited method via using each apiece every
    hour hours unit units x times qty quantity at full fully everything whole entire
    entirely part partly either or instead rather else other another except pdf copy
    print download old green city west day media group thirty forty january february
    march april may june july august september october november december jan feb mar
    apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday
    saturday sunday mon tue tues wed weds thu thur thurs fri sat sun billing doing did
    done doing going gone get getting gets gave given came come comes goes went keep
    kept held hold in-full because cause cos bc reason duplicate mistake wrong twice
    error purchased bought buy buys under categorize recategorize categorized
    uncategorized category categories type types kind class classes dollars dollar
    bucks quid pounds pound grand euros euro usd gbp eur k include including includes
    only also plus minus about around roughly approximately ish credits debits best
    worst sort sorted order ordered rank ranked weather forecast joke jokes poem song
    story recipe news lawyer attorney legal sue court tax taxes deductible payroll
    employee employees staff crew wages salary weekend transfer wire money funds
    estimate estimates quote quotes refund refunds journal budget reminder reminders
    excel csv export import backup lunch dinner coffee football proposed propose
    proposes
    """
)

KNOWN = (
    KEYWORDS
    | FILLER
    | _MORE
    | UNITS
    | frozenset(MONTHS)
    | frozenset(WEEKDAYS)
    | frozenset(NUMBERS)
    | frozenset(SLANG.values())
    | frozenset(word for words in SPELLINGS.values() for word in words.split())
)

# English words that are one slip away from a keyword and are no slips.
NOT_SLIPS = _words(
    """
    remember member members
    avoid snow sand lend tend bell ball bull hill mill will fill till said laid text
    rest past fast mouth form ever data late near dear voice process projects project
    choice notice office offices device advice services trips weeks thanks shown
    invite approves proves chance charger changes orders price prize statue states
    income person persons reports rapport depot deposits creates crates grate check
    cheeks counts count scales scale bales tales females
    """
)

# Everyday words: never a misspelt name.
EVERYDAY = _words(
    """
    night light right might sight fight game games name same came home house horse
    course place space plane plate state stage story store stone score short shirt
    sport spoke world would could should there their these those where which while
    white write wrong woman women young youth water weather whether father mother
    brother sister other another people person problem question answer thing things
    think thank thanks great green group grand brand bread break dream train trail
    trial truck track trick trust money honey month mouth morning evening today
    tomorrow yesterday never ever every even about above after again against along
    among around before behind below between beyond both bring build built carry catch
    cause chance change child city class clean clear close coming common cover crazy
    daily dance death doing door down drink drive early earth eight enough exact fact
    fair fall family fast feel field final find fine fire first five fixed floor
    follow food force form forward found four free fresh friend from front full funny
    future garage girl given glad glass going gone good grave hand happy hard hate
    have head
    hear heart heavy held hello help here high hold hope hotel hour huge human idea
    inside issue joke jose just keep kind know known land large last late laugh lead
    learn leave left less letter level life like line list little live local long look
    lose lost love lunch made main make many market matter maybe mean meet meeting
    mind minute miss model most move much music must need next nice nine nobody
    nothing notice number often once only open order over own page paint paper park
    part party pass past phone photo pick piece plan planet play please point poor
    post power press pretty print quick quiet quite radio rain reach read ready real
    reason record rest rich ring river road rock room round rule safe said sale save
    school season seat second seem sell sense serve seven shape share sharp shop show
    sick side sign simple since sing size skill skin sleep slow small smart smile snow
    some song soon sorry sort sound south speak spell spend spring stand start stay
    step still stop street strong stuff such summer sure sweet swim table take talk
    tall team tell test than that them then they this three time tired together told
    took tool total touch town travel tree true turn type under until upon used usual
    very video view visit voice wait walk wall want warm watch wear week well went
    were what wheel when will wind window wine winter wish with word work worry worth
    year your zero dinner movie movies teach teacher doctor winner winter tennis
    soccer capital country president
    """
)

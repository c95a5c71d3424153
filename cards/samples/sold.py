"""Sample cards of the sales side: invoices changed, credit, new items, new names."""

from dataclasses import replace

from approvals.proposal import Risk
from cards import talk
from cards.card import Button, Card
from cards.samples.proposed import INVOICE, PENDING, show
from cards.samples.world import HARBOUR, PRIYA, gbp, usd
from qbo.books import Circumstances, Line, Shown, Step, Verb


def _step(verb: Verb, entity: str, record_id: str | None = None) -> Step:
    path = entity.lower()
    return Step(
        verb, entity, "POST", path, (), "application/json", b"{}", "0" * 32, "0" * 64,
        record_id=record_id,
    )  # fmt: skip


_CHANGED = replace(
    INVOICE,
    action="invoice.update",
    heading="Change invoice 1042 of Acme West, $1,845.00",
    steps=(_step(Verb.UPDATE, "Invoice", "3023"),),
    shown=(
        Shown("Invoice", "1042"),
        Shown("Customer", "Acme West"),
        Shown("Due date", "15 Dec 2026", before="20 Dec 2026"),
        Shown(
            "Consulting",
            "12 × $150.00 = $1,800.00",
            before="10 × $150.00 = $1,500.00",
        ),
        Shown("Garden Lights", "(removed)", before="2 × $24.95 = $49.90"),
        Shown("Added: Delivery", "1 × $45.00 = $45.00"),
        Shown("Total", "$1,845.00", before="$1,554.02"),
        Shown("Open balance", "$1,845.00", before="$1,554.02"),
    ),
    lines=(
        Line(usd("1800.00"), item="Consulting"),
        Line(usd("45.00"), item="Delivery"),
    ),
    total=usd("1845.00"),
    tax=usd("0.00"),
    notes=(
        (
            "It was e-mailed before, and is not e-mailed again: send it once more if"
            " the customer should have it as it is then."
        ),
    ),
)
_CREDIT = replace(
    INVOICE,
    action="credit_memo.create",
    heading="Credit Brookside 1-12 with £576.00",
    steps=(_step(Verb.CREATE, "CreditMemo"),),
    shown=(
        Shown("Customer", "Brookside 1-12"),
        Shown("Credit date", "20 Nov 2026"),
        Shown("Number", "PPC-0339"),
        Shown("For invoice", "PPC-0338"),
        Shown("Memo", "missed visits (Ref P-17)"),
        Shown("Subtotal", "£480.00"),
        Shown("Tax (estimate)", "£96.00 (20.0% S)"),
    ),
    lines=(Line(gbp("480.00"), item="Management Fee"),),
    total=gbp("576.00"),
    tax=gbp("96.00"),
    notes=(
        "Tax is an estimate; QuickBooks works it out when it is posted.",
        (
            "It is not applied: the credit stays with Brookside 1-12 until somebody"
            " applies it to invoice PPC-0338 or another in QuickBooks, or pays it back."
        ),
    ),
)
_ITEM = replace(
    INVOICE,
    action="item.create",
    heading="New item Bird Bath",
    steps=(_step(Verb.CREATE, "Item"),),
    shown=(
        Shown("Name", "Bird Bath"),
        Shown("Type", "Non-inventory"),
        Shown("Price", "$38.00"),
        Shown("Income account", "Materials Income"),
    ),
    lines=(),
    total=None,
    notes=(
        (
            "Its income goes to Materials Income, the company's default for that type,"
            " as none was said."
        ),
        "It is not taxable, until somebody says so in QuickBooks.",
    ),
)
_DECIDES = ("approve", "reject")


def cards() -> dict[str, Card]:
    """The cards of proposals of the sales side, and the questions about names."""
    changed = replace(
        PENDING,
        draft=_CHANGED,
        words="make 1042 12 hours, drop the lights, add delivery, due on the 15th",
        circumstances=Circumstances(
            party="Acme West",
            effects=(Shown("Balance of Acme West", "$3,118.00", before="$2,827.02"),),
        ),
        risks=(),
    )
    credit = replace(
        PENDING,
        draft=_CREDIT,
        words="credit memo for Brookside, 2 management fees, against PPC-0338",
        circumstances=Circumstances(party="Brookside 1-12"),
        risks=(),
    )
    item = replace(
        PENDING,
        draft=_ITEM,
        words="add non-inventory item Bird Bath at $38",
        circumstances=Circumstances(items=("Bird Bath",)),
        risks=(Risk("note", "Asked for on a Saturday.", "weekend"),),
    )
    return {
        "proposals/pending-invoice-change": show(changed, PRIYA, *_DECIDES),
        "proposals/pending-credit": show(credit, PRIYA, *_DECIDES),
        "proposals/pending-item": show(item, PRIYA, *_DECIDES),
        "talk/name-alike": _asked(
            "Before Tidewater Hotell is made: QuickBooks has the customer Tidewater"
            " Hotel (nearly the same name) and the inactive customer Tidewater Hostel"
            " (nearly the same name). Is that the one you mean?",
            ("answer.ask", "Use Tidewater Hotel"),
            ("answer.propose", "Make Tidewater Hostel active again"),
            ("answer.propose", "Create Tidewater Hotell all the same"),
        ),
        "talk/customer-missing": _asked(
            'I know no customer called "Riverdale Farm". Which one do you mean?',
            ("answer.propose", "Create Riverdale Farm first"),
        ),
    }


def _asked(text: str, *buttons: tuple[str, str]) -> Card:
    card = talk.question(text, company=HARBOUR, is_write=True)
    made = tuple(Button(label, verb, "token") for verb, label in buttons)
    return replace(card, buttons=made)

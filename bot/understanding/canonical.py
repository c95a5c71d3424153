"""A meaning as one plain sentence, which means just that again.

What stands on a button when a request was not understood, and what holds the
grammar to itself: what it can mean it can also read.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from bot.understanding.interpretation import Interpretation

Arguments = Mapping[str, Any]

_SORTED = {
    "newest": "newest first",
    "oldest": "oldest first",
    "largest": "largest first",
    "smallest": "smallest first",
}
_GROUPED = {
    "customer": "by customer",
    "vendor": "by vendor",
    "item": "by item",
    "account": "by category",
    "month": "by month",
    "quarter": "by quarter",
    "class": "by class",
}


def sentence(meant: Interpretation) -> str | None:
    """The sentence; None where there is none (a question, a refusal)."""
    made = _SENTENCES.get(meant.action or "")
    if made is None or meant.kind not in {"read", "write", "command"}:
        return None
    said = " ".join(made(meant.arguments).split()).replace(" ,", ",")
    if "company" in meant.arguments and meant.kind != "command":
        said = f"in {meant.arguments['company']}, {said}"
    return said


# --- what stands beside the rest -------------------------------------------------


def _span(span: Mapping[str, str], before: str = "") -> str:
    """Such as "from 2026-10-01 to 2026-10-31"; one end may be open."""
    start, end = span.get("start"), span.get("end")
    if start and end:
        return (
            f"{before} on {start}"
            if start == end
            else f"{before} from {start} to {end}"
        )
    if end:
        return f"{before} until {end}"
    return f"{before} from {start} on" if start else ""


def _against(span: Mapping[str, str]) -> str:
    return f"vs {span['start']} to {span['end']}"


def _due(span: Mapping[str, str]) -> str:
    start, end = span.get("start"), span.get("end")
    if start and end:
        return f"due on {start}" if start == end else f"due between {start} and {end}"
    if end:
        return f"due by {end}"
    return f"due after {date.fromisoformat(str(start)) - timedelta(days=1)}"


def _within(arguments: Arguments) -> str:
    """Period, due, limits and order of a list."""
    said = []
    if "period" in arguments:
        said.append(_span(arguments["period"]))
    if "due" in arguments:
        said.append(_due(arguments["due"]))
    least, most = arguments.get("min_amount"), arguments.get("max_amount")
    if least and most:
        said.append(f"between {least} and {most}")
    elif least:
        said.append(f"of at least {least}")
    elif most:
        said.append(f"of at most {most}")
    if "sort" in arguments:
        said.append(f", {_SORTED[arguments['sort']]}")
    if "limit" in arguments:
        said.append(f", limit {arguments['limit']}")
    return " ".join(said)


def _listed(noun: str, party: str = "") -> Callable[[Arguments], str]:
    """A list of documents: "overdue invoices for Acme West, largest first"."""

    def made(arguments: Arguments) -> str:
        said = [str(arguments.get("status", "")), noun]
        if party and party in arguments:
            said.append(f"for {arguments[party]}")
        if "invoice" in arguments:
            said.append(f"for invoice {arguments['invoice']}")
        if "account" in arguments:
            said.append(f"on {arguments['account']}")
        said.append(_within(arguments))
        return " ".join(said)

    return made


def _totals(verb: str) -> Callable[[Arguments], str]:
    """Such as "total spend on Fuel by month from 2026-01-01 to 2026-11-20"."""

    def made(arguments: Arguments) -> str:
        said = [verb]
        if "vendor" in arguments:
            said.append(f"at {arguments['vendor']}")
        if "account" in arguments:
            said.append(f"on {arguments['account']}")
        if "item" in arguments:
            said.append(f"of {arguments['item']}")
        if "customer" in arguments:
            said.append(f"to {arguments['customer']}")
        if "group_by" in arguments:
            said.append(_GROUPED[arguments["group_by"]])
        if "period" in arguments:
            said.append(_span(arguments["period"]))
        if "compare_to" in arguments:
            said.append(_against(arguments["compare_to"]))
        if "limit" in arguments:
            said.append(f", top {arguments['limit']}")
        return " ".join(said)

    return made


def _called(noun: str) -> Callable[[Arguments], str]:
    def made(arguments: Arguments) -> str:
        if arguments.get("with_balance"):
            return f"{noun} with a balance"
        if "search" in arguments:
            return f'list {noun} called "{arguments["search"]}"'
        return f"list {noun}"

    return made


def _owing(arguments: Arguments) -> str:
    said = ["who owes us money"]
    if "customer" in arguments:
        said = [f"how much does {arguments['customer']} owe us"]
    if "min_days_overdue" in arguments:
        said.append(f", at least {arguments['min_days_overdue']} days overdue")
    elif arguments.get("overdue"):
        said.append("that is overdue")
    if "limit" in arguments:
        said.append(f", top {arguments['limit']}")
    return " ".join(said)


def _owed(arguments: Arguments) -> str:
    said = ["who do we owe"]
    if "vendor" in arguments:
        said = [f"how much do we owe {arguments['vendor']}"]
    if arguments.get("overdue"):
        said.append("that is overdue")
    if "limit" in arguments:
        said.append(f", top {arguments['limit']}")
    return " ".join(said)


def _invoice(arguments: Arguments) -> str:
    if "invoice" in arguments:
        return f"show invoice {arguments['invoice']}"
    return f"latest invoice for {arguments['customer']}"


def _parties(arguments: Arguments) -> str:
    named = [arguments[party] for party in ("customer", "vendor") if party in arguments]
    return " ".join(f"for {each}" for each in named)


def _report(name: str) -> Callable[[Arguments], str]:
    def made(arguments: Arguments) -> str:
        said = [name, _parties(arguments)]
        if arguments.get("detail"):
            said.append("in detail")
        if "by" in arguments:
            said.append(_GROUPED[arguments["by"]])
        if "as_of" in arguments:
            said.append(f"as of {arguments['as_of']}")
        if "period" in arguments:
            said.append(_span(arguments["period"]))
        other = arguments.get("compare_to")
        if isinstance(other, str):
            said.append(f"compared with {other}")
        elif other:
            said.append(_against(other))
        if "basis" in arguments:
            said.append(f", {arguments['basis']} basis")
        return " ".join(said)

    return made


def _items(arguments: Arguments) -> str:
    kinds = {
        "Service": "service items",
        "Inventory": "inventory items",
        "NonInventory": "non-inventory items",
    }
    said = f"list {kinds.get(arguments.get('type', ''), 'items')}"
    if "search" in arguments:
        said += f' called "{arguments["search"]}"'
    return said


def _accounts(arguments: Arguments) -> str:
    said = f"list {str(arguments.get('type', '')).lower()} accounts"
    if "search" in arguments:
        said += f' called "{arguments["search"]}"'
    return said


def _proposals(arguments: Arguments) -> str:
    mine = "my" if arguments.get("mine") else ""
    return f"show {mine} {arguments.get('state', '')} proposals"


# --- writes ------------------------------------------------------------------------


def _line(line: Mapping[str, str]) -> str:
    what = line.get("item") or line.get("account") or ""
    if "account" in line:
        said = f"{line['amount']} for {what}"
    elif "rate" in line:
        said = f"{line['quantity']} x {what} at {line['rate']} each"
    elif "quantity" in line:
        said = f"{line['quantity']} x {what}"
        if "amount" in line:
            said += f" for {line['amount']}"
    elif "amount" in line:
        said = f"{what} for {line['amount']}"
    else:
        said = what
    if "description" in line:
        said += f', description "{line["description"]}"'
    return said


def _lines(lines: list[Mapping[str, str]]) -> str:
    return " and ".join(map(_line, lines))


def _conditions(arguments: Arguments) -> str:
    said = ""
    if "date" in arguments:
        said += f", dated {arguments['date']}"
    if "reference" in arguments:
        said += f", reference {arguments['reference']}"
    if "terms" in arguments:
        said += f", {arguments['terms']}"
    if "due_date" in arguments:
        said += f", due {arguments['due_date']}"
    if "memo" in arguments:
        said += f', memo "{arguments["memo"]}"'
    if arguments.get("send"):
        said += ", and send it"
    return said


def _invoice_create(arguments: Arguments) -> str:
    return (
        f"invoice {arguments['customer']} for {_lines(arguments['lines'])}"
        f"{_conditions(arguments)}"
    )


def _invoice_update(arguments: Arguments) -> str:
    number, changes = arguments["invoice"], arguments["changes"]
    if "add_lines" in changes and "remove_lines" in changes:
        gone = " and ".join(changes["remove_lines"])
        come = _lines(changes["add_lines"])
        return f"remove {gone} and add {come} on invoice {number}"
    if "add_lines" in changes:
        return f"add {_lines(changes['add_lines'])} to invoice {number}"
    if "remove_lines" in changes:
        return f"remove {' and '.join(changes['remove_lines'])} from invoice {number}"
    if "lines" in changes:
        return f"change invoice {number} to {_lines(changes['lines'])}"
    said = []
    if "due_date" in changes:
        said.append(f"change the due date of invoice {number} to {changes['due_date']}")
    if "terms" in changes:
        said.append(f"change the terms of invoice {number} to {changes['terms']}")
    if "memo" in changes:
        said.append(f'change the memo of invoice {number} to "{changes["memo"]}"')
    return " and ".join(said)


def _invoice_send(arguments: Arguments) -> str:
    if "invoice" in arguments:
        said = f"send invoice {arguments['invoice']}"
    else:
        said = f"send all {arguments.get('status', '')} invoices"
        if "customer" in arguments:
            said += f" for {arguments['customer']}"
    return said + (f" to {arguments['email']}" if "email" in arguments else "")


def _numbers(numbers: list[str]) -> str:
    return ("invoices " if len(numbers) > 1 else "invoice ") + " and ".join(numbers)


def _payment(arguments: Arguments) -> str:
    if "full" in arguments:
        what = (
            _numbers(arguments["invoices"])
            if "invoices" in arguments
            else "all open invoices"
        )
        said = (
            f"{arguments['customer']} paid {what} in full"
            if "customer" in arguments
            else f"record payment in full of {what}"
        )
    else:
        who = f" from {arguments['customer']}" if "customer" in arguments else ""
        said = f"record a payment of {arguments['amount']}{who}"
        if "invoices" in arguments:
            said += f" for {_numbers(arguments['invoices'])}"
    if "method" in arguments:
        said += f" by {arguments['method']}"
    if "date" in arguments:
        said += f" on {arguments['date']}"
    if "reference" in arguments:
        said += f", reference {arguments['reference']}"
    if "deposit_to" in arguments:
        said += f", deposited to {arguments['deposit_to']}"
    return said


def _credit(arguments: Arguments) -> str:
    said = f"credit memo for {arguments['customer']}: "
    said += _lines(arguments["lines"]) if "lines" in arguments else arguments["amount"]
    if "invoice" in arguments:
        said += f", against invoice {arguments['invoice']}"
    if "memo" in arguments:
        said += f', memo "{arguments["memo"]}"'
    return said


def _create(noun: str) -> Callable[[Arguments], str]:
    def made(arguments: Arguments) -> str:
        return f'add {noun} "{arguments["name"]}"{_fields(arguments)}'

    return made


def _fields(arguments: Arguments) -> str:
    said = ""
    if "email" in arguments:
        said += f", email {arguments['email']}"
    if "phone" in arguments:
        said += f", phone {arguments['phone']}"
    if "terms" in arguments:
        said += f", {arguments['terms']}"
    if "address" in arguments:
        said += f", address {arguments['address']}"
    return said


def _update(noun: str) -> Callable[[Arguments], str]:
    def made(arguments: Arguments) -> str:
        name, changes = arguments[noun], dict(arguments["changes"])
        if "name" in changes:
            return f'rename {name} to "{changes["name"]}"'
        if "active" in changes:
            return f"make {noun} {name} {'active' if changes['active'] else 'inactive'}"
        if "address" in changes and len(changes) == 1:
            return f"change the address of {name} to {changes['address']}"
        return f"update {noun} {name}{_fields(changes)}"

    return made


def _bill(arguments: Arguments) -> str:
    return (
        f"enter a bill from {arguments['vendor']}: {_lines(arguments['lines'])}"
        f"{_conditions(arguments)}"
    )


def _bill_pay(arguments: Arguments) -> str:
    said = (
        f"pay bill {arguments['bill']}"
        if "bill" in arguments
        else f"pay {arguments['vendor']}"
    )
    said += " in full" if arguments.get("full") else f" {arguments['amount']}"
    if "pay_from" in arguments:
        said += f" from {arguments['pay_from']}"
    if "date" in arguments:
        said += f" on {arguments['date']}"
    return said


def _expense(arguments: Arguments) -> str:
    said = f"spent {arguments['amount']} on {arguments['account']}"
    if "vendor" in arguments:
        said += f" at {arguments['vendor']}"
    if "date" in arguments:
        said += f" on {arguments['date']}"
    if "pay_from" in arguments:
        said += f", paid from {arguments['pay_from']}"
    if "memo" in arguments:
        said += f', memo "{arguments["memo"]}"'
    return said


def _categorize(arguments: Arguments) -> str:
    if "expense" in arguments:
        which = f"expense {arguments['expense']}"
    else:
        which = f"the {arguments.get('vendor', '')} expenses"
        if "period" in arguments:
            which += _span(arguments["period"])
    return f"categorize {which} as {arguments['account']}"


def _item(arguments: Arguments) -> str:
    kinds = {
        "Service": "service item",
        "Inventory": "inventory item",
        "NonInventory": "non-inventory item",
    }
    said = f'new {kinds.get(arguments.get("type", ""), "item")} "{arguments["name"]}"'
    if "price" in arguments:
        said += f", price {arguments['price']}"
    if "income_account" in arguments:
        said += f", income account {arguments['income_account']}"
    return said


def _proposal_edit(arguments: Arguments) -> str:
    which = arguments.get("proposal", "my proposal")
    said = [f"edit {which}:"]
    for key, value in arguments.get("changes", {}).items():
        shown = f'"{value}"' if key == "memo" else value
        said.append(f"{key.replace('_', ' ')} to {shown}")
    return " ".join(said)


def _plain(words: str, argument: str = "") -> Callable[[Arguments], str]:
    return lambda arguments: f"{words} {arguments.get(argument, '')}".strip()


_SENTENCES: dict[str, Callable[[Arguments], str]] = {
    "customers.list": _called("customers"),
    "customer.show": _plain("show customer", "customer"),
    "receivables.list": _owing,
    "invoices.list": _listed("invoices", "customer"),
    "invoice.show": _invoice,
    "invoice.pdf": _plain("pdf of invoice", "invoice"),
    "payments.list": _listed("payments", "customer"),
    "credit_memos.list": _listed("credit memos", "customer"),
    "bill.show": _plain("show bill", "bill"),
    "vendors.list": _called("vendors"),
    "vendor.show": _plain("show vendor", "vendor"),
    "bills.list": _listed("bills", "vendor"),
    "payables.list": _owed,
    "expenses.list": _listed("expenses", "vendor"),
    "spend.total": _totals("total spend"),
    "sales.total": _totals("total sales"),
    "items.list": _items,
    "item.show": _plain("price of", "item"),
    "accounts.list": _accounts,
    "account.show": _plain("balance of account", "account"),
    "report.profit_and_loss": _report("profit and loss"),
    "report.balance_sheet": _report("balance sheet"),
    "report.ar_aging": _report("A/R aging"),
    "report.ap_aging": _report("A/P aging"),
    "report.cash_flow": _report("cash flow"),
    "company.show": _plain("which company is this"),
    "proposals.list": _proposals,
    "proposal.show": _plain("show", "proposal"),
    "customer.create": _create("customer"),
    "customer.update": _update("customer"),
    "invoice.create": _invoice_create,
    "invoice.update": _invoice_update,
    "invoice.send": _invoice_send,
    "invoice.void": _plain("void invoice", "invoice"),
    "payment.record": _payment,
    "credit_memo.create": _credit,
    "vendor.create": _create("vendor"),
    "vendor.update": _update("vendor"),
    "bill.create": _bill,
    "bill.pay": _bill_pay,
    "expense.create": _expense,
    "expense.categorize": _categorize,
    "item.create": _item,
    "help": _plain("help"),
    "connect": _plain("connect QuickBooks"),
    "disconnect": _plain("disconnect", "company"),
    "connection.status": _plain("connection status"),
    "connection.test": _plain("test the connection"),
    "connection.use": _plain("switch to", "company"),
    "sync.now": _plain("sync now"),
    "undo": _plain("undo", "proposal"),
    "proposal.withdraw": lambda a: f"withdraw {a.get('proposal', 'my proposal')}",
    "proposal.edit": _proposal_edit,
}

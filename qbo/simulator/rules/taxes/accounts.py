"""Where tax stands in the books: a liability to its agency, or part of a cost."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from qbo.simulator.books.company import Company, Record
from qbo.simulator.books.ledger import Entry
from qbo.simulator.exact import ZERO, Json, cents
from qbo.simulator.rules.taxes.rates import PURCHASES, rates_of, side_of

_KINDS: Final = frozenset({"SalesTaxPayable", "GlobalTaxPayable"})


def liabilities(company: Company, body: Json) -> Iterator[tuple[str, Decimal]]:
    """The tax a form charges, by payable account, in the form's currency."""
    found: Json = body.get("TxnTaxDetail") or {}
    left = found.get("TotalTax", ZERO)
    for line, rate in _taxed(company, found):
        yield payable(company, rate), line["Amount"]
        left -= line["Amount"]
    if left:
        yield _only(company), left


def reclaimed(company: Company, body: Json) -> Iterator[tuple[str, Decimal]]:
    """The tax of a purchase that the agencies give back, by payable account."""
    found: Json = body.get("TxnTaxDetail") or {}
    left = found.get("TotalTax", ZERO)
    for line, rate in _taxed(company, found):
        left -= line["Amount"]
        if _given_back(company, rate):
            yield payable(company, rate), line["Amount"]
    if left:
        yield _only(company), left


def in_deposit(company: Company, body: Json) -> Iterator[tuple[str, Decimal]]:
    """The tax of what comes in with a deposit, less what nobody gives back of fees."""
    yield from liabilities(company, body)
    for rate, _, part in _not_given_back(company, body):
        yield payable(company, rate), -part


def costs(company: Company, body: Json) -> dict[str, Decimal]:
    """The tax of a purchase that is part of its cost, by the Id of its line."""
    found: dict[str, Decimal] = {}
    for _, number, part in _not_given_back(company, body):
        found[number] = found.get(number, ZERO) + part
    return found


def _not_given_back(
    company: Company, body: Json
) -> Iterator[tuple[Record, str, Decimal]]:
    """What no agency gives back: the rate, the Id of the line, the tax.

    A rate's tax is shared among its lines by their amounts, cut from running sums.
    """
    for tax, rate in _taxed(company, body.get("TxnTaxDetail") or {}):
        if _given_back(company, rate):
            continue
        lines = [
            one
            for one in _lines(body)
            if any(own.id == rate.id for own in rates_of(company, one.code, one.side))
        ]
        whole = sum((one.amount for one in lines), ZERO)
        before = so_far = ZERO
        for one in lines:
            so_far += one.amount
            up_to = cents(tax["Amount"] * so_far / whole) if whole else ZERO
            if one.side == PURCHASES:
                yield rate, one.id, up_to - before
            before = up_to


def payable(company: Company, rate: Record) -> str:
    """The account for what is owed to a rate's agency.

    It is looked for once and then kept with the agency, so that it may be renamed.
    """
    agency = company.find("TaxAgency", rate.ref("AgencyRef"))
    if agency is None:
        return _only(company)
    if "account" not in agency.notes:
        agency.notes["account"] = _named(company, agency) or _only(company)
        company.touch(agency)
    return str(agency.notes["account"])


def has_agency(company: Company, account: Record) -> bool:
    """Whether an account is the one of a tax agency."""
    return any(
        account.id == (agency.notes.get("account") or _named(company, agency))
        for agency in company.records("TaxAgency")
    )


def _named(company: Company, agency: Record) -> str:
    name = f"{agency.body['DisplayName']} Payable"
    for account in company.records("Account"):
        same = str(account.body["Name"]).casefold() == name.casefold()
        if same and account.body.get("AccountSubType") in _KINDS:
            return account.id
    return ""


def tax_entries(
    shares: Iterator[tuple[str, Decimal]], body: Json, sign: int
) -> list[Entry]:
    """Entries over tax accounts, in home currency."""
    rate: Decimal = body.get("ExchangeRate") or Decimal(1)
    sums: dict[str, Decimal] = {}
    for account, amount in shares:
        sums[account] = sums.get(account, ZERO) + amount
    return [Entry(one, sign * cents(sums[one] * rate)) for one in sums if sums[one]]


def _only(company: Company) -> str:
    """The company's one tax account."""
    return company.account_of("SalesTaxPayable") or company.account_of(
        "GlobalTaxPayable"
    )


def _taxed(company: Company, found: Json) -> Iterator[tuple[Json, Record]]:
    for line in found.get("TaxLine") or ():
        number = line["TaxLineDetail"]["TaxRateRef"]["value"]
        yield line, company.record("TaxRate", number)


def _given_back(company: Company, rate: Record) -> bool:
    agency = company.find("TaxAgency", rate.ref("AgencyRef"))
    return agency is None or bool(agency.body.get("TaxTrackedOnPurchases", True))


class _Line(NamedTuple):
    """A line with its tax code, and the side it is taxed on."""

    id: str
    amount: Decimal
    code: str
    side: str


def _lines(body: Json) -> Iterator[_Line]:
    """The lines of something bought, or of a deposit, that have an amount."""
    for line in body.get("Line") or ():
        detail = line.get(line.get("DetailType", "")) or {}
        side = side_of(detail) if "DepositLineDetail" in line else PURCHASES
        code = detail.get("TaxCodeRef") or {}
        if "Amount" in line:
            number = str(line.get("Id", ""))
            yield _Line(number, line["Amount"], str(code.get("value", "")), side)

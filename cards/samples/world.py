"""The invented companies, people and moments that the samples share."""

from datetime import UTC, date, datetime
from decimal import Decimal

from approvals.proposal import Person, Role
from qbo.books import Company, Environment, Money

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)

HARBOUR = Company(
    realm="9130350000000001",
    name="Harbour & Pine Landscaping",
    environment=Environment.SIMULATOR,
    book_close_date=date(2025, 12, 31),
)
SANDBOX = Company(
    realm="4620816365000001",
    name="Sandbox Company_US_1",
    environment=Environment.SANDBOX,
)
REAL = Company(
    realm="9341450000000007",
    name="Pennine Fabrication Ltd",
    environment=Environment.PRODUCTION,
    country="GB",
    currency="GBP",
    fiscal_year_start_month=4,
)

SAM = Person("p-sam", "w", "Sam Okafor", frozenset({Role.STAFF}))
PRIYA = Person("p-priya", "w", "Priya Nair", frozenset({Role.STAFF, Role.APPROVER}))
ALEX = Person("p-alex", "w", "Alex Berg", frozenset({Role.STAFF, Role.ADMIN}))


def usd(amount: str) -> Money:
    """An amount of the American company."""
    return Money(Decimal(amount), "USD")


def gbp(amount: str) -> Money:
    """An amount of the British company."""
    return Money(Decimal(amount), "GBP")

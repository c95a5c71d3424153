"""Tax codes for the lines of a sale, and an estimate of the tax.

QuickBooks computes the tax; what stands in a draft is said to be an estimate. In
the United States a line is TAX or NON and the rate follows from the company (or
the address); elsewhere each line names a tax code with its rates.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from qbo.drafting.assembly import Around
from qbo.lookup import preflight
from qbo.mirror import RECORDS
from qbo.wire import records
from qbo.wire.exact import Json, at, cents, number

_HUNDRED = Decimal(100)
_SAMPLE_ROWS = 200


@dataclass(frozen=True, slots=True)
class Estimate:
    """What QuickBooks will probably add, and what that rests on."""

    amount: Decimal
    basis: str


class Taxes:
    """The tax codes of one company, as far as sales need them."""

    side = "SalesTaxRateList"
    """Which of a tax code's rates are meant."""

    def __init__(self, around: Around) -> None:
        self._around = around
        self._prefs = around.prefs.get("TaxPrefs") or {}
        self.used: list[tuple[str, Json]] = []
        """The tax codes and rates that an estimate was made of: entity, record."""

    @property
    def is_us(self) -> bool:
        """Whether lines are TAX or NON."""
        return self._around.company.country.upper() in ("US", "USA")

    @property
    def in_use(self) -> bool:
        """Whether the company charges tax at all."""
        return bool(self._prefs.get("UsingSalesTax", True))

    def code(self, item: Json, customer: Json) -> str | None:
        """The tax code of a line that sells this item; None where none is sent.

        Raises:
            Refused: the company needs one and nothing says which ("preflight").
        """
        if not self.in_use:
            return None
        if self.is_us:
            is_taxed = item.get("Taxable") and customer.get("Taxable", True)
            return "TAX" if is_taxed else "NON"
        found = records.ref_id(item, "SalesTaxCodeRef") or records.ref_id(
            customer, "DefaultTaxCodeRef"
        )
        found = found or records.ref_id(self._prefs, "TaxGroupCodeRef")
        if not found:
            raise preflight(
                f"{records.label(item)} has no tax code in QuickBooks, and neither the"
                " customer nor the company has a default. Give the item one first."
            )
        return found

    def customer_paths(self, item: Json) -> list[str]:
        """The fields of a customer that the tax code of such a line comes from."""
        if not self.in_use:
            return []
        if self.is_us:
            return ["Taxable"] if item.get("Taxable") else []
        has_own = records.ref_id(item, "SalesTaxCodeRef")
        return [] if has_own else ["DefaultTaxCodeRef.value"]

    async def code_name(self, code: str) -> str:
        """A tax code as people know it ("20.0% S")."""
        record = await self._record("TaxCode", code)
        return records.label(record) if record else code

    async def estimate(self, body: Json) -> Estimate | None:
        """What QuickBooks will add to these lines; None where nobody can say."""
        net: defaultdict[str, Decimal] = defaultdict(Decimal)
        for line in body["Line"]:
            code = records.ref_id(records.line_detail(line), "TaxCodeRef")
            net[code] += number(line["Amount"])
        if not self.in_use:
            return Estimate(Decimal("0.00"), "no tax")
        if self.is_us:
            return await self._us(net["TAX"], records.ref_id(body, "CustomerRef"))
        by_rate: defaultdict[str, Decimal] = defaultdict(Decimal)
        percents: dict[str, Decimal] = {}
        for code, amount in net.items():
            for rate_id, percent in await self._rates(code):
                by_rate[rate_id] += amount
                percents[rate_id] = percent
        total = sum(
            (cents(by_rate[rate] * percents[rate] / _HUNDRED) for rate in by_rate),
            Decimal("0.00"),
        )
        names = [await self.code_name(code) for code in net]
        return Estimate(total, ", ".join(names))

    async def _us(self, taxable: Decimal, customer_id: str) -> Estimate | None:
        if not taxable:
            return Estimate(Decimal("0.00"), "no taxable lines")
        group = records.ref_id(self._prefs, "TaxGroupCodeRef")
        percents = [percent for _, percent in await self._rates(group)]
        if not percents:
            percents = await self._last_percents(customer_id)
        if not percents:
            return None
        amount = sum(
            (cents(taxable * percent / _HUNDRED) for percent in percents),
            Decimal("0.00"),
        )
        return Estimate(amount, f"{sum(percents):f} %")

    async def _rates(self, code: str) -> Sequence[tuple[str, Decimal]]:
        """The rates of a tax code on this side: id and per cent."""
        record = await self._record("TaxCode", code) if code else None
        found = []
        for each in at(record or {}, f"{self.side}.TaxRateDetail") or ():
            rate_id = records.ref_id(each, "TaxRateRef")
            rate = await self._record("TaxRate", rate_id)
            if rate is not None:
                found.append((rate_id, number(rate.get("RateValue"))))
        return found

    async def _last_percents(self, customer_id: str) -> list[Decimal]:
        """The rates on the latest invoice that was taxed: this customer's, or any."""
        found = await self._around.mirror.found(
            select(RECORDS.c.raw)
            .where(
                RECORDS.c.company == self._around.company.id,
                RECORDS.c.entity == "Invoice",
                RECORDS.c.total > RECORDS.c.net,
            )
            .order_by(
                (RECORDS.c.party_id == customer_id).desc(), RECORDS.c.txn_date.desc()
            )
            .limit(_SAMPLE_ROWS)
        )
        for record in found:
            percents = [
                number(at(line, "TaxLineDetail.TaxPercent"))
                for line in at(record, "TxnTaxDetail.TaxLine") or ()
            ]
            if any(percents):
                return percents
        return []

    async def _record(self, entity: str, record_id: str) -> Json | None:
        around = self._around
        record = await around.mirror.record(around.company.id, entity, record_id)
        if record is not None and (entity, record) not in self.used:
            self.used.append((entity, record))
        return record

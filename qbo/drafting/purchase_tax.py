"""Tax on what is bought: the code of each line, and an estimate of the tax.

In the United States what is bought has no tax of its own; elsewhere each line names
a tax code. It is the account's own, else what was used last for the same thing, and
is said among the assumptions; where nothing says which, nobody is asked to approve.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlalchemy import select

from qbo.books import Money
from qbo.drafting.assembly import Making
from qbo.drafting.tax import Estimate, Taxes
from qbo.lookup import preflight
from qbo.mirror import LINES, RECORDS
from qbo.wire import records
from qbo.wire.exact import Json, number

INCLUSIVE: Final = "TaxInclusive"
EXCLUDED: Final = "TaxExcluded"
_HUNDRED: Final = Decimal(100)
_SAMPLE_ROWS: Final = 50
_WORDS: Final = {"GB": "VAT", "IE": "VAT", "CA": "GST/HST", "AU": "GST"}
C: Final = RECORDS.c


@dataclass(frozen=True, slots=True)
class Code:
    """A tax code for a line, and where it comes from ("" for the account's own)."""

    id: str
    name: str
    why: str = ""


class PurchaseTaxes(Taxes):
    """The tax codes of one company, as far as buying needs them."""

    side = "PurchaseTaxRateList"

    @property
    def on_lines(self) -> bool:
        """Whether each line of what is bought names a tax code."""
        return self.in_use and not self.is_us

    @property
    def word(self) -> str:
        """What the tax is called here."""
        return _WORDS.get(self._around.company.country.upper(), "Tax")

    async def code_for(self, account: Json, vendor: Json | None) -> Code:
        """The tax code of a line that charges this account.

        Raises:
            Refused: nothing says which ("preflight").
        """
        own = records.ref_id(account, "TaxCodeRef")
        if own and (known := await self._active(own)):
            return Code(own, known)
        label = records.label(account)
        party = str(vendor["Id"]) if vendor else ""
        ways: list[tuple[str, str, str]] = [("", str(account["Id"]), f"for {label}")]
        if vendor is not None:
            whose = f"of {records.label(vendor)}"
            ways = [
                (party, str(account["Id"]), f"{whose} for {label}"),
                *ways,
                (party, "", whose),
            ]
        for party_id, account_id, words in ways:
            found = await self._last_code(party_id, account_id)
            if found and (known := await self._active(found)):
                return Code(found, known, f"as on the last bill or expense {words}")
        raise preflight(
            f"{label} has no {self.word} code in QuickBooks, and nothing was bought on"
            " it before that would say which. Nothing has been proposed; give the"
            " account a default code in QuickBooks' chart of accounts, then ask again."
        )

    async def _active(self, code: str) -> str:
        record = await self._around.mirror.record(
            self._around.company.id, "TaxCode", code
        )
        if record is None or not record.get("Active", True):
            return ""
        return records.label(record)

    async def _last_code(self, party_id: str, account_id: str) -> str:
        """The tax code on the latest such line: of a vendor, an account, or both."""
        company = self._around.company.id
        where = [C.company == company, C.entity.in_(["Bill", "Purchase"]), ~C.voided]
        if party_id:
            where.append(C.party_id == party_id)
        if account_id:
            charged = select(LINES.c.record_id).where(
                LINES.c.company == company,
                LINES.c.entity == C.entity,
                LINES.c.record_id == C.id,
                LINES.c.account_id == account_id,
            )
            where.append(charged.exists())
        found = await self._around.mirror.found(
            select(C.raw)
            .where(*where)
            .order_by(C.txn_date.desc(), C.id.desc())
            .limit(_SAMPLE_ROWS)
        )
        for record in found:
            for line in records.flat_lines(record):
                detail = records.line_detail(line)
                fits = (
                    not account_id or records.ref_id(detail, "AccountRef") == account_id
                )
                if fits and (code := records.ref_id(detail, "TaxCodeRef")):
                    return code
        return ""

    async def share(self, code: str) -> Decimal:
        """The tax of a code on an amount of one; the reverse charge has none."""
        percents = [percent for _, percent in await self._rates(code)]
        return sum(percents, Decimal(0)) / _HUNDRED

    async def estimate(self, body: Json) -> Estimate | None:
        """The tax that QuickBooks will find in these lines, or add to them."""
        if not self.on_lines:
            return Estimate(Decimal("0.00"), "no tax")
        found = await super().estimate(body)
        if found is None or body.get("GlobalTaxCalculation") != INCLUSIVE:
            return found
        within = sum(
            (
                number(records.line_detail(line)["TaxInclusiveAmt"])
                - number(line["Amount"])
                for line in body["Line"]
            ),
            Decimal("0.00"),
        )
        return Estimate(within, found.basis)


async def charge(
    making: Making,
    taxes: PurchaseTaxes,
    line: Json,
    account: Json,
    vendor: Json | None,
) -> Code:
    """Put the tax code on a line, and say where it comes from."""
    code = await taxes.code_for(account, vendor)
    records.line_detail(line)["TaxCodeRef"] = {"value": code.id}
    label = records.label(account)
    if code.why:
        note = f"{taxes.word} code {code.name} for {label}, {code.why}."
    else:
        making.rely("Account", account, f"Account {label}", ["TaxCodeRef.value"])
        note = f"{taxes.word} code {code.name}, as {label} has it."
    if note not in making.notes:
        making.notes.append(note)
    return code


async def show_total(
    making: Making, taxes: PurchaseTaxes, body: Json, currency: str
) -> None:
    """The total with the tax that QuickBooks will add, or find in it."""
    net = sum((number(line["Amount"]) for line in body["Line"]), Decimal("0.00"))
    estimate = await taxes.estimate(body)
    assert estimate is not None, "tax on what is bought follows from its codes"
    for entity, record in taxes.used:
        paths = ["Name", *_TAX_PATHS[entity]]
        making.rely(entity, record, f"Tax {records.label(record)}", paths)
    making.tax = Money(estimate.amount, currency)
    making.total = Money(net, currency)
    if not estimate.amount:
        return
    making.show("Subtotal", str(making.total))
    making.show(f"{taxes.word} (estimate)", f"{making.tax} ({estimate.basis})")
    making.total += making.tax
    if body.get("GlobalTaxCalculation") == INCLUSIVE:
        making.notes.append(
            f"The amount is what was paid, with the {taxes.word} in it."
        )
    else:
        making.notes.append(
            f"The amounts are before {taxes.word}, which is an estimate; QuickBooks"
            " works it out when it is posted."
        )


_TAX_PATHS: Final = {
    "TaxCode": ["Active", "PurchaseTaxRateList"],
    "TaxRate": ["RateValue"],
}

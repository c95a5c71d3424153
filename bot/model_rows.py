"""What language models have used in a month, and which of them a person chose.

The budget is of the whole deployment, by calendar month (UTC), in tokens. Before a
question is sent, what it may use at most is put aside in one guarded write, so that
several processes together never begin what the budget does not hold.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import BigInteger, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import Field, SQLModel, col

from approvals import tellings
from approvals.proposal import Audience, WantedTelling
from qbo.columns import UtcTime

# A provider that says it used more than this for one answer is not believed.
_TOKENS_MAX = 100_000
USED_UP = "model-budget"


class _MonthRow(SQLModel, table=True):
    __tablename__ = "model_month"
    month: str = Field(primary_key=True)
    tokens: int = Field(default=0, sa_type=BigInteger)
    asked: int = Field(default=0, sa_type=BigInteger)


class _ChoiceRow(SQLModel, table=True):
    __tablename__ = "model_choice"
    person_id: str = Field(primary_key=True)
    choice: str
    changed_at: datetime = Field(sa_type=UtcTime)


class ModelRows:
    """The budget and the choices."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._reading = engine.execution_options(readonly=True)
        self._now = now

    def month(self) -> str:
        """This month, as in "2026-11"."""
        return self._now().astimezone(UTC).strftime("%Y-%m")

    async def put_aside(
        self, month: str, tokens: int, budget: int, workspace: str
    ) -> bool:
        """Put tokens aside for one question; False: the month's budget is used up.

        Then the administrators are told, once a month.
        """
        async with AsyncSession(self._engine) as session, session.begin():
            make = (
                postgresql.insert
                if session.get_bind().dialect.name == "postgresql"
                else sqlite.insert
            )
            await session.execute(
                make(_MonthRow)
                .values(month=month, tokens=0, asked=0)
                .on_conflict_do_nothing()
            )
            taken = await session.execute(
                update(_MonthRow)
                .where(
                    col(_MonthRow.month) == month,
                    col(_MonthRow.tokens) + tokens <= budget,
                )
                .values(
                    tokens=col(_MonthRow.tokens) + tokens,
                    asked=col(_MonthRow.asked) + 1,
                )
            )
            assert isinstance(taken, CursorResult), "an update without a count"
            if taken.rowcount:
                return True
            said = (
                f"The language model's budget for {month} ({budget:,} tokens) is used"
                " up. Until the month ends, requests are understood without it. The"
                " setting is COUNTERSIGN_MODEL_TOKENS."
            )
            await tellings.insert(
                session,
                (WantedTelling(USED_UP, Audience.ADMINS, said, month),),
                self._now(),
                workspace=workspace,
                company="",
            )
            return False

    async def settle(self, month: str, aside: int, used: int) -> None:
        """Count what a question has used in place of what was put aside for it."""
        used = min(max(used, 0), _TOKENS_MAX)
        if used == aside:
            return
        async with AsyncSession(self._engine) as session, session.begin():
            await session.execute(
                update(_MonthRow)
                .where(col(_MonthRow.month) == month)
                .values(tokens=col(_MonthRow.tokens) + (used - aside))
            )

    async def used(self, month: str) -> int:
        """The tokens of a month so far, with what is put aside."""
        async with AsyncSession(self._reading) as session:
            row = await session.get(_MonthRow, month)
            return row.tokens if row else 0

    async def choice(self, person: str) -> str | None:
        """What a person chose: a provider, or "off"; None: nothing."""
        async with AsyncSession(self._reading) as session:
            found: str | None = await session.scalar(
                select(col(_ChoiceRow.choice)).where(
                    col(_ChoiceRow.person_id) == person
                )
            )
            return found

    async def choose(self, person: str, choice: str | None) -> None:
        """Keep a person's choice; None forgets it."""
        async with AsyncSession(self._engine) as session, session.begin():
            row = await session.get(_ChoiceRow, person)
            if choice is None:
                if row is not None:
                    await session.delete(row)
            elif row is None:
                session.add(
                    _ChoiceRow(person_id=person, choice=choice, changed_at=self._now())
                )
            else:
                row.choice, row.changed_at = choice, self._now()

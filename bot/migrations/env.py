"""How Alembic reaches the database: through the connection it is handed."""

from typing import Any, Literal

from alembic import context
from sqlmodel import SQLModel

from bot import tables
from qbo.columns import ExactDecimal, UtcTime

# Importing `tables` is what fills the metadata.
assert tables.ALL


def _rendered(kind: str, item: Any, autogenerate: Any) -> str | Literal[False]:
    """Write our own column types as what they are kept as."""
    del autogenerate
    if kind == "type" and isinstance(item, UtcTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, ExactDecimal):
        return "sa.String(length=40)"
    if kind == "type" and type(item).__name__ == "AutoString":
        return "sa.String()"
    return False


connection = context.config.attributes.get("connection")
assert connection is not None, "migrations run through bot.database.migrate"
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_item=_rendered,
    render_as_batch=connection.dialect.name == "sqlite",
)
context.run_migrations()

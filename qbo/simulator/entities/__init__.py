"""The table of entities: what each has, needs, and can be asked for.

Everything that differs between an invoice and a vendor without being bookkeeping
stands here as data; the bookkeeping is in the rules and the postings.
"""

from collections.abc import Mapping
from typing import Final

from qbo.simulator.entities import (
    books,
    company,
    lists,
    money,
    names,
    others,
    recurring,
    sales,
    spending,
)
from qbo.simulator.entities.kind import (
    CREATE,
    DELETE,
    PDF,
    SEND,
    UPDATE,
    VOID,
    Entity,
)

ENTITIES: Final[Mapping[str, Entity]] = {
    entity.name: entity
    for entity in (
        *company.ENTITIES,
        *lists.ENTITIES,
        *books.ENTITIES,
        *names.ENTITIES,
        *sales.ENTITIES,
        *spending.ENTITIES,
        *money.ENTITIES,
        *others.ENTITIES,
        *recurring.ENTITIES,
    )
}
BY_PATH: Final[Mapping[str, Entity]] = {one.path: one for one in ENTITIES.values()}

__all__ = [
    "BY_PATH",
    "CREATE",
    "DELETE",
    "ENTITIES",
    "PDF",
    "SEND",
    "UPDATE",
    "VOID",
    "Entity",
]

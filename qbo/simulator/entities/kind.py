"""What an entity is: its name, its fields, and what may be done with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from qbo.simulator.fields import Field

CREATE: Final = "create"
UPDATE: Final = "update"
DELETE: Final = "delete"
VOID: Final = "void"
SEND: Final = "send"
PDF: Final = "pdf"


@dataclass(frozen=True)
class Entity:
    """One kind of record.

    `family` is both the sequence its ids come from and the word that 2500 uses for
    it. `operations` are the writes it has; `void_by_include` tells the two spellings
    of void apart. `sparse_required` fields have to come with a sparse update too.
    `answered_as` is the word answers have for it where that is another than its name.
    A `wrapped` one holds a body of the kind its Type says, under that kind's name.
    """

    name: str
    family: str
    fields: Mapping[str, Field]
    operations: frozenset[str]
    required: tuple[str, ...] = ()
    transaction: bool = False
    single: bool = False
    name_field: str = ""
    void_by_include: bool = False
    in_cdc: bool = True
    sparse_required: tuple[str, ...] = ()
    answered_as: str = ""
    wrapped: bool = False

    @property
    def path(self) -> str:
        """Its segment in an address: `creditmemo`."""
        return self.name.lower()

    @property
    def key(self) -> str:
        """Its word in answers: `CreditMemo`."""
        return self.answered_as or self.name

    @property
    def has_active(self) -> bool:
        """Whether its records are made inactive rather than deleted."""
        return "Active" in self.fields and not self.transaction

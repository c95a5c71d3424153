"""What stands beside the books: attachments, time, recurring templates."""

from typing import Final

from qbo.simulator.entities.kind import (
    Entity,
)

ENTITIES: Final[tuple[Entity, ...]] = ()

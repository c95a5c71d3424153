"""Change-data-capture: what changed since a moment, with the deleted as stubs."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from qbo.simulator import faults
from qbo.simulator.books.columns import UPDATED
from qbo.simulator.books.company import Company, Record
from qbo.simulator.books.table import Key
from qbo.simulator.clock import moment_of
from qbo.simulator.entities import BY_PATH, Entity
from qbo.simulator.exact import dumps

DAYS: Final = 30
MOST: Final = 1_000


def changes(
    company: Company,
    names: str,
    since_text: str,
    now: datetime,
    shown: Callable[[Record], str],
) -> str:
    """The member CDCResponse: for each entity what changed, oldest first, then stubs.

    `names` are entities separated by commas. There are at most 1,000 records in all,
    and no second page. `shown` writes a living record.

    Raises:
        Refused: no entity, an unknown one, or a moment that is none or too long ago.
    """
    since = _moment(since_text, now)
    answers, room = [], MOST
    for entity in _watched(names):
        found = _changed(company, entity, since, room)
        room -= len(found)
        answers.append(_response(entity, found, shown))
    return f'"CDCResponse":[{{"QueryResponse":[{",".join(answers)}]}}]'


def _moment(text: str, now: datetime) -> datetime:
    if not text:
        raise faults.missing("changedSince")
    try:
        since = moment_of(text)
    except ValueError:
        raise faults.refusal("2060", f"Invalid Date : {text}", "changedSince") from None
    if now - since > timedelta(days=DAYS):
        raise faults.refusal(
            "500",
            f"Operation cdc with changedSince date {text} which is older than"
            " fixed days is not supported.",
            "Operation",
        )
    # LastUpdatedTime has whole seconds, so the moment asked for is cut to its second.
    return since.replace(microsecond=0)


def _watched(names: str) -> list[Entity]:
    found = []
    for name in filter(None, (one.strip() for one in names.split(","))):
        entity = BY_PATH.get(name.lower())
        if entity is None or not entity.in_cdc:
            raise faults.refusal(
                "500", f"Entity {name} is not supported by cdc.", "Operation"
            )
        found.append(entity)
    if not found:
        raise faults.missing("entities")
    return found


def _changed(
    company: Company, entity: Entity, since: datetime, room: int
) -> list[Record]:
    """So many of one kind since a moment, the oldest; the living before the dead."""
    table = company.tables[entity.name]
    living = table.order((Key(UPDATED),)).between(">=", since.timestamp())
    dead = (one for one in company.graves.values() if one.entity is entity)
    found = [*living.page(0, room), *(one for one in dead if one.updated >= since)]
    found.sort(key=lambda one: (one.updated, len(one.id), one.id))
    return sorted(found[:room], key=lambda one: one.deleted)


def _response(
    entity: Entity, found: list[Record], shown: Callable[[Record], str]
) -> str:
    if not found:
        return "{}"
    rows = ",".join(
        dumps(one.tombstone()) if one.deleted else shown(one) for one in found
    )
    return f'{{"{entity.key}":[{rows}],"startPosition":1,"maxResults":{len(found)}}}'

"""One stored record: awake, with its body as JSON, or frozen, as text and keys."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol, Self

from qbo.simulator.books.columns import (
    COLUMNS,
    CREATED,
    ID,
    UPDATED,
    Keys,
    found,
    number,
)
from qbo.simulator.clock import stamp
from qbo.simulator.entities import Entity
from qbo.simulator.exact import Json, dumps, thawed


class Frozen(Protocol):
    """What the texts of a record can be had from."""

    def texts(self) -> tuple[str, str]:
        """The body and the notes, as JSON."""

    def says(self, words: Iterable[str]) -> bool:
        """Whether any of these pieces of JSON stands in the body."""


class Written(NamedTuple):
    """The texts themselves."""

    body: str
    notes: str

    def texts(self) -> tuple[str, str]:
        """The body and the notes, as JSON."""
        return self

    def says(self, words: Iterable[str]) -> bool:
        """Whether any of these pieces of JSON stands in the body."""
        return any(word in self.body for word in words)


class Record:
    """One stored record; `body` is what a client sees, without the envelope.

    Whoever changes a body in place says so with `changed` (`Company.touch` does).
    `notes` are facts of the simulator's own, never shown (a tax override, say).
    `told` is the version that events have told of: -1 before the first. `keys` are
    what the record's table sorts and finds it by, as of the table's last look;
    `thawed` is the company's list of those who wait to be frozen.
    """

    __slots__ = (
        "_body",
        "_frozen",
        "_notes",
        "created",
        "deleted",
        "entity",
        "id",
        "keys",
        "thawed",
        "told",
        "updated",
        "version",
    )

    def __init__(  # noqa: PLR0913 - a row of a table
        self,
        entity: Entity,
        id: str,  # noqa: A002 - it is called that everywhere
        version: int,
        created: datetime,
        updated: datetime,
        body: Json | None,
        *,
        deleted: bool = False,
        notes: Json | None = None,
    ) -> None:
        self.entity = entity
        self.id = id
        self.version = version
        self.created = created
        self.updated = updated
        self.deleted = deleted
        self.told = -1
        self.keys: Keys = ()
        self.thawed: list[Record] | None = None
        self._body = body
        self._notes: Json = {} if notes is None else notes
        self._frozen: Frozen | None = None

    @classmethod
    def asleep(
        cls,
        entity: Entity,
        id: str,  # noqa: A002
        version: int,
        created: datetime,
        updated: datetime,
        frozen: Frozen,
        keys: Keys,
    ) -> Self:
        """A record whose texts and keys are known and whose body nobody needs yet."""
        record = cls(entity, id, version, created, updated, None, notes=_NO_NOTES)
        record._frozen, record.keys = frozen, keys
        return record

    @property
    def body(self) -> Json:
        """What a client sees, without the envelope."""
        return self._thaw() if self._body is None else self._body

    @body.setter
    def body(self, body: Json) -> None:
        if self._body is None:
            self._thaw()
        self._body = body
        self._frozen = None

    @property
    def notes(self) -> Json:
        """Facts of the simulator's own."""
        if self._body is None:
            self._thaw()
        return self._notes

    @notes.setter
    def notes(self, notes: Json) -> None:
        if self._body is None:
            self._thaw()
        self._notes = notes

    def _thaw(self) -> Json:
        assert self._frozen is not None, "a record has a body or a text"
        body, notes = self._frozen.texts()
        self._body, self._notes = thawed(body), thawed(notes)
        if self.thawed is not None:
            self.thawed.append(self)
        return self._body

    @property
    def awake(self) -> bool:
        """Whether the body is there."""
        return self._body is not None

    def may_say(self, words: Iterable[str]) -> bool:
        """Whether any of these pieces of JSON stands in the body; awake, it may."""
        return self._body is not None or self.frozen().says(words)

    def changed(self) -> None:
        """Say that the body was changed in place, if it is there."""
        if self._body is not None:
            self._frozen = None

    def freeze(self) -> None:
        """Keep the texts and let the body go. The keys have to be those of the body."""
        if self._body is not None:
            self._frozen = self.frozen()
            self._body, self._notes = None, _NO_NOTES

    def frozen(self) -> Frozen:
        """The texts, or what they can be had from; made where they are not there."""
        if self._frozen is None:
            self._frozen = Written(dumps(self._body), dumps(self._notes))
        elif self._body is not None and self._notes:
            body, before = self._frozen.texts()
            notes = dumps(self._notes)
            if notes != before:
                self._frozen = Written(body, notes)
        return self._frozen

    def read_keys(self) -> None:
        """Bring the keys up to date."""
        self.keys = (
            number(self.id),
            self.created.timestamp(),
            self.updated.timestamp(),
            *COLUMNS[self.entity.name].read(self.body),
        )

    @property
    def day(self) -> date:
        """The transaction date."""
        return date.fromisoformat(self.value("TxnDate"))

    def json(self) -> Json:
        """The record as QuickBooks gives it."""
        body, kind = self.body, ""
        if self.entity.wrapped:
            body = dict(body)
            kind = body.pop("Type")
        made = {
            "domain": "QBO",
            "sparse": False,
            "Id": self.id,
            "SyncToken": str(self.version),
            "MetaData": {
                "CreateTime": stamp(self.created),
                "LastUpdatedTime": stamp(self.updated),
            },
            **body,
        }
        return {kind: made} if kind else made

    def rendered(self) -> str:
        """The same as text."""
        if self.entity.wrapped:
            return dumps(self.json())
        if self._frozen is None:
            self._frozen = Written(dumps(self._body), dumps(self._notes))
        body = self._frozen.texts()[0]
        created = stamp(self.created)
        updated = created if self.updated is self.created else stamp(self.updated)
        return (
            f'{{"domain":"QBO","sparse":false,"Id":"{self.id}",'
            f'"SyncToken":"{self.version}","MetaData":{{"CreateTime":"{created}",'
            f'"LastUpdatedTime":"{updated}"}}{"," if len(body) > 2 else ""}{body[1:]}'  # noqa: PLR2004 - more than {}
        )

    def tombstone(self) -> Json:
        """What change-data-capture says of a deleted record."""
        return {
            "domain": "QBO",
            "status": "Deleted",
            "Id": self.id,
            "MetaData": {"LastUpdatedTime": stamp(self.updated)},
        }

    def value(self, path: str) -> Any:
        """A field by its dotted path; a reference is its id."""
        if self._body is None:
            place = COLUMNS[self.entity.name].exact.get(path)
            if place is not None:
                return self.keys[place]
        if path == ID:
            return self.id
        if path == CREATED:
            return self.created
        if path == UPDATED:
            return self.updated
        return found(self.body, path)

    def ref(self, name: str) -> str:
        """The id a reference points at, or an empty text."""
        if self._body is None:
            return str(self.value(name) or "")
        value = self._body.get(name)
        return str(value["value"]) if value else ""


_NO_NOTES: Json = {}

"""The records of one kind, by id, and sorted in the orders that were asked for.

An order is made when it is first asked for. Later writes only note which records
changed; the next look takes those out of every order, by their keys as they were,
and puts them in again by their keys as they are. So no write costs a sort.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

from qbo.simulator.books.columns import COLUMNS, ID, number
from qbo.simulator.books.record import Record
from qbo.simulator.entities import Entity

ORDERS_MAX: Final = 16
"""How many orders a table keeps; the one longest unused makes room."""

_MANY: Final = 30
"""Above one record in so many, sorting anew is cheaper than moving each."""


class Key(NamedTuple):
    """One thing to sort by."""

    path: str
    descending: bool = False


Spec = tuple[Key, ...]


class Table(dict[str, Record]):
    """All records of one entity by id, in the order they were made."""

    def __init__(self, entity: Entity) -> None:
        super().__init__()
        self.entity = entity
        self._places = COLUMNS[entity.name].places
        self._orders: dict[tuple[tuple[int, bool], ...], Order] = {}
        self._stale: dict[str, Record] = {}

    def mark(self, record: Record) -> None:
        """Note that a record is new, changed or gone."""
        self._stale[record.id] = record

    def load(self, records: Iterable[Record]) -> None:
        """Take in many records whose keys are known."""
        self.update((record.id, record) for record in records)
        made = sorted(self.items(), key=lambda one: number(one[0]))
        self.clear()
        self.update(made)
        self._orders.clear()

    def look(self) -> None:
        """Bring the keys of all records up to date, and the orders."""
        if not self._stale:
            return
        stale = list(self._stale.values())
        self._stale.clear()
        if len(stale) * _MANY > len(self):
            self._orders.clear()
        for order in self._orders.values():
            order.remove(stale)
        for record in stale:
            if record.id in self:
                record.read_keys()
            else:
                record.keys = ()
        for order in self._orders.values():
            order.add(stale)

    def order(self, spec: Spec) -> "Ordered":
        """All records, sorted."""
        self.look()
        places, backwards = self._canonical(spec)
        order = self._orders.pop(places, None) or Order(places, self.values())
        self._orders[places] = order
        if len(self._orders) > ORDERS_MAX:
            del self._orders[next(iter(self._orders))]
        return Ordered(order, 0, len(order.rows), backwards)

    def arranged(self, records: Iterable[Record], spec: Spec) -> "Ordered":
        """Some of the records, sorted."""
        self.look()
        places, backwards = self._canonical(spec)
        order = Order(places, records)
        return Ordered(order, 0, len(order.rows), backwards)

    def _canonical(self, spec: Spec) -> tuple[tuple[tuple[int, bool], ...], bool]:
        """An order's columns, turned so that the first one ascends, and whether so.

        What sorting leaves equal is sorted by id, in the direction of the first.
        """
        places = [(self._places[path], down) for path, down in spec]
        if all(path != ID for path, _ in spec):
            places.append((self._places[ID], bool(spec) and spec[0].descending))
        backwards = places[0][1]
        return tuple((place, down != backwards) for place, down in places), backwards


class Order:
    """Records sorted by columns of their keys; the first column ascends."""

    def __init__(
        self, places: tuple[tuple[int, bool], ...], records: Iterable[Record]
    ) -> None:
        self.rows = list(records)
        self.first = _by(places[0][0])
        for place, down in reversed(places):
            self.rows.sort(key=_by(place), reverse=down)
        self._key = _by_all(places)

    def remove(self, records: Iterable[Record]) -> None:
        """Take records out; their keys are those they were put in with."""
        for record in records:
            if record.keys:
                place = bisect_left(self.rows, self._key(record), key=self._key)
                assert self.rows[place] is record, f"{record.id} is out of order"
                del self.rows[place]

    def add(self, records: Iterable[Record]) -> None:
        """Put records in by their keys; those that are gone have none."""
        key = self._key
        for record in records:
            if record.keys:
                self.rows.insert(bisect_right(self.rows, key(record), key=key), record)


class Ordered:
    """A stretch of an order, read forwards or backwards."""

    def __init__(self, order: Order, start: int, end: int, backwards: bool) -> None:  # noqa: FBT001
        self._order = order
        self._start, self._end = start, end
        self._backwards = backwards

    def __len__(self) -> int:
        return max(self._end - self._start, 0)

    def __iter__(self) -> Iterator[Record]:
        return self.page(0, len(self))

    def page(self, skip: int, size: int) -> Iterator[Record]:
        """Some of the records: so many after so many."""
        size = min(size, len(self) - skip)
        if size <= 0:
            return iter(())
        if self._backwards:
            end = self._end - skip
            return reversed(self._order.rows[end - size : end])
        start = self._start + skip
        return iter(self._order.rows[start : start + size])

    def between(self, sign: str, value: Any) -> "Ordered":
        """The stretch whose first column compares like that (=, <, <=, >, >=)."""
        rows, key = self._order.rows, self._order.first
        wanted: tuple[Any, ...] = (True, value)
        something: tuple[Any, ...] = (True,)
        left = right = 0
        if sign in {"=", "<", ">="}:
            left = bisect_left(rows, wanted, key=key)
        if sign in {"=", "<=", ">"}:
            right = bisect_right(rows, wanted, key=key)
        known = bisect_left(rows, something, key=key)
        start, end = {
            "=": (left, right),
            "<": (known, left),
            "<=": (known, right),
            ">": (right, len(rows)),
            ">=": (left, len(rows)),
        }[sign]
        return Ordered(
            self._order,
            max(start, self._start),
            min(end, self._end),
            self._backwards,
        )


class _Down:
    """A key that sorts the other way round."""

    __slots__ = ("key",)

    def __init__(self, key: tuple[bool, Any]) -> None:
        self.key = key

    def __lt__(self, other: "_Down") -> bool:
        return other.key < self.key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Down) and other.key == self.key

    __hash__ = None  # type: ignore[assignment]


def _by(place: int) -> Callable[[Record], tuple[Any, ...]]:
    """One column, with those that have nothing in it first."""

    def key(record: Record) -> tuple[Any, ...]:
        value = record.keys[place]
        return value is not None, value

    return key


def _by_all(
    places: tuple[tuple[int, bool], ...],
) -> Callable[[Record], tuple[Any, ...]]:
    def key(record: Record) -> tuple[Any, ...]:
        found = []
        for place, down in places:
            value = record.keys[place]
            one = (value is not None, value)
            found.append(_Down(one) if down else one)
        return tuple(found)

    return key

"""The stock of one item, first in first out.

Goods leave at the cost of the oldest that are there. What is sold before it was bought
leaves at the last cost known and is costed anew when the goods come: so a purchase, or
anything dated back, can change the cost of other sales, always in the same way. Goods
that come back come at the last cost known. A layer's value is handed out whole, cents
and all, so that the values of all moves add up to the values of the layers.
"""

from bisect import insort
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from qbo.simulator.exact import ZERO, cents


@dataclass(slots=True, eq=False)
class Move:
    """So much of an item that came (above nothing) or left, because of one record.

    `value` is what it is worth where that is known, as for what was bought; `each` a
    cost for one where nothing else is known. `cost` is what it moved stock by.
    """

    key: str
    place: int
    day: date
    quantity: Decimal
    value: Decimal | None = None
    each: Decimal = ZERO
    cost: Decimal = ZERO

    @property
    def turn(self) -> tuple[date, bool, int, int]:
        """Its place in the order of time; what comes on a day comes before sales."""
        number = int(self.key) if self.key.isdigit() else 0
        return self.day, self.quantity < ZERO, number, self.place


@dataclass(slots=True)
class _Layer:
    quantity: Decimal
    value: Decimal

    def part(self, quantity: Decimal) -> Decimal:
        """Take out so much of it; gives its value."""
        worth = self.value
        if quantity < self.quantity:
            worth = cents(self.value * quantity / self.quantity)
        self.quantity -= quantity
        self.value -= worth
        return worth


@dataclass(slots=True)
class _Short(_Layer):
    """What was sold before it was there, at a cost to be corrected."""

    move: Move


@dataclass(slots=True)
class Shelf:
    """All moves of one item in the order of time, and what is left of them."""

    moves: list[Move] = field(default_factory=list)
    quantity: Decimal = ZERO
    _layers: deque[_Layer] = field(default_factory=deque)
    _short: deque[_Short] = field(default_factory=deque)
    _each: Decimal | None = None

    @property
    def value(self) -> Decimal:
        """What is on the shelf is worth."""
        layers = sum((one.value for one in self._layers), ZERO)
        return layers - sum((one.value for one in self._short), ZERO)

    def put(self, moves: Iterable[Move]) -> set[str]:
        """Enter moves; gives the keys of those whose cost that changed."""
        changed: set[str] = set()
        behind = False
        for move in moves:
            self.quantity += move.quantity
            if self.moves and move.turn < self.moves[-1].turn:
                behind = True
                insort(self.moves, move, key=lambda one: one.turn)
            else:
                self.moves.append(move)
                if not behind:
                    changed |= self._run(move)
        return changed | self._again() if behind else changed

    def take_out(self, key: str) -> set[str]:
        """Remove the moves of a record; gives the keys of others' changed costs."""
        gone = [move for move in self.moves if move.key == key]
        if not gone:
            return set()
        self.moves = [move for move in self.moves if move.key != key]
        self.quantity -= sum((move.quantity for move in gone), ZERO)
        return self._again()

    def at(self, day: date) -> tuple[Decimal, Decimal]:
        """The quantity on hand and its value at the end of a day."""
        past = [move for move in self.moves if move.day <= day]
        quantity = sum((move.quantity for move in past), ZERO)
        return quantity, sum((move.cost for move in past), ZERO)

    def _again(self) -> set[str]:
        before = [move.cost for move in self.moves]
        self._layers.clear()
        self._short.clear()
        self._each = None
        for move in self.moves:
            self._run(move)
        return {
            move.key
            for move, cost in zip(self.moves, before, strict=True)
            if move.cost != cost
        }

    def _run(self, move: Move) -> set[str]:
        if move.quantity < ZERO:
            self._leave(move)
            return set()
        return self._come(move)

    def _come(self, move: Move) -> set[str]:
        quantity, value = move.quantity, move.value
        if value is None:
            each = move.each if self._each is None else self._each
            value = cents(quantity * each)
        move.cost = value
        if quantity:
            self._each = value / quantity
        layer = _Layer(quantity, value)
        changed = set()
        while self._short and layer.quantity:
            short = self._short[0]
            part = min(short.quantity, layer.quantity)
            before = short.part(part)
            after = layer.part(part)
            short.move.cost += before - after
            if before != after:
                changed.add(short.move.key)
            if not short.quantity:
                self._short.popleft()
        if layer.quantity or layer.value:
            self._layers.append(layer)
        return changed

    def _leave(self, move: Move) -> None:
        left, cost = -move.quantity, ZERO
        while left and self._layers:
            layer = self._layers[0]
            part = min(left, layer.quantity)
            cost += layer.part(part)
            left -= part
            if not layer.quantity:
                cost += layer.value
                self._layers.popleft()
        if left:
            each = move.each if self._each is None else self._each
            short = _Short(left, cents(left * each), move)
            self._short.append(short)
            cost += short.value
        move.cost = -cost

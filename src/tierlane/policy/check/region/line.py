"""Lines: the values of one field, cut where a policy tells them apart.

A line has classes. Class 0 is null; a number or a time has one for each constant and one for each
gap between two, a closed set its members and what it does not name, open text its constants and
all other text. Two values of one class are alike for every row of the policy.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor
from typing import Any, Final, Literal

from tierlane.policy.check.region.diagram import EVERYTHING, NOTHING, Diagram
from tierlane.policy.condition.slot import LARGEST
from tierlane.policy.form.field import Type


class _Other:
    """Some text that no condition names."""

    def __repr__(self) -> str:
        return "other"


OTHER: Final = _Other()

_WHOLE: Final = ("integer", "time", "duration")
"""Types whose values are whole: there is nothing between 5 and 6."""


Role = Literal["field", "free", "member", "missing", "draw", "given"]
"""What a line stands for: a field or what is reckoned from one, an answer that no constant settles,
whether a list has a text, whether it is null, a draw, or something decided that was not drawn."""


@dataclass(frozen=True, slots=True)
class Line:
    """The classes of one field, each with a value that stands for it."""

    name: str
    """The field, `days_since(FIELD)`, or what a free bit stands for."""
    type: Type
    values: tuple[Any, ...]
    first: int
    """The depth of its first bit."""
    closed: tuple[Any, ...] = ()
    """The closed set that the policy states."""
    role: Role = "field"

    @property
    def bits(self) -> int:
        """How many bits tell its classes apart."""
        return (len(self.values) - 1).bit_length()

    @property
    def numeric(self) -> bool:
        """Whether its values are ordered."""
        return self.type in ("number", *_WHOLE)

    def where(self, diagram: Diagram, holds: Callable[[Any], bool]) -> int:
        """Return the region of the classes whose value passes a test."""
        return self.among(diagram, (n for n, value in enumerate(self.values) if holds(value)))

    def equal(self, diagram: Diagram, wanted: Iterable[Any]) -> int:
        """Return the region of the classes of some values; found without a look at the others."""
        if self.type == "flag":
            asked = tuple(wanted)
            return self.where(diagram, lambda value: value in asked)
        listed = self.values[1:] if self.numeric else self.values[1:-1]
        found = []
        for value in wanted:
            at = 0 if value is None else bisect_left(listed, value)
            if value is None:
                found.append(0)
            elif at < len(listed) and listed[at] == value:
                found.append(at + 1)
        return self.among(diagram, found)

    def ordered(self, diagram: Diagram, sign: str, value: Any) -> int:
        """Return the region of the numbers below or above a constant, by `<`, `<=`, `>` or `>=`."""
        listed = self.values[1:]
        at = (bisect_right if sign in ("<=", ">") else bisect_left)(listed, value) + 1
        return self.among(diagram, range(1, at) if sign[0] == "<" else range(at, len(self.values)))

    def among(self, diagram: Diagram, classes: Iterable[int]) -> int:
        """Return the region of some classes; codes left over belong to the last class."""
        bits, last = self.bits, len(self.values) - 1
        ranges: list[tuple[int, int]] = []
        if isinstance(classes, range) and classes:
            end = 1 << bits if classes[-1] == last else classes[-1] + 1
            return self._span(diagram, ((classes[0], end),), 0, bits)
        for number in sorted(set(classes)):
            end = 1 << bits if number == last else number + 1
            if ranges and ranges[-1][1] == number:
                ranges[-1] = (ranges[-1][0], end)
            else:
                ranges.append((number, end))
        return self._span(diagram, tuple(ranges), 0, bits)

    def _span(
        self, diagram: Diagram, ranges: tuple[tuple[int, int], ...], start: int, bits: int
    ) -> int:
        end = start + (1 << bits)
        inside = tuple(one for one in ranges if one[0] < end and one[1] > start)
        if not inside:
            return NOTHING
        if inside[0][0] <= start and inside[0][1] >= end:
            return EVERYTHING
        middle = start + (1 << (bits - 1))
        low = self._span(diagram, inside, start, bits - 1)
        high = self._span(diagram, inside, middle, bits - 1)
        return diagram.node(self.first + self.bits - bits, low, high)

    def depths(self) -> range:
        """Return the depths of its bits."""
        return range(self.first, self.first + self.bits)

    def code(self, number: int) -> dict[int, int]:
        """Return the bits of a class."""
        return {self.first + at: number >> (self.bits - 1 - at) & 1 for at in range(self.bits)}

    def number(self, bits: dict[int, int]) -> int:
        """Return the class that some bits are of; one that is not stated is 0."""
        code = 0
        for depth in self.depths():
            code = code << 1 | bits.get(depth, 0)
        return min(code, len(self.values) - 1)


def numbers(kind: Type, points: Iterable[float]) -> tuple[Any, ...]:
    """Return null and a value for each constant and each gap between constants, ascending."""
    cuts = sorted({float(point) for point in points if abs(point) < LARGEST})
    edges = [-float(LARGEST), *cuts, float(LARGEST)]
    found: list[float] = []
    for low, high in pairwise(edges):
        if low > -LARGEST and (kind not in _WHOLE or low.is_integer()):
            found.append(low)
        inner = _between(kind, low, high)
        if inner is not None:
            found.append(inner)
    return (None, *(int(one) if float(one).is_integer() else one for one in found))


def _between(kind: Type, low: float, high: float) -> float | None:
    """Return a plain value between two constants, None where there is none."""
    if kind in _WHOLE:
        first, last = floor(low) + 1, ceil(high) - 1
        if first > last:
            return None
        if low <= -LARGEST:
            return last if last < 0 else min(last, 0)
        return first
    if low <= -LARGEST:
        found = min(0.0, floor(high - 1)) if high > 0 else floor(high - 1)
    elif high >= LARGEST:
        found = floor(low + 1)
    else:
        found = floor(low) + 1 if floor(low) + 1 < high else (low + high) / 2
    return found if low < found < high else None


def words(listed: Iterable[str], closed: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return null, every text that is named, and all other text."""
    return (None, *sorted({*listed, *closed}), OTHER)

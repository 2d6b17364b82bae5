"""Slots: the fields a policy reads, each with the equivalence classes of its values.

Two values of a slot are of one class when no condition, table, ladder or lane can tell them apart.
A decision is then a function of the classes, so it is made once per combination and remembered.
A class is a small hashable value; `NULL`, `WRONG` and `UNKNOWN` are the same for all slots.
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf, nextafter
from typing import Any, Final

from tierlane.policy.form.field import Field, Type

NULL: Final = 0
WRONG: Final = -1
"""The value is not of the declared type; it reads as null and is reported."""
UNKNOWN: Final = -2
"""The value is not in the closed set; it is reported."""
OTHER: Final = -3
"""Some value that no condition names."""

LARGEST: Final = 2**53
"""Beyond it a whole number and its double part ways, so a number there counts as none."""

MOST_LISTS: Final = 4_096
SHORT: Final = 128
"""Lists of text remembered per slot, and the characters and items of one: below 2 MB."""

BAD: Final = object()
"""Stands for a time that cannot be read."""

Classifier = Callable[[Any], Any]


@dataclass(slots=True)
class Slot:
    """One field or derived value, while conditions are compiled."""

    index: int
    path: str
    type: Type
    known: Field | None = None
    """None for a derived value."""
    derive: tuple[str, int] | None = None
    """`days_since`, `age`, `years`, `in_calendar NAME` … and the slot it is reckoned from."""
    points: set[float] = field(default_factory=set)
    """Numbers (milliseconds for durations) from which below, at and above are told apart."""
    least: set[float] = field(default_factory=set)
    """Numbers that it is only asked to reach (`>=`, `<`), so at and above are one class."""
    most: set[float] = field(default_factory=set)
    """Numbers that it is only asked to pass (`>`, `<=`), so below and at are one class."""
    words: set[Any] = field(default_factory=set)
    """Constants it is asked for; members of its closed set that nothing asks for are one class."""
    members: set[str] = field(default_factory=set)
    """Constants whose membership in the list is asked."""
    hollow: bool = False
    """Whether an empty list is told apart from others: a want has nothing to compare with it."""
    exact: bool = False
    """Whether a condition sees the value in a way that no class can stand for."""

    @property
    def variable(self) -> str:
        """The name it has in the CEL that is evaluated."""
        return f"v{self.index}"

    @property
    def closed(self) -> tuple[Any, ...]:
        """The values that may come, empty where any may."""
        return self.known.values if self.known else ()

    @property
    def kind(self) -> str:
        """How its classes are told: `exact`, `number`, `whole`, `list`, `words` …"""
        if self.exact:
            return "exact"
        if self.type == "number":
            return "number"
        if self.type in ("integer", "duration"):
            return "whole" if self.type == "integer" else "number"
        if self.type in ("list", "flag", "time"):
            return self.type
        return "words" if self.words or self.closed else "present"

    def classifier(self) -> Classifier:
        """Return the function value → class."""
        kind = self.kind
        if kind == "exact":
            return _exact(_KINDS[self.type])
        if kind in ("number", "whole"):
            return _numbers(self)
        if kind == "list":
            return _members(self.lists_numbered())
        if kind == "words":
            return self.words_numbered().__getitem__
        return {"flag": _flag, "time": _time, "present": _present}[kind]

    def words_numbered(self) -> "dict[Any, int]":
        """Return text → class; every text has one, TypeError where it is no text."""
        return _Words(self)

    def lists_numbered(self) -> "dict[tuple[Any, ...], int]":
        """Return items of a list → class; TypeError where one of them is a list or map."""
        return _Lists(self)


def _present(value: object) -> int:
    """Class text that is only asked whether it is there."""
    if value is None:
        return NULL
    return OTHER if type(value) is str else WRONG


_KINDS: Final[dict[str, tuple[type, ...]]] = {
    "text": (str,), "number": (int, float), "integer": (int,), "flag": (bool,), "list": (list,),
    "time": (int,), "duration": (int,), "null": (),
}  # fmt: skip


class _Words(dict[Any, int]):
    """Text → class by one hash look-up; what is not there is told apart only then."""

    def __init__(self, slot: Slot) -> None:
        closed = slot.closed
        words = sorted(slot.words)
        super().__init__(dict.fromkeys(closed, len(words) + 1))
        self.update({word: number for number, word in enumerate(words, 1)})
        self[None] = NULL
        self._rest = UNKNOWN if closed else OTHER

    def __missing__(self, value: object) -> int:
        return self._rest if type(value) is str else WRONG


def edges(slot: Slot) -> list[float]:
    """Return the least number of every class of numbers but the first, ascending."""
    both = {*slot.points, *slot.words}
    # The least number above a point begins the class of those that pass it.
    reached = {float(point) for point in both | slot.least}
    passed = {nextafter(float(point), inf) for point in both | slot.most}
    return sorted(reached | passed)


def _numbers(slot: Slot) -> Classifier:
    at = edges(slot)
    closed = frozenset(slot.closed)
    whole = slot.kind == "whole"

    def classify(value: Any) -> Any:
        if value is None:
            return NULL
        kind = type(value)
        if kind is not int and (kind is not float or whole or value != value):  # noqa: PLR0124 # NaN
            return WRONG
        if not -LARGEST < value < LARGEST:
            return WRONG
        if closed and value not in closed:
            return UNKNOWN, bisect_right(at, value)  # it is compared by its order all the same
        return 1 + bisect_right(at, value)

    return classify


def doubt(of: Any) -> int:
    """Return `WRONG` or `UNKNOWN` for the class of such values, `NULL` for any other."""
    if type(of) is tuple and of and of[0] == UNKNOWN:
        return UNKNOWN
    return of if type(of) is int and of in (WRONG, UNKNOWN) else NULL


class _Lists(dict[tuple[Any, ...], int]):
    """Items of a list → class: a bit for each member that is asked for, and one for none at all.

    Short lists are kept, since they come again; text can be equal to nothing but text.
    """

    def __init__(self, slot: Slot) -> None:
        super().__init__()
        self._bits = {member: 2 << number for number, member in enumerate(sorted(slot.members))}
        self._empty = 1 + (2 << len(self._bits)) * slot.hollow

    def __missing__(self, items: tuple[Any, ...]) -> int:
        if not all(type(one) is str for one in items):
            return WRONG
        bits = self._bits
        asked = sum(bits.get(one, 0) for one in frozenset(items))
        number = 1 + asked if items else self._empty
        if sum(map(len, items)) + len(items) <= SHORT:
            if len(self) >= MOST_LISTS:
                self.clear()
            self[items] = number
        return number


def _members(numbered: dict[tuple[Any, ...], int]) -> Classifier:
    def classify(value: Any) -> int:
        if type(value) is not list:
            return NULL if value is None else WRONG
        return numbered[tuple(value)]

    return classify


def _flag(value: Any) -> int:
    if value is None:
        return NULL
    return 1 + value if value is True or value is False else WRONG


def _time(value: Any) -> int:
    if value is None:
        return NULL
    return WRONG if value is BAD else 1


def _exact(kinds: tuple[type, ...]) -> Classifier:
    def classify(value: Any) -> Any:
        if value is None:
            return NULL
        if type(value) is list:
            whole = list in kinds and all(type(item) is str for item in value)
            return ("is", *value) if whole else WRONG
        return ("is", value) if type(value) in kinds else WRONG

    return classify

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

from tierlane.policy.field import Field, Type

NULL: Final = 0
WRONG: Final = -1
"""The value is not of the declared type; it reads as null and is reported."""
UNKNOWN: Final = -2
"""The value is not in the closed set; it is reported."""
OTHER: Final = -3
"""Some value that no condition names."""

LARGEST: Final = 2**53
"""Beyond it a whole number and its double part ways, so a number there counts as none."""

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
    """`days_since`, `age` or `years` and the slot it is reckoned from."""
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
    exact: bool = False
    """Whether a condition sees the value in a way that no class can stand for."""

    @property
    def variable(self) -> str:
        """The name it has in the CEL that is evaluated."""
        return f"v{self.index}"

    def classifier(self) -> Classifier:
        """Return the function value → class."""
        if self.exact:
            return _exact(_KINDS[self.type])
        if self.type in ("number", "integer", "duration"):
            return _numbers(self)
        if self.type == "list":
            return _members(frozenset(self.members))
        if self.type in ("flag", "time"):
            return _flag if self.type == "flag" else _time
        if not self.words and not (self.known and self.known.values):
            return _present
        return _Words(self).__getitem__


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
        closed = slot.known.values if slot.known else ()
        words = sorted(slot.words)
        super().__init__(dict.fromkeys(closed, len(words) + 1))
        self.update({word: number for number, word in enumerate(words, 1)})
        self[None] = NULL
        self._rest = UNKNOWN if closed else OTHER

    def __missing__(self, value: object) -> int:
        return self._rest if type(value) is str else WRONG


def _numbers(slot: Slot) -> Classifier:
    both = {*slot.points, *slot.words}
    # An edge is the least number of a class; the least number above a point begins what passes it.
    reached = {float(point) for point in both | slot.least}
    passed = {nextafter(float(point), inf) for point in both | slot.most}
    edges = sorted(reached | passed)
    closed = frozenset(slot.known.values) if slot.known else frozenset()
    whole = slot.type == "integer"

    def classify(value: Any) -> int:
        if value is None:
            return NULL
        kind = type(value)
        if kind is not int and (kind is not float or whole or value != value):  # noqa: PLR0124 # NaN
            return WRONG
        if not -LARGEST < value < LARGEST:
            return WRONG
        if closed and value not in closed:
            return UNKNOWN
        return 1 + bisect_right(edges, value)

    return classify


def _members(members: frozenset[str]) -> Classifier:
    all_text = frozenset({str}).issuperset
    numbers: dict[frozenset[str], int] = {}  # few of the 2^n occur, and a number makes a small key

    def classify(value: Any) -> Any:
        if type(value) is list and all_text(map(type, value)):
            asked = members.intersection(value)
            return numbers.setdefault(asked, len(numbers) + 1)
        return NULL if value is None else WRONG

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

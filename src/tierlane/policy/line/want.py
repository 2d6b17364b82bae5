"""Wants: what a contact asks of the advisor who is to serve it, and how well an advisor fits.

A want is a list of tests, one of which must hold. A test compares one field of the advisor with a
value that is known when the contact enters, so a desk can index its advisors by field and value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import Any, Final

FLIPPED: Final = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}
"""A comparison read from its other side."""
_GRADED: Final = frozenset({"<", "<=", ">", ">="})

Advisor = Mapping[str, Any]
"""An advisor's values by field: `id`, `rank`, `skills.claims`, `languages` …"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One test, its other side known: hashable, so that it serves as a key of an index."""

    field: str
    """Of the advisor: `id`, `skills.claims`, `languages`."""
    sign: str
    """A comparison with the advisor on its left; or `has` (a list of the advisor's has the value),
    `among` (the advisor's value is in the list wanted) or `shares` (the lists have one in common).
    """
    value: Any
    """Text, a number or a truth value; a tuple for `among` and `shares`."""

    def holds(self, advisor: Advisor) -> bool:
        """Tell whether an advisor is as wanted; what the advisor lacks is null, as in CEL."""
        has = advisor.get(self.field)
        if self.sign == "!=":
            return bool(has != self.value)
        if has is None:
            return False
        if self.sign == "==":
            return bool(has == self.value)
        if self.sign in _GRADED:
            return _compare(self.sign, has, self.value)
        if self.sign == "has":
            return self.value in has
        return has in self.value if self.sign == "among" else any(one in has for one in self.value)

    def fit(self, advisor: Advisor) -> float:
        """Return how well an advisor fits, from 0 to 1.

        A test of equality gives 1 or 0. One of a level gives 1 / (1 + e^-x) with x = (has - wanted)
        / wanted, its sign turned where less is wanted; where nothing (0) is wanted, x = has.
        """
        if self.sign not in _GRADED:
            return 1.0 if self.holds(advisor) else 0.0
        has = advisor.get(self.field)
        if has is None:
            return 0.0
        x = (has - self.value) / self.value if self.value else has
        x = -x if self.sign in ("<", "<=") else x
        return 1 / (1 + exp(-max(-700.0, min(700.0, x))))  # e^710 is beyond a double

    def gap(self, advisor: Advisor) -> tuple[float, float]:
        """Return by which share of the wanted level an advisor falls short, and exceeds it."""
        has = advisor.get(self.field)
        if self.sign not in (">", ">=", "==") or not _is_number(self.value):
            return 0.0, 0.0
        if not _is_number(has):
            return 1.0, 0.0
        part = (has - self.value) / (self.value or 1)
        return max(0.0, -part), max(0.0, part)


@dataclass(frozen=True, slots=True)
class Bound:
    """One want of one contact: its text in the policy, and the tests of which one must hold."""

    text: str
    tests: tuple[Wanted, ...]
    """None: nobody can be as wanted, since the contact has nothing to compare with."""

    def holds(self, advisor: Advisor) -> bool:
        """Tell whether an advisor is as wanted."""
        return any(one.holds(advisor) for one in self.tests)

    def fit(self, advisor: Advisor) -> float:
        """Return how well the best of its tests fits, from 0 to 1."""
        return max((one.fit(advisor) for one in self.tests), default=0.0)


def unmet(wants: Sequence[Bound], advisor: Advisor) -> str:
    """Return the first want that an advisor does not meet, as the policy has it; or nothing."""
    return next((one.text for one in wants if not one.holds(advisor)), "")


def fit(wants: Sequence[Bound], advisor: Advisor) -> float:
    """Return the mean over wants and preferences, 1 where there are none."""
    return sum(one.fit(advisor) for one in wants) / len(wants) if wants else 1.0


def nearest(wants: Sequence[Bound], advisor: Advisor) -> tuple[float, float]:
    """Return how far an advisor is from the wanted levels: short of them, then above them.

    Each level counts by its share of the wanted one. Falling short of any by however little is
    worse than exceeding all: the shortfalls are compared first.
    """
    gaps = [one.gap(advisor) for want in wants for one in want.tests]
    return sum(short for short, _ in gaps), sum(over for _, over in gaps)


def skilled(wants: Sequence[Bound], advisor: Advisor) -> float:
    """Return the sum of an advisor's levels in the fields that are asked for by level."""
    fields = {one.field for want in wants for one in want.tests if _is_number(one.value)}
    return sum(float(advisor[one]) for one in fields if _is_number(advisor.get(one)))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _compare(sign: str, has: Any, wanted: Any) -> bool:
    if sign in ("<", "<="):
        return bool(has < wanted or (sign == "<=" and has == wanted))
    return bool(has > wanted or (sign == ">=" and has == wanted))

"""The order of waiting contacts: keys of a desk, and a total order whatever they leave equal."""

from dataclasses import dataclass
from math import inf
from typing import Any, NamedTuple

from tierlane.decision import Priority


def score(priority: Priority, age: int) -> float:
    """Return what a priority has grown to at an age in ms: at most `to`, never below its start.

    start + by × floor((age + credit) / every)
    """
    if not priority.every:
        return priority.start
    grown = priority.start + priority.by * ((age + priority.credit) // priority.every)
    if priority.to is not None:
        grown = min(grown, priority.to)
    return max(grown, priority.start)


def grows(priority: Priority, arrived: int, now: int) -> float:
    """Return the moment at which the score of a contact may be another than now."""
    if not priority.every:
        return inf
    age = now - arrived + priority.credit
    if priority.to is not None and priority.by >= 0:
        top = max(priority.to, priority.start)
        if score(priority, now - arrived) >= top:
            return inf
    return now + priority.every - age % priority.every


class Waiting(NamedTuple):
    """What the order looks at of one waiting contact; nothing of it changes while it waits."""

    contact_id: str
    arrived: int
    """When it arrived, in ms; its age is reckoned from here."""
    priority: Priority
    answer: int | None = None
    """The promised time to an answer, in ms after arrival."""
    rank: int = 1
    """Of its lane in the duty of the advisor who looks."""
    values: tuple[Any, ...] = ()
    """What the keys that are expressions gave, in their order; None where one has no answer."""


@dataclass(frozen=True, slots=True)
class Order:
    """The keys in turn; then always age, then the contact's id."""

    keys: tuple[str, ...] = ("rank", "score", "promise", "waited")

    def key(self, one: Waiting, now: int) -> tuple[Any, ...]:
        """Return what the contact sorts by at a time in ms: the least is served first."""
        age = now - one.arrived
        values = iter(one.values)
        parts = [self._part(how, one, age, values) for how in self.keys]
        return (*parts, -age, one.contact_id)

    def lasting(self, one: Waiting, now: int) -> tuple[tuple[Any, ...], float]:
        """Return what the contact sorts by but for rank, in figures that last, and until when.

        It sorts as by `key`. Of its parts the score alone changes with time, and in steps; an age
        stands as the moment from which it is counted.
        """
        values, until = iter(one.values), inf
        parts: list[Any] = []
        for how in self.keys:
            if how == "score":
                parts.append(-score(one.priority, now - one.arrived))
                until = grows(one.priority, one.arrived, now)
            elif how == "waited":
                parts.append(one.arrived - one.priority.credit)
            elif how != "rank":
                parts.append(self._part(how, one, 0, values))
        return (*parts, one.arrived, one.contact_id), until

    def sort(self, line: list[Waiting], now: int) -> list[Waiting]:
        """Return the waiting contacts, the first to be served first."""
        return sorted(line, key=lambda one: self.key(one, now))

    def _part(self, how: str, one: Waiting, age: int, values: Any) -> float:
        if how == "rank":
            return one.rank
        if how == "score":
            return -score(one.priority, age)
        if how == "promise":
            return inf if one.answer is None else one.arrived + one.answer
        if how == "waited":
            return -(age + one.priority.credit)
        return expressed(how, next(values))


def expressed(how: str, value: Any) -> float:
    """Return what `first`, `least` or `most` of a value sorts by; no value sorts last."""
    if how == "first":
        return 0 if value is True else 1
    if value is None:
        return inf
    return float(value) if how == "least" else -float(value)

"""The order of waiting contacts: keys of a desk, and a total order whatever they leave equal."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any, Final, NamedTuple

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


def lasting_score(priority: Priority, age: int) -> tuple[float, float]:
    """Return the score at an age in ms, and for how many ms it stands at least."""
    if not priority.every:
        return priority.start, inf
    steps, since = divmod(age + priority.credit, priority.every)
    grown, left = priority.start + priority.by * steps, priority.every - since
    if priority.to is None:
        return max(grown, priority.start), left
    reached = max(min(grown, priority.to), priority.start)
    at_the_top = priority.by >= 0 and reached >= max(priority.to, priority.start)
    return reached, inf if at_the_top else left


Values = tuple[Any, ...]

Lasting = Callable[[int, str, int], tuple[tuple[Any, ...], float]]
"""Arrival, id and now to what a contact sorts by in figures that last, and until when."""

USUAL: Final = ("rank", "score", "promise", "waited")
"""The keys of a desk that states none."""


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

    keys: tuple[str, ...] = USUAL

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
        arrived, parts = one.arrived, list[Any]()
        for how in self.keys:
            if how == "score":
                grown, left = lasting_score(one.priority, now - arrived)
                parts.append(-grown)
                until = now + left
            elif how == "waited":
                parts.append(arrived - one.priority.credit)
            elif how == "promise":
                parts.append(inf if one.answer is None else arrived + one.answer)
            elif how != "rank":
                parts.append(self._part(how, one, 0, values))
        return (*parts, arrived, one.contact_id), until

    def lasting_of(self, priority: Priority, answer: int | None, values: Values) -> Lasting:
        """Return `lasting` for contacts that differ in nothing but their arrival and id.

        For the keys that a desk has unless it states others it takes a third of the time.
        """
        if self.keys == USUAL and priority.every:
            return _usual(priority, answer)
        return lambda arrived, name, now: self.lasting(
            Waiting(name, arrived, priority, answer, 1, values), now
        )

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


def _usual(priority: Priority, answer: int | None) -> Lasting:
    """Return what `Order.lasting` does by the usual keys, for a priority that grows."""
    start, by, every, credit = priority.start, priority.by, priority.every, priority.credit
    most = inf if priority.to is None else max(priority.to, start)
    top = inf if by < 0 else most

    def lasting(arrived: int, name: str, now: int) -> tuple[tuple[Any, ...], float]:
        steps, since = divmod(now - arrived + credit, every)
        grown: float = max(min(start + by * steps, most), start)
        until = inf if grown >= top else now + every - since
        promised = inf if answer is None else arrived + answer
        return (-grown, promised, arrived - credit, arrived, name), until

    return lasting


def expressed(how: str, value: Any) -> float:
    """Return what `first`, `least` or `most` of a value sorts by; no value sorts last."""
    if how == "first":
        return 0 if value is True else 1
    if value is None:
        return inf
    return float(value) if how == "least" else -float(value)

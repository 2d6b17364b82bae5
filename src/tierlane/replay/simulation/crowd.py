"""The contacts of one replication as columns, so that a million are drawn and counted at once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, overload, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from tierlane.replay.simulation.chance import Bits, Chance, Floats, number_of, numbers_of
from tierlane.replay.simulation.coming import Coming, Demand

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Ids(Sequence[str]):
    """Ids `NAME-COUNT`, each made when it is asked for."""

    names: tuple[str, ...]
    kind: Ints
    """By contact: which of the names."""
    counts: Ints

    def __len__(self) -> int:
        return len(self.kind)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if isinstance(place, slice):
            return Ids(self.names, self.kind[place], self.counts[place])
        return f"{self.names[self.kind[place]]}-{self.counts[place]}"


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """Contacts by time of arrival, then by id; columns as long as there are contacts."""

    ids: Sequence[str]
    numbers: Bits
    """What stands for each id (`number_of`)."""
    arrived: Ints
    """Ms."""
    kinds: tuple[Coming, ...]
    """Contacts of one kind differ in id, arrival and the times below alone."""
    kind: Ints
    """By contact: which of the kinds."""
    lasted: Floats
    """As those of `Coming` in ms; not a number where nothing is known."""
    gave_up: Floats
    waited: Floats
    single: bool = False
    """Whether each contact is a kind of its own, in their order, and `kinds` are the contacts."""

    def __len__(self) -> int:
        return len(self.arrived)

    def comings(self) -> Iterator[Coming]:
        """Yield the contacts one by one."""
        return iter(self.kinds) if self.single else self._made()

    def _made(self) -> Iterator[Coming]:
        times = self.lasted.tolist(), self.gave_up.tolist(), self.waited.tolist()
        rows = zip(self.ids, self.arrived.tolist(), self.kind.tolist(), *times, strict=True)
        for name, arrived, kind, lasted, gave_up, waited in rows:
            one = self.kinds[kind]
            yield Coming(
                name, arrived, {**one.contact, "contact_id": name}, one.profile,
                None if lasted != lasted else lasted,  # noqa: PLR0124 # not a number is unequal to itself
                None if gave_up != gave_up else gave_up,  # noqa: PLR0124
                waited,
            )  # fmt: skip


@runtime_checkable
class Crowded(Protocol):
    """A demand that gives its contacts as columns."""

    def crowd(self, chance: Chance) -> Crowd:
        """Return the contacts of one replication."""


def crowd(demand: Demand, chance: Chance) -> Crowd:
    """Return the contacts of one replication as columns."""
    return demand.crowd(chance) if isinstance(demand, Crowded) else crowd_of(demand.comings(chance))


def crowd_of(comings: Iterable[Coming]) -> Crowd:
    """Return contacts that are told one by one, each of a kind of its own."""
    ordered = tuple(sorted(comings, key=lambda one: (one.arrived, one.contact_id)))
    names = tuple([one.contact_id for one in ordered])
    return Crowd(
        names,
        np.array([number_of(one) for one in names], dtype=np.uint64),
        np.array([one.arrived for one in ordered], dtype=np.int64),
        ordered,
        np.arange(len(ordered)),
        np.array([one.lasted for one in ordered], dtype=np.float64),
        np.array([one.gave_up for one in ordered], dtype=np.float64),
        np.array([one.waited for one in ordered], dtype=np.float64),
        single=True,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Contacts of one kind by time of arrival, numbered from 1."""

    name: str
    kind: Coming
    arrived: Ints
    lasted: Callable[[Bits], Floats] | None = field(default=None)
    """Gives the times of service that are known beforehand, by what stands for each id."""
    gave_up: Callable[[Bits], Floats] | None = field(default=None)


def together(parts: Sequence[Part]) -> Crowd:
    """Return contacts of several kinds as one crowd."""
    sizes = [len(one.arrived) for one in parts]
    arrived = np.concatenate([one.arrived for one in parts])
    counts = np.concatenate([np.arange(1, size + 1) for size in sizes])
    numbers = [
        numbers_of(one.name, np.arange(1, size + 1, dtype=np.uint64))
        for one, size in zip(parts, sizes, strict=True)
    ]
    order = np.argsort(arrived, kind="stable")
    kind = np.repeat(np.arange(len(parts)), sizes)
    names = tuple([one.name for one in parts])
    order = _by_id(order, arrived, Ids(names, kind, counts))
    nothing = np.full(len(arrived), np.nan)
    lasted, gave_up = (
        np.concatenate([nothing[: len(n)] if time is None else time(n)
                        for time, n in zip(times, numbers, strict=True)])[order]
        for times in ([one.lasted for one in parts], [one.gave_up for one in parts])
    )  # fmt: skip
    kind = kind[order]
    return Crowd(
        Ids(names, kind, counts[order]),
        np.concatenate(numbers)[order],
        arrived[order],
        tuple([one.kind for one in parts]),
        kind,
        lasted,
        gave_up,
        np.zeros(len(arrived)),
    )


def _by_id(order: Ints, arrived: Ints, ids: Ids) -> Ints:
    """Return an order by arrival in which those of one moment stand by their ids."""
    moments = arrived[order]
    place, ties = 0, np.flatnonzero(moments[1:] == moments[:-1])
    for first in ties.tolist():
        if first < place:
            continue
        place = first + 1
        while place < len(order) and moments[place] == moments[first]:
            place += 1
        order[first:place] = sorted(order[first:place], key=lambda one: ids[one])
    return order


def poisson(chance: Chance, purpose: str, spans: Iterable[tuple[int, int, float]]) -> list[Ints]:
    """Return moments of arrival at random for spans in ms, each with its rate a ms."""
    found, drawn = [], 0
    for begin, end, rate in spans:
        moments = _moments(chance, purpose, drawn, begin=begin, end=end, rate=rate)
        drawn += len(moments) + 1
        found.append(moments)
    return found


def _moments(
    chance: Chance, purpose: str, first: int, *, begin: int, end: int, rate: float
) -> Ints:
    expected = rate * (end - begin)
    count = int(expected + 6 * expected**0.5) + 16
    while True:
        gaps = -np.log1p(-chance.row(purpose, first, count)) / rate
        gaps[0] += begin
        moments = np.cumsum(gaps)
        if moments[-1] >= end:
            return moments[: np.searchsorted(moments, end)].astype(np.int64)
        count *= 2

"""How the contacts of one replication fared, as columns; read as a sequence of `Fared`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, overload

from tierlane.replay.simulation.crowd import Ints
from tierlane.replay.simulation.journal import ANSWERED, CLOSED, LEFT, WAITING, Fared

HOW: Final = (ANSWERED, LEFT, CLOSED, WAITING)
"""What became of a contact, by its number in a column."""


class Place(NamedTuple):
    """What all contacts have in common that were decided alike and were last in one lane."""

    channel: str
    tier: str
    scenario: str
    first_lane: str
    lane: str
    skill: str
    promised: int | None


class Served(NamedTuple):
    """Who serves."""

    group: str
    advisor: str


@dataclass(frozen=True, slots=True, eq=False)
class Fares(Sequence[Fared]):
    """Columns as long as there are contacts; times are ms."""

    ids: Sequence[str]
    which: Ints
    """By contact: the place of its id."""
    arrived: Ints
    places: tuple[Place, ...]
    place: Ints
    how: Ints
    """By `HOW`."""
    wait: Ints
    lane_wait: Ints
    servers: tuple[Served, ...]
    server: Ints
    """Who served it; -1 nobody did."""
    service: Ints

    def __len__(self) -> int:
        return len(self.which)

    @overload
    def __getitem__(self, place: int) -> Fared: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Fared]: ...
    def __getitem__(self, place: int | slice) -> Fared | Sequence[Fared]:
        if isinstance(place, slice):
            return [self._one(one) for one in range(*place.indices(len(self)))]
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        return self._one(place % len(self))

    def __iter__(self) -> Iterator[Fared]:
        return map(self._one, range(len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment] # as a list has none

    def _one(self, number: int) -> Fared:
        at, server = self.places[self.place[number]], int(self.server[number])
        who = Served("", "") if server < 0 else self.servers[server]
        return Fared(
            self.ids[self.which[number]], int(self.arrived[number]), at.channel, at.tier,
            at.scenario, at.first_lane, at.lane, at.skill, HOW[self.how[number]],
            int(self.wait[number]), int(self.lane_wait[number]), at.promised, who.group,
            who.advisor, int(self.service[number]),
        )  # fmt: skip

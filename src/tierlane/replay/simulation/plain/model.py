"""One desk as rows and crews: what the order, the choice and the duties come to for each pair."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any, Final

from tierlane.decision import Priority
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.form.desk import Duty
from tierlane.policy.line.ordering import expressed, score
from tierlane.replay.simulation.plain.course import Course, Stop
from tierlane.replay.simulation.plain.reason import Involved
from tierlane.replay.simulation.staffing import Seated
from tierlane.routing.waiting.managed import ManagedDesk
from tierlane.routing.waiting.ranking import PARTS
from tierlane.routing.waiting.seat import Seat

_STATIC: Final = frozenset(PARTS) - {"idle", "turn"}
"""Keys of a choice that are the same for all of a crew who are idle."""


@dataclass(slots=True, eq=False)
class Row:
    """Contacts that differ in nothing but their age, and who takes them how readily."""

    number: int
    priority: Priority
    parts: tuple[tuple[str, Any], ...]
    """By key of the order: `still` and what it sorts by, `from` and what is added to the moment of
    arrival, `score` and `rank`."""
    ranks: dict[int, int]
    """By crew that may take from it: the rank of its lane there."""
    takers: tuple[tuple[int, Any, Any], ...]
    """Crews with what they sort by before and after how long an advisor is idle."""
    turns: dict[int, tuple[bool, ...]]
    """By crew with a duty: in which rounds it takes from the row."""

    def key(self, rank: int, contact: int, arrived: int, now: int) -> tuple[Any, ...]:
        """Return what a contact sorts by: the least is served first."""
        found: list[Any] = []
        for how, what in self.parts:
            if how == "still":
                found.append(what)
            elif how == "from":
                found.append(arrived + what)
            elif how == "rank":
                found.append(rank)
            else:
                found.append(-score(self.priority, now - arrived))
        found.append(contact)
        return tuple(found)


@dataclass(slots=True, eq=False)
class Model:
    """One desk: its seats by id, alike ones in crews, and its rows as they become known."""

    revision: Revision
    desk: str
    seats: tuple[Seated, ...]
    """By id, so that a lesser number is a lesser id."""
    crew: list[int] = field(init=False)
    """By seat."""
    crews: list[Seat] = field(init=False)
    """One real seat for each crew."""
    paced: list[tuple[str, float]] = field(init=False)
    """By crew: its group, and by what times of service are multiplied."""
    wrap_up: dict[str, int] = field(init=False)
    lapse: int = field(init=False)
    rows: list[Row] = field(init=False, default_factory=list)
    sees: list[list[tuple[Row, int]]] = field(init=False)
    """By crew: the rows it may take from, with their ranks."""
    _asked: ManagedDesk = field(init=False)
    _known: dict[Any, Row] = field(init=False, default_factory=dict)
    _channels: set[str] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        """Seat one advisor of each group at a real desk, to be asked what they may take."""
        self._asked = ManagedDesk(self.desk, self.revision)
        line = self._asked.state.book.line
        self.wrap_up, self.lapse = dict(line.wrap_up), line.lapse
        groups = list(dict.fromkeys(one.group for one in self.seats))
        firsts = [next(one for one in self.seats if one.group == name) for name in groups]
        self._asked.on_events(0, [one.event for one in firsts], "staff")
        self.crews = [self._asked.state.seats[one.name] for one in firsts]
        self.paced = [(one.group, one.pace) for one in firsts]
        self.crew = [groups.index(one.group) for one in self.seats]
        self.sees = [[] for _ in self.crews]
        for one in firsts:
            if one.event.holds:
                raise Involved(f"group `{one.group}` holds contacts that came another way")

    @property
    def rounds(self) -> bool:
        """Whether advisors of several duties take their lanes in rounds."""
        duties = {one.duty for one in self.crews if one.duty is not None}
        return self._asked.state.book.line.order.keys[:1] == ("rank",) and len(duties) > 1

    def introduce(self, course: Course) -> list[Row]:
        """Return the rows of a contact's stops; raises Involved where advisors do more."""
        channel = course.about["channel"]
        if channel not in self._channels:
            self._channels.add(channel)
            self._look_at_room()
        return [self._row(stop) for stop in course.stops]

    def _look_at_room(self) -> None:
        for one in self.crews:
            for held in self._channels:
                taken = one.capacity.refuses(held, {})
                if not taken and not all(
                    one.capacity.refuses(more, {held: 1}) for more in self._channels
                ):
                    raise Involved("an advisor may hold several contacts at once")

    def _row(self, stop: Stop) -> Row:
        alike = stop.alike._replace(wants=stop.leg.wants)
        key = (alike, stop.chooses)
        row = self._known.get(key)
        if row is None:
            row = self._known[key] = self._made(stop)
            self.rows.append(row)
            for crew, rank in row.ranks.items():
                self.sees[crew].append((row, rank))
        return row

    def _made(self, stop: Stop) -> Row:
        ranks = {
            number: rank for number, seat in enumerate(self.crews)
            if (rank := self._rank(stop, seat)) is not None
        }  # fmt: skip
        takers = tuple((one, *_choice(stop.chooses, self.crews[one])) for one in ranks)
        turns = {
            one: _turns(duty, stop.alike.lanes)
            for one in ranks if (duty := self.crews[one].duty) is not None
        }  # fmt: skip
        priority = stop.alike.priority
        return Row(len(self.rows), priority, tuple(self._parts(stop)), ranks, takers, turns)

    def _rank(self, stop: Stop, seat: Seat) -> int | None:
        """Return the rank of a stop's lane in the duty of an advisor; None never takes from it."""
        lanes, channel = stop.alike.lanes, stop.alike.channel
        if self._asked.asking.unsuited(stop.leg, lanes, channel, seat):
            return None
        if seat.duty is not None and any(
            one.after and one.lane in lanes for one in seat.duty.lanes
        ):
            raise Involved(f"duty `{seat.duty.name}` sees a lane only after a time")
        return None if seat.capacity.refuses(channel, {}) else seat.rank(lanes, 0)

    def _parts(self, stop: Stop) -> Iterable[tuple[str, Any]]:
        values, alike = iter(stop.alike.values), stop.alike
        for how in self._asked.state.book.line.order.keys:
            if how == "rank":
                yield "rank", None
            elif how == "score":
                still = not alike.priority.every
                yield ("still", -score(alike.priority, 0)) if still else ("score", None)
            elif how == "waited":
                yield "from", -alike.priority.credit
            elif how == "promise":
                yield ("still", inf) if alike.answer is None else ("from", alike.answer)
            else:
                yield "still", expressed(how, next(values))


def _choice(keys: Sequence[str], seat: Seat) -> tuple[Any, Any]:
    """Return what a crew sorts by before and after how long one of it is idle."""
    unknown = next((one for one in keys if one not in _STATIC and one != "idle"), None)
    if unknown is not None:
        raise Involved(f"an advisor is chosen by `{unknown}`")
    place = keys.index("idle") if "idle" in keys else len(keys)
    room = {"load": seat.capacity.load({}), "free": -seat.capacity.free({})}
    parts = [room[one] if one in room else PARTS[one](seat) for one in keys if one != "idle"]
    return tuple(parts[:place]), tuple(parts[place:])


def _turns(duty: Duty, lanes: tuple[str, ...]) -> tuple[bool, ...]:
    """Return in which rounds a duty takes from some lanes: equal ranks together, in their order."""
    ranks = sorted({one.rank for one in duty.lanes})
    return tuple(
        any(one.rank == rank and one.lane in lanes for one in duty.lanes) for rank in ranks
    )

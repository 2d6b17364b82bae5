"""Plays the replications of a scene that is a plain line, and says why one is not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from tierlane.policy.deciding.itinerary import Itinerary
from tierlane.policy.deciding.revision import Revision
from tierlane.replay.simulation.behaviour import Behaviour, fitting, patiences, services
from tierlane.replay.simulation.chance import Chance
from tierlane.replay.simulation.coming import Coming
from tierlane.replay.simulation.crowd import Crowd, Ints
from tierlane.replay.simulation.deciding import Deciding
from tierlane.replay.simulation.fares import Fares, Place, Served
from tierlane.replay.simulation.journal import Journal
from tierlane.replay.simulation.plain.course import Course, course
from tierlane.replay.simulation.plain.given import NEVER, NOBODY, Became, Given, Way
from tierlane.replay.simulation.plain.model import Model, Row
from tierlane.replay.simulation.plain.reason import Involved
from tierlane.replay.simulation.plain.run import PlainRun
from tierlane.replay.simulation.plain.single import add_work, fits, single, staying
from tierlane.replay.simulation.run import LONGEST
from tierlane.replay.simulation.staffing import Seated, Turn

MOST_KNOWN: Final = 1_000
"""Ways that contacts may take: a policy that knows more is told faster by the real desk."""
MOST_KEPT: Final = 10_000
"""Itineraries whose way is known by the object: as many as `Deciding` keeps, at 4 KB each."""


class Known:
    """The ways of contacts, found as contacts come and kept from replication to replication."""

    def __init__(self, deciding: Deciding, models: dict[str, Model]) -> None:
        self._deciding, self._models = deciding, models
        self.courses: list[Course] = []
        self.rows: list[list[Row]] = []
        """By course, then by stop."""
        self._by_identity: dict[tuple[int, str], tuple[Itinerary, int]] = {}
        self._by_value: dict[Any, int] = {}
        self._last: tuple[Crowd | None, Ints] = None, np.empty(0, dtype=np.int64)

    def ways(self, crowd: Crowd) -> Ints:
        """Return which course each contact takes; raises Involved."""
        if self._last[0] is not crowd:
            told = self._deciding.steady or crowd.single
            comings: Iterable[Coming] = crowd.kinds if told else crowd.comings()
            by_kind = np.array([self._way(one) for one in comings], dtype=np.int64)
            self._last = crowd, by_kind[crowd.kind] if told else by_kind
        return self._last[1]

    def _way(self, one: Coming) -> int:
        about, itinerary, desk = self._deciding.decided(one)
        key = (id(itinerary), about["subject"])
        known = self._by_identity.get(key)
        if known is None:
            if len(self._by_identity) == MOST_KEPT:
                self._by_identity.clear()
            known = self._by_identity[key] = itinerary, self._of_value(about, itinerary, desk)
        return known[1]

    def _of_value(self, about: dict[str, str], itinerary: Itinerary, desk: str) -> int:
        value = (itinerary, tuple(about.items()))
        try:
            number = self._by_value.get(value)
        except TypeError:
            raise Involved("contacts carry lists or maps to the desk") from None
        if number is None:
            if len(self.courses) == MOST_KNOWN:
                raise Involved(f"contacts take more than {MOST_KNOWN} ways")
            found = course(self._deciding, about, itinerary, desk)
            self.rows.append(self._models[desk].introduce(found))
            self.courses.append(found)
            number = self._by_value[value] = len(self.courses) - 1
        return number


@dataclass(slots=True, eq=False)
class _Times:
    """The times of service of some contacts, each kind of time drawn once."""

    crowd: Crowd
    chosen: Ints
    chance: Chance
    behaviour: Behaviour
    found: dict[Any, tuple[int, Ints]]

    def kind(self, about: dict[str, str], pace: float) -> int:
        """Return the number of a kind of time; raises Involved where no row tells it."""
        rows = fitting(self.behaviour.service, about)
        key = (tuple(map(id, rows)), pace)
        if key not in self.found:
            times = services(rows, self.crowd, self.chosen, self.chance)
            if np.isnan(times).any() or np.isinf(times).any():
                raise Involved("no row tells how long a contact takes")
            whole = np.maximum(np.rint(times * pace), 1).astype(np.int64)
            self.found[key] = len(self.found), whole
        return self.found[key][0]


class _Played(NamedTuple):
    """One desk, played."""

    chosen: Ints
    """The places of its contacts among all."""
    became: Became
    run: PlainRun
    alone: bool = False
    """Whether the contacts were told without the run, which knows the turns of advisors alone."""


class PlainScene:
    """A policy, its staff and its turns as plain lines."""

    def __init__(
        self,
        revision: Revision,
        behaviour: Behaviour,
        turns: Sequence[Turn],
        window: tuple[int, int],
        last: int,
        *,
        timeless: bool,
    ) -> None:
        """Prepare; work and arrivals count within `window`, `last` ends all. Raises Involved."""
        deciding = Deciding(revision, timeless=timeless)
        if not behaviour.at_once:
            raise Involved("advisors take time to answer an offer, or decline some")
        if deciding.remembers:
            raise Involved("a rule reads what is remembered of a customer")
        self._behaviour, self._window, self._last = behaviour, window, last
        seats = {one.advisor.name: one.advisor for one in turns}
        self._names = tuple(seats)
        self._models = {
            line.desk: Model(revision, line.desk, _of_desk(seats.values(), line.desk))
            for line in revision.lines
        }
        self._turns_of = {
            name: [(n, one) for n, one in enumerate(turns) if one.advisor.desk == name]
            for name in self._models
        }
        self._known = Known(deciding, self._models)
        self._servers = tuple([Served(one.group, one.name) for one in seats.values()])

    def play(self, replication: int, crowd: Crowd, chance: Chance) -> Journal:
        """Play one replication; raises Involved where something comes up that is not plain."""
        ways = self._known.ways(crowd)
        desks = {name: n for n, name in enumerate(self._models)}
        at = np.array([desks[one.desk] for one in self._known.courses], dtype=np.int64)[ways]
        played = []
        for name, model in self._models.items():
            chosen = np.flatnonzero(at == desks[name])
            given = self._given(model, crowd, chosen, ways[chosen], chance)
            played.append(self._played(model, given, chosen))
        until = max(one.became.ended for one in played)
        for one in played:
            one.run.go_on(until)
            if one.alone:
                add_work(one.became, one.run.model, one.run.relief.stints, self._window)
        return self._journal(replication, crowd, ways, played)

    def _played(self, model: Model, given: Given, chosen: Ints) -> "_Played":
        turns = self._turns_of[model.desk]
        if (
            fits(model, given)
            and (until := staying(model, [one for _, one in turns], self._last)) is not None
        ):
            became = single(model, given, turns[0][1].at, until)
            if became is not None:
                run = PlainRun(model, NOBODY, *self._window)
                run.play(turns, self._last)
                return _Played(chosen, became, run, alone=True)
        run = PlainRun(model, given, *self._window)
        became = run.play(turns, self._last)
        _look_at_lapse(model, given, became, self._last)
        return _Played(chosen, became, run)

    def _given(self, model: Model, crowd: Crowd, chosen: Ints, ways: Ints, chance: Chance) -> Given:
        """Return the contacts of one desk with their times."""
        patience = np.full(len(chosen), NEVER, dtype=np.int64)
        columns: list[Ints] = []
        made: dict[int, Way] = {}
        for number in np.unique(ways).tolist():
            one, rows = self._known.courses[number], self._known.rows[number]
            of = np.flatnonzero(ways == number)
            waits = patiences(
                fitting(self._behaviour.patience, one.about), crowd, chosen[of], chance
            )
            lives = waits < LONGEST
            patience[of[lives]] = np.rint(waits[lives]).astype(np.int64)
            times = _Times(crowd, chosen[of], chance, self._behaviour, {})
            made[number] = _way(one, rows, model, times)
            for kind, column in times.found.values():
                while len(columns) <= kind:
                    columns.append(np.zeros(len(chosen), dtype=np.int64))
                columns[kind][of] = column
        return Given(
            crowd.arrived[chosen],
            tuple(made.values()),
            np.searchsorted(np.array(list(made)), ways),
            patience,
            np.array(columns, dtype=np.int64).reshape(len(columns), len(chosen)),
        )

    def _journal(
        self, replication: int, crowd: Crowd, ways: Ints, played: list[_Played]
    ) -> Journal:
        (begin, end), count = self._window, len(crowd)
        stop, how, wait, server, service = (np.full(count, -1, dtype=np.int64) for _ in range(5))
        for chosen, became, run, _ in played:
            stop[chosen], service[chosen] = became.stop, became.service
            how[chosen], moments = _how(became, crowd.arrived[chosen], self._last)
            wait[chosen] = moments - crowd.arrived[chosen]
            names = [self._names.index(one.name) for one in run.model.seats]
            server[chosen] = np.array([*names, -1])[became.seat]  # nobody is the last
        places, firsts, entered = self._places()
        place = firsts[ways] + stop
        lane_wait = wait - entered[place]
        counts = np.flatnonzero(
            (stop >= 0) & (crowd.arrived >= begin) & (crowd.arrived < end)
        )  # fmt: skip
        columns = (one[counts] for one in (place, how, wait, lane_wait))
        place, how, wait, lane_wait = columns
        fares = Fares(
            crowd.ids, counts, crowd.arrived[counts], places, place, how, wait, lane_wait,
            self._servers, server[counts], service[counts],
        )  # fmt: skip
        stints = {name: stint for one in played for name, stint in one.run.relief.stints.items()}
        now = end if all(one.became.through for one in played) else self._last
        worked = tuple([stints[one].close(now) for one in self._names if one in stints])
        events = sum(one.became.events + one.run.events for one in played)
        return Journal(replication, begin, end, fares, worked, events)

    def _places(self) -> tuple[tuple[Place, ...], Ints, Ints]:
        """Return all stops as places, where each course begins, and when each was entered."""
        places, firsts, entered = list[Place](), list[int](), list[int]()
        for one in self._known.courses:
            firsts.append(len(places))
            about, first = one.about, one.stops[0].lane
            for stop in one.stops:
                places.append(Place(
                    about["channel"], about["tier"], about["scenario"], first, stop.lane,
                    stop.skill, one.answer,
                ))  # fmt: skip
                entered.append(stop.entered)
        return tuple(places), np.array(firsts, dtype=np.int64), np.array(entered, dtype=np.int64)


def _of_desk(seats: Iterable[Seated], desk: str) -> tuple[Seated, ...]:
    return tuple(sorted((one for one in seats if one.desk == desk), key=lambda one: one.name))


def _way(one: Course, rows: list[Row], model: Model, times: _Times) -> Way:
    kinds = []
    for stop, row in zip(one.stops, rows, strict=True):
        by_crew = [-1] * len(model.crews)
        for crew in row.ranks:
            group, pace = model.paced[crew]
            about = {**one.about, "lane": stop.lane, "group": group}
            by_crew[crew] = times.kind(about, pace)
        kinds.append(tuple(by_crew))
    ages = [stop.age for stop in one.stops]
    ages.append(NEVER if one.closes is None else one.closes)
    return Way(one.about["channel"], tuple(rows), tuple(ages), tuple(kinds))


def _how(became: Became, arrived: Ints, last: int) -> tuple[Ints, Ints]:
    """Return what became of the contacts, by `HOW`, and when."""
    served, gone = became.answered >= 0, became.over >= 0
    how = np.where(served, 0, np.where(gone, 1, 3))
    how[list(became.closed)] = 2
    moments = np.where(served, became.answered, np.where(gone, became.over, last))
    return how, np.maximum(moments, arrived)


def _look_at_lapse(model: Model, given: Given, became: Became, last: int) -> None:
    """Raise Involved where a contact would have lapsed, of which nothing was heard for so long."""
    _, moments = _how(became, given.arrived, last)
    longest = np.maximum(moments - given.arrived, became.service)
    if longest.max(initial=0) >= model.lapse:
        raise Involved("a contact lapses of which nothing is heard")

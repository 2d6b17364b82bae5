"""How many advisors a goal needs: a search that meets the same customers with every number.

It begins where Erlang A would, widens until one number fails and another suffices, and halves what
lies between. The number is the peak of one group; its other hours keep their proportion.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice
from math import inf
from typing import Final

from tierlane.errors import UsageError
from tierlane.policy.check.erlang import ErlangA
from tierlane.replay.simulation.chance import Chance
from tierlane.replay.simulation.deciding import Deciding, managed
from tierlane.replay.simulation.estimate import Estimate
from tierlane.replay.simulation.goal import Goal
from tierlane.replay.simulation.pool import Pool
from tierlane.replay.simulation.scene import Scene
from tierlane.replay.simulation.study import gathered, kept

MOST: Final = 10_000
"""Advisors of one group; a goal that needs more, or twice those that arrive, needs no staff."""
_ASKED: Final = 2_000
"""Contacts by which service and patience are guessed for the beginning."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One number of advisors and what it gave."""

    advisors: int
    found: Estimate
    met: bool
    sure: bool
    """Whether the whole interval meets the goal."""


@dataclass(frozen=True, slots=True)
class Found:
    """The least number of advisors that meets a goal."""

    goal: Goal
    group: str
    advisors: int
    begun_at: int
    """The number by Erlang A."""
    tried: tuple[Tried, ...]
    """By number of advisors."""
    complete: bool = True
    """False where it was interrupted: fewer advisors may do."""
    why_real: str = ""
    """Why the real desks were needed for the number found; nothing: they were not, or were asked
    for."""

    @property
    def answer(self) -> Tried:
        """What the number found gave."""
        return next(one for one in self.tried if one.advisors == self.advisors)


class Search:
    """Tries numbers of advisors of one group."""

    def __init__(
        self,
        scene: Scene,
        group: str,
        goal: Goal,
        *,
        seed: int,
        replications: int,
        cores: int = 1,
        told: Callable[[int], None] = lambda _: None,
        exact: bool = False,
    ) -> None:
        """Prepare; raises UsageError where there is no such group.

        `exact` has the real desks play even where the scene is a plain line.
        """
        scene.staffing.group(group)
        if goal.within is not None:
            scene = replace(scene, counting=replace(scene.counting, within=goal.within))
        self._scene, self._group, self._goal = scene, group, goal
        self._seed, self._replications, self._told = seed, replications, told
        self._cores = min(cores, replications)
        self._pool: Pool
        self._exact = exact
        self._tried: dict[int, Tried] = {}
        self._why_real: dict[int, str] = {}
        self._most = MOST

    def run(self) -> Found:
        """Return the least number that meets the goal; raises UsageError where none does.

        Ctrl-C gives the least that was seen to meet it by then; where none was, KeyboardInterrupt
        is raised.
        """
        begun = self.guess()
        complete = True
        try:
            pool = Pool((self._scene,), self._seed, self._cores, kept, exact=self._exact)
            with pool as self._pool:
                found = self._halved(*self._bracket(begun))
        except KeyboardInterrupt:
            complete = False
            meeting = [number for number, one in self._tried.items() if one.met]
            if not meeting:
                raise
            found = min(meeting)
        tried = tuple(self._tried[one] for one in sorted(self._tried))
        return Found(self._goal, self._group, found, begun, tried, complete, self._why_real[found])

    def _halved(self, low: int, high: int) -> int:
        while high - low > 1:
            middle = (low + high) // 2
            if self._try(middle).met:
                high = middle
            else:
                low = middle
        return high

    def _bracket(self, begun: int) -> tuple[int, int]:
        """Return a number that fails (0 is taken to) and one that suffices."""
        step = max(1, begun // 8)
        if self._try(begun).met:
            low = begun
            while low > 0 and (low == begun or self._try(low).met):
                high, low = low, max(low - step, 0)
                step *= 2
            return low, high
        low = begun
        while not self._try(high := low + step).met:
            low, step = high, step * 2
            if high > self._most:
                message = f"`{self._goal.text}` is not met by {high} advisors of `{self._group}`"
                hint = "other groups, the plan or the promise hold it back"
                raise UsageError(message, hint=hint)
        return low, high

    def _try(self, advisors: int) -> Tried:
        known = self._tried.get(advisors)
        if known is not None:
            return known
        staffing = self._scene.staffing.with_peak(self._group, advisors)
        self._told(advisors)
        numbers = range(1, self._replications + 1)
        played = dict(self._pool.replicate(numbers, staffing))
        found = gathered((self._scene,), self._seed, self._replications, played)
        goal = self._goal
        try:
            estimate = found.sides[0].line(goal.by, goal.value).of(goal.measure)
        except KeyError:
            raise UsageError(f"no contact of {goal.by} `{goal.value}`") from None
        tried = Tried(advisors, estimate, goal.met(estimate), goal.surely(estimate))
        self._tried[advisors] = tried
        self._why_real[advisors] = found.sides[0].why_real
        return tried

    def guess(self) -> int:
        """Return the number of advisors by Erlang A, on the mean of the busiest hour met."""
        scene, group = self._scene, self._scene.staffing.group(self._group)
        chance, model = Chance(self._seed, 1), scene.staffing.behaviour
        deciding = Deciding(managed(scene.policy.compiled()))
        hours: dict[int, int] = {}
        service, patience, leavers, count = 0.0, 0.0, 0, 0
        for one in scene.demand.comings(chance):
            hours[one.arrived // 3_600_000] = hours.get(one.arrived // 3_600_000, 0) + 1
            if count < _ASKED:
                count += 1
                about = deciding.decided(one)[0]
                draws = chance.of(one.contact_id)
                about["group"] = group.name
                service += model.service_of(one, about, draws)
                waits = model.patience_of(one, about, draws)
                if waits < inf:
                    patience, leavers = patience + waits, leavers + 1
        if not count:
            raise UsageError("nobody arrives")
        self._most = min(MOST, 2 * sum(hours.values()))
        busiest = max(hours.values()) / 3_600_000
        mean = patience / leavers if leavers else None
        return self._erlang(busiest, service / count * group.pace, mean)

    def _erlang(self, arrivals: float, service: float, patience: float | None) -> int:
        goal, first = self._goal, max(1, int(arrivals * service))
        if goal.measure not in ("service_level", "abandonment"):
            return first + 1
        within = goal.within if goal.within is not None else 20_000
        for advisors in islice(range(first, MOST), 200):
            model = ErlangA(arrivals, service, patience, advisors)
            if not model.stable:
                continue
            share = (
                model.answered_within(within) if goal.measure == "service_level"
                else model.gives_up()
            )  # fmt: skip
            if share >= goal.bound if goal.at_least else share <= goal.bound:
                return advisors
        return first + 1

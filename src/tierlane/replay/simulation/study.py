"""Studies: policy A, perhaps beside policy B, over replications; results as frozen values."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from tierlane.replay.simulation.estimate import NOTHING, Estimate, Pair, difference, ratio
from tierlane.replay.simulation.journal import Journal
from tierlane.replay.simulation.measure import (
    INTERVAL,
    OF_CONTACTS,
    OF_WORK,
    Interval,
    IntervalKey,
    Key,
    Sample,
    intervals,
    samples,
)
from tierlane.replay.simulation.pool import Pool
from tierlane.replay.simulation.scene import Scene

_WORK: Final = frozenset({"all work", "desk", "group", "advisor"})
_ORDER: Final = (
    "all", "tier", "scenario", "lane", "channel", "all work", "desk", "group", "advisor",
)  # fmt: skip


class Line(NamedTuple):
    """The measures of one tier, scenario, lane, channel, desk, group or advisor, or of all."""

    by: str
    value: str
    measures: tuple[tuple[str, Estimate], ...]

    def of(self, measure: str) -> Estimate:
        """Return a measure by its name; raises KeyError."""
        return dict(self.measures)[measure]


class Slot(NamedTuple):
    """One interval of arrivals in one lane with one want: means over the replications."""

    begin: int
    """Ms since 1970."""
    lane: str
    skill: str
    contacts: float
    answered: float
    left: float
    service_level: float | None
    mean_wait: float | None
    """Seconds, of those answered."""
    mean_service: float | None
    """Seconds."""
    load: float
    """Advisors kept busy, on average over the interval."""


@dataclass(frozen=True, slots=True)
class Side:
    """One policy's results."""

    policy: str
    revision: str
    staffing: str
    lines: tuple[Line, ...]
    slots: tuple[Slot, ...]
    events: int
    """Events and deadlines given to the desks, over all replications."""
    why_real: str = ""
    """Why the real desks were needed; nothing: they were not, or were asked for."""

    def line(self, by: str, value: str = "") -> Line:
        """Return one line; raises KeyError."""
        found = next((one for one in self.lines if (one.by, one.value) == (by, value)), None)
        if found is None:
            raise KeyError(f"{by} {value}".strip())
        return found


@dataclass(frozen=True, slots=True)
class Study:
    """What a simulation found."""

    seed: int
    asked: int
    """Replications asked for."""
    done: tuple[int, ...]
    """Those that were played to their end."""
    batches: int
    begin: int
    end: int
    """The period, ms since 1970."""
    interval: int
    """Ms of a slot."""
    sides: tuple[Side, ...]
    """A, and B where there is one."""
    differences: tuple[Line, ...] = ()
    """B minus A, by pairs of replications."""

    @property
    def complete(self) -> bool:
        """Whether every replication was played."""
        return len(self.done) == self.asked


class Kept(NamedTuple):
    """What is kept of one replication of one scene."""

    samples: list[Sample]
    slots: dict[IntervalKey, Interval]
    events: int
    why_real: str = ""


def kept(journal: Journal, scene: Scene) -> Kept:
    """Return what a study needs of a journal."""
    counting = scene.counting
    return Kept(
        samples(journal, counting), intervals(journal, counting), journal.events, journal.why_real
    )


def study(
    scenes: Sequence[Scene],
    seed: int,
    replications: int,
    cores: int = 1,
    told: Callable[[int], None] = lambda _: None,
    *,
    exact: bool = False,
) -> Study:
    """Simulate one scene, or two to compare that differ in policy or staffing.

    `told` is called with the number done so far; `exact` has the real desks play where less would
    do. Ctrl-C gives the study of what was done by then;
    where nothing was, KeyboardInterrupt is raised. Other errors are those of the scene.
    """
    found: dict[int, tuple[Kept, ...]] = {}
    try:
        with Pool(scenes, seed, min(cores, replications), kept, exact=exact) as pool:
            for number, sides in pool.replicate(range(1, replications + 1)):
                found[number] = sides
                told(len(found))
    except KeyboardInterrupt:
        if not found:
            raise
    return gathered(scenes, seed, replications, found)


def gathered(
    scenes: Sequence[Scene], seed: int, replications: int, found: Mapping[int, tuple[Kept, ...]]
) -> Study:
    """Return the study of what was kept of replications, by number."""
    done = tuple(sorted(found))
    sides = tuple(
        _side(scene, [found[number][place] for number in done])
        for place, scene in enumerate(scenes)
    )
    several = [[one for number in done for one in found[number][place].samples]
               for place in range(len(scenes))]  # fmt: skip
    first = scenes[0]
    return Study(
        seed=seed,
        asked=replications,
        done=done,
        batches=first.counting.batches,
        begin=first.demand.begin,
        end=first.demand.end,
        interval=first.counting.interval,
        sides=sides,
        differences=_differences(*several) if len(several) == 2 else (),
    )


def _side(scene: Scene, many: Sequence[Kept]) -> Side:
    revision = scene.policy.compiled()
    every = [sample for one in many for sample in one.samples]
    lines = tuple(
        Line(*key, tuple((name, ratio(_pairs(every, key, name))) for name in _names(key)))
        for key in _keys(every)
    )
    return Side(
        revision.name,
        revision.hash,
        scene.staffing.name,
        lines,
        _slots([one.slots for one in many], scene.counting.interval),
        sum(one.events for one in many),
        next((one.why_real for one in many if one.why_real), ""),
    )


def _differences(ours: Sequence[Sample], theirs: Sequence[Sample]) -> tuple[Line, ...]:
    keys = [key for key in _keys([*ours, *theirs]) if key[0] != "advisor"]
    return tuple(
        Line(*key, tuple(
            (name, difference(_pairs(ours, key, name), _pairs(theirs, key, name)))
            for name in _names(key)
        ))
        for key in keys
    )  # fmt: skip


def _keys(every: Iterable[Sample]) -> list[Key]:
    found = {key for sample in every for key in sample}
    return sorted(found, key=lambda key: (_ORDER.index(key[0]), key[1]))


def _names(key: Key) -> tuple[str, ...]:
    return OF_WORK if key[0] in _WORK else OF_CONTACTS


def _pairs(every: Sequence[Sample], key: Key, name: str) -> list[Pair]:
    """Return the pairs of all samples; who had none of the kind counts as 0 contacts."""
    empty: Mapping[str, Pair] = _NONE if key[0] not in _WORK else {}
    return [sample.get(key, empty).get(name, NOTHING) for sample in every]


_COUNTS: Final = ("contacts", "answered", "left", "waiting")
_NONE: Final[Mapping[str, Pair]] = dict.fromkeys(_COUNTS, (0.0, 1.0))


def _slots(many: Sequence[Mapping[IntervalKey, Interval]], size: int) -> tuple[Slot, ...]:
    sums: dict[IntervalKey, list[int]] = {}
    for one in many:
        for key, numbers in one.items():
            held = sums.setdefault(key, [0] * len(INTERVAL))
            for place, number in enumerate(numbers):
                held[place] += number
    return tuple(_slot(key, sums[key], len(many), size) for key in sorted(sums))


def _slot(key: IntervalKey, sums: Sequence[int], runs: int, size: int) -> Slot:
    contacts, answered, left, counted, within, wait, service = sums
    return Slot(
        *key,
        contacts / runs,
        answered / runs,
        left / runs,
        within / counted if counted else None,
        wait / answered / 1000 if answered else None,
        service / answered / 1000 if answered else None,
        service / runs / size,
    )

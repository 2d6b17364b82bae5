"""Real and simulated figures of each day and of the month, by the simulator's own formulas."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from benchmarks.february.presence import at_internet, by_day, presence, turnover
from benchmarks.february.scene import real, scene
from tierlane.policy.deciding.revision import Revision
from tierlane.replay.simulation.behaviour import Behaviour
from tierlane.replay.simulation.deciding import managed
from tierlane.replay.simulation.estimate import Estimate, Pair, ratio
from tierlane.replay.simulation.measure import Counting, Key, Sample, samples
from tierlane.replay.simulation.scene import Playing
from tierlane.replay.source.anonbank import Row

MEASURES = ("contacts", "mean_wait", "wait_90", "abandonment", "service_level")
ALL: Key = ("all", "")


class Beside(NamedTuple):
    """A figure that was real, and what the simulation says."""

    measure: str
    real: float | None
    simulated: Estimate


class Day(NamedTuple):
    """One day."""

    day: date
    figures: tuple[Beside, ...]


class Month(NamedTuple):
    """All days, and the whole; quantiles of the whole are means over the days."""

    gap: int
    """Minutes without a service after which a server counts as gone."""
    whole: tuple[Beside, ...]
    days: tuple[Day, ...]


def compare(
    rows: Sequence[Row],
    model: Behaviour,
    gap: int,
    *,
    replications: int,
    seed: int,
    wraps: bool = True,
    told: Callable[[str], None] = lambda _: None,
) -> Month:
    """Simulate each day of `rows`; `told` hears of each day that is done.

    `wraps` says whether servers take the time from service to service that they take in the log.
    """
    away = timedelta(minutes=gap)
    stays, internet = presence(rows, away), at_internet(rows)
    wrap_up = turnover(rows, away) if wraps else timedelta()
    counting = Counting()
    days, truth, played = [], list[Sample](), list[list[Sample]]()
    revision = None
    for day, called in by_day(rows).items():
        one = scene(day, called, stays, internet, model)
        revision = revision or _wrapping(managed(one.policy.compiled()), wrap_up)
        was = samples(real(called), counting)[0]
        playing = Playing(one, revision)
        runs = [
            samples(playing.play(seed, number), counting)[0]
            for number in range(1, replications + 1)
        ]
        truth.append(was)
        played.append(runs)
        days.append(Day(day, _figures([was], [[run] for run in runs])))
        told(f"{day} with {gap} minutes")
    whole = _figures(truth, [list(one) for one in zip(*played, strict=True)])
    return Month(gap, whole, tuple(days))


def _wrapping(revision: Revision, wrap_up: timedelta) -> Revision:
    """Return the revision with so long a wrap-up of each call at every desk."""
    told = (("voice", wrap_up // timedelta(milliseconds=1)),) if wrap_up else ()
    return replace(revision, lines=tuple(replace(one, wrap_up=told) for one in revision.lines))


def _figures(was: Sequence[Sample], runs: Sequence[Sequence[Sample]]) -> tuple[Beside, ...]:
    """Return the figures over some days; each run is a sample of its own."""
    found = []
    for name in MEASURES:
        pair = _summed(was, name)
        value = pair[0] / pair[1] if pair[1] else None
        found.append(Beside(name, value, ratio([_summed(run, name) for run in runs])))
    return tuple(found)


def _summed(days: Sequence[Sample], name: str) -> Pair:
    pairs = [day[ALL][name] for day in days]
    count = 1.0 if name == "contacts" else sum(y for _, y in pairs)
    return sum(x for x, _ in pairs), count

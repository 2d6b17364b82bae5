"""Plays both policies through the same replications and makes tables of what came of them.

Each table is a tuple of rows, plain dicts with the names that JSON and Parquet have; shares run
from 0 to 1, times are in seconds.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from tierlane.replay.report.cost import Rates, costs
from tierlane.replay.report.keeping import BOUNDS, EVERYBODY, Seen, Slot, Track, coarse, seen
from tierlane.replay.report.pairing import FATES, Paired, paired
from tierlane.replay.simulation.estimate import Estimate, Pair, difference, ratio
from tierlane.replay.simulation.figure import SIDES
from tierlane.replay.simulation.pool import Pool
from tierlane.replay.simulation.scene import Scene
from tierlane.replay.simulation.study import Study, gathered

Row = dict[str, Any]
BOTH: Final = (*SIDES, "B-A")


class Round(NamedTuple):
    """One replication of A and B."""

    sides: tuple[Seen, Seen]
    pair: Paired


@dataclass(frozen=True, slots=True)
class Played:
    """What came of all replications."""

    study: Study
    waits: tuple[Row, ...]
    """Which share of a tier is answered within which time."""
    day: tuple[Row, ...]
    """The day by intervals."""
    fates: tuple[Row, ...]
    """Who gains and who pays, contact by contact."""
    moves: tuple[Row, ...]
    """In which lane contacts were last, under A and under B."""
    kinds: tuple[Row, ...]
    """Rows of measures by kind of lane, and of costs."""


def play(
    scenes: tuple[Scene, Scene],
    seed: int,
    replications: int,
    cores: int = 1,
    told: Callable[[int], None] = lambda _: None,
    *,
    rates: Rates | None = None,
) -> Played:
    """Play two scenes that meet the same contacts; `told` hears the number done so far.

    With `rates` it tells what the advisors cost, too.

    After Ctrl-C it is what was played by then; where nothing was, KeyboardInterrupt is raised.
    """
    rounds: dict[int, Round] = {}
    try:
        with Pool(scenes, seed, min(cores, replications), seen) as pool:
            for number, (a, b) in pool.replicate(range(1, replications + 1)):
                pair = paired(a.track, b.track)
                rounds[number] = Round((_light(a), _light(b)), pair)
                told(len(rounds))
    except KeyboardInterrupt:
        if not rounds:
            raise
    many = [rounds[number] for number in sorted(rounds)]
    kept = {number: tuple(one.kept for one in rounds[number].sides) for number in rounds}
    return Played(
        gathered(scenes, seed, replications, kept),
        tuple(_waits(many)),
        tuple(_day(many, scenes[0].counting.interval // 60_000)),
        tuple(_fates([one.pair for one in many])),
        tuple(_moves([one.pair for one in many])),
        (*_kinds(many, scenes), *_costs(many, scenes, rates)),
    )


def _light(one: Seen) -> Seen:
    """Return it without the single contacts, which take 30 bytes each and are paired already."""
    none = array("H")
    return one._replace(track=Track(array("q"), b"", none, none, ()))


# ---------------------------------------------------------------------- figures


def figures(row: Row, a: Sequence[Pair], b: Sequence[Pair], name: str) -> Iterator[Row]:
    """Yield a row for A, for B and for B-A with one figure under `name` and its interval."""
    for side, found in zip(BOTH, (ratio(a), ratio(b), difference(a, b)), strict=True):
        if found.value is not None:
            yield {"side": side, **row, name: found.value, **_interval(found)}


def _interval(one: Estimate) -> Row:
    return {"low": one.low, "high": one.high}


def _tiers(many: Sequence[Round]) -> list[str]:
    """Return everybody first, then the tiers by name."""
    return sorted({tier for one in many for side in one.sides for tier in side.waits})


def _waits(many: Sequence[Round]) -> Iterator[Row]:
    none = (0,) * (len(BOUNDS) + 1)
    for tier in _tiers(many):
        sides = [[one.sides[side].waits.get(tier, none) for one in many] for side in (0, 1)]
        for place, bound in enumerate(BOUNDS, start=1):
            a, b = ([(float(one[place]), float(one[0])) for one in side] for side in sides)
            yield from figures({"tier": tier, "within": bound}, a, b, "share")


_OF_A_SLOT: Final[tuple[tuple[str, Callable[[Slot], Pair]], ...]] = (
    ("contacts", lambda one: (one.contacts, 1.0)),
    ("service_level", lambda one: (one.within, one.counted)),
    ("mean_wait", lambda one: (one.wait / 1000, one.answered)),
    ("abandonment", lambda one: (one.gave_up, one.counted)),
)


def _day(many: Sequence[Round], size: int) -> Iterator[Row]:
    none = Slot()
    keys = sorted({key for one in many for side in one.sides for key in side.day})
    for tier, minute in keys:
        sides = [[one.sides[side].day.get((tier, minute), none) for one in many] for side in (0, 1)]
        wide = size if tier == EVERYBODY else coarse(size)
        row = {"tier": tier, "from": clock(minute), "to": clock(minute + wide)}
        for measure, pair in _OF_A_SLOT:
            a, b = ([pair(one) for one in side] for side in sides)
            yield from figures({**row, "measure": measure}, a, b, "value")


def clock(minute: int) -> str:
    """Return a minute of the day as `09:30`; the end of the day is `24:00`."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _fates(many: Sequence[Paired]) -> Iterator[Row]:
    none = (0,) * len(FATES)
    for tier in sorted({tier for one in many for tier in one.contacts}):
        for place, fate in enumerate(FATES):
            pairs = [
                (float(one.fates.get(tier, none)[place]), float(one.contacts.get(tier, 0)))
                for one in many
            ]
            found = ratio(pairs)
            contacts = sum(count for count, _ in pairs) / len(pairs)
            yield {
                "tier": tier, "fate": fate, "contacts": contacts, "share": found.value,
                **_interval(found),
            }  # fmt: skip


def _moves(many: Sequence[Paired]) -> Iterator[Row]:
    for tier, lane_a, lane_b in sorted({key for one in many for key in one.moves}):
        counts = [(float(one.moves.get((tier, lane_a, lane_b), 0)), 1.0) for one in many]
        found = ratio(counts)
        yield {
            "tier": tier, "lane_a": lane_a, "lane_b": lane_b, "contacts": found.value,
            **_interval(found),
        }  # fmt: skip


# ---------------------------------------------------------------------- kinds of lanes


def _kinds(many: Sequence[Round], scenes: Sequence[Scene]) -> Iterator[Row]:
    """Yield what each kind of lane served: contacts, their share, and hours of serving them."""
    kinds = [{one.name: one.kind for one in scene.policy.compiled().lanes} for scene in scenes]
    sides = [
        [dict(_by_kind(one.sides[side].lanes, kinds[side])) for one in many] for side in (0, 1)
    ]
    for kind in sorted({kind for side in sides for one in side for kind in one if kind}):
        for measure in ("answered", "share", "service_hours"):
            a, b = ([_of_kind(one, kind, measure) for one in side] for side in sides)
            row = {"by": "kind", "name": kind, "measure": measure}
            for found in figures(row, a, b, "value"):
                yield {**found, "samples": len(many)}


def _costs(many: Sequence[Round], scenes: Sequence[Scene], rates: Rates | None) -> Iterator[Row]:
    if rates is None:
        return
    kinds = [{one.name: one.kind for one in scene.policy.compiled().lanes} for scene in scenes]
    for by, name, measure, a, b in costs([one.sides for one in many], kinds, rates):
        for found in figures({"by": by, "name": name, "measure": measure}, a, b, "value"):
            yield {**found, "samples": len(many)}


def _by_kind(
    lanes: Mapping[tuple[str, str], tuple[int, int]], kinds: Mapping[str, str]
) -> Iterable[tuple[str, tuple[int, int]]]:
    sums: dict[str, tuple[int, int]] = {}
    for (lane, _), (count, service) in lanes.items():
        for kind in (EVERYBODY, kinds.get(lane, "")):
            before = sums.get(kind, (0, 0))
            sums[kind] = before[0] + count, before[1] + service
    return sums.items()


def _of_kind(one: Mapping[str, tuple[int, int]], kind: str, measure: str) -> Pair:
    count, service = one.get(kind, (0, 0))
    if measure == "share":
        return float(count), float(one.get(EVERYBODY, (0, 0))[0])
    return (float(count), 1.0) if measure == "answered" else (service / 3_600_000, 1.0)

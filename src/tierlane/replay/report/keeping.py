"""What a report keeps of one replication under one policy, beside the measures of a study.

Contacts are told apart by tier; all of them together stand under the empty name.
"""

from array import array
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from tierlane.replay.simulation.journal import ANSWERED, LEFT, Fared, Journal
from tierlane.replay.simulation.measure import Counting
from tierlane.replay.simulation.scene import Scene
from tierlane.replay.simulation.study import Kept, kept

BOUNDS: Final = (
    0, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 300, 420, 600, 900, 1200, 1800, 2700, 3600,
    7200,
)  # fmt: skip
"""Seconds for each of which the share is told that was answered by then."""
EVERYBODY: Final = ""
_QUARTER: Final = 900_000
"""Clocks are changed at whole quarters of an hour."""


class Slot(NamedTuple):
    """Contacts that arrived in one interval of the day, over all days. Sums; times in ms."""

    contacts: int = 0
    counted: int = 0
    """Without those who left within the short time."""
    within: int = 0
    answered: int = 0
    wait: int = 0
    gave_up: int = 0


class Track(NamedTuple):
    """Each contact in the order of arrival, so that two policies can be laid side by side."""

    wait: "array[int]"
    """Ms from arrival to answer, or until it left."""
    answered: bytes
    """1 for those that were."""
    tier: "array[int]"
    lane: "array[int]"
    """Places in `names`; the lane is the last one it was in."""
    names: tuple[str, ...]


class Seen(NamedTuple):
    """All that is kept of one replication."""

    kept: Kept
    waits: dict[str, tuple[int, ...]]
    """By tier: those that count, then of these the ones answered by each of `BOUNDS`."""
    day: dict[tuple[str, int], Slot]
    """By tier and the minute of the local day at which an interval begins."""
    lanes: dict[tuple[str, str], tuple[int, int]]
    """By lane and group of who served: contacts answered, and the ms that serving them took."""
    track: Track


def seen(journal: Journal, scene: Scene) -> Seen:
    """Return what a report needs of a journal."""
    counting = scene.counting
    fared = list(journal.fared)
    return Seen(
        kept(journal, scene),
        _waits(fared, counting),
        _day(fared, counting, ZoneInfo(scene.staffing.zone)),
        _lanes(fared),
        _track(fared),
    )


def _short(one: Fared, counting: Counting) -> bool:
    return one.how == LEFT and one.wait < counting.short


def _waits(fared: Sequence[Fared], counting: Counting) -> dict[str, tuple[int, ...]]:
    counted: Counter[str] = Counter()
    by: dict[str, list[int]] = {}
    for one in fared:
        for tier in (EVERYBODY, one.tier):
            counted[tier] += not _short(one, counting)
            sums = by.setdefault(tier, [0] * len(BOUNDS))
            if one.how == ANSWERED:
                for place, bound in enumerate(BOUNDS):
                    sums[place] += one.wait <= bound * 1000
    return {tier: (counted[tier], *sums) for tier, sums in by.items()}


def _day(fared: Sequence[Fared], counting: Counting, zone: ZoneInfo) -> dict[tuple[str, int], Slot]:
    found: dict[tuple[str, int], list[int]] = {}
    minutes: dict[int, int] = {}
    size = counting.interval // 60_000
    for one in fared:
        quarter = one.arrived // _QUARTER
        minute = minutes.get(quarter)
        if minute is None:
            minute = minutes[quarter] = _minute(quarter * _QUARTER, zone)
        short, answered = _short(one, counting), one.how == ANSWERED
        for tier, wide in ((EVERYBODY, size), (one.tier, coarse(size))):
            minute = minutes[quarter] // wide * wide
            sums = found.setdefault((tier, minute), [0] * len(Slot._fields))
            sums[0] += 1
            sums[1] += not short
            if answered:
                sums[2] += one.wait <= counting.target(one)
                sums[3] += 1
                sums[4] += one.wait
            elif one.how != "waiting":
                sums[5] += not short
    return {key: Slot(*sums) for key, sums in found.items()}


def coarse(size: int) -> int:
    """Return the minutes of an interval of one tier: few contacts want an hour at least."""
    return max(size, 60)


def _minute(ms: int, zone: ZoneInfo) -> int:
    local = datetime.fromtimestamp(ms / 1000, zone)
    return local.hour * 60 + local.minute


def _lanes(fared: Sequence[Fared]) -> dict[tuple[str, str], tuple[int, int]]:
    count: Counter[tuple[str, str]] = Counter()
    service: Counter[tuple[str, str]] = Counter()
    for one in fared:
        if one.how == ANSWERED:
            count[one.lane, one.group] += 1
            service[one.lane, one.group] += one.service
    return {key: (count[key], service[key]) for key in count}


def _track(fared: Sequence[Fared]) -> Track:
    names: dict[str, int] = {}
    place = names.setdefault
    return Track(
        array("q", (one.wait for one in fared)),
        bytes(one.how == ANSWERED for one in fared),
        array("H", (place(one.tier, len(names)) for one in fared)),
        array("H", (place(one.lane, len(names)) for one in fared)),
        tuple(names),
    )

"""A published figure beside the simulated one: does either lie in the interval of the other?"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tierlane.replay.simulation.estimate import Estimate, Pair
from tierlane.replay.simulation.journal import ANSWERED, LEFT, Fared, Journal
from tierlane.replay.simulation.scene import Scene

CHAIN: Final = "occupancy of s, by the chain"
_PERIOD: Final = 7_200_000
"""Two hours, in ms: a period of SimpleMSK."""


@dataclass(frozen=True, slots=True)
class Published:
    """A figure as it was published."""

    model: str
    measure: str
    value: float
    low: float
    """Of its interval, or of what was rounded to the digits printed."""
    high: float
    kind: str
    """`exact` or `simulated`."""
    source: str


@dataclass(frozen=True, slots=True)
class Compared:
    """Both figures."""

    published: Published
    found: Estimate

    @property
    def agrees(self) -> bool:
        """Whether the published figure lies in our interval, or ours in the published one."""
        one, found = self.published, self.found
        if found.low is None or found.high is None or found.value is None:
            return False
        # A figure that was rounded may be anything that rounds to it.
        inside = found.low <= one.high and one.low <= found.high
        if one.kind == "exact":
            return inside
        return found.low <= one.value <= found.high or one.low <= found.value <= one.high

    def json(self) -> dict[str, Any]:
        """Return it as the file of figures has it."""
        one = self.published
        return {
            "model": one.model, "measure": one.measure, "source": one.source, "kind": one.kind,
            "published": one.value, "published_low": one.low, "published_high": one.high,
            "simulated": self.found.value, "low": self.found.low, "high": self.found.high,
            "samples": self.found.samples, "agrees": self.agrees,
        }  # fmt: skip


def compare(
    published: Iterable[Published], figures: Mapping[str, Estimate]
) -> tuple[Compared, ...]:
    """Return each published figure with ours of its name."""
    return tuple(Compared(one, figures[one.measure]) for one in published)


# ---------------------------------------------------------------------- what is reckoned


def steady(journal: Journal, scene: Scene) -> dict[str, Pair]:
    """Return what Whitt's tables have, in units of time (a minute here)."""
    del scene
    unit, fared = 60_000, tuple(journal.fared)
    span = (journal.end - journal.begin) / unit
    served = [one.wait / unit for one in fared if one.how == ANSWERED]
    gone = [one.wait / unit for one in fared if one.how == LEFT]
    work = sum(one.service for one in fared if one.how == ANSWERED) / unit
    queue, square, long = _waiting(fared, journal)
    found: dict[str, Pair] = {
        "contacts": (len(fared), 1.0),
        "P(W=0)": (sum(one == 0 for one in served), len(fared)),
        "P(A)": (len(gone), len(fared)),
        "E[Q]": (sum(served) + sum(gone), span),
        "E[N]": (sum(served) + sum(gone) + work, span),
        "E[Q²]": (square, long),
        "E[Q] by time": (queue, long),
        "E[W|S]": (sum(served), len(served)),
        "E[W|A]": (sum(gone), len(gone)),
    }
    found["Var(Q)"] = (square / long - (queue / long) ** 2 if long else 0.0, 1.0 if long else 0.0)
    for bound in (0.1, 0.2, 1.0):
        # Waits are whole ms: 0.1 of a minute is met exactly.
        found[f"P(W<={bound:g}|S)"] = (sum(one <= bound for one in served), len(served))
        found[f"P(W<={bound:g}|A)"] = (sum(one <= bound for one in gone), len(gone))
    return found


def _waiting(fared: Sequence[Fared], journal: Journal) -> tuple[float, float, float]:
    """Return the time integrals of the number that waits and of its square, and over how long.

    Who came during the warm-up is not in the journal: the first 2 units are left out.
    """
    unit = 60_000
    begin, end = journal.begin + 2 * unit, journal.end
    if end <= begin:
        return 0.0, 0.0, 0.0
    joins = np.array([one.arrived for one in fared], dtype=np.int64)
    leaves = joins + np.array([one.wait for one in fared], dtype=np.int64)
    moments = np.concatenate([joins, leaves])
    steps = np.concatenate([np.ones(len(fared)), -np.ones(len(fared))])
    order = np.argsort(moments, kind="stable")
    moments, count = np.clip(moments[order], begin, end), np.cumsum(steps[order])
    lasted = np.diff(np.append(moments, end)) / unit
    return float(count @ lasted), float(count**2 @ lasted), (end - begin) / unit


def day(journal: Journal, scene: Scene) -> dict[str, Pair]:
    """Return what the days of ContactCenters have: counts a day, shares, waits in minutes."""
    del scene
    fared = tuple(journal.fared)
    served = [one for one in fared if one.how == ANSWERED]
    late = sum(one.how == LEFT and one.wait >= 20_000 for one in fared)
    good = [one for one in served if one.wait <= 20_000]
    found: dict[str, Pair] = {
        "contacts": (len(fared), 1.0),
        "served a day": (len(served), 1.0),
        "abandoned a day": (len(fared) - len(served), 1.0),
        "service level": (len(good), len(served) + late),
        "within 20 s, of those served": (len(good), len(served)),
        "mean wait": (sum(one.wait for one in served) / 60_000, len(served)),
    }
    for name in sorted({one.group for one in journal.worked}):
        works = [one for one in journal.worked if one.group == name]
        busy, duty = sum(one.busy for one in works), sum(one.duty for one in works)
        found[f"occupancy of {name}"] = (busy, duty)
    # Every lane has a count in every period: a day without any counts as none, not as no day.
    lanes, periods = {one.lane for one in fared}, -(-(journal.end - journal.begin) // _PERIOD)
    counts = Counter((one.lane, (one.arrived - journal.begin) // _PERIOD) for one in good)
    for lane in sorted(lanes):
        for number in range(periods):
            name = f"within 20 s, {lane}, period {number + 1}"
            found[name] = (float(counts[lane, number]), 1.0)
    return found


def line_day(journal: Journal, scene: Scene) -> dict[str, Pair]:
    """Return what `day` does; the occupancy stands twice, to be held against its chain as well."""
    found = day(journal, scene)
    return found | {CHAIN: found["occupancy of s"]}


def skills_day(journal: Journal, scene: Scene) -> dict[str, Pair]:
    """Return what `day` does; occupancy is over the wind-down, too, until the last has ended."""
    found, fared = day(journal, scene), tuple(journal.fared)
    over = max(one.arrived + one.wait + one.service for one in fared)
    for group in scene.staffing.groups:
        busy = sum(one.service for one in fared if one.group == group.name)
        duty = sum(one.duty for one in journal.worked if one.group == group.name)
        duty += group.hours[-1].advisors * max(over - journal.end, 0)
        found[f"occupancy of {group.name}"] = (busy, duty)
    return found


def by_subject(journal: Journal, scene: Scene) -> dict[str, Pair]:
    """Return the mean wait of each class, in minutes, by the beginning of the contacts' ids."""
    del scene
    found: dict[str, Pair] = {"contacts": (len(journal.fared), 1.0)}
    for one in journal.fared:
        name = f"mean wait, {one.contact_id.partition('-')[0]}"
        waits, count = found.get(name, (0.0, 0.0))
        found[name] = (waits + one.wait / 60_000, count + 1)
    return found

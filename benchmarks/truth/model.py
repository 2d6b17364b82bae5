"""The published models as scenes of the simulator: real desks, real decisions. Times are ms.

One unit of time of a model is a minute here: desks reckon in ms, a 60,000th of it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Any, Final

import numpy as np

from tierlane.policy.form.case import StagedAdvisor, Stated
from tierlane.policy.form.finding import Place
from tierlane.replay.simulation.behaviour import Behaviour, Row
from tierlane.replay.simulation.chance import PATIENCE, SERVICE, Bits, Chance, Floats
from tierlane.replay.simulation.coming import Coming
from tierlane.replay.simulation.crowd import Crowd, Part, poisson, together
from tierlane.replay.simulation.distribution import (
    Distribution,
    Exponential,
    Gamma,
    LogNormal,
    Never,
)
from tierlane.replay.simulation.measure import Counting
from tierlane.replay.simulation.scene import Scene, Text
from tierlane.replay.simulation.staffing import Group, Hours, Staffing

UNIT: Final = 60_000
"""Ms of a unit of time."""
_HERE: Final = Place("benchmarks/truth", 1, 1)

ONE_LINE: Final = b"""tierlane: 1
policy: one_line
desks: {d: {order: [waited], choose: [idle]}}
lanes: {l: {kind: standard, desk: d}}
plans: [{plan: all, steps: [{lane: l}]}]
finally: {until: 48h, close: sorry}
fallback: l
"""
TWO_CLASSES: Final = b"""tierlane: 1
policy: two_classes
priorities: {default: 1, rules: [{rule: urgent, when: contact.subject == 'urgent', then: 9}]}
desks: {d: {order: [score, waited], choose: [idle]}}
lanes: {l: {kind: standard, desk: d}}
plans: [{plan: all, steps: [{lane: l}]}]
finally: {until: 48h, close: sorry}
fallback: l
"""
SKILLS: Final = b"""tierlane: 1
policy: skills
desks:
  d: {order: [waited], choose: [rank, idle], duties: {g0: {t0: 1, t1: 1}, g1: {t1: 1, t2: 1}}}
lanes:
  t0: {kind: standard, desk: d}
  t1: {kind: standard, desk: d}
  t2: {kind: standard, desk: d}
plans:
  - {plan: first, when: contact.subject == 't0', steps: [{lane: t0}]}
  - {plan: second, when: contact.subject == 't1', steps: [{lane: t1}]}
  - {plan: third, steps: [{lane: t2}]}
finally: {until: 48h, close: sorry}
fallback: t2
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """Contacts alike: rates a unit of time by period, and the means of both times in it."""

    subject: str
    rates: tuple[float, ...]
    service: tuple[float, ...] = ()
    """Mean units by period of arrival, exponential; none: the rows of the staffing tell."""
    patience: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """Poisson arrivals by period; `busyness` is the shape of a gamma factor of mean 1 a day."""

    kinds: tuple[Kind, ...]
    period: float
    """Units of each period."""
    busyness: float | None = None
    head: int = 0
    """Contacts that are there at the beginning, so that a long line needs not grow first."""
    begin: int = 0

    @property
    def end(self) -> int:
        """The end of the last period, ms."""
        return round(self.period * len(self.kinds[0].rates) * UNIT)

    def crowd(self, chance: Chance) -> Crowd:
        """Return the contacts of one replication."""
        factor = 1.0
        if self.busyness is not None:
            factor = chance.stream("busyness").gammavariate(self.busyness, 1 / self.busyness)
        parts = [one for kind in self.kinds for one in self._of(kind, chance, factor)]
        if self.head:
            first = _told(self.kinds[0])
            parts.append(Part("head", first, np.zeros(self.head, dtype=np.int64)))
        return together(parts)

    def comings(self, chance: Chance) -> Iterable[Coming]:
        """Yield the contacts of one replication by time of arrival."""
        return self.crowd(chance).comings()

    def _of(self, kind: Kind, chance: Chance, factor: float) -> Iterator[Part]:
        """Yield the contacts of each period, which differ in their times, as parts of their own."""
        edges = [round(n * self.period * UNIT) for n in range(len(kind.rates) + 1)]
        rates = [rate * factor / UNIT for rate in kind.rates]
        spans = list(zip(edges, edges[1:], rates, strict=False))
        for place, moments in enumerate(poisson(chance, f"arrivals/{kind.subject}", spans)):
            name = kind.subject if len(spans) == 1 else f"{kind.subject}-p{place}"
            yield Part(
                name, _told(kind), moments, _known(kind.service, place, chance, SERVICE),
                _known(kind.patience, place, chance, PATIENCE),
            )  # fmt: skip


def _told(kind: Kind) -> Coming:
    return Coming(kind.subject, 0, {"channel": "voice", "subject": kind.subject})


def _known(
    means: tuple[float, ...], place: int, chance: Chance, purpose: int
) -> Callable[[Bits], Floats] | None:
    """Return how the times of a period are drawn; None: the rows of the staffing tell."""
    if not means:
        return None
    times = Exponential(means[place] * UNIT)
    return lambda numbers: times.quantiles(chance.all_of(numbers, purpose))


def group(name: str, hours: Iterable[Hours], duty: str = "", rank: float | None = None) -> Group:
    """Return advisors alike; heads are counted there, so who is idle leaves first."""
    stated = Stated(duty, _HERE) if duty else None
    return Group(StagedAdvisor(name, _HERE, duty=stated, rank=rank), tuple(hours), idle_first=True)


def line(
    rate: float, servers: int, service: Distribution, patience: Distribution, units: float,
    *, warm_up: float = 0, head: int = 0, **counting: Any,
) -> Scene:  # fmt: skip
    """Return one line of `units` of time after the warm-up, first come, first served."""
    behaviour = Behaviour((Row(service),), (Row(patience),))
    staffing = Staffing("servers", (group("s", (Hours(servers),)),), behaviour=behaviour)
    flow = Flow((Kind("k", (rate,)),), units + warm_up, head=head)
    counted = Counting(warm_up=round(warm_up * UNIT), **counting)
    return Scene(Text(ONE_LINE, "one_line.yaml"), staffing, flow, counted)


def classes(
    rates: tuple[float, float], servers: int, service: float, units: float, warm_up: float
) -> Scene:
    """Return two classes, the first of which is always served first; nobody is interrupted."""
    behaviour = Behaviour((Row(Exponential(service * UNIT)),), (Row(Never()),))
    staffing = Staffing("servers", (group("s", (Hours(servers),)),), behaviour=behaviour)
    kinds = tuple(Kind(n, (rate,)) for n, rate in zip(("urgent", "other"), rates, strict=True))
    flow = Flow(kinds, units + warm_up)
    counted = Counting(warm_up=round(warm_up * UNIT))
    return Scene(Text(TWO_CLASSES, "two_classes.yaml"), staffing, flow, counted)


def skills() -> Scene:
    """Return the day of SimpleMSK: three types, two groups, three periods of two hours."""
    service, patience = (1 / 0.5, 1 / 0.6, 1 / 0.4), (1 / 0.3, 1 / 0.4, 1 / 0.2)
    rates = {"t0": (4.2, 5.3, 3.2), "t1": (5.1, 4.3, 4.8), "t2": (6.3, 5.2, 4.8)}
    kinds = tuple(Kind(name, three, service, patience) for name, three in rates.items())
    counts = {"g0": (12, 18, 9), "g1": (15, 20, 11)}
    groups = tuple(
        group(name, _hours(three), name, rank) for rank, (name, three) in enumerate(counts.items())
    )
    counting = Counting(within=20_000, short=20_000)
    flow = Flow(kinds, 120, busyness=28.7)
    return Scene(Text(SKILLS, "skills.yaml"), Staffing("two groups", groups), flow, counting)


def _hours(counts: tuple[int, int, int]) -> Iterator[Hours]:
    """Yield the hours of three periods; the last count stays for the wind-down."""
    for place, count in enumerate(counts):
        yield Hours(count, place * 120, (place + 1) * 120 if place < 2 else 24 * 60)


_TIMES: Final[Mapping[str, float]] = {"E2": 2.0}


def times(name: str, mean: float) -> Distribution:
    """Return a distribution by Kendall's letters: M, E2, LN(mean, squared variation)."""
    if name == "M":
        return Exponential(mean * UNIT)
    if name in _TIMES:
        return Gamma(mean * UNIT, _TIMES[name])
    if name.startswith("LN("):
        of, variation = map(float, name[3:-1].split(","))
        spread = log(1 + variation)
        return LogNormal(of * UNIT * exp(-spread / 2), sqrt(spread))
    raise ValueError(f"no distribution {name}")

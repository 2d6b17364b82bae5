"""What advisors cost: their hours on duty, and the hours of serving by kind of lane."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tierlane.replay.report.keeping import Seen
from tierlane.replay.simulation.estimate import Pair


@dataclass(frozen=True, slots=True)
class Rates:
    """What an hour costs, in one currency; who has no rate costs nothing, such as a machine."""

    hour: float = 0.0
    """Of groups that have none of their own."""
    groups: Mapping[str, float] = field(default_factory=dict)
    currency: str = ""
    """Any text that stands beside the sums; empty: none does."""

    def of(self, group: str) -> float:
        """Return what an hour of a group costs."""
        return self.groups.get(group, self.hour)

    def json(self) -> dict[str, Any]:
        """Return it for the report's data."""
        return {"currency": self.currency, "hour": self.hour, "groups": dict(self.groups)}


class Cost(NamedTuple):
    """One sum of money in every replication, under A and under B."""

    by: str
    name: str
    measure: str
    a: list[Pair]
    b: list[Pair]


Sides = Sequence[tuple[Seen, Seen]]
Sums = Mapping[str, float]


def costs(many: Sides, kinds: Sequence[Mapping[str, str]], rates: Rates) -> Iterator[Cost]:
    """Yield the cost of all hours on duty, of each group's, and of serving by kind of lane.

    `kinds` is lane → kind of each policy. Who serves several contacts at once serves more hours
    than they are on duty: serving is told beside the hours on duty, never added to them.
    """
    duty = [tuple(_duty(side, rates) for side in one) for one in many]
    names = sorted({name for one in duty for side in one for name in side})
    for by, name in (("all work", ""), *(("group", one) for one in names)):
        a, b = ([(_sum(one[place], name), 1.0) for one in duty] for place in (0, 1))
        yield Cost(by, name, "cost", a, b)
    serving = [
        tuple(_serving(side, lanes, rates) for side, lanes in zip(one, kinds, strict=True))
        for one in many
    ]
    for kind in sorted({kind for one in serving for side in one for kind in side if kind}):
        a, b = ([(one[place].get(kind, 0.0), 1.0) for one in serving] for place in (0, 1))
        yield Cost("kind", kind, "service_cost", a, b)


def _sum(duty: Sums, name: str) -> float:
    return duty.get(name, 0.0) if name else sum(duty.values())


def _duty(side: Seen, rates: Rates) -> Sums:
    """Return group → cost of its hours on duty."""
    found: Counter[str] = Counter()
    for sample in side.kept.samples:
        for (by, name), measures in sample.items():
            if by == "group":
                found[name] += measures["hours"][0] * rates.of(name)  # type: ignore[assignment]
    return found


def _serving(side: Seen, kinds: Mapping[str, str], rates: Rates) -> Sums:
    """Return kind of lane → cost of the hours that serving its contacts took."""
    found: Counter[str] = Counter()
    for (lane, group), (_, service) in side.lanes.items():
        found[kinds.get(lane, "")] += service / 3_600_000 * rates.of(group)  # type: ignore[assignment]
    return found

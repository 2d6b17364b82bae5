"""Ciw, a simulator of nobody's making here, beside ours: every contact waits as long, to the ms.

Both are given the same contacts with the same patience and service, so nothing is left to chance:
not means are compared but each contact's wait and what became of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf
from random import Random

import ciw
import pytest

from tests.unit.replay.simulation.stage import Listed, coming, group, played
from tierlane.replay.simulation.distribution import (
    Distribution,
    Exponential,
    Fixed,
    Gamma,
    LogNormal,
)
from tierlane.replay.simulation.journal import ANSWERED, LEFT, WAITING
from tierlane.replay.simulation.scene import Scene, Text
from tierlane.replay.simulation.staffing import Hours, Staffing

MINUTE = 60_000
END = 120 * MINUTE
POLICY = """tierlane: 1
policy: model
priorities:
  default: 1
  rules:
    - {{rule: urgent, when: contact.subject == 'urgent', then: 9}}
    - {{rule: soon, when: contact.subject == 'soon', then: 5}}
desks: {desks}
lanes: {lanes}
plans: {plans}
finally: {{until: 90h, close: sorry}}
fallback: l
"""
ONE = {
    "desks": "{d: {order: [score, waited]}}",
    "lanes": "{l: {kind: standard, desk: d}}",
    "plans": "[{plan: all, steps: [{lane: l}]}]",
}
TWO_SKILLS = {
    "desks": "{d: {order: [waited], duties: {first: {l: 1}, second: {m: 1}}}}",
    "lanes": "{l: {kind: standard, desk: d}, m: {kind: priority, desk: d}}",
    "plans": "[{plan: m, when: contact.subject == 'soon', steps: [{lane: m}]}, {plan: l, steps: [{lane: l}]}]",
}
MOVES_ON = {
    "desks": "{d: {order: [waited]}, e: {order: [waited]}}",
    "lanes": "{l: {kind: standard, desk: d}, m: {kind: priority, desk: e}}",
    "plans": "[{plan: all, steps: [{lane: l, until: 2m}, {lane: m}]}]",
}


@dataclass(frozen=True)
class Model:
    """Rates a minute by kind, times of service and patience, and the servers."""

    name: str
    service: Distribution
    rates: dict[str, Sequence[float]]
    """By kind, for equal parts of the period: `urgent` before `soon` before the rest."""
    servers: dict[str, int]
    """By node of Ciw, which is a group of ours."""
    patience: Distribution | None = None
    policy: dict[str, str] = field(default_factory=lambda: ONE)
    shifts: tuple[int, ...] = ()
    """Servers in equal parts of the period, other persons in each."""


M2, M3 = Exponential(2 * MINUTE), Exponential(3 * MINUTE)
MODELS = (
    Model("M/M/1", M2, {"k": [0.4]}, {"l": 1}),
    Model("M/M/5", M2, {"k": [2.2]}, {"l": 5}),
    Model("M/D/2", Fixed(2 * MINUTE), {"k": [0.9]}, {"l": 2}),
    Model("M/LN/3", LogNormal(MINUTE, 1.0), {"k": [1.7]}, {"l": 3}),
    Model("M/E2/4, overloaded", Gamma(2 * MINUTE, 2), {"k": [2.4]}, {"l": 4}),
    Model("M/M/3+M", M2, {"k": [2.0]}, {"l": 3}, M3),
    Model("M/M/3+D", M2, {"k": [2.0]}, {"l": 3}, Fixed(1.5 * MINUTE)),
    Model("two priorities", M2, {"urgent": [0.5], "k": [0.9]}, {"l": 3}),
    Model("three priorities, impatient", M2, {"urgent": [0.5], "soon": [0.7], "k": [0.9]}, {"l": 3}, M3),
    Model("rates that change, impatient", M2, {"k": [0.5, 3.0, 1.0, 2.5]}, {"l": 3}, M3),
    Model("shifts", M2, {"k": [1.5]}, {"l": 0}, shifts=(2, 5, 1, 4)),
    Model("two skills", M2, {"soon": [0.9], "k": [1.4]}, {"l": 3, "m": 2}, M3, TWO_SKILLS),
    Model("moves on after two minutes", M2, {"k": [2.4]}, {"l": 2, "m": 2}, policy=MOVES_ON),
)  # fmt: skip


@dataclass(frozen=True)
class Contact:
    arrived: int
    kind: str
    service: int
    patience: int | None


def contacts(model: Model) -> list[Contact]:
    random, found = Random(model.name), []
    for kind, rates in model.rates.items():
        width = END // len(rates)
        for place, rate in enumerate(rates):
            at = place * width + random.expovariate(rate) * MINUTE
            while at < (place + 1) * width:
                patience = model.patience and round(model.patience.quantile(random.random()))
                service = max(1, round(model.service.quantile(random.random())))
                found.append(Contact(int(at), kind, service, patience))
                at += random.expovariate(rate) * MINUTE
    return sorted(found, key=lambda one: one.arrived)


# ---------------------------------------------------------------------- ours


def ours(model: Model, given: list[Contact]) -> list[tuple[str, int]]:
    groups = [
        group(name, count, desk="e" if model.policy is MOVES_ON and name == "m" else "d", duty=_duty(model, name))
        for name, count in model.servers.items()
    ]  # fmt: skip
    if model.shifts:
        width = 120 // len(model.shifts)
        groups = [
            group(f"shift {n}", 0, hours=(Hours(count, n * width, (n + 1) * width if n + 1 < len(model.shifts) else 1440),))
            for n, count in enumerate(model.shifts)
        ]  # fmt: skip
    listed = [
        coming(f"c{n}", one.arrived / 1000, one.service / 1000,
               None if one.patience is None else one.patience / 1000, subject=one.kind)
        for n, one in enumerate(given, 1)
    ]  # fmt: skip
    text = POLICY.format(**model.policy).encode()
    demand = Listed(tuple(listed), 0, END)
    journal = played(Scene(Text(text, "model.yaml"), Staffing("s", tuple(groups)), demand))
    found = {one.contact_id: (one.how, one.wait) for one in journal.fared}
    return [found[f"c{n}"] for n in range(1, len(given) + 1)]


def _duty(model: Model, name: str):
    from tierlane.policy.form.case import Stated
    from tierlane.policy.form.finding import Place

    if model.policy is not TWO_SKILLS:
        return None
    return Stated({"l": "first", "m": "second"}[name], Place("test", 1, 1))


# ---------------------------------------------------------------------- theirs


class Told(ciw.dists.Distribution):
    """What is stated of each individual, by its number; individuals are numbered as they arrive."""

    def __init__(self, value: Callable[[int], float]) -> None:
        self.value = value

    def sample(self, t=None, ind=None):
        return self.value(ind.id_number)


class Gaps(ciw.dists.Distribution):
    """The times between the arrivals of one kind, then never."""

    def __init__(self, moments: Sequence[int]) -> None:
        self.gaps = iter([b - a for a, b in zip([0, *moments], moments, strict=False)])

    def sample(self, t=None, ind=None):
        return next(self.gaps, inf)


class MoveOn(ciw.routing.NodeRouting):
    """Leaves when served; who has waited long enough moves to the second node."""

    def next_node(self, ind):
        return self.simulation.nodes[-1]

    def next_node_for_jockeying(self, ind):
        return self.simulation.nodes[2]


def theirs(model: Model, given: list[Contact]) -> list[tuple[str, int]]:
    nodes, kinds = list(model.servers), list(model.rates)
    node_of = dict.fromkeys(kinds, 0)
    if model.policy is TWO_SKILLS:
        node_of = {"soon": 1, "k": 0}
    arrivals = {
        kind: [
            Gaps([one.arrived for one in given if one.kind == kind]) if node_of[kind] == n else None
            for n in range(len(nodes))
        ]
        for kind in kinds
    }
    service = Told(lambda number: given[number - 1].service)
    leaving = _leaving(model, given)
    width = END // len(model.shifts) if model.shifts else 0
    servers = list(model.servers.values())
    if model.shifts:
        ends = [(n + 1) * width for n in range(len(model.shifts) - 1)] + [90 * 60 * MINUTE]
        servers = [
            ciw.Schedule(
                numbers_of_servers=list(model.shifts), shift_end_dates=ends, preemption=False
            )
        ]
    moves = model.policy is MOVES_ON
    network = ciw.create_network(
        arrival_distributions=arrivals,
        service_distributions={kind: [service] * len(nodes) for kind in kinds},
        number_of_servers=servers,
        priority_classes={kind: n for n, kind in enumerate(kinds)} if len(nodes) == 1 else dict.fromkeys(kinds, 0),
        reneging_time_distributions=dict.fromkeys(kinds, leaving) if leaving else None,
        routing={
            kind: ciw.routing.NetworkRouting(
                routers=[MoveOn(), ciw.routing.Leave()] if moves else [ciw.routing.Leave()] * len(nodes)
            )
            for kind in kinds
        },
    )  # fmt: skip
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(89 * 60 * MINUTE)
    found: dict[int, tuple[str, int]] = {}
    for record in simulation.get_all_records():
        arrived = given[record.id_number - 1].arrived
        if record.record_type == "service":
            found[record.id_number] = ANSWERED, round(record.service_start_date) - arrived
        elif not moves:
            found[record.id_number] = LEFT, round(record.exit_date) - arrived
    return [found.get(n, (WAITING, 0)) for n in range(1, len(given) + 1)]


def _leaving(model: Model, given: list[Contact]):
    if model.policy is MOVES_ON:
        return [Told(lambda _: 2 * MINUTE), None]
    if model.patience is None:
        return None
    return [Told(lambda number: given[number - 1].patience)] * len(model.servers)


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_every_contact_waits_as_long_in_both(model):
    given = contacts(model)
    found = ours(model, given)
    assert found == theirs(model, given)
    waited = [wait for _, wait in found if wait]
    assert (
        len(given) > 40 and len(waited) > len(given) / 5
    )  # a line in which nobody waits shows nothing
    if model.patience is not None:
        assert sum(how == LEFT for how, _ in found) > 10

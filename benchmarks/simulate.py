"""`python -m benchmarks.simulate`: the simulator beside Ciw on the same lines, in turn.

Ciw knows customers, nodes and servers. Ours knows a policy: the line is a plain one, which a test
holds equal to the real desk. An event is an arrival, the end of a service, or somebody who gives
up: both have as many for each contact. Both are timed from nothing to the last record: what
prepares a run (compiling the policy and asking it what is to be known; making the network) and what
draws its numbers is in the time. The real desk is timed, too, over a shorter time of the same line,
and ours with its measures counted. Exits 1 when a goal is missed.
"""

import gc
import json
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import ciw

from benchmarks.figure import Goal, Spread
from benchmarks.truth.model import line, times
from tierlane.replay.simulation.deciding import managed
from tierlane.replay.simulation.scene import play
from tierlane.replay.simulation.study import kept

ROUNDS: Final = 5
LEAST_RATE: Final = 20
"""What ours is to reach of Ciw's rate."""
OUT: Final = Path(__file__).parent / "results" / "simulate.json"


@dataclass(frozen=True, slots=True)
class Queue:
    """A line of servers alike whose customers give up: rates and means in one unit of time."""

    name: str
    rate: float
    servers: int
    service: float
    patience: float
    units: float


QUEUES: Final = (
    Queue("M/M/12+M", 4.2, 12, 2, 1, 25_000),
    Queue("M/M/100+M", 102, 100, 1, 1, 1_000),
)
"""Some 100,000 contacts each: a year of a desk of twelve, a month of one of a hundred."""
SHORT: Final = 25
"""The real desk plays the same line for so many times less long."""


def main() -> int:
    """Measure in turn, print a table, write JSON."""
    kinds = {"ours": _ours, "counted": _counted, "exact": _exact, "ciw": _ciw}
    rates = {one.name: {kind: list[float]() for kind in kinds} for one in QUEUES}
    for number in range(ROUNDS):
        for one in QUEUES:
            for kind, rate in kinds.items():
                rates[one.name][kind].append(rate(one, number))
    found: dict[str, Any] = {"queues": {}, "goals": []}
    goals = []
    for one in QUEUES:
        told = rates[one.name]
        ratio = Spread.of([a / b for a, b in zip(told["ours"], told["ciw"], strict=True)])
        goals.append(Goal(f"events/s / Ciw's, {one.name}", ratio.median, LEAST_RATE))
        figures = {kind: Spread.of(several).json() for kind, several in told.items()}
        found["queues"][one.name] = {**figures, "ratio": ratio.json()}
        print(one.name, found["queues"][one.name])
    found["goals"] = [goal.json() for goal in goals]
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(found, indent=2) + "\n")
    return 0 if all(goal.met for goal in goals) else 1


def _ours(queue: Queue, seed: int, *, exact: bool = False, counted: bool = False) -> float:
    """Return events a second of processor time: two for each contact."""
    gc.collect()
    begun = time.process_time()
    service, patience = times("M", queue.service), times("M", queue.patience)
    scene = line(queue.rate, queue.servers, service, patience, queue.units)
    journal = play(scene, managed(scene.policy.compiled()), seed, 1, exact=exact)
    if counted:
        kept(journal, scene)
    spent = time.process_time() - begun
    if journal.why_real:
        raise AssertionError(f"no plain line: {journal.why_real}")
    return 2 * len(journal.fared) / spent


def _counted(queue: Queue, seed: int) -> float:
    """Return the same with all measures and intervals counted."""
    return _ours(queue, seed, counted=True)


def _exact(queue: Queue, seed: int) -> float:
    """Return the same of the real desk."""
    return _ours(replace(queue, units=queue.units / SHORT), seed, exact=True)


def _ciw(queue: Queue, seed: int) -> float:
    gc.collect()
    begun = time.process_time()
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(queue.rate)],
        service_distributions=[ciw.dists.Exponential(1 / queue.service)],
        reneging_time_distributions=[ciw.dists.Exponential(1 / queue.patience)],
        number_of_servers=[queue.servers],
    )
    ciw.seed(seed)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(queue.units)
    records = simulation.get_all_records()
    return 2 * len(records) / (time.process_time() - begun)


if __name__ == "__main__":
    sys.exit(main())

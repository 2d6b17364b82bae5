"""`python -m benchmarks.simulate`: the simulator beside Ciw on the same lines, in turn.

Ciw knows customers, nodes and servers. Ours drives the real desk, each contact decided by a policy,
put into the waiting line, offered, accepted, finished. An event is an arrival, the end of a
service, or somebody who gives up: both have as many for each contact. Exits 1 when a goal is
missed.
"""

import gc
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.figure import Goal, Spread
from benchmarks.truth.model import line, times
from tierlane.replay.simulation.deciding import managed
from tierlane.replay.simulation.scene import play

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
    Queue("M/M/12+M", 4.2, 12, 2, 1, 1_000),
    Queue("M/M/100+M", 102, 100, 1, 1, 40),
)


def main() -> int:
    """Measure in turn, print a table, write JSON."""
    ours: dict[str, list[float]] = {one.name: [] for one in QUEUES}
    theirs: dict[str, list[float]] = {one.name: [] for one in QUEUES}
    for number in range(ROUNDS):
        for one in QUEUES:
            ours[one.name].append(_ours(one, number))
            theirs[one.name].append(_ciw(one, number))
    ratios = {
        one.name: Spread.of([a / b for a, b in zip(ours[one.name], theirs[one.name], strict=True)])
        for one in QUEUES
    }
    goals = [
        Goal(f"events/s / Ciw's, {name}", spread.median, LEAST_RATE)
        for name, spread in ratios.items()
    ]
    found: dict[str, Any] = {"queues": {}, "goals": [goal.json() for goal in goals]}
    for one in QUEUES:
        found["queues"][one.name] = {
            "ours": Spread.of(ours[one.name]).json(),
            "ciw": Spread.of(theirs[one.name]).json(),
            "ratio": ratios[one.name].json(),
        }
        print(one.name, found["queues"][one.name])
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(found, indent=2) + "\n")
    return 0 if all(goal.met for goal in goals) else 1


def _ours(queue: Queue, seed: int, *, exact: bool = False) -> float:
    """Return events a second of processor time: two for each contact."""
    service, patience = times("M", queue.service), times("M", queue.patience)
    scene = line(queue.rate, queue.servers, service, patience, queue.units)
    revision = managed(scene.policy.compiled())
    gc.collect()
    begun = time.process_time()
    journal = play(scene, revision, seed, 1, exact=exact)
    return 2 * len(journal.fared) / (time.process_time() - begun)


def _ciw(queue: Queue, seed: int) -> float:
    import ciw

    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(queue.rate)],
        service_distributions=[ciw.dists.Exponential(1 / queue.service)],
        reneging_time_distributions=[ciw.dists.Exponential(1 / queue.patience)],
        number_of_servers=[queue.servers],
    )
    ciw.seed(seed)
    gc.collect()
    begun = time.process_time()
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(queue.units)
    records = simulation.get_all_records()
    return 2 * len(records) / (time.process_time() - begun)


if __name__ == "__main__":
    sys.exit(main())

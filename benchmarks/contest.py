"""One run of one contestant: fresh topics, the same contacts, a process of its own."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.board import Board
from benchmarks.peer.task import Task
from tests.worker import Worker
from tierlane.stream.catalogue import catalogue

PARTITIONS = 4
RUN_SECONDS = 600.0
POLL_SECONDS = 0.05
numbers = count(1)
Entrant = TypeVar("Entrant")


class Failed(RuntimeError):
    """a contestant did not come to its end, or wrote something else than was due"""


@dataclass(frozen=True, slots=True)
class Contestant:
    """Who takes part: a module of `benchmarks.peer`, or the worker with a guarantee."""

    name: str
    label: str
    share: float = 1.0
    """Part of the contacts that it gets: a slow one must not take most of the run."""
    guarantee: str = ""
    """`exactly-once` or `at-least-once` for tierlane; empty for a peer."""

    @property
    def module(self) -> str:
        """The module that its process runs, where it is not the command line."""
        return f"benchmarks.peer.{'tierlane_worker' if self.guarantee else self.name}"


CONTESTANTS = (
    Contestant("faust_agent", "plain Faust agent", 0.1),
    Contestant("faststream_batch", "FastStream, batches", 0.5),
    Contestant("quix", "Quix Streams", 0.5),
    Contestant("aiokafka_record", "aiokafka, record by record", 0.5),
    Contestant("aiokafka_batch", "aiokafka, batch builder"),
    Contestant("confluent", "confluent-kafka"),
    Contestant("tierlane_exactly", "tierlane, exactly once", guarantee="exactly-once"),
    Contestant("tierlane_least", "tierlane, at least once", guarantee="at-least-once"),
)


def alternating(entrants: Sequence[Entrant], rounds: int) -> Iterator[tuple[int, Entrant]]:
    """Yield (round, entrant), every other round backwards, so that no place is favoured."""
    for number in range(rounds):
        for entrant in entrants if number % 2 == 0 else reversed(entrants):
            yield number, entrant


@contextmanager
def board(brokers: str, partitions: int = PARTITIONS) -> Iterator[Board]:
    """Yield every topic of an installation, fresh, under a prefix of its own; deleted after.

    What an intake owner reads has `partitions`, all else 4. No topic asks for a compression: the
    broker would compress anew what a peer sends, at the peer's cost.
    """
    made = Board(brokers, f"bench-{next(numbers)}-{time.time_ns() % 10**9}-", partitions)
    try:
        made.make(
            {
                name: partitions if spec.partitioned_with == "intake" else PARTITIONS
                for name, spec in catalogue().items()
            }
        )
        yield made
    finally:
        made.remove()


def run_peer(contestant: Contestant, task: Task, folder: Path) -> dict[str, Any]:
    """Run a peer's process to its end and return the figures that it reports."""
    file = folder / "task.json"
    task.save(file)
    command = [sys.executable, "-W", "ignore", "-m", contestant.module, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)
    if not Path(task.report).exists():
        raise Failed(f"{contestant.label} ended with {done.returncode}: {done.stderr[-2000:]}")
    return _figures(task)


@contextmanager
def worker(folder: Path, arguments: Sequence[str], environment: dict[str, str]) -> Iterator[Worker]:
    """Yield a started `tierlane worker`, as the command line starts it; ended by SIGTERM."""
    one = Worker(folder, arguments, environment=environment)
    one.start()
    try:
        yield one
        if code := one.stop():
            raise Failed(f"the worker ended with {code}: {one.said[-2000:]}")
    finally:
        one.kill()


def wait_for(done: Callable[[], bool], one: Worker, what: str) -> None:
    """Return once `done` holds; Failed when the worker ends or the time does."""
    deadline = time.monotonic() + RUN_SECONDS
    while not done():
        if not one.running or time.monotonic() > deadline:
            raise Failed(f"tierlane worker: no {what}: {one.said[-2000:]}")
        time.sleep(POLL_SECONDS)


def _figures(task: Task) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(Path(task.report).read_text())
    return figures

"""The Growth rows: whether a contact costs more once much was seen, is known or is held."""

import signal
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks import scene
from benchmarks.board import Board
from benchmarks.contest import PARTITIONS, board, wait_for, worker
from benchmarks.figure import Goal, significant
from benchmarks.gauge import Progress, Reading
from benchmarks.size import Size
from tests.worker import Worker

LOAD_SECONDS = 300.0
FLAT = 1.25
"""Most that the last line may cost of the first: what is above noise on a shared machine."""


def run(brokers: str, size: Size) -> dict[str, Any]:
    """Return the rows: contacts seen, profiles loaded, partitions held."""
    with tempfile.TemporaryDirectory(prefix="tierlane-bench-") as folder:
        policy = scene.policies(Path(folder))["sample"]
        kinds = {
            "contacts seen": _seen(brokers, policy, size),
            "profiles loaded": _loaded(brokers, policy, size),
            "partitions held": _held(brokers, policy, size),
        }
    rows: list[dict[str, Any]] = []
    goals = []
    for kind, lines in kinds.items():
        ratios = [line["cpu_us"] / lines[0]["cpu_us"] for line in lines]
        for line, ratio in zip(lines, ratios, strict=True):
            rows.append({"kind": kind, **line, "ratio": significant(ratio)})
        name = f"cost of a contact, {kind}: {lines[-1]['count']:,} / {lines[0]['count']:,}"
        goals.append(Goal(name, ratios[-1], FLAT, at_most=True).json())
    return {"contacts": size.grown, "rows": rows, "goals": goals}


def _seen(brokers: str, policy: Path, size: Size) -> list[dict[str, Any]]:
    """One worker, one long flow: the cost between two points, at each count seen."""
    whole = max(size.seen) + size.grown
    lines = []
    with _serving(brokers, policy, PARTITIONS, scene.profiles(1_000)) as (topics, one, progress):
        done = 0
        flow = scene.arrivals(whole)
        for count in size.seen:
            topics.fill("contact.events", islice(flow, count - done))
            _await(one, progress, count)
            lines.append(_cost(topics, one, progress, islice(flow, size.grown), count))
            done = count + size.grown
    return lines


def _loaded(brokers: str, policy: Path, size: Size) -> list[dict[str, Any]]:
    # The same customers ask in every line, so that only what is known of others differs.
    asking = [key for key, _ in scene.many_profiles(min(size.profiles))]
    lines = []
    for count in size.profiles:
        known = scene.many_profiles(count)
        with _serving(brokers, policy, PARTITIONS, known) as (topics, one, progress):
            flow = scene.arrivals_of(asking, size.grown)
            lines.append(_cost(topics, one, progress, flow, count))
    return lines


def _held(brokers: str, policy: Path, size: Size) -> list[dict[str, Any]]:
    lines = []
    for count in size.partitions:
        with _serving(brokers, policy, count, scene.profiles(1_000)) as (topics, one, progress):
            flow = scene.arrivals(size.grown)
            lines.append(_cost(topics, one, progress, flow, count))
    return lines


@contextmanager
def _serving(
    brokers: str, policy: Path, partitions: int, known: Iterable[tuple[bytes, bytes]]
) -> Iterator[tuple[Board, Worker, Progress]]:
    """Yield a worker that has read the profiles, its topics, and the progress of its group."""
    with (
        tempfile.TemporaryDirectory(prefix="tierlane-bench-") as folder,
        board(brokers, partitions) as topics,
    ):
        topics.fill("customer.profiles", known)
        arguments = ["--brokers", brokers, "--policy", str(policy)]
        with worker(Path(folder), arguments, {"TIERLANE_PREFIX": topics.prefix}) as one:
            one.await_ready(LOAD_SECONDS)
            group = f"{topics.prefix}tierlane"
            loaded = Progress(topics, group, "customer.profiles")
            due = sum(topics.ends(["customer.profiles"]).values())
            wait_for(lambda: loaded.committed() >= due, one, "end of the profiles")
            yield topics, one, Progress(topics, group, "contact.events")


def _cost(
    topics: Board,
    one: Worker,
    progress: Progress,
    flow: Iterable[tuple[bytes, bytes]],
    count: int,
) -> dict[str, Any]:
    """Offer contacts and return what each of them cost the worker."""
    before = progress.committed()
    _offer(topics, one, flow)
    begun = Reading.now(one, progress)
    due = sum(topics.ends(["contact.events"]).values())
    _await(one, progress, due)
    ended = Reading.now(one, progress)
    contacts = due - before
    line = {
        "count": count,
        "contacts": contacts,
        "cpu_us": significant(1e6 * (ended.cpu - begun.cpu) / contacts),
        "rate": significant(contacts / (ended.at - begun.at)),
        "memory_mib": round(ended.memory / 2**20),
    }
    print(f"  {count:>9,}: {line['cpu_us']:.1f} µs, {line['rate']:,.0f}/s", file=sys.stderr)
    return line


def _offer(topics: Board, one: Worker, flow: Iterable[tuple[bytes, bytes]]) -> None:
    """Put contacts on the topic while the worker stands still, so that it finds them all there.

    It stands for less than a second, far below the time after which the group would give it up.
    """
    records = list(flow)
    one.signal(signal.SIGSTOP)
    try:
        topics.fill("contact.events", records)
    finally:
        one.signal(signal.SIGCONT)


def _await(one: Worker, progress: Progress, due: int) -> None:
    wait_for(lambda: progress.committed() >= due, one, f"end at {due} contacts")

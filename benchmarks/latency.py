"""The Latency row: from sending a contact to reading its lane entry under `read_committed`."""

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from confluent_kafka import Consumer, Producer, TopicPartition

from benchmarks import scene
from benchmarks.board import QUIET, Board
from benchmarks.contest import PARTITIONS, Failed, board, worker
from benchmarks.figure import Goal, Spread, percentile, significant
from benchmarks.flow import LANES, precomputed
from benchmarks.peer.task import Task
from benchmarks.size import Size

RATE = 500
WARM_SECONDS = 3.0
"""Contacts of the first seconds are sent but not counted: caches, connections, first batches."""
LATE_SECONDS = 20.0
"""How long after the last contact its lane entry is waited for."""


def run(brokers: str, size: Size) -> dict[str, Any]:
    """Measure the worker and the bare pass-through in turn and return the row with its goal."""
    with tempfile.TemporaryDirectory(prefix="tierlane-bench-") as folder:
        return _compare(brokers, scene.policies(Path(folder))["sample"], size)


def _compare(brokers: str, policy: Path, size: Size) -> dict[str, Any]:
    seconds, rounds = size.latency_seconds, size.latency_rounds
    names = ("passthrough", "tierlane")
    taken: dict[str, list[list[float]]] = {name: [] for name in names}
    for number in range(rounds):
        for name in names if number % 2 == 0 else reversed(names):
            waits = _once(brokers, name, policy, seconds)
            taken[name].append(waits)
            middle, slow = percentile(waits, 0.5), percentile(waits, 0.99)
            said = f"p50 {middle:.0f} ms, p99 {slow:.0f} ms"
            print(f"  round {number + 1}  {name:<14} {said}", file=sys.stderr)
    rows = [_row(name, taken[name]) for name in names]
    floor, ours = (row["p99_ms"]["median"] for row in rows)
    goal = Goal("p99 of tierlane / of the bare pass-through", ours / floor, 2, at_most=True)
    return {
        "rate": RATE,
        "seconds": seconds,
        "partitions": PARTITIONS,
        "rounds": rounds,
        "policy": policy.name,
        "rows": rows,
        "goals": [goal.json()],
    }


def _row(name: str, rounds: Sequence[Sequence[float]]) -> dict[str, Any]:
    return {
        "name": name,
        "contacts": min(len(waits) for waits in rounds),
        "p50_ms": Spread.of([percentile(waits, 0.5) for waits in rounds]).json(),
        "p99_ms": Spread.of([percentile(waits, 0.99) for waits in rounds]).json(),
        "greatest_ms": significant(max(max(waits) for waits in rounds)),
    }


def _once(brokers: str, name: str, policy: Path, seconds: float) -> list[float]:
    with (
        tempfile.TemporaryDirectory(prefix="tierlane-bench-") as folder,
        board(brokers, PARTITIONS) as topics,
    ):
        carrier = _worker if name == "tierlane" else _passthrough
        with carrier(topics, policy, Path(folder)):
            return _measure(topics, seconds)


@contextmanager
def _worker(topics: Board, policy: Path, folder: Path) -> Iterator[None]:
    arguments = ["--brokers", topics.brokers, "--policy", str(policy)]
    with worker(folder, arguments, {"TIERLANE_PREFIX": topics.prefix}) as one:
        one.await_ready()
        yield


@contextmanager
def _passthrough(topics: Board, policy: Path, folder: Path) -> Iterator[None]:
    task = Task(topics.brokers, topics.prefix, topics.prefix + "peer", 0, PARTITIONS, "")
    task.save(folder / "task.json")
    command = [sys.executable, "-m", "benchmarks.peer.passthrough", str(folder / "task.json")]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        try:
            yield
            if process.poll() is not None:
                raise Failed("the pass-through ended early")
        finally:
            process.kill()


def _measure(topics: Board, seconds: float) -> list[float]:
    """Send contacts at the rate; return the wait of each, in milliseconds, past the warm-up."""
    contacts = precomputed(round((WARM_SECONDS + seconds) * RATE)).contacts
    sent: dict[str, float] = {}
    waits: dict[str, float] = {}
    over = threading.Event()
    reader = threading.Thread(target=_read, args=(topics, sent, waits, over))
    reader.start()
    try:
        _send(topics, contacts, sent)
        deadline = time.monotonic() + LATE_SECONDS
        while len(waits) < len(contacts) and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        over.set()
        reader.join()
    if missing := len(contacts) - len(waits):
        raise Failed(f"{missing} of {len(contacts)} contacts had no lane entry in time")
    counted = list(sent)[round(WARM_SECONDS * RATE) :]
    return [waits[contact] for contact in counted]


def _send(topics: Board, contacts: Sequence[tuple[bytes, bytes]], sent: dict[str, float]) -> None:
    producer = Producer(
        {
            "bootstrap.servers": topics.brokers,
            **QUIET,
            "partitioner": "murmur2_random",
            "linger.ms": 0,
        }
    )
    # Wake the connection up, so that the first contacts do not wait for it.
    producer.list_topics(timeout=10)
    begun = time.perf_counter()
    for number, (key, value) in enumerate(contacts):
        if (pause := begun + number / RATE - time.perf_counter()) > 0:
            time.sleep(pause)
        sent[orjson.loads(value)["subject"]] = time.perf_counter()
        producer.produce(topics.prefix + "contact.events", value, key)
        producer.poll(0)
    producer.flush(LATE_SECONDS)


def _read(
    topics: Board, sent: dict[str, float], waits: dict[str, float], over: threading.Event
) -> None:
    consumer = Consumer(
        {
            "bootstrap.servers": topics.brokers,
            **QUIET,
            "group.id": f"{topics.prefix}reader",
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "fetch.wait.max.ms": 10,
        }
    )
    consumer.assign(
        [TopicPartition(topics.prefix + lane, n, 0) for lane in LANES for n in range(PARTITIONS)]
    )
    while not over.is_set():
        messages = consumer.consume(100, timeout=0.005)
        now = time.perf_counter()
        for message in messages:
            if message.error() is None:
                contact = orjson.loads(message.value())["data"]["contact_id"]
                waits.setdefault(contact, 1000 * (now - sent[contact]))
    consumer.close()

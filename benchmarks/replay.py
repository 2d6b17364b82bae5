"""`python -m benchmarks.replay`: what replay costs a contact, beside the worker's own machine.

One process without Kafka: Intake as a worker drives it (decode, decide, encode, keep), then the
same contacts decided only, by one policy, and by two in one pass. Then two policies over a
recording by one process and by two. A live worker has the transport on top of Intake. Exits 1 when
a goal is missed.
"""

import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks import scene
from benchmarks.figure import Goal, Spread
from benchmarks.peer.deciding import intakes
from benchmarks.peer.task import Taken
from tierlane.contact.event import ARRIVED, CONTACT_EVENTS
from tierlane.contact.reading import Reader
from tierlane.policy.compiling.compile import compile_policy
from tierlane.ports import Record
from tierlane.profile import plain_profile
from tierlane.replay.diff.diff import Text, compiled, diff
from tierlane.replay.diff.shard import Shard
from tierlane.replay.diff.side import Side
from tierlane.replay.source.opening import opened
from tierlane.replay.source.table import TableWriter
from tierlane.stream.policy_file import find_file
from tierlane.stream.worker import GARBAGE
from tierlane.topic import CONTACT_EVENTS as CONTACTS
from tierlane.topic import CUSTOMER_PROFILES

OUT: Final = Path(__file__).parent / "results" / "replay.json"
COUNT: Final = 36_000
ROUNDS: Final = 3
BATCH: Final = 2_000
LEAST_RATIO: Final = 3.0
LEAST_SPREAD: Final = 1.6
"""Of two processes over one; the machine has two cores, and the reading process takes some."""


def main() -> int:
    """Measure, print, write JSON."""
    with tempfile.TemporaryDirectory(prefix="tierlane-bench-") as folder:
        policy = scene.policies(Path(folder))["sample"]
        found = _row(policy, Path(folder))
    OUT.write_text(json.dumps(found, indent=1) + "\n")
    for row in found["rows"]:
        print(f"{row['what']:<44} {row['us']['median']:>8} µs a contact")
    for goal in found["goals"]:
        print(f"{goal['goal']:<60} {goal['limit']:>8} {goal['got']:>8} {goal['met']}")
    return 0 if all(goal["met"] for goal in found["goals"]) else 1


def _row(policy: Path, folder: Path) -> dict[str, Any]:
    contacts = list(scene.arrivals(COUNT))
    known = list(scene.profiles(COUNT))
    a = Text(policy.read_bytes(), str(policy), find_file)
    b = Text(a.document.replace(b"{5000: silver", b"{4000: silver"), "next", find_file)
    _record(folder / "recording", contacts, known)
    source = opened([folder / "recording"])
    works: dict[str, Callable[[], float]] = {
        "Intake, as a worker drives it": lambda: _intake(policy, contacts, known),
        "one policy, decisions only": lambda: _alone(a, contacts, known),
        "two policies in one pass": lambda: _both(a, b, contacts, known),
        "two policies over a recording, one process": lambda: _wall(
            lambda: diff(source, a, b, cores=1)
        ),
        "two policies over a recording, two processes": lambda: _wall(
            lambda: diff(source, a, b, cores=2)
        ),
    }
    taken: dict[str, list[float]] = {what: [] for what in works}
    for _ in range(ROUNDS):  # in turn, so that a busy moment falls on all of them
        for what, work in works.items():
            gc.collect()
            gc.set_threshold(*GARBAGE)
            taken[what].append(work() * 1e6 / COUNT)
    spreads = [Spread.of(times) for times in taken.values()]
    least = [one.least for one in spreads]
    goals = [
        Goal("Intake / one policy, decisions only", least[0] / least[1], LEAST_RATIO),
        Goal("one process / two, over a recording", least[3] / least[4], LEAST_SPREAD),
    ]
    rows = [{"what": what, "us": one.json()} for what, one in zip(taken, spreads, strict=True)]
    return {"contacts": COUNT, "rows": rows, "goals": [goal.json() for goal in goals]}


Pairs = Sequence[tuple[bytes, bytes]]


def _intake(policy: Path, contacts: Pairs, known: Pairs) -> float:
    (machine_,) = intakes(policy, [value for _, value in known], 1)
    seen = time.time_ns() // 1_000_000
    records: list[Record] = [
        Taken(CONTACTS, 0, at, seen, key, value) for at, (key, value) in enumerate(contacts)
    ]
    begun = time.process_time()
    for start in range(0, len(records), BATCH):
        machine_.on_records(CONTACTS, records[start : start + BATCH])
        machine_.commit()
    return time.process_time() - begun


def _alone(text: Text, contacts: Pairs, known: Pairs) -> float:
    """Decode, look the profile up and decide, as `diff` does, by one policy."""
    side = Side(compile_policy(text.document, text.source, text.find))
    reader = Reader({ARRIVED: CONTACT_EVENTS[ARRIVED]})
    profiles = dict(known)
    records = [Taken(CONTACTS, 0, 0, 0, key, value) for key, value in contacts]
    begun = time.process_time()
    for record in records:
        event = reader.read(record)
        customer = event.data.get("customer_id") or ""
        value = profiles.get(customer.encode())
        profile = plain_profile(value, customer) if value else None
        side.decide(record.key or b"", event, profile)
    return time.process_time() - begun


def _both(a: Text, b: Text, contacts: Pairs, known: Pairs) -> float:
    shard = Shard(compiled(a), compiled(b))
    shard.take([(CUSTOMER_PROFILES, key, value, ()) for key, value in known])
    parcels = [(CONTACTS, key, value, ()) for key, value in contacts]
    begun = time.process_time()
    shard.take(parcels)
    return time.process_time() - begun


def _wall(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _record(folder: Path, contacts: Pairs, known: Pairs) -> None:
    for topic, pairs in ((CUSTOMER_PROFILES, known), (CONTACTS, contacts)):
        with TableWriter(folder / topic / "0.parquet") as writer:
            for offset, (key, value) in enumerate(pairs):
                moment = 0 if topic == CUSTOMER_PROFILES else 1 + offset
                writer.write(Taken(topic, 0, offset, moment, key, value))


if __name__ == "__main__":
    sys.exit(main())

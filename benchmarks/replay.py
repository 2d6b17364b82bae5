"""The Replay row: how fast two policies are asked about contacts, beside the live worker.

The worker decides contacts on Kafka by one policy, exactly once; `diff` asks two policies about the
same contacts in a recording. Then two processes beside one over a longer recording. Beside that,
without Kafka and recording, what a contact costs in Intake and where it is only decided.
"""

import gc
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from benchmarks import scene
from benchmarks.contest import CONTESTANTS, board
from benchmarks.figure import Goal, Spread, significant
from benchmarks.full import Entrant, Records, Script, run_worker
from benchmarks.peer.deciding import intakes
from benchmarks.peer.task import Taken
from benchmarks.size import Size
from tierlane.contact.event import ARRIVED, CONTACT_EVENTS
from tierlane.contact.reading import Reader
from tierlane.ports import Record
from tierlane.profile import plain_profile
from tierlane.replay.diff.diff import Text, compiled, diff
from tierlane.replay.diff.side import Side
from tierlane.replay.source.opening import opened
from tierlane.replay.source.source import Source
from tierlane.replay.source.table import TableWriter
from tierlane.routing.memory import Customer
from tierlane.stream.policy_file import find_file
from tierlane.stream.worker import GARBAGE
from tierlane.topic import CONTACT_EVENTS as CONTACTS
from tierlane.topic import CUSTOMER_PROFILES

BATCH: Final = 2_000
LEAST_RATIO: Final = 3.0
LEAST_SPREAD: Final = 1.7
LIVE: Final = next(one for one in CONTESTANTS if one.guarantee == "exactly-once")


def run(brokers: str, size: Size) -> dict[str, Any]:
    """Measure in turn and return the row with its goals."""
    with tempfile.TemporaryDirectory(prefix="tierlane-bench-") as name:
        folder = Path(name)
        policy = scene.policies(folder)["sample"]
        text = policy.read_text()
        texts = (
            Text(text.encode(), str(policy), find_file),
            Text(text.replace("{5000: silver", "{4000: silver").encode(), "next", find_file),
        )
        beside = _beside_the_worker(brokers, size, policy, texts, folder)
        spread = _on_two(size, texts, folder)
        alone = _alone(size, policy, texts[0])
    goals = [
        Goal("diff of two policies, one process / the worker", _ratio(beside), LEAST_RATIO),
        Goal("diff, two processes / one", _ratio(spread), LEAST_SPREAD),
        Goal("Intake / deciding only, µs a contact", 1 / _ratio(alone), LEAST_RATIO),
    ]
    rows = {**beside, **spread, **alone}
    return {
        "contacts": size.replayed,
        "long": size.replayed_long,
        "rounds": size.rounds,
        "rows": [
            {"what": what, "unit": "µs" if what in alone else "contacts/s", **one.json()}
            for what, one in rows.items()
        ],
        "goals": [goal.json() for goal in goals],
    }


Texts = tuple[Text, Text]
Spreads = dict[str, Spread]


def _ratio(spreads: Spreads) -> float:
    """Return the second's median over the first's."""
    first, second = spreads.values()
    return second.median / first.median


def _in_turn(works: dict[str, Callable[[], float]], rounds: int) -> Spreads:
    """Do each work in every round, so that a busy moment falls on all of them."""
    taken: dict[str, list[float]] = {what: [] for what in works}
    for number in range(rounds):
        for what, work in works.items():
            gc.collect()
            taken[what].append(work())
            told = significant(taken[what][-1])
            print(f"  round {number + 1}  {what:<52} {told:>10,}", file=sys.stderr)
    return {what: Spread.of(found) for what, found in taken.items()}


def _beside_the_worker(
    brokers: str, size: Size, policy: Path, texts: Texts, folder: Path
) -> Spreads:
    contacts = tuple(scene.arrivals(size.replayed))
    known = tuple(scene.profiles(size.replayed))
    source = _recording(folder / "short", contacts, known)
    works: dict[str, Callable[[], float]] = {
        "the worker on Kafka, one policy": lambda: _live(brokers, policy, contacts, known),
        "diff, two policies, one process": lambda: _compared(source, texts, 1),
    }
    return _in_turn(works, size.rounds)


def _on_two(size: Size, texts: Texts, folder: Path) -> Spreads:
    count = size.replayed_long
    source = _recording(folder / "long", scene.arrivals(count), scene.profiles(count))
    works: dict[str, Callable[[], float]] = {
        "longer: diff, two policies, one process": lambda: _compared(source, texts, 1),
        "longer: diff, two policies, two processes": lambda: _compared(source, texts, 2),
    }
    return _in_turn(works, size.rounds)


def _alone(size: Size, policy: Path, text: Text) -> Spreads:
    contacts = tuple(scene.arrivals(size.full))
    known = tuple(scene.profiles(size.full))
    gc.set_threshold(*GARBAGE)
    works: dict[str, Callable[[], float]] = {
        "in memory: Intake, one policy": lambda: _intake(policy, contacts, known),
        "in memory: decided only, one policy": lambda: _decided(text, contacts, known),
    }
    return _in_turn(works, size.rounds)


def _live(brokers: str, policy: Path, contacts: Records, known: Records) -> float:
    """Return contacts a second of the worker; their times are brought to the present."""
    present = tuple(scene.brought_to(datetime.now(UTC), contacts))
    script = Script(present, known, {"sample": policy}, {}, {}, time.monotonic())
    with (
        tempfile.TemporaryDirectory(prefix="tierlane-bench-") as name,
        board(brokers) as topics,
    ):
        seconds = run_worker(Entrant(LIVE, "sample"), topics, script, present, Path(name))
    return len(contacts) / seconds


def _compared(source: Source, texts: Texts, cores: int) -> float:
    """Return contacts a second, by the clock: policies compiled and processes begun in it."""
    begun = time.perf_counter()
    found = diff(source, *texts, cores=cores)
    return found.contacts / (time.perf_counter() - begun)


def _intake(policy: Path, contacts: Records, known: Records) -> float:
    (machine,) = intakes(policy, [value for _, value in known], 1)
    seen = time.time_ns() // 1_000_000
    records: list[Record] = [
        Taken(CONTACTS, 0, at, seen, key, value) for at, (key, value) in enumerate(contacts)
    ]
    begun = time.process_time()
    for start in range(0, len(records), BATCH):
        machine.on_records(CONTACTS, records[start : start + BATCH])
        machine.commit()
    return (time.process_time() - begun) * 1e6 / len(records)


def _decided(text: Text, contacts: Records, known: Records) -> float:
    """Decode, look the profile up and decide, as `diff` does, by one policy."""
    side = Side(compiled(text).brief())
    reader = Reader({ARRIVED: CONTACT_EVENTS[ARRIVED]})
    profiles, customers = dict(known), defaultdict[bytes, Customer](Customer)
    records = [Taken(CONTACTS, 0, 0, 0, key, value) for key, value in contacts]
    begun = time.process_time()
    for record in records:
        event = reader.read(record)
        customer = event.data.get("customer_id") or ""
        value = profiles.get(customer.encode())
        profile = plain_profile(value, customer) if value else None
        side.decide(event, profile, customers[customer.encode()] if customer else None)
    return (time.process_time() - begun) * 1e6 / len(records)


def _recording(
    folder: Path, contacts: Iterable[tuple[bytes, bytes]], known: Iterable[tuple[bytes, bytes]]
) -> Source:
    """Write what topics of one partition would hold, profiles first, and return it."""
    for topic, pairs in ((CUSTOMER_PROFILES, known), (CONTACTS, contacts)):
        with TableWriter(folder / topic / "0.parquet") as writer:
            for offset, (key, value) in enumerate(pairs):
                moment = 0 if topic == CUSTOMER_PROFILES else 1 + offset
                writer.write(Taken(topic, 0, offset, moment, key, value))
    return opened([folder])

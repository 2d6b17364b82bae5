"""The Transport row: what carrying records costs, all outputs being worked out beforehand."""

import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import digest, flow
from benchmarks.contest import (
    CONTESTANTS,
    PARTITIONS,
    Contestant,
    Failed,
    alternating,
    board,
    run_peer,
)
from benchmarks.digest import Digest
from benchmarks.figure import Goal, Spread, significant
from benchmarks.flow import OUTPUTS, Flow
from benchmarks.peer.task import Task
from benchmarks.size import Size


@dataclass(frozen=True, slots=True)
class Part:
    """The first contacts of the flow, in a file for the processes, and what is due of them."""

    contacts: Sequence[tuple[bytes, bytes]]
    file: Path
    due: Digest

    @classmethod
    def of(cls, whole: Flow, count: int, folder: Path) -> "Part":
        """Take `count` contacts and write them to the folder."""
        first = whole.first(count)
        file = folder / f"flow-{count}"
        first.save(file)
        return cls(first.contacts, file, digest.due(first, PARTITIONS))


def run(brokers: str, size: Size) -> dict[str, Any]:
    """Run every contestant in every round and return the row with its goals."""
    contacts, rounds = size.transport, size.transport_rounds
    whole = flow.precomputed(contacts)
    taken: dict[str, list[dict[str, float]]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="tierlane-bench-") as folder:
        counts = {
            contestant: max(round(contacts * contestant.share), PARTITIONS)
            for contestant in CONTESTANTS
        }
        parts = {count: Part.of(whole, count, Path(folder)) for count in set(counts.values())}
        for number, contestant in alternating(CONTESTANTS, rounds):
            place = Path(folder) / f"{number}-{contestant.name}"
            place.mkdir()
            figures = _once(brokers, contestant, parts[counts[contestant]], place)
            taken[contestant.name].append(figures)
            rate = significant(figures["rate"])
            print(f"  round {number + 1}  {contestant.label:<28} {rate:>10,.0f}/s", file=sys.stderr)
    return {
        "contacts": contacts,
        "partitions": PARTITIONS,
        "rounds": rounds,
        "bytes_in": sum(len(key) + len(value) for key, value in whole.contacts) // contacts,
        "bytes_out": parts[contacts].due.size // contacts,
        "rows": [_row(contestant, taken[contestant.name]) for contestant in CONTESTANTS],
        "goals": [goal.json() for goal in _goals(taken)],
    }


def _once(brokers: str, contestant: Contestant, part: Part, folder: Path) -> dict[str, float]:
    """Run one contestant once; Failed unless its outputs are, as a set, exactly those due."""
    with board(brokers) as topics:
        topics.fill("contact.events", part.contacts)
        task = Task(
            brokers,
            topics.prefix,
            f"{topics.prefix}peer",
            len(part.contacts),
            PARTITIONS,
            str(folder / "report.json"),
            contestant.guarantee,
            flow=str(part.file),
        )
        figures = run_peer(contestant, task, folder)
        got, seconds = digest.written(topics.read(OUTPUTS), topics.prefix)
    if difference := got.difference(part.due):
        raise Failed(f"{contestant.label} wrote something else than was due: {difference}")
    contacts = figures["contacts"]
    return {
        "contacts": contacts,
        "rate": contacts / figures["seconds"],
        "cpu_us": 1e6 * figures["cpu_seconds"] / contacts,
        "log_rate": contacts / max(seconds, 0.001),
    }


def _row(contestant: Contestant, taken: list[dict[str, float]]) -> dict[str, Any]:
    return {
        "name": contestant.name,
        "label": contestant.label,
        "contacts": int(taken[0]["contacts"]),
        "rate": Spread.of([one["rate"] for one in taken]).json(),
        "rounds": [significant(one["rate"]) for one in taken],
        "cpu_us": Spread.of([one["cpu_us"] for one in taken]).json(),
        "log_rate": Spread.of([one["log_rate"] for one in taken]).json(),
    }


def _goals(taken: dict[str, list[dict[str, float]]]) -> list[Goal]:
    rate = {
        name: Spread.of([one["rate"] for one in rounds]).median for name, rounds in taken.items()
    }
    exactly, least = rate["tierlane_exactly"], rate["tierlane_least"]
    return [
        Goal("tierlane exactly once / plain Faust agent", exactly / rate["faust_agent"], 25),
        Goal("tierlane exactly once / Quix Streams", exactly / rate["quix"], 2),
        Goal("tierlane exactly once / aiokafka batch loop", exactly / rate["aiokafka_batch"], 0.6),
        Goal("tierlane exactly once / at least once", exactly / least, 0.9),
    ]

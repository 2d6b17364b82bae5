"""The Full row: contacts decided by a policy, with lane entry and complete audit record."""

import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import orjson
from confluent_kafka import Message

from benchmarks import scene
from benchmarks.board import Board
from benchmarks.contest import (
    CONTESTANTS,
    PARTITIONS,
    Contestant,
    Failed,
    alternating,
    board,
    run_peer,
    wait_for,
    worker,
)
from benchmarks.figure import Goal, Spread, remainder, significant
from benchmarks.flow import OUTPUTS
from benchmarks.gauge import Progress
from benchmarks.peer.deciding import MASK_KEY
from benchmarks.peer.task import Task
from benchmarks.size import Size
from benchmarks.stage import Stages, outputs, stages
from tierlane.routing.effect import Output

MOMENTS = frozenset({"time", "seen", "entered_at", "respond_by", "resolve_by", "seq", "engine"})
"""Fields that differ from run to run: times of the log, and places among other audit records."""

Records = Sequence[tuple[bytes, bytes]]
NOTES = {
    "transport_us": "1,000,000 / median rate - total of the stages; null where not positive, since"
    " the stages are timed apart, in another process",
    "stages": "decide begins with nothing remembered; the warm figure stands in the row `decide`",
}
"""How figures of the row come about, for who reads the JSON alone."""

Due = dict[str, tuple[int, int]]
"""Contact → the hashes of its lane entry and of its audit record, moments aside."""

STALE = 120
"""Seconds after which contacts are brought to the present again: from 300 on their distance to the
log's clock is an error on every decision, and a run on a busy machine takes a minute."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """A contestant under a policy."""

    contestant: Contestant
    policy: str


@dataclass(slots=True)
class Script:
    """What all runs share: contacts, profiles, policies, what is due and the cost of each stage."""

    contacts: Records
    profiles: Records
    policies: dict[str, Path]
    stages: dict[str, Stages]
    due: dict[str, Due]
    brought: float
    """When the contacts were brought to the present, by the monotonic clock."""

    def refresh(self) -> None:
        """Bring contacts that are stale to the present, and with them what is due."""
        if time.monotonic() - self.brought < STALE:
            return
        self.brought = time.monotonic()
        self.contacts = tuple(scene.brought_to(datetime.now(UTC), self.contacts))
        for name in self.policies:
            self.due[name] = _expected((one.topic, one.value or b"") for one in self.write(name))

    def write(self, policy: str) -> list[Output]:
        """Return what is due by a policy."""
        return outputs(self.policies[policy], self.contacts, self.profiles, PARTITIONS)


ENTRANTS = (
    *(Entrant(contestant, "sample") for contestant in CONTESTANTS),
    *(
        Entrant(contestant, policy)
        for contestant in CONTESTANTS
        if contestant.guarantee == "exactly-once"
        for policy in ("bank", "table-10000")
    ),
)


def run(brokers: str, size: Size) -> dict[str, Any]:
    """Run every entrant in every round and return the row with its goals."""
    taken: dict[Entrant, list[dict[str, float]]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="tierlane-bench-") as name:
        folder = Path(name)
        script = _script(size, folder)
        for number, entrant in alternating(ENTRANTS, size.rounds):
            label = f"{entrant.contestant.label} · {entrant.policy}"
            place = folder / f"{number}-{entrant.contestant.name}-{entrant.policy}"
            place.mkdir()
            script.refresh()
            figures = _once(brokers, entrant, script, place)
            taken[entrant].append(figures)
            rate = significant(figures["rate"])
            print(f"  round {number + 1}  {label:<40} {rate:>10,.0f}/s", file=sys.stderr)
    return {
        "contacts": size.full,
        "profiles": len(script.profiles),
        "partitions": PARTITIONS,
        "rounds": size.rounds,
        "notes": NOTES,
        "rows": [_row(one, taken[one], script.stages[one.policy]) for one in ENTRANTS],
        "stages": [stage.json(name) for name, stage in script.stages.items()],
        "goals": [
            Goal(
                f"decide and encode, µs a contact, {name}", stage.decide + stage.encode, 25, True
            ).json()
            for name, stage in script.stages.items()
        ],
    }


def _script(size: Size, folder: Path) -> Script:
    brought = time.monotonic()
    contacts = tuple(scene.arrivals(size.full))
    profiles = tuple(scene.profiles(size.full))
    (folder / "profiles").write_bytes(b"\n".join(value for _, value in profiles))
    policies = scene.policies(folder)
    measured = {}
    due = {}
    for name, file in policies.items():
        measured[name], written = stages(file, contacts, profiles, PARTITIONS)
        due[name] = _expected((one.topic, one.value or b"") for one in written)
    return Script(contacts, profiles, policies, measured, due, brought)


def _once(brokers: str, entrant: Entrant, script: Script, folder: Path) -> dict[str, float]:
    """Run one entrant once; Failed unless each contact has the entry and the decision due."""
    contestant = entrant.contestant
    count = max(round(len(script.contacts) * contestant.share), PARTITIONS)
    part = script.contacts[:count]
    with board(brokers) as topics:
        if contestant.guarantee:
            seconds = run_worker(entrant, topics, script, part, folder)
        else:
            topics.fill("contact.events", part)
            task = Task(
                brokers,
                topics.prefix,
                f"{topics.prefix}peer",
                count,
                PARTITIONS,
                str(folder / "report.json"),
                policy=str(script.policies[entrant.policy]),
                profiles=str(folder.parent / "profiles"),
            )
            seconds = run_peer(contestant, task, folder)["seconds"]
        messages = list(topics.read(OUTPUTS))
    _check(entrant, part, messages, topics.prefix, script)
    return {
        "contacts": count,
        "rate": count / seconds,
        "log_rate": _log_rate(messages, topics.prefix),
        "bytes": _size(messages),
    }


def run_worker(
    entrant: Entrant, topics: Board, script: Script, contacts: Records, folder: Path
) -> float:
    """Run the worker by its command line, profiles read first, until all is committed.

    Returns the seconds from letting it see the contacts to the last commit, seen from outside.
    """
    topics.fill("customer.profiles", script.profiles)
    policy = script.policies[entrant.policy]
    arguments = ["--brokers", topics.brokers, "--policy", str(policy)]
    environment = {
        "TIERLANE_PREFIX": topics.prefix,
        "TIERLANE_GUARANTEE": entrant.contestant.guarantee,
        "TIERLANE_MASK_KEY": MASK_KEY,
    }
    group = f"{topics.prefix}tierlane"
    with worker(folder, arguments, environment) as one:
        one.await_ready()
        known = Progress(topics, group, "customer.profiles")
        wait_for(lambda: known.committed() >= len(script.profiles), one, "end of the profiles")
        # It finds them all there, as the peers do, and no loading slows its beginning.
        one.signal(signal.SIGSTOP)
        topics.fill("contact.events", contacts)
        done = Progress(topics, group, "contact.events")
        one.signal(signal.SIGCONT)
        begun = time.perf_counter()
        wait_for(lambda: done.committed() >= len(contacts), one, "end of the contacts")
        return time.perf_counter() - begun


def _expected(records: Iterable[tuple[str, bytes]]) -> Due:
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for topic, value in records:
        data = orjson.loads(value)["data"]
        if (contact := data.get("contact_id")) is not None:
            place = topic == "routing.audit"
            if found[contact][place]:
                raise Failed(f"{contact} has two records on {topic}")
            found[contact][place] = _hash(data)
    return {contact: (entry, audit) for contact, (entry, audit) in found.items()}


def _hash(data: dict[str, Any]) -> int:
    plain = {name: value for name, value in data.items() if name not in MOMENTS}
    return hash(orjson.dumps(plain, option=orjson.OPT_SORT_KEYS))


def _check(
    entrant: Entrant, part: Records, messages: Sequence[Message], prefix: str, script: Script
) -> None:
    """Raise Failed unless each contact has one lane entry and one decision, and those due."""
    written = [(one.topic().removeprefix(prefix), one.value()) for one in messages]
    got, due, label = _expected(written), script.due[entrant.policy], entrant.contestant.label
    for _, value in part:
        contact = orjson.loads(value)["subject"]
        if got.get(contact) != due[contact]:
            expected = [(one.topic, one.value or b"") for one in script.write(entrant.policy)]
            where = _difference(_of(contact, expected), _of(contact, written))
            raise Failed(f"{label}: {contact} was decided otherwise than is due: {where}")
    if len(got) != len(part):
        raise Failed(f"{label} wrote of {len(got)} contacts, not {len(part)}")


def _of(contact: str, records: Iterable[tuple[str, bytes]]) -> dict[str, dict[str, Any]]:
    """Return what was written of a contact, by topic, moments aside."""
    found = {}
    for topic, value in records:
        data = orjson.loads(value)["data"]
        if data.get("contact_id") == contact:
            found[topic] = {name: data[name] for name in data if name not in MOMENTS}
    return found


def _difference(due: dict[str, dict[str, Any]], got: dict[str, dict[str, Any]]) -> str:
    """Say where records differ; their fields are of the made-up sample and may be shown."""
    if due.keys() != got.keys():
        return f"records on {sorted(got)}, due on {sorted(due)}"
    return "; ".join(
        f"{topic} {name}: {got[topic].get(name)} for {due[topic].get(name)}"
        for topic in due
        for name in due[topic].keys() | got[topic].keys()
        if due[topic].get(name) != got[topic].get(name)
    )


def _log_rate(messages: Iterable[Message], prefix: str) -> float:
    """Return contacts a second by the log's clock: what was appended after the first append."""
    audit = f"{prefix}routing.audit"
    moments: Counter[int] = Counter(
        message.timestamp()[1]
        for message in messages
        if message.topic() == audit and b'"contact_id":null' not in message.value()
    )
    first, last = min(moments), max(moments)
    # In a run so small that all was appended at once nothing came later: the whole counts.
    later = moments.total() - (moments[first] if first < last else 0)
    return float(1000 * later / max(last - first, 1))


def _size(messages: Iterable[Message]) -> float:
    return sum(len(message.key() or b"") + len(message.value() or b"") for message in messages)


def _row(entrant: Entrant, taken: list[dict[str, float]], stage: Stages) -> dict[str, Any]:
    rate = Spread.of([one["rate"] for one in taken])
    contacts = int(taken[0]["contacts"])
    return {
        "name": entrant.contestant.name,
        "label": entrant.contestant.label,
        "policy": entrant.policy,
        "contacts": contacts,
        "rate": rate.json(),
        "rounds": [significant(one["rate"]) for one in taken],
        "log_rate": Spread.of([one["log_rate"] for one in taken]).json(),
        "transport_us": remainder(rate.median, stage.total),
        "bytes": round(median(one["bytes"] for one in taken) / contacts),
    }

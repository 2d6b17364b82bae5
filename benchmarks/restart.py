"""`python -m benchmarks.restart`: how long a desk with a long line is away in a restart.

`tierlane worker` builds the state itself, from contacts and advisors on the topics: 2,000 advisors
sign on, contacts come, those who have room are offered one, all others wait. Then the worker is
ended and started again by the same command. Timed by the clock, from starting the process: until
`/readyz` says yes, and until an advisor who takes a contact and finishes it is offered another.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Final

import orjson
import psutil

from benchmarks import care
from benchmarks.board import Board
from benchmarks.contest import PARTITIONS, Failed, board, wait_for, worker
from benchmarks.figure import Goal, significant
from benchmarks.gauge import Progress
from benchmarks.size import FULL, QUICK, Size
from tests.broker.kafka import Kafka
from tests.worker import Worker
from tierlane.advisor import ACCEPTED, FINISHED, SIGNED_ON
from tierlane.routing.published import OFFERED
from tierlane.stream.kinds import DESK_STATE
from tierlane.topic import ADVISOR_EVENTS, ADVISOR_OFFERS, CONTACT_EVENTS, DESK_CONTACTS

DESK: Final = b"care"
OTHERWISE: Final = (("offer: {lasts: 20s}", "offer: {lasts: 12h}"), ("wrap_up: {voice: 8s}", ""))
"""Nobody answers while the line is built up, and offers that expire are offered again; and who
finishes a call has room for all that waits, at once."""
SECONDS: Final = 240.0
MOST_SECONDS: Final = 10
ARRIVED: Final = "tierlane.contact.arrived.v1"


def run(brokers: str, size: Size) -> dict[str, Any]:
    """Build a line, begin again, return how long it took."""
    with (
        tempfile.TemporaryDirectory(prefix="tierlane-bench-") as made,
        board(brokers, PARTITIONS) as topics,
    ):
        folder = Path(made)
        policy = folder / "care.yaml"
        policy.write_text(_text())
        environment = {"TIERLANE_PREFIX": topics.prefix}
        arguments = ["--brokers", brokers, "--policy", str(policy)]
        with worker(folder, arguments, environment) as one:
            one.await_ready(SECONDS)
            built = _build(topics, one, size.waiting)
        row = _restarted(topics, Worker(folder, arguments, name="again", environment=environment))
    row |= {"waiting": size.waiting, "advisors": care.ADVISORS, "built_s": significant(built)}
    goals = [
        Goal(f"seconds until {what}", row[name], MOST_SECONDS, at_most=True).json()
        for name, what in (("ready_s", "ready"), ("offer_s", "the first new offer"))
    ]
    return {**row, "goals": goals}


def _text() -> str:
    text = care.text()
    for old, new in OTHERWISE:
        if text.count(old) != 1:
            raise Failed(f"`{old}` does not stand once in the policy")
        text = text.replace(old, new)
    return text


def _build(topics: Board, one: Worker, waiting: int) -> float:
    begun = time.monotonic()
    group = f"{topics.prefix}tierlane"
    for topic, records, count in (
        (ADVISOR_EVENTS, _advisors(), care.ADVISORS),
        (CONTACT_EVENTS, _contacts(waiting), waiting),
    ):
        topics.fill(topic, records)
        _await(one, Progress(topics, group, topic), count, topic)
    _await(one, Progress(topics, group, DESK_CONTACTS), waiting, DESK_CONTACTS)
    return time.monotonic() - begun


def _await(one: Worker, progress: Progress, count: int, topic: str) -> None:
    wait_for(lambda: progress.committed() >= count, one, f"end at {count} records of {topic}")


def _restarted(topics: Board, one: Worker) -> dict[str, Any]:
    """Start the worker; return until when it was ready, and made an offer."""
    offered = [data for kind, data in _offers(topics) if kind == OFFERED]
    open_offer = next(data for data in reversed(offered) if data["channel"] == "voice")
    state = sum(topics.ends([DESK_STATE]).values())
    begun = time.perf_counter()
    one.start()
    try:
        one.await_ready(SECONDS)
        ready = time.perf_counter() - begun
        topics.fill(ADVISOR_EVENTS, _taken_and_done(open_offer))
        known = len(offered)
        wait_for(lambda: _count(topics) > known, one, "new offer")
        offer = time.perf_counter() - begun
        memory = psutil.Process(one.pid).memory_info().rss
        one.stop()
    finally:
        one.kill()
    print(f"  ready after {ready:.1f} s, an offer after {offer:.1f} s", file=sys.stderr)
    return {
        "offers": known,
        "state_records": state,
        "ready_s": significant(ready),
        "offer_s": significant(offer),
        "memory_mib": round(memory / 2**20),
    }


def _offers(topics: Board) -> Iterator[tuple[str, dict[str, Any]]]:
    for message in topics.read([ADVISOR_OFFERS]):
        event = orjson.loads(message.value() or b"")
        yield event["type"], event["data"]


def _count(topics: Board) -> int:
    return sum(kind == OFFERED for kind, _ in _offers(topics))


# ---------------------------------------------------------------------- what is told


def _advisors() -> Iterator[tuple[bytes, bytes]]:
    for one in care.advisors(care.revision(), Random(7)):
        skills = {
            name.removeprefix("skills."): level
            for name, level in one.values.items()
            if name.startswith("skills.")
        }
        data = {
            "advisor_id": one.advisor_id,
            "desk": DESK.decode(),
            "duty": "" if one.duty is None else one.duty.name,
            "languages": ["en"],
            "skills": skills,
        }
        yield DESK, _event(SIGNED_ON, one.advisor_id, data)


def _taken_and_done(offer: dict[str, Any]) -> Iterator[tuple[bytes, bytes]]:
    data = {"advisor_id": offer["advisor_id"], "desk": DESK.decode()}
    data["contact_id"] = offer["contact_id"]
    yield DESK, _event(ACCEPTED, "taken", {**data, "offer_id": offer["offer_id"]})
    yield DESK, _event(FINISHED, "done", {**data, "outcome": "resolved"})


def _contacts(count: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield contacts as the Desk row draws them."""
    random = Random(5)
    for number in range(count):
        data = {
            "contact_id": f"k{number}",
            "customer_id": f"c{number}",
            "channel": random.choice(care.CHANNELS),
            "subject": f"s{random.randrange(care.SKILLS)}",
            "attributes": {
                "worth": random.choices(care.WORTHS, (70, 20, 10))[0],
                "grade": random.choice((1, 1, 2, 3)),
            },
        }
        yield f"c{number}".encode(), _event(ARRIVED, f"k{number}", data)


def _event(kind: str, name: str, data: dict[str, Any]) -> bytes:
    event = {"specversion": "1.0", "id": f"{kind}-{name}", "source": "bench", "type": kind}
    return orjson.dumps({**event, "time": datetime.now(UTC).isoformat(), "data": data})


def main() -> int:
    """Run the row by itself on a Kafka of its own, and print it; 1 when a goal is missed."""
    size = QUICK if "--quick" in sys.argv[1:] else FULL
    with Kafka.temporary() as kafka:
        row = run(kafka.address, size)
    print(json.dumps(row, indent=1))
    return 0 if all(goal["met"] for goal in row["goals"]) else 1


if __name__ == "__main__":
    sys.exit(main())

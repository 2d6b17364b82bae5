"""January and February of a real bank, through Kafka and the worker: one decision a contact.

What the topics then hold is verified: done again, it comes out the same.

Every contact ends as the log says, and none lapses.

`TIERLANE_TEST_DATA` names the folder that holds `anonbank/anonbank_1999_jan.csv.gz` and
`…_feb.csv.gz` (Technion SEELab: Mandelbaum, Sakov, Zeltyn; free for use). What is expected is
counted here from those files with `csv` alone.
"""

import asyncio
import csv
import gzip
import os
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.broker.log import Log
from tests.conftest import Broker
from tests.worker import COMMAND, Worker
from tierlane.policy.compiling.compile import compile_policy
from tierlane.replay.verify.verify import Terms, verify
from tierlane.stream.settings import Settings
from tierlane.stream.span import Span
from tierlane.topic import CONTACT_EVENTS, CONTACT_REJECTED, ROUTING_AUDIT, lane_topic

VARIABLE = "TIERLANE_TEST_DATA"
MONTHS = ("jan", "feb")
PARTITIONS = 4
CONTACTS = 64_943

Counts = Counter[tuple[str, int]]

COURSE = {"AGENT": ("answered", "ended"), "HANG": ("abandoned",), "PHANTOM": ("ended",)}
"""What is told after the arrival, by the log's own outcome."""

NONE = "0:00:00"
"""Two times that belong together and are both this one mean none."""


def files() -> list[Path]:
    folder = Path(os.environ.get(VARIABLE, "")) / "anonbank"
    return [folder / f"anonbank_1999_{month}.csv.gz" for month in MONTHS]


def absent() -> str:
    """Return why the log cannot be read; empty when it can."""
    if not os.environ.get(VARIABLE):
        return f"{VARIABLE} does not name the folder with the bank's log"
    missing = [str(path) for path in files() if not path.is_file()]
    return f"the bank's log is not there: {', '.join(missing)}" if missing else ""


def logged(files: list[Path]) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for path in files:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            rows += csv.DictReader(file)
    return rows


def counted(rows: list[dict[str, str]]) -> Counts:
    return Counter((row["type"], int(row["priority"])) for row in rows)


def contact_of(row: dict[str, str]) -> str:
    return f"{row['vru_line']}-{row['call_id']}"


def over_at(row: dict[str, str]) -> str:
    """Return when the contact was over, as seconds of the day are written in the log."""
    served = row["outcome"] == "AGENT" and row["ser_start"] != NONE
    queued = (row["q_start"], row["q_exit"]) != (NONE, NONE)
    return row["ser_exit"] if served else row["q_exit"] if queued else row["vru_exit"]


def time_of_day(moment: str) -> str:
    """Return a moment as the log writes it; Israel is two hours ahead in these months."""
    local = datetime.fromisoformat(moment).astimezone(timezone(timedelta(hours=2)))
    return f"{local.hour}:{local:%M:%S}"


def by_contact(notes: list[dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    kinds: dict[str, tuple[str, ...]] = {}
    for note in notes:
        kinds[note["contact_id"]] = (*kinds.get(note["contact_id"], ()), note["kind"])
    return kinds


def run(*arguments: object, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        timeout=120,
        env={**os.environ, **(environment or {})},
    )
    assert done.returncode == 0, done.stderr.decode()


async def outcome(log: Log, topic: str) -> list[dict[str, Any]]:
    return [orjson.loads(record.value)["data"] async for record in log.read([topic])]


async def audited(log: Log, events: int, seconds: float = 120) -> list[dict[str, Any]]:
    """Return the audit's contacts once its stable end stands still and has a record an event."""
    deadline, before = time.monotonic() + seconds, -1
    while time.monotonic() < deadline:
        await asyncio.sleep(1)
        end = sum((await log.ends([ROUTING_AUDIT])).values())
        if end >= events and end == before:
            break
        before = end
    return [row for row in await outcome(log, ROUTING_AUDIT) if row.get("contact_id")]


def of_the_log(decision: dict[str, Any]) -> tuple[str, int]:
    inputs = decision["inputs"]
    return inputs["contact.subject"], inputs["contact.attributes.priority"]


@pytest.mark.skipif(bool(absent()), reason=absent())
@pytest.mark.timeout(300)
def test_each_contact_of_two_months_gets_one_decision(
    broker: Broker,
    log: Log,
    worker: Callable[..., Worker],
    tmp_path: Path,
) -> None:
    rows = logged(files())
    expected = counted(rows)
    assert sum(expected.values()) == CONTACTS
    courses = {contact_of(row): COURSE[row["outcome"]] for row in rows}
    events = CONTACTS + sum(map(len, courses.values()))
    bank = tmp_path / "bank"
    run("import", "anonbank", *files(), "--out", bank)
    guarantee = "exactly-once" if broker.transactional else "at-least-once"
    settings = {"TIERLANE_PREFIX": log.prefix, "TIERLANE_GUARANTEE": guarantee}
    at = ("--brokers", broker.address)
    run("topics", "apply", *at, "--partitions", PARTITIONS, environment=settings)
    run("produce", bank / "profiles.jsonl", *at, environment=settings)
    served = worker("--policy", str(bank / "policy.yaml"))
    served.start()
    served.await_ready()
    run("produce", bank / "contacts.jsonl", *at, environment=settings)

    audit = asyncio.run(audited(log, events))
    assert served.stop() == 0

    decisions = [record for record in audit if record["kind"] == "decided"]
    assert len(decisions) == CONTACTS
    assert len({record["contact_id"] for record in decisions}) == CONTACTS
    assert Counter(map(of_the_log, decisions)) == expected
    high = sum(count for (_, priority), count in expected.items() if priority == 2)
    assert Counter(record["tier"]["name"] for record in decisions)["high"] == high

    # All that was noted after the decisions, lapses too, had there been any.
    notes = [record for record in audit if record["kind"] != "decided"]
    assert by_contact(notes) == courses
    ends = [record for record in notes if record["kind"] != "answered"]
    assert {record["contact_id"]: time_of_day(record["at"]) for record in ends} == {
        contact_of(row): over_at(row) for row in rows
    }

    moves = asyncio.run(outcome(log, lane_topic("standard")))
    entries = [move for move in moves if "entered_at" in move]
    assert len({entry["contact_id"] for entry in entries}) == len(entries) == CONTACTS
    internet = sum(count for (kind, _), count in expected.items() if kind == "IN")
    assert Counter(entry["lane"] for entry in entries)["internet people"] == internet
    leaves = Counter(move["reason"] for move in moves if "left_at" in move)
    assert leaves == Counter(course[0] for course in courses.values())
    assert asyncio.run(outcome(log, CONTACT_REJECTED)) == []
    assert sum(asyncio.run(log.ends([CONTACT_EVENTS])).values()) == events

    # Done again from the topics, everything comes out as it was written.
    span = Span(Settings(brokers=broker.address, prefix=log.prefix))
    policy = compile_policy((bank / "policy.yaml").read_bytes(), "policy.yaml")
    found = verify(span, Terms(), files=[policy])
    assert found.differences == [] and found.unproven == found.beyond == 0
    assert found.decisions == CONTACTS and found.outcomes == len(moves)
    assert found.compared.total() == len(audit) + PARTITIONS

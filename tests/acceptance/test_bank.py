"""January and February of a real bank, through Kafka and the worker: one decision a contact.

`TIERLANE_TEST_DATA` names the folder that holds `anonbank/anonbank_1999_jan.csv.gz` and `…_feb.csv.gz`
(Technion SEELab: Mandelbaum, Sakov, Zeltyn; free for use). What is expected is counted here from
those files with `csv` alone.
"""

import asyncio
import csv
import gzip
import os
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.broker.log import Log
from tests.conftest import Broker
from tests.worker import COMMAND, Worker
from tierlane.topic import CONTACT_EVENTS, CONTACT_REJECTED, ROUTING_AUDIT, lane_topic

VARIABLE = "TIERLANE_TEST_DATA"
MONTHS = ("jan", "feb")
PARTITIONS = 4
CONTACTS = 64_943

Counts = Counter[tuple[str, int]]


def files() -> list[Path]:
    folder = Path(os.environ.get(VARIABLE, "")) / "anonbank"
    return [folder / f"anonbank_1999_{month}.csv.gz" for month in MONTHS]


def absent() -> str:
    """Return why the log cannot be read; empty when it can."""
    if not os.environ.get(VARIABLE):
        return f"{VARIABLE} does not name the folder with the bank's log"
    missing = [str(path) for path in files() if not path.is_file()]
    return f"the bank's log is not there: {', '.join(missing)}" if missing else ""


def counted(files: list[Path]) -> Counts:
    counts: Counts = Counter()
    for path in files:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                counts[row["type"], int(row["priority"])] += 1
    return counts


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


async def decided(log: Log, seconds: float = 120) -> list[dict[str, Any]]:
    """Return the decisions once the stable end of the audit stands still and has enough."""
    deadline, before = time.monotonic() + seconds, -1
    while time.monotonic() < deadline:
        await asyncio.sleep(1)
        end = sum((await log.ends([ROUTING_AUDIT])).values())
        if end >= CONTACTS and end == before:
            break
        before = end
    return [row for row in await outcome(log, ROUTING_AUDIT) if row["kind"] == "decided"]


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
    expected = counted(files())
    assert sum(expected.values()) == CONTACTS
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

    decisions = asyncio.run(decided(log))
    assert served.stop() == 0

    assert len(decisions) == CONTACTS
    assert len({row["contact_id"] for row in decisions}) == CONTACTS
    assert Counter(map(of_the_log, decisions)) == expected
    high = sum(count for (_, priority), count in expected.items() if priority == 2)
    assert Counter(row["tier"]["name"] for row in decisions)["high"] == high
    internet = sum(count for (kind, _), count in expected.items() if kind == "IN")
    moves = asyncio.run(outcome(log, lane_topic("standard")))
    # The log tells no ends, so a customer's oldest open contacts lapse, and leave their lane.
    entries = [row for row in moves if "entered_at" in row]
    assert len({row["contact_id"] for row in entries}) == len(entries) == CONTACTS
    assert Counter(row["lane"] for row in entries)["internet people"] == internet
    assert asyncio.run(outcome(log, CONTACT_REJECTED)) == []
    assert sum(asyncio.run(log.ends([CONTACT_EVENTS])).values()) == CONTACTS

"""`tierlane demo` as a user runs it: what it shows, what it leaves, and how it is stopped."""

import asyncio
import os
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import orjson
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from tests.conftest import Broker
from tests.worker import COMMAND

CONTACTS = 5_000
MARK = "DEMO_OF_THE_TESTS"
"""Set in the demo's environment, which everything that it starts has too."""

pytestmark = pytest.mark.timeout(180)

Demo = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def mark() -> str:
    return uuid4().hex


@pytest.fixture
def demo(tmp_path: Path, mark: str) -> Iterator[Demo]:
    """Return a way to start the demo in an empty folder; ended by its process group at last."""
    started: list[subprocess.Popen[str]] = []
    clean = {k: v for k, v in os.environ.items() if not k.startswith("TIERLANE_")}

    def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*COMMAND, "demo", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env={**clean, MARK: mark, **environment},
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()
    for pid in left(mark):
        os.kill(pid, signal.SIGKILL)


def left(mark: str) -> list[int]:
    """Return the processes that carry the mark."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}".encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:  # it ended meanwhile, or is not ours to look at
            continue
    return found


def topics(address: str) -> list[str]:
    async def listed() -> list[str]:
        admin = AIOKafkaAdminClient(bootstrap_servers=address)
        await admin.start()
        try:
            return list(await admin.list_topics())
        finally:
            await admin.close()

    return asyncio.run(listed())


def lines(path: Path) -> list[dict]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def test_it_serves_every_contact_once_and_says_why(demo: Demo, mark: str, tmp_path: Path) -> None:
    start = time.monotonic()
    process = demo()
    shown, steps = process.communicate(timeout=120)
    assert process.returncode == 0, steps + shown
    assert time.monotonic() - start < 60
    assert left(mark) == []

    assert "at-least-once" in steps
    assert "tierlane worker --brokers 127.0.0.1:" in steps
    for tier in ("standard", "silver", "gold", "vip"):
        assert f" {tier} " in shown
    for kind in ("dedicated", "priority", "standard", "selfservice"):
        assert f"Why a {kind} lane?" in shown
    assert "5,000 contacts decided in " in shown
    for name in ("policy.yaml", "contacts.jsonl", "decisions.jsonl", "lanes.jsonl"):
        assert name in shown

    out = tmp_path / "demo-output"
    # At-least-once: a record may come twice, with the id by which it is known.
    audit = {e["id"]: e["data"] for e in lines(out / "decisions.jsonl")}.values()
    decided = [row for row in audit if row["kind"] == "decided"]
    first = Counter(row["contact_id"] for row in decided if not row.get("again"))
    assert first == {f"k-{n}": 1 for n in range(1, CONTACTS + 1)}
    moves = [e for e in lines(out / "lanes.jsonl") if e["type"].endswith("entered.v1")]
    entered = {e["id"]: e["data"] for e in moves}.values()
    assert {row["contact_id"] for row in entered if row["entry_no"] == 1} == set(first)
    assert sum(row["entry_no"] == 1 for row in entered) == CONTACTS
    assert {row["kind"] for row in entered} == {"standard", "priority", "dedicated", "selfservice"}
    businesses = {
        e["data"]["attributes"]["business"]
        for e in lines(out / "contacts.jsonl")
        if e["type"].endswith("arrived.v1")
    }
    assert len(businesses) == 8
    assert (out / "rejected.jsonl").read_bytes() == b""


@pytest.mark.parametrize(
    ("number", "code", "after"),
    [
        (signal.SIGINT, 130, "broker"),
        (signal.SIGINT, 130, "worker"),
        (signal.SIGTERM, 143, "worker"),
        (signal.SIGHUP, 129, "worker"),
    ],
    ids=["ctrl-c early", "ctrl-c", "sigterm", "terminal closed"],
)
def test_a_signal_leaves_no_process_behind(
    demo: Demo, mark: str, number: signal.Signals, code: int, after: str
) -> None:
    process = demo("--contacts", "60000")
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(after):
            break
    process.send_signal(number)
    _, rest = process.communicate(timeout=40)
    assert process.returncode == code, rest
    assert left(mark) == []
    assert "Traceback" not in rest


def test_a_second_signal_does_not_stop_the_clearing_away(demo: Demo, mark: str) -> None:
    process = demo("--contacts", "60000")
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("worker"):
            break
    for _ in range(3):
        process.send_signal(signal.SIGINT)
        time.sleep(0.05)
    process.communicate(timeout=40)
    assert process.returncode == 130
    assert left(mark) == []


def test_on_a_kafka_of_ones_own_it_runs_exactly_once_and_deletes_its_topics(
    demo: Demo, kafka: Broker
) -> None:
    process = demo("--broker", kafka.address, "--contacts", "800")
    shown, steps = process.communicate(timeout=120)
    assert process.returncode == 0, steps + shown
    assert "at-least-once" not in steps
    [prefix] = re.findall(r"topics under (tierlane-demo-\S+)", steps)
    deadline = time.monotonic() + 10
    while mine := [name for name in topics(kafka.address) if name.startswith(prefix)]:
        assert time.monotonic() < deadline, mine


def test_settings_for_ones_own_kafka_do_not_reach_the_embedded_broker(demo: Demo) -> None:
    process = demo(
        "--contacts",
        "50",
        TIERLANE_BROKERS="kafka.invalid:9092",
        TIERLANE_PREFIX="mine.",
        TIERLANE_SECURITY_PROTOCOL="SASL_SSL",
        TIERLANE_SASL_USERNAME="me",
    )
    shown, steps = process.communicate(timeout=60)
    assert process.returncode == 0, steps + shown


def test_a_worker_that_cannot_start_is_told(demo: Demo, mark: str, tmp_path: Path) -> None:
    process = demo("--contacts", "10", TIERLANE_LOG_LEVEL="loud")
    _, steps = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "log_level" in steps
    assert "Traceback" not in steps
    assert left(mark) == []

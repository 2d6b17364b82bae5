"""What a worker answers over HTTP: ready or why not, and its figures by name."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import ClientSession

from tierlane.replay.memory import StoredRecord
from tierlane.stream import worker as worker_module
from tierlane.stream.metric import Metrics
from tierlane.stream.settings import Settings
from tierlane.stream.web import Web
from tierlane.stream.worker import Worker


class Asked:
    """A worker's pages, over an app whose standing the test sets."""

    def __init__(self, session: ClientSession, address: str, app: Any, worker: Worker) -> None:
        self.app = app
        self.worker = worker
        self._session = session
        self._address = address

    async def ready(self) -> tuple[int, str, list[str]]:
        async with self._session.get(f"{self._address}/readyz") as answer:
            body = await answer.json()
            return answer.status, body["status"], body["reasons"]


@asynccontextmanager
async def pages() -> AsyncIterator[Asked]:
    owners = [SimpleNamespace(name=f"intake-{n}", healthy=True) for n in range(4)]
    ownership = SimpleNamespace(generation=3, opening=False, owners=owners)
    app: Any = SimpleNamespace(rebalancing=False, ownership=ownership)
    metrics = Metrics()
    worker = Worker(Settings(), [], metrics)
    web = Web(metrics, lambda: worker._troubles(app))
    port = await web.start("127.0.0.1", 0)
    try:
        async with ClientSession() as session:
            yield Asked(session, f"http://127.0.0.1:{port}", app, worker)
    finally:
        await web.stop()


async def test_a_worker_that_serves_all_its_partitions_is_ready() -> None:
    async with pages() as asked:
        assert await asked.ready() == (200, "ready", [])


async def test_it_is_degraded_while_partitions_are_opened() -> None:
    async with pages() as asked:
        asked.app.ownership.opening = True
        assert await asked.ready() == (503, "degraded", ["state and profiles are being read"])
        asked.app.ownership.opening = False
        assert await asked.ready() == (200, "ready", [])


async def test_it_is_degraded_while_an_owner_cannot_write_and_names_it() -> None:
    async with pages() as asked:
        asked.app.ownership.owners[3].healthy = False
        assert await asked.ready() == (503, "degraded", ["intake-3 waits for the group"])


async def test_it_is_degraded_while_the_coordinator_is_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with pages() as asked:
        monkeypatch.setattr(asked.worker._pulse, "silence", lambda: 7.4)
        reason = "no answer from the group's coordinator for 7 s"
        assert await asked.ready() == (503, "degraded", [reason])


async def test_it_is_degraded_before_partitions_are_assigned_and_says_all_reasons() -> None:
    async with pages() as asked:
        asked.app.ownership.generation = -1
        asked.app.rebalancing = True
        asked.worker._stop.set()
        assert await asked.ready() == (
            503,
            "degraded",
            [
                "stopping",
                "the group is dealing out partitions",
                "no partitions were assigned yet",
            ],
        )


def figures(metrics: Metrics) -> dict[str, float]:
    """Return every figure of the page, by name and labels as they stand there."""
    lines = [line for line in metrics.page().decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_what_a_machine_reports_is_counted_by_lane_reason_and_kind() -> None:
    metrics = Metrics()
    metrics.count({("decided", "priority"): 3, ("rejected", "not-json"): 2, ("duplicate", ""): 1})
    metrics.count({("decided", "priority"): 1, ("decided", "standard"): 5})
    found = figures(metrics)
    assert found['tierlane_decisions_total{kind="priority"}'] == 4
    assert found['tierlane_decisions_total{kind="standard"}'] == 5
    assert found['tierlane_rejected_total{reason="not-json"}'] == 2
    assert found['tierlane_happenings_total{label="",what="duplicate"}'] == 1


def test_causes_and_topics_are_told_apart() -> None:
    metrics = Metrics()
    metrics.aborted.labels("KafkaConnectionError").inc()
    metrics.retried.labels("ConcurrentTransactions").inc(7)
    metrics.misplaced.labels("contact.events").inc(2)
    found = figures(metrics)
    assert found['tierlane_aborted_total{cause="KafkaConnectionError"}'] == 1
    assert found['tierlane_retried_total{cause="ConcurrentTransactions"}'] == 7
    assert found['tierlane_misplaced_total{topic="contact.events"}'] == 2


def test_latency_is_taken_from_the_logs_time_of_an_event() -> None:
    metrics = Metrics()
    seen = int(time.time() * 1000) - 7_000
    metrics.committed([StoredRecord("contact.events", 0, 0, seen, b"u1", b"{}", ())])
    found = figures(metrics)
    assert found["tierlane_event_to_commit_seconds_count"] == 1
    assert found['tierlane_event_to_commit_seconds_bucket{le="5.0"}'] == 0
    assert found['tierlane_event_to_commit_seconds_bucket{le="30.0"}'] == 1
    assert found["tierlane_event_to_commit_seconds_sum"] >= 7


async def test_lag_is_measured_by_owner_and_topic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "LAG_EVERY", 0.0)
    metrics, asked = Metrics(), asyncio.Event()

    def lag() -> dict[str, int]:
        asked.set()
        return {"contact.events": 12}

    owner = SimpleNamespace(name="intake-2", lag=lag)
    ownership: Any = SimpleNamespace(owners=[owner])
    measuring = asyncio.create_task(Worker(Settings(), [], metrics)._measure_lag(ownership))
    await asyncio.wait_for(asked.wait(), 5)
    measuring.cancel()
    assert figures(metrics)['tierlane_lag_records{owner="intake-2",topic="contact.events"}'] == 12

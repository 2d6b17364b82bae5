"""A worker at rest tells when its brokers go away, and when they are back."""

import asyncio
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.scene import POLICY
from tests.broker.kafka import Kafka
from tests.broker.log import Log
from tests.topics import create_topics
from tests.worker import Worker

pytestmark = [pytest.mark.timeout(180), pytest.mark.alone]
TOLD_SECONDS = 8.0
"""Five of silence, one between two questions, two for an answer."""
BACK_SECONDS = 40.0


def ended(broker: Kafka) -> Callable[[], None]:
    """End the broker; return what starts it again."""
    broker.stop()
    return broker.start


def hung(broker: Kafka) -> Callable[[], None]:
    """Stop the broker's process, which keeps its connections open; return what lets it go on."""
    os.kill(broker.pid, signal.SIGSTOP)
    return lambda: os.kill(broker.pid, signal.SIGCONT)


def when(worker: Worker, status: int, seconds: float) -> tuple[float, list[str]]:
    """Return after how long `/readyz` has this status, and its reasons then."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        found, body = worker.get("/readyz")
        if found == status:
            return time.monotonic() - begun, json.loads(body)["reasons"]
        time.sleep(0.1)
    raise AssertionError(f"no {status} within {seconds} s: {worker.get('/readyz')}")


@pytest.mark.parametrize("gone", [ended, hung])
def test_an_idle_worker_without_its_broker_is_not_ready(
    own_kafka: Kafka, tmp_path: Path, gone: Callable[[Kafka], Callable[[], None]]
) -> None:
    asyncio.run(create_topics(Log(own_kafka.address), 2))
    worker = Worker(
        tmp_path, ["--policy", str(POLICY)], environment={"TIERLANE_BROKERS": own_kafka.address}
    )
    worker.start()
    try:
        worker.await_ready()
        bring_back = gone(own_kafka)
        seconds, reasons = when(worker, 503, TOLD_SECONDS + 2)
        assert seconds <= TOLD_SECONDS
        assert any("no answer from the group's coordinator" in reason for reason in reasons)
        bring_back()
        assert when(worker, 200, BACK_SECONDS)[1] == []
        assert worker.stop() == 0
    finally:
        worker.kill()

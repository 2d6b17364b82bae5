"""Nobody knows whether a transaction was committed: the connection broke at that very moment."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final, NoReturn

import pytest

from storm.check import read
from tests.acceptance.scene import POLICY, arrival
from tests.broker.kafka import LOOPBACK, Kafka, unavailable
from tests.broker.log import Log
from tests.broker.proxy import Cut, Proxy
from tests.topics import create_topics
from tests.worker import Worker

pytestmark = pytest.mark.timeout(240)
CONTACTS: Final = 3_000
SERVED_SECONDS: Final = 90.0
LIMIT: Final = 3.0
"""After so long, 1.5 times its time-out, an owner gives a commit up."""
SETTINGS: Final = {
    "TIERLANE_BATCH_RECORDS": "100",
    "TIERLANE_TRANSACTION_TIMEOUT": "2",
    "TIERLANE_SESSION_TIMEOUT": "20",
}

ANSWER_LOST = Cut(passed_on=True)
REQUEST_LOST = Cut(passed_on=False)
SHUT_AFTER = Cut(passed_on=True, shut=LIMIT + 1.5)
SHUT_BEFORE = Cut(passed_on=False, shut=LIMIT + 1.5)


async def served(log: Log) -> None:
    """Return once the group has committed everything."""
    ends = await log.ends(["contact.events"])
    async with asyncio.timeout(SERVED_SECONDS):
        while await log.committed("tierlane", ["contact.events"]) != ends:  # noqa: ASYNC110
            await asyncio.sleep(0.3)


async def over(proxy: Proxy, cuts: int) -> None:
    """Return once all cuts are made and the proxy open: our own clients are cut as well."""
    async with asyncio.timeout(SERVED_SECONDS):
        while proxy.cuts < cuts or proxy.shut:  # noqa: ASYNC110  # it has no event of its own
            await asyncio.sleep(0.1)


async def unknown(worker: Worker) -> float:
    """Return how many outcomes the worker did not know."""
    _, page = await asyncio.to_thread(worker.get, "/metrics")
    found = re.search(r'tierlane_aborted_total\{cause="Unknown"\} (\S+)', page)
    return float(found[1]) if found else 0.0


@pytest.mark.parametrize(
    ("cuts", "given_up"),
    [
        ({4: ANSWER_LOST, 9: REQUEST_LOST, 14: ANSWER_LOST}, False),
        ({5: SHUT_AFTER}, True),
        ({5: SHUT_BEFORE}, True),
    ],
    ids=["asked again", "committed and given up", "not committed and given up"],
)
async def test_each_contact_is_decided_once_whether_the_commit_came_through_or_not(
    tmp_path: Path, not_run: Callable[[str], NoReturn], cuts: dict[int, Cut], given_up: bool
) -> None:
    if reason := unavailable():
        not_run(f"needs real Apache Kafka: {reason}")

    async def struck(number: int) -> Cut | None:
        return cuts.get(number)

    proxy = Proxy(struck)
    with Kafka.temporary(advertised=proxy.port) as broker:
        async with proxy.before(broker.port):
            await one_worker(proxy, tmp_path, cuts=len(cuts), given_up=given_up)


async def one_worker(proxy: Proxy, folder: Path, *, cuts: int, given_up: bool) -> None:
    """Have a worker decide contacts through the proxy, and judge what it left."""
    log = Log(f"{LOOPBACK}:{proxy.port}")
    await create_topics(log, 2)
    await log.write(arrival(number) for number in range(CONTACTS))
    settings = {"TIERLANE_BROKERS": log.address, **SETTINGS}
    worker = Worker(folder, ["--policy", str(POLICY)], environment=settings)
    try:
        worker.start()
        await over(proxy, cuts)
        await served(log)
        assert (await unknown(worker) > 0) == given_up
        assert await asyncio.to_thread(worker.stop) == 0
    finally:
        worker.kill()
    ledger = await read(log)
    assert dict(ledger.audited().counts) == {}
    assert len(ledger.arrivals) == CONTACTS

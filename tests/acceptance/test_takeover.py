"""How soon others serve what a worker served that was killed."""

from collections.abc import Callable

import pytest

from tests.acceptance.scene import POLICY, arrival, create_topics, outcome, served
from tests.broker.log import Log
from tests.conftest import Broker
from tests.worker import Worker

pytestmark = pytest.mark.alone
Make = Callable[..., Worker]


async def test_a_killed_workers_partitions_are_served_within_15_s(
    kafka: Broker, log: Log, worker: Make
) -> None:
    await create_topics(log)
    both = [worker("--policy", str(POLICY)) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.await_ready()
    both[0].kill()
    await log.write(arrival(number) for number in range(1_000))
    assert await served(log, 30) < 15
    assert (await outcome(log)).decided() == sorted(f"k{number}" for number in range(1_000))

"""What the consumer's thread hands over, where an assignment changes under a fetch."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.structs import TopicPartition

from tierlane.stream.transport import ConsumerThread

PLACE = TopicPartition("contact.events", 3)
GENERATION = 5


class Fetcher:
    """Hands over records once; a rebalance may happen meanwhile."""

    def __init__(self, subscriptions: Any, rebalance: bool) -> None:
        self._subscriptions = subscriptions
        self._closed = False
        self._rebalance = rebalance

    async def fetched_records(
        self,
        places: set[TopicPartition],
        timeout: float,  # noqa: ASYNC109  # as in aiokafka
    ) -> Any:
        if self._rebalance:
            self._subscriptions.subscription = SimpleNamespace(assignment=object())
        return {place: [SimpleNamespace(offset=offset) for offset in (40, 41)] for place in places}


class FakeConsumer:
    def __init__(self, *, rebalance: bool) -> None:
        subscriptions = SimpleNamespace(
            subscription=SimpleNamespace(assignment=object()), fetch_context=nullcontext
        )
        self._subscription = subscriptions
        self._fetcher = Fetcher(subscriptions, rebalance)
        self._closed = False
        self.sought: list[tuple[TopicPartition, int]] = []

    def assignment(self) -> set[TopicPartition]:
        return {PLACE}

    def seek(self, place: TopicPartition, offset: int) -> None:
        self.sought.append((place, offset))


def thread(consumer: FakeConsumer, expected: int | None) -> ConsumerThread:
    made = ConsumerThread.__new__(ConsumerThread)
    made._consumer = consumer
    made.consumer = SimpleNamespace(flow_active=True)
    made._next = {} if expected is None else {PLACE: expected}
    made._flowing = {PLACE}
    made.app = SimpleNamespace(consumer_generation_id=GENERATION)
    return made


async def test_a_fetch_says_what_came_before_it() -> None:
    consumer = FakeConsumer(rebalance=False)
    one = thread(consumer, 38)
    [(place, previous, records)] = await one._fetch({PLACE}, {PLACE}, 0, GENERATION)
    assert (place, previous, [record.offset for record in records]) == (PLACE, 38, [40, 41])
    assert one._next == {PLACE: 42}
    assert consumer.sought == []


@pytest.mark.parametrize(("expected", "again"), [(38, 38), (None, 40)])
async def test_what_comes_to_a_fetch_of_the_assignment_before_is_fetched_again(
    expected: int | None, again: int
) -> None:
    consumer = FakeConsumer(rebalance=True)
    one = thread(consumer, expected)
    assert await one._fetch({PLACE}, {PLACE}, 0, GENERATION) == []
    assert consumer.sought == [(PLACE, again)]
    assert one._next == ({} if expected is None else {PLACE: expected})


async def test_a_fetch_that_comes_to_its_turn_a_generation_late_takes_nothing() -> None:
    consumer = FakeConsumer(rebalance=False)
    one = thread(consumer, 38)
    assert await one._fetch({PLACE}, {PLACE}, 0, GENERATION - 1) == []
    assert (one._next, consumer.sought) == ({PLACE: 38}, [])

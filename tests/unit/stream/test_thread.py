"""What the consumer's thread hands over, where an assignment changes under a fetch."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import IllegalStateError
from aiokafka.structs import TopicPartition

from tierlane.stream.thread import ConsumerThread

PLACE = TopicPartition("contact.events", 3)
OTHER = TopicPartition("intake.returns", 3)
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
        self.kept: int | None = None
        self.dealt_out_anew = False

    def assignment(self) -> set[TopicPartition]:
        return {PLACE}

    def seek(self, place: TopicPartition, offset: int) -> None:
        self.sought.append((place, offset))

    async def position(self, place: TopicPartition) -> int:
        return 42  # behind what was fetched, whatever became of it

    async def committed(self, place: TopicPartition) -> int | None:
        if self.dealt_out_anew:
            self._subscription.subscription = SimpleNamespace(assignment=object())
        return self.kept

    async def beginning_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, 3)


def thread(consumer: FakeConsumer, expected: int | None) -> ConsumerThread:
    made = ConsumerThread.__new__(ConsumerThread)
    made._consumer = consumer
    made._ensure_consumer = lambda: consumer
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


@pytest.mark.parametrize(("committed", "begin"), [(None, 3), (17, 17)])
async def test_what_was_never_read_begins_at_the_groups_offset_and_not_after_what_was_fetched(
    committed: int | None, begin: int
) -> None:
    consumer = FakeConsumer(rebalance=False)
    consumer.kept = committed
    one = thread(consumer, 42)
    assert await one._seek_all({OTHER: 9, PLACE: -1}) == {OTHER: 9, PLACE: begin}
    assert consumer.sought == [(OTHER, 9), (PLACE, begin)]
    assert (one.fetched(PLACE), one.fetched(OTHER)) == (begin, 9)


async def test_a_seek_that_outlives_its_assignment_moves_nothing() -> None:
    consumer = FakeConsumer(rebalance=False)
    consumer.dealt_out_anew = True
    one = thread(consumer, 42)
    with pytest.raises(IllegalStateError):
        await one._seek_all({PLACE: -1, OTHER: 9})
    assert (consumer.sought, one.fetched(PLACE)) == ([], 42)

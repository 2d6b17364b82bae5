"""The thread of aiokafka's consumer: a busy loop must not keep a member from its group."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import ConsumerStoppedError, IllegalStateError, KafkaError
from aiokafka.protocol.group import HeartbeatRequest
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.transport.drivers import aiokafka as driver

from tierlane.ports import Record
from tierlane.stream.transaction import Offsets

FETCH_WAIT_MS: Final = 100
"""How long a broker may hold an empty fetch; Faust has 1,500 ms.

A partition that is wanted again while a fetch is held has to wait for it.
"""

ANSWER: Final = 2.0
"""Seconds in which the coordinator has to answer a sign of life."""

Fetched = Sequence[tuple[TopicPartition, int | None, Sequence[Record]]]


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """Fetches, seeks and asks the group.

    Positions are followed here, beside the fetches and the seeks: a batch that was fetched before
    a seek and arrives after it would else look as if it followed.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        self._next: dict[TopicPartition, int] = {}
        self._flowing: set[TopicPartition] | None = None

    def _create_worker_consumer(self, transport: driver.Transport) -> AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        # Faust reads committed records only under its own exactly_once, and gives its assignor,
        # which keeps co-partitioned topics together, only to an app that has tables.
        consumer._isolation_level = "read_committed"
        self._assignor = self.app.assignor
        consumer._partition_assignment_strategy = [self.app.assignor]
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS
        return consumer

    def forget(self) -> None:
        """Begin with a new assignment: nothing flows, no position is known."""
        self._flowing = None

    async def fetch(
        self,
        open_: set[TopicPartition],
        ready: set[TopicPartition],
        wait: float,
        generation: int,
    ) -> Fetched:
        """Return what came for open partitions; go on fetching for those that are ready.

        Nothing is fetched once the generation is not the group's any more: nobody would take it.
        """
        found: Fetched = await self.call_thread(self._fetch, open_, ready, wait, generation)
        return found

    async def _fetch(
        self,
        open_: set[TopicPartition],
        ready: set[TopicPartition],
        wait: float,
        generation: int,
    ) -> Fetched:
        consumer = self._ensure_consumer()
        fetcher = consumer._fetcher
        if consumer._closed or fetcher._closed:
            raise ConsumerStoppedError
        if not self.consumer.flow_active or self.app.consumer_generation_id != generation:
            return []
        self._regulate(consumer, ready)
        assignment = consumer._subscription.subscription.assignment
        # All open partitions are emptied, ready or not: aiokafka fetches nothing from a node of
        # which it still holds records.
        with fetcher._subscriptions.fetch_context():
            drained = await fetcher.fetched_records(open_, timeout=wait)
        if consumer._subscription.subscription.assignment is not assignment:
            self._give_back(consumer, drained)
            return []
        found = []
        for place, records in drained.items():
            found.append((place, self._next.get(place), records))
            self._next[place] = records[-1].offset + 1
        return found

    def _give_back(self, consumer: AIOKafkaConsumer, drained: Mapping[Any, Any]) -> None:
        """Fetch again what came to a call that began under the assignment before.

        Nobody takes it any more, and an owner that had already sought to its position would not
        miss it before the next record: where none comes, never.
        """
        for place, records in drained.items():
            consumer.seek(place, self._next.get(place, records[0].offset))

    def _regulate(self, consumer: AIOKafkaConsumer, ready: set[TopicPartition]) -> None:
        assigned = consumer.assignment()
        flowing = assigned if self._flowing is None else self._flowing & assigned
        if stop := flowing - ready:
            consumer.pause(*stop)
        if start := (ready & assigned) - flowing:
            consumer.resume(*start)
        self._flowing = (flowing - stop) | start

    async def seek_all(self, offsets: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        """Fetch on from offsets, -1 for what is committed; return them all."""
        found: dict[TopicPartition, int] = await self.call_thread(self._seek_all, offsets)
        return found

    async def _seek_all(self, offsets: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        consumer = self._ensure_consumer()
        assignment = consumer._subscription.subscription.assignment
        begins = await self._begins(consumer, [at for at, wanted in offsets.items() if wanted < 0])
        if consumer._subscription.subscription.assignment is not assignment:
            raise IllegalStateError("the partitions were dealt out anew")
        # At once from here on: a fetch between two seeks would be taken for one before them.
        found = {place: begins.get(place, wanted) for place, wanted in offsets.items()}
        for place, offset in found.items():
            consumer.seek(place, offset)
        self._next |= found
        return found

    async def _begins(
        self, consumer: AIOKafkaConsumer, places: Sequence[TopicPartition]
    ) -> dict[TopicPartition, int]:
        """Return where partitions begin of which no owner has read anything.

        The consumer's own position is no answer: it is behind what was fetched and given up since.
        """
        if not places:
            return {}
        begins: dict[TopicPartition, int] = await consumer.beginning_offsets(places)
        for place in places:
            committed = await consumer.committed(place)
            if committed is not None:
                begins[place] = committed
        return begins

    def fetched(self, place: TopicPartition) -> int | None:
        """Return the offset after what was last handed over, or sought; None if neither."""
        return self._next.get(place)

    async def beat(self) -> int | None:
        """Return the coordinator's answer to a sign of life, 0 for a current member; or None.

        None: there was no answer in time.
        """
        answer: int | None = await self.call_thread(self._beat)
        return answer

    async def _beat(self) -> int | None:
        coordinator = self._ensure_consumer()._coordinator
        request = HeartbeatRequest(
            coordinator.group_id, self.app.consumer_generation_id, coordinator.member_id
        )
        try:
            # In here and not around the call: the thread does two at once, the fetch among them.
            async with asyncio.timeout(ANSWER):
                return int((await coordinator._send_req(request)).error_code)
        except (KafkaError, TimeoutError):
            return None

    async def confirm(self) -> bool:
        """Ask the group's coordinator whether this member is of the current generation."""
        coordinator = self._ensure_consumer()._coordinator
        if coordinator.generation != self.app.consumer_generation_id:
            return False
        return await self.beat() == 0

    async def commit_offsets(self, offsets: Offsets) -> None:
        """Commit offsets of the current generation."""
        await self.call_thread(
            self._ensure_consumer().commit,
            {place: OffsetAndMetadata(offset, "") for place, offset in offsets.items()},
        )

    def behind(self, place: TopicPartition, position: int) -> int | None:
        """Return the offsets between a position and the log's end; None where not known yet.

        Where everything fetched was handed over, aiokafka's own position counts: it steps over
        the markers of transactions, behind which a position in records stays.
        """
        consumer = self._consumer
        if consumer is None or not consumer._subscription.is_assigned(place):
            return None
        state = consumer._subscription.subscription.assignment.state_value(place)
        if not state.has_valid_position or state.lso is None:
            return None
        if self._next.get(place) == position:
            position = max(position, state.position)
        return max(0, int(state.lso) - position)

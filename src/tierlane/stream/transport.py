"""Faust's way to Kafka, with one message per fetched batch of a partition.

Faust keeps the group, the assignor, rebalances and agents. What is fetched goes to an owner whole:
Faust's cost is per message, and a batch is one. Offsets are the owners' business: theirs are
committed with what they wrote, so Faust neither seeks nor commits here.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import ConsumerStoppedError, IllegalStateError, KafkaError
from aiokafka.protocol.group import HeartbeatRequest
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.transport.drivers import TRANSPORTS
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from tierlane.ports import Record
from tierlane.stream.inbox import Batch
from tierlane.stream.transaction import Offsets, ShutOut

if TYPE_CHECKING:
    from tierlane.stream.ownership import Ownership

log = structlog.get_logger(__name__)

SCHEME: Final = "tierlane"
"""`tierlane://host:port` is a broker by this transport."""

FETCH_WAIT_MS: Final = 100
"""How long a broker may hold an empty fetch; Faust has 1,500 ms.

A partition that is wanted again while a fetch is held has to wait for it.
"""

TURN: Final = 0.1
"""Seconds after which the partitions that want records are looked at anew."""

BUSY_TURN: Final = 0.01
"""The same, while some owner has enough for now."""

Fetched = Sequence[tuple[TopicPartition, int | None, Sequence[Record]]]


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """The thread in which aiokafka's consumer lives.

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

    async def confirm(self) -> bool:
        """Ask the group's coordinator whether this member is of the current generation."""
        answer: bool = await self.call_thread(self._confirm)
        return answer

    async def _confirm(self) -> bool:
        coordinator = self._ensure_consumer()._coordinator
        generation = self.app.consumer_generation_id
        if coordinator.generation != generation:
            return False
        answer = await coordinator._send_req(
            HeartbeatRequest(coordinator.group_id, generation, coordinator.member_id)
        )
        return bool(answer.error_code == 0)

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


class Consumer(driver.Consumer):
    """Faust's consumer, with owners told of each rebalance in time."""

    _thread: ConsumerThread

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    @property
    def ownership(self) -> "Ownership":
        """The owners that this consumer feeds."""
        return cast("Ownership", cast(Any, self.app).ownership)

    async def on_start(self) -> None:
        """Make this consumer the owners' group."""
        self.ownership.join(self)
        await super().on_start()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Let transactions in flight end before the group is joined anew."""
        await self.ownership.revoke()
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Make owners; this fences before anybody reads a committed offset."""
        self._thread.forget()
        try:
            await self.ownership.assign(assigned, generation_id)
        except Exception as error:
            # The group's coordinator only logs what a listener raises, and would leave the
            # partitions without owners.
            log.exception("owners could not be made")
            await self.app.crash(error)
            return
        await super().on_partitions_assigned(assigned, generation_id)

    async def on_stop(self) -> None:
        """Let transactions in flight end, then leave."""
        await self.ownership.close()
        await super().on_stop()

    async def perform_seek(self) -> None:
        """Leave positions alone: each owner seeks to where its state stands."""

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        # No topic of ours is acknowledged in Faust, so there is nothing; this holds it so.
        others = {tp: at for tp, at in offsets.items() if tp.topic not in self.ownership.topics}
        return bool(await super()._commit(others)) if others else True

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Say nothing: Faust would take a partition without new contacts for a stuck one."""

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:
        """Yield one message per fetched batch."""
        if not self.flow_active:
            await self.wait(cast(Any, self.can_resume_flow))  # it ends on stop too
        ownership = self.ownership
        open_, ready = ownership.flow()
        if not open_:
            await self.sleep(BUSY_TURN)
            return
        generation = ownership.generation
        wait = TURN if len(ready) == len(open_) else BUSY_TURN
        fetched = await self._thread.fetch(open_, ready, wait, generation)
        if self.should_stop or not self.flow_active:
            return
        for place, previous, records in fetched:
            tp = TP(place.topic, place.partition)
            topic = ownership.topic_of(place)
            if topic is None or generation != ownership.generation:
                continue
            self._read_offset[tp] = None  # else Faust drops what is fetched anew after a seek
            batch = Batch(topic, place.partition, previous, records, generation)
            yield tp, _message(tp, records[-1], batch)

    # -- what owners ask of the group

    async def confirm(self) -> bool:
        """Tell whether this worker is a member of the current generation, now."""
        try:
            return await self._thread.confirm()
        except KafkaError:
            return False

    async def fetch_from(self, offsets: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        """Fetch on from offsets; raises ShutOut where a partition is not assigned any more.

        Raises KafkaError where -1 is asked for and no broker answers.
        """
        try:
            return await self._thread.seek_all(offsets)
        except IllegalStateError as error:
            raise ShutOut("the partition is not assigned any more") from error

    def fetched(self, place: TopicPartition) -> int | None:
        """Return the offset after what was last handed over, or sought; None if neither."""
        return self._thread.fetched(place)

    async def commit_offsets(self, offsets: Offsets) -> None:
        """Commit input offsets outside of any transaction; raises ShutOut where refused."""
        try:
            await self._thread.commit_offsets(offsets)
        except KafkaError as error:
            raise ShutOut("the group refused the offsets") from error

    def behind(self, place: TopicPartition, position: int) -> int | None:
        """Return how many offsets lie between a position and the log's end; None if unknown."""
        return self._thread.behind(place, position)


def _message(tp: TP, last: Record, batch: Batch) -> ConsumerMessage:
    return ConsumerMessage(
        tp.topic,
        tp.partition,
        last.offset,
        last.timestamp / 1000,
        1,
        None,
        None,
        cast(Any, batch),
        None,
        0,
        0,
        tp,
        generation_id=batch.generation,
    )


class Transport(driver.Transport):
    """The transport of `tierlane://` brokers."""

    Consumer = Consumer


def register() -> None:
    """Make the scheme known to Faust."""
    TRANSPORTS[SCHEME] = f"{__name__}:{Transport.__name__}"


def broker_urls(brokers: str) -> Collection[str]:
    """Return brokers as Faust wants them."""
    return [f"{SCHEME}://{broker.strip()}" for broker in brokers.split(",")]

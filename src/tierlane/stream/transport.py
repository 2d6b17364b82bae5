"""Faust's way to Kafka, with one message per fetched batch of a partition.

Faust keeps the group, the assignor, rebalances and agents. What is fetched goes to an owner whole:
Faust's cost is per message, and a batch is one. Offsets are the owners' business: theirs are
committed with what they wrote, so Faust neither seeks nor commits here.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

import structlog
from aiokafka.errors import IllegalStateError, KafkaError
from aiokafka.structs import TopicPartition
from faust.exceptions import ConsumerNotStarted
from faust.transport.drivers import TRANSPORTS
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from tierlane.ports import Record
from tierlane.stream.inbox import Batch
from tierlane.stream.thread import ConsumerThread
from tierlane.stream.transaction import Offsets, ShutOut

if TYPE_CHECKING:
    from tierlane.stream.ownership import Ownership

log = structlog.get_logger(__name__)

SCHEME: Final = "tierlane"
"""`tierlane://host:port` is a broker by this transport."""

TURN: Final = 0.1
"""Seconds after which the partitions that want records are looked at anew."""

BUSY_TURN: Final = 0.01
"""The same, while some owner has enough for now."""


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
        return await self._thread.confirm()

    async def answers(self) -> bool:
        """Tell whether the group's coordinator answers; True while nobody can be asked.

        Amid a rebalance it answers nothing else on the connection on which a member waits to join.
        """
        if self.app.rebalancing:
            return True
        try:
            return await self._thread.beat() is not None
        except ConsumerNotStarted:
            return True

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

"""Puts records on topics as fast as the brokers take them, in aiokafka's own batches."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from tierlane.errors import BrokerError, TopicError
from tierlane.stream.murmur import place
from tierlane.stream.security import client_options, unreachable
from tierlane.stream.settings import Settings

BATCH_BYTES: Final = 400_000
"""Size at which a batch is closed: some 1,000 events, the size at which rates stop growing."""

IN_FLIGHT: Final = 64
"""Batches not yet acknowledged: 25 MB at most in memory."""

METADATA_TRIES: Final = 15
METADATA_PAUSE: Final = 0.2
"""A topic that was made just now is known everywhere within these 3 seconds."""


class Feed:
    """Records go in one by one; those of one key keep their order."""

    def __init__(self, producer: Any, settings: Settings) -> None:
        self._producer = producer
        self._settings = settings
        self._partitions: dict[str, int] = {}
        self._open: dict[tuple[str, int], Any] = {}
        self._sent: deque[asyncio.Future[Any]] = deque()

    async def put(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]] = (),
    ) -> None:
        """Add a record; waits while too much is on the way.

        Raises TopicError without the topic, BrokerError when a record is refused.
        """
        count = self._partitions.get(topic) or await self._count(topic)
        where = topic, place(key, count) if key is not None else 0
        pairs = list(headers)
        batch = self._open.get(where) or self._fresh(where)
        if batch.append(key=key, value=value, timestamp=None, headers=pairs) is None:
            await self._send(where)
            self._fresh(where).append(key=key, value=value, timestamp=None, headers=pairs)

    def _fresh(self, where: tuple[str, int]) -> Any:
        batch = self._open[where] = self._producer.create_batch()
        return batch

    async def push(self) -> None:
        """Send what is open, without waiting for its acknowledgement."""
        for where in list(self._open):
            await self._send(where)

    async def flush(self) -> None:
        """Send what is open and wait until all is kept; raises BrokerError."""
        await self.push()
        while self._sent:
            await self._acknowledged()

    async def _send(self, where: tuple[str, int]) -> None:
        batch = self._open.pop(where)
        topic, partition = where
        try:
            future = await self._producer.send_batch(
                batch, self._settings.topic(topic), partition=partition
            )
        except KafkaError as error:
            raise _failed(error) from None
        self._sent.append(future)
        while len(self._sent) > IN_FLIGHT:
            await self._acknowledged()

    async def _acknowledged(self) -> None:
        try:
            await self._sent.popleft()
        except KafkaError as error:
            raise _failed(error) from None

    async def _count(self, topic: str) -> int:
        name = self._settings.topic(topic)
        for _ in range(METADATA_TRIES):
            # All topics at once: aiokafka's wait for one asks again every 2 ms and logs each time.
            cluster = await self._producer.client.fetch_all_metadata()
            if found := cluster.partitions_for_topic(name):
                self._partitions[topic] = len(found)
                return len(found)
            await asyncio.sleep(METADATA_PAUSE)
        raise TopicError(
            f"there is no topic `{name}`", hint="`tierlane topics apply` creates the topics"
        )


@asynccontextmanager
async def feed(settings: Settings) -> AsyncIterator[Feed]:
    """Yield a feed; what was put is kept by the brokers when the block ends without an error.

    Raises BrokerError when no broker answers.
    """
    producer = AIOKafkaProducer(
        **client_options(settings),
        enable_idempotence=settings.exactly_once,
        acks="all",
        max_batch_size=BATCH_BYTES,
        retry_backoff_ms=settings.retry_backoff_ms,
    )
    try:
        await producer.start()
    except KafkaError:
        await producer.stop()
        raise unreachable(settings) from None
    try:
        one = Feed(producer, settings)
        yield one
        await one.flush()
    finally:
        await producer.stop()


def _failed(error: KafkaError) -> BrokerError:
    return BrokerError(f"the brokers refused a batch: {type(error).__name__}")

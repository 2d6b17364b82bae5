"""Connections to the brokers, shared by the producers of all owners.

A producer of aiokafka opens two connections of its own to each broker and keeps its own copy of
the metadata. With 128 partitions that would be 256 connections and 128 copies, so owners share a
few clients. Not one: a broker answers the requests of one connection in turn, and an acknowledged
write takes as long as its replicas do.
"""

import asyncio
from typing import Any, Final

from aiokafka.client import AIOKafkaClient
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.producer.producer import AIOKafkaProducer
from aiokafka.structs import TopicPartition

from tierlane.stream.security import client_options
from tierlane.stream.settings import Settings

CLIENTS: Final = 4
"""Clients that are shared; owners take them in turn."""

UNREACHED_PAUSE: Final = 0.1
"""Seconds before the next attempt while a broker cannot be reached.

A transaction retries after 2 ms, which is right for a broker that is busy and would keep a core
busy with refused connections for one that is away.
"""

MAX_BATCH_BYTES: Final = 1_000_000
"""Size at which an output batch is closed; a single greater record still goes, alone."""


class Client(AIOKafkaClient):  # type: ignore[misc]  # aiokafka ships no types
    """A client that is patient with a broker that is away."""

    async def _get_conn(self, *args: Any, **kwargs: Any) -> Any:
        connection = await super()._get_conn(*args, **kwargs)
        if connection is None:
            await asyncio.sleep(UNREACHED_PAUSE)
        return connection


class Producer(AIOKafkaProducer):  # type: ignore[misc]  # aiokafka ships no types
    """A transactional or a plain producer over a client that others use too.

    Without transactions repeats carry known ids, so a plain producer is enough; brokers that have
    no transactions, as embedded ones, have no idempotent producers either.
    """

    def __init__(self, client: Client, settings: Settings, transactional_id: str | None) -> None:
        super().__init__(
            **client_options(settings),
            acks="all",
            enable_idempotence=transactional_id is not None,
            transactional_id=transactional_id,
            transaction_timeout_ms=int(settings.transaction_timeout * 1000),
            max_batch_size=MAX_BATCH_BYTES,
            retry_backoff_ms=settings.retry_backoff_ms,
        )
        self._closed = False
        self.client = client
        self._metadata = client.cluster
        self._message_accumulator._cluster = client.cluster
        self._sender.client = client

    async def start(self) -> None:
        """Ask for the producer id: with a transactional id this shuts out the one before."""
        await self._sender.start()

    async def send_batch(
        self, batch: BatchBuilder, topic: str, *, partition: int
    ) -> asyncio.Future[Any]:
        """Hand over a record batch; the future ends when the brokers have it.

        The topics are known since the start: aiokafka would look up all partitions of the topic
        twice for each batch, which with 128 of them costs more than the rest of the hand-over.
        """
        future: asyncio.Future[Any] = await self._message_accumulator.add_batch(
            batch, TopicPartition(topic, partition), self._request_timeout_ms / 1000
        )
        return future

    def is_fatal(self) -> bool:
        """Tell whether the producer can do nothing any more, as after it was shut out."""
        manager = self._txn_manager
        return manager is not None and bool(manager.is_fatal_error())

    async def stop(self) -> None:
        """End its task, and leave what was not sent; the client stays open for the others."""
        if self._closed:
            return
        self._closed = True
        self._message_accumulator._closed = True
        task = self._sender.sender_task
        if task is None:
            return
        # aiokafka waits for its open requests, which never end while a broker is away.
        task.cancel()
        await asyncio.wait([task], timeout=0.2)


class Clients:
    """The shared clients of a worker."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._clients: list[Client] = []
        self._opened = 0

    async def open(self, topics: list[str]) -> dict[str, int]:
        """Connect, and return how many partitions each topic has."""
        options = client_options(self._settings)
        self._clients = [
            Client(client_id=f"tierlane-owner-{number}", retry_backoff_ms=100, **options)
            for number in range(CLIENTS)
        ]
        for client in self._clients:
            await client.bootstrap()
            await client.set_topics(topics)
        return {topic: len(await self._clients[0]._wait_on_metadata(topic)) for topic in topics}

    def producer(self, transactional_id: str | None) -> Producer:
        """Return a producer that is not started yet."""
        self._opened += 1
        return Producer(self._clients[self._opened % CLIENTS], self._settings, transactional_id)

    async def close(self) -> None:
        """Close all connections; producers must have been stopped."""
        await asyncio.gather(*(client.close() for client in self._clients))

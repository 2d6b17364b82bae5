"""Lets advisors who are made up answer their offers on a broker, as their desktops would."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from tierlane.stream.security import client_options
from tierlane.stream.settings import Settings
from tierlane.topic import ADVISOR_EVENTS, ADVISOR_OFFERS

LOOK_MS: Final = 50
"""How long a look at the offers waits at most."""

Heard = Callable[[Mapping[str, Any]], object]


class Answering(Protocol):
    """Who answers; times are in ms."""

    def hear(self, kind: str, data: Mapping[str, Any], now: int) -> None:
        """Take one record of `advisor.offers`."""

    def due(self, now: int) -> Iterable[Mapping[str, Any]]:
        """Return the events that are to be sent by now."""


async def answer(settings: Settings, crew: Answering, heard: Heard | None = None) -> None:
    """Read offers and send what the crew has to say, until cancelled.

    Offers are read from what comes after the start; `heard`, if given, is told of each. The topics
    are there.
    """
    consumer = AIOKafkaConsumer(
        **client_options(settings),
        isolation_level="read_committed" if settings.exactly_once else "read_uncommitted",
        enable_auto_commit=False,
        fetch_max_wait_ms=LOOK_MS,
    )
    producer = AIOKafkaProducer(
        **client_options(settings), enable_idempotence=settings.exactly_once, acks="all"
    )
    await consumer.start()
    try:
        await producer.start()
        try:
            await _assign_to_end(consumer, settings.topic(ADVISOR_OFFERS))
            await _go_on(consumer, producer, settings.topic(ADVISOR_EVENTS), crew, heard)
        finally:
            await producer.stop()
    finally:
        await consumer.stop()


async def _assign_to_end(consumer: Any, topic: str) -> None:
    cluster = await consumer._client.fetch_all_metadata()
    parts = [TopicPartition(topic, n) for n in sorted(cluster.partitions_for_topic(topic) or ())]
    consumer.assign(parts)
    await consumer.seek_to_end(*parts)
    for part in parts:
        await consumer.position(part)  # the end as of now, before anybody signs on


async def _go_on(
    consumer: Any, producer: Any, topic: str, crew: Answering, heard: Heard | None
) -> None:
    sent: set[asyncio.Future[Any]] = set()
    while True:
        for records in (await consumer.getmany(timeout_ms=LOOK_MS)).values():
            for record in records:
                event = orjson.loads(record.value)
                if heard is not None:
                    heard(event)
                crew.hear(event["type"], event["data"], _now())
        for event in crew.due(_now()):
            key = event["data"]["desk"].encode()
            sent.add(await producer.send(topic, orjson.dumps(event), key))
        for one in [one for one in sent if one.done()]:
            sent.remove(one)
            one.result()
        await asyncio.sleep(0)


def _now() -> int:
    return time.time_ns() // 1_000_000

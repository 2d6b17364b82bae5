"""Reading partitions to their end, outside the group: changelogs and profiles."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from tierlane.ports import Record
from tierlane.stream.security import client_options
from tierlane.stream.settings import Settings

Take = Callable[[TopicPartition, Sequence[Record]], None]

FETCH_BYTES: Final = 4 << 20
WAIT_MS: Final = 50


async def read_to_end(
    settings: Settings, starts: Mapping[TopicPartition, int], take: Take
) -> dict[TopicPartition, int]:
    """Hand every committed record of partitions to `take`, from the given offsets to the end.

    Returns each partition's end: the offset below which everything was read. A partition is done
    when the *position* is there, not when a record is: the last offset may be the marker of a
    transaction, which never comes as a record.
    """
    if not starts:
        return {}
    async with consumer_of(settings, list(starts)) as consumer:
        ends: dict[TopicPartition, int] = await consumer.end_offsets(list(starts))
        await _read(consumer, starts, ends, take)
    return ends


async def last_records(
    settings: Settings, places: Sequence[TopicPartition], count: int, take: Take
) -> None:
    """Hand about the last `count` records of each partition to `take`."""
    if not places:
        return
    async with consumer_of(settings, places) as consumer:
        ends: dict[TopicPartition, int] = await consumer.end_offsets(list(places))
        starts = {place: max(0, end - count) for place, end in ends.items()}
        await _read(consumer, starts, ends, take)


async def record_at(settings: Settings, place: TopicPartition, offset: int) -> Record | None:
    """Return the record at an offset; None where it is not there any more."""
    async with consumer_of(settings, [place]) as consumer:
        ends: dict[TopicPartition, int] = await consumer.end_offsets([place])
        consumer.seek(place, offset)
        while await consumer.position(place) < ends[place]:
            fetched = await consumer.getmany(place, timeout_ms=WAIT_MS, max_records=1)
            for record in fetched.get(place, ()):
                found: Record = record
                return found if found.offset == offset else None
    return None


@asynccontextmanager
async def consumer_of(
    settings: Settings, places: Sequence[TopicPartition], wait_ms: int = WAIT_MS
) -> AsyncIterator[AIOKafkaConsumer]:
    """Give a consumer of these partitions, in no group, of committed records."""
    consumer = AIOKafkaConsumer(
        **client_options(settings),
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCH_BYTES,
        fetch_max_wait_ms=wait_ms,
    )
    await consumer.start()
    try:
        consumer.assign(list(places))
        yield consumer
    finally:
        await consumer.stop()


async def _read(
    consumer: AIOKafkaConsumer,
    starts: Mapping[TopicPartition, int],
    ends: Mapping[TopicPartition, int],
    take: Take,
) -> None:
    begins: dict[TopicPartition, int] = await consumer.beginning_offsets(list(starts))
    unread = set()
    for place, start in starts.items():
        start = max(start, begins[place])
        consumer.seek(place, start)
        if start < ends[place]:
            unread.add(place)
        else:
            consumer.pause(place)
    await _drain(consumer, unread, ends, take)


async def _drain(
    consumer: AIOKafkaConsumer,
    partitions: set[TopicPartition],
    ends: Mapping[TopicPartition, int],
    take: Take,
) -> None:
    while partitions:
        fetched = await consumer.getmany(*partitions, timeout_ms=WAIT_MS)
        for partition, records in fetched.items():
            take(partition, records)
            await asyncio.sleep(0)  # a large state must not stop the loop's other work
        for partition in list(partitions):
            if await consumer.position(partition) >= ends[partition]:
                partitions.discard(partition)
                consumer.pause(partition)

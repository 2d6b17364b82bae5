"""Every worker's own copy of `advisor.directory`: read whole before owners begin, then followed."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import structlog
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from tierlane.ports import Record
from tierlane.routing.directory import Directory
from tierlane.stream.murmur import place
from tierlane.stream.reader import consumer_of, read_to_end
from tierlane.stream.settings import Settings
from tierlane.topic import ADVISOR_DIRECTORY

log = structlog.get_logger(__name__)

WAIT_MS: Final = 500
"""How long brokers keep a fetch that finds nothing; a record ends the wait."""

AGAIN: Final = 1.0
"""Seconds before the topic is looked at again after a fault."""


class Listing:
    """Keeps one directory up to date."""

    def __init__(self, settings: Settings) -> None:
        self.directory = Directory()
        self._settings = settings
        self._read: dict[TopicPartition, int] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self, partitions: int) -> None:
        """Read the topic of so many partitions to its end, and follow it from there."""
        self.directory = Directory(lambda key: place(key, partitions))
        topic = self._settings.topic(ADVISOR_DIRECTORY)
        starts = {TopicPartition(topic, number): 0 for number in range(partitions)}
        self._read = await read_to_end(self._settings, starts, self._take)
        log.info("directory read", advisors=len(self.directory))
        self._task = asyncio.create_task(self._follow(), name="directory")

    async def stop(self) -> None:
        """Follow no longer."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def _take(self, where: TopicPartition, records: Sequence[Record]) -> None:
        before = self.directory.unreadable
        self.directory.take(where.partition, records)
        if self.directory.unreadable > before:
            log.warning("directory records cannot be read", count=self.directory.unreadable)

    async def _follow(self) -> None:
        while True:
            try:
                async with consumer_of(self._settings, list(self._read), WAIT_MS) as consumer:
                    for where, offset in self._read.items():
                        consumer.seek(where, offset)
                    while True:
                        await self._look(consumer)
            except (KafkaError, TimeoutError) as error:
                log.warning("the directory is out of sight", fault=type(error).__name__)
            except Exception:
                log.exception("following the directory failed")
            await asyncio.sleep(AGAIN)

    async def _look(self, consumer: Any) -> None:
        for where, records in (await consumer.getmany(timeout_ms=WAIT_MS)).items():
            self._take(where, records)
            self._read[where] = records[-1].offset + 1

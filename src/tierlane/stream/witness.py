"""Reads what a worker wrote, from outside and as any other program would: to files and a tally."""

import asyncio
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, TextIO

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from tierlane.routing.entry import ENTERED
from tierlane.stream.security import client_options
from tierlane.stream.settings import Settings
from tierlane.stream.tally import Tally
from tierlane.topic import CONTACT_REJECTED, ROUTING_AUDIT, lane_topic

LANES: Final = tuple(lane_topic(k) for k in ("standard", "priority", "dedicated", "selfservice"))
OUTPUTS: Final = (*LANES, ROUTING_AUDIT, CONTACT_REJECTED)

FILES: Final = {
    ROUTING_AUDIT: "decisions.jsonl",
    CONTACT_REJECTED: "rejected.jsonl",
    **dict.fromkeys(LANES, "lanes.jsonl"),
}
"""Where the records of each topic are written, one a line."""


class Witness:
    """Follows the outputs of one installation while `reading` runs."""

    def __init__(self, settings: Settings, folder: Path, tally: Tally) -> None:
        self.rejected = 0
        self._settings = settings
        self._folder = folder
        self._tally = tally
        self._topics = {settings.topic(name): name for name in OUTPUTS}

    async def reading(self) -> None:
        """Read until cancelled; raises OSError when the files cannot be written."""
        consumer = AIOKafkaConsumer(
            **client_options(self._settings),
            isolation_level="read_committed" if self._settings.exactly_once else "read_uncommitted",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=50,
        )
        await consumer.start()
        try:
            with ExitStack() as stack:
                files = {
                    name: stack.enter_context((self._folder / name).open("w", encoding="utf-8"))
                    for name in dict.fromkeys(FILES.values())
                }
                await self._follow(consumer, files)
        finally:
            await consumer.stop()

    async def _follow(self, consumer: Any, files: Mapping[str, TextIO]) -> None:
        cluster = await consumer._client.fetch_all_metadata()
        parts = [
            TopicPartition(topic, number)
            for topic in self._topics
            for number in sorted(cluster.partitions_for_topic(topic) or ())
        ]
        consumer.assign(parts)
        await consumer.seek_to_beginning(*parts)
        while True:
            for part, records in (await consumer.getmany(timeout_ms=100)).items():
                name = self._topics[part.topic]
                file = files[FILES[name]]
                for record in records:
                    self._take(name, record.value, file)
                file.flush()
            await asyncio.sleep(0)

    def _take(self, topic: str, value: bytes | None, file: TextIO) -> None:
        if value is None:
            return
        if topic == CONTACT_REJECTED:
            self.rejected += 1
            file.write(orjson.dumps(value.decode(errors="replace")).decode() + "\n")
            return
        file.write(value.decode() + "\n")
        event = orjson.loads(value)
        if topic == ROUTING_AUDIT:
            self._tally.audit(event["data"])
        elif event["type"] == ENTERED:
            self._tally.entered(event["data"])
        else:
            self._tally.left(event["data"])

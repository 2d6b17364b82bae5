"""The outputs of one batch, laid into record batches by topic and partition."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiokafka.producer.message_accumulator import BatchBuilder

from tierlane.errors import TierlaneError
from tierlane.routing.effect import Output
from tierlane.stream.client import MAX_BATCH_BYTES, Producer
from tierlane.stream.murmur import hashes

CODECS: Final = {"producer": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
"""Compression by its number in a record batch."""

STATE_BYTES: Final = 8_000_000
"""Most bytes of changes in the one batch of at-least-once; the topic takes 9 MiB."""


class TooMuchChanged(TierlaneError):
    """the changes of a batch do not fit one record batch"""


class Outbox:
    """Collects outputs; nothing is sent before `send`."""

    def __init__(
        self,
        partitions: Mapping[str, int],
        names: Mapping[str, str],
        codecs: Mapping[str, int],
        home: int,
        now: int,
        *,
        transactional: bool,
    ) -> None:
        self._partitions = partitions
        self._names = names
        self._codecs = codecs
        self._home = home
        self._now = now
        self._transactional = transactional
        self._open: dict[tuple[str, int], BatchBuilder] = {}
        self._full: list[tuple[tuple[str, int], BatchBuilder]] = []
        self.records = 0

    def add(self, outputs: Sequence[Output]) -> None:
        """Lay each output into its partition; a key is hashed once for all its outputs."""
        keys = list(dict.fromkeys(key for output in outputs if (key := output.key) is not None))
        hashed = dict(zip(keys, hashes(keys), strict=True))
        partitions, home = self._partitions, self._home
        for topic, key, value, headers in outputs:
            number = home if key is None else hashed[key]
            self._append((topic, number % partitions[topic]), key, value, list(headers))
        self.records += len(outputs)

    def _append(
        self,
        place: tuple[str, int],
        key: bytes | None,
        value: bytes | None,
        headers: list[tuple[str, bytes]],
    ) -> None:
        builder = self._open.get(place)
        if builder is None:
            builder = self._open[place] = self._builder(place[0], MAX_BATCH_BYTES)
        if builder.append(timestamp=self._now, key=key, value=value, headers=headers) is None:
            self._full.append((place, builder))
            builder = self._open[place] = self._builder(place[0], MAX_BATCH_BYTES)
            builder.append(timestamp=self._now, key=key, value=value, headers=headers)

    def keep(self, topic: str, changes: Mapping[bytes, bytes | None]) -> None:
        """Lay changed state into the owner's own partition of its changelog."""
        for key, value in changes.items():
            self._append((topic, self._home), key, value, [])

    def _builder(self, topic: str, size: int) -> BatchBuilder:
        return BatchBuilder(size, self._codecs.get(topic, 0), is_transactional=self._transactional)

    def one_batch(self, topic: str, changes: Mapping[bytes, bytes | None]) -> BatchBuilder:
        """Return changes as one record batch, which the log takes whole or not at all.

        Raises TooMuchChanged where they do not fit.
        """
        builder = self._builder(topic, STATE_BYTES)
        for key, value in changes.items():
            if builder.append(timestamp=self._now, key=key, value=value, headers=[]) is None:
                raise TooMuchChanged
        return builder

    async def send(self, producer: Producer) -> list[asyncio.Future[Any]]:
        """Hand all batches to the producer; each future ends when the brokers have its batch."""
        return [
            await producer.send_batch(builder, self._names[topic], partition=partition)
            for (topic, partition), builder in (*self._full, *self._open.items())
        ]

    async def send_one(
        self, producer: Producer, topic: str, builder: BatchBuilder
    ) -> asyncio.Future[Any]:
        """Hand one batch for the owner's own partition of a topic to the producer."""
        future: asyncio.Future[Any] = await producer.send_batch(
            builder, self._names[topic], partition=self._home
        )
        return future

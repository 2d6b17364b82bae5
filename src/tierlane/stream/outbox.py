"""The outputs of one batch, laid into record batches by topic and partition."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
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

NO_HEADERS: Final[list[tuple[str, bytes]]] = []


class TooMuchChanged(TierlaneError):
    """the changes of a batch do not fit one record batch"""


class Slot:
    """The record batches for one partition of a topic, the last one open.

    Records go straight to aiokafka's compiled builder: its Python wrapper costs as much again.
    """

    __slots__ = ("_codec", "_full", "_now", "_open", "_transactional", "append", "count")

    def __init__(self, now: int, codec: int, *, transactional: bool) -> None:
        self._now = now
        self._codec = codec
        self._transactional = transactional
        self._full: list[BatchBuilder] = []
        self._begin()

    def _begin(self) -> None:
        self._open = BatchBuilder(
            MAX_BATCH_BYTES, self._codec, is_transactional=self._transactional
        )
        self.append = self._open._builder.append
        self.count = 0

    def add(self, key: bytes | None, value: bytes | None, headers: Any) -> None:
        """Append a record; where it does not fit, it opens the next batch."""
        if self.append(self.count, self._now, key, value, headers) is None:
            self._close()
            self._begin()
            self.append(0, self._now, key, value, headers)
        self.count += 1

    def _close(self) -> None:
        self._open._relative_offset = self.count
        self._full.append(self._open)

    def batches(self) -> Sequence[BatchBuilder]:
        """Return all batches; nothing may be added any more."""
        self._close()
        return self._full


class Outbox:
    """Collects outputs; nothing is sent before `send`."""

    def __init__(
        self,
        partitions: Mapping[str, int],
        codecs: Mapping[str, int],
        home: int,
        now: int,
        *,
        transactional: bool,
    ) -> None:
        self._partitions = partitions
        self._codecs = codecs
        self.home = home
        self._now = now
        self._transactional = transactional
        self._rows: dict[str, list[Slot | None]] = {}
        self.records = 0

    def add(self, outputs: Sequence[Output]) -> None:
        """Lay each output into its partition; a key is hashed once for all its outputs."""
        keys = list({output.key or b"" for output in outputs})
        hashed: dict[bytes | None, int] = dict(zip(keys, hashes(keys), strict=True))
        hashed[None] = self.home
        rows = self._rows
        for topic, key, value, headers in outputs:
            row = rows.get(topic) or self._row(topic)
            place = hashed[key] % len(row)
            slot = row[place] or self._slot(row, topic, place)
            slot.add(key, value, list(headers) if headers else NO_HEADERS)
        self.records += len(outputs)

    def keep(self, topic: str, changes: Mapping[bytes, bytes | None]) -> None:
        """Lay changed state into the owner's own partition of its changelog."""
        if not changes:
            return
        row = self._row(topic)
        slot = row[self.home] or self._slot(row, topic, self.home)
        for key, value in changes.items():
            slot.add(key, value, NO_HEADERS)

    def _row(self, topic: str) -> list[Slot | None]:
        return self._rows.setdefault(topic, [None] * self._partitions[topic])

    def _slot(self, row: list[Slot | None], topic: str, place: int) -> Slot:
        codec = self._codecs.get(topic, 0)
        slot = row[place] = Slot(self._now, codec, transactional=self._transactional)
        return slot

    def one_batch(self, topic: str, changes: Mapping[bytes, bytes | None]) -> BatchBuilder:
        """Return changes as one record batch, which the log takes whole or not at all.

        Raises TooMuchChanged where they do not fit.
        """
        builder = BatchBuilder(
            STATE_BYTES, self._codecs.get(topic, 0), is_transactional=self._transactional
        )
        for key, value in changes.items():
            if builder.append(timestamp=self._now, key=key, value=value, headers=[]) is None:
                raise TooMuchChanged
        return builder

    async def send(self, producer: Producer, names: Mapping[str, str]) -> list[asyncio.Future[Any]]:
        """Hand all batches to the producer; each future ends when the brokers have its batch."""
        return [
            await producer.send_batch(builder, names[topic], partition=place)
            for topic, place, builder in self._batches()
        ]

    def _batches(self) -> Iterator[tuple[str, int, BatchBuilder]]:
        for topic, row in self._rows.items():
            for place, slot in enumerate(row):
                if slot is not None:
                    for builder in slot.batches():
                        yield topic, place, builder

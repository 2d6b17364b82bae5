"""Records put in order before they are read, on disk where they do not fit in memory."""

import heapq
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from operator import itemgetter, le
from pathlib import Path
from struct import Struct
from typing import Final

import orjson

from tierlane.ports import Record
from tierlane.replay.stored import Headers, StoredRecord

Item = tuple[int, StoredRecord]
"""What a record is ordered by, and the record."""

IN_MEMORY: Final = 64 << 20
"""Bytes held before all that is held is written out, sorted; each process holds as much."""

BUFFER: Final = 1 << 16
"""Bytes that are read of a file at once."""

FIXED: Final = 400
"""Bytes that a held record takes beside its key and value."""

LAST: Final = 1 << 62
"""Above every order."""

_FIRST: Final = itemgetter(0)
_HEAD: Final = Struct("<qqqiiiI")
"""Order, offset, timestamp, partition, length of key and of value (-1: None), of headers."""


class Spool:
    """Streams of records by name, each read in the order of a number."""

    def __init__(self, folder: Path | None = None, in_memory: int = IN_MEMORY) -> None:
        """Spill into `folder`, by default a temporary one that is removed with the spool."""
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="tierlane-")
        self._folder = folder or Path(self._temporary.name if self._temporary else "")
        self._most = in_memory
        self._held: dict[str, list[Item]] = defaultdict(list)
        self._size = 0
        self._files = 0
        self._runs: dict[str, list[tuple[int, int, Path]]] = defaultdict(list)
        """By stream the files, and the first and last order in each."""

    def put(self, stream: str, order: int, record: Record) -> None:
        """Add a record; of equal orders the one put first comes first."""
        headers = tuple(record.headers)
        kept = StoredRecord(
            record.topic,
            record.partition,
            record.offset,
            record.timestamp,
            record.key,
            record.value,
            headers,
        )
        self._held[stream].append((order, kept))
        self._size += FIXED + len(record.value or b"") + len(record.key or b"")
        if self._size >= self._most:
            self.spill()

    def spill(self) -> None:
        """Write what is held to disk, each stream sorted."""
        for stream, items in self._held.items():
            if not items:
                continue
            items.sort(key=_FIRST)
            self._files += 1
            path = self._folder / f"{self._files}.run"
            with path.open("wb", buffering=1 << 20) as file:
                for order, record in items:
                    file.write(_packed(order, record))
            self._runs[stream].append((items[0][0], items[-1][0], path))
        self._held.clear()
        self._size = 0

    def streams(self) -> list[str]:
        """Return the names of the streams that have records."""
        return sorted({*self._runs, *(name for name, items in self._held.items() if items)})

    def read(self, stream: str) -> Iterator[Item]:
        """Yield a stream's records by their order."""
        held = self._held.get(stream, [])
        held.sort(key=_FIRST)
        runs = self._runs.get(stream, [])
        lasts = [last for _, last, _ in runs]
        firsts = [first for first, _, _ in runs[1:]] + [held[0][0] if held else LAST]
        files = [_unpacked(path) for _, _, path in runs]
        if all(map(le, lasts, firsts)):  # one after the other, as most sources have them
            return chain(*files, held)
        return heapq.merge(*files, held, key=_FIRST)

    def drop(self, stream: str) -> None:
        """Let go of a stream."""
        self._held.pop(stream, None)
        for _, _, path in self._runs.pop(stream, ()):
            path.unlink()

    def close(self) -> None:
        """Remove what was written."""
        self._held.clear()
        if self._temporary is not None:
            self._temporary.cleanup()


def _packed(order: int, record: StoredRecord) -> bytes:
    key, value = record.key, record.value
    headers = b""
    if record.headers:
        headers = orjson.dumps([(name, (one or b"").hex()) for name, one in record.headers])
    topic = record.topic.encode()
    head = _HEAD.pack(
        order,
        record.offset,
        record.timestamp,
        record.partition,
        -1 if key is None else len(key),
        -1 if value is None else len(value),
        len(headers),
    )
    return b"".join((bytes((len(topic),)), topic, head, key or b"", value or b"", headers))


def _unpacked(path: Path) -> Iterator[Item]:
    with path.open("rb", buffering=BUFFER) as file:
        while size := file.read(1):
            topic = file.read(size[0]).decode()
            head = file.read(_HEAD.size)
            order, offset, timestamp, partition, keyed, valued, headed = _HEAD.unpack(head)
            key = None if keyed < 0 else file.read(keyed)
            value = None if valued < 0 else file.read(valued)
            headers: Headers = ()
            if headed:
                pairs = orjson.loads(file.read(headed))
                headers = tuple((name, bytes.fromhex(one)) for name, one in pairs)
            yield order, StoredRecord(topic, partition, offset, timestamp, key, value, headers)

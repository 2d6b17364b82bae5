"""Records in JSON lines, plain or compressed (`.gz`, `.zst`): two forms of line are read.

A record as a log holds it: `topic`, `partition`, `offset`, `timestamp` (ms since 1970; `ts` as kcat
writes it is read, too), `key`, `value` (or kcat's `payload`), `headers`. Key, value and the values
of headers are text, or null; a value may be an object, too. What is no UTF-8 stands under
`key_base64`, `value_base64`.

Or a bare event as `tierlane sample`, `import` and `produce` have it. Its topic follows from its
type; all such events lie on partition 0, numbered as they come, and their own `time` stands in for
the log's.
"""

import base64
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final

import orjson

from tierlane.address import Addresses, decoded
from tierlane.contact.reading import LATEST
from tierlane.errors import SourceError, Unreadable
from tierlane.ports import Record
from tierlane.replay.source.compressed import lines
from tierlane.replay.source.order import cut
from tierlane.replay.stored import Headers, StoredRecord
from tierlane.value import parse_time

FORMS: Final = (".jsonl", ".jsonl.gz", ".jsonl.zst", ".json", ".json.gz", ".json.zst")
"""Endings of the names of such files."""


class Lines:
    """The records of one file."""

    def __init__(self, path: Path) -> None:
        self.path: Final = path
        self.name: Final = str(path)

    @property
    def cut(self) -> bool:
        """False: what a file holds is all there is."""
        return False

    def batches(self, topics: Collection[str] | None = None) -> Iterator[list[Record]]:
        """Yield the records as they stand in the file; see `Source`."""
        return cut(self.records(topics))

    def records(self, topics: Collection[str] | None = None) -> Iterator[Record]:
        """Yield the records one by one. Raises `SourceError` with file and line."""
        reading = Reading()
        for number, line in enumerate(lines(self.path), start=1):
            try:
                record = reading.record(line)
            except Unreadable as error:
                raise SourceError(f"`{self.path}`:{number} {error}") from None
            if record is not None and (topics is None or record.topic in topics):
                yield record


class Reading:
    """Reads line by line; it remembers the keys of contacts, and the offsets it gave."""

    def __init__(self) -> None:
        self._addresses = Addresses()
        self._given: Counter[str] = Counter()

    def record(self, line: bytes) -> StoredRecord | None:
        """Return the record of a line; None for an empty one. Raises `Unreadable`."""
        text = line.strip()
        if not text:
            return None
        if b'"offset"' in text:
            raw = decoded(text)
            if "topic" in raw and "offset" in raw:
                return _stored(raw)
        address = self._addresses.of(text)
        offset = self._given[address.topic]
        self._given[address.topic] += 1
        return StoredRecord(
            address.topic, 0, offset, _moment(address.time), address.key.encode(), text
        )


def _stored(raw: dict[str, Any]) -> StoredRecord:
    topic = raw["topic"]
    if type(topic) is not str or not topic:
        raise Unreadable("wrong-type", "topic: no text")
    named = "timestamp" if "timestamp" in raw else "ts"
    return StoredRecord(
        topic,
        _number(raw, "partition"),
        _number(raw, "offset"),
        _number(raw, named),
        _bytes(raw, "key"),
        _bytes(raw, "payload" if "payload" in raw else "value"),
        _headers(raw.get("headers")),
    )


def _number(raw: dict[str, Any], name: str) -> int:
    value = raw.get(name)
    if type(value) is not int or value < 0:
        raise Unreadable("wrong-type", f"{name}: no whole number from 0")
    return value


def _bytes(raw: dict[str, Any], name: str) -> bytes | None:
    if (coded := raw.get(f"{name}_base64")) is not None:
        try:
            return base64.b64decode(coded, validate=True)
        except (TypeError, ValueError):
            raise Unreadable("wrong-value", f"{name}_base64: no base 64") from None
    value = raw.get(name)
    if type(value) is dict:
        return orjson.dumps(value)
    if value is not None and type(value) is not str:
        raise Unreadable("wrong-type", f"{name}: neither text nor an object nor null")
    return None if value is None else value.encode()


def _headers(given: Any) -> Headers:
    if not given:
        return ()
    pairs: list[Any]
    if type(given) is dict:
        pairs = list(given.items())
    elif type(given) is list and all(type(one) is list for one in given):
        pairs = given
    else:  # kcat writes names and values in turn
        pairs = list(zip(given[::2], given[1::2], strict=False)) if type(given) is list else []
    if not pairs or any(len(one) != 2 or type(one[0]) is not str for one in pairs):
        raise Unreadable("wrong-type", "headers: no pairs of name and text")
    return tuple((name, str(value).encode()) for name, value in pairs)


def _moment(text: object) -> int:
    """Return an event's own time in ms; of a bare profile without one, the beginning of time."""
    if text is None:
        return 0
    try:
        at = parse_time(str(text))
    except (ValueError, OverflowError):
        raise Unreadable("bad-time", "time: no ISO 8601 time with an offset") from None
    if not 0 <= at < LATEST:
        raise Unreadable("bad-time", "time: before 1970 or after 9998")
    return at

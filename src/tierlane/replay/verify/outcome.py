"""What an owner wrote beside its audit: lane entries, returns, what a shadow said.

Each record is known by topic, id and source. What was recorded is held as digests, so that an
owner's whole record fits in memory; where one differs it is read again.
"""

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any

import orjson

from tierlane.errors import Unreadable
from tierlane.replay.stored import StoredRecord
from tierlane.replay.verify.difference import Difference, Kind, Passes, first
from tierlane.replay.verify.spool import Item

Name = tuple[str, str, str]
"""Topic, source and id."""


def named(record: StoredRecord) -> Name:
    """Return what a record is known by. Raises `Unreadable` where it is no event."""
    try:
        event = orjson.loads(record.value or b"")
        return record.topic, str(event["source"]), str(event["id"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise Unreadable("wrong-type", "no event") from None


class OutcomeMatch:
    """Pairs what one owner wrote on other topics with what follows."""

    def __init__(
        self, owner: str, recorded: Iterator[Item], passes: Passes, *, before: int | None = None
    ) -> None:
        """`before`: where the range of the inputs was cut, when what lies past it was written."""
        self.compared = 0
        self.beyond = 0
        """Recorded ones past the end of the range."""
        self._before = before
        self.excused = 0
        self.differences: list[Difference] = []
        self._owner = owner
        self._passes = passes
        self._digests: dict[int, tuple[int, int, int]] = {}
        """Name → digest of key and value, partition, and place among this owner's there."""
        self._last: dict[tuple[str, int], int] = {}
        self._unequal: dict[Name, tuple[bytes | None, bytes, bool]] = {}
        self._elsewhere: set[tuple[str, ...]] = set()
        """Source and id of what follows on another topic than recorded, where that is excused."""
        self._load(recorded)

    def _load(self, recorded: Iterator[Item]) -> None:
        for place, (_, record) in enumerate(recorded):
            name = named(record)
            short = _short(*map(str.encode, name))
            if short in self._digests:
                self._add("doubled", name)
            else:
                digest = _short(record.key or b"", record.value or b"")
                self._digests[short] = digest, record.partition, place

    def derived(self, topic: str, key: bytes | None, value: bytes, *, excused: bool) -> None:
        """Take in the next record that follows."""
        name = named(StoredRecord(topic, 0, 0, 0, key, value))
        found = self._digests.pop(_short(*map(str.encode, name)), None)
        if found is None:
            if excused:
                self.excused += 1
                self._elsewhere.add(name[1:])
            else:
                self._add("missing", name)
            return
        digest, partition, place = found
        before = self._last.get((topic, partition), -1)
        self._last[topic, partition] = max(before, place)
        if digest != _short(key or b"", value):
            self._unequal[name] = key, value, excused
        elif place < before and not excused:
            self._add("reordered", name)
        else:
            self.compared += 1

    def end(self, again: Iterator[Item]) -> None:
        """Say that nothing more follows; `again` is what was recorded, once more."""
        if self._unequal or self._digests:
            for _, record in again:
                self._settle(record)
        self.differences.sort(key=lambda one: (one.topic, one.id))

    def _settle(self, record: StoredRecord) -> None:
        name = named(record)
        if self._digests.pop(_short(*map(str.encode, name)), None) is not None:
            if self._before is not None and record.timestamp >= self._before:
                self.beyond += 1
            elif name[1:] in self._elsewhere:
                self.excused += 1
            else:
                self._add("inserted", name)
            return
        unequal = self._unequal.pop(name, None)
        if unequal is None:
            return
        key, value, excused = unequal
        found = first(_told(record.key, record.value), _told(key, value), self._passes)
        if found is None:
            self.compared += 1
        elif excused:
            self.excused += 1
        else:
            self._add("changed", name, found)

    def _add(self, kind: Kind, name: Name, found: tuple[str, Any, Any] = ("", None, None)) -> None:
        self.differences.append(Difference(kind, name[0], self._owner, None, name[2], *found))


def _told(key: bytes | None, value: bytes | None) -> Mapping[str, Any]:
    event: dict[str, Any] = orjson.loads(value or b"{}")
    return {**event, "key": None if key is None else key.decode(errors="replace")}


def _short(*parts: bytes) -> int:
    digest = blake2b(digest_size=8)
    for one in parts:
        digest.update(len(one).to_bytes(4, "little"))
        digest.update(one)
    return int.from_bytes(digest.digest(), "little", signed=True)

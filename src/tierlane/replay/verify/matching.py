"""An owner's audit beside what follows from its inputs, record by record."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import orjson

from tierlane.replay.stored import StoredRecord
from tierlane.replay.verify.difference import Difference, Passes, first
from tierlane.replay.verify.spool import Item
from tierlane.topic import ROUTING_AUDIT

_START: Final = b'{"specversion":"1.0","id":"'


class AuditMatch:
    """Pairs recorded and derived audit records by id, each side in the order of `seq`."""

    def __init__(
        self, owner: str, recorded: Iterator[Item], passes: Passes, *, below: int | None = None
    ) -> None:
        """`below`: where the range of the inputs was cut, the first `seq` past it."""
        self.compared: Counter[str] = Counter()
        """Pairs by kind of record."""
        self.excused = 0
        """Pairs that differ where that proves nothing."""
        self.differences: list[Difference] = []
        self.beyond = 0
        """Recorded ones past the end of the range."""
        self._below = below
        self._owner = owner
        self._recorded = recorded
        self._passes = passes
        self._before: StoredRecord | None = None
        self._waiting: dict[str, tuple[int, bytes]] = {}
        """Recorded, not derived yet."""
        self._ahead: dict[str, tuple[bytes, bool]] = {}
        """Derived, not met in the record yet."""

    def derived(self, value: bytes, *, excused: bool) -> None:
        """Take in the next record that follows; `excused` where a difference proves nothing."""
        item = self._next()
        if item is not None and item[1].value == value:
            self._count(value)
            return
        if item is not None:
            self._meet(item)
        id_ = id_of(value)
        found = self._waiting.pop(id_, None)
        if found is None:
            self._ahead[id_] = (value, excused)
        else:
            self._compare(found[1], value, excused=excused)

    def end(self) -> None:
        """Say that nothing more follows; what is left over on either side is a difference."""
        while (item := self._next()) is not None:
            self._meet(item)
        by_seq = {_seq(value): id_ for id_, (value, _) in self._ahead.items()}
        for seq, (id_, value) in sorted(
            (one[0], (key, one[1])) for key, one in self._waiting.items()
        ):
            forged = by_seq.get(seq)
            if forged is not None and forged in self._ahead:
                derived, excused = self._ahead.pop(forged)
                self._compare(value, derived, excused=excused)
            else:
                self._add("inserted", seq, id_)
        for id_, (value, excused) in self._ahead.items():
            if excused:
                self.excused += 1
            else:
                self._add("missing", _seq(value), id_)
        self.differences.sort(key=lambda one: one.seq or 0)

    def _next(self) -> Item | None:
        """Return the next recorded one, past those that stand there twice."""
        for seq, record in self._recorded:
            if self._below is not None and seq >= self._below:
                self.beyond += 1
                continue
            before, self._before = self._before, record
            if before is not None and before.value == record.value:
                self._add("doubled", seq, id_of(record.value or b""))
                continue
            return seq, record
        return None

    def _meet(self, item: Item) -> None:
        seq, record = item
        value = record.value or b""
        id_ = id_of(value)
        found = self._ahead.pop(id_, None)
        if found is not None:
            self._compare(value, found[0], excused=found[1])
        elif id_ in self._waiting:
            self._add("doubled", seq, id_)
        else:
            self._waiting[id_] = (seq, value)

    def _compare(self, recorded: bytes, derived: bytes, *, excused: bool) -> None:
        ours = orjson.loads(derived)
        found = first(orjson.loads(recorded), ours, self._passes)
        if found is None:
            self._count(derived)
        elif excused:
            self.excused += 1
        else:
            self._add("changed", ours["data"]["seq"], ours["id"], found)

    def _count(self, value: bytes) -> None:
        at = value.find(b'"kind":"') + 8
        self.compared[value[at : value.index(b'"', at)].decode()] += 1

    def _add(
        self, kind: Any, seq: int | None, id_: str, found: tuple[str, Any, Any] = ("", None, None)
    ) -> None:
        self.differences.append(Difference(kind, ROUTING_AUDIT, self._owner, seq, id_, *found))


def id_of(value: bytes) -> str:
    """Return the id of a record as we write it, or of any CloudEvent."""
    if value.startswith(_START):
        return value[len(_START) : value.index(b'"', len(_START))].decode()
    found = orjson.loads(value).get("id")
    return str(found)


def _seq(value: bytes) -> int:
    seq: int = orjson.loads(value)["data"]["seq"]
    return seq

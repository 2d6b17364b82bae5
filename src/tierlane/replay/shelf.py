"""Values by key, of which those used last are at hand and all others on disk.

What replay must know of customers grows with their number, not with what fits in memory. A value
that was not used for long is packed and put into a database of SQLite's, which has no name and goes
with its connection; where its cache does not hold it, that is a file.
"""

import sqlite3
from collections.abc import Callable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

AT_HAND: Final = 20_000
"""Values kept as they are. What is known of a customer takes about 2 KB: 40 MB."""

CACHE_KIB: Final = 8_192
"""Of the database's pages."""

BITS: Final = 1 << 25
"""Of what tells which keys were never put onto disk, 4 MB: of two million that are there, it takes
one in seventeen others for one of them. Asking the database costs 15 µs, and most keys that are not
at hand are new."""


class Shelf(Generic[T]):
    """What is put under a key is got under it again."""

    def __init__(
        self,
        pack: Callable[[T], bytes],
        unpack: Callable[[bytes], T],
        at_hand: int = AT_HAND,
    ) -> None:
        """`unpack` makes of what `pack` made a value that is equal."""
        self._pack, self._unpack = pack, unpack
        self._half = max(1, at_hand // 2)
        # Two generations instead of an order of use: that would cost each look-up.
        self._used: dict[bytes, T] = {}
        self._before: dict[bytes, T] = {}
        self._disk: sqlite3.Connection | None = None
        self._there = bytearray()

    def get(self, key: bytes) -> T | None:
        """Return the value of a key, which may be changed in place until the next call."""
        value = self._used.get(key)
        if value is not None:
            return value
        value = self._before.pop(key, None)
        if value is None and self._disk is not None:
            value = self._fetched(self._disk, key)
        if value is not None:
            self.put(key, value)
        return value

    def put(self, key: bytes, value: T) -> None:
        """Keep a value under a key, in place of what was there."""
        used = self._used
        if len(used) >= self._half and key not in used:
            self._away(self._before)
            self._before, self._used = used, {key: value}
        else:
            used[key] = value
        self._before.pop(key, None)

    def close(self) -> None:
        """Forget everything."""
        self._used, self._before = {}, {}
        if self._disk is not None:
            self._disk.close()
            self._disk, self._there = None, bytearray()

    def _fetched(self, disk: sqlite3.Connection, key: bytes) -> T | None:
        bit = hash(key) % BITS
        if not self._there[bit >> 3] >> (bit & 7) & 1:
            return None
        found = disk.execute("select value from shelf where key = ?", (key,)).fetchone()
        return None if found is None else self._unpack(found[0])

    def _away(self, values: dict[bytes, T]) -> None:
        """Put values onto disk, in the order of their keys: neighbours share a page."""
        if not values:
            return
        if self._disk is None:
            self._disk, self._there = _database(), bytearray(BITS >> 3)
        pack = self._pack
        for key in values:
            bit = hash(key) % BITS
            self._there[bit >> 3] |= 1 << (bit & 7)
        with self._disk as disk:
            disk.executemany(
                "insert or replace into shelf values (?, ?)",
                ((key, pack(values[key])) for key in sorted(values)),
            )


def _database() -> sqlite3.Connection:
    disk = sqlite3.connect("")  # no name: a file of its own that goes with the connection
    disk.execute(f"pragma cache_size = -{CACHE_KIB}")
    disk.execute("pragma journal_mode = off")
    disk.execute("pragma synchronous = off")
    disk.execute("create table shelf (key blob primary key, value blob) without rowid")
    return disk

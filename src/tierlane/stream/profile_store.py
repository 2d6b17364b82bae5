"""The profiles of one partition, in memory or on disk; the topic itself is the only other copy."""

import shutil
import struct
import time
from pathlib import Path
from typing import Any, Final, Protocol

from tierlane.errors import SettingError
from tierlane.ports import ProfileStore

_OFFSET: Final = struct.Struct(">q")
_STAND: Final = struct.Struct(">qq")
_READ: Final = b"\x00read"
"""Key of the next offset to read and when that was noted; no customer id begins with a zero."""

OLDEST: Final = 30 * 86_400
"""Seconds after which a folder is read anew.

The topic keeps the deletion of a profile for 35 days at least; a store that slept longer would
never learn of it.
"""


class LoadedProfiles(ProfileStore, Protocol):
    """A store that knows how far its partition was read."""

    def next_offset(self) -> int:
        """Return the offset from which the partition is to be read on."""

    def read_to(self, offset: int) -> None:
        """Note that everything below an offset is in the store."""

    def close(self) -> None:
        """Let go of what the store holds; what was noted stays."""


class MemoryProfiles:
    """Profiles in a dictionary; every assignment reads the partition from its beginning."""

    __slots__ = ("_profiles", "_read")

    def __init__(self) -> None:
        # A deleted customer keeps its place: an older value that is read again must not revive it.
        self._profiles: dict[str, tuple[int, bytes | None]] = {}
        self._read = 0

    def get(self, customer_id: str) -> tuple[int, bytes] | None:
        """Return the offset and value last put for the customer."""
        found = self._profiles.get(customer_id)
        if found is None or found[1] is None:
            return None
        return found[0], found[1]

    def put(self, customer_id: str, offset: int, value: bytes | None) -> None:
        """Keep a value, or forget the customer at None; an older offset changes nothing."""
        found = self._profiles.get(customer_id)
        if found is None or found[0] < offset:
            self._profiles[customer_id] = (offset, value)

    def next_offset(self) -> int:
        """Return the offset from which the partition is to be read on."""
        return self._read

    def read_to(self, offset: int) -> None:
        """Note that everything below an offset is in the store."""
        self._read = max(self._read, offset)

    def close(self) -> None:
        """Nothing is held that needs to be let go."""


class RocksProfiles:
    """Profiles in a RocksDB folder, which a worker that comes back reads on from."""

    __slots__ = ("_db", "_read")

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = _open(folder)
        self._read, noted = self._stand()
        if self._read and noted < time.time() - OLDEST:
            self._db.close()
            shutil.rmtree(folder)
            self._db = _open(folder)
            self._read = 0

    def _stand(self) -> tuple[int, int]:
        found: bytes | None = self._db.get(_READ)
        if found is None:
            return 0, 0
        offset, noted = _STAND.unpack(found)
        return offset, noted

    def get(self, customer_id: str) -> tuple[int, bytes] | None:
        """Return the offset and value last put for the customer."""
        found: bytes | None = self._db.get(customer_id.encode())
        if found is None or len(found) == _OFFSET.size:
            return None
        return _OFFSET.unpack_from(found)[0], found[_OFFSET.size :]

    def put(self, customer_id: str, offset: int, value: bytes | None) -> None:
        """Keep a value, or forget the customer at None; an older offset changes nothing."""
        key = customer_id.encode()
        found: bytes | None = self._db.get(key)
        if found is None or _OFFSET.unpack_from(found)[0] < offset:
            self._db[key] = _OFFSET.pack(offset) + (value or b"")

    def next_offset(self) -> int:
        """Return the offset from which the partition is to be read on."""
        return self._read

    def read_to(self, offset: int) -> None:
        """Note that everything below an offset is in the store.

        RocksDB logs writes in order, so after a crash the note is never ahead of the profiles.
        """
        self._read = max(self._read, offset)
        self._db[_READ] = _STAND.pack(self._read, int(time.time()))

    def close(self) -> None:
        """Write out and close, so that another process may open the folder."""
        self._db.close()


def _open(folder: Path) -> Any:
    try:
        from rocksdict import AccessType, Options, Rdict  # noqa: PLC0415  # an extra
    except ImportError:
        raise SettingError(
            "profile_store `rocksdb` needs the extra of that name",
            hint="pip install 'tierlane[rocksdb]', or set profile_store to memory",
        ) from None
    options = Options(raw_mode=True)
    options.create_if_missing(create_if_missing=True)
    options.set_max_background_jobs(2)
    return Rdict(str(folder), options=options, access_type=AccessType.read_write())


def open_store(kind: str, folder: Path, deployment: str, partition: int) -> LoadedProfiles:
    """Return the store of a partition; `folder` is the member's own.

    A deployment has a folder of its own: offsets begin anew with new topics.
    """
    if kind == "memory":
        return MemoryProfiles()
    return RocksProfiles(folder / "profiles" / deployment / str(partition))

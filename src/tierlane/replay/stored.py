"""A record of a topic, held apart from whatever client read it."""

from typing import NamedTuple

Headers = tuple[tuple[str, bytes], ...]


class StoredRecord(NamedTuple):
    """A record as a log holds it; satisfies `tierlane.ports.Record`."""

    topic: str
    """Name without the prefix of the installation."""
    partition: int
    offset: int
    timestamp: int
    """When the log took it, ms since 1970: the `seen` clock."""
    key: bytes | None
    value: bytes | None
    headers: Headers = ()

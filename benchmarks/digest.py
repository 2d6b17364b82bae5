"""Hashes of what a run wrote: equal for equal records in any order, partition by partition."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

from aiokafka.partitioner import murmur2

from benchmarks.flow import Flow

if TYPE_CHECKING:
    from confluent_kafka import Message

SIZE = 16
WHOLE = 1 << 8 * SIZE

Place = tuple[str, int]
Reading = Callable[[bytes, bytes], bytes]
"""(key, value) → what of a record is compared."""


def everything(key: bytes, value: bytes) -> bytes:
    """Compare key and value byte by byte."""
    return b"%d:%b%b" % (len(key), key, value)


@dataclass(slots=True)
class Digest:
    """For each topic and partition the count, the sum of the records' hashes, and all bytes."""

    counts: dict[Place, int] = field(default_factory=dict)
    sums: dict[Place, int] = field(default_factory=dict)
    size: int = 0

    def add(self, topic: str, partition: int, key: bytes, value: bytes, what: bytes) -> None:
        """Count one record in; a sum, not an exclusive or, so that a repeat shows."""
        place = topic, partition
        taken = int.from_bytes(blake2b(what, digest_size=SIZE).digest(), "big")
        self.counts[place] = self.counts.get(place, 0) + 1
        self.sums[place] = (self.sums.get(place, 0) + taken) % WHOLE
        self.size += len(key) + len(value)

    def difference(self, other: "Digest") -> str:
        """Say how this digest differs from the expected one; empty when it does not."""
        for place in sorted(self.counts.keys() | other.counts.keys()):
            got, due = self.counts.get(place, 0), other.counts.get(place, 0)
            if got != due:
                return f"{place[0]}-{place[1]} holds {got} records, due are {due}"
            if self.sums[place] != other.sums[place]:
                return f"{place[0]}-{place[1]} holds other records than are due"
        return ""


def due(flow: Flow, partitions: int) -> Digest:
    """Return the digest of the flow's precomputed answers."""
    digest = Digest()
    for answer in flow.answers.values():
        for topic, key, value, _ in answer:
            key, value = key or b"", value or b""
            partition = (murmur2(key) & 0x7FFFFFFF) % partitions
            digest.add(topic, partition, key, value, everything(key, value))
    return digest


def written(
    messages: "Iterable[Message]", prefix: str, reading: Reading = everything
) -> tuple[Digest, float]:
    """Return the digest of what was read, and the seconds from its first to its last append."""
    digest = Digest()
    first, last = 1 << 62, 0
    for message in messages:
        key, value, at = message.key() or b"", message.value() or b"", message.timestamp()[1]
        topic = (message.topic() or "").removeprefix(prefix)
        digest.add(topic, message.partition() or 0, key, value, reading(key, value))
        first, last = min(first, at), max(last, at)
    return digest, max(last - first, 0) / 1000

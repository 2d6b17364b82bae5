"""murmur2 as Kafka's own clients use it to place a key, for a whole batch at once.

aiokafka's is pure Python and takes 1 to 8 µs a key. Here all keys of one length are hashed
together: each gets a 64-bit place in one big integer, so that a step of the algorithm is one
multiplication, shift or exclusive-or over thousands of keys, without a compiled dependency. A
32-bit word times the 32-bit constant fits its 64-bit place, so nothing spills over.
"""

from array import array
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from struct import Struct
from typing import Final

SEED: Final = 0x9747B28C
FACTOR: Final = 0x5BD1E995
WORD: Final = 0xFFFFFFFF
POSITIVE: Final = 0x7FFFFFFF

FEW: Final = 12
"""Below this many keys of one length the plain loop is quicker."""

_WORDS: Final = tuple(Struct(f"<{count}I").unpack_from for count in range(64))


def murmur2(key: bytes) -> int:
    """Return the hash of one key, unsigned, 32 bits."""
    size = len(key)
    if size >= 4 * len(_WORDS):
        return _lanes([key], size)[0]
    value = SEED ^ size
    for word in _WORDS[size >> 2](key):
        word = word * FACTOR & WORD
        value = (value * FACTOR ^ (word ^ word >> 24) * FACTOR) & WORD
    if rest := size & 3:
        value = (value ^ int.from_bytes(key[-rest:], "little")) * FACTOR & WORD
    value = (value ^ value >> 13) * FACTOR & WORD
    return value ^ value >> 15


def place(key: bytes, partitions: int) -> int:
    """Return the partition of a key, as Java's default partitioner and aiokafka's give it."""
    return (murmur2(key) & POSITIVE) % partitions


def hashes(keys: Sequence[bytes]) -> list[int]:
    """Return the hash of each key, without its sign bit; `% partitions` gives the partition."""
    by_size: defaultdict[int, list[int]] = defaultdict(list)
    for index, key in enumerate(keys):
        by_size[len(key)].append(index)
    found = [0] * len(keys)
    for size, places in by_size.items():
        group = [keys[index] for index in places]
        values = [murmur2(key) for key in group] if len(group) < FEW else _lanes(group, size)
        for index, value in zip(places, values, strict=True):
            found[index] = value & POSITIVE
    return found


@lru_cache(maxsize=64)
def _ones(count: int) -> int:
    """Return `count` places that each hold a one."""
    return int.from_bytes(b"\x01\0\0\0\0\0\0\0" * count, "little")


def _lanes(keys: Sequence[bytes], size: int) -> "array[int]":
    count = len(keys)
    whole, rest = divmod(size, 4)
    ones = _ones(count)
    mask = ones * WORD
    value = ones * ((SEED ^ size) & WORD)
    columns = _columns(keys, whole + bool(rest), rest)
    for word in columns[:whole]:
        word = word * FACTOR & mask
        # `>> 24` lets bits of the next place in at the top: the mask takes them off again.
        word = (word ^ (word >> 24 & mask)) * FACTOR & mask
        value = (value * FACTOR & mask) ^ word
    if rest:
        value = (value ^ columns[whole]) * FACTOR & mask
    value = (value ^ (value >> 13 & mask)) * FACTOR & mask
    value ^= value >> 15 & mask
    return array("Q", value.to_bytes(8 * count, "little"))


def _columns(keys: Sequence[bytes], words: int, rest: int) -> list[int]:
    """Return word `i` of every key in places of one integer, for each `i`; the tail is padded."""
    padding = b"\0" * (4 - rest) if rest else b""
    joined = memoryview(padding.join(keys) + padding).cast("I") if words else memoryview(b"")
    return [
        int.from_bytes(array("Q", joined[index::words].tolist()).tobytes(), "little")
        for index in range(words)
    ]

"""The ends of transactions, read from the broker's own segment files.

A broker ends a transaction by a control batch in each partition the transaction wrote to. When a
producer ends it, the batch carries the producer's epoch; when a *new* owner of the transactional id
arrives while it is open, the broker ends it under the next epoch. So an abort under a higher epoch
than the data before it is the trace of an owner that was lost inside an open transaction.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

HEAD: Final = struct.Struct(">qiibIhiqqqhii")
"""A batch's header, format 2: base offset, length, leader epoch, magic, checksum, attributes,
last offset's delta, first and last time, producer id and epoch, base sequence, records."""
LENGTH_FROM: Final = 12
"""The length counts what follows base offset and length itself."""
CONTROL: Final = 0x20
COMMIT: Final = 1


class End(NamedTuple):
    """One end of a transaction in one partition."""

    at: int
    """Milliseconds since 1970, by the broker's clock."""
    producer: int
    committed: bool
    fenced: bool
    """Whether somebody else than its producer ended it."""


def ends(folder: Path, topic: str, partition: int) -> Iterator[End]:
    """Yield the ends in one partition under the broker's data folder, in the order of the log."""
    epochs: dict[int, int] = {}
    for segment in sorted((folder / f"{topic}-{partition}").glob("*.log")):
        for batch in _batches(segment.read_bytes()):
            _, _, _, _, _, attributes, _, _, last, producer, epoch, _, _ = HEAD.unpack_from(batch)
            if not attributes & CONTROL:
                epochs[producer] = epoch
                continue
            # The record: length, attributes, two deltas and the key's length, one byte each here.
            kind = struct.unpack_from(">h", batch, HEAD.size + 5 + 2)[0]
            fenced = epoch > epochs.get(producer, epoch)
            yield End(last, producer, kind == COMMIT, fenced)


def _batches(segment: bytes) -> Iterator[bytes]:
    at = 0
    while at + HEAD.size <= len(segment):
        size = LENGTH_FROM + struct.unpack_from(">i", segment, at + 8)[0]
        # A segment in use is allocated ahead: zeros follow its last batch.
        if size <= LENGTH_FROM or at + size > len(segment):
            return
        yield segment[at : at + size]
        at += size

"""Streams of records merged by the times that their log stamped them with."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import attrgetter

from tierlane.ports import Record
from tierlane.replay.source.source import BATCH

_STAMPED = attrgetter("timestamp")


def merged(streams: Sequence[Iterable[Record]]) -> Iterator[Record]:
    """Yield the records of all streams by timestamp; of equal ones the earlier stream's first.

    A stream that is not in the order of its timestamps keeps its own order all the same.
    """
    if len(streams) == 1:
        yield from streams[0]
        return
    yield from heapq.merge(*streams, key=_STAMPED)


def cut(records: Iterable[Record], size: int = BATCH) -> Iterator[list[Record]]:
    """Yield the records in batches of this size; the last may be shorter, none is empty."""
    rest = iter(records)
    while batch := list(islice(rest, size)):
        yield batch

"""One process of a crew: it goes through its part of the records and answers what it is asked."""

import gc
import signal
from collections.abc import Callable, Collection, Sequence
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, Final, Protocol

from tierlane.ports import Record
from tierlane.replay.source.opening import Files
from tierlane.replay.stored import StoredRecord

GARBAGE: Final = (20_000, 20, 50)
"""Collector thresholds: what is remembered of decisions is many objects, and stays."""

READ: Final = "(read)"
"""Go through a source; answered with the count now and then, and at the end."""
STOP: Final = "(stop)"
"""Read no further."""
COUNT: Final = "(count)"
"""So many records were read so far."""
TAKE: Final = "(take)"
"""Take in records that are handed over; not answered."""
RAISED: Final = "(raised)"
"""What is sent through a line begins with a word; one that is none of these names a method."""

Share = Callable[[Record, int, int], bool]
"""Record, number of a process and how many there are → whether it is of its part.

A function of a module, so that another process finds it.
"""


class Part(Protocol):
    """What goes through the records of one process."""

    def take(self, records: Sequence[Record]) -> None:
        """Take in records, in their order."""


def plain(record: Record) -> tuple[Any, ...]:
    """Return a record as it is handed over; see `StoredRecord`."""
    return (
        record.topic,
        record.partition,
        record.offset,
        record.timestamp,
        record.key,
        record.value,
        tuple(record.headers),
    )


def serve(
    line: Connection,
    mine: tuple[Share, int, int],
    make: Callable[..., Part],
    arguments: tuple[Any, ...],
) -> None:
    """Do what is asked through the line until it is closed."""
    # Ctrl-C reaches the whole group; who began these processes ends them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        part = make(*arguments)
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GARBAGE)
        _answer(line, mine, part)
    except EOFError:
        return
    except Exception as error:  # noqa: BLE001 # whatever it is, it is raised where it is waited for
        line.send((RAISED, error))


def _answer(line: Connection, mine: tuple[Share, int, int], part: Part) -> None:
    while True:
        what, given = line.recv()
        if what == TAKE:
            part.take([StoredRecord._make(one) for one in given])
        elif what == READ:
            line.send((READ, _read(line, mine, part, *given)))
        elif what != STOP:  # else it came when all was read already
            line.send((what, getattr(part, what)(*given)))


def _read(
    line: Connection,
    mine: tuple[Share, int, int],
    part: Part,
    source: Files,
    topics: Collection[str],
) -> int:
    """Take in this part of a source and return the count, in the end or when told to stop."""
    share, number, cores = mine
    count = 0
    for batch in source.batches(topics, partial(_is, share, number, cores)):
        part.take(batch)
        count += len(batch)
        line.send((COUNT, count))
        if line.poll():
            line.recv()
            break
    return count


def _is(share: Share, number: int, cores: int, record: Record) -> bool:
    return share(record, number, cores)

"""The parts of which an outcome is joined: what some sets gave, with their evidence encoded.

A part is made once for equal answers, and joined with others as often as they meet.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from tierlane.decision import Fault, Missed
from tierlane.policy.deciding.evaluation import Hit
from tierlane.policy.deciding.evidence import (
    MOST_BECAUSE,
    MOST_CONSIDERED,
    Told,
    because_of,
    considered_of,
    named_alone,
)


class Part(NamedTuple):
    """What some sets gave, in their order."""

    because: tuple[str, ...]
    """The rows that held."""
    tried: tuple[tuple[Missed, ...], ...]
    """Per set the rows that did not."""
    faults: tuple[Fault, ...]
    used: tuple[int, ...]
    """The slots read, each once."""
    told: tuple[Told, ...]
    """Per set its evidence, for where not all of it has room."""
    rows: bytes
    """The rows that held, encoded, without the brackets of a list."""
    room: int
    """What these take of `MOST_BECAUSE`."""
    sets: bytes
    """What did not hold, as members by set."""
    alone: bytes
    """The names of the sets that have no rows to number, as items of a list."""
    considered: int
    """What both take of `MOST_CONSIDERED`."""
    unlisted: int
    """Rows that are only counted."""


def part(
    hits: Sequence[Hit], used: Iterable[int] = (), kept: tuple[str, Told] | None = None
) -> Part:
    """Return what the sets gave as one part.

    `used` are slots read beside theirs; `kept` is a row that held beside theirs, and its evidence.
    """
    told = [hit.told() for hit in hits]
    because = list(chain.from_iterable(hit.rows for hit in hits))
    if kept:
        because.append(kept[0])
        told.append(kept[1])
    parts = list(chain.from_iterable(one.considered for one in told))
    sets, alone = named_alone(piece for piece, _ in parts)
    return Part(
        because=tuple(because),
        tried=tuple(hit.missed for hit in hits if hit.missed),
        faults=tuple(chain.from_iterable(hit.faults for hit in hits)),
        used=tuple(dict.fromkeys(chain(*(hit.used for hit in hits), used))),
        told=tuple(told),
        rows=b",".join(one.rows for one in told if one.rows),
        room=sum(one.room for one in told),
        sets=b",".join(sets),
        alone=b",".join(alone),
        considered=sum(len(piece) + 1 for piece, _ in parts),
        unlisted=sum(rows for piece, rows in parts if not piece),
    )


def evidence(parts: Sequence[Part], lanes: bytes) -> tuple[bytes, bytes, int]:
    """Join `because` and `considered`, without their brackets; count the rows without room.

    Where all has room, as nearly always, ready pieces are joined; else it is done row by row.
    """
    left_out = 0
    if sum([one.room for one in parts]) <= MOST_BECAUSE:
        because = b",".join([one.rows for one in parts if one.rows])
    else:
        because, left_out = because_of(chain.from_iterable(one.because for one in parts))
    if sum([one.considered for one in parts]) > MOST_CONSIDERED:
        considered, more = considered_of(chain.from_iterable(one.told for one in parts), lanes)
        return because, considered, left_out + more
    sets = [one.sets for one in parts if one.sets]
    if alone := b",".join([one.alone for one in parts if one.alone]):
        sets.append(b'"no_row":[%b]' % alone)
    if lanes:
        sets.append(lanes)
    return because, b",".join(sets), left_out + sum([one.unlisted for one in parts])

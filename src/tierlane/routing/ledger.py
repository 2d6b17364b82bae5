"""What an owner keeps: encoded values by key, its place in its inputs, and how to go back.

Values are bytes all the time and are decoded when their key comes up. So going back is putting old
bytes back, a snapshot is the values themselves, and memory holds nothing for the garbage collector
to walk through: the cost of a contact does not grow with the contacts kept.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import orjson

from tierlane.errors import StateError
from tierlane.routing.timetable import Timetable

FORMAT: Final = 2
"""The format written; every value begins with it. The second has marks and joined contacts."""

READABLE: Final = (FORMAT - 1, FORMAT)
"""The formats that can be read: this one and the previous."""

LINE_FORMAT: Final = 3
"""The format of what is kept of managed desks, which versions before could not read."""

_READABLE: Final = frozenset(b"[%d," % number for number in (*READABLE, LINE_FORMAT))

POSITION: Final = b"\x00position"
"""The key of the owner's own record; keys of contacts do not begin with a zero byte."""


class Pending(NamedTuple):
    """How far contacts that waited at the activation of a revision were looked at."""

    everyone: bool
    """Whether all are decided again, or only those whose lane is gone."""
    since: int
    """The `seen` clock at the activation: who arrived later was decided by the revision."""
    done: str
    """The last key dealt with, in the order of their bytes; empty at the beginning."""


class Mark:
    """A point to go back to; see `Ledger.mark`."""

    __slots__ = ("clock", "pending", "policy", "positions", "seq", "undo")

    def __init__(self, ledger: "Ledger") -> None:
        self.undo: dict[bytes, bytes | None] = {}
        self.positions = dict(ledger.positions)
        self.seq = ledger.seq
        self.clock = ledger.clock
        self.policy = ledger.policy
        self.pending = ledger.pending


class Ledger:
    """The state of one owner. A value is `[FORMAT,DEADLINE,…]` in JSON."""

    __slots__ = ("_marks", "clock", "pending", "policy", "positions", "seq", "timetable", "values")

    def __init__(self) -> None:
        self.values: dict[bytes, bytes] = {}
        self.positions: dict[str, int] = {}
        """Topic → the next offset to read."""
        self.seq = 0
        """Audit records written; the next one's `seq` is one more."""
        self.clock = 0
        """The latest `seen` of a record read or of a timer fired."""
        self.policy: tuple[str, str] | None = None
        """Name and hash of the revision whose activation was audited."""
        self.pending: Pending | None = None
        """What is left to do with contacts that waited when it became active."""
        self.timetable = Timetable()
        self._marks = [Mark(self)]

    def put(self, key: bytes, value: bytes | None, deadline: int) -> None:
        """Keep a value, to be looked at again at the deadline; None forgets the key."""
        values = self.values
        undo = self._marks[-1].undo
        if key not in undo:
            undo[key] = values.get(key)
        if value is None:
            values.pop(key, None)
        else:
            values[key] = value
            self.timetable.put(key, deadline)

    def due(self, now: int, most: float) -> Iterator[bytes]:
        """Take the keys whose deadline has come, by deadline and then by key.

        It ends once `most` bytes are kept under those taken; the others stay due.
        A key that came up too early is put back. Where it stood is no state: after a restore it
        stands elsewhere, and timers are to fire in the same order.
        """
        timetable, values = self.timetable, self.values
        while timetable.next <= now and most > 0:
            taken, keys = timetable.take()
            for key in keys:
                value = values.get(key)
                if value is None:
                    continue
                deadline = deadline_of(value)
                if deadline > taken or most <= 0:
                    timetable.put(key, deadline)
                else:
                    most -= len(key) + len(value)
                    yield key

    def record(self) -> bytes:
        """Return the owner's own record, kept under `POSITION`."""
        own = (self.clock, self.positions, self.policy)
        inner = orjson.dumps(own if self.pending is None else (*own, tuple(self.pending)))
        return framed(self.seq, inner)

    def mark(self) -> None:
        """Set a point to go back to, inside what is not yet committed."""
        self._marks.append(Mark(self))

    def merge(self) -> None:
        """Let go of the last mark: what was done since belongs to the one before."""
        done = self._marks.pop()
        outer = self._marks[-1].undo
        for key, value in done.undo.items():
            outer.setdefault(key, value)

    def back(self) -> None:
        """Go back to the last mark and let go of it."""
        mark = self._marks.pop()
        for key, value in mark.undo.items():
            if value is None:
                self.values.pop(key, None)
            else:
                self.values[key] = value
                self.timetable.put(key, deadline_of(value))
        self.positions, self.seq = mark.positions, mark.seq
        self.clock, self.policy, self.pending = mark.clock, mark.policy, mark.pending

    def commit(self) -> None:
        """Keep what was done."""
        self._marks = [Mark(self)]

    def rollback(self) -> None:
        """Go back to what was last committed."""
        while self._marks:
            self.back()
        self._marks = [Mark(self)]

    def snapshot(self) -> Iterator[tuple[bytes, bytes]]:
        """Return the state as changelog records."""
        yield from self.values.items()
        yield POSITION, self.record()

    def restore(self, items: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Take over a state; of each key the last value counts.

        Raises `StateError` where a value has a format this version cannot read.
        """
        latest = dict(items)
        own = latest.pop(POSITION, None)
        self.values, self.timetable = {}, Timetable()
        self.seq, self.clock, self.positions, self.policy = 0, 0, {}, None
        self.pending = None
        for key, value in latest.items():
            if value is not None:
                self.values[key] = value
                self.timetable.put(key, deadline_of(value))
        if own is not None:
            deadline_of(own)
            _, self.seq, self.clock, self.positions, policy, *pending = orjson.loads(own)
            self.policy = tuple(policy) if policy else None
            self.pending = Pending(*pending[0]) if pending else None
        self._marks = [Mark(self)]


def framed(deadline: int, inner: bytes, version: int = FORMAT) -> bytes:
    """Return a value: format and deadline before what is kept, a list in JSON.

    Joining copies, and that is needed: what orjson returns keeps its buffer of at least 4 KB for as
    long as it lives, ten times what a customer takes.
    """
    return b"[%d,%d," % (version, deadline) + inner[1:]


def deadline_of(value: bytes) -> int:
    """Return when a value is to be looked at again. Raises `StateError` on another format."""
    if value[:3] not in _READABLE:
        raise StateError(
            "the kept state has a format that this version cannot read",
            hint="run the version that wrote it, or one release after it",
        )
    return int(value[3 : value.index(b",", 3)])

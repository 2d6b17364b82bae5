"""The advisors' home desks, as `advisor.directory` lists them: held whole by every intake.

A step that names an advisor leads to that advisor's home desk, and is passed over where the
directory does not know them. What was looked up goes into the audit's cause, with the place of the
record that answered, so that it can be looked up again.
"""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple, Protocol

from tierlane.advisor import LISTED, ListedEvent
from tierlane.contact.reading import Reader
from tierlane.errors import Unreadable
from tierlane.ports import Record

_LONGEST: Final = 800
"""Bytes of a key: 200 characters of four bytes."""


class Home(NamedTuple):
    """Where an advisor is at home, and which record says so."""

    desk: str | None
    """None: the directory does not know the advisor."""
    partition: int
    offset: int
    """Of the record; where there is none, the offset up to which its partition was read."""


class Homes(Protocol):
    """Where homes are looked up: the directory as it is now, or what was found once."""

    def looking(self, decision_id: str) -> "Looking":
        """Return what looks homes up for one decision."""


class Directory:
    """The directory as far as it was read. One without a single advisor says nothing of anybody."""

    def __init__(self, place: Callable[[bytes], int] = lambda key: 0) -> None:  # noqa: ARG005
        """`place` gives the partition of a key."""
        self.unreadable = 0
        """Records that could not be read; each left what was there before."""
        self._place = place
        self._homes: dict[str, Home] = {}
        self._read: dict[int, int] = {}
        self._reader = Reader({LISTED: ListedEvent})

    def __len__(self) -> int:
        return len(self._homes)

    def take(self, partition: int, records: Iterable[Record]) -> None:
        """Take in records of one partition, in their order."""
        for record in records:
            self._read[partition] = record.offset + 1
            key = _text(record.key)
            if key is None:
                self.unreadable += 1
            elif record.value is None:
                self._homes.pop(key, None)
            else:
                self._list(key, partition, record)

    def _list(self, key: str, partition: int, record: Record) -> None:
        try:
            data = self._reader.read(record).data
        except Unreadable:
            self.unreadable += 1
            return
        if data["advisor_id"] == key:
            self._homes[key] = Home(data["desk"], partition, record.offset)
        else:
            self.unreadable += 1

    def home(self, advisor_id: str) -> Home | None:
        """Return where an advisor is at home; None where the directory says nothing of anybody."""
        if not self._homes:
            return None
        found = self._homes.get(advisor_id)
        if found is not None:
            return found
        partition = self._place(advisor_id.encode())
        return Home(None, partition, self._read.get(partition, 0))

    def looking(self, decision_id: str) -> "Looking":  # noqa: ARG002  # as of now, whatever it is
        """Return what looks homes up for one decision."""
        return Looking(self.home)


class Looking:
    """Looks homes up for one decision, and keeps what was looked up."""

    __slots__ = ("_find", "_found")

    def __init__(self, find: Callable[[str], Home | None]) -> None:
        self._find = find
        self._found: dict[str, Home] = {}

    def __call__(self, advisor_id: str) -> tuple[bool, str | None]:
        """Return whether the directory says anything, and the advisor's home desk or None."""
        found = self._found.get(advisor_id) or self._find(advisor_id)
        if found is None:
            return False, None
        self._found[advisor_id] = found
        return True, found.desk

    @property
    def cause(self) -> list[dict[str, str | int | None]]:
        """What was looked up, for the audit's cause."""
        return [{"advisor": one, **home._asdict()} for one, home in self._found.items()]


def _text(key: bytes | None) -> str | None:
    if not key or len(key) > _LONGEST:
        return None
    try:
        return key.decode()
    except UnicodeDecodeError:
        return None

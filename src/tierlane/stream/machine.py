"""What an owner drives: any object with the calls of `routing.Intake`.

The worker knows no more of decisions than this, so a bench or a test puts in its own.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from tierlane.ports import ProfileStore, Record
from tierlane.routing.effect import Effects


class Machine(Protocol):
    """The state machine of one partition; it is called by one task, never in parallel."""

    def on_records(self, topic: str, records: Sequence[Record]) -> Effects:
        """Take records of one input topic, in the order of their offsets."""

    def position(self, topic: str) -> int:
        """Return the next offset of an input topic; -1 where nothing was read yet."""

    def next_deadline(self) -> int | None:
        """Return when `on_deadline` is due, in milliseconds since 1970; None if never."""

    def on_deadline(self, now: int) -> Effects:
        """Do what is due by now, or a part of it; `next_deadline` tells whether more is due."""

    def park(self, topic: str, record: Record, error: BaseException) -> Effects:
        """Put aside the one record that made `on_records` raise."""

    def commit(self) -> None:
        """Keep what was done since the last commit."""

    def rollback(self) -> None:
        """Go back to the last commit."""

    def restore(self, items: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Take up kept state; a later value of a key wins, None deletes it."""


class ProfileMachine(Machine, Protocol):
    """A machine that reads profiles."""

    def load_profiles(self, records: Sequence[Record]) -> None:
        """Put profiles into the store, without any effect; unreadable ones are passed over."""


class MachineFactory(Protocol):
    """Makes the machine of a partition."""

    def __call__(self, *, partition: int, profiles: ProfileStore) -> Machine:
        """Return the machine of a partition, with no state yet."""

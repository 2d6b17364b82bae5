"""Profiles on their way into the store: they get there when the batch is committed, not before."""

from typing import Final

from tierlane.ports import ProfileStore


class StagedProfiles:
    """The store, seen through the profiles read since the last commit.

    Without it a batch that is rolled back would leave its profiles behind, and doing it again
    could decide otherwise than the first time.
    """

    __slots__ = ("_staged", "_store")

    def __init__(self, store: ProfileStore) -> None:
        self._store: Final = store
        self._staged: dict[str, tuple[int, bytes | None]] = {}

    def get(self, customer_id: str) -> tuple[int, bytes] | None:
        """Return offset and value of the customer's profile, None if there is none."""
        stored = self._store.get(customer_id)
        if self._staged and customer_id in self._staged:
            offset, value = self._staged[customer_id]
            if stored is None or stored[0] < offset:
                return None if value is None else (offset, value)
        return stored

    def put(self, customer_id: str, offset: int, value: bytes | None) -> None:
        """Stage a profile; None forgets the customer's."""
        self._staged[customer_id] = offset, value

    def load(self, customer_id: str, offset: int, value: bytes | None) -> None:
        """Put a profile into the store at once, as it was committed before."""
        self._store.put(customer_id, offset, value)

    def commit(self) -> None:
        """Put what was staged into the store."""
        for customer_id, (offset, value) in self._staged.items():
            self._store.put(customer_id, offset, value)
        self._staged = {}

    def rollback(self) -> None:
        """Drop what was staged."""
        self._staged = {}

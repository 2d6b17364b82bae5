"""What a state machine wants done: records to write and state to keep.

One `Effects` is made per call, that is per batch, never per record.
"""

from typing import Final, NamedTuple

Counts = dict[tuple[str, str], int]
"""How often something happened, by name and label, such as `("decided", "priority")`."""


class Output(NamedTuple):
    """A record to write, already encoded."""

    topic: str
    """Name without the prefix of the installation."""
    key: bytes | None
    """None only on `contact.rejected`, where the original had none."""
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class Effects:
    """What one call brought about: outputs in order, changed state, and counts for the metrics."""

    __slots__ = ("changes", "counts", "outputs")

    def __init__(self) -> None:
        self.outputs: Final[list[Output]] = []
        """Records to write, in this order."""
        self.changes: Final[dict[bytes, bytes | None]] = {}
        """Changelog records, the last value of each key that changed; None deletes the key."""
        self.counts: Final[Counts] = {}
        """For the metrics: decided, rejected, duplicate, noted, skipped, errors, each by label."""

    def __bool__(self) -> bool:
        return bool(self.outputs or self.changes)

    def count(self, name: str, label: str = "") -> None:
        """Add one to a count."""
        key = (name, label)
        self.counts[key] = self.counts.get(key, 0) + 1

    def add(self, later: "Effects") -> None:
        """Take over what came about after this."""
        self.outputs.extend(later.outputs)
        self.changes.update(later.changes)
        for key, number in later.counts.items():
            self.counts[key] = self.counts.get(key, 0) + number

"""What changed at a desk since somebody looked, so that no more than that is written.

It may name what is as it was, never miss what is not; whoever writes compares.
"""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Trace:
    """Names of what changed."""

    contacts: set[str] = field(default_factory=set)
    seats: set[str] = field(default_factory=set)
    lanes: set[str] = field(default_factory=set)
    """Lanes whose pace is another."""

    def clear(self) -> None:
        """Begin anew."""
        for one in (self.contacts, self.seats, self.lanes):
            one.clear()

"""One contact's wait, as a log tells it."""

from typing import NamedTuple


class Wait(NamedTuple):
    """A contact that stood in line; times are seconds since 1970."""

    contact: str
    day: str
    """The local day, `2026-03-02`: what is drawn anew for the intervals."""
    since: float
    until: float
    """When it left the line, taken or not."""
    priority: float = 0
    """Higher is to be sooner; how much sooner is what is asked."""
    kind: str = ""
    """What an advisor must be able to do: the contact's type, skill or lane."""
    taken_by: str = ""
    """Who took it; empty if nobody did, or nobody is named."""
    taken: float | None = None
    """When it was taken, where that is not `until`."""
    promised: float | None = None
    """By when an answer was promised."""

    @property
    def moment(self) -> float:
        """When it was taken, or left."""
        return self.until if self.taken is None else self.taken

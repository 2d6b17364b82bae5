"""What an owner is at: one word for what it may do."""

from enum import Enum


class Phase(Enum):
    """The phases of an owner, from its making to its end."""

    NEW = "new"
    """Made; its state and profiles are not read yet."""
    SERVING = "serving"
    """Records are fetched for it, and it writes."""
    PARKED = "parked"
    """Amid a rebalance: what is in flight goes on, nothing more is begun."""
    SHUT_OUT = "shut out"
    """Whether the partition is its own it does not know: it asks the group, and begins anew."""
    LOST = "lost"
    """Shut out amid a rebalance, or failed: it writes nothing more unless it is told to resume."""
    CLOSED = "closed"
    """Over."""


WAITING = frozenset({Phase.NEW, Phase.PARKED, Phase.LOST})
"""Something is still to come from outside: the state, or the end of a rebalance."""

UNSURE = frozenset({Phase.SHUT_OUT, Phase.LOST})
"""The partition may be another owner's."""

"""How large a run is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """Counts of contacts, rounds and seconds of each row."""

    rounds: int
    transport_rounds: int
    """More than of the others: the two settings of tierlane lie close together."""
    transport: int
    """Contacts of the fast contestants in the Transport row."""
    full: int
    """Contacts of the fast contestants in the Full row."""
    latency_seconds: float
    latency_rounds: int
    seen: tuple[int, ...]
    """Contacts seen before the cost of a contact is taken."""
    profiles: tuple[int, ...]
    """Profiles loaded before the cost of a contact is taken."""
    partitions: tuple[int, ...]
    """Partitions that one worker holds."""
    grown: int
    """Contacts over which the cost of a contact is taken."""
    waiting: int
    """Contacts that wait at the desk whose worker begins again."""
    replayed: int
    """Contacts that the worker decides and `diff` is asked about."""
    replayed_long: int
    """Contacts for one process beside two: half a minute of one, so that beginning the other hardly
    counts."""


FULL = Size(
    rounds=3,
    transport_rounds=5,
    transport=200_000,
    full=36_000,
    latency_seconds=10,
    latency_rounds=3,
    seen=(10_000, 100_000, 1_000_000),
    profiles=(10_000, 100_000, 1_000_000),
    partitions=(1, 16, 128),
    grown=50_000,
    waiting=100_000,
    replayed=120_000,
    replayed_long=360_000,
)

QUICK = Size(
    rounds=1,
    transport_rounds=1,
    transport=2_000,
    full=500,
    latency_seconds=2,
    latency_rounds=1,
    seen=(500, 1_000),
    profiles=(200, 1_000),
    partitions=(1, 4),
    grown=500,
    waiting=6_000,
    replayed=500,
    replayed_long=2_000,
)

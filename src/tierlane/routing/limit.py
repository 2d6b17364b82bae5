"""How much intake keeps, and for how long. Times are in milliseconds."""

from dataclasses import dataclass

from tierlane.contact.reading import READABLE_BYTES
from tierlane.policy.reading.memory import MOST_COUNTED

DAY = 86_400_000


@dataclass(frozen=True, slots=True)
class IntakeLimits:
    """Bounds on what intake keeps of a customer, so that neither state nor cost grows for ever."""

    dedupe_window: int = DAY
    """Two events with the same `source` and `id` are one if seen within this time."""
    dedupe_events: int = 64
    """Events remembered per key; a busier key forgets its oldest before the window is over."""
    lapse: int = 7 * DAY
    """An open contact of which nothing is heard for so long lapses."""
    over: int = 7 * DAY
    """How long a contact that is over is kept for its outcome and feedback."""
    memory: int = 400 * DAY
    """How long a customer who does not come back is remembered."""
    marks: int = MOST_COUNTED
    """Contacts remembered per key and count of the policy; past it the oldest no longer counts."""
    contacts: int = 32
    """Contacts kept per key; past it those that are over go first, then the oldest lapses."""
    skew: int = 300_000
    """A larger distance between an event's `time` and `seen` is an error on the decision."""
    text: int = 4_000
    """Characters of a field that are kept for deciding again; a longer field is not kept."""
    record_bytes: int = READABLE_BYTES
    """Larger records are refused unread, with their first 64 KB."""

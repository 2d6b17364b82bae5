"""What a limit may name: measures by what they are of, and what they are summed by."""

from collections.abc import Iterable, Mapping
from typing import Final

from tierlane.replay.feedback.tally import MEASURES as OF_FEEDBACK
from tierlane.replay.simulation.measure import OF_CONTACTS, OF_WORK

OF_DECISIONS: Final = ("moved", "other_terms")
OF_KINDS: Final = ("answered", "share", "service_hours", "service_cost")
_PAID: Final = (*OF_WORK, "cost")
OF_RECORD: Final = ("contacts", "never_fired", "promise_missed", "better", "worse")
_CONTACTS: Final = (*OF_CONTACTS, *OF_DECISIONS)

MEASURES: Final[Mapping[str, tuple[str, ...]]] = {
    "all": (*_CONTACTS, *OF_RECORD[1:]),
    "tier": _CONTACTS,
    "scenario": _CONTACTS,
    "lane": _CONTACTS,
    "channel": OF_CONTACTS,
    "kind": OF_KINDS,
    "all work": _PAID,
    "desk": OF_WORK,
    "group": _PAID,
    "advisor": OF_WORK,
    "rule": tuple(one.name for one in OF_FEEDBACK),
}
"""By what figures there are, and which measures of it."""


def every() -> Iterable[str]:
    """Return all measures."""
    return dict.fromkeys(name for names in MEASURES.values() for name in names)

"""Counts of a customer's contacts: the marks they leave, and how many count at a moment.

A mark is `[name, at, contact, value]`: which count, the contact's arrival by event time, a digest
of its id, and of the field the count is kept by (empty where it is by customer). Marks are those of
the window and never more than a bound, so what is kept does not grow with history.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from tierlane.policy.form.document import Count

Marks = list[list[Any]]


class Counted(NamedTuple):
    """A contact as far as counting goes."""

    id: str
    data: Mapping[str, Any]
    arrived: int
    """By event time, ms."""


def numbers(marks: Marks, counts: Sequence[Count], contact: Counted, *, now: int) -> dict[str, int]:
    """Return for each count how many contacts before this one count at `now`, by event time."""
    own = _digest(contact.id)
    found = dict.fromkeys((one.name for one in counts), 0)
    for one in counts:
        value = _value(one, contact.data)
        for name, at, other, marked_by in marks:
            before = other != own and now - one.within < at <= contact.arrived
            if before and name == one.name and marked_by == value:
                found[name] += 1
    return found


def marked(
    marks: Marks,
    counts: Sequence[Count],
    contact: Counted,
    *,
    names: Iterable[str],
    now: int,
    most: int,
) -> Marks:
    """Return the marks with those of a contact as it was now decided, without the stale.

    `names` are the counts it counts towards; at most so many marks of each count are kept, the
    latest. What no count of the policy asks for is let go. `now` is on the `seen` clock: a source
    whose clock runs ahead does not make others forgotten.
    """
    own, latest = _digest(contact.id), min(contact.arrived, now)
    kept: Marks = []
    for one in counts:
        oldest = latest - one.within
        mine = [m for m in marks if m[0] == one.name and m[2] != own and m[1] > oldest]
        value = _value(one, contact.data)
        if one.name in names and value is not None:
            mine.append([one.name, contact.arrived, own, value])
        kept += mine[-most:]
    return kept


def _value(count: Count, data: Mapping[str, Any]) -> str | None:
    """Return what tells apart the contacts counted together; None where the field is missing."""
    if not count.per:
        return ""
    found: Any = data
    for key in count.per[1:]:
        found = found.get(key) if isinstance(found, Mapping) else None
    return _digest(str(found)) if type(found) in (str, int, float) else None


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()

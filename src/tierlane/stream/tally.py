"""What came out, counted: each contact needs one decision of its own and one current lane entry.

An update or a customer who becomes known decides a contact again. Such decisions are marked
`again` and counted apart; where they lead to another lane, the old entry is left and a new one
with the next number entered, so the entry that nobody left is the current one. A record delivered
twice has a known id and counts once.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from tierlane.topic import CONTACT_EVENTS, INTAKE_RETURNS

HANDED_ON: Final = frozenset({"identified", "forwarded"})
"""Kinds of audit record after which another partition goes on with the contact."""


class Place(NamedTuple):
    """Where a contact waits now."""

    number: int
    lane: str
    kind: str
    tier: str


class Tally:
    """Takes the `data` of audit records and lane entries, in any order."""

    def __init__(self) -> None:
        self.again = 0
        """Decisions that were made once more for an open contact."""
        self.repeated = 0
        """Audit records that came once more with an id already known, as at-least-once may."""
        self.noted: Counter[str] = Counter()
        """Audit records by kind."""
        self.samples: dict[str, Mapping[str, Any]] = {}
        """The audit record of one telling decision for each kind of lane."""
        self._first: Counter[str] = Counter()
        self._records: set[str] = set()
        self._causes: set[tuple[str, int, int]] = set()
        self._handed_on: set[tuple[int, int]] = set()
        self._entered: defaultdict[str, dict[str, Place]] = defaultdict(dict)
        self._left: set[str] = set()

    @property
    def contacts(self) -> int:
        """Contacts with a decision of their own."""
        return len(self._first)

    @property
    def records(self) -> int:
        """Audit records counted."""
        return len(self._records)

    def complete(self, events: int) -> bool:
        """Tell whether so many contact events, and all that was handed on, led to something.

        Every event leaves an audit record that names it as the cause. A customer who becomes
        known is a second step: his own partition takes the contact over, through another topic.
        """
        taken = Counter(where[0] for where in self._causes)
        returned = taken[INTAKE_RETURNS]
        return taken[CONTACT_EVENTS] >= events and returned >= len(self._handed_on)

    def audit(self, data: Mapping[str, Any]) -> None:
        """Count an audit record."""
        cause = data.get("cause") or {}
        if "offset" in cause:
            self._causes.add((cause["topic"], cause["partition"], cause["offset"]))
            if data.get("kind") in HANDED_ON and cause["topic"] == CONTACT_EVENTS:
                self._handed_on.add((cause["partition"], cause["offset"]))
        decision = str(data.get("decision_id"))
        if decision in self._records:
            self.repeated += 1
            return
        self._records.add(decision)
        self.noted[str(data.get("kind"))] += 1
        if data.get("kind") != "decided":
            return
        if data.get("again"):
            self.again += 1
            return
        self._first[str(data["contact_id"])] += 1
        self._sample(data)

    def _sample(self, data: Mapping[str, Any]) -> None:
        """Keep one decision of each kind of lane, the same in whatever order records come.

        One without errors about a customer who earned his tier tells the most; else the first.
        """
        kind = str(data["lane_kind"])
        kept = self.samples.get(kind)
        if kept is None or _telling(data) < _telling(kept):
            self.samples[kind] = data

    def entered(self, data: Mapping[str, Any]) -> None:
        """Count a lane entry."""
        place = Place(data["entry_no"], data["lane"], data["kind"], data["tier"])
        self._entered[data["contact_id"]][data["entry_id"]] = place

    def left(self, data: Mapping[str, Any]) -> None:
        """Count that a lane was left for another."""
        self._left.add(data["entry_id"])

    def table(self) -> Counter[tuple[str, str, str]]:
        """Return current entries by kind, lane and tier."""
        found: Counter[tuple[str, str, str]] = Counter()
        for entries in self._entered.values():
            place = max(entries.values())
            found[place.kind, place.lane, place.tier] += 1
        return found

    def faults(self, expected: int) -> list[str]:
        """Return, in words, everything that keeps `expected` contacts from being served once."""
        twice = sum(count > 1 for count in self._first.values())
        several = sum(not self._in_one_place(e) for e in self._entered.values())
        counted = {
            f"of {expected:,} contacts {len(self._first):,} were decided": (
                len(self._first) != expected
            ),
            f"{twice:,} contacts were decided twice": twice,
            f"of {expected:,} contacts {len(self._entered):,} are in a lane": (
                len(self._entered) != expected
            ),
            f"{several:,} contacts are in no lane or in several": several,
        }
        return [text for text, wrong in counted.items() if wrong]

    def _in_one_place(self, entries: Mapping[str, Place]) -> bool:
        """Tell whether numbers run from 1 without a gap and all but the highest were left."""
        numbers = sorted(place.number for place in entries.values())
        stays = [place.number for entry, place in entries.items() if entry not in self._left]
        return numbers == list(range(1, len(numbers) + 1)) and stays in ([], numbers[-1:])


def _reasons(data: Mapping[str, Any]) -> tuple[int, str]:
    return len(data["because"]), str(data["contact_id"])


def _telling(data: Mapping[str, Any]) -> tuple[bool, bool, int, str]:
    contact = str(data["contact_id"])
    plain = str(data["tier"]["rule"]).endswith("/default")
    return bool(data["errors"]), plain, len(contact), contact

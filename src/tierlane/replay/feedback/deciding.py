"""Decides contacts anew where a source has no audit, with what is known of their customers then."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from tierlane.contact.reading import Event
from tierlane.decision import Decision
from tierlane.errors import Unreadable
from tierlane.policy.deciding.revision import Revision
from tierlane.profile import plain_profile
from tierlane.replay.diff.side import Side, recall
from tierlane.replay.shelf import Shelf
from tierlane.routing.memory import Customer


@dataclass(slots=True)
class Known:
    """Of one customer: the latest profile as it was read, and what the policy remembers."""

    profile: bytes | None = None
    customer: Customer | None = None


def packed(known: Known) -> bytes:
    """Return it as bytes, to be put away: the memory, a line feed, the profile as it is."""
    customer, profile = known.customer, known.profile
    head = orjson.dumps((profile is not None, None if customer is None else customer.pack()))
    return head + b"\n" + (profile or b"")


def unpacked(value: bytes) -> Known:
    """Return what `packed` was given."""
    head, _, profile = value.partition(b"\n")
    there, customer = orjson.loads(head)
    return Known(profile if there else None, None if customer is None else Customer(*customer))


class Deciding:
    """Decides by one revision, contact after contact."""

    def __init__(self, revision: Revision) -> None:
        self._side = Side(revision)
        self._known: Shelf[Known] = Shelf(packed, unpacked)

    def profile(self, key: bytes, value: bytes | None) -> None:
        """Take in a profile; None deletes it, and what is remembered of the customer with it."""
        known = self._known.get(key)
        if value is None:
            if known is not None:
                known.profile = known.customer = None
        elif known is None:
            self._known.put(key, Known(value))
        else:
            known.profile = value

    def decided(self, key: bytes, event: Event) -> Decision:
        """Return the decision of an arrival."""
        profile, customer = None, None
        if event.data.get("customer_id") is not None:
            known = self._of(key)
            profile = _readable(known.profile, event.data["customer_id"], key)
            customer = known.customer
        asked = self._side.decide(event, profile, customer)
        return self._side.revision.decide(event.data, profile, asked.memory, event.at)

    def told(self, key: bytes, data: Mapping[str, Any]) -> None:
        """Remember who served a customer and how it ended."""
        known = self._known.get(key) if self._side.remembers else None
        if known is not None and known.customer is not None:
            recall(known.customer, data)

    def _of(self, key: bytes) -> Known:
        known = self._known.get(key)
        if known is None:
            known = Known()
            if self._side.remembers:
                self._known.put(key, known)
        if self._side.remembers and known.customer is None:
            known.customer = Customer()
        return known


def _readable(value: bytes | None, customer: str, key: bytes) -> dict[str, Any] | None:
    """Return a profile; None where there is none under the customer's own key, or none readable."""
    if value is None or key != customer.encode():
        return None
    try:
        return plain_profile(value, customer)
    except Unreadable:
        return None

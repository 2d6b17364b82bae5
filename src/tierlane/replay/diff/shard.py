"""The contacts of some customers, asked of both policies in one pass."""

from collections.abc import Sequence
from typing import Any, Final

import orjson

from tierlane.audit.mask import Mask
from tierlane.audit.record import decided
from tierlane.contact.event import ANSWERED, ARRIVED, CONTACT_EVENTS, ENDED
from tierlane.contact.reading import Event, Reader
from tierlane.contact.returned import RETURN_ANSWERED, RETURN_EVENTS, RETURN_FINISHED
from tierlane.decision import Decision, Outcome
from tierlane.errors import Unreadable
from tierlane.policy.deciding.revision import Revision
from tierlane.profile import plain_profile
from tierlane.replay.diff.comparison import SAMPLES, Comparison, Sample, Way
from tierlane.replay.diff.side import Asked, Side
from tierlane.replay.stored import StoredRecord
from tierlane.topic import CONTACT_EVENTS as CONTACTS
from tierlane.topic import CUSTOMER_PROFILES, INTAKE_RETURNS

TOPICS: Final = frozenset({CONTACTS, CUSTOMER_PROFILES, INTAKE_RETURNS})

Parcel = tuple[str, bytes | None, bytes | None, Any]
"""Topic, key, value and headers: what of a record matters here."""

_ARRIVED: Final = ARRIVED.encode()
_TOLD: Final = tuple(one.encode() for one in (ANSWERED, ENDED, RETURN_ANSWERED, RETURN_FINISHED))
_ALIKE: Final = 100_000
"""Pairs of outcomes whose way is remembered; a policy has some thousands."""


class Shard:
    """Decides what it is handed, in that order."""

    def __init__(self, a: Revision, b: Revision) -> None:
        names = (f"{a.name}@{a.hash}", f"{b.name}@{b.hash}")
        self.comparison = Comparison(*names)
        self._a, self._b = Side(a), Side(b)
        self._remembers = self._a.remembers or self._b.remembers
        self._arrivals = Reader({ARRIVED: CONTACT_EVENTS[ARRIVED]})
        self._later = Reader(CONTACT_EVENTS | RETURN_EVENTS)
        self._profiles: dict[bytes, bytes] = {}
        self._ways: dict[tuple[int, int], tuple[Way, Outcome, Outcome]] = {}
        """By the identities of both outcomes, which are held so that none is taken for another."""

    def take(self, parcels: Sequence[Parcel]) -> None:
        """Take in records of customers of this shard."""
        for topic, key, value, headers in parcels:
            if topic == CUSTOMER_PROFILES:
                self._profile(key or b"", value)
            elif value is None or key is None:
                continue
            elif _ARRIVED in value or headers:
                self._arrival(key, value, headers)
            elif self._remembers and any(one in value for one in _TOLD):
                self._tell(key, value)

    def _profile(self, key: bytes, value: bytes | None) -> None:
        if value is None:
            self._profiles.pop(key, None)
            self._a.forget(key)
            self._b.forget(key)
        else:
            self._profiles[key] = value

    def _arrival(self, key: bytes, value: bytes, headers: Any) -> None:
        comparison = self.comparison
        try:
            event = self._arrivals.read(StoredRecord("", 0, 0, 0, key, value, headers))
        except Unreadable as error:
            comparison.unreadable += error.reason != "unknown-type"
            return
        comparison.contacts += 1
        profile = self._profile_of(event)
        a = self._a.decide(key, event, profile)
        b = self._b.decide(key, event, profile)
        pair = id(a.outcome), id(b.outcome)
        known = self._ways.get(pair)
        if known is None:
            if len(self._ways) >= _ALIKE:
                self._ways.clear()
            known = self._ways[pair] = _way(a.outcome, b.outcome), a.outcome, b.outcome
        way = known[0]
        if a.advisor != b.advisor and way.terms:
            way = way._replace(terms=False)
        comparison.ways[way] += 1
        if way.moved or not way.terms:
            self._sample(way, event, profile, (a, b))

    def _profile_of(self, event: Event) -> dict[str, Any] | None:
        customer = event.data.get("customer_id")
        if customer is None:
            return None
        value = self._profiles.get(customer.encode())
        try:
            return None if value is None else plain_profile(value, customer)
        except Unreadable:
            return None

    def _sample(
        self, way: Way, event: Event, profile: dict[str, Any] | None, asked: tuple[Asked, Asked]
    ) -> None:
        samples = self.comparison.samples.setdefault((way.lane, way.lane_b), [])
        if len(samples) < SAMPLES or event.at < samples[-1].at:
            a, b = (
                _told(event, side.revision.decide(event.data, profile, one.memory, event.at))
                for side, one in zip((self._a, self._b), asked, strict=True)
            )
            made = Sample(event.at, event.data["contact_id"], a, b)
            both = sorted([*samples, made], key=lambda one: (one.at, one.contact_id))
            self.comparison.samples[way.lane, way.lane_b] = both[:SAMPLES]

    def _tell(self, key: bytes, value: bytes) -> None:
        try:
            event = self._later.read(StoredRecord("", 0, 0, 0, key, value))
        except Unreadable:
            return
        self._a.recall(key, event.data)
        self._b.recall(key, event.data)


def _way(one: Outcome, other: Outcome) -> Way:
    rows, others = set(one.because), set(other.because)
    return Way(
        one.tier,
        one.scenario,
        one.lane,
        other.tier,
        other.scenario,
        other.lane,
        one.terms == other.terms,
        next((row for row in one.because if row not in others), ""),
        next((row for row in other.because if row not in rows), ""),
    )


_MASK: Final = Mask(bytes(16))


def _told(event: Event, decision: Decision) -> dict[str, Any]:
    """Return a decision as the audit would tell it; what is masked stays so."""
    value = decided(
        decision,
        decision_id="diff",
        owner="diff",
        seq=1,
        contact_id=event.data["contact_id"],
        at=event.at,
        seen=event.at,
        cause={"event": event.id},
        mask=_MASK,
    )
    data: dict[str, Any] = orjson.loads(value)["data"]
    for name in ("decision_id", "owner", "seq", "engine", "cause", "masked"):
        data.pop(name, None)
    return data

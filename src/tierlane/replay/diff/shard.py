"""The contacts of some customers, asked of both policies in one pass."""

from collections.abc import Sequence
from typing import Any, Final
from zlib import crc32

import orjson

from tierlane.audit.mask import Mask
from tierlane.audit.record import decided
from tierlane.contact.event import ANSWERED, ARRIVED, CONTACT_EVENTS, ENDED
from tierlane.contact.reading import Event, Reader
from tierlane.contact.returned import RETURN_ANSWERED, RETURN_EVENTS, RETURN_FINISHED
from tierlane.decision import Decision, Outcome
from tierlane.errors import Unreadable
from tierlane.policy.deciding.revision import Revision
from tierlane.ports import Record
from tierlane.profile import plain_profile
from tierlane.replay.diff.comparison import SAMPLES, Comparison, Sample, Way
from tierlane.replay.diff.known import Known, packed, unpacked
from tierlane.replay.diff.side import Asked, Side, recall
from tierlane.replay.shelf import Shelf
from tierlane.routing.memory import Customer, event_name
from tierlane.topic import CONTACT_EVENTS as CONTACTS
from tierlane.topic import CUSTOMER_PROFILES, INTAKE_RETURNS

TOPICS: Final = frozenset({CONTACTS, CUSTOMER_PROFILES, INTAKE_RETURNS})

_ARRIVED: Final = ARRIVED.encode()
_TOLD: Final = tuple(one.encode() for one in (ANSWERED, ENDED, RETURN_ANSWERED, RETURN_FINISHED))
_ALIKE: Final = 100_000
"""Pairs of outcomes whose way is remembered; a policy has some thousands."""


def belongs(record: Record, number: int, cores: int) -> bool:
    """Tell whether a record is of the shard of a number: all of a key are of the same one."""
    return crc32(record.key or b"") % cores == number


class _Pair:
    """Two outcomes, held so that none is taken for another, and how many contacts had them."""

    __slots__ = ("a", "b", "contacts", "differs", "way")

    def __init__(self, a: Outcome, b: Outcome) -> None:
        self.a, self.b, self.contacts = a, b, 0
        self.way = _way(a, b)
        self.differs = self.way.moved or not self.way.terms


class Shard:
    """Decides what it is handed, in that order.

    The profile that a contact is decided with is the one under its own key: of a record that lies
    under a key that is not its customer's, no profile is known, as to a worker.
    """

    def __init__(self, a: Revision, b: Revision) -> None:
        self._names = (f"{a.name}@{a.hash}", f"{b.name}@{b.hash}")
        self._whole = Comparison(*self._names)
        self._a, self._b = Side(a.brief()), Side(b.brief())
        self._full = a, b
        self._remembers = self._a.remembers or self._b.remembers
        self._arrivals = Reader({ARRIVED: CONTACT_EVENTS[ARRIVED]})
        self._later = Reader(CONTACT_EVENTS | RETURN_EVENTS)
        self._known: Shelf[Known] = Shelf(packed, unpacked)
        self._pairs: dict[tuple[int, int], _Pair] = {}
        """By the identities of both outcomes."""

    def take(self, records: Sequence[Record]) -> None:
        """Take in records of customers of this shard."""
        for one in records:
            value, key = one.value, one.key
            if one.topic == CUSTOMER_PROFILES:
                self._profile(key or b"", value)
            elif value is None or key is None:
                continue
            elif _ARRIVED in value or one.headers:
                self._arrival(one, key)
            elif self._remembers and any(told in value for told in _TOLD):
                self._tell(one, key)

    def comparison(self) -> Comparison:
        """Return what came of it so far."""
        whole = self._whole
        for pair in self._pairs.values():
            if pair.contacts:
                whole.ways[pair.way] += pair.contacts
                pair.contacts = 0
        return whole

    def _profile(self, key: bytes, value: bytes | None) -> None:
        known = self._known.get(key)
        if known is None:
            if value is not None:
                self._known.put(key, Known(value))
        elif value is None:
            known.forget()
        else:
            known.profile = value

    def _arrival(self, record: Record, key: bytes) -> None:
        whole = self._whole
        try:
            event = self._arrivals.read(record)
        except Unreadable as error:
            if error.reason != "unknown-type":
                whole.unreadable += 1
            elif self._remembers:  # its type stands in a header
                self._tell(record, key)
            return
        known = self._known_of(key)
        if not known.hears(event_name(event.source, event.id), record.timestamp):
            whole.duplicates += 1
            return
        whole.contacts += 1
        customer = event.data.get("customer_id")
        profile = by_a = by_b = None
        if customer is not None:
            by_a, by_b = self._memories(known)
            if known.profile is not None and key == customer.encode():
                profile = _readable(known.profile, customer)
        a = self._a.decide(event, profile, by_a)
        b = self._b.decide(event, profile, by_b)
        pair = self._pairs.get((id(a.outcome), id(b.outcome))) or self._paired(a, b)
        if a.advisor == b.advisor or not pair.way.terms:
            pair.contacts += 1
            if pair.differs:
                self._sample(pair.way, event, profile, (a, b))
            return
        way = pair.way._replace(terms=False)
        whole.ways[way] += 1
        self._sample(way, event, profile, (a, b))

    def _known_of(self, key: bytes) -> Known:
        known = self._known.get(key)
        if known is None:
            known = Known()
            self._known.put(key, known)
        return known

    def _memories(self, known: Known) -> tuple[Customer | None, Customer | None]:
        if self._remembers and known.by_a is None:
            known.by_a, known.by_b = Customer(), Customer()
        return known.by_a, known.by_b

    def _paired(self, a: Asked, b: Asked) -> _Pair:
        if len(self._pairs) >= _ALIKE:
            self.comparison()
            self._pairs.clear()
        made = self._pairs[id(a.outcome), id(b.outcome)] = _Pair(a.outcome, b.outcome)
        return made

    def _sample(
        self, way: Way, event: Event, profile: dict[str, Any] | None, asked: tuple[Asked, Asked]
    ) -> None:
        samples = self._whole.samples.setdefault((way.lane, way.lane_b), [])
        contact = event.data["contact_id"]
        if len(samples) < SAMPLES or (event.at, contact) < samples[-1][:2]:
            a, b = (
                _told(event, revision.decide(event.data, profile, one.memory, event.at))
                for revision, one in zip(self._full, asked, strict=True)
            )
            samples.append(Sample(event.at, contact, a, b))
            samples.sort(key=lambda one: one[:2])
            del samples[SAMPLES:]

    def _tell(self, record: Record, key: bytes) -> None:
        try:
            event = self._later.read(record)
        except Unreadable:
            return
        known = self._known.get(key)
        for customer in (known.by_a, known.by_b) if known is not None else ():
            if customer is not None and customer.contacts:
                recall(customer, event.data)


def _readable(value: bytes, customer: str) -> dict[str, Any] | None:
    try:
        return plain_profile(value, customer)
    except Unreadable:
        return None


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

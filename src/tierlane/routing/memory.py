"""What intake keeps under one key of arrival: the customer, the contacts, the events heard.

The key is the customer's id, or the contact's where the customer was unknown. Encoded it is
`[FORMAT, DEADLINE, customer, contacts, heard]`; everything in it has a bound (`IntakeLimits`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final, Protocol, get_type_hints

import orjson
from pydantic import TypeAdapter, ValidationError

from tierlane.contact.lifecycle import OPEN_STATES
from tierlane.contact.reading import LATEST
from tierlane.decision import Outcome
from tierlane.errors import Unreadable
from tierlane.policy.deciding.tiering import KEPT_BY_MARGIN
from tierlane.routing.ledger import FORMAT, READABLE, framed
from tierlane.routing.limit import IntakeLimits
from tierlane.routing.timetable import rounded

_TELLING: Final = OPEN_STATES | {"elsewhere", "joined"}
"""States in which a contact's events are still to be dealt with, or passed on."""
_LONGEST = 96
"""Names of events are kept as they are up to this; longer ones as a digest of 32 characters."""


class Decided(Protocol):
    """A decision, as far as it is remembered."""

    @property
    def outcome(self) -> Outcome:
        """What the contact was decided to be."""


@dataclass(slots=True)
class Customer:
    """What is remembered of a customer from contact to contact; times in ms by event time."""

    contacts: int = 0
    first_at: int | None = None
    last_at: int | None = None
    last_advisor: str | None = None
    last_scenario: str | None = None
    last_outcome: str | None = None
    last_channel: str | None = None
    tier: str | None = None
    tier_earned_at: int | None = None
    until: int = 0
    """When the customer is forgotten, on the `seen` clock."""
    marks: list[list[Any]] = field(default_factory=list)
    """What contacts before left behind for the policy's counts, see `tierlane.routing.counting`."""

    def pack(self) -> list[Any]:
        """Return the fields in order, as they are kept."""
        packed = [
            self.contacts,
            self.first_at,
            self.last_at,
            self.last_advisor,
            self.last_scenario,
            self.last_outcome,
            self.last_channel,
            self.tier,
            self.tier_earned_at,
            self.until,
        ]
        return [*packed, self.marks] if self.marks else packed

    def names(self) -> dict[str, Any]:
        """Return it by the names that rules use."""
        tier = {"name": self.tier, "earned_at": self.tier_earned_at} if self.tier else None
        return {
            "contacts": self.contacts,
            "first_at": self.first_at,
            "last_at": self.last_at,
            "last_advisor": self.last_advisor,
            "last_scenario": self.last_scenario,
            "last_outcome": self.last_outcome,
            "last_channel": self.last_channel,
            "tier": tier,
        }

    def meet(self, decision: Decided, at: int, channel: str | None) -> None:
        """Remember another contact and what it was decided to be."""
        self.contacts += 1
        if self.first_at is None:
            self.first_at = at
        self.last_at = at
        self.last_channel = channel
        self.learn(decision, at)

    def learn(self, decision: Decided, at: int) -> None:
        """Remember the scenario and the tier held; a tier not earned anew keeps its date.

        So does a lower one that is left of it by its margin: it was earned with the higher.
        """
        outcome = decision.outcome
        self.last_scenario = outcome.scenario
        if outcome.tier_earned:
            self.tier, self.tier_earned_at = outcome.earned_tier, at
        elif outcome.tier_rule == KEPT_BY_MARGIN:
            self.tier = outcome.earned_tier
        elif outcome.earned_tier != self.tier:
            self.tier = self.tier_earned_at = None


_PLAIN: Final = 10
"""Fields of a customer without the marks."""


def known_before(customer: list[Any] | None) -> list[Any]:
    """Return what a contact keeps of its customer as known before it: all but the marks."""
    return customer[:_PLAIN] if customer else []


@dataclass(slots=True)
class KeptContact:
    """A contact as intake keeps it; of its data only what the rules read."""

    id: str
    state: str = "unknown"
    origin: str = ""
    """The id of the record of its arrival, which ids of its timers are made from."""
    at: int = 0
    """Its arrival by event time, ms."""
    seen: int = 0
    """Its arrival on the `seen` clock, ms: its age and promises count from here."""
    until: int = 0
    """When it lapses, or is forgotten if it is over."""
    customer: str | None = None
    entry_no: int = 0
    entry_id: str | None = None
    lane: str | None = None
    kind: str | None = None
    desk: str | None = None
    advisor: str | None = None
    held: bool = False
    """Whether a desk's advisor has it, whose `finished` is still to come."""
    data: dict[str, Any] | None = None
    before: list[Any] | None = None
    """The customer as remembered before this contact, so that it never counts itself."""
    joined: str | None = None
    """The contact that this one joined from another channel."""
    gone: bool = False
    """Whether it left the channel it came by, while others that joined it are still there."""
    terms: int = 0
    """A checksum of what its entry promises; see `Outcome.terms`."""

    @property
    def at_desk(self) -> bool:
        """Whether a managed desk has it: then it has a desk, and no lane that intake knows."""
        return self.desk is not None and self.kind is None

    def pack(self) -> list[Any]:
        """Return the fields in order, as they are kept and handed over."""
        return [
            self.id,
            self.state,
            self.origin,
            self.at,
            self.seen,
            self.until,
            self.customer,
            self.entry_no,
            self.entry_id,
            self.lane,
            self.kind,
            self.desk,
            self.advisor,
            self.held,
            self.data,
            self.before,
            self.joined,
            self.gone,
            self.terms,
        ]


class Memory:
    """The value of one key, open for one record; `encoded` closes it."""

    __slots__ = ("contacts", "customer", "heard")

    def __init__(self, value: bytes | None = None) -> None:
        self.customer: list[Any] | None = None
        self.contacts: list[list[Any]] = []
        self.heard: list[Any] = []
        """Times on the `seen` clock and names of the events heard, in turn, oldest first."""
        if value is not None:
            _, _, self.customer, self.contacts, self.heard = orjson.loads(value)

    def knows(self, name: str, seen: int, window: int) -> bool:
        """Tell whether an event of this name was heard within the window; forget older ones."""
        heard = self.heard
        while heard and heard[0] <= seen - window:
            del heard[:2]
        return name in heard

    def hear(self, name: str, seen: int, most: int) -> None:
        """Remember an event, and at most so many."""
        heard = self.heard
        heard += (seen, name)
        if len(heard) > 2 * most:
            del heard[:2]

    def find(self, contact_id: str) -> KeptContact | None:
        """Return the contact kept under this id."""
        for raw in self.contacts:
            if raw[0] == contact_id:
                return KeptContact(*raw)
        return None

    def keep(self, contact: KeptContact) -> None:
        """Keep the contact in place of what was kept of it."""
        packed = contact.pack()
        for number, raw in enumerate(self.contacts):
            if raw[0] == contact.id:
                self.contacts[number] = packed
                return
        self.contacts.append(packed)

    def drop(self, contact_id: str) -> None:
        """Forget a contact."""
        self.contacts = [raw for raw in self.contacts if raw[0] != contact_id]

    def forget(self, now: int, window: int) -> None:
        """Forget the events out of the window, and a customer whose time is over."""
        heard = self.heard
        while heard and heard[0] <= now - window:
            del heard[:2]
        if self.customer is not None and self.customer[9] <= now and not self.contacts:
            self.customer = None

    def erase(self) -> None:
        """Forget the customer and what open contacts told; those that are over go altogether."""
        self.customer = None
        self.contacts = [
            raw for raw in self.contacts if raw[1] in (*OPEN_STATES, "elsewhere", "joined")
        ]
        for raw in self.contacts:
            contact = KeptContact(*raw)
            channel = (contact.data or {}).get("channel")
            contact.data, contact.before = {"channel": channel} if channel else None, None
            self.keep(contact)

    def least(self) -> KeptContact:
        """Return the contact to let go of: the oldest of those that are over, else of all."""
        over = [raw for raw in self.contacts if raw[1] not in OPEN_STATES]
        return KeptContact(*(over or self.contacts)[0])

    def encoded(self, limits: IntakeLimits) -> tuple[bytes | None, int]:
        """Return the value to keep, None for nothing, and when to look at it again."""
        contacts = self.contacts
        if contacts:
            deadline = contacts[0][5] if len(contacts) == 1 else min([raw[5] for raw in contacts])
        else:
            deadline = self.customer[9] if self.customer else 0
            if self.heard:
                deadline = max(deadline, self.heard[-2] + limits.dedupe_window)
            if not deadline:
                return None, 0
        deadline = rounded(deadline)
        inner = orjson.dumps((self.customer, self.contacts, self.heard))
        return framed(deadline, inner), deadline


_packed: Final = TypeAdapter(
    tuple.__class_getitem__(tuple(get_type_hints(KeptContact).values()))
).validator


def received(data: Mapping[str, Any]) -> KeptContact:
    """Return the contact that another intake hands over. Raises `Unreadable`."""
    if data["format"] not in READABLE:
        raise Unreadable("unknown-format", "data.format")
    packed = tuple(data["contact"])
    if data["format"] < FORMAT:
        packed += (None, False, 0)
    try:
        fields = _packed.validate_python(packed, strict=True)
    except ValidationError:
        raise Unreadable("wrong-type", "data.contact") from None
    contact = KeptContact(*fields)
    if contact.id != data["contact_id"] or contact.state not in OPEN_STATES:
        raise Unreadable("wrong-value", "data.contact")
    if not 0 <= contact.seen < LATEST or not 0 <= contact.at < LATEST:
        raise Unreadable("wrong-value", "data.contact")
    contact.customer = data["customer_id"]
    return contact


def event_name(source: str, event_id: str) -> str:
    """Return what an event is remembered by; two events with one name are the same event."""
    name = f"{len(source)}:{source}{event_id}"
    if len(name) <= _LONGEST:
        return name
    return blake2b(name.encode(), digest_size=16).hexdigest()

"""Deciding a contact: what is known is brought together, and the revision asked."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from tierlane.audit.mask import Mask
from tierlane.decision import Decision, Fault, Promise
from tierlane.errors import Unreadable
from tierlane.policy.deciding.itinerary import Itinerary
from tierlane.policy.deciding.revision import Revision
from tierlane.profile import plain_profile
from tierlane.routing.counting import Counted, marked, numbers
from tierlane.routing.directory import Homes, Looking
from tierlane.routing.limit import IntakeLimits
from tierlane.routing.memory import Customer, KeptContact
from tierlane.routing.staging import StagedProfiles
from tierlane.routing.turn import Turn

_ALWAYS: Final = ("channel", "identity")
"""Kept of every contact: lanes ask for them, whatever the rules read."""

_ABOUT: Final = frozenset({"contact_id", "customer_id", "reason"})
"""Fields of an event that say whom it is about and are not merged into the contact."""


class Question(NamedTuple):
    """What a revision is asked; another revision that is asked the same can be compared."""

    contact: Mapping[str, Any]
    profile: dict[str, Any] | None
    memory: dict[str, Any] | None
    now: int
    since: int
    """When the contact arrived, by the `seen` clock: promises count from then."""
    faults: tuple[Fault, ...]
    """What is wrong with the question itself."""
    looking: Looking | None = None
    """Looks advisors' home desks up; None where there is no directory."""

    def put(self, revision: Revision) -> tuple[Decision, tuple[Fault, ...]]:
        """Ask a revision; the faults are those of the question and of the promise made."""
        decision = revision.decide(self.contact, self.profile, self.memory, self.now)
        if decision.outcome.promise.working:
            return decision, self.faults + _never_due(decision.outcome.promise, self.since)
        return decision, self.faults

    def itinerary(self, revision: Revision) -> Itinerary:
        """Return what a desk must know of the contact."""
        return revision.itinerary(
            self.contact,
            self.profile,
            self.memory,
            self.now,
            arrived=self.since,
            homes=self.looking,
        )


class Deciding:
    """Decides by one revision; made anew when another becomes active."""

    __slots__ = (
        "_attributes",
        "_beside",
        "_directory",
        "_fields",
        "_lanes",
        "_limits",
        "_partition",
        "_profiles",
        "managed",
        "mask",
        "revision",
    )

    def __init__(
        self,
        revision: Revision,
        profiles: StagedProfiles,
        mask: Mask,
        limits: IntakeLimits,
        *,
        partition: int,
        beside: Revision | None = None,
        directory: Homes | None = None,
    ) -> None:
        """Decide by `revision`, with profiles of a partition.

        What `beside` reads of a contact is kept, too. In the `directory` advisors are looked up.
        """
        self._directory = directory
        self._partition = partition
        self._beside = beside is not None
        self.revision = revision
        self.managed = any(one.managed for one in revision.lines)
        """Whether some of its desks wait and offer."""
        self.mask = mask
        self._profiles = profiles
        self._limits = limits
        self._lanes = frozenset(lane.name for lane in revision.lanes)
        paths = revision.needs.contact
        if beside is not None:
            paths |= beside.needs.contact
        plain = {one for one in paths if "." not in one}
        self._fields = tuple(sorted(plain.union(_ALWAYS) - _ABOUT))
        inner = (one.partition(".") for one in paths)
        self._attributes = tuple(sorted(name for at, _, name in inner if at == "attributes"))

    def kept(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is kept of a contact for deciding again: what rules read, nothing else.

        Its text is kept only if a rule reads it. Objects, and texts longer than the limit, are
        not kept; they read as missing when the contact is decided again.
        """
        most = self._limits.text
        kept = _plain(data, self._fields, most)
        given = data.get("attributes")
        if given and self._attributes:
            attributes = _plain(given, self._attributes, most)
            if attributes:
                kept["attributes"] = attributes
        return kept

    def has_lane(self, name: str | None) -> bool:
        """Tell whether the revision has a lane of this name."""
        return name in self._lanes

    def merged(self, contact: KeptContact, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the contact's data with an event's: fields replace, attributes merge by name."""
        kept = contact.data or {}
        data = kept | {name: value for name, value in given.items() if name not in _ABOUT}
        data["channel"] = given.get("channel") or kept.get("channel")
        data["attributes"] = (kept.get("attributes") or {}) | (given.get("attributes") or {})
        return data

    def decide(
        self, turn: Turn, contact: KeptContact, data: Mapping[str, Any], *, again: bool
    ) -> tuple[Decision, tuple[Fault, ...], Question | None]:
        """Decide the contact and note in `turn.cause` which profile was used.

        The faults returned are intake's own; the decision carries those of the rules. The question
        is for a revision beside it, and for a managed desk; None without either, and where no rule
        was asked.
        """
        faults = self._faults(turn, contact)
        asked = data
        if again:
            own = {"contact_id": contact.id, "customer_id": contact.customer}
            asked = {**data, **own, "arrived_at": contact.at}
        if turn.fault is not None:
            return self.revision.fall_back(asked, turn.event.at, turn.fault), faults, None
        profile = None
        if contact.customer is not None:
            profile, more = self._profile(turn, contact.customer)
            faults += more
        before = None
        if contact.before is not None:
            before = Customer(*contact.before).names()
            if self.revision.counts:
                before["count"] = self._numbers(turn, contact, data)
        if self._beside or self.managed or contact.at_desk:
            directory = self._directory
            looking = None if directory is None else directory.looking(f"{turn.base}.d0")
            question = Question(
                asked, profile, before, turn.event.at, contact.seen, faults, looking
            )
            return *question.put(self.revision), question
        decision = self.revision.decide(asked, profile, before, turn.event.at)
        if decision.outcome.promise.working:
            faults += _never_due(decision.outcome.promise, contact.seen)
        return decision, faults, None

    def _numbers(self, turn: Turn, contact: KeptContact, data: Mapping[str, Any]) -> dict[str, int]:
        """Return what the customer's contacts before this one count."""
        marks = Customer(*(turn.memory.customer or ())).marks
        counted = Counted(contact.id, data, contact.at)
        return numbers(marks, self.revision.counts, counted, now=turn.event.at)

    def mark(
        self,
        customer: Customer,
        decision: Decision,
        contact: KeptContact,
        data: Mapping[str, Any],
        now: int,
    ) -> None:
        """Remember towards which counts the contact counts; `now` is on the `seen` clock."""
        counts = self.revision.counts
        if counts or customer.marks:
            customer.marks = marked(
                customer.marks,
                counts,
                Counted(contact.id, data, contact.at),
                names=decision.outcome.counted,
                now=now,
                most=self._limits.marks,
            )

    def _faults(self, turn: Turn, contact: KeptContact) -> tuple[Fault, ...]:
        event = turn.event
        faults: tuple[Fault, ...] = ()
        if event.left_out:
            faults = tuple(Fault("wrong_type", f"contact.{at}", why) for at, why in event.left_out)
        if abs(event.at - turn.seen) > self._limits.skew and "topic" in turn.cause:
            faults += (Fault("skew", "time", f"over {self._limits.skew // 1000} s from seen"),)
        if turn.key_text not in (contact.customer, contact.id):
            faults += (Fault("wrong_key", "key", "neither the customer nor the contact"),)
        return faults

    def _profile(
        self, turn: Turn, customer: str
    ) -> tuple[dict[str, Any] | None, tuple[Fault, ...]]:
        found = self._profiles.get(customer)
        if found is None:
            return None, ()
        offset, value = found
        turn.cause["profile"] = {"partition": self._partition, "offset": offset}
        try:
            return plain_profile(value, customer), ()
        except Unreadable as error:
            return None, (Fault("unreadable_profile", "profile", error.reason),)


def _never_due(promise: Promise, since: int) -> tuple[Fault, ...]:
    keys = dict.fromkeys(key for key, _ in promise.working)
    never = (key for key in keys if promise.due(key, since) is None)
    return tuple(Fault("no_working_time", f"promise.{key}") for key in never)


def _plain(data: Mapping[str, Any], names: tuple[str, ...], most: int) -> dict[str, Any]:
    """Return the named values that are plain: no objects, no text above the limit."""
    kept = {}
    for name in names:
        value = data.get(name)
        kind = type(value)
        if value is None or kind is dict or (kind is str and len(value) > most):
            continue
        if kind is list and not _plain_list(value, most):
            continue
        kept[name] = value
    return kept


def _plain_list(values: list[Any], most: int) -> bool:
    size = 0
    for value in values:
        if isinstance(value, dict | list):
            return False
        size += len(value) if isinstance(value, str) else 8
    return size <= most

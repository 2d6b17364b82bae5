"""What whole machines made of a timeline, read back from what they keep and from their audit.

What is expected of contacts and desks is looked up in it as in the pure `Course`: where a contact
is and who may take it, in the desks' kept state; what happened, in the audit.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tierlane.policy.deciding.revision import Revision
from tierlane.policy.form.case import Given, Timeline
from tierlane.policy.trial.trying import Difference
from tierlane.replay.timeline.course import Followed, merged
from tierlane.replay.timeline.joining import Joining
from tierlane.replay.timeline.script import Script
from tierlane.routing.waiting.change import Change
from tierlane.routing.waiting.contact import Standing
from tierlane.routing.waiting.managed import ManagedDesk
from tierlane.value import parse_time

_LEFT: Final = frozenset({"left", "closed", "finished", "lapsed"})
"""Kinds by which a desk's audit says that a contact is over; intake says `ended`, `abandoned`."""
_OVER: Final = frozenset({"ended", "abandoned"})
_ARRIVED, _CHANGED, _LEFT_CHANNEL = range(3)
"""What a contact said, in the order of a row."""


@dataclass(slots=True)
class Noticed:
    """What the audit told of one contact."""

    decided: list[tuple[Mapping[str, Any], bytes]] = field(default_factory=list)
    """Every decision as it is recorded, with its bytes."""
    entries: tuple[str, ...] = ()
    first: str = ""
    """The lane it was decided for first."""
    last: Mapping[str, Any] = field(default_factory=dict)
    """The latest record that names its lane."""
    left: str | None = None

    def go(self, data: Mapping[str, Any]) -> None:
        """Follow it from lane to lane: intakes enter it where no desk is managed."""
        kind, at_desk = data["kind"], data["owner"].startswith("desk-")
        if kind == "decided" and not self.first:
            self.first = data["lane"]
        elif kind in ("entered", "moved") and at_desk:
            self.entries = (*self.entries, data["lane"])
        elif kind == "moved":
            self.entries = (*(self.entries or (data["left"],)), data["entered"])
        if at_desk and data.get("lane"):
            self.last = data


@dataclass(slots=True)
class View:
    """How contacts and desks stand after what was told so far."""

    case: Timeline
    script: Script
    revision: Revision
    known: Mapping[str, Revision]
    """Revisions by hash."""
    desks: Mapping[str, ManagedDesk] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    """What the audit told, as far as it is looked up: `offered`, `overtaken` and more."""
    noticed: dict[str, Noticed] = field(default_factory=dict)
    joined: dict[str, str] = field(default_factory=dict)
    unproven: list[Difference] = field(default_factory=list)
    """Decisions that are not what the audit says."""
    _standing: dict[str, tuple[str, Standing]] = field(default_factory=dict)
    """Desk and place of each contact when it was there last."""
    _followed: dict[str, Followed] = field(default_factory=dict)
    _told: dict[str, list[tuple[int, int, Given]]] = field(default_factory=dict)
    """When each contact said what: that it came, what changed, that it left its channel."""

    def __post_init__(self) -> None:
        """Read when each contact says something of itself."""
        given = {one.name: given for one, given in self.case.contacts}
        for row in self.case.moments:
            now = self.case.start + row.at
            for one in row.arrives:
                self._told.setdefault(one.name, []).append((now, _ARRIVED, given[one.name]))
            for one, more in row.updates:
                self._told.setdefault(one.name, []).append((now, _CHANGED, more))
            for one, _ in row.leaves:
                told = (now, _LEFT_CHANNEL, given[one.name])
                self._told.setdefault(one.name, []).append(told)

    # ------------------------------------------------------------------ taking in

    def take(self, records: Iterable[tuple[Mapping[str, Any], bytes]]) -> None:
        """Take in the `data` of audit records and their bytes, of each owner in order."""
        for data, value in records:
            name, kind = data.get("contact_id"), data["kind"]
            if kind in ("offered", "overtaken"):
                self.changes.append(_change(data))
            if name is None:
                continue
            noticed = self.noticed.setdefault(name, Noticed())
            if kind == "decided":
                noticed.decided.append((data, value))
            elif kind == "joined":
                self.joined[name] = data["into"]
            elif kind in _LEFT and data["owner"].startswith("desk-"):
                noticed.left = data["reason"] if kind == "left" else kind
            elif kind in _OVER and noticed.left is None and "desk" not in data:
                noticed.left = kind
            noticed.go(data)

    def look(self, desks: Mapping[str, ManagedDesk]) -> None:
        """See how things stand at the desks now."""
        self.desks = desks
        for name, desk in desks.items():
            for contact_id, standing in desk.state.contacts.items():
                self._standing[contact_id] = (name, standing)
        self._followed = {}

    # ------------------------------------------------------------------ as a scene

    @property
    def seats(self) -> dict[str, str]:
        """The desk of each advisor who is there."""
        return {one: name for name, desk in self.desks.items() for one in desk.state.seats}

    def seated(self, advisor: str) -> bool:
        """Tell whether an advisor is at their desk."""
        return advisor in self.seats

    def goes_on_as(self, contact: str) -> str:
        """Return the contact that this one joined, often itself."""
        return self.joined.get(contact, contact)

    def desk_with(self, contact: str) -> str:
        """Return the desk that has, or had, a contact; the first, if none ever had it."""
        first = self.revision.lines[0].desk
        return self._standing.get(self.goes_on_as(contact), (first, None))[0]

    def offer(self, advisor: str, contact: str) -> str | None:
        """Return the latest offer of a contact to an advisor."""
        made = [
            one.offer_id
            for one in self.changes
            if one.kind == "offered" and (one.advisor_id, one.contact_id) == (advisor, contact)
        ]
        return made[-1] if made else None

    # ------------------------------------------------------------------ contacts

    def of(self, name: str) -> Followed:
        """Return a contact, or the one that it joined."""
        name = self.goes_on_as(name)
        if name not in self._followed:
            self._followed[name] = self._follow(name)
        return self._followed[name]

    @property
    def followed(self) -> dict[str, Followed]:
        """All contacts that were decided, by name."""
        return {name: self.of(name) for name, one in self.noticed.items() if one.decided}

    def _follow(self, name: str) -> Followed:
        """Bring together what is known of a contact, its last decision proven by the audit."""
        noticed = self.noticed[name]
        data, value = noticed.decided[-1]
        revision = self.known[data["policy"]["revision"]]
        first = parse_time(noticed.decided[0][0]["at"])
        arrived = parse_time(noticed.decided[0][0]["seen"])
        given = next(given for one, given in self.case.contacts if one.name == name)
        contact = self._contact(name, parse_time(data["at"]), again=bool(data.get("again")))
        if data.get("again"):
            contact["arrived_at"] = first
        about = (contact, given.profile, given.memory)
        now = parse_time(data["at"])
        decision = revision.decide(*about, now)
        if decision.outcome.evidence not in value:
            self.unproven.append(
                Difference(f"{name}.decided", decision.outcome.plan, str(data.get("plan")))
            )
        itinerary = revision.itinerary(*about, now, arrived=arrived)
        blank = Standing(name, itinerary, arrived, itinerary.plan, 0, itinerary.priority)
        desk, standing = self._standing.get(name, (itinerary_desk(revision, decision), blank))
        if noticed.left is not None or name not in self._standing:
            standing = self._over(standing, noticed)
        return Followed(
            name, contact, given.profile, given.memory, arrived, decision, itinerary, desk,
            standing, noticed.left,
        )  # fmt: skip

    def _over(self, standing: Standing, noticed: Noticed) -> Standing:
        """Return where a contact stood when it left: the audit says it."""
        last = noticed.last
        return replace(
            standing,
            entries=noticed.entries or (noticed.first,),
            lane=last.get("lane", standing.lane),
            plan=last.get("plan", standing.plan),
            step=last.get("step", standing.step),
        )

    def _contact(self, name: str, now: int, *, again: bool) -> dict[str, Any]:
        """Return what a contact had said of itself by a moment."""
        contact: dict[str, Any] = {
            "contact_id": name, "customer_id": self.script.customer_of(name)
        }  # fmt: skip
        names = [name, *(one for one, to in self.joined.items() if to == name)]
        told = sorted(
            (
                (at, rank, one, more)
                for one in names
                for at, rank, more in self._told.get(one, ())
                if at <= now
            ),
            key=lambda one: one[:2],
        )
        joining = Joining()
        for _, rank, one, more in told if again else told[:1]:
            before = contact.get("channel")
            if rank == _LEFT_CHANNEL:
                joining.gone.add(one)
                contact["channel"] = joining.left_with(one, before)
                continue
            if rank == _ARRIVED and one != name:
                joining.join(one, name, more.contact.get("channel"), before)
            about = {k: v for k, v in more.contact.items() if k != "customer_id"}
            contact = merged(contact, about)
        return contact


def itinerary_desk(revision: Revision, decision: Any) -> str:
    """Return the desk that a contact was decided for."""
    return next(one.desk for one in revision.lanes if one.name == decision.outcome.lane)


def _change(data: Mapping[str, Any]) -> Change:
    return Change(
        data["kind"],
        parse_time(data["at"]),
        contact_id=data["contact_id"],
        advisor_id=data.get("advisor", ""),
        offer_id=data.get("offer", ""),
        over=data.get("over", 0),
    )

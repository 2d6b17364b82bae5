"""A timeline as the records that channels, desktops and operators would have written.

Pure: what a row states goes in, records come out, each for its topic and with its key. What a row
leaves open (where a contact is by now, which offer is answered) is looked up in a `Scene`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol

import orjson

from tierlane.advisor import (
    ACCEPTED,
    DECLINED,
    FINISHED,
    HEARTBEAT,
    SIGNED_OFF,
    SIGNED_ON,
    STATE,
)
from tierlane.contact.event import ABANDONED, ARRIVED, ENDED, UPDATED
from tierlane.errors import TierlaneError
from tierlane.operator import CLOSED, HALTED, MOVED, OPENED, RELEASED, RESUMED
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.form.case import Given, Moment, Order, StagedAdvisor, Timeline
from tierlane.replay.timeline.stage import desk_of, home_of, signing_on
from tierlane.routing.limit import IntakeLimits
from tierlane.routing.memory import Customer, Memory
from tierlane.topic import ADVISOR_EVENTS, CONTACT_EVENTS, CUSTOMER_PROFILES
from tierlane.value import format_time, parse_time

SOURCE: Final = "timeline"
"""What all its records say they are from."""

_ENDS: Final = {"abandoned": ABANDONED, "ended": ENDED}
_ORDERS: Final = {
    "close": CLOSED, "open": OPENED, "move": MOVED, "release": RELEASED, "halt": HALTED,
    "resume": RESUMED,
}  # fmt: skip


class Unsayable(TierlaneError):
    """what a timeline states and no record can say"""


class Said(NamedTuple):
    """A record to be written."""

    topic: str
    """Without a prefix."""
    key: bytes
    value: bytes


class Scene(Protocol):
    """How things stand when a row is played."""

    def seated(self, advisor: str) -> bool:
        """Tell whether an advisor is at their desk."""

    def desk_with(self, contact: str) -> str:
        """Return the desk that has, or had, a contact."""

    def offer(self, advisor: str, contact: str) -> str | None:
        """Return the latest offer of a contact to an advisor."""

    def goes_on_as(self, contact: str) -> str:
        """Return the contact that this one joined, often itself."""


@dataclass(slots=True)
class Script:
    """Writes the records of one timeline; each has an id of its own."""

    case: Timeline
    revision: Revision
    """The one that runs the desks."""
    _number: int = 0
    _advisors: Mapping[str, StagedAdvisor] = field(init=False)
    _given: Mapping[str, Given] = field(init=False)
    _home: str = field(init=False)

    def __post_init__(self) -> None:
        """Read who is on the stage. Raises `Unsayable`."""
        self._advisors = {one.name: one for one in self.case.advisors}
        self._given = {one.name: given for one, given in self.case.contacts}
        first = self.case.contacts[0][1] if self.case.contacts else None
        self._home = home_of(self.revision, first, self.case.start)
        for name, given in self._given.items():
            if not given.contact.get("channel"):
                raise Unsayable(f"contact `{name}` comes by no channel")

    # ------------------------------------------------------------------ before it begins

    def memories(self) -> dict[bytes, bytes]:
        """Return what intake keeps of customers at the start, by the key of their contacts.

        Raises `Unsayable` for counts, which hang on contacts before that nobody states.
        """
        found: dict[bytes, bytes] = {}
        for name, given in self.case.contacts:
            if given.memory is None:
                continue
            memory = Memory()
            memory.customer = _customer(given.memory, name.name, self.case.start).pack()
            value, _ = memory.encoded(IntakeLimits())
            if value is not None:
                found.setdefault(self.key_of(name.name), value)
        return found

    def heartbeats_before(self) -> dict[int, list[Said]]:
        """Return by age the last signs of life of advisors who are to be silent at an age.

        Raises `Unsayable` for one of whom something is heard in between.
        """
        found: dict[int, list[Said]] = {}
        for row in self.case.moments:
            for advisor, state in row.advisors:
                if state == "silent":
                    line = self._line(advisor.name)
                    at = row.at - line.silence
                    if at < 0 or self._heard(advisor.name, at, row.at):
                        raise Unsayable(
                            f"advisor `{advisor.name}` cannot be silent at {row.at / 1000:g}s",
                            hint=f"the desk waits {line.silence / 1000:g}s for a sign of life",
                        )
                    said = self._of_advisor(HEARTBEAT, advisor.name, self.case.start + at)
                    found.setdefault(at, []).append(said)
        return found

    def _heard(self, advisor: str, since: int, until: int) -> bool:
        """Tell whether something is heard of an advisor between two ages."""
        return any(since < row.at < until and advisor in _acting(row) for row in self.case.moments)

    # ------------------------------------------------------------------ a row

    def advisors(self, row: Moment, scene: Scene) -> list[Said]:
        """Return who comes, goes, takes a break or lets it be known that they are there."""
        now, found = self.case.start + row.at, list[Said]()
        for one, state in row.advisors:
            found += self._stands(one.name, state, now, scene)
        here = {one.name for one, _ in row.advisors} | self._seated(scene)
        for one, listed in row.heartbeats:
            if one.name in here:
                holds = [contact.name for contact in listed]
                found.append(self._of_advisor(HEARTBEAT, one.name, now, contacts=holds))
        return found

    def _seated(self, scene: Scene) -> set[str]:
        return {name for name in self._advisors if scene.seated(name)}

    def _stands(self, name: str, state: str, now: int, scene: Scene) -> list[Said]:
        found, seated = [], scene.seated(name)
        if state == "silent" or (state == "off" and not seated):
            return []
        if not seated:
            advisor, line = self._advisors[name], self._line(name)
            data = signing_on(advisor, line.desk, self.case.start)
            if now > self.case.start and name in self._came(now):
                data |= {"holds": {}, "idle_since": None}
            found.append(self._event(SIGNED_ON, now, data, line.desk))
        if state == "off":
            found.append(self._of_advisor(SIGNED_OFF, name, now))
        elif seated or state != "on":
            word = "available" if state == "on" else state
            found.append(self._of_advisor(STATE, name, now, state=word))
        return found

    def _came(self, now: int) -> set[str]:
        """Return the advisors who have signed on before a moment."""
        return {
            one.name
            for row in self.case.moments
            if self.case.start + row.at < now
            for one, state in row.advisors
            if state in ("on", "break")
        }

    def profiles(self, row: Moment, scene: Scene) -> list[Said]:
        """Return what is known of the customers who arrive: it must be known before they do."""
        found = []
        for one in row.arrives:
            profile, customer = self._given[one.name].profile, self.customer_of(one.name)
            if profile is not None and customer is not None:
                value = orjson.dumps({**profile, "customer_id": customer})
                found.append(Said(CUSTOMER_PROFILES, customer.encode(), value))
        del scene
        return found

    def contacts(self, row: Moment, scene: Scene) -> list[Said]:
        """Return what contacts do."""
        now, found = self.case.start + row.at, list[Said]()
        for one in row.arrives:
            data = {**self._given[one.name].contact, "customer_id": self.customer_of(one.name)}
            found.append(self._of_contact(ARRIVED, one.name, now, data))
        for one, given in row.updates:
            found.append(self._of_contact(UPDATED, one.name, now, dict(given.contact)))
        for one, how in row.leaves:
            found.append(self._of_contact(_ENDS[how], one.name, now, {}))
        del scene
        return found

    def answers(self, row: Moment, scene: Scene) -> list[Said]:
        """Return what advisors answer and finish, and what an operator orders.

        To halt and to resume a desk is left to who plays: its offers are made when the row is done.
        """
        now, found = self.case.start + row.at, list[Said]()
        for kind, pairs in ((ACCEPTED, row.accepts), (DECLINED, row.declines)):
            for advisor, contact in pairs:
                name = scene.goes_on_as(contact.name)
                found.append(self.answer(kind, advisor.name, name, now, scene))
        for advisor, contact in row.finishes:
            name = scene.goes_on_as(contact.name)
            about = {"contact_id": name}
            found.append(self._of_advisor(FINISHED, advisor.name, now, **about))
        orders = [one for one in row.orders if one.what not in ("halt", "resume")]
        return found + [self._order(one, now, scene) for one in orders]

    def answer(self, kind: str, advisor: str, contact: str, now: int, scene: Scene) -> Said:
        """Return an advisor's answer to the latest offer of a contact."""
        offer = scene.offer(advisor, contact) or "none"
        return self._of_advisor(kind, advisor, now, contact_id=contact, offer_id=offer)

    def _order(self, order: Order, now: int, scene: Scene) -> Said:
        name, data = order.target.name, dict[str, Any]()
        if order.what in ("close", "open"):
            desk = next(one.desk for one in self.revision.lanes if one.name == name)
            data = {"lane": name}
            if order.until is not None:
                data["until"] = format_time(self.case.start + order.until)
        else:
            name = scene.goes_on_as(name)
            desk, data = scene.desk_with(name), {"contact_id": name}
        if order.to is not None:
            data["lane"] = order.to.name
        return self.order(order.what, desk, now, **data)

    def order(self, what: str, desk: str, now: int, **data: Any) -> Said:
        """Return an order of an operator: `close`, `open`, `move`, `release`, `halt`, `resume`."""
        stated = {"desk": desk, "reason": "stated in the timeline", **data}
        return self._event(_ORDERS[what], now, stated, desk)

    # ------------------------------------------------------------------ keys and events

    def customer_of(self, name: str) -> str | None:
        """Return the customer of a contact: one of its own where only a profile is stated."""
        given = self._given[name]
        stated = given.contact.get("customer_id")
        if stated is None and (given.profile is not None or given.memory is not None):
            return f"customer of {name}"
        return stated

    def key_of(self, name: str) -> bytes:
        """Return the key of a contact's arrival."""
        return (self.customer_of(name) or name).encode()

    def _line(self, advisor: str) -> Any:
        return desk_of(self._advisors[advisor], self.revision, self._home)

    def _of_contact(self, kind: str, name: str, now: int, data: dict[str, Any]) -> Said:
        value = self._value(kind, now, {**data, "contact_id": name})
        return Said(CONTACT_EVENTS, self.key_of(name), value)

    def _of_advisor(self, kind: str, advisor: str, now: int, **data: Any) -> Said:
        desk = self._line(advisor).desk
        return self._event(kind, now, {"advisor_id": advisor, "desk": desk, **data}, desk)

    def _event(self, kind: str, now: int, data: dict[str, Any], desk: str) -> Said:
        return Said(ADVISOR_EVENTS, desk.encode(), self._value(kind, now, data))

    def _value(self, kind: str, now: int, data: dict[str, Any]) -> bytes:
        self._number += 1
        return orjson.dumps(
            {
                "specversion": "1.0",
                "id": f"t{self._number}",
                "source": SOURCE,
                "type": kind,
                "time": format_time(now),
                "data": data,
            }
        )


def _acting(row: Moment) -> set[str]:
    """Return the advisors of whom something is heard in a row."""
    told = (*row.accepts, *row.declines, *row.finishes, *row.heartbeats)
    return {one.name for one, _ in told} | {
        one.name for one, state in row.advisors if state != "silent"
    }


def _customer(memory: Mapping[str, Any], name: str, start: int) -> Customer:
    if memory.get("count"):
        raise Unsayable(f"what is counted of the customer of `{name}` hangs on contacts before")
    tier = memory.get("tier") or {}
    return Customer(
        contacts=int(memory.get("contacts") or 0),
        first_at=_moment(memory.get("first_at")),
        last_at=_moment(memory.get("last_at")),
        last_advisor=memory.get("last_advisor"),
        last_scenario=memory.get("last_scenario"),
        last_outcome=memory.get("last_outcome"),
        last_channel=memory.get("last_channel"),
        tier=tier.get("name"),
        tier_earned_at=_moment(tier.get("earned_at")),
        until=start + IntakeLimits().memory,
    )


def _moment(stated: Any) -> int | None:
    return None if stated is None else parse_time(str(stated))

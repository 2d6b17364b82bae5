"""Every interleaving of a small desk: two advisors, three contacts, all that may become of offers.

Each state that can be reached is restored from its snapshot, everything that may happen there is tried,
and the laws are looked at after each. States that differ in nothing but the ids of offers are one.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from tests.property import law
from tests.unit.routing.hall import START, Hall, revision
from tierlane.policy.deciding.revision import Revision
from tierlane.routing.waiting.change import Change
from tierlane.routing.waiting.event import Accepted, Declined, Event, Finished, Gone, Vanished
from tierlane.routing.waiting.managed import ManagedDesk
from tierlane.routing.waiting.snapshot import Snapshot

SMALL = """
tierlane: 1
policy: small
desks: {hall: {offer: {lasts: 10s, OFFER}, wrap_up: {}}}
lanes: {people: {kind: standard, desk: hall}}
plans: [{plan: everybody, steps: [{lane: people, until: 15s}, {lane: people}]}]
finally: {until: 24h, close: sorry}
fallback: people
"""
ADVISORS = ("a", "b")
CONTACTS = ("k1", "k2", "k3")


_SAME_OF_CONTACTS = ("itinerary", "offers", "heard", "taken", "expected", "asked")
_SAME_OF_SEATS = ("values", "capacity", "duty", "heard", "lately", "lost")
"""What says nothing here that the rest does not say, or that the offers do not hang on."""


class Node(NamedTuple):
    """A state of the desk and what is needed to tell what may come."""

    snapshot: Snapshot
    now: int
    confirmed: frozenset[tuple[str, str]]
    """Advisor and contact, from being confirmed until it ends or is given back."""

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells states apart: ids of offers do not."""
        one = self.snapshot
        named = {offer.id: f"{offer.contact_id}/{offer.advisor_id}" for offer in one.offers}
        offers = tuple(sorted((named[offer.id], offer.expires) for offer in one.offers))
        contacts = tuple(
            tuple((k, v) for k, v in contact if k not in _SAME_OF_CONTACTS)
            for contact in one.contacts
        )
        seats = tuple(
            tuple((k, v) for k, v in seat if k not in _SAME_OF_SEATS) for seat in one.seats
        )
        return self.now, contacts, seats, offers


class Explorer:
    """Tries everything that may happen from each state that can be reached."""

    def __init__(self, policy: Revision, last: int) -> None:
        self.policy, self.last = policy, START + last
        self.hall = Hall(policy)
        self.tried = 0
        self.kinds: set[str] = set()

    def run(self) -> int:
        """Look at every state; return how many there are."""
        come = (self.hall.arrival(one, 0, "mail") for one in CONTACTS)
        self.hall.at(0, *(self.hall.seat(one) for one in ADVISORS), *come)
        first = Node(self.hall.desk.snapshot(), START, frozenset())
        seen, left = {first.key}, [first]
        while left:
            for node in self.onward(left.pop()):
                if node.key not in seen:
                    seen.add(node.key)
                    left.append(node)
        return len(seen)

    def onward(self, node: Node) -> Iterator[Node]:
        """Yield the states that may follow."""
        desk = self.desk(node)
        for event in self.events(desk, node):
            yield self.after(node, event)
        self.too_late(desk, node)
        due = desk.next_deadline()
        if due is not None and due <= self.last:
            yield self.after(node._replace(now=due), None)

    def desk(self, node: Node) -> ManagedDesk:
        """Return the desk of a state."""
        return ManagedDesk.restore(node.snapshot, {self.policy.hash: self.policy})

    def events(self, desk: ManagedDesk, node: Node) -> Iterator[Event]:
        """Yield what may happen next."""
        here = desk.state.contacts
        for advisor in ADVISORS:
            if advisor in desk.state.seats:
                yield Vanished(advisor)
            for name in CONTACTS:
                if name in here and advisor in here[name].offers:
                    yield Declined(advisor, name)
                if name in here and here[name].served_by == advisor:
                    yield Finished(advisor, name)
                if name in here and advisor in here[name].offers:
                    yield Accepted(advisor, name)
        if CONTACTS[0] in here:
            yield Gone(CONTACTS[0], "abandoned")

    def too_late(self, desk: ManagedDesk, node: Node) -> None:
        """Accept what is not offered: late, twice, another's; each is revoked and changes nothing."""
        here = desk.state.contacts
        for advisor in ADVISORS:
            for name in CONTACTS:
                if name not in here or advisor not in here[name].offers:
                    (made,) = desk.on_events(node.now, [Accepted(advisor, name)], "late")
                    mine = name in here and here[name].served_by == advisor
                    kind = "confirmed again" if mine else "revoked"
                    assert (made.kind, made.advisor_id) == (kind, advisor)
        one, two = desk.snapshot(), node.snapshot
        assert (one.contacts, one.seats, one.offers) == (two.contacts, two.seats, two.offers)

    def after(self, node: Node, event: Event | None) -> Node:
        """Let one thing happen, look at the laws, and return the state that follows."""
        self.tried += 1
        desk = self.desk(node)
        if event is None:
            made = desk.on_deadline(node.now)
        else:
            made = desk.on_events(node.now, [event], f"c{self.tried}")
        if isinstance(event, Accepted):
            law.answered(made, event.advisor_id, event.contact_id)
        confirmed = self.follow(node.confirmed, made)
        law.consistent(desk)
        law.nobody_idles(desk, node.now)
        served = {(one.served_by, one.id) for one in desk.state.contacts.values() if one.served_by}
        assert confirmed == served
        return Node(desk.snapshot(), node.now, confirmed)

    def follow(self, confirmed: frozenset[tuple[str, str]], made: list[Change]) -> frozenset[Any]:
        """Return who has which contact by what was told; nobody is told of one that another has."""
        has = {contact: advisor for advisor, contact in confirmed}
        for one in made:
            self.kinds.add(one.kind)
            if one.kind == "confirmed":
                assert one.contact_id not in has
                has[one.contact_id] = one.advisor_id
            elif one.kind in ("returned", *law.OVER):
                has.pop(one.contact_id, None)
            elif one.kind == "offered":
                assert one.contact_id not in has
        return frozenset((advisor, contact) for contact, advisor in has.items())


@pytest.mark.parametrize(
    ("offer", "last"),
    [
        ("at_once: 1", 15_000),  # offers have expired, and a new step asks anew who declined
        ("at_once: 2", 10_000),
    ],
)
def test_every_interleaving_keeps_the_laws(offer: str, last: int) -> None:
    explorer = Explorer(revision(text=SMALL.replace("OFFER", offer)), last)
    assert explorer.run() > 1_000
    assert explorer.kinds >= {"offered", "confirmed", "revoked", "declined", "expired", "returned"}

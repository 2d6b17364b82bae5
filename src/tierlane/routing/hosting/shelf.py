"""What is kept of managed desks in the changelog: a value each for what changes by itself.

Under keys of a letter, the desk and a name:

* `c` a contact: where it stands, its open offers and its card;
* `i` an itinerary, kept once for all contacts at the desk that have the like;
* `s` an advisor's seat;
* `p` the pace of a lane;
* `b` a budget as one owner has spent it;
* `d` the desk itself: revision, lanes shut by order, the latest cause;
* `g` a contact that is gone: the desk it went on to, if it did, and the events heard of it;
* `a` the desk's claim to an advisor, and what their desktop said before it was granted;
* `w` instead of a desk an advisor: which desk has them, whosever it is.

A value begins as all do, `[FORMAT,DEADLINE,`; `g` has a deadline, and `w` of whom no desk has.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from hashlib import blake2b
from typing import Any, Final

import orjson

from tierlane.errors import StateError
from tierlane.policy.deciding.itinerary import Itinerary
from tierlane.routing.hosting.card import Card
from tierlane.routing.hosting.form import Form, Misfit, form
from tierlane.routing.ledger import LINE_FORMAT, framed
from tierlane.routing.timetable import NEVER
from tierlane.routing.waiting.contact import Standing
from tierlane.routing.waiting.roster import Roster
from tierlane.routing.waiting.seat import Seat
from tierlane.routing.waiting.snapshot import Plain, Snapshot, taken
from tierlane.routing.waiting.spending import Key, Spending
from tierlane.routing.waiting.state import DeskState, OpenOffer

_CONTACT: Final = form(Standing, without=("itinerary",))
_SEAT: Final = form(Seat)
_OFFER: Final = form(OpenOffer)
_CARD: Final = form(Card)
_ITINERARY: Final = form(Itinerary)
_DESK: Final = form(Snapshot, without=("contacts", "seats", "offers", "pace", "open", "taken"))
_BARE: Final[dict[str, Any]] = {
    "contacts": (),
    "seats": (),
    "offers": (),
    "pace": (),
    "open": (),
    "taken": (),
}


def key(kind: str, desk: str, name: str = "") -> bytes:
    """Return what something of a desk is kept under; the length keeps two from being one."""
    return f"{kind}{len(desk)}:{desk}{name}".encode()


def parted(kept: bytes) -> tuple[str, str, str]:
    """Return kind, desk and name of a key."""
    kind, (length, _, rest) = kept[:1].decode(), kept[1:].decode().partition(":")
    return kind, rest[: int(length)], rest[int(length) :]


def desk_of(kept: bytes) -> str:
    """Return the desk of a key."""
    return parted(kept)[1]


def revision_of(value: bytes) -> str:
    """Return the revision that a desk or an itinerary names."""
    return str(orjson.loads(value)[2]["revision"])


@dataclass(slots=True)
class Shared:
    """An itinerary that contacts of a desk have in common, but for the customer."""

    itinerary: Itinerary
    users: int = 0
    kept: bool = False
    """Whether it stands in the changelog."""


@dataclass(slots=True)
class Held:
    """A contact beside what the desk knows of it."""

    card: Card
    itinerary: Itinerary
    digest: str
    """Under which that is kept."""


@dataclass(slots=True)
class Shelf:
    """The cards and itineraries of one desk."""

    desk: str
    held: dict[str, Held] = field(default_factory=dict)
    shared: dict[str, Shared] = field(default_factory=dict)
    unused: set[str] = field(default_factory=set)
    """Digests of itineraries that nobody may have any more."""

    # ------------------------------------------------------------------ itineraries

    def hold(self, contact_id: str, card: Card, itinerary: Itinerary) -> Itinerary:
        """Keep a contact's card, and return its itinerary, which shares all with its like."""
        bare = replace(itinerary, customer=None)
        packed = orjson.dumps(_ITINERARY.pack(bare))
        digest = blake2b(packed, digest_size=12).hexdigest()
        known = self.shared.setdefault(digest, Shared(bare))
        return self._hold(contact_id, card, replace(known.itinerary, customer=itinerary.customer),
                          digest)  # fmt: skip

    def _hold(self, contact_id: str, card: Card, itinerary: Itinerary, digest: str) -> Itinerary:
        self.shared[digest].users += 1
        self.drop(contact_id)
        self.held[contact_id] = Held(card, itinerary, digest)
        return itinerary

    def drop(self, contact_id: str) -> None:
        """Keep nothing of a contact any more."""
        held = self.held.pop(contact_id, None)
        if held is not None:
            self.shared[held.digest].users -= 1
            self.unused.add(held.digest)

    # ------------------------------------------------------------------ writing

    def changed(self, state: DeskState) -> Iterable[tuple[bytes, bytes | None]]:
        """Yield what is to be kept of all that changed; None forgets a key."""
        trace, name = state.trace, self.desk
        for contact_id in sorted(trace.contacts - {""}):
            contact = state.contacts.get(contact_id)
            if contact is None:
                self.drop(contact_id)
                yield key("c", name, contact_id), None
                continue
            held = self._held(contact)
            shared = self.shared[held.digest]
            if not shared.kept:
                shared.kept = True
                yield key("i", name, held.digest), _value(_ITINERARY.pack(shared.itinerary))
            yield key("c", name, contact_id), self._contact(state, contact, held)
        for digest in sorted(self.unused):
            if not self.shared[digest].users:
                del self.shared[digest]
                yield key("i", name, digest), None
        self.unused.clear()
        for advisor_id in sorted(trace.seats - {""}):
            seat = state.seats.get(advisor_id)
            yield key("s", name, advisor_id), None if seat is None else _value(_SEAT.pack(seat))
        for lane in sorted(trace.lanes):
            yield key("p", name, lane), _value([lane, list(state.pace[lane])])
        for owned in sorted(state.spending.changed):
            yield _budget(name, owned), _spent(state.spending, owned)
        yield key("d", name), self._desk(state)

    def _held(self, contact: Standing) -> Held:
        """Return what is held of a contact; it may have taken up what was decided anew of it."""
        held = self.held[contact.id]
        if held.itinerary is not contact.itinerary:
            contact.itinerary = self.hold(contact.id, held.card, contact.itinerary)
        return self.held[contact.id]

    def _contact(self, state: DeskState, contact: Standing, held: Held) -> bytes:
        offers = [_OFFER.pack(state.offers[one]) for one in contact.offers.values()]
        customer = contact.itinerary.customer
        return _value(
            [_CONTACT.pack(contact), held.digest, customer, offers, _CARD.pack(held.card)]
        )

    def _desk(self, state: DeskState) -> bytes:
        empty = Spending(state.book.revision.layout.local.day)
        bare = replace(
            state, contacts={}, seats={}, offers={}, pace={}, spending=empty, roster=Roster()
        )
        return _value(_DESK.pack(taken(bare)))

    # ------------------------------------------------------------------ reading

    def restore(self, values: Mapping[bytes, bytes]) -> Snapshot:
        """Take over what is kept of a desk, and return it for the desk.

        Raises `StateError` where it cannot be read.
        """
        found: dict[str, list[tuple[str, Any]]] = {kind: [] for kind in "cispbdg"}
        for kept, value in values.items():
            kind, _, name = parted(kept)
            found[kind].append((name, orjson.loads(value)[2]))
        try:
            return self._restored(found)
        except (Misfit, KeyError, TypeError, ValueError) as error:
            raise StateError(
                f"the kept state of desk `{self.desk}` cannot be read: {type(error).__name__}",
                hint="run the version that wrote it, or one release after it",
            ) from error

    def _restored(self, found: Mapping[str, list[tuple[str, Any]]]) -> Snapshot:
        for digest, plain in found["i"]:
            self.shared[digest] = Shared(_ITINERARY.unpack(plain), kept=True)
        contacts, offers = [], []
        for contact_id, (plain, digest, customer, open_, card) in found["c"]:
            itinerary = replace(self.shared[digest].itinerary, customer=customer)
            contacts.append((contact_id, _plain(_CONTACT, plain, itinerary=itinerary)))
            offers += [_OFFER.unpack(one) for one in open_]
            self._hold(contact_id, _CARD.unpack(card), itinerary, digest)
        seats = [(name, _plain(_SEAT, plain)) for name, plain in found["s"]]
        ((_, desk),) = found["d"]
        spent = [((name, owner), count, times) for _, (name, owner, count, times) in found["b"]]
        return Snapshot(
            **_DESK.fields(desk)
            | _BARE
            | {
                "contacts": _sorted(contacts),
                "seats": _sorted(seats),
                "offers": tuple(sorted(offers, key=lambda one: one.id)),
                "pace": tuple(sorted((lane, tuple(times)) for _, (lane, times) in found["p"])),
                "open": tuple(sorted((one, count) for one, count, _ in spent if count)),
                "taken": tuple(sorted((one, tuple(times)) for one, _, times in spent if times)),
            }
        )


def _sorted(named: list[tuple[str, Plain]]) -> tuple[Plain, ...]:
    return tuple([plain for _, plain in sorted(named, key=lambda one: one[0])])


def _plain(of: Form, plain: Any, **more: Any) -> Plain:
    values = of.fields(plain) | more
    return tuple([(name, _frozen(values[name])) for name in _names(of.kind) if name in values])


_NAMES: dict[type, tuple[str, ...]] = {
    kind: tuple(one.name for one in fields(kind)) for kind in (Standing, Seat)
}


def _names(kind: type) -> tuple[str, ...]:
    return _NAMES[kind]


def _frozen(value: Any) -> Any:
    if isinstance(value, set):
        return frozenset(value)
    return value


def _budget(desk: str, owned: Key) -> bytes:
    budget, owner = owned
    return key("b", desk, f"{len(budget)}:{budget}{owner}")


def _spent(spending: Spending, owned: Key) -> bytes | None:
    count, times = spending.open.get(owned, 0), list(spending.taken.get(owned, ()))
    return _value([*owned, count, times]) if count or times else None


def _value(plain: Any, deadline: int = NEVER) -> bytes:
    return framed(deadline, orjson.dumps([plain]), LINE_FORMAT)


def gone(deadline: int, onward: str, heard: list[str]) -> bytes:
    """Return what is kept of a contact that is gone."""
    return _value([onward, heard], deadline)


def gone_of(value: bytes) -> tuple[str, list[str]]:
    """Return where a contact went, and the events heard of it."""
    onward, heard = orjson.loads(value)[2]
    return onward, heard

"""The state of a desk as plain frozen values, and back: what is derived is made anew."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from math import inf
from operator import attrgetter
from typing import Any, Final

from tierlane.policy.deciding.revision import Revision
from tierlane.routing.waiting.asking import Asking
from tierlane.routing.waiting.contact import Standing
from tierlane.routing.waiting.seat import Seat
from tierlane.routing.waiting.spending import Key, Spending
from tierlane.routing.waiting.state import LATEST, Book, DeskState, OpenOffer
from tierlane.routing.waiting.stepping import Stepping
from tierlane.routing.waiting.timer import OFFER, READY, STEP, WAKE, Entry

_MAPS: Final = (
    "declined", "offers", "held", "offered", "before", "strays", "unlisted", "lately", "lost",
)  # fmt: skip
Plain = tuple[tuple[str, Any], ...]
"""A contact or a seat, by field; maps and sets as tuples in their order."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a desk needs to go on; equal states give equal snapshots."""

    desk: str
    revision: str
    contacts: tuple[Plain, ...]
    seats: tuple[Plain, ...]
    offers: tuple[OpenOffer, ...]
    shut: tuple[tuple[str, float], ...]
    pace: tuple[tuple[str, tuple[int, ...]], ...]
    open: tuple[tuple[Key, int], ...]
    taken: tuple[tuple[Key, tuple[int, ...]], ...]
    cause: str
    made: int
    behind: bool = False
    now: int = 0
    """The latest moment that the desk was told of."""
    halted: bool = False


def taken(state: DeskState) -> Snapshot:
    """Return a snapshot of a desk between two calls."""
    return Snapshot(
        desk=state.desk,
        revision=state.book.revision.hash,
        contacts=tuple(_plain(one) for _, one in sorted(state.contacts.items())),
        seats=tuple(_plain(one) for _, one in sorted(state.seats.items())),
        offers=tuple(one for _, one in sorted(state.offers.items())),
        shut=tuple(sorted(state.shut.items())),
        pace=tuple((lane, tuple(times)) for lane, times in sorted(state.pace.items())),
        open=tuple(sorted(state.spending.open.items())),
        taken=tuple((key, tuple(times)) for key, times in sorted(state.spending.taken.items())),
        cause=state.cause,
        made=state.made,
        behind=state.behind,
        now=state.now,
        halted=state.halted,
    )


def restored(snapshot: Snapshot, revisions: Mapping[str, Revision]) -> DeskState:
    """Return the state of a snapshot; raises KeyError where a revision is missing.

    Other revisions are kept, too: a contact may be on its way that one of them decided.
    """
    named = {snapshot.revision}
    for fields_of in map(dict, snapshot.contacts):
        decided = (fields_of["itinerary"], fields_of["renewed"])
        named |= {one.revision for one in decided if one is not None}
    known = {
        name for name, one in revisions.items()
        if any(line.desk == snapshot.desk for line in one.lines)
    }  # fmt: skip
    books = {name: Book(revisions[name], snapshot.desk) for name in sorted(named | known)}
    book = books[snapshot.revision]
    state = DeskState(snapshot.desk, book, books, Spending(book.revision.layout.local.day))
    state.cause, state.made, state.behind = snapshot.cause, snapshot.made, snapshot.behind
    state.now, state.halted = snapshot.now, snapshot.halted
    state.offers = {one.id: one for one in snapshot.offers}
    state.shut = dict(snapshot.shut)
    state.pace = {lane: deque(times, LATEST) for lane, times in snapshot.pace}
    _spend(state.spending, snapshot)
    for plain in snapshot.seats:
        seat = Seat(**_open(plain))
        state.seats[seat.id] = seat
        state.roster.add(seat)
        if seat.leaving:
            state.leaving.add(seat.id)
    state.roster.as_of(snapshot.now)
    _line_up(state, [Standing(**_open(plain)) for plain in snapshot.contacts])
    _set_timers(state)
    _hear(state)
    return state


def _hear(state: DeskState) -> None:
    """Remember of whom something was heard when."""
    for contact in sorted(state.contacts.values(), key=lambda one: one.heard):
        state.news.hear(contact.id, contact.heard)
    for seat in sorted(state.seats.values(), key=lambda one: one.heard):
        if seat.heard:
            state.beats.hear(seat.id, seat.heard)


def _line_up(state: DeskState, contacts: Iterable[Standing]) -> None:
    """Put contacts where they were: in the line, unless they are served."""
    stepping = Stepping(state, Asking(state))
    state.contacts = {contact.id: contact for contact in contacts}
    state.touched = {contact.id for contact in state.contacts.values() if contact.touched}
    if state.book.line.managed:
        for contact in sorted(state.contacts.values(), key=attrgetter("mark")):
            if contact.waits():  # by age, so that each comes at the end of its row
                contact.row = stepping.row(contact)
                state.line.enter(contact.row, contact.mark)
                state.settle(contact)


def _set_timers(state: DeskState) -> None:
    waiting = [one for one in state.contacts.values() if one.waits()]
    timers: list[Entry] = [(one.expires, OFFER, one.id) for one in state.offers.values()]
    timers += [(one.wakes, WAKE, one.id) for one in state.seats.values() if one.wakes]
    timers += [(int(one.due), STEP, one.id) for one in waiting if one.due < inf]
    timers += [(one.not_before, READY, one.id) for one in waiting if one.not_before]
    state.timers.put_all(timers)
    for row in state.line.filled:  # whoever sees it later, or is kept from it by a budget
        if row.alike.budgets or state.roster.later(row.alike.lanes):
            state.look_later(row, state.now + 1)


def _spend(spending: Spending, snapshot: Snapshot) -> None:
    spending.open = dict(snapshot.open)
    spending.taken = {key: deque(times) for key, times in snapshot.taken}
    for offer in snapshot.offers:
        for key in offer.counted:
            spending.count(key, spending.offered, 1)


def _plain(one: Standing | Seat) -> Plain:
    found = []
    for field in fields(one):
        if not field.init:  # it follows from the rest
            continue
        value = getattr(one, field.name)
        if isinstance(value, set):
            value = frozenset(value)
        elif field.name in _MAPS:
            value = tuple(value.items())
        found.append((field.name, value))
    return tuple(found)


def _open(plain: Plain) -> dict[str, Any]:
    found = dict(plain)
    for name in _MAPS:
        if name in found:
            found[name] = dict(found[name])
    if "asked" in found:
        found["asked"] = set(found["asked"])
    return found

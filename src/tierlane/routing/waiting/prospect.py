"""What a waiting contact may expect: its place, and how long it will wait by the pace of late."""

from functools import partial
from typing import Final, NamedTuple

from tierlane.routing.waiting.asking import Asking
from tierlane.routing.waiting.column import Mark
from tierlane.routing.waiting.contact import Standing
from tierlane.routing.waiting.row import Alike
from tierlane.routing.waiting.state import DeskState


class Prospect(NamedTuple):
    """What is expected of one contact at a moment."""

    place: int
    """In its lane, 1 is next."""
    wait: int | None
    """Ms until it is taken on; None is not known."""


UNKNOWN: Final = Prospect(0, None)


def prospect(state: DeskState, asking: Asking, contact: Standing, now: int) -> Prospect:
    """Return what a contact that is in a lane may expect, by its place in the order now.

    Inside a row the order is that of age, so of each row only as much is looked at as a search by
    halves takes. Those who are offered, and those put off, stand in no row: they are looked at one
    by one.
    """
    alike = contact.alike
    if alike is None:
        return UNKNOWN
    mine = _key(state, alike, contact, now)
    ahead, in_rows = 0, 0
    for row in state.line.filled:
        if row.alike.lanes[0] == contact.lane:
            in_rows += len(row.marks)
            ahead += row.marks.before(mine, partial(_mark_key, state, row.alike, now))
    marks = state.line.waiting[contact.lane]
    if in_rows < len(marks):
        for _, name in marks:
            one = state.contacts[name]
            if one.row is not None and one.mark not in one.row.marks:
                ahead += _key(state, one.row.alike, one, now) < mine
    return Prospect(ahead + 1, asking.expected_wait(contact.lane, ahead, 0))


def forecast(
    state: DeskState, asking: Asking, contact: Standing, lanes: tuple[str, ...], now: int
) -> Prospect:
    """Return what is told to a contact that enters a lane: at most so many are before it."""
    before = len(state.line.waiting.get(contact.lane, ()))
    free = not before and bool(state.roster.as_of(now).ready & state.roster.sees(lanes))
    return Prospect(before + 1, asking.expected_wait(contact.lane, before, int(free)))


def _mark_key(state: DeskState, alike: Alike, now: int, mark: Mark) -> tuple[object, ...]:
    return _key(state, alike, state.contacts[mark[1]], now)


def _key(state: DeskState, alike: Alike, contact: Standing, now: int) -> tuple[object, ...]:
    return state.book.line.order.key(contact.waiting(alike, 1), now)

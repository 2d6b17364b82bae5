"""What must always be so of a managed desk, whatever has happened to it."""

from tierlane.routing.waiting.change import Change
from tierlane.routing.waiting.contact import Standing
from tierlane.routing.waiting.managed import ManagedDesk
from tierlane.routing.waiting.seat import Seat

OVER = frozenset({"left", "closed", "finished", "handed over", "lapsed"})
"""Changes after which a contact is not at the desk any more."""


def consistent(desk: ManagedDesk) -> None:
    """Nobody is over capacity; each contact is in one place; what is counted is what is there."""
    state = desk.state
    for seat in state.seats.values():
        assert seat.capacity.used(seat.counts) <= seat.capacity.units + 1e-6 or seat.strays
        counted: dict[str, int] = dict(seat.before)
        for held in (seat.held, seat.offered, seat.strays):
            for channel in held.values():
                counted[channel] = counted.get(channel, 0) + 1
        assert {k: v for k, v in seat.counts.items() if v} == {
            k: v for k, v in counted.items() if v
        }
        for use in seat.capacity.uses:
            assert use.most is None or seat.counts.get(use.channel, 0) <= use.most or seat.strays
        assert all(state.contacts[name].served_by == seat.id for name in seat.held)
        assert all(seat.id in state.contacts[name].offers for name in seat.offered)
    for standing in state.contacts.values():
        _one_place(desk, standing)
    waiting = sorted(name for row in state.line.waiting.values() for _, name in row)
    assert waiting == sorted(name for name, one in state.contacts.items() if one.waits())
    assert len(state.offers) == sum(len(one.offers) for one in state.contacts.values())
    assert all(
        count > 0 for count in (*state.spending.open.values(), *state.spending.offered.values())
    )


def _one_place(desk: ManagedDesk, standing: Standing) -> None:
    state = desk.state
    assert not (standing.offers and standing.served_by)
    assert (standing.alike is None) == bool(standing.served_by)
    if standing.alike is not None:
        open_ = not standing.not_before and len(standing.offers) < state.book.line.offer.at_once
        assert standing.row is not None and (standing.mark in standing.row.marks) == open_
    for advisor_id, offer_id in standing.offers.items():
        offer = state.offers[offer_id]
        assert (offer.contact_id, offer.advisor_id) == (standing.id, advisor_id)
        assert standing.id in state.seats[advisor_id].offered
    if standing.served_by:
        assert standing.id in state.seats[standing.served_by].held


def nobody_idles(desk: ManagedDesk, now: int) -> None:
    """No advisor has room for a contact that waits for an offer and that they may take."""
    state = desk.state
    if state.behind:
        return
    for seat in state.seats.values():
        for standing in state.contacts.values() if seat.ready(now) else ():
            free = standing.waits() and len(standing.offers) < state.book.line.offer.at_once
            if free and seat.id not in standing.offers:
                assert desk.asking.refusal(standing, seat, now), (seat.id, standing.id)


def bound_kept(desk: ManagedDesk, made: list[Change], now: int) -> None:
    """Who is offered passes nobody who came earlier by more than the bound, but for an order.

    Looked at among those of one channel: others may not find the room.
    """
    state, bound = desk.state, desk.state.book.line.bound
    for change in made:
        late = state.contacts.get(change.contact_id)
        seat = state.seats.get(change.advisor_id)
        if change.kind != "offered" or change.at != now or late is None or seat is None:
            continue
        for early in state.contacts.values():
            if bound is None or early.touched or late.touched or early.offers:
                continue
            same_room = early.itinerary.channel == late.itinerary.channel
            if same_room and early.waits() and early.arrived < late.arrived - bound:
                assert not _could(desk, early, seat, now), (early.id, late.id)


def _could(desk: ManagedDesk, contact: Standing, seat: Seat, now: int) -> bool:
    """Tell whether an advisor with enough room could take a contact."""
    lanes = desk.asking.lanes_of(contact)
    return (
        not desk.asking.unsuited(contact.leg, lanes, contact.itinerary.channel, seat)
        and contact.declined.get(seat.id, 0) <= now
        and contact.not_before <= now
        and seat.rank(lanes, now - contact.arrived) is not None
        and not contact.leg.budgets
    )


def answered(made: list[Change], advisor_id: str, contact_id: str) -> None:
    """An acceptance is answered once: by `confirmed`, or by `revoked`."""
    mine = [
        one.kind for one in made
        if (one.advisor_id, one.contact_id) == (advisor_id, contact_id)
        and one.kind in ("confirmed", "confirmed again", "revoked")
    ]  # fmt: skip
    assert mine.count("confirmed") <= 1 and mine

"""Whether whom a step names is there: an advisor of one's own, the last one, an account team.

Who is signed on is there, on a break as well: a break ends. A step that says for how long it waits
is obeyed; one that does not is passed over while nobody of those it names is there, since it would
hold the contact for nobody until the plan ends.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tierlane.policy.deciding.itinerary import Leg
from tierlane.routing.waiting.contact import Standing
from tierlane.routing.waiting.row import Row
from tierlane.routing.waiting.state import DeskState


def absent(state: DeskState, leg: Leg) -> bool:
    """Tell whether a step names advisors of whom none has signed on at this desk."""
    named = state.roster.kin(leg.wants).named
    if not named:
        return False
    (first, *_) = named[0].tests
    alone = len(named[0].tests) == 1 and first.field == "id"
    ids = state.seats if not alone else first.value if first.sign == "among" else (first.value,)
    return not any(
        (seat := state.seats.get(one)) is not None
        and seat.state != "off"
        and all(want.holds(seat.values) for want in named)
        for one in ids
    )


def endless(state: DeskState, contact: Standing, number: int) -> bool:
    """Tell whether a step says nothing of how long it waits."""
    return not state.plan(contact).transitions.clocks[number - 1].states_an_end


def left_alone(state: DeskState, values: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the rows of contacts that want by name an advisor of such values, who has left."""
    for row in state.line.filled:
        named = row.kin.named
        if named and all(want.holds(values) for want in named):
            yield row

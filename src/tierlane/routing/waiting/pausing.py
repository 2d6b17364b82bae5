"""The clock of a contact's steps, which stands still while the contact waits to be rung back.

A contact that is not to be offered before a moment keeps its place: its age in the order goes on,
and so do those of lanes. Only its steps have no time until then, so that it is not closed, or sent
on, before anybody could ring. When the moment is put off or brought forward, what is left of the
pause is given back first.
"""

from tierlane.policy.line.transition import Transitions
from tierlane.routing.waiting.contact import Standing
from tierlane.routing.waiting.state import DeskState
from tierlane.routing.waiting.timer import READY


def transitions(state: DeskState, contact: Standing) -> Transitions:
    """Return when the steps of its plan end, working time reckoned from its arrival."""
    return state.plan(contact).transitions.since(contact.arrived)


def age(contact: Standing, now: int) -> int:
    """Return its age as its steps see it."""
    return max(now, contact.not_before) - contact.arrived - contact.paused


def moment(contact: Standing, aged: float) -> float:
    """Return when it will be of an age as its steps see it."""
    return contact.arrived + contact.paused + aged


def put_off(state: DeskState, contact: Standing, until: int, now: int) -> bool:
    """Let a contact be offered from a moment on; tell whether that is later than now."""
    if until <= now and not contact.not_before:
        return False
    left = max(0, contact.not_before - now)
    more = max(0, until - now) - left
    contact.not_before = until if until > now else 0
    contact.paused += more
    contact.entered += more
    contact.due += more
    if until > now:
        state.timers.put(until, READY, contact.id)
    return until > now


def come_due(state: DeskState, contact: Standing, now: int) -> bool:
    """Let a contact be offered whose moment has come; tell whether it has."""
    if not 0 < contact.not_before <= now:
        return False
    contact.not_before = 0
    if contact.row is not None:
        state.settle(contact)
        state.fresh[contact.row] = None
    return True

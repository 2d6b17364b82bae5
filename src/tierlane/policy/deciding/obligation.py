"""What binds a contact: floors, compliance and service, each rule that holds counting."""

from typing import Any, Final

from tierlane.calendar import Calendar, Span
from tierlane.decision import Priority, Promise
from tierlane.lane import Compliance, Lane
from tierlane.policy.form.document import Floor, Mark

NO_PROMISE: Final = Promise()
NO_FLOOR: Final = Floor()
NO_MARK: Final = Compliance()

Held = tuple[tuple[str, Any], ...]
"""Rows that held and what they give."""


def strictest(floors: Held) -> tuple[Floor, tuple[tuple[str, str], ...]]:
    """Join floors: smallest times, largest priority, every kind forbidden with its row."""
    if not floors:
        return NO_FLOOR, ()
    values: list[Floor] = [value for _, value in floors]
    promise = Promise(
        answer=_least(one.promise.answer for one in values),
        start=_least(one.promise.start for one in values),
        resolve=_least(one.promise.resolve for one in values),
        working=_least_working(*(one.promise for one in values)),
    )
    priority = max((one.priority for one in values if one.priority is not None), default=None)
    never = tuple((kind, row) for row, one in floors for kind in one.never)
    return Floor(promise, priority, ()), never


def _least(times: Any) -> int | None:
    return min((one for one in times if one is not None), default=None)


def tighten(promise: Promise, floor: Floor) -> Promise:
    """Return the promise, no time above the floor's."""
    if floor.promise == NO_PROMISE:
        return promise
    return Promise(
        answer=_least((promise.answer, floor.promise.answer)),
        start=_least((promise.start, floor.promise.start)),
        resolve=_least((promise.resolve, floor.promise.resolve)),
        working=_least_working(promise, floor.promise),
    )


def _least_working(*promises: Promise) -> tuple[tuple[str, Span], ...]:
    """Join working times, of each calendar the smallest: which binds depends on the moment."""
    least: dict[tuple[str, Calendar | None], Span] = {}
    for key, span in (one for promise in promises for one in promise.working):
        known = least.get((key, span.calendar))
        if known is None or span.ms < known.ms:
            least[key, span.calendar] = span
    return tuple((key, span) for (key, _), span in least.items())


def lift(priority: Priority, floor: Floor) -> Priority:
    """Return the priority, not starting below the floor's."""
    if floor.priority is None or priority.start >= floor.priority:
        return priority
    top = priority.to if priority.to is None else max(priority.to, floor.priority)
    return Priority(floor.priority, priority.by, priority.every, top, priority.credit)


def joined(marks: Held) -> Compliance:
    """Join compliance rules: all of `can` and `scripts`, the longest kept, the most identity."""
    if not marks:
        return NO_MARK
    values: list[Mark] = [value for _, value in marks]
    return Compliance(
        can=tuple(dict.fromkeys(skill for one in values for skill in one.can)),
        scripts=tuple(one.scripts for one in values if one.scripts),
        identity=max((one.identity for one in values), default=0),
        retain_years=max((one.retain_years for one in values), default=0),
        retain_ms=max((one.retain_ms for one in values), default=0),
        rules=tuple((row, _alone(mark)) for row, mark in marks),
    )


def _alone(mark: Mark) -> Compliance:
    scripts = (mark.scripts,) if mark.scripts else ()
    return Compliance(mark.can, scripts, mark.identity, mark.retain_years, mark.retain_ms)


def service(
    held: Held, lane: Lane, mark: Compliance
) -> tuple[dict[str, Any], dict[str, int | str]]:
    """Join what serving rules tell, key by key, the first to set one keeping it; the lane's last.

    Returns the constants, and per key the slot or the variable whose value goes along.
    """
    constants: dict[str, Any] = {}
    carried: dict[str, int | str] = {}
    for _, (pairs, carry) in held:
        for key, value in pairs:
            if key not in carried:
                constants.setdefault(key, value)
        for key, where in carry:
            if key not in constants:
                carried.setdefault(key, where)
    for key, value in lane.serve:
        if key not in carried:
            constants.setdefault(key, value)
    if "record" in mark.can:
        constants.setdefault("record", True)
    return constants, carried

"""Which floors changed a promise or a priority, told of a decision by the policy that made it."""

from collections.abc import Mapping
from typing import Any, Final

from tierlane.decision import Priority, Promise
from tierlane.policy.form.document import Document, Floor, Rule

_TIMES: Final = ("answer", "start", "resolve")


def tightened(document: Document, audit: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return, by floor of a `decided` record, what it made stricter.

    That is `answer`, `start`, `resolve` or `priority`, where the row that gave it says less and no
    other floor more. Where working time binds, the floor is told if it added a bound of its own.
    """
    because = frozenset(audit.get("because", ()))
    promise = _given("promises", *document.promises, because)
    priority = _stated(document, audit) or _given("priorities", *document.priorities, because)
    held = [(f"floors/{one.name}", one.then) for one in document.floors]
    floors: dict[str, Floor] = {row: floor for row, floor in held if row in because}
    found: dict[str, list[str]] = {}
    for key in _TIMES:
        for row in _stricter(key, promise, floors):
            found.setdefault(row, []).append(key)
    most = max((one.priority for one in floors.values() if one.priority is not None), default=None)
    for row, floor in floors.items():
        if floor.priority is not None and floor.priority == most and most > priority.start:
            found.setdefault(row, []).append("priority")
    return {row: tuple(keys) for row, keys in found.items()}


def _given(of: str, default: Any, rows: tuple[Rule, ...], because: frozenset[str]) -> Any:
    """Return what the first row that held gives, else the default."""
    return next((row.then for row in rows if f"{of}/{row.name}" in because), default)


def _stated(document: Document, audit: Mapping[str, Any]) -> Priority | None:
    """Return the priority that the step sets, None where it sets none."""
    plan = next((one for one in document.plans if one.name == audit["plan"]), None)
    step = audit["step"]
    if plan is None or not isinstance(step, int) or step > len(plan.steps):
        return None
    return plan.steps[step - 1].priority


def _stricter(key: str, promise: Promise, floors: Mapping[str, Floor]) -> list[str]:
    """Return the floors whose bound is not in the promise and is the least of its calendar."""
    stated = {one.calendar: one.ms for one in promise.bounds(key)}
    bounds = [(row, one) for row, floor in floors.items() for one in floor.promise.bounds(key)]
    least: dict[Any, int] = {}
    for _, one in bounds:
        least[one.calendar] = min(one.ms, least.get(one.calendar, one.ms))
    found = [
        row
        for row, one in bounds
        if one.ms == least[one.calendar]
        and (one.calendar not in stated or one.ms < stated[one.calendar])
    ]
    return list(dict.fromkeys(found))

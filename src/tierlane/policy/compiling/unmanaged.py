"""What a policy asks of a desk that an outside system serves: there nobody waits for tierlane.

Such a desk takes a contact by its lane entry. The outside system keeps the time, offers and counts
there, so a construct that would have tierlane do it is refused, by name.
"""

from collections.abc import Iterator
from typing import Final

from tierlane.policy.form.document import Document, Plan, Step
from tierlane.policy.form.finding import Place, Report

NEEDS: Final = "needs a desk that waits and offers"
HINT: Final = "an outside system serves desk `{desk}`: `managed: false`"
_OWN: Final = (
    "order", "choose", "offer", "capacity", "wrap_up", "duties", "bound", "silence", "lapse",
    "not_before",
)  # fmt: skip
_WAITING: Final = ("until", "for", "skip_if", "prefer", "borrow", "choose")


def check_unmanaged(document: Document, report: Report) -> None:
    """Report what needs a managed desk and is written for one that is not."""
    for what, desk, place in (*_of_desks(document), *_of_lanes(document), *_of_plans(document)):
        message = f"{what} {NEEDS}"
        report.error("plan_needs_managed_desk", place, message, HINT.format(desk=desk))


def unmanaged(document: Document) -> dict[str, str]:
    """Return lane → desk for the lanes of unmanaged desks."""
    desks = {desk.name for desk in document.desks if not desk.managed}
    return {lane.name: lane.desk for lane, _ in document.lanes if lane.desk in desks}


Found = Iterator[tuple[str, str, Place]]


def _of_desks(document: Document) -> Found:
    for desk in document.desks:
        if not desk.managed:
            for key, place in desk.stated:
                if key in _OWN:
                    yield f"`{key}` of desk `{desk.name}`", desk.name, place


def _of_lanes(document: Document) -> Found:
    outside = unmanaged(document)
    detoured = {(one.lane, one.key): one.plan.place for one in document.detours}
    for lane, place in document.lanes:
        if lane.name in outside:
            full = lane.full.how != "next"
            if lane.most_waiting is not None or lane.longest_wait is not None or full:
                at = detoured.get((lane.name, "full"), place)
                yield f"a limit of lane `{lane.name}`", lane.desk, at


def _of_plans(document: Document) -> Found:
    outside = unmanaged(document)
    for plan in document.plans:
        for step, lane in lanes_of(plan):
            if lane in outside:
                yield from _of_step(step, outside[lane])
            for one in step.borrow:
                if one.text in outside and lane not in outside:
                    yield f"borrowing lane `{one.text}`", outside[one.text], one.place


def _of_step(step: Step, desk: str) -> Found:
    for key, place in step.stated:
        if key in _WAITING:
            yield f"`{key}` of a step", desk, place


def lanes_of(plan: Plan) -> Iterator[tuple[Step, str]]:
    """Yield each step with the name of its lane, empty where the first step names none."""
    lane = ""
    for step in plan.steps:
        lane = step.lane.text if step.lane is not None else lane
        yield step, lane

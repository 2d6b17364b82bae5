"""How many kinds of contacts a desk tells apart in its line; each is kept in a heap of its own.

Inside a kind the order of arrival holds, so only the first of each is compared: what a look at the
line costs grows with the kinds, not with those who wait.
"""

from typing import Final

from tierlane.policy.check.structure import steps_of
from tierlane.policy.deciding.obligation import lift
from tierlane.policy.form.desk import Desk
from tierlane.policy.form.document import Document
from tierlane.policy.form.finding import Report

MOST: Final = 1_000
"""Heaps of one desk; each look at the line compares as many first ones."""


def check_heaps(document: Document, report: Report) -> None:
    """Report managed desks whose line may come to more heaps than are compared in good time."""
    for desk in document.desks:
        count = heaps(document, desk) if desk.managed else 0
        if count > MOST:
            message = f"the line of desk `{desk.name}` may come to {count:,} heaps"
            hint = "fewer priorities, promised answers, wants or `first` keys; more desks"
            report.warn("many_heaps", desk.at("order"), message, hint)


def heaps(document: Document, desk: Desk) -> int:
    """Return lanes × sets of wants × classes of the order, at the most."""
    lanes = {lane.name for lane, _ in document.lanes if lane.desk == desk.name}
    wants = {
        (lane, tuple(one.text for one in step.who), tuple(one.text for one in step.borrow))
        for _, step, lane in steps_of(document)
        if lane in lanes
    }
    return len(wants) * _classes(document, desk)


def _classes(document: Document, desk: Desk) -> int:
    """Return how many classes the keys tell apart; what sorts by any number is not counted."""
    keys = [key.how for key in desk.order]
    found: int = 2 ** keys.count("first")
    if "score" in keys or "waited" in keys:
        stated = [document.priorities[0], *(row.then for row in document.priorities[1])]
        stated += [one.priority for _, one, _ in steps_of(document) if one.priority is not None]
        lifted = {lift(one, floor.then) for one in stated for floor in document.floors}
        priorities = {*stated, *lifted}
        found *= len(priorities if "score" in keys else {one.credit for one in priorities})
    if "promise" in keys:
        promises = [document.promises[0], *(row.then for row in document.promises[1])]
        promises += [floor.then.promise for floor in document.floors]
        found *= len({one.answer for one in promises})
    return found

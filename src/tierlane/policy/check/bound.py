"""Whether the order of a desk keeps its `bound`: nobody is passed by one that came so much later.

Starts, growth and caps are constants, so the classes of contacts are few and each one's score is a
known function of its age. A contact of any class that is older by the bound must come before every
arrival that is not marked `first`. That says nothing of a line that is not served at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from typing import Final

from tierlane.decision import Priority
from tierlane.policy.check.elapsed import Elapsed
from tierlane.policy.check.structure import Sure
from tierlane.policy.compiling.handover import handovers
from tierlane.policy.compiling.unmanaged import lanes_of
from tierlane.policy.deciding.obligation import lift
from tierlane.policy.form.desk import Desk
from tierlane.policy.form.document import Document, Plan, Step
from tierlane.policy.form.finding import Report
from tierlane.policy.line.ordering import score

MOST_CHANGES: Final = 20_000
"""Changes of one score that are looked at; one that grows oftener is looked at this many times."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A priority in force in a step: from the earliest age to the latest."""

    priority: Priority
    since: float
    until: float
    """The first age at which it is over."""


def check_bounds(document: Document, report: Report) -> None:
    """Report desks whose order does not keep their bound, with two contacts that show it."""
    for desk in document.desks:
        if desk.bound is not None:
            why = broken(document, desk, desk.bound)
            if why:
                message = f"the order of desk `{desk.name}` does not keep its bound: {why}"
                hint = "let priorities grow to the same height (`by`, `every`, `to`), or raise it"
                report.error("bound", desk.at("bound"), message, hint)


def check_orders(document: Document, report: Report) -> None:
    """Report a key of many values behind a score that grows.

    The line then has no kinds inside which the order of arrival holds, and every look at it would
    have to sort all that wait.
    """
    priorities = [document.priorities[0], *(row.then for row in document.priorities[1])]
    steps = [step.priority for plan in document.plans for step in plan.steps if step.priority]
    grows = any(one.every and one.by for one in (*priorities, *steps))
    for desk in document.desks:
        ahead = False
        for key in desk.order:
            if ahead and grows and key.how in ("least", "most"):
                message = f"`{key.how}` of desk `{desk.name}` stands behind a score that grows"
                hint = "put it before `score`, or ask for a few kinds by `{first: …}`"
                report.error("sort_behind_score", key.place, message, hint)
            ahead = ahead or key.how == "score"


def broken(document: Document, desk: Desk, bound: int) -> str:
    """Return how one may be passed by another that came more than `bound` ms later; or nothing."""
    stays = list(stays_at(document, desk))
    if not stays:
        return ""
    for key in desk.order:
        if key.how == "first":
            continue  # who is marked goes first by intention
        found, ties = _key(key.how, document, desk, stays, bound)
        if found or not ties:
            return found
    return ""  # at the end stands age


def _key(
    how: str, document: Document, desk: Desk, stays: list[Stay], bound: int
) -> tuple[str, bool]:
    """Return why a key lets the later contact pass, and whether it can leave the two equal."""
    if how == "score":
        return _score(stays, bound)
    if how == "promise":
        return _promise(document, bound)
    if how == "waited":
        credit = [stay.priority.credit for stay in stays]
        behind = max(credit) - min(credit) - bound
        why = f"a credit of {max(credit) / 1000:g} s goes beyond it" if behind > 0 else ""
        return why, behind == 0
    if how == "rank":
        ranks = [{lane.rank for lane in duty.lanes} for duty in desk.duties]
        several = any(len(one) > 1 for one in ranks)
        return ("a lane of a lower rank always comes first" if several else "", True)
    return f"`{how}` does not change with age", True


def _score(stays: list[Stay], bound: int) -> tuple[str, bool]:
    ties = False
    for age in sorted(set(_ages(stays, bound))):
        old = [one for one in stays if one.since <= age + bound < one.until]
        new = [one for one in stays if one.since <= age < one.until]
        if not old or not new:
            continue
        low = min(old, key=lambda one: score(one.priority, int(age + bound)))
        high = max(new, key=lambda one: score(one.priority, int(age)))
        behind, ahead = score(low.priority, int(age + bound)), score(high.priority, int(age))
        if behind < ahead:
            old_one = f"{(age + bound) / 1000:g} s old, started at {low.priority.start:g}"
            new_one = f"{age / 1000:g} s old, started at {high.priority.start:g}"
            return f"one {old_one}, scores {behind:g}; one {new_one}, scores {ahead:g}", False
        ties = ties or behind == ahead
    return "", ties


def _ages(stays: list[Stay], bound: int) -> Iterator[float]:
    """Yield the ages at which a score may change, of the later contact and of the older one."""
    yield 0
    horizon = max((one.until for one in stays if one.until < inf), default=0)
    for stay in stays:
        for edge in (stay.since, stay.until):
            yield from (age for age in (edge, edge - bound) if 0 <= age < inf)
        one = stay.priority
        if not one.every or not one.by:
            continue
        grown = inf if one.to is None else (one.to - one.start) / one.by
        top = min(max(stay.since, horizon), (grown + 1) * one.every)
        stride = max(one.every, int(top / MOST_CHANGES) // one.every * one.every)
        age = float(one.every - one.credit % one.every)
        while age <= top:
            yield age
            age += stride


def _promise(document: Document, bound: int) -> tuple[str, bool]:
    promises = [document.promises[0], *(row.then for row in document.promises[1])]
    times = [inf if one.answer is None else one.answer for one in promises]
    floors = [one.then.promise.answer for one in document.floors]
    latest, earliest = max(times), min((*times, *(one for one in floors if one is not None)))
    if latest == inf:
        return ("one without a promise never comes first" if earliest < inf else "", True)
    behind = latest - bound - earliest
    return ("the promises differ by more" if behind > 0 else "", behind == 0)


def stays_at(document: Document, desk: Desk) -> Iterator[Stay]:
    """Yield the priorities that contacts at a desk may have, and at which ages."""
    lanes = {lane.name: lane for lane, _ in document.lanes}
    first = [document.priorities[0], *(row.then for row in document.priorities[1])]
    sure, before = Sure(document), _before(document)
    last = inf if document.last.until is None else float(document.last.until)
    elapsed = Elapsed()
    for plan in document.plans:
        held = list(first)
        for earlier in before[plan.name]:
            held += [step.priority for step in earlier.steps if step.priority is not None]
        since, latest = 0.0, 0.0
        for step, name in lanes_of(plan):
            if step.priority is not None:
                held = [step.priority] if sure(step, lanes[name]) else [*held, step.priority]
            least, most = _ages_of(step, elapsed)
            end = _end(latest, most, step.lasts) if step.before_answer is None else inf
            end = last if end == inf else end
            if lanes[name].desk == desk.name:
                for one in held:
                    yield from (Stay(p, since, end) for p in _lifted(one, document))
            if sure(step, lanes[name]) and step.before_answer is None:
                early = _end(since, least, step.lasts)
                since = max(since, last if early == inf else early)
            latest = max(latest, end)


def _ages_of(step: Step, elapsed: Elapsed) -> tuple[float, float]:
    """Return the least and the greatest age that `until` of a step may mean."""
    if step.working is not None:
        return step.working.ms, elapsed.most(step.working)
    until = inf if step.until is None else float(step.until)
    return until, until


def _end(entered: float, until: float, lasts: int | None) -> float:
    own = inf if lasts is None else entered + lasts
    return min(own, max(until, entered))


def _lifted(priority: Priority, document: Document) -> Iterator[Priority]:
    yield priority
    for rule in document.floors:
        yield lift(priority, rule.then)


def _before(document: Document) -> dict[str, list[Plan]]:
    """Return, per plan, those that may have handed over to it, at once or by others."""
    plans = {plan.name: plan for plan in document.plans}
    found: dict[str, set[str]] = {name: set() for name in plans}
    edges = handovers(document)
    for _ in plans:
        for name in plans:
            for _, following in edges[name]:
                found[following.text] |= {name} | found[name]
    return {name: [plans[one] for one in sorted(earlier)] for name, earlier in found.items()}

"""Plans that hand over to plans: by `finally`, and where a lane is full or closed.

Every plan must end, so handing over must not go in a circle: then a contact could wait for ever.
"""

from collections.abc import Iterator, Mapping

from tierlane.policy.compiling.unmanaged import lanes_of
from tierlane.policy.form.document import Document, Plan, Written
from tierlane.policy.form.finding import Report
from tierlane.policy.reading.shape import near

Edges = Mapping[str, tuple[tuple[str, Written], ...]]
"""Plan → what hands over (`finally`, or the lane that is full or closed), and the next plan."""


def check_handover(document: Document, report: Report) -> None:
    """Report plans that there are not, and plans that hand over in a circle."""
    names = {plan.name for plan in document.plans}
    for written in _named(document):
        if written.text not in names:
            message = f"no plan `{written.text}`"
            report.error("unknown_plan", written.place, message, near(written.text, names))
    edges = handovers(document)
    told: set[frozenset[str]] = set()
    for plan in document.plans:
        circle = _circle(plan.name, edges)
        if circle and frozenset(circle) not in told:
            told.add(frozenset(circle))
            written = next(next_ for _, next_ in edges[circle[-2]] if next_.text == circle[-1])
            message = f"plans hand over in a circle: {' → '.join(f'`{one}`' for one in circle)}"
            hint = "end one of them by `finally: {close: …}`"
            report.error("plan_cycle", written.place, message, hint)


def handovers(document: Document) -> Edges:
    """Return which plans each plan may hand over to."""
    detours: dict[str, list[tuple[str, Written]]] = {}
    for one in document.detours:
        detours.setdefault(one.lane, []).append((f"`{one.key}` of lane `{one.lane}`", one.plan))
    return {plan.name: tuple(_of(plan, document, detours)) for plan in document.plans}


def _of(
    plan: Plan, document: Document, detours: Mapping[str, list[tuple[str, Written]]]
) -> Iterator[tuple[str, Written]]:
    last = plan.last or document.last
    if last.plan is not None:
        yield "`finally`", last.plan
    for lane in dict.fromkeys(lane for _, lane in lanes_of(plan)):
        yield from detours.get(lane, ())


def _named(document: Document) -> Iterator[Written]:
    for last in (document.last, *(plan.last for plan in document.plans)):
        if last is not None and last.plan is not None:
            yield last.plan
    for one in document.detours:
        yield one.plan


def _circle(start: str, edges: Edges) -> tuple[str, ...]:
    """Return the plans of a circle through `start`, beginning and ending with it; or nothing."""
    trails: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while trails:
        trail = trails.pop()
        for _, following in edges.get(trail[-1], ()):
            if following.text == start:
                return (*trail, start)
            if following.text not in seen:
                seen.add(following.text)
                trails.append((*trail, following.text))
    return ()

"""The steps of the plans as regions: who comes to a step, who may enter, what keeps others out."""

from tierlane.lane import Lane
from tierlane.policy.check.region.atlas import Atlas, Stop
from tierlane.policy.check.region.cut import paths, shown
from tierlane.policy.check.region.diagram import EVERYTHING, NOTHING
from tierlane.policy.compiling.handover import Edges, handovers
from tierlane.policy.compiling.unmanaged import lanes_of
from tierlane.policy.condition.expression import Binary, Path, Tree, parse, terms
from tierlane.policy.form.document import Document, Plan, Step


def draw_steps(atlas: Atlas) -> None:
    """Draw the steps of every plan, each with those that the steps before it leave."""
    known = _known_channel(atlas)
    edges = handovers(atlas.document)
    comes = {row.name: atlas.diagram.both(row.takes, known) for row in atlas.lists["plans"].rows}
    plans = {plan.name: plan for plan in atlas.document.plans}
    for name in _in_turn(edges):
        goes, left = _draw_plan(atlas, plans[name], comes[name])
        for _, after in edges[name]:
            # By which of its ways a contact goes on is not followed: it may by each.
            comes[after.text] = atlas.diagram.either(comes[after.text], goes)
        ends = _then(atlas.document, plans[name]) is None
        atlas.left[name] = left if ends else NOTHING
        atlas.falls = atlas.diagram.either(atlas.falls, goes if ends else NOTHING)
    atlas.unplaced = atlas.diagram.without(EVERYTHING, known)
    atlas.falls = atlas.diagram.either(atlas.falls, atlas.unplaced)


def _draw_plan(atlas: Atlas, plan: Plan, comes: int) -> tuple[int, int]:
    """Draw one plan; return who may go on from its last step, and whom no step ever takes."""
    lanes = {lane.name: lane for lane, _ in atlas.document.lanes}
    managed = {desk.name for desk in atlas.document.desks if desk.managed}
    left = comes
    stops = atlas.stops[plan.name] = []
    for step, name in lanes_of(plan):
        lane = lanes[name]
        stop = _stop(atlas, step, lane, comes, waits=lane.desk in managed)
        stops.append(stop)
        left = atlas.diagram.without(left, stop.enters)
        if not (_closes(atlas, lane) or (lane.desk in managed and _goes_on(atlas, stop))):
            comes = atlas.diagram.without(comes, stop.enters)
    return comes, left


def _then(document: Document, plan: Plan) -> str | None:
    """Return the plan that takes over when the steps have run out, if one does."""
    last = plan.last if plan.last is not None else document.last
    return None if last.plan is None else last.plan.text


def _in_turn(edges: Edges) -> list[str]:
    """Return the plans so that each comes after those that hand over to it; there is no circle."""
    found: dict[str, None] = {}

    def add(name: str) -> None:
        for before, after in edges.items():
            if before not in found and any(one.text == name for _, one in after):
                add(before)
        found[name] = None

    for name in edges:
        if name not in found:
            add(name)
    return list(found)


def handed_to(document: Document) -> frozenset[str]:
    """Return the plans that others hand over to."""
    return frozenset(one.text for after in handovers(document).values() for _, one in after)


def _known_channel(atlas: Atlas) -> int:
    """Return the contacts whose channel is one that the policy knows; others go to the fallback."""
    line = atlas.judge.plane.line("contact.channel")
    return line.equal(atlas.diagram, line.closed)


def _goes_on(atlas: Atlas, stop: Stop) -> bool:
    """Tell whether contacts may go on to the next step although they may enter this one.

    They do when the step ends, when it is skipped, and when the lane is full or over a budget.
    """
    step, lane, last = stop.step, stop.lane, atlas.document.last
    ends = (
        step.until, step.working, step.before_answer, step.lasts, step.skip_if, last.until,
    )  # fmt: skip
    limits = (lane.most_waiting, lane.longest_wait)
    return bool(atlas.document.budgets) or any(one is not None for one in (*ends, *limits))


def _closes(atlas: Atlas, lane: Lane) -> bool:
    """Tell whether contacts pass a lane over at some hours."""
    closing = {desk.name for desk in atlas.document.desks if desk.calendar is not None}
    return lane.desk in closing and lane.closed.how != "wait"


def _stop(atlas: Atlas, step: Step, lane: Lane, comes: int, *, waits: bool) -> Stop:
    diagram = atlas.diagram
    atlas.judge.given |= {
        "lane.name": {lane.name: EVERYTHING},
        "lane.kind": {lane.kind: EVERYTHING},
    }
    may = diagram.both(comes, atlas.condition(step.when))
    if lane.channels:
        line = atlas.judge.plane.line("contact.channel")
        may = diagram.both(may, line.equal(diagram, lane.channels))
    if lane.languages:  # who tells no language is served all the same
        line = atlas.judge.plane.line("contact.language")
        may = diagram.both(may, line.equal(diagram, (None, *lane.languages)))
    blocked = blocks(atlas, lane)
    for region in blocked.values():
        may = diagram.without(may, region)
    may = diagram.both(may, identified(atlas, lane.identity))
    if not (waits and step.skip_if is not None):
        for want in (one for written in step.who for one in terms(parse(written.text))):
            may = diagram.both(may, _wanted(atlas, want))
    return Stop(step, lane, comes, may, blocked)


def _wanted(atlas: Atlas, want: Tree) -> int:
    """Return the contacts that meet a want themselves, or have what it compares an advisor with."""
    if isinstance(want, Binary) and want.sign == "||":
        both = _wanted(atlas, want.left), _wanted(atlas, want.right)
        return atlas.diagram.either(*both)
    read = paths(want)
    if not any(name.startswith("advisor.") for name in read):
        return atlas.judge.truth(want).true
    plane, found = atlas.judge.plane, EVERYTHING
    for name in read:
        if name in plane.cuts.fields:
            found = atlas.diagram.both(found, plane.present(name))
    sides = (want.left, want.right) if isinstance(want, Binary) else ()
    plain = any(isinstance(side, Path) and side.text in read for side in sides)
    fields = [plane.cuts.fields[name] for name in read if name in plane.cuts.fields]
    if any(one.type == "list" for one in fields):
        plain = False  # it may be empty, and then there is nothing to compare with
    if found == EVERYTHING or plain:
        return found
    return atlas.diagram.both(found, plane.answered(shown(want)))


def blocks(atlas: Atlas, lane: Lane) -> dict[str, int]:
    """Return per floor and compliance rule the contacts that it keeps out of a lane."""
    diagram = atlas.diagram
    found = {}
    for row in atlas.binding["floors"].rows:
        if lane.kind in row.value.never:
            found[f"floors/{row.name}"] = row.holds
    for row in atlas.binding["compliance"].rows:
        mark = row.value
        fits = all(one in lane.can for one in mark.can) and (
            not mark.scripts or any(one in lane.scripts for one in mark.scripts)
        )
        enough = EVERYTHING if "verify" in lane.can else identified(atlas, mark.identity)
        out = diagram.without(row.holds, enough) if fits else row.holds
        if out != NOTHING:
            found[f"compliance/{row.name}"] = out
    return found


def identified(atlas: Atlas, least: int) -> int:
    """Return the contacts identified at least so strongly; one without a word of it counts as 0."""
    if least <= 0:
        return EVERYTHING
    line = atlas.judge.plane.line("contact.identity")
    return line.where(atlas.diagram, lambda value: (value or 0) >= least)

"""The steps of the plans as regions: who comes to a step, who may enter, what keeps others out."""

from tierlane.lane import Lane
from tierlane.policy.document import Document, Step, Written
from tierlane.policy.expression import Binary, parse
from tierlane.policy.region.atlas import Atlas, Stop
from tierlane.policy.region.cut import paths
from tierlane.policy.region.diagram import EVERYTHING, NOTHING
from tierlane.policy.unmanaged import lanes_of


def draw_steps(atlas: Atlas) -> None:
    """Draw the steps of every plan, each with those that the steps before it leave."""
    known = _known_channel(atlas)
    lanes = {lane.name: lane for lane, _ in atlas.document.lanes}
    managed = {desk.name for desk in atlas.document.desks if desk.managed}
    taken = {row.name: row.takes for row in atlas.lists["plans"].rows}
    handed = handed_to(atlas.document)
    for plan in atlas.document.plans:
        # Who comes by another plan is not followed: everybody may.
        comes = known if plan.name in handed else atlas.diagram.both(taken[plan.name], known)
        left = falls = comes
        atlas.stops[plan.name] = []
        for step, name in lanes_of(plan):
            stop = _stop(atlas, step, lanes[name], comes, waits=lanes[name].desk in managed)
            atlas.stops[plan.name].append(stop)
            left = atlas.diagram.without(left, stop.enters)
            if not _closes(atlas, lanes[name]):
                falls = atlas.diagram.without(falls, stop.enters)
                if not _goes_on(atlas, stop, managed):
                    comes = atlas.diagram.without(comes, stop.enters)
        atlas.left[plan.name] = NOTHING if plan.name in handed else left
        atlas.falls = atlas.diagram.either(atlas.falls, falls)
    atlas.unplaced = atlas.diagram.without(EVERYTHING, known)
    atlas.falls = atlas.diagram.either(atlas.falls, atlas.unplaced)


def handed_to(document: Document) -> frozenset[str]:
    """Return the plans that others hand over to."""
    last = [document.last, *(plan.last for plan in document.plans if plan.last is not None)]
    named = [one.plan for one in last] + [one.plan for one in document.detours]
    return frozenset(one.text for one in named if one is not None)


def _known_channel(atlas: Atlas) -> int:
    """Return the contacts whose channel is one that the policy knows; others go to the fallback."""
    line = atlas.judge.plane.line("contact.channel")
    return line.equal(atlas.diagram, line.closed)


def _goes_on(atlas: Atlas, stop: Stop, managed: set[str]) -> bool:
    """Tell whether contacts may go on to the next step although they may enter this one.

    At a managed desk they do when the step ends, or the lane is full or over a budget.
    """
    if stop.lane.desk not in managed:
        return False
    step, lane = stop.step, stop.lane
    ends = (step.until, step.before_answer, step.lasts, step.skip_if)
    limits = (lane.most_waiting, lane.longest_wait)
    return bool(atlas.document.budgets) or (ends + limits).count(None) < 6


def _closes(atlas: Atlas, lane: Lane) -> bool:
    """Tell whether contacts pass a lane over at some hours."""
    closing = {desk.name for desk in atlas.document.desks if desk.calendar is not None}
    return lane.desk in closing and lane.closed.how != "wait"


def _stop(atlas: Atlas, step: Step, lane: Lane, comes: int, *, waits: bool) -> Stop:
    diagram = atlas.diagram
    may = diagram.both(comes, atlas.condition(step.when))
    if lane.channels:
        line = atlas.judge.plane.line("contact.channel")
        may = diagram.both(may, line.equal(diagram, lane.channels))
    blocked = blocks(atlas, lane)
    for region in blocked.values():
        may = diagram.without(may, region)
    may = diagram.both(may, identified(atlas, lane.identity))
    if not (waits and step.skip_if is not None):
        for want in step.who:
            may = diagram.both(may, _wanted(atlas, want))
    return Stop(step, lane, comes, may, blocked)


def _wanted(atlas: Atlas, want: Written) -> int:
    """Return the contacts that have what a want compares an advisor with."""
    tree, found = parse(want.text), EVERYTHING
    if isinstance(tree, Binary) and tree.sign == "||":
        return found
    for name in paths(tree):
        if name in atlas.judge.plane.cuts.fields:
            found = atlas.diagram.both(found, atlas.judge.plane.present(name))
    return found


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

"""The steps of the plans as regions: who comes to a step, who may enter, what keeps others out."""

from tierlane.lane import Lane
from tierlane.policy.document import Plan, Step
from tierlane.policy.expression import parse
from tierlane.policy.region.atlas import Atlas, Stop
from tierlane.policy.region.cut import paths
from tierlane.policy.region.diagram import EVERYTHING, NOTHING


def draw_steps(atlas: Atlas) -> None:
    """Draw the steps of every plan, each with those that the steps before it leave."""
    known = _known_channel(atlas)
    lanes = {lane.name: lane for lane, _ in atlas.document.lanes}
    taken = {row.name: row.takes for row in atlas.lists["plans"].rows}
    for plan in atlas.document.plans:
        comes = atlas.diagram.both(taken[plan.name], known)
        atlas.stops[plan.name] = []
        for step, lane in _lanes(plan, lanes):
            stop = _stop(atlas, step, lane, comes)
            atlas.stops[plan.name].append(stop)
            comes = atlas.diagram.without(comes, stop.enters)
        atlas.left[plan.name] = comes
    atlas.unplaced = atlas.diagram.without(EVERYTHING, known)


def _known_channel(atlas: Atlas) -> int:
    """Return the contacts whose channel is one that the policy knows; others go to the fallback."""
    line = atlas.judge.plane.line("contact.channel")
    return line.equal(atlas.diagram, line.closed)


def _lanes(plan: Plan, lanes: dict[str, Lane]) -> list[tuple[Step, Lane]]:
    found = []
    lane: Lane | None = None
    for step in plan.steps:
        lane = lanes[step.lane.text] if step.lane is not None else lane
        if lane is not None:
            found.append((step, lane))
    return found


def _stop(atlas: Atlas, step: Step, lane: Lane, comes: int) -> Stop:
    diagram = atlas.diagram
    blocked = {**blocks(atlas, lane)}
    enters = diagram.both(comes, atlas.condition(step.when))
    if lane.channels:
        line = atlas.judge.plane.line("contact.channel")
        enters = diagram.both(enters, line.equal(diagram, lane.channels))
    may = enters
    for region in blocked.values():
        may = diagram.without(may, region)
    if lane.identity:
        may = diagram.both(may, identified(atlas, lane.identity))
    for want in step.who:
        for name in paths(parse(want.text)):
            if name in atlas.judge.plane.cuts.fields:
                may = diagram.both(may, atlas.judge.plane.present(name))
    return Stop(step, lane, comes, may, blocked)


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

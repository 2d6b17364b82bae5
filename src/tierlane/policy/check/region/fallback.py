"""Who is left to the fallback, why, and whether the fallback may take them."""

from tierlane.decision import FALLBACK, Decision
from tierlane.policy.check.region.atlas import Row
from tierlane.policy.check.region.diagram import NOTHING
from tierlane.policy.check.region.step import blocks
from tierlane.policy.check.region.survey import Survey

_CHANNEL = ("contact.channel",)


def find_left(survey: Survey) -> None:
    """Report plans whose steps leave contacts to the fallback, and a fallback that may not."""
    vetoed: dict[str, int] = {}
    for plan, left in survey.atlas.left.items():
        vetoed[plan] = _vetoed(survey, plan)
        rest = survey.atlas.diagram.without(left, vetoed[plan])
        if survey.atlas.occurs(rest):
            _no_step(survey, plan, rest)
    for name in ("floors", "compliance"):
        for row in survey.atlas.binding[name].rows:
            _all_vetoed(survey, f"{name}/{row.name}", row, vetoed)
    _fallback(survey)


def _vetoed(survey: Survey, plan: str) -> int:
    """Return the contacts of a plan that floors and compliance rules keep out of every step."""
    diagram = survey.atlas.diagram
    found = survey.atlas.left[plan]
    for stop in survey.atlas.stops[plan]:
        out = NOTHING
        for region in stop.blocked.values():
            out = diagram.either(out, region)
        found = diagram.both(found, out)
    return found


def _no_step(survey: Survey, plan: str, region: int) -> None:
    message = f"some contacts of `{plan}` may enter none of its steps and go to the fallback"
    place = next(one.place for one in survey.document.plans if one.name == plan)
    survey.report.warn("left_to_fallback", place, message, _shown(survey, region, plan))


def _shown(survey: Survey, region: int, plan: str) -> str:
    def falls(decision: Decision) -> bool:
        return decision.outcome.step == FALLBACK and plan in decision.outcome.plan

    return survey.shown(region, falls, _CHANNEL)


def _all_vetoed(survey: Survey, name: str, row: Row, vetoed: dict[str, int]) -> None:
    """Report a rule that leaves contacts to the fallback: doubtful where it leaves all it binds.

    Where it leaves some, other plans serve whom it binds, and the fallback may well be meant.
    """
    atlas, diagram = survey.atlas, survey.atlas.diagram
    plans = {plan: diagram.both(region, row.holds) for plan, region in vetoed.items()}
    plans = {
        plan: region
        for plan, region in plans.items()
        if atlas.occurs(region) and any(name in stop.blocked for stop in atlas.stops[plan])
    }
    if not plans:
        return
    served = diagram.without(row.holds, atlas.unplaced)
    for region in plans.values():
        served = diagram.without(served, region)
    whole = [plan for plan in plans if _whole(survey, plan, plans[plan])]
    first = (whole or list(plans))[0]
    lane = survey.document.fallback.text
    hint = _shown(survey, plans[first], first)
    if not atlas.occurs(served):
        message = f"`{name}` leaves every contact it binds to the fallback `{lane}`"
        survey.report.warn("left_to_fallback", row.place, message, hint)
    elif whole:
        message = f"`{name}` leaves every contact of plan `{first}` to the fallback `{lane}`"
        survey.report.warn("left_to_fallback", row.place, message, hint)
    elif survey.gaps:
        many = f"{len(plans)} plans" if len(plans) > 1 else f"plan `{first}`"
        message = f"`{name}` leaves some contacts of {many} to the fallback `{lane}`"
        survey.report.note("fallback_serves", row.place, message, hint)


def _whole(survey: Survey, plan: str, region: int) -> bool:
    stops = survey.atlas.stops[plan]
    return bool(stops) and not survey.atlas.occurs(
        survey.atlas.diagram.without(stops[0].comes, region)
    )


def _fallback(survey: Survey) -> None:
    """Report floors and marks that the fallback lane would break for whom it gets."""
    atlas, document = survey.atlas, survey.document
    lane = next(lane for lane, _ in document.lanes if lane.name == document.fallback.text)
    for name, region in blocks(atlas, lane).items():
        broken = atlas.diagram.both(atlas.falls, region)
        if not atlas.occurs(broken):
            continue
        placed = atlas.diagram.without(broken, atlas.unplaced)
        shown = placed if atlas.occurs(placed) else broken
        hint = survey.shown(shown, lambda one: one.outcome.step == FALLBACK, _CHANNEL)
        place = document.fallback.place
        if name.startswith("floors/"):
            message = f"the fallback `{lane.name}` is {lane.kind}, `{name}` forbids it"
            survey.report.error("fallback_breaks_floor", place, message, hint)
        else:
            message = f"the fallback `{lane.name}` does not keep `{name}`"
            survey.report.warn("fallback_breaks_mark", place, message, hint)

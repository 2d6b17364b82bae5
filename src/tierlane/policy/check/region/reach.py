"""What no contact comes to: steps, lanes, tiers, scenarios; and who is left to the fallback."""

from tierlane.policy.check.region.atlas import Stop
from tierlane.policy.check.region.diagram import NOTHING
from tierlane.policy.check.region.survey import Survey
from tierlane.policy.form.finding import Place


def find_unreached(survey: Survey) -> None:
    """Report what no contact comes to."""
    _steps(survey)
    _lanes(survey)
    _tiers(survey)
    _scenarios(survey)


def _steps(survey: Survey) -> None:
    atlas = survey.atlas
    told = {one.place for one in survey.report.findings if one.code == "step_unreached"}
    for plan, stops in atlas.stops.items():
        if not stops or not atlas.occurs(stops[0].comes):
            continue  # the plan itself is told of
        for number, stop in enumerate(stops, 1):
            if stop.step.place in told:
                continue
            if not atlas.occurs(stop.comes):
                message = f"step {number} of `{plan}` is never reached"
                hint = f"step {number - 1} and those before it take every contact"
                survey.report.warn("step_unreached", stop.step.place, message, hint)
            elif not atlas.occurs(stop.enters):
                _empty(survey, plan, number, stop)


def _empty(survey: Survey, plan: str, number: int, stop: Stop) -> None:
    """Report a step that takes nobody: a floor may be there to keep it so."""
    message = f"step {number} of `{plan}` takes nobody"
    if rule := _barred(survey, stop):
        hint = f"`{rule}` keeps them all out of lane `{stop.lane.name}`"
        survey.report.note("barred", stop.step.place, message, hint)
        return
    hint = f"who comes to it may not enter lane `{stop.lane.name}`"
    survey.report.warn("step_unreached", stop.step.place, message, hint)


def _barred(survey: Survey, stop: Stop) -> str:
    """Return the floor or compliance rule that keeps everybody out of a step, if one does."""
    diagram = survey.atlas.diagram
    for rule, region in stop.blocked.items():
        if not survey.atlas.occurs(diagram.without(stop.comes, region)):
            return rule
    return ""


def _lanes(survey: Survey) -> None:
    atlas, document = survey.atlas, survey.document
    entered: dict[str, int] = {}
    for stop in (one for stops in atlas.stops.values() for one in stops):
        before = entered.get(stop.lane.name, NOTHING)
        entered[stop.lane.name] = atlas.diagram.either(before, stop.enters)
    stops = [one for many in atlas.stops.values() for one in many if atlas.occurs(one.comes)]
    barred = {stop.lane.name: rule for stop in stops if (rule := _barred(survey, stop))}
    borrowed = {one.text for plan in document.plans for step in plan.steps for one in step.borrow}
    for lane, place in document.lanes:
        if lane.name in borrowed or lane.name == document.fallback.text:
            continue
        if lane.name not in entered:
            survey.report.warn("lane_unreached", place, f"no plan leads to lane `{lane.name}`")
        elif not atlas.occurs(entered[lane.name]):
            message = f"no contact can come to lane `{lane.name}`"
            if lane.name in barred:
                hint = f"`{barred[lane.name]}` keeps all who come out of it"
                survey.report.note("barred", place, message, hint)
                continue
            hint = "the steps that lead to it are never reached, or let nobody in"
            survey.report.warn("lane_unreached", place, message, hint)


def _tiers(survey: Survey) -> None:
    atlas, tiers = survey.atlas, survey.document.tiers
    if not atlas.earned:
        return
    for tier in tiers.order:
        if tier != tiers.default and not atlas.occurs(atlas.earned[tier]):
            message = f"no contact is ever given the tier `{tier}`"
            survey.report.warn("tier_unreached", tiers.place, message)


def _scenarios(survey: Survey) -> None:
    listed = survey.atlas.lists["scenarios"]
    if not listed.exact:
        return
    given: dict[str, int] = {survey.document.scenarios.default: listed.rest}
    places: dict[str, Place] = {}
    for row in listed.rows:
        before = given.get(row.value, NOTHING)
        given[row.value] = survey.atlas.diagram.either(before, row.takes)
        places.setdefault(row.value, row.place)
    for name, place in places.items():
        if not survey.atlas.occurs(given[name]):
            message = f"no contact is ever of the scenario `{name}`"
            survey.report.warn("scenario_unreached", place, message)

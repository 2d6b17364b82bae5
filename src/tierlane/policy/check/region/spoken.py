"""Languages of contacts that nobody is there for, where the policy says which there are."""

from collections.abc import Iterator

from tierlane.policy.check.region.atlas import Stop
from tierlane.policy.check.region.survey import Survey
from tierlane.policy.condition.expression import Binary, NotCel, Path, parse, terms
from tierlane.policy.form.desk import Staffing
from tierlane.policy.form.document import Written

_SPOKEN = "contact.language"


def find_unspoken(survey: Survey) -> None:
    """Report languages that no lane takes, and those that a step wants and nobody speaks."""
    members = survey.atlas.judge.plane.cuts.fields[_SPOKEN].values
    if members:
        spoken = {str(one): _speaking(survey, str(one)) for one in members}
        _lanes(survey, spoken)
        _wants(survey, spoken)


def _speaking(survey: Survey, language: str) -> int:
    line = survey.atlas.judge.plane.line(_SPOKEN)
    return line.equal(survey.atlas.diagram, (language,))


def _lanes(survey: Survey, spoken: dict[str, int]) -> None:
    """Report a language whose contacts come to no lane that takes it and has somebody for it."""
    staffed = _staffed(survey)
    stops = [stop for stops in survey.atlas.stops.values() for stop in stops]
    (place,) = [one.place for path, one in survey.document.fields if path == _SPOKEN]
    for language, region in spoken.items():
        if not any(_serves(stop, language, staffed) for stop in _come(survey, stops, region)):
            message = f"no lane of any plan serves contacts of `{_SPOKEN}` `{language}`"
            hint = f"they go to the fallback `{survey.document.fallback.text}`, or wait for nobody"
            survey.report.warn("language_unserved", place, message, hint)


def _come(survey: Survey, stops: list[Stop], region: int) -> Iterator[Stop]:
    atlas = survey.atlas
    return (one for one in stops if atlas.occurs(atlas.diagram.both(one.comes, region)))


def _serves(stop: Stop, language: str, staffed: dict[str, Staffing]) -> bool:
    """Tell whether a lane takes a language and its desk does not state that nobody has it."""
    staffing = staffed.get(stop.lane.desk)
    nobody = staffing is not None and dict(staffing.skills).get(language) == 0
    machine = stop.lane.kind == "selfservice"
    return (not stop.lane.languages or language in stop.lane.languages) and (machine or not nobody)


def _staffed(survey: Survey) -> dict[str, Staffing]:
    """Return the staffing of the managed desks that state one."""
    desks = survey.document.desks
    return {one.name: one.staffing for one in desks if one.managed and one.staffing is not None}


def _wants(survey: Survey, spoken: dict[str, int]) -> None:
    """Report steps that want the contact's language where some who come speak one nobody has.

    A desk that states no language at all among its skills has not said what it speaks.
    """
    staffed = _staffed(survey)
    desks = {lane.name: lane.desk for lane, _ in survey.document.lanes}
    for stop in (one for stops in survey.atlas.stops.values() for one in stops):
        staffing = staffed.get(stop.lane.desk)
        held = {skill for skill, count in staffing.skills if count} if staffing else set()
        if held.isdisjoint(spoken) or any(
            desks.get(one.text) != stop.lane.desk for one in stop.step.borrow
        ):
            continue
        for want in filter(_asks_language, stop.step.who):
            lacking = [
                language
                for language, region in spoken.items()
                if language not in held and any(_come(survey, [stop], region))
            ]
            if lacking:
                named = ", ".join(f"`{one}`" for one in lacking)
                message = (
                    f"nobody at desk `{stop.lane.desk}` has {named}, which contacts here speak"
                )
                hint = f"`staffing` states {', '.join(f'`{one}`' for one in sorted(held))}"
                survey.report.warn("skill_unheld", want.place, message, hint)


def _asks_language(want: Written) -> bool:
    """Tell whether a want is that the advisor speaks the contact's language, and no less."""
    try:
        parts = terms(parse(want.text))
    except NotCel:  # reported where it is compiled
        return False
    return any(
        isinstance(one, Binary)
        and one.sign == "in"
        and isinstance(one.left, Path)
        and isinstance(one.right, Path)
        and (one.left.text, one.right.text) == (_SPOKEN, "advisor.languages")
        for one in parts
    )

"""Whether a higher tier ever makes something worse: for a policy that declares it does not."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from tierlane.decision import Outcome, Priority
from tierlane.policy.check.region.atlas import Atlas
from tierlane.policy.check.region.diagram import EVERYTHING, NOTHING
from tierlane.policy.check.region.survey import Survey
from tierlane.policy.deciding.obligation import lift
from tierlane.policy.form.document import Floor, word
from tierlane.policy.reading.shape import duration_text

RANKS: Final = {"selfservice": 0, "standard": 1, "priority": 2, "dedicated": 3}
"""The kinds of lane, the better served the higher."""
TIMES: Final = ("answer", "start", "resolve")
MOST_STEPS: Final = 1_000
"""Steps of ageing up to which two priorities are compared; at a step a minute, 16 hours."""

Pieces = list[tuple[Any, int]]
"""Values and the regions in which they hold."""
Worse = Callable[[Any, Any], bool]


def find_worse(survey: Survey, free: Atlas) -> None:
    """Report what a tier makes worse than the one below it does; `free` has the tier free."""
    order = survey.document.tiers.order
    line = free.judge.plane.line("given tier")
    aspects: list[tuple[str, Pieces, Worse, Callable[[Any], str]]] = [
        ("the kind of lane", _kinds(free), lambda a, b: RANKS[b] < RANKS[a], word),
        ("the priority", _priorities(free), served_later, _priority_text),
    ]
    aspects += [
        (f"the promised `{key}`", _promised(free, key), _longer, _time_text)
        for key in TIMES
        if not _in_working_time(free, key)
    ]
    for below in range(len(order) - 1):
        codes = line.code(below), line.code(below + 1)
        for what, pieces, worse, text in aspects:
            _compare(survey, (order[below], order[below + 1]), codes, (what, pieces, worse, text))


def _compare(
    survey: Survey,
    tiers: tuple[str, str],
    codes: tuple[dict[int, int], dict[int, int]],
    aspect: tuple[str, Pieces, Worse, Callable[[Any], str]],
) -> None:
    what, pieces, worse, text = aspect
    diagram = survey.atlas.diagram
    lower = [(value, diagram.fixed(region, codes[0])) for value, region in pieces]
    upper = [(value, diagram.fixed(region, codes[1])) for value, region in pieces]
    for had, one in lower:
        for gets, two in upper:
            region = diagram.both(one, two) if worse(had, gets) else NOTHING
            hint = _shown(survey, region, tiers) if survey.atlas.occurs(region) else ""
            if hint:
                message = (
                    f"the tier `{tiers[1]}` makes {what} worse than `{tiers[0]}` does: "
                    f"{text(gets)} instead of {text(had)}"
                )
                place = survey.document.tiers.place
                survey.report.error("not_monotone", place, message, hint)
                return


def _shown(survey: Survey, region: int, tiers: tuple[str, str]) -> str:
    """Return a contact of the lower tier and what raises only its tier; nothing if none does."""
    atlas, diagram, examples = survey.atlas, survey.atlas.diagram, survey.examples
    stands = atlas.stands
    here = diagram.both(region, stands[tiers[0]])
    classes = examples.choose(here, ("contact.channel",))
    if classes is None:
        return ""
    gives = frozenset[int]().union(*(diagram.support(one) for one in stands.values()))
    same = EVERYTHING
    for name, number in classes.items():
        line = atlas.judge.plane.lines[name]
        if gives.isdisjoint(line.depths()):
            same = diagram.both(same, line.among(diagram, (number,)))
    raised = examples.choose(diagram.both(same, stands[tiers[1]]), ("contact.channel",))
    if raised is None:
        return ""
    one, two = examples.build(classes), examples.build(raised)
    before, after = survey.decide(one).outcome, survey.decide(two).outcome
    sure = (before.earned_tier, after.earned_tier) == tiers and worse_off(before, after)
    start = "for example" if sure else "possible, for example"
    return f"{start} {{{one}}} is better served than {{{two}}}"


def worse_off(before: Outcome, after: Outcome) -> bool:
    """Tell whether the second outcome is worse in lane, priority or promise."""
    times = [(getattr(before.promise, key), getattr(after.promise, key)) for key in TIMES]
    return (
        RANKS[after.kind] < RANKS[before.kind]
        or served_later(before.priority, after.priority)
        or any(_longer(*pair) for pair in times)
    )


def _kinds(atlas: Atlas) -> Pieces:
    found: dict[str, int] = {}
    diagram, placed = atlas.diagram, NOTHING
    for stops in atlas.stops.values():
        for stop in stops:
            region = diagram.without(stop.enters, placed)
            placed = diagram.either(placed, region)
            found[stop.lane.kind] = diagram.either(found.get(stop.lane.kind, NOTHING), region)
    fallback = atlas.document.fallback.text
    kind = next(lane.kind for lane, _ in atlas.document.lanes if lane.name == fallback)
    rest = diagram.without(EVERYTHING, placed)
    found[kind] = diagram.either(found.get(kind, NOTHING), rest)
    return list(found.items())


def _priorities(atlas: Atlas) -> Pieces:
    diagram = atlas.diagram
    listed = atlas.lists["priorities"]
    pieces: Pieces = [(row.value, row.takes) for row in listed.rows]
    pieces.append((atlas.document.priorities[0], listed.rest))
    for stop in (one for stops in atlas.stops.values() for one in stops):
        if stop.step.priority is not None:
            pieces = [(value, diagram.without(region, stop.enters)) for value, region in pieces]
            pieces.append((stop.step.priority, stop.enters))
    least = [
        (row.value.priority, row.holds)
        for row in atlas.binding["floors"].rows
        if row.value.priority is not None
    ]
    return _floored(atlas, pieces, least, lambda value, to: lift(value, Floor(priority=to)))


def _promised(atlas: Atlas, key: str) -> Pieces:
    listed = atlas.lists["promises"]
    pieces: Pieces = [(getattr(row.value, key), row.takes) for row in listed.rows]
    pieces.append((getattr(atlas.document.promises[0], key), listed.rest))
    most = [
        (getattr(row.value.promise, key), row.holds)
        for row in atlas.binding["floors"].rows
        if getattr(row.value.promise, key) is not None
    ]
    return _floored(atlas, pieces, most, lambda value, to: to if _longer(to, value) else value)


def _in_working_time(atlas: Atlas, key: str) -> bool:
    """Tell whether a time is promised in hours of a calendar: then no two compare by themselves."""
    document = atlas.document
    promises = [document.promises[0], *(rule.then for rule in document.promises[1])]
    promises += [rule.then.promise for rule in document.floors]
    return any(what == key for promise in promises for what, _ in promise.working)


def _floored(
    atlas: Atlas, pieces: Pieces, floors: Iterable[tuple[Any, int]], bind: Callable[[Any, Any], Any]
) -> Pieces:
    """Return the pieces with every floor that holds applied; equal values are joined."""
    for to, holds in floors:
        found: dict[Any, int] = {}
        for value, region in pieces:
            for bound, part in (
                (bind(value, to), atlas.diagram.both(region, holds)),
                (value, atlas.diagram.without(region, holds)),
            ):
                if part != NOTHING:
                    found[bound] = atlas.diagram.either(found.get(bound, NOTHING), part)
        pieces = list(found.items())
    return pieces


def _longer(had: Any, gets: Any) -> bool:
    """Tell whether a promised time is longer; none at all is the longest."""
    if had is None or had == gets:
        return False
    return gets is None or bool(gets > had)


def served_later(had: Priority, gets: Priority) -> bool:
    """Tell whether the second priority is below the first at some age."""
    ages = {0}
    for one in (had, gets):
        if one.by and one.every:
            ages.update(max(0, n * one.every - one.credit) for n in range(_steps(one) + 1))
    return any(score(gets, age) < score(had, age) for age in sorted(ages))


def _steps(one: Priority) -> int:
    if one.to is None:
        return MOST_STEPS
    return min(MOST_STEPS, int((one.to - one.start) // one.by) + 1 if one.by else 0)


def score(priority: Priority, age: int) -> float:
    """Return the score of a contact by its age in ms."""
    if not priority.by or not priority.every:
        return priority.start
    grown = priority.start + priority.by * ((age + priority.credit) // priority.every)
    return max(priority.start, grown if priority.to is None else min(grown, priority.to))


def _priority_text(one: Priority) -> str:
    grows = f" with {one.by:g} more every {duration_text(one.every)}" if one.by else ""
    most = "" if one.to is None or not one.by else f" up to {one.to:g}"
    return f"{one.start:g}{grows}{most}"


def _time_text(ms: Any) -> str:
    return "none" if ms is None else duration_text(ms)

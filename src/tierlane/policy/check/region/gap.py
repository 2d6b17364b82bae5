"""Gaps: values of a closed set that no row asks for, and numbers between two rows."""

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from tierlane.decision import Decision
from tierlane.policy.check.region.atlas import List
from tierlane.policy.check.region.cut import paths, tree_of
from tierlane.policy.check.region.diagram import NOTHING
from tierlane.policy.check.region.example import moment
from tierlane.policy.check.region.line import Line
from tierlane.policy.check.region.survey import Survey
from tierlane.policy.form.document import Table, word
from tierlane.policy.form.finding import Place
from tierlane.policy.reading.shape import duration_text

MOST_NAMED = 6
"""Values that a finding names."""


class _Looked(NamedTuple):
    """A list with its place, what becomes of contacts that no row takes, and how that shows."""

    listed: List
    place: Place
    becomes: str
    default: str
    """The value that stands by default; a member of that name was not forgotten."""
    claim: Callable[[Decision], bool]
    named: frozenset[str] = frozenset()
    """Fields that two rows or more ask for themselves, and columns of a table."""


def find_gaps(survey: Survey) -> None:
    """Report gaps in the lists whose rows choose.

    Where more than half of a closed set has rows, the rest was likely forgotten, and is told in
    scenarios, plans and tiers. Everything else is told when all gaps are asked for.
    """
    for looked in _lists(survey):
        if not looked.listed.exact or not survey.atlas.occurs(looked.listed.rest):
            continue
        looked = looked._replace(named=_named(survey, looked.listed))
        hangs = [survey.atlas.diagram.support(row.holds) for row in looked.listed.rows]
        for line in list(survey.atlas.judge.plane.lines.values()):
            depths = frozenset(line.depths())
            rows = [n for n, support in enumerate(hangs) if not depths.isdisjoint(support)]
            if rows and line.role == "field":
                _look(survey, looked, line, rows)


def _lists(survey: Survey) -> list[_Looked]:
    document, lists = survey.document, survey.atlas.lists
    found = []
    for fact in document.facts:
        if listed := lists.get(f"facts/{fact.name}"):
            becomes = f"`fact.{fact.name}` is `{word(fact.default)}`"
            claim = _fact(fact.name, fact.default)
            found.append(_Looked(listed, fact.place, becomes, word(fact.default), claim))
    found += [
        _Looked(listed, one.place, "it gives no tier", document.tiers.default, _silent(listed.name))
        for one in document.tiers.sets
        if (listed := lists.get(f"tiers/{one.name}"))
    ]
    default = document.scenarios.default
    scenarios = lists["scenarios"]
    if scenarios.rows:
        becomes = f"the scenario is `{default}`"
        place = scenarios.rows[0].place
        found.append(_Looked(scenarios, place, becomes, default, _silent("scenarios")))
    plans = lists["plans"]
    if len(plans.rows) > 1:
        found.append(_plans(plans))
    for name in ("promises", "priorities"):
        if lists[name].rows:
            place = lists[name].rows[0].place
            found.append(_Looked(lists[name], place, "the default holds", "default", _silent(name)))
    return found


def _named(survey: Survey, listed: List) -> frozenset[str]:
    """Return the fields by which a list chooses: a scenario, a plan or a tier."""
    if not listed.name.startswith(("tiers/", "scenarios", "plans")):
        return frozenset()
    count: Counter[str] = Counter()
    for row in listed.rows:
        count.update(set(paths(tree_of(row.when.text))) if row.when is not None else ())
    for one in survey.document.tiers.sets:
        if listed.name == f"tiers/{one.name}" and isinstance(one.body, Table):
            count.update({written.text: 2 for written in one.body.on})
    return frozenset(name for name, times in count.items() if times > 1)


def _plans(plans: List) -> _Looked:
    """Return the plans without the last, which takes who is left."""
    *rows, last = plans.rows
    rest = List("plans", rows, last.takes, plans.exact)
    becomes = f"the plan is `{last.name}`"
    claim = f"plans/{last.name}"
    return _Looked(rest, rows[0].place, becomes, last.name, lambda one: claim in one.because)


def _fact(name: str, default: Any) -> Callable[[Decision], bool]:
    return lambda decision: dict(decision.outcome.facts).get(name) == default


def _silent(name: str) -> Callable[[Decision], bool]:
    return lambda decision: not any(row.startswith(f"{name}/") for row in decision.because)


def _look(survey: Survey, looked: _Looked, line: Line, rows: list[int]) -> None:
    """Look which classes of a field no row that asks for it can hold for."""
    atlas, diagram = survey.atlas, survey.atlas.diagram
    reached = NOTHING
    for number in rows:
        reached = diagram.either(reached, looked.listed.rows[number].holds)
    open_classes = [
        number
        for number in range(1, len(line.values))
        if not atlas.occurs(diagram.both(line.among(diagram, (number,)), reached))
    ]
    left = [
        number
        for number in open_classes
        if atlas.occurs(diagram.both(line.among(diagram, (number,)), looked.listed.rest))
    ]
    if line.closed:
        meant = [n for n in left if word(line.values[n]) != looked.default]
        _members(survey, looked, line, [n for n in meant if line.values[n] in line.closed])
    elif line.numeric:
        _between(survey, looked, line, left, open_classes)


def _members(survey: Survey, looked: _Looked, line: Line, left: list[int]) -> None:
    if not left or len(left) == len(line.closed):
        return
    forgotten = line.name in looked.named and 2 * len(left) < len(line.closed)
    if not (forgotten or survey.gaps):
        return
    names = [f"`{word(line.values[number])}`" for number in left]
    shown = ", ".join(names[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else "")
    message = (
        f"no row of `{looked.listed.name}` asks for {len(left)} of the {len(line.closed)} values "
        f"of `{line.name}`: {shown}; there {looked.becomes}"
    )
    survey.report.note("gap", looked.place, message, _shown(survey, looked, line, left))


def _between(
    survey: Survey, looked: _Looked, line: Line, left: list[int], open_classes: list[int]
) -> None:
    """Report classes of a number that no row takes while rows take both lower and higher ones."""
    taken = [n for n in range(1, len(line.values)) if n not in open_classes]
    holes = [n for n in left if taken and taken[0] < n < taken[-1]]
    if not holes:
        return
    points = survey.atlas.judge.plane.cuts.points.get(line.name, set())
    alone = [n for n in holes if not {n - 1, n + 1} & set(open_classes)]
    single = [n for n in alone if _single(line, line.values[n], points)]
    message = f"the rows of `{looked.listed.name}` leave a hole in `{line.name}`"
    if single:
        message += f" at `{_number(line, single[0])}`: {looked.becomes}"
        survey.report.warn("hole", looked.place, message, _shown(survey, looked, line, single))
    elif survey.gaps:
        message += f" around `{_number(line, holes[0])}`: {looked.becomes}"
        survey.report.note("gap", looked.place, message, _shown(survey, looked, line, holes))


def _single(line: Line, value: float, points: set[float]) -> bool:
    """Tell whether a class is one number: a wider one between two rows is likely meant."""
    alone = line.type != "number" and {value - 1, value + 1} <= points
    return value in points or alone


def _number(line: Line, number: int) -> str:
    value = line.values[number]
    if line.type == "duration":
        return duration_text(int(value))
    return moment(int(value)) if line.type == "time" else word(value)


def _shown(survey: Survey, looked: _Looked, line: Line, left: list[int]) -> str:
    diagram = survey.atlas.diagram
    region = diagram.both(looked.listed.rest, line.among(diagram, left[:1]))
    return survey.shown(region, looked.claim, ("contact.channel", line.name))

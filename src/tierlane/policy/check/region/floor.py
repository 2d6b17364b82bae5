"""Promises and priorities that a floor overrides wherever they are given."""

from collections.abc import Callable, Iterable
from typing import Any

from tierlane.decision import Priority
from tierlane.policy.check.region.atlas import Row
from tierlane.policy.check.region.diagram import NOTHING
from tierlane.policy.check.region.survey import Survey
from tierlane.policy.form.finding import Place
from tierlane.policy.reading.shape import duration_text

TIMES = ("answer", "start", "resolve")


def find_overridden(survey: Survey) -> None:
    """Report promises and priorities that no contact ever has, because a floor always wins."""
    promises, priorities = survey.atlas.lists["promises"], survey.atlas.lists["priorities"]
    document = survey.document
    if promises.exact:
        for name, place, region, promise in _rows(
            promises.rows, promises.rest, document.promises[0], document.place
        ):
            for key in TIMES:
                _promise(survey, (name, place, region), key, getattr(promise, key))
    if priorities.exact:
        for name, place, region, priority in _rows(
            priorities.rows, priorities.rest, document.priorities[0], document.place
        ):
            _priority(survey, f"priorities/{name}", place, region, priority)
    for plan, stops in survey.atlas.stops.items():
        for number, stop in enumerate(stops, 1):
            if stop.step.priority is not None:
                name = f"plans/{plan}/{number}"
                _priority(survey, name, stop.step.place, stop.enters, stop.step.priority)


def _rows(
    rows: list[Row], rest: int, default: Any, place: Place
) -> Iterable[tuple[str, Place, int, Any]]:
    yield from ((row.name, row.place, row.takes, row.value) for row in rows)
    yield "default", place, rest, default


def _promise(survey: Survey, row: tuple[str, Place, int], key: str, promised: Any) -> None:
    name, place, region = row
    if not isinstance(promised, int):
        return

    def shorter(floor: Any) -> bool:
        least = getattr(floor.promise, key)
        return isinstance(least, int) and least < promised

    if floors := _always(survey, region, shorter):
        kept = duration_text(min(getattr(one.value.promise, key) for one in floors))
        message = (
            f"`promises/{name}` promises `{key}: {duration_text(promised)}`, "
            f"which {_named(floors)} always shorten{'s' if len(floors) == 1 else ''}"
        )
        survey.report.warn("promise_over_floor", place, message, f"at most {kept} will be promised")


def _priority(survey: Survey, name: str, place: Place, region: int, priority: Priority) -> None:
    def higher(floor: Any) -> bool:
        return floor.priority is not None and floor.priority > priority.start

    if floors := _always(survey, region, higher):
        message = (
            f"`{name}` starts at {priority.start:g}, "
            f"which {_named(floors)} always raise{'s' if len(floors) == 1 else ''}"
        )
        survey.report.warn("priority_under_floor", place, message)


def _always(survey: Survey, region: int, overrides: Callable[[Any], bool]) -> list[Row]:
    """Return the floors that together hold for all of a region and override its value."""
    atlas = survey.atlas
    if not atlas.occurs(region):
        return []
    floors = [row for row in atlas.binding["floors"].rows if overrides(row.value)]
    met = [row for row in floors if atlas.occurs(atlas.diagram.both(region, row.holds))]
    covered = NOTHING
    for row in met:
        covered = atlas.diagram.either(covered, row.holds)
    return met if met and not atlas.occurs(atlas.diagram.without(region, covered)) else []


def _named(floors: list[Row]) -> str:
    return " and ".join(f"`floors/{row.name}`" for row in floors[:3])

"""Results of a study as plain data: JSON, rows of a table, rows for workforce planning."""

from collections.abc import Iterator
from typing import Any, Final

from tierlane.replay.simulation.search import Found
from tierlane.replay.simulation.study import Line, Side, Slot, Study
from tierlane.value import format_time

FORMAT: Final = 1
"""Of the JSON form; raised when a reader of the former could misread it."""
SIDES: Final = ("A", "B")
ROW: Final = ("side", "by", "name", "measure", "value", "low", "high", "samples")
"""Columns of `rows`; `side` is A, B, or `B-A` for the difference."""


def rows(study: Study) -> Iterator[tuple[Any, ...]]:
    """Yield every figure as a row of `ROW`: shares from 0 to 1, waits in seconds."""
    for name, side in zip(SIDES, study.sides, strict=False):
        yield from _rows(name, side.lines)
    yield from _rows("B-A", study.differences)


def _rows(side: str, lines: tuple[Line, ...]) -> Iterator[tuple[Any, ...]]:
    for line in lines:
        for name, one in line.measures:
            if one.value is not None:
                yield side, line.by, line.value, name, one.value, one.low, one.high, one.samples


PLANNING: Final = ("side", "from", "to", *Slot._fields[1:])
"""Columns of `planning`: an interval of arrivals in one lane, by what was wanted of an advisor."""


def planning(study: Study) -> Iterator[tuple[Any, ...]]:
    """Yield the intervals as rows of `PLANNING`; means over the replications."""
    for name, side in zip(SIDES, study.sides, strict=False):
        for slot in side.slots:
            until = slot.begin + study.interval
            yield name, format_time(slot.begin), format_time(until), *slot[1:]


def as_json(study: Study) -> dict[str, Any]:
    """Return the whole study; equal studies give equal data."""
    return {
        "simulation": FORMAT,
        "seed": study.seed,
        "replications": {
            "asked": study.asked,
            "done": len(study.done),
            "complete": study.complete,
            "batches": study.batches,
        },
        "period": {"from": format_time(study.begin), "to": format_time(study.end)},
        "policies": [_policy(name, side) for name, side in zip(SIDES, study.sides, strict=False)],
        "measures": [dict(zip(ROW, row, strict=True)) for row in rows(study)],
        "intervals": [dict(zip(PLANNING, row, strict=True)) for row in planning(study)],
    }


def _policy(name: str, side: Side) -> dict[str, Any]:
    return {
        "side": name,
        "policy": side.policy,
        "revision": side.revision,
        "staffing": side.staffing,
        "events": side.events,
    }


def search_json(found: Found) -> dict[str, Any]:
    """Return what a search for the number of advisors found."""
    return {
        "search": FORMAT,
        "goal": found.goal.text,
        "group": found.group,
        "advisors": found.advisors,
        "complete": found.complete,
        "sure": found.answer.sure,
        "erlang_a": found.begun_at,
        "tried": [
            {"advisors": one.advisors, "met": one.met, "sure": one.sure, **one.found.json()}
            for one in found.tried
        ],
    }

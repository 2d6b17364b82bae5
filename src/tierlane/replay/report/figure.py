"""A report as plain data: everything that its page shows, and the rows of its tables.

The page is made of this alone, so a number that stands on one stands here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tierlane.audit.record import ENGINE
from tierlane.replay.diff.comparison import Comparison
from tierlane.replay.report.playing import Played, Row
from tierlane.replay.report.supposition import What
from tierlane.replay.simulation.figure import PLANNING as OF_INTERVALS
from tierlane.replay.simulation.figure import ROW, planning, rows
from tierlane.replay.simulation.measure import SHORT, WITHIN, Counting
from tierlane.value import format_time

FORMAT: Final = 1
"""Of the JSON form; raised when a reader of the former could misread it."""
MOST_SAMPLES: Final = 8
"""Contacts told in words, the ways of most contacts first."""
TABLES: Final = ("measures", "waits", "day", "fates", "moves", "ways", "changes", "intervals")
"""Lists of the report that are written as Parquet, too."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, and by what it is answered."""

    a: Mapping[str, Any]
    """Policy A: `policy`, `revision`, `source`."""
    b: Mapping[str, Any]
    source: Mapping[str, Any]
    """`name`, `contacts`, `from`, `to`, `profiles`, `made_up`."""
    what: What | None
    changes: Sequence[Row]
    lanes: Sequence[Row]
    """Both policies' lanes with `kind` and `desk`."""
    tiers: Sequence[str]
    """Both policies' tiers, the highest first."""
    assumed: Mapping[str, Any] = field(default_factory=dict)
    """Where staffing, patience and service come from."""
    sections: Sequence[Mapping[str, Any]] = ()
    """Results of other commands, each with its `kind`."""


def as_json(
    asked: Asked, counting: Counting, played: Played | None, comparison: Comparison | None
) -> dict[str, Any]:
    """Return the whole; equal results give equal data.

    Without `played` it is of decisions alone, without `comparison` of made-up contacts.
    """
    found: dict[str, Any] = {
        "report": FORMAT,
        "engine": ENGINE,
        "question": None if asked.what is None else _question(asked.what),
        "source": asked.source,
        "policies": [{"side": "A", **asked.a}, {"side": "B", **asked.b}],
        "tiers": list(asked.tiers),
        "lanes": list(asked.lanes),
        "counting": _counting(counting),
        "assumed": asked.assumed,
        "changes": list(asked.changes),
        "measures": [*_moved(comparison), *_measures(played)],
        "decisions": None if comparison is None else _decisions(comparison),
        "ways": [] if comparison is None else comparison.rows(),
        "samples": [] if comparison is None else list(_samples(comparison)),
        "sections": list(asked.sections),
    }
    return found | _simulated(played)


def _question(what: What) -> dict[str, Any]:
    return {"supposed": [one.json() for one in what.supposed], "overlay": what.overlay}


def _counting(counting: Counting) -> dict[str, Any]:
    within = counting.within
    return {
        "within": None if within is None else within / 1000,
        "unpromised": WITHIN / 1000,
        "short": SHORT / 1000,
        "warm_up": counting.warm_up / 1000,
        "interval": counting.interval / 1000,
    }


def _simulated(played: Played | None) -> dict[str, Any]:
    if played is None:
        names = ("waits", "day", "fates", "moves", "intervals")
        return dict.fromkeys(("seed", "replications", "period")) | dict.fromkeys(names, ())
    study = played.study
    return {
        "seed": study.seed,
        "replications": {
            "asked": study.asked, "done": len(study.done), "complete": study.complete,
        },
        "period": {"from": format_time(study.begin), "to": format_time(study.end)},
        "waits": list(played.waits),
        "day": list(played.day),
        "fates": list(played.fates),
        "moves": list(played.moves),
        "intervals": [dict(zip(OF_INTERVALS, row, strict=True)) for row in planning(study)],
    }  # fmt: skip


def _measures(played: Played | None) -> Iterator[Row]:
    if played is not None:
        yield from (dict(zip(ROW, row, strict=True)) for row in rows(played.study))
        yield from played.kinds


def _moved(comparison: Comparison | None) -> Iterator[Row]:
    if comparison is not None:
        yield from comparison.measures()


def _decisions(comparison: Comparison) -> dict[str, Any]:
    whole = comparison.as_dict()
    names = ("contacts", "unreadable", "moved", "other_terms", "flow", "by_tier", "by_scenario",
             "reasons")  # fmt: skip
    return {name: whole[name] for name in names}


def _samples(comparison: Comparison) -> Iterator[Row]:
    for lanes, count in comparison.by("lane", "lane_b")[:MOST_SAMPLES]:
        for one in comparison.samples[lanes[0], lanes[1]][:1]:
            yield {
                "from": lanes[0], "to": lanes[1], "contacts": count, "at": format_time(one.at),
                "contact_id": one.contact_id, "a": one.a, "b": one.b,
            }  # fmt: skip

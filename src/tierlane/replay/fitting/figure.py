"""Fits as plain data: what is written, and what `tierlane replay simulate --fit` reads again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from tierlane.errors import UsageError
from tierlane.replay.fitting.arrival import Rhythm
from tierlane.replay.fitting.curve import Hazard
from tierlane.replay.fitting.fit import Fitted
from tierlane.replay.fitting.times import Key
from tierlane.replay.simulation.behaviour import FIELDS, Behaviour, Row
from tierlane.replay.simulation.distribution import from_form

FORMAT: Final = 1
"""Of the JSON form; raised when a reader of the former could misread it."""


@dataclass(frozen=True, slots=True)
class Model:
    """All that was fitted to one record."""

    patience: tuple[Fitted, ...]
    """For all contacts, and for each value of the fields that were named."""
    service: tuple[Fitted, ...]
    hazards: tuple[Hazard, ...]
    """Of all contacts that wait."""
    rhythm: Rhythm
    complete: bool = True
    """False where reading the record was interrupted."""


def as_json(model: Model) -> dict[str, Any]:
    """Return the model; equal models give equal data. Times are ms."""
    rhythm = model.rhythm
    return {
        "fit": FORMAT,
        "complete": model.complete,
        "patience": _rows(model.patience),
        "service": _rows(model.service),
        "hazard": [
            {"from": one.begin, "to": one.end if one.end < 1e15 else None, "ended": one.ended,
             "per_minute": one.rate}
            for one in model.hazards
        ],
        "arrivals": {
            "time_zone": rhythm.zone, "interval": rhythm.interval, "busyness": rhythm.busyness,
            "days": {str(day): count for day, count in rhythm.days},
            "kinds": [
                {"of": dict(kind.key), "dispersion": kind.dispersion, "chance": kind.doubt,
                 "rates": [[*one[:3], one.hourly] for one in kind.slots]}
                for kind in rhythm.kinds
            ],
        },
    }  # fmt: skip


def _rows(many: Sequence[Fitted]) -> list[dict[str, Any]]:
    """Return a row for each kind with times enough, the row for all last, as rows are asked."""
    told = [one for one in many if one.enough or not one.key]
    return [_row(one) for one in sorted(told, key=lambda one: not one.key)]


def _row(one: Fitted) -> dict[str, Any]:
    return {
        "of": dict(one.key),
        "ended": one.ended,
        "censored": one.censored,
        "mean": one.chosen.mean if one.chosen.mean < 1e15 else None,
        "times": one.chosen.form(),
        "families": [
            {"family": fit.family, **fit.distribution.form(), "log_likelihood": fit.likelihood,
             "aic": fit.aic, "distance": fit.distance}
            for fit in one.families
        ],
        "curve": one.curve.form(),
    }  # fmt: skip


def behaviour(data: Mapping[str, Any], plain: Behaviour) -> Behaviour:
    """Return the behaviour that a fit tells; offers stay as they are.

    Raises UsageError where it is no fit of a form that is known.
    """
    if data.get("fit") != FORMAT:
        raise UsageError("this is no fit", hint="`tierlane replay fit --out FOLDER` writes one")
    try:
        return replace(plain, patience=_read(data["patience"]), service=_read(data["service"]))
    except (AttributeError, KeyError, TypeError):
        raise UsageError("this fit is cut or changed", hint="write it anew") from None


def _read(rows: Sequence[Mapping[str, Any]]) -> tuple[Row, ...]:
    return tuple(Row(from_form(row["times"]), _fits(row["of"])) for row in rows)


def _fits(of: Mapping[str, str]) -> tuple[tuple[str, frozenset[str]], ...]:
    unknown = [name for name in of if name not in FIELDS]
    if unknown:
        raise KeyError(unknown[0])
    return tuple((name, frozenset((value,))) for name, value in of.items())


def told(key: Key) -> str:
    """Return which contacts a key means, in words."""
    return ", ".join(f"{name} {value or '-'}" for name, value in key) or "all"

"""What a report assumes of customers: stated, handed in, or fitted to the record."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from tierlane.errors import UsageError
from tierlane.replay.fitting.fit import Fitted, fitted
from tierlane.replay.fitting.record import about
from tierlane.replay.fitting.times import Times, patience, service
from tierlane.replay.report.playing import Row
from tierlane.replay.simulation.behaviour import Row as Rule
from tierlane.replay.simulation.coming import Coming
from tierlane.replay.simulation.staffing import Staffing

SERVICE_BY: Final = "subject"
PATIENCE_BY: Final = "channel"
"""By what times are told apart; whoever is too few for a fit of their own gets that of all."""


def behaving(
    staffing: Staffing, stated: Collection[str], comings: Sequence[Coming]
) -> tuple[Staffing, dict[str, Row]]:
    """Return a staffing whose behaviour is whole, and where each part of it comes from.

    What is among `stated` stays. Else the record counts as far as it tells, and what was fitted to
    it beyond that. Raises UsageError where it tells nothing of how long serving takes.
    """
    contacts = about(comings, None) if comings else ()
    behaviour, told = staffing.behaviour, dict[str, Row]()
    for what, by, times in (
        ("service", SERVICE_BY, service(contacts, (SERVICE_BY,))),
        ("patience", PATIENCE_BY, patience(contacts, (PATIENCE_BY,))),
    ):
        if what in stated:
            told[what] = {"how": "stated", "rows": []}
            continue
        fits = _fits(times)
        if what == "service" and not fits:
            hint = "state `service` in the staffing, such as `service: [{exponential: 4m}]`"
            raise UsageError("the record tells of nobody how long serving took", hint=hint)
        rules = (Rule(None), *(_rule(one, by) for one in fits))
        if what == "service":
            behaviour = replace(behaviour, service=rules)
        else:
            behaviour = replace(behaviour, patience=rules)
        told[what] = {"how": "fitted", "rows": [_told(one) for one in fits]}
    return replace(staffing, behaviour=behaviour), told


def _fits(times: Mapping[Any, Times]) -> list[Fitted]:
    """Return the fits in the order in which rows are asked, that of all last."""
    known = {key: one for key, one in times.items() if one.ended or (not key and one.censored)}
    if not any(one.ended for one in known.values()):
        return []
    found = [fitted(key, one) for key, one in known.items()]
    return sorted((one for one in found if one.enough or not one.key), key=lambda one: not one.key)


def _rule(one: Fitted, by: str) -> Rule:
    fits = tuple((by, frozenset((value,))) for _, value in one.key)
    return Rule(one.chosen, fits)


def _told(one: Fitted) -> Row:
    ((family, _),) = one.chosen.form().items()
    mean = one.chosen.mean
    return {
        "name": " ".join(value for _, value in one.key), "ended": one.ended,
        "censored": one.censored, "family": family,
        "mean": None if mean > 1e15 else mean / 1000,
    }  # fmt: skip

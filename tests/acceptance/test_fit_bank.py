"""What was published of the bank's centre is what fitting finds.

L. Brown et al., Journal of the American Statistical Association 100 (2005): service times are
log-normal, apart from very short ones, which servers who wanted a rest produced from January to
October; callers lose patience most around the announcements they hear.
"""

from collections.abc import Callable
from typing import NoReturn

import pytest

from tests.acceptance.test_bank import absent, files
from tierlane.replay.fitting.curve import hazard
from tierlane.replay.fitting.fit import Fitted, fitted
from tierlane.replay.fitting.times import Times
from tierlane.replay.source.anonbank import Row, read

SHORT = 10.0
"""Seconds of service below which the authors leave a call out."""


@pytest.fixture(scope="module")
def calls() -> list[Row]:
    found = [] if absent() else [one for path in files() for one in read(path)]
    return [one for one in found if isinstance(one, Row)]


def service(calls: list[Row], kind: str, least: float) -> Fitted:
    lasted = [
        (one.course.over - one.course.answered).total_seconds()
        for one in calls
        if one.course.answered and one.kind == kind
    ]
    return fitted((), Times(tuple(one * 1000 for one in lasted if one > least)))


@pytest.mark.parametrize("kind", ["PS", "NE", "NW"])
def test_service_is_log_normal_apart_from_very_short_calls(
    calls: list[Row], kind: str, not_run: Callable[[str], NoReturn]
) -> None:
    if not calls:
        not_run(absent())
    best, *others = service(calls, kind, SHORT).families
    assert best.family == "lognormal"
    assert best.distance < 0.05
    assert all(one.aic > best.aic + 100 for one in others)


def test_with_the_very_short_calls_regular_service_is_not(
    calls: list[Row], not_run: Callable[[str], NoReturn]
) -> None:
    if not calls:
        not_run(absent())
    found = service(calls, "PS", 0.0)
    assert found.families[0].family != "lognormal"
    assert found.chosen == found.curve


def test_patience_ends_most_at_fifteen_seconds_and_at_a_minute(
    calls: list[Row], not_run: Callable[[str], NoReturn]
) -> None:
    if not calls:
        not_run(absent())
    left, answered = [], []
    for one in calls:
        if one.course.queue is None or one.course.outcome == "PHANTOM" or one.kind != "PS":
            continue
        begin, end = one.course.queue
        waited = max((end - begin).total_seconds(), 0.5) * 1000
        (answered if one.course.answered else left).append(waited)
    times = Times(tuple(left), tuple(answered))
    rates = {one.begin / 1000: one.rate or 0.0 for one in hazard(times, range(0, 125, 5))}
    early, late = ({t: rates[t] for t in span} for span in (range(0, 40, 5), range(40, 90, 5)))
    assert max(early, key=lambda t: early[t]) in (5, 10)
    assert max(late, key=lambda t: late[t]) == 55
    # A peak, not a slope: within half a minute to both sides it is a third lower.
    assert all(rates[t] < 0.67 * rates[55] for t in (30, 90))

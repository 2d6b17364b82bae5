"""Which order the bank's centre took its callers in: what was published, and when it changed.

Known by this definition (share of choices at which the predicted caller was the one taken; calls
other than internet; high priority and regular both waiting; candidates of types that the server
serves in more than 2 % of calls): January first come .692, credit of 90 s .645, strict .595;
February .443, .733, .718; the sweep's knee at 90 s in February.
"""

from collections.abc import Callable
from typing import NoReturn

import pytest

from tests.acceptance.test_bank import absent, files
from tierlane.replay.discovery.discovery import Discovery, Period, discover
from tierlane.replay.source.anonbank import Row, read
from tierlane.replay.source.anonbank.queue import waits

KNOWN = {
    "1999-01": {"fifo": 0.692, "credit": 0.645, "strict": 0.595},
    "1999-02": {"fifo": 0.443, "credit": 0.733, "strict": 0.718},
}


@pytest.fixture(scope="module")
def found() -> Discovery | None:
    if absent():
        return None
    rows = [row for path in files() for row in read(path) if isinstance(row, Row)]
    return discover(one for one in waits(rows) if one.kind != "IN")


@pytest.fixture
def months(found: Discovery | None, not_run: Callable[[str], NoReturn]) -> dict[str, Period]:
    if found is None:
        not_run(absent())
    return {one.name: one for one in found.periods}


@pytest.mark.parametrize("month", KNOWN)
def test_agreements_are_those_known(months, month) -> None:
    got = {one.order.name: one.share for one in months[month].orders}
    got["credit"] = next(one.share for one in months[month].sweep if one.order.figure == 90)
    for name, known in KNOWN[month].items():
        assert got[name] == pytest.approx(known, abs=0.01), name


def test_the_knee_is_at_90_seconds_in_february(months) -> None:
    assert months["1999-02"].knee.seconds == 90
    assert months["1999-01"].knee is None


def test_the_credit_was_brought_in_with_the_days_that_are_missing(months, found) -> None:
    told = [(part.first, part.last, order.name, order.figure) for part, order in found.regimes]
    assert told == [
        ("1999-01-01", "1999-01-10", "fifo", None),
        ("1999-01-13", "1999-02-28", "credit", 90),
    ]

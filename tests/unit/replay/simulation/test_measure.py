"""Measures by the glossary's formulas, reckoned by hand; intervals against known ones."""

import pytest

from tierlane.replay.simulation.estimate import difference, ratio
from tierlane.replay.simulation.journal import (
    ANSWERED,
    CLOSED,
    LEFT,
    WAITING,
    Fared,
    Journal,
    Worked,
)
from tierlane.replay.simulation.measure import Counting, intervals, samples

HOUR = 3_600_000


def one(
    name, how, wait, *, lane_wait=None, arrived=0, tier="plain", lane="l", promised=None, service=0
):
    """Waits in seconds."""
    return Fared(
        name, arrived, "voice", tier, "s", lane, lane, "", how, wait * 1000,
        (wait if lane_wait is None else lane_wait) * 1000,
        None if promised is None else promised * 1000, "g", "g-1", service,
    )  # fmt: skip


def journal(*fared, worked=()):
    return Journal(1, 0, HOUR, tuple(fared), tuple(worked), 0)


def figures(found, counting=Counting(), by="all", value=""):
    (sample,) = samples(found, counting)
    return {name: x / y if y else None for name, (x, y) in sample[by, value].items()}


def test_the_formulas_of_the_glossary():
    """N = 8, S = 1 (left after 4 s), L = 3, A = 4, T = 20 s."""
    waits = [0, 10, 20, 90]
    found = figures(journal(
        *(one(f"a{wait}", ANSWERED, wait) for wait in waits),
        one("short", LEFT, 4), one("left", LEFT, 30), one("closed", CLOSED, 600),
        one("there", WAITING, 1000),
    ))  # fmt: skip
    assert (found["contacts"], found["answered"], found["left"], found["waiting"]) == (8, 4, 3, 1)
    assert found["service_level"] == 3 / (8 - 1)
    assert found["abandonment"] == (3 - 1) / (8 - 1)
    assert found["mean_wait"] == 30
    assert (found["median_wait"], found["wait_90"], found["worst_wait"]) == (10, 90, 90)
    assert found["worst_left"] == 1000
    assert found["promise_kept"] is None


def test_a_promise_counts_as_it_is_and_an_order_to_count_otherwise_does_not_touch_it():
    """Kept: k1. Broken: k2, and k3 who left past it. Not counted: k4, who left before."""
    contacts = journal(
        one("k1", ANSWERED, 30, promised=60), one("k2", ANSWERED, 90, promised=60),
        one("k3", LEFT, 61, promised=60), one("k4", LEFT, 50, promised=60),
    )  # fmt: skip
    assert (
        figures(contacts)["promise_kept"]
        == figures(contacts, Counting(within=20_000))["promise_kept"]
        == 1 / 3
    )
    assert figures(contacts)["service_level"] == 1 / 4
    assert figures(contacts, Counting(within=20_000))["service_level"] == 0


def test_a_lane_counts_from_entering_it():
    found = journal(one("k1", ANSWERED, 100, lane_wait=10), one("k2", ANSWERED, 5, lane="m"))
    assert figures(found, by="lane", value="l")["mean_wait"] == 10
    assert figures(found)["mean_wait"] == 52.5


def test_occupancy_is_over_all_advisors_together():
    worked = [Worked("g-1", "g", "d", HOUR, HOUR // 2, 3), Worked("g-2", "g", "d", HOUR * 3, 0, 0)]
    found = figures(journal(worked=worked), by="group", value="g")
    assert found == {"occupancy": 1 / 8, "contacts_served": 3, "hours": 4}


def test_batches_cut_the_period_that_counts():
    contacts = [one(f"k{n}", ANSWERED, n, arrived=n * HOUR // 10) for n in range(2, 10)]
    after = journal(*contacts)._replace(begin=HOUR // 5)
    parts = samples(after, Counting(warm_up=HOUR // 5, batches=2))
    assert [dict(part)["all", ""]["mean_wait"] for part in parts] == [
        (2 + 3 + 4 + 5, 4),
        (6 + 7 + 8 + 9, 4),
    ]


def test_intervals_by_lane_of_the_arrivals():
    contacts = journal(
        one("k1", ANSWERED, 10, service=60_000), one("k2", LEFT, 3, arrived=1_900_000),
        one("k3", ANSWERED, 30, arrived=1_900_000, service=30_000), one("k4", LEFT, 9, lane="m"),
    )  # fmt: skip
    assert intervals(contacts, Counting()) == {
        (0, "l", ""): (1, 1, 0, 1, 1, 10_000, 60_000),
        (0, "m", ""): (1, 0, 1, 1, 0, 0, 0),
        (1_800_000, "l", ""): (2, 1, 1, 1, 0, 30_000, 30_000),
    }


def test_the_interval_is_that_of_student():
    """1, 2, 3, 4: mean 2.5, s = 1.29099, t(3, .975) = 3.18245, so ± 2.05429."""
    found = ratio([(float(x), 1.0) for x in (1, 2, 3, 4)])
    assert (found.value, found.samples) == (2.5, 4)
    assert found.half == pytest.approx(2.05426, abs=1e-4)
    assert found.holds(4.5) and not found.holds(4.6)


def test_a_share_weighs_days_by_what_they_hold():
    assert ratio([(1.0, 2.0), (9.0, 10.0)]).value == 10 / 12


def test_samples_without_anything_to_count_are_left_out():
    assert ratio([(0.0, 0.0), (1.0, 2.0)]).samples == 1
    assert ratio([(0.0, 0.0)]).value is None


def test_what_both_share_falls_out_of_a_difference():
    ours = [(float(x), 1.0) for x in (10, 50, 90)]
    found = difference(ours, [(x + 1, y) for x, y in ours])
    assert (found.value, found.half) == (1, 0)
    assert ratio(ours).half > 90

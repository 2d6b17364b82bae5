"""The table of published figures beside ours: how they are compared, and that the page is true."""

import json
from math import inf
from pathlib import Path

import pytest

from benchmarks.truth.compare import CHAIN, Compared, Published, day
from benchmarks.truth.page import PAGE, page
from benchmarks.truth.published import models, tables
from tierlane.replay.simulation.estimate import Estimate
from tierlane.replay.simulation.journal import ANSWERED, Fared, Journal
from tierlane.replay.simulation.oracle import Line

RESULTS = Path(__file__).parents[4] / "benchmarks" / "results" / "truth.json"


def test_a_figure_agrees_where_either_lies_in_the_interval_of_the_other():
    def agrees(value, half, kind="simulated"):
        one = Published("m", "x", 1.0, 0.9, 1.1, kind, "s")
        return Compared(one, Estimate(value, half, 5)).agrees

    assert agrees(1.3, 0.31) and agrees(1.05, 0.001) and not agrees(1.3, 0.25)
    assert agrees(1.3, 0.25, "exact") and not agrees(1.3, 0.15, "exact")


def test_the_page_is_that_of_its_figures():
    assert PAGE.read_text(encoding="utf-8") == page(json.loads(RESULTS.read_text(encoding="utf-8")))


def test_every_published_figure_agrees_but_two_that_the_chain_contradicts():
    """Both are 1,000 days' means without an interval; ours agree with birth and death instead."""
    found = [one for model in json.loads(RESULTS.read_text())["models"] for one in model["figures"]]
    assert len(found) >= 50
    missed = {(one["model"], one["measure"]) for one in found if not one["agrees"]}
    assert missed == {("MMC", "occupancy of s"), ("MMCAb", "occupancy of s")}
    chain = {one["model"]: one for one in found if one["measure"] == CHAIN}
    for name, patience in (("MMC", inf), ("MMCAb", 1)):
        exact = Line(4.2, 2, patience, 12, 100).occupancy(480)
        assert chain[name]["low"] < exact < chain[name]["high"]


def test_a_day_on_which_nobody_was_answered_in_time_counts_as_none():
    late = Fared(
        "t0-1", 0, "voice", "", "", "t0", "t0", "", ANSWERED, 30_000, 30_000, None, service=1_000
    )
    quick = late._replace(contact_id="t0-2", arrived=7_200_001, wait=0)
    found = day(Journal(1, 0, 3 * 7_200_000, (late, quick), (), 2), scene=None)
    counts = [found[f"within 20 s, t0, period {number}"] for number in (1, 2, 3)]
    assert counts == [(0.0, 1.0), (1.0, 1.0), (0.0, 1.0)]


def test_the_figures_are_the_published_ones_where_the_tables_are_at_hand():
    if tables() is None:
        pytest.skip("TIERLANE_TEST_DATA does not name a folder with queue_truth/")
    known = {(o.model, o.measure, o.value) for model in models() for o in model.published}
    told = [one for model in json.loads(RESULTS.read_text())["models"] for one in model["figures"]]
    assert {(one["model"], one["measure"], one["published"]) for one in told} == known

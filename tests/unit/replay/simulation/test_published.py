"""The table of published figures beside ours: how they are compared, and that the page is true."""

import json
from pathlib import Path

import pytest

from benchmarks.truth.compare import Compared, Published
from benchmarks.truth.page import PAGE, page
from benchmarks.truth.published import models, tables
from tierlane.replay.simulation.estimate import Estimate

RESULTS = Path(__file__).parents[4] / "benchmarks" / "results" / "truth.json"


def test_a_figure_agrees_where_either_lies_in_the_interval_of_the_other():
    def agrees(value, half, kind="simulated"):
        one = Published("m", "x", 1.0, 0.9, 1.1, kind, "s")
        return Compared(one, Estimate(value, half, 5)).agrees

    assert agrees(1.3, 0.31) and agrees(1.05, 0.001) and not agrees(1.3, 0.25)
    assert agrees(1.3, 0.25, "exact") and not agrees(1.3, 0.15, "exact")


def test_the_page_is_that_of_its_figures():
    assert PAGE.read_text(encoding="utf-8") == page(json.loads(RESULTS.read_text(encoding="utf-8")))


def test_every_figure_but_those_of_one_period_agrees():
    """SimpleMSK's third period hangs on the few quiet days of those that were played."""
    found = [one for model in json.loads(RESULTS.read_text())["models"] for one in model["figures"]]
    missed = [one for one in found if not one["agrees"]]
    assert len(found) >= 50
    assert all(one["measure"].endswith("period 3") for one in missed)


def test_the_figures_are_the_published_ones_where_the_tables_are_at_hand():
    if tables() is None:
        pytest.skip("TIERLANE_TEST_DATA does not name a folder with queue_truth/")
    known = {(o.model, o.measure, o.value) for model in models() for o in model.published}
    told = [one for model in json.loads(RESULTS.read_text())["models"] for one in model["figures"]]
    assert {(one["model"], one["measure"], one["published"]) for one in told} == known

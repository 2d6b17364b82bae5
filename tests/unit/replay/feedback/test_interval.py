"""Intervals and tests of chance, beside scipy's and figures known by hand."""

import numpy as np
import pytest
from scipy import stats

from tierlane.replay.feedback.interval import (
    Moments,
    adjusted,
    mean,
    means_alike,
    share,
    shares_alike,
)


def moments(numbers) -> Moments:
    found = Moments()
    for one in numbers:
        found = found.plus(one)
    return found


@pytest.mark.parametrize(("hits", "count"), [(0, 7), (3, 10), (10, 100), (99, 100), (40, 40)])
def test_a_share_has_wilsons_interval(hits, count):
    found = share(hits, count)
    known = stats.binomtest(hits, count).proportion_ci(method="wilson")
    assert found is not None
    assert found[:3] == pytest.approx((hits / count, known.low, known.high), abs=1e-12)
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_of_nothing_there_is_no_figure():
    assert share(0, 0) is None
    assert mean(Moments()) is None
    one = mean(moments([4.0]))
    assert one is not None
    assert (one.value, one.low, one.high) == (4.0, None, None)


def test_a_mean_has_students_interval():
    numbers = [3.0, 5.0, 5.5, 9.0, 12.0]
    found = mean(moments(numbers))
    known = stats.ttest_1samp(numbers, 0).confidence_interval(0.95)
    assert found is not None
    assert found[:3] == pytest.approx((np.mean(numbers), known.low, known.high))


def test_means_are_compared_as_welch_does():
    draw = np.random.default_rng(1)
    for shift in (0.0, 0.3, 1.0):
        one, two = draw.normal(0, 1, 40), draw.normal(shift, 2, 70)
        known = stats.ttest_ind(one, two, equal_var=False).pvalue
        assert means_alike(moments(one), moments(two)) == pytest.approx(known)
    assert means_alike(moments([2.0] * 9), moments([2.0] * 9)) == 1
    assert means_alike(moments([2.0] * 9), moments([3.0] * 9)) == 0


def test_shares_are_compared_as_a_table_of_four_is():
    known = stats.chi2_contingency([[40, 60], [25, 75]], correction=False).pvalue
    assert shares_alike((40, 100), (25, 100)) == pytest.approx(known)
    assert shares_alike((0, 50), (0, 70)) == shares_alike((50, 50), (70, 70)) == 1


def test_what_is_left_without_a_part_is_what_the_others_are():
    whole = moments([1.0, 2.0, 4.0, 7.0])
    rest = whole.less(moments([2.0, 7.0]))
    assert rest == moments([1.0, 4.0])


def test_rates_are_those_of_benjamini_and_hochberg():
    likely = list(np.random.default_rng(2).uniform(0, 1, 30) ** 3)
    assert adjusted(likely) == pytest.approx(list(stats.false_discovery_control(likely)))
    assert adjusted([]) == []
    assert adjusted([0.03]) == [0.03]

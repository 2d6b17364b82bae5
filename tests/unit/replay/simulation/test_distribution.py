"""Distributions of times: what is drawn has the mean, the share and the form it should."""

from math import exp, inf, isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierlane.errors import UsageError
from tierlane.replay.simulation.chance import Chance
from tierlane.replay.simulation.distribution import (
    Empirical,
    Exponential,
    Fixed,
    Gamma,
    LogNormal,
    Never,
    Survival,
    beyond,
    from_form,
)

SMOOTH = (Exponential(200.0), LogNormal(150.0, 0.8), Gamma(300.0, 2.0), Gamma(50.0, 0.5))
CURVE = Survival((10.0, 20.0, 40.0), (0.75, 0.5, 0.25), 30.0)
ALL = (*SMOOTH, Fixed(7.0), Never(), Empirical((1.0, 2.0, 4.0)), CURVE, Survival((5.0,), (0.9,)))


@pytest.mark.parametrize("one", SMOOTH)
@given(u=st.floats(1e-6, 1 - 1e-6))
def test_the_share_of_a_quantile_is_what_was_asked(one, u):
    assert isclose(one.share(one.quantile(u)), u, rel_tol=1e-6)


@pytest.mark.parametrize("one", [*SMOOTH, CURVE, Empirical((1.0, 2.0, 4.0))])
def test_the_mean_of_what_is_drawn_is_the_mean(one):
    count = 20_000
    drawn = sum(one.quantile((number + 0.5) / count) for number in range(count)) / count
    assert drawn == pytest.approx(one.mean, rel=0.02)


def test_a_curve_gives_its_times_with_their_shares_and_then_its_tail():
    assert [CURVE.quantile(u) for u in (0.1, 0.25, 0.3, 0.5, 0.7)] == [10, 10, 20, 20, 40]
    assert CURVE.quantile(0.75) == 40 and CURVE.quantile(
        0.75 + 0.25 * (1 - exp(-1))
    ) == pytest.approx(70)
    assert [CURVE.share(t) for t in (9.9, 10, 39.9)] == [0, 0.25, 0.5]
    assert CURVE.share(70) == pytest.approx(1 - 0.25 * exp(-1))


def test_who_is_left_at_the_end_of_a_curve_without_tail_never_leaves():
    one = Survival((5.0,), (0.9,))
    assert (one.quantile(0.05), one.quantile(0.5), one.mean) == (5.0, inf, inf)


@pytest.mark.parametrize("one", ALL)
@given(u=st.floats(0.001, 0.999), t=st.floats(0, 500))
def test_what_lasts_beyond_a_time_is_never_below_it(one, u, t):
    assert beyond(one, u, t) >= t


def test_an_exponential_does_not_remember():
    one = Exponential(100.0)
    assert beyond(one, 0.4, 250.0) == pytest.approx(250 + one.quantile(0.4))


@pytest.mark.parametrize("one", ALL)
def test_a_form_is_read_back(one):
    assert from_form(one.form()) == one


@pytest.mark.parametrize("form", [{}, {"normal": 3}, {"gamma": {"mean": 3}}, {"fixed": "x"}])
def test_what_is_no_distribution_is_refused(form):
    with pytest.raises(UsageError, match="no distribution"):
        from_form(form)


def test_the_lot_of_a_contact_hangs_on_nothing_else():
    one, other = Chance(7, 1), Chance(7, 1)
    other.of("k2"), other.stream("arrivals").random()
    assert one.of("k1") == other.of("k1")
    lots = {one.of("k1"), one.of("k1", 1), Chance(7, 2).of("k1"), Chance(8, 1).of("k1")}
    assert len(lots) == 4


def test_the_lot_is_even_and_its_purposes_are_independent():
    drawn = [Chance(1, 1).of(f"k{number}") for number in range(4_000)]
    for purpose in ("patience", "service", "delay", "takes"):
        mean = sum(getattr(one, purpose) for one in drawn) / len(drawn)
        assert abs(mean - 0.5) < 0.02  # 4.4 standard errors
    both = sum((one.patience - 0.5) * (one.service - 0.5) for one in drawn) / len(drawn)
    assert abs(both) < 0.006

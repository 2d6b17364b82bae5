"""Fits against samples whose distribution is known, and against curves worked out by hand."""

import numpy as np
import pytest

from tierlane.errors import UsageError
from tierlane.replay.fitting.curve import curve, hazard
from tierlane.replay.fitting.figure import as_json, behaviour
from tierlane.replay.fitting.fit import FEWEST, fitted
from tierlane.replay.fitting.record import about, fit
from tierlane.replay.fitting.times import LEAST, Times, patience, service
from tierlane.replay.simulation.behaviour import Behaviour, Row
from tierlane.replay.simulation.coming import Coming
from tierlane.replay.simulation.distribution import (
    Exponential,
    Fixed,
    Gamma,
    LogNormal,
    Never,
    Survival,
)

SIZE = 5000
TRUE = (Exponential(240_000), LogNormal(120_000, 0.9), Gamma(180_000, 3.0))


def draw(true, size=SIZE, seed=7):
    return [true.quantile(u) for u in np.random.default_rng(seed).uniform(size=size)]


def cut(times, mean, seed=8):
    """Return the times as they are seen by whom others answer after a time by lot."""
    answers = np.random.default_rng(seed).exponential(mean, len(times))
    pairs = list(zip(times, answers, strict=True))
    return Times(tuple(t for t, a in pairs if t <= a), tuple(float(a) for t, a in pairs if t > a))


class TestFamilies:
    @pytest.mark.parametrize("true", TRUE, ids=lambda one: type(one).__name__)
    @pytest.mark.parametrize("censoring", [None, 150_000])
    def test_finds_the_family_and_its_parameters(self, true, censoring):
        times = draw(true)
        found = fitted((), Times(tuple(times)) if censoring is None else cut(times, censoring))
        named = {one.family: one for one in found.families}
        family = type(true).__name__.lower()
        # An exponential is a gamma of shape 1, which costs one parameter for nothing.
        assert found.families[0].aic >= named[family].aic - 2
        assert found.chosen.mean == pytest.approx(true.mean, rel=0.06)
        for name, value in vars_of(named[family].distribution).items():
            assert value == pytest.approx(vars_of(true)[name], rel=0.06), name

    def test_patience_that_forgot_the_answered_would_be_far_too_short(self):
        times = cut(draw(TRUE[0]), 100_000)
        assert np.mean(times.ended) < 0.4 * TRUE[0].mean
        assert fitted((), times).families[0].distribution.mean == pytest.approx(240_000, rel=0.06)

    def test_takes_the_curve_where_no_family_comes_close(self):
        """Two peaks, as where an announcement makes many leave at once."""
        times = Times((10_000.0,) * 200 + (60_000.0,) * 200 + (61_000.0,))
        found = fitted((), times)
        assert found.chosen == found.curve
        assert found.chosen.share(10_000) == pytest.approx(200 / 401)

    def test_too_few_times_get_no_family(self):
        found = fitted((), Times(tuple(map(float, range(1, FEWEST)))))
        assert (found.families, found.enough) == ((), False)
        assert found.chosen == found.curve


def vars_of(one):
    return {name: getattr(one, name) for name in type(one).__dataclass_fields__}


class TestCurve:
    def test_is_that_of_kaplan_and_meier(self):
        """Of five, one leaves at 1, one is answered at 2, one leaves at 3: 4/5 and 4/5 × 2/3."""
        found = curve(Times((1.0, 3.0), (2.0, 4.0, 5.0)))
        assert isinstance(found, Survival)
        assert found.times == (1.0, 3.0)
        assert found.remaining == pytest.approx((4 / 5, 8 / 15))

    def test_goes_on_as_an_exponential_where_nobody_was_observed(self):
        found = curve(Times((1000.0,), (4000.0,)))
        assert found.share(1000) == 0.5
        assert 1 - np.exp(-4000 / found.tail) == pytest.approx(0.5)

    def test_without_any_end_nobody_gives_up(self):
        assert curve(Times((), (5.0, 6.0))) == Never()

    def test_keeps_its_shares_to_half_a_percent_when_it_is_thinned(self):
        times = Times(tuple(draw(TRUE[1], 20_000)))
        found = curve(times)
        assert len(found.times) <= 201
        for t in (30_000, 90_000, 300_000):
            assert found.share(t) == pytest.approx(np.mean(np.array(times.ended) <= t), abs=0.006)

    def test_hazard_counts_ends_over_the_time_at_risk(self):
        first, second = hazard(Times((2_000.0,), (7_000.0,)))
        assert (first.ended, first.exposure) == (1, 7_000.0)
        assert first.rate == pytest.approx(60 / 7)
        assert (second.ended, second.exposure, second.rate) == (0, 2_000.0, 0.0)


def coming(number, **more):
    contact = {"channel": "voice", "subject": more.pop("subject", "a")}
    return Coming(f"k-{number}", more.pop("arrived", number), contact, **more)


class TestRecord:
    def test_who_was_answered_would_have_waited_longer(self):
        one = about([coming(1, gave_up=4000.0), coming(2, waited=9000.0), coming(3)], None)
        assert patience(one, ()) == {(): Times((4000.0,), (9000.0,))}

    def test_no_time_is_shorter_than_the_half_of_what_logs_tell_apart(self):
        one = about([coming(1, gave_up=0.0), coming(2, lasted=0.0, waited=1.0)], None)
        assert patience(one, ())[()].ended == (LEAST,)
        assert service(one, ())[()].ended == (LEAST,)

    def test_tells_contacts_apart_by_a_field(self):
        comings = [coming(1, subject="a", lasted=1000.0), coming(2, subject="b", lasted=3000.0)]
        found = service(about(comings, None), ("subject",))
        assert found[("subject", "b"),].ended == (3000.0,)
        assert set(found[()].ended) == {1000.0, 3000.0}

    def test_refuses_an_empty_record(self):
        with pytest.raises(UsageError, match="no arrival of a contact"):
            fit(())

    def test_the_simulation_behaves_as_was_fitted(self):
        comings = [
            coming(number, subject=subject, lasted=time, gave_up=None, waited=1.0)
            for subject, true in (("a", TRUE[0]), ("b", TRUE[1]))
            for number, time in enumerate(draw(true, 400))
        ]
        model = fit(about(comings, None), ("subject",))
        plain = Behaviour(delay=Fixed(3000.0))
        read = behaviour(as_json(model), plain)
        assert read.delay == plain.delay
        chosen = {one.key: one.chosen for one in model.service}
        fits = (("subject", frozenset(("a",))),)
        assert read.service[0] == Row(chosen[("subject", "a"),], fits)
        assert read.service[-1] == Row(chosen[()])

    def test_refuses_what_is_no_fit(self):
        data = as_json(fit(about([coming(1, lasted=1000.0)], None)))
        with pytest.raises(UsageError, match="no fit"):
            behaviour({**data, "fit": 2}, Behaviour())
        with pytest.raises(UsageError, match="cut or changed"):
            behaviour({**data, "service": [{"of": {"colour": "red"}, "times": {"never": True}}]},
                      Behaviour())  # fmt: skip

"""What queueing theory knows of simple lines: the oracles by themselves, and the desks by them."""

from math import exp, inf

import pytest

from benchmarks.truth.compare import by_subject, day, steady
from benchmarks.truth.model import classes, line, times
from tierlane.policy.check.erlang import ErlangA
from tierlane.replay.simulation.distribution import Never
from tierlane.replay.simulation.estimate import ratio
from tierlane.replay.simulation.oracle import Line, cobham, erlang_b, erlang_c
from tierlane.replay.simulation.pool import Pool


def figures(scene, reduce, replications, seed=1):
    with Pool((scene,), seed, 1, reduce) as pool:
        found = [pairs for _, (pairs,) in pool.replicate(range(1, replications + 1))]
    return {name: ratio([one.get(name, (0.0, 0.0)) for one in found]) for name in found[0]}


# ---------------------------------------------------------------------- the oracles


def test_erlang_b_and_c_of_a_published_model():
    """ContactCenters' MMC: load 8.4 on 12; within 20 s .8991, mean wait .1022."""
    wait = erlang_c(8.4, 12)
    assert wait / (12 * 0.5 - 4.2) == pytest.approx(0.1022, abs=5e-5)
    assert ErlangA(4.2, 2, None, 12).waits() == pytest.approx(wait)
    assert erlang_b(1, 1) == 0.5 and erlang_b(0, 3) == 0


def test_cobham_of_published_figures():
    assert cobham((1.5, 2.5), 1, 5) == pytest.approx((0.15832, 0.79159), abs=5e-6)
    (alone,) = cobham((4.0,), 1, 5)
    assert alone == pytest.approx(erlang_c(4, 5) / (5 - 4))


def test_a_line_with_little_room_is_erlang_b_and_with_much_is_erlang_a():
    none = Line(4.2, 2, 1, 12, 0)
    assert none.shares()[-1] == pytest.approx(erlang_b(8.4, 12))
    much, endless = Line(4.2, 2, 1, 12, 300), ErlangA(4.2, 2, 1, 12)
    assert much.gives_up() == pytest.approx(endless.gives_up(), abs=1e-6)
    assert 1 - much.at_once() == pytest.approx(endless.waits(), abs=1e-6)


def test_a_line_by_whitt_s_first_table():
    """M/M/100/200+M at a rate of 102: E[Q] 5.092, Var(Q) 44.6, P(A) .0499, P(W=0) .4083, E[N] 102.0."""
    one = Line(102, 1, 1, 100, 200)
    mean, variance = one.waiting()
    assert (round(mean, 3), round(variance, 1), round(one.gives_up(), 4)) == (5.092, 44.6, 0.0499)
    assert (round(one.at_once(), 4), round(one.present(), 1)) == (0.4083, 102.0)


def test_a_day_that_begins_empty_is_that_of_endless_servers_where_nobody_waits():
    """Then 8.4 (1 - e^(-t / 2)) are busy: over 20 minutes 7.560; in the long run near .7."""
    mean = 8.4 * (1 - 2 / 20 * (1 - exp(-20 / 2)))
    assert Line(4.2, 2, inf, 60, 10).occupancy(20) * 60 == pytest.approx(mean, abs=1e-6)
    assert 0.699 < Line(4.2, 2, inf, 12, 150).occupancy(2_000) < 0.7


# ---------------------------------------------------------------------- the desks by them


def test_a_desk_in_steady_state_is_erlang_c():
    found = figures(line(4.2, 12, times("M", 2), Never(), 250, warm_up=30), day, 5)
    known = erlang_c(8.4, 12) / (12 * 0.5 - 4.2)
    assert found["mean wait"].holds(known) and found["mean wait"].half < known


def test_a_desk_whose_customers_give_up_is_erlang_a():
    found = figures(line(10, 8, times("M", 1), times("M", 0.5), 50, warm_up=8), steady, 6)
    known, exact = ErlangA(10, 1, 0.5, 8), Line(10, 1, 0.5, 8, 200)
    assert found["P(A)"].holds(known.gives_up()) and found["P(A)"].half < known.gives_up() / 5
    assert found["P(W=0)"].holds(1 - known.waits())
    assert found["P(W<=0.1|S)"].holds(known.answered_within(0.1) / (1 - known.gives_up()))
    assert found["E[Q]"].holds(exact.waiting()[0]) and found["E[N]"].holds(exact.present())
    assert found["Var(Q)"].holds(exact.waiting()[1])


def test_a_desk_with_two_priorities_is_cobham():
    found = figures(classes((1.5, 2.5), 5, 1.0, 200, 20), by_subject, 6)
    for name, known in zip(("urgent", "other"), cobham((1.5, 2.5), 1, 5), strict=True):
        mean = found[f"mean wait, {name}"]
        assert mean.holds(known) and mean.half < known

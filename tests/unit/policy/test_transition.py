"""Steps over a contact's age: ends, what is next, and bisection held to the plain search."""

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from tierlane.policy.line.transition import Clock, Transitions


def test_the_earlier_of_two_ends_counts():
    clock = Clock(until=60_000, lasts=15_000)
    assert (clock.end(0, None), clock.end(50_000, None)) == (15_000, 60_000)
    assert Clock().end(5, None) == inf and not Clock().states_an_end
    assert Clock(lasts=1).states_an_end and Clock(before_answer=1).states_an_end


def test_an_end_before_the_promised_answer_moves_with_the_promise():
    clock = Clock(before_answer=10_000)
    assert [clock.end(0, answer) for answer in (30_000, 20_000, None)] == [20_000, 10_000, inf]
    steps = Transitions((Clock(until=15_000), clock, Clock(until=14_400_000)))
    assert [steps.next(0, age, 30_000) for age in (0, 15_000, 19_999, 20_000)] == [1, 2, 2, 3]
    assert steps.next(1, 12_000, 20_000) == 3  # with 20 s promised the second step ends at 10 s
    assert steps.next(0, 14_400_000, 30_000) is None


def test_a_step_without_an_end_lasts_until_the_policy_s_own():
    steps = Transitions((Clock(until=300_000), Clock()), last=86_400_000)
    assert steps.end(2, 300_000, None) == 86_400_000
    assert steps.next(0, 86_400_000, None) is None
    assert Transitions((Clock(),)).end(1, 0, None) == inf


def test_nobody_returns_to_an_earlier_step():
    steps = Transitions((Clock(until=300_000), Clock(until=600_000)))
    assert steps.next(1, 10, None) == 2 and steps.next(2, 10, None) is None


ages = st.integers(0, 1_000)
clocks = st.builds(
    Clock,
    until=st.none() | ages,
    before_answer=st.none() | ages,
    lasts=st.none() | ages,
)


@given(st.lists(clocks, max_size=6), st.none() | ages, st.integers(0, 6), ages, st.none() | ages)
def test_next_is_the_first_step_behind_that_is_not_over(clock, last, after, age, answer):
    steps = Transitions(tuple(clock), last)
    limits = steps.limits(answer)
    found = [number for number in range(after + 1, len(clock) + 1) if age < limits[number - 1]]
    assert steps.next(after, age, answer) == (found[0] if found else None)

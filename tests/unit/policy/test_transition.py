"""Steps over a contact's age: ends, what is next, and bisection held to the plain search."""

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from tierlane.calendar import Calendar, Span
from tierlane.policy.check.elapsed import MOST_WALKED, Elapsed
from tierlane.policy.line.transition import Clock, Transitions
from tierlane.value import parse_time


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


DAY_OFFICE = Calendar("office", "UTC", (((540, 1080),),) * 5 + ((),) * 2)
FRIDAY = parse_time("2026-03-06T17:00:00Z")
HOUR = 3_600_000


def test_working_time_is_an_age_of_each_contact_s_own():
    steps = Transitions((Clock(working=Span(2 * HOUR, DAY_OFFICE)), Clock()), last=100 * HOUR)
    friday, monday = steps.since(FRIDAY), steps.since(FRIDAY + 64 * HOUR)
    assert (friday.end(1, 0, None), monday.end(1, 0, None)) == (65 * HOUR, 2 * HOUR)
    assert [friday.next(0, age, None) for age in (65 * HOUR - 1, 65 * HOUR)] == [1, 2]
    assert friday.end(2, 65 * HOUR, None) == 100 * HOUR


def test_without_working_time_every_contact_has_the_same_transitions():
    steps = Transitions((Clock(until=300_000), Clock()))
    assert steps.since(FRIDAY) is steps


def test_working_time_that_never_comes_states_no_end():
    never = Calendar("never", "UTC", ((),) * 7)
    steps = Transitions((Clock(working=Span(1, never)),), last=5).since(FRIDAY)
    assert steps.end(1, 0, None) == 5


@given(st.integers(0, 14 * 24), st.integers(1, 40))
def test_what_passes_meanwhile_is_never_more_than_the_check_reckons(hour, working):
    span = Span(working * HOUR, DAY_OFFICE)
    begin = FRIDAY + hour * HOUR
    passes = span.after(begin) - begin
    assert span.ms <= passes <= ELAPSED.most(span)


@given(st.integers(1, 40))
def test_what_passes_at_the_most_does_so_from_some_hour(working):
    span = Span(working * HOUR, DAY_OFFICE)
    passes = [span.after(FRIDAY + hour * HOUR) - FRIDAY - hour * HOUR for hour in range(14 * 24)]
    assert max(passes) == ELAPSED.most(span)


ELAPSED = Elapsed()


def test_what_passes_where_it_never_closes_or_never_opens():
    always = Calendar("always", "UTC", (((0, 1440),),) * 7)
    assert Elapsed().most(Span(HOUR, always)) == HOUR
    assert Elapsed().most(Span(HOUR, Calendar("never", "UTC", ((),) * 7))) == inf
    assert Elapsed(walked=MOST_WALKED).most(Span(HOUR, DAY_OFFICE)) == inf


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

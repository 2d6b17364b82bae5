"""Timers, rankings and crowds of a desk do what sorted lists do."""

from dataclasses import dataclass, field
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from tierlane.policy.form.capacity import Capacity
from tierlane.routing.waiting.crowd import Crowd
from tierlane.routing.waiting.ranking import Ranking
from tierlane.routing.waiting.seat import Seat
from tierlane.routing.waiting.timer import BOX, SPARE, Timers

moments = st.integers(0, 40).map(lambda number: number * BOX // 4) | st.integers(0, 10 * BOX)
entries = st.tuples(moments, st.integers(0, 4), st.sampled_from("abc"))
timed = st.lists(st.tuples(st.sampled_from(("put", "drop", "take", "all")), entries), max_size=60)


@given(timed)
def test_timers_fire_in_their_order(rows: list[tuple[str, tuple[int, int, str]]]) -> None:
    timers, plain = Timers(), set[tuple[int, int, str]]()
    for what, entry in rows:
        if what == "put":
            timers.put(*entry)
            plain.add(entry)
        elif what == "all":
            timers.put_all([entry])
            plain.add(entry)
        elif what == "drop":
            timers.drop(*entry)
            plain.discard(entry)
        else:
            first = min(plain, default=(inf, 0, ""))
            due = first if first[0] <= entry[0] else None
            assert timers.take(entry[0]) == (None if due is None else due[1:])
            if due is not None:
                plain.discard(due)
        assert timers.next == min((one[0] for one in plain), default=None)


def test_timers_that_were_dropped_do_not_pile_up() -> None:
    timers = Timers()
    for number in range(10 * SPARE):
        timers.put(number * BOX, 0, "a")
        timers.drop(number * BOX, 0, "a")
        timers.put(BOX * 10**6, 1, str(number % 3))
    assert timers._size <= 2 * 3 + SPARE
    assert timers.next == BOX * 10**6


marks = st.tuples(st.integers(0, 5), st.sampled_from("abcdef"))


@given(st.lists(st.tuples(marks, st.booleans()), max_size=60))
def test_a_crowd_knows_its_oldest(rows: list[tuple[tuple[int, str], bool]]) -> None:
    crowd, plain = Crowd(), set[tuple[int, str]]()
    for mark, ask in rows:
        if mark in plain:
            crowd.discard(mark)
            plain.discard(mark)
        else:
            crowd.add(mark)
            plain.add(mark)
        if ask and plain:
            assert crowd.oldest == min(plain)
        assert len(crowd) == len(plain)
        assert sorted(crowd) == sorted(plain)


@dataclass
class Hall:
    """Advisors in a ranking, and by themselves."""

    ranking: Ranking = field(default_factory=lambda: Ranking(("turn", "idle")))
    there: dict[int, Seat] = field(default_factory=dict)

    def put(self, number: int, turn: int, idle: int) -> None:
        """Let an advisor be ready, or be so otherwise."""
        seat = self.there.get(number)
        if seat is None:
            seat = Seat(f"a{number:03}", {}, Capacity(1, ()), None, (), idle)
            seat.number, seat.bit = number, 1 << number
        seat.turn, seat.idle_since = turn, idle
        self.there[number] = seat
        self.ranking.put(seat, self.ranking.key(seat))

    def take(self, number: int) -> None:
        """Let an advisor be ready no more."""
        seat = self.there.pop(number, None)
        if seat is not None:
            self.ranking.put(seat, None)


@given(
    st.lists(
        st.tuples(st.integers(0, 120), st.integers(0, 3), st.integers(0, 3), st.booleans()),
        max_size=300,
    ),
    st.integers(0, 2**121),
)
def test_a_ranking_finds_the_best_of_some(
    rows: list[tuple[int, int, int, bool]], able: int
) -> None:
    hall = Hall()
    for number, turn, idle, leaves in rows:
        if leaves:
            hall.take(number)
        else:
            hall.put(number, turn, idle)
    able_ones = [one for one in hall.there.values() if one.bit & able]
    best = min(able_ones, key=lambda one: (one.turn, one.idle_since, one.id), default=None)
    assert hall.ranking.best(able) is best

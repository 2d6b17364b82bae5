"""Scores, order and choice: the arithmetic at its edges, and that no two are ever equal."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from tierlane.decision import Priority
from tierlane.policy.line.choosing import Candidate, Choosing
from tierlane.policy.line.ordering import Order, Waiting, expressed, score
from tierlane.policy.line.want import Bound, Wanted, fit, nearest, skilled, unmet


def test_a_score_has_a_cap_a_credit_and_a_least():
    grows = Priority(start=5, by=1, every=60_000, to=30, credit=90_000)
    assert [score(grows, age) for age in (0, 29_999, 30_000, 90_000)] == [6, 6, 7, 8]
    assert score(grows, 10**9) == 30
    assert score(Priority(start=10, by=1, every=1000, to=3), 0) == 10  # never below its start
    assert score(Priority(start=1, credit=90_000), 10**9) == 1  # a credit alone is for `waited`


@given(
    st.builds(
        Priority,
        start=st.integers(0, 50),
        by=st.integers(0, 5),
        every=st.sampled_from([0, 1000, 60_000]),
        to=st.none() | st.integers(0, 100),
        credit=st.integers(0, 200_000),
    ),
    st.integers(0, 10**7),
    st.integers(0, 10**7),
)
def test_a_score_never_falls_with_age_nor_leaves_its_bounds(priority, age, more):
    now, later = score(priority, age), score(priority, age + more)
    assert priority.start <= now <= later
    assert priority.to is None or later <= max(priority.to, priority.start)


def test_credit_counts_as_waited():
    a, b = Waiting("a", 0, Priority()), Waiting("b", 60_000, Priority(credit=90_000))
    assert [one.contact_id for one in Order(("waited",)).sort([a, b], 100_000)] == ["b", "a"]


def test_expressions_stand_where_they_are_put_and_no_value_sorts_last():
    line = [
        Waiting(name, 0, Priority(), values=(value, 1))
        for name, value in (("a", None), ("b", False), ("c", True))
    ]
    order = Order(("first", "score", "least"))
    assert [one.contact_id for one in order.sort(line, 0)] == ["c", "a", "b"]
    values = [Waiting(str(value), 0, Priority(), values=(value,)) for value in (None, 3, 1)]
    assert [one.contact_id for one in Order(("least",)).sort(values, 0)] == ["1", "3", "None"]
    assert [one.contact_id for one in Order(("most",)).sort(values, 0)] == ["3", "1", "None"]
    assert expressed("first", None) == expressed("first", False)


def test_the_order_is_total():
    line = [Waiting(name, arrived, Priority()) for name, arrived in (("b", 5), ("a", 5), ("c", 1))]
    for one in permutations(line):
        assert [found.contact_id for found in Order(("score",)).sort(list(one), 9)] == [
            "c",
            "a",
            "b",
        ]


def test_the_choice_is_total_and_what_an_advisor_lacks_sorts_last():
    some = [Candidate("b", {}), Candidate("a", {"rank": 9}), Candidate("c", {}, idle=7)]
    assert [one.advisor_id for one in Choosing(("rank",)).sort(some, [])] == ["a", "c", "b"]
    turns = [Candidate("late", {}, turn=9), Candidate("early", {}, turn=1), Candidate("never", {})]
    assert [one.advisor_id for one in Choosing(("turn",)).sort(turns, [])] == [
        "never",
        "early",
        "late",
    ]
    costs = [
        Candidate("x", {}, expressed=(None,)),
        Candidate("y", {}, expressed=(4,)),
        Candidate("z", {}, expressed=(2,)),
    ]
    assert [one.advisor_id for one in Choosing(("least",)).sort(costs, [])] == ["z", "y", "x"]


def test_tests_of_each_kind():
    has = {"id": "a1", "rank": 2, "languages": ("zh", "en"), "team": None}
    table = [
        (Wanted("id", "==", "a1"), True), (Wanted("id", "!=", "a1"), False), (Wanted("team", "!=", "x"), True),
        (Wanted("team", "==", "x"), False), (Wanted("rank", "<", 2), False), (Wanted("rank", "<=", 2), True),
        (Wanted("rank", ">", 1), True), (Wanted("rank", ">=", 3), False), (Wanted("languages", "has", "en"), True),
        (Wanted("languages", "has", "ja"), False), (Wanted("id", "among", ("a1", "a2")), True),
        (Wanted("languages", "shares", ("ja", "zh")), True), (Wanted("languages", "shares", ()), False),
        (Wanted("skills.ja", ">=", 1), False), (Wanted("channels", "has", "chat"), False),
    ]  # fmt: skip
    for one, expected in table:
        assert one.holds(has) is expected, one
        assert hash(one) == hash(
            Wanted(*[getattr(one, name) for name in ("field", "sign", "value")])
        )


def test_one_alternative_is_enough_and_none_is_nobody():
    want = Bound("either", (Wanted("languages", "has", "ja"), Wanted("languages", "has", "en")))
    assert want.holds({"languages": ["en"]}) and not want.holds({"languages": ["zh"]})
    assert unmet([want, Bound("x", ())], {"languages": ["en"]}) == "x"
    assert (fit([want], {"languages": ["en"]}), fit([], {}), fit([Bound("x", ())], {})) == (1, 1, 0)


def test_levels_at_their_edges():
    zero = Bound("zero", (Wanted("skills.x", ">=", 0),))
    assert fit([zero], {"skills.x": 0}) == 0.5 and fit([zero], {"skills.x": 10**9}) == 1
    assert fit([zero], {}) == 0
    level = [Bound("level", (Wanted("skills.x", ">=", 4), Wanted("languages", "has", "en")))]
    assert nearest(level, {"skills.x": 3}) == (0.25, 0) and nearest(level, {"skills.x": 5}) == (
        0,
        0.25,
    )
    assert nearest(level, {}) == (1, 0)
    assert (skilled(level, {"skills.x": 5, "skills.y": 9}), skilled(level, {})) == (5, 0)

"""Whether contacts of two revisions may wait in one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.policy.writing import policy
from tierlane.policy.publish.admission import compiled
from tierlane.policy.publish.scale import inversion

RULES = "scenarios: {default: rest, rules: [{rule: a, when: contact.channel == 'chat', then: a}]}\n"


def document(default: float, **rows: float):
    listed = ", ".join(
        f"{{rule: {name}, when: contact.channel == 'chat', then: {start}}}"
        for name, start in rows.items()
    )
    return compiled(
        policy(f"priorities: {{default: {default}, rules: [{listed}]}}\n").encode(), "p.yaml"
    )[0]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (document(1, gold=10), document(1, gold=10)),
        (document(1, gold=10), document(1, gold=20)),
        (document(1, gold=10), document(5, gold=15)),
        (document(1, gold=10), document(10, gold=20)),
        (document(1, gold=10), document(5, silver=50)),
        # Who goes past whom on purpose is no matter of scale.
        (document(1, gold=10), document(10, gold=1)),
        (document(1, gold=10), document(50, gold=2)),
        (document(1), document(1000)),
    ],
)
def test_revisions_that_go_together(old, new):
    assert inversion(old, new) is None
    assert inversion(new, old) is None


def test_a_new_contact_that_would_pass_who_waits_above_it():
    found = inversion(document(1, gold=10), document(50, gold=100))
    assert found == ("priorities/gold", 10, "priorities/default", 50)
    assert "gold" in found.above


def test_and_who_waits_that_would_stay_before_a_new_one_above_it():
    found = inversion(document(50, gold=100), document(1, gold=10))
    assert found == ("priorities/gold", 10, "priorities/default", 50)


NUMBERS = st.integers(0, 6)
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=5)


@given(ROWS)
def test_it_is_what_comparing_every_pair_finds(rows):
    """Held to the definition: above in both, and below across."""
    from tierlane.policy.publish.scale import Moved, _crossing

    rising = _crossing(Moved(old, new, f"r{n}") for n, (old, new) in enumerate(rows) if old < new)
    expected = any(
        low_old < high_old < low_new < high_new
        for low_old, low_new in rows
        for high_old, high_new in rows
    )
    assert (rising is not None) == expected
    if rising is not None:
        lower = rows[int(rising.below[1:])]
        upper = rows[int(rising.above[1:])]
        assert lower[0] < upper[0] < lower[1] < upper[1]


def test_steps_count_as_rows():
    plan = "plans: [{{plan: all, steps: [{{lane: people, priority: {}}}]}}]\n"
    old, new = (
        compiled(
            policy(f"priorities: {{default: {default}}}\n", plans=plan.format(step)).encode(), "p"
        )[0]
        for default, step in ((1, 10), (50, 100))
    )
    found = inversion(old, new)
    assert found is not None
    assert found.above == "plans/all/1"

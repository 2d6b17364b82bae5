"""Outcomes find their decisions: by hand, late, twice, too late, and within bounds."""

import pytest

from tierlane.replay.feedback.joining import Decided, Joining, score_of

HOUR = 3_600_000
DAY = 24 * HOUR


def decided(rows=("scenarios/x",), due=None, **about) -> Decided:
    given = {"revision": "p@1", "tier": "t", "scenario": "s", "lane": "l", "dedicated": False}
    return Decided(rows, (), **(given | about), respond_by=due)


def over(at, *, left=False, outcome="", advisor=""):
    def told(joining):
        joining.over("k", at, left=left, outcome=outcome, advisor=advisor)

    return told


def joined(*told, due=60_000, at=10 * DAY):
    joining = Joining()
    joining.arrived("k", 0, "voice")
    joining.decided("k", 0, decided(due=due))
    for one in told:
        one(joining)
    (found,) = joining.rest(at)
    return found


def answered(at, advisor="a-1"):
    return lambda joining: joining.answered("k", at, advisor)


def said(at, **data):
    return lambda joining: joining.said("k", at, data)


def test_a_contact_from_arrival_to_feedback_days_later():
    found = joined(
        answered(40_000),
        over(300_000, outcome="resolved"),
        said(3 * DAY, score=9, scale=[0, 10], resolved=False),
    )
    assert (found.wait, found.advisor, found.channel) == (40_000, "a-1", "voice")
    assert (found.kept, found.gave_up, found.settled) == (True, False, True)
    assert (found.resolved, found.score) == (False, 0.9)
    assert not found.waiting


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ([answered(60_000)], True),
        ([answered(60_001)], False),
        ([over(59_000, left=True)], None),
        ([over(61_000, left=True)], False),
        ([over(61_000)], None),
        ([], False),
    ],
    ids=["in time", "too late", "left before", "left after", "only its end is told", "waits"],
)
def test_promises_are_kept_by_the_glossarys_formula(told, kept):
    assert joined(*told).kept is kept
    assert joined(*told, due=None).kept is None


def test_who_waits_when_the_record_ends_before_its_time_is_not_broken():
    found = joined(at=30_000)
    assert (found.kept, found.waiting) == (None, True)


def test_the_decision_before_the_answer_counts():
    joining = Joining()
    joining.arrived("k", 0, "chat")
    joining.decided("k", 0, decided(("first",)))
    joining.decided("k", 10, decided(("second",)))
    joining.answered("k", 20, "a")
    joining.decided("k", 30, decided(("after a transfer",)))
    (found,) = joining.rest(DAY)
    assert found.decided.rows == ("second",)


def test_the_last_word_of_a_customer_counts_and_the_first_answer():
    found = joined(answered(10, "a-1"), answered(20, "a-2"), said(30, score=1), said(40, score=5))
    assert (found.wait, found.advisor, found.score) == (10, "a-1", 1.0)
    found = joined(said(30, score=1, resolved=True), said(40, resolved=None))
    assert (found.score, found.resolved) == (0.0, True)


def test_who_left_and_was_called_back_did_not_give_up():
    assert joined(over(9_000, left=True)).gave_up
    assert not joined(over(9_000, left=True), answered(20_000)).gave_up
    assert not joined(answered(20_000), over(30_000, left=True)).gave_up


def test_contacts_are_kept_for_the_window_and_no_longer():
    joining = Joining(window=DAY)
    for number in range(1_000):
        at = number * HOUR
        joining.arrived(f"k{number}", at, "voice")
        joining.decided(f"k{number}", at, decided())
        done = list(joining.past(at))
        assert len(done) <= 1
    assert joining.most <= 26
    joining.said("k0", 1_000 * HOUR, {"score": 5})
    assert joining.strays == 1, "its decision is out of the window"
    joining.said("k999", 1_000 * HOUR, {"score": 5})
    assert joining.strays == 1
    (last,) = (one for one in joining.rest(1_000 * HOUR) if one.score is not None)
    assert last.score == 1.0


def test_what_is_heard_of_keeps_a_contact():
    joining = Joining(window=DAY)
    joining.arrived("k", 0, "voice")
    joining.decided("k", 0, decided())
    joining.answered("k", 20 * HOUR, "a")
    assert list(joining.past(30 * HOUR)) == []
    assert len(list(joining.past(44 * HOUR))) == 1


@pytest.mark.parametrize(
    ("data", "score"),
    [
        ({"score": 1}, 0.0),
        ({"score": 4}, 0.75),
        ({"score": 7, "scale": [0, 10]}, 0.7),
        ({"score": 1, "scale": [6, 1]}, 1.0),
        ({"score": 6}, None),
        ({"score": 0}, None),
        ({"score": True}, None),
        ({"score": "5"}, None),
        ({"score": 3, "scale": [3, 3]}, None),
        ({"score": 3, "scale": [1]}, None),
        ({"score": 3, "scale": "1-5"}, None),
        ({"score": 3, "scale": [None, 5]}, None),
        ({}, None),
    ],
)
def test_marks_are_put_on_one_scale(data, score):
    assert score_of(data) == score


def test_outcomes_that_count_as_settled_can_be_named():
    joining = Joining(good=frozenset({"sold"}))
    for name, outcome in (("a", "sold"), ("b", "resolved"), ("c", "")):
        joining.decided(name, 0, decided())
        joining.over(name, 1, left=False, outcome=outcome, advisor="")
    assert [one.settled for one in joining.rest(2)] == [True, False, None]

"""One replication, followed by hand."""

from dataclasses import replace

import pytest

from tests.unit.replay.simulation.stage import coming, fared, group, played, scene, waits
from tierlane.errors import UsageError
from tierlane.replay.simulation.behaviour import Behaviour, Row
from tierlane.replay.simulation.deciding import managed
from tierlane.replay.simulation.distribution import Fixed, Never
from tierlane.replay.simulation.journal import ANSWERED, CLOSED, LEFT, WAITING
from tierlane.replay.simulation.run import Run
from tierlane.replay.simulation.scene import play
from tierlane.replay.simulation.staffing import Hours, Pause

TWO_DESKS = b"""tierlane: 1
policy: two_desks
desks: {first: {order: [waited]}, second: {order: [waited]}}
lanes: {a: {kind: standard, desk: first}, b: {kind: priority, desk: second}}
plans: [{plan: all, steps: [{lane: a, until: 30s}, {lane: b}]}]
finally: {until: 10m, close: sorry}
fallback: b
"""
TIERS = b"""tierlane: 1
policy: tiers
tiers: {order: [plain, gold], default: plain, highest_of: [{set: card, table: {on: [contact.subject], rows: [[card, gold]]}}]}
priorities: {default: 1, rules: [{rule: gold, when: tier == 'gold', then: 9}]}
desks: {d: {order: [score, waited]}}
lanes: {l: {kind: standard, desk: d}}
plans: [{plan: all, steps: [{lane: l}]}]
finally: {until: 24h, close: sorry}
fallback: l
"""


def test_one_advisor_serves_one_after_the_other():
    contacts = [coming("k1", 0, 60), coming("k2", 10, 60), coming("k3", 20, 60)]
    assert waits(scene(contacts)) == {"k1": 0, "k2": 50, "k3": 100}


def test_two_advisors_serve_together():
    contacts = [coming("k1", 0, 60), coming("k2", 10, 60), coming("k3", 20, 60)]
    assert waits(scene(contacts, [group("a", 2)])) == {"k1": 0, "k2": 0, "k3": 40}


def test_who_has_no_patience_left_leaves_and_the_next_moves_up():
    contacts = [coming("k1", 0, 60), coming("k2", 10, 60, patience=20), coming("k3", 20, 60)]
    found = fared(scene(contacts))
    assert (found["k2"].how, found["k2"].wait) == (LEFT, 20_000)
    assert (found["k3"].how, found["k3"].wait) == (ANSWERED, 40_000)


def test_who_is_answered_in_time_does_not_leave():
    found = fared(scene([coming("k1", 0, 60), coming("k2", 10, 600, patience=50.001)]))
    assert found["k2"].how == ANSWERED


def test_wrapping_up_keeps_the_next_waiting():
    policy = scene([]).policy.text.replace(b"choose: [idle]", b"wrap_up: {voice: 30s}")
    contacts = [coming("k1", 0, 60), coming("k2", 10, 60)]
    journal = played(scene(contacts, policy=policy))
    assert [one.wait for one in journal.fared] == [0, 80_000]
    assert journal.worked[0].busy == 2 * (60_000 + 30_000)


def test_a_break_begins_when_the_contact_in_hand_is_done():
    break_ = Pause(0, 60, 600_000)
    hours = (Hours(1),)
    advisors = [group("a", 1, hours=hours, pauses=(break_,))]
    # The window begins at midnight, so the only advisor's break is from 0:00 to 0:10.
    found = fared(scene([coming("k1", 1, 60), coming("k2", 700, 60)], advisors))
    assert (found["k1"].wait, found["k2"].wait) == (599_000, 0)


def test_who_is_called_away_ends_the_contact_in_hand_and_it_counts_as_duty():
    hours = (Hours(1, 0, 1),)  # on duty for one minute
    journal = played(
        scene([coming("k1", 30, 120), coming("k2", 40, 10)], [group("a", 1, hours=hours)])
    )
    # The second is answered when the advisor is there again, a day later.
    assert [one.wait for one in journal.fared] == [0, 86_400_000 - 40_000]
    # Work counts within the period, which is an hour.
    assert (journal.worked[0].duty, journal.worked[0].busy) == (150_000, 120_000)


@pytest.mark.parametrize("idle_first", [False, True])
def test_who_is_idle_leaves_first_where_the_group_says_so(idle_first):
    """At 60 s one of two leaves; the second has a contact in hand, the first has none.

    The one who goes on takes the other's turns: at 120 s all leave, and k2 ends first.
    """
    hours = (Hours(2, 0, 1), Hours(1, 1, 2))
    advisors = [group("a", 0, hours=hours, idle_first=idle_first)]
    contacts = [coming("k0", 0, 10), coming("k1", 5, 125), coming("k2", 61, 300)]
    journal = played(scene(contacts, advisors))
    found = {one.contact_id: one for one in journal.fared}
    assert (found["k1"].advisor, found["k1"].wait) == ("a-2", 0)
    if idle_first:  # a-1 has gone, a-2 stays to the end of the last hour and then is called away
        assert (found["k2"].how, found["k2"].wait > 80_000_000) == (ANSWERED, True)
        assert [one.duty for one in journal.worked] == [60_000, 130_000]
    else:
        assert (found["k2"].advisor, found["k2"].wait) == ("a-1", 0)
        assert [one.duty for one in journal.worked] == [361_000, 130_000]


def test_who_is_done_first_leaves_in_place_of_a_colleague_still_busy():
    """At 60 s one of two leaves, both busy; a-1 is done at 70 s and goes, a-2 stays and is busy."""
    hours = (Hours(2, 0, 1), Hours(1, 1, 10))
    contacts = [coming("k1", 0, 70), coming("k2", 5, 95), coming("k3", 62, 10)]
    waits_of = {}
    for idle_first in (True, False):
        advisors = [group("a", 0, hours=hours, idle_first=idle_first)]
        journal = played(scene(contacts, advisors))
        found = {one.contact_id: one for one in journal.fared}
        waits_of[idle_first] = found["k3"].wait, found["k3"].advisor
        if idle_first:  # a-2 goes on to the tenth minute
            assert [one.duty for one in journal.worked] == [70_000, 600_000]
    assert waits_of == {True: (38_000, "a-2"), False: (8_000, "a-1")}


def test_a_contact_moves_to_the_other_desk_with_its_age():
    advisors = [group("one", 1, desk="first"), group("two", 1, desk="second")]
    contacts = [coming("k1", 0, 300), coming("k2", 0.5, 300), coming("k3", 1, 60)]
    found = fared(scene(contacts, advisors, TWO_DESKS))
    assert (found["k2"].first_lane, found["k2"].lane, found["k2"].group) == ("a", "b", "two")
    assert (found["k2"].wait, found["k2"].lane_wait) == (30_000, 0)
    assert (found["k3"].lane, found["k3"].wait, found["k3"].lane_wait) == ("b", 329_500, 299_500)


def test_the_policy_closes_what_nobody_answers():
    advisors = [group("one", 1, desk="first")]
    found = fared(scene([coming("k1", 0, 3_000), coming("k2", 1, 60)], advisors, TWO_DESKS))
    assert (found["k2"].how, found["k2"].wait, found["k2"].lane) == (CLOSED, 600_000, "b")


def test_a_tier_of_weight_is_served_before_those_who_came_earlier():
    contacts = [
        coming("k1", 0, 60), coming("k2", 1, 60, subject="none"), coming("k3", 2, 60, subject="card")
    ]  # fmt: skip
    found = fared(scene(contacts, policy=TIERS))
    assert (found["k3"].tier, found["k3"].wait) == ("gold", 58_000)
    assert (found["k2"].tier, found["k2"].wait) == ("plain", 119_000)


def test_slower_advisors_take_longer():
    found = fared(scene([coming("k1", 0, 60), coming("k2", 0, 60)], [group("a", 1, pace=1.5)]))
    assert found["k1"].service == 90_000 and found["k2"].wait == 90_000


def test_an_offer_that_is_declined_goes_to_the_next_advisor():
    behaviour = Behaviour(delay=Fixed(5_000), declines=0.5)
    contacts = [coming(f"k{number}", 100 * number, 60) for number in range(20)]
    found = waits(scene(contacts, [group("a", 40)], behaviour=behaviour))
    assert set(found.values()) >= {5.0, 10.0} and all(one % 5 == 0 for one in found.values())


def test_rows_of_service_hang_on_lane_and_group():
    rows = (
        Row(Fixed(10_000), (("lane", frozenset({"b"})),)),
        Row(Fixed(20_000), (("group", frozenset({"one"})),)),
    )
    advisors = [group("one", 1, desk="first"), group("two", 1, desk="second")]
    contacts = [coming("k1", 0), coming("k2", 1), coming("k3", 2)]
    found = fared(scene(contacts, advisors, TWO_DESKS, Behaviour(rows)))
    served = [(one.lane, one.group, one.service) for one in found.values()]
    assert served == [("a", "one", 20_000), ("a", "one", 20_000), ("b", "two", 10_000)]


def test_who_is_still_there_in_the_end_waits():
    policy = scene([]).policy.text.replace(b"24h", b"48h")
    found = played(scene([coming("k1", 0, 60)], [group("a", 0)], policy)).fared
    assert [(one.how, one.wait) for one in found] == [(WAITING, 25 * 3_600_000)]


def test_a_contact_without_a_time_of_service_is_told():
    without = coming("k1", 0)._replace(lasted=None)
    with pytest.raises(UsageError, match="no row tells how long a contact takes: channel `voice`"):
        played(scene([without]))


def test_recorded_patience_is_no_more_than_what_is_known():
    """Who was answered after 50 s would have waited so long; the rest is drawn."""
    known = coming("k2", 10, 60)._replace(waited=50_000.0)
    behaviour = Behaviour(patience=(Row(Fixed(20_000)), Row(Never())))
    found = fared(scene([coming("k1", 0, 300), known], behaviour=behaviour))
    assert (found["k2"].how, found["k2"].wait) == (LEFT, 50_000)


PROMISES = b"""tierlane: 1
policy: promises
time_zone: UTC
calendars: {office: {weekly: {mon-sun: ["00:00-00:30", "00:40-24:00"]}}}
calendar: office
promises: {default: {answer: 10m working}}
desks: {d: {order: [waited]}}
lanes: {l: {kind: standard, desk: d}}
plans: [{plan: early, when: "now < timestamp('1970-01-01T00:30:00Z')", steps: [{lane: l}]}, {plan: late, steps: [{lane: l}]}]
finally: {until: 24h, close: sorry}
fallback: l
"""


@pytest.mark.parametrize("policy", [PROMISES, TIERS, TWO_DESKS])
def test_what_is_remembered_of_contacts_alike_is_what_would_be_decided(policy):
    from tierlane.replay.simulation.deciding import Deciding, managed

    text = scene([], policy=policy).policy
    assert text.timeless == (policy is not PROMISES)
    revision = managed(text.compiled())
    remembering = Deciding(revision, timeless=text.timeless)
    for number in range(120):
        subject = ("card", "none")[number % 2]
        one = coming(f"k{number}", number * 30, subject=subject, customer_id=f"u{number % 3}")
        assert remembering.decided(one) == Deciding(revision).decided(one)


@pytest.mark.parametrize(
    ("more", "timeless"),
    [
        (b"", True), (b"# now\n", False), (b"cases: [{case: a, now: x}]\n", True),
        (b"cases:\n  - {case: a,\n     now: x}\nfacts: []\n", True), (b"extends: b\n", False),
        (b"cases:\n- {case: a, now: x}\n", False), (b"known: 1\n", True),
    ],
)  # fmt: skip
def test_a_policy_that_might_read_now_is_not_taken_for_timeless(more, timeless):
    policy = scene([]).policy
    assert replace(policy, text=policy.text + more).timeless is timeless


def test_desks_keep_no_trace_of_what_nobody_writes(monkeypatch):
    runs, play_it = [], Run.play
    monkeypatch.setattr(Run, "play", lambda run, *args: (runs.append(run), play_it(run, *args))[1])
    contacts = [coming(f"c{number}", number, service=5, patience=40) for number in range(60)]
    one = scene(contacts)
    assert len(play(one, managed(one.policy.compiled()), 1, 1, exact=True).fared) == 60
    (run,) = runs
    traces = [desk.state.trace for desk in run.desks.values()]
    assert [(one.contacts, one.seats, one.lanes) for one in traces] == [(set(), set(), set())]

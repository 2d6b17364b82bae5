"""The plain line is the real desk: the same contacts fare the same, to the millisecond and advisor.

Moments, services and steps are whole multiples of ten seconds, so that much happens at one moment:
who comes first then is where a shortcut would go wrong.
"""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.replay.simulation.stage import ONE_LINE, Listed, coming, group, scene
from tests.unit.replay.simulation.test_run import TWO_DESKS
from tierlane.policy.form.case import Stated
from tierlane.policy.form.finding import Place
from tierlane.replay.simulation.behaviour import Behaviour, Row
from tierlane.replay.simulation.chance import Chance, number_of, numbers_of
from tierlane.replay.simulation.coming import Coming
from tierlane.replay.simulation.crowd import Part, together
from tierlane.replay.simulation.deciding import managed
from tierlane.replay.simulation.distribution import (
    Empirical,
    Exponential,
    Fixed,
    Gamma,
    LogNormal,
    Never,
    Survival,
)
from tierlane.replay.simulation.fares import Fares
from tierlane.replay.simulation.measure import Counting, intervals, samples
from tierlane.replay.simulation.plain.run import PlainRun
from tierlane.replay.simulation.scene import Playing
from tierlane.replay.simulation.staffing import Hours, Pause

POLICY = """tierlane: 1
policy: plain
priorities:
  default: {default}
  rules:
    - {{rule: urgent, when: contact.subject == 'urgent', then: 9}}
    - {{rule: soon, when: contact.subject == 'soon', then: {soon}}}
promises: {{rules: [{{rule: soon, when: contact.subject == 'soon', then: {{answer: 2m}}}}], default: {{answer: 10m}}}}
desks:
  d:
    order: [{order}]
    choose: [{choose}]
    wrap_up: {wrap_up}
    duties: {{first: {{l: 1, m: {rank}}}, second: {{m: 1, n: 2}}, third: {{n: 1, l: 2}}}}
  e: {{order: [score, waited], choose: [idle]}}
lanes:
  l: {{kind: standard, desk: d}}
  m: {{kind: priority, desk: d}}
  n: {{kind: priority, desk: d}}
  o: {{kind: standard, desk: e}}
plans:
  - {{plan: urgent, when: contact.subject == 'urgent', steps: [{{lane: l, until: {until}}}, {{lane: m, borrow: [n], priority: 20}}]}}
  - {{plan: soon, when: contact.subject == 'soon', steps: [{{lane: m, until: 30s}}, {{lane: m, priority: 7, until: 50s}}, {{lane: n}}]}}
  - {{plan: other, when: contact.subject == 'other', steps: [{{lane: o}}]}}
  - {{plan: all, steps: [{{lane: {lane}, who: [{who}]}}]}}
finally: {{until: {closes}, close: sorry}}
fallback: l
"""
WORDS = {
    "default": ["1", "{start: 1, by: 1, every: 20s, to: 12}", "{start: 2, by: 3, every: 40s}"],
    "soon": ["5", "{start: 3, by: 2, every: 30s}"],
    "order": ["waited", "score, waited", "rank, score, promise, waited", "promise", "score, rank", "rank"],
    "choose": ["idle", "load, idle", "rank, idle", "idle, rank"],
    "wrap_up": ["{}", "{voice: 20s}", "{voice: 10s, chat: 40s}"],
    "rank": ["1", "2"],
    "until": ["20s", "60s"],
    "lane": ["l", "n"],
    "who": ["", "advisor.skills.claims >= 1"],
    "closes": ["2m", "24h"],
}  # fmt: skip
HERE = Place("test", 1, 1)
TENS = st.integers(0, 30).map(lambda n: 10 * n)
CONTACTS = st.lists(
    st.tuples(
        TENS, TENS.map(lambda n: n / 2 + 10), st.none() | TENS,
        st.sampled_from(["urgent", "soon", "other", "none"]), st.sampled_from(["voice", "chat"]),
    ),
    min_size=1, max_size=40,
)  # fmt: skip
HOURS = st.sampled_from(
    [(), (Hours(1, 0, 2), Hours(2, 2, 4)), (Hours(3, 0, 1), Hours(1, 1, 3), Hours(2, 5, 9))]
)
GROUPS = st.lists(
    st.tuples(
        st.integers(1, 12), HOURS, st.sampled_from(["", "first", "second", "third"]),
        st.booleans(), st.sampled_from([1.0, 1.5]), st.sampled_from([None, 1.0, 2.0]),
        st.booleans(), st.booleans(),
    ),
    min_size=1, max_size=4,
)  # fmt: skip


def staff(groups):
    found = [group("at e", 1, desk="e")]
    for number, (count, hours, duty, idle_first, pace, rank, skilled, pauses) in enumerate(groups):
        found.append(
            group(
                f"g{number}", count, hours=hours or (Hours(count),), desk="d",
                duty=Stated(duty, HERE) if duty else None, idle_first=idle_first, pace=pace,
                rank=rank, skills=(("claims", 3),) if skilled else (),
                pauses=(Pause(0, 8, 60_000),) if pauses else (),
            )
        )  # fmt: skip
    return found


def both(one):
    """Play by the plain line and by the real desks; return both journals and why not plain."""
    revision = managed(one.policy.compiled())
    plain = Playing(one, revision)
    ours = plain.play(1, 1)
    return ours, Playing(one, revision, exact=True).play(1, 1), plain.reason


def assert_equal(ours, real):
    assert list(ours.fared) == list(real.fared)
    assert ours == real  # work, events, period
    for counting in (Counting(), Counting(within=30_000, batches=3, interval=60_000)):
        assert samples(ours, counting) == samples(real, counting)
        assert intervals(ours, counting) == intervals(real, counting)


def comings(rows):
    return [
        coming(f"c-{n}", at, service, patience, subject=subject, channel=channel)
        for n, (at, service, patience, subject, channel) in enumerate(sorted(rows, key=str), 1)
    ]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    words=st.fixed_dictionaries({name: st.sampled_from(all_) for name, all_ in WORDS.items()}),
    rows=CONTACTS,
    groups=GROUPS,
)
def test_contacts_fare_as_at_the_real_desks(words, rows, groups):
    one = scene(comings(rows), staff(groups), POLICY.format(**words).encode(), end=240_000)
    ours, real, reason = both(one)
    assert reason == ""
    assert isinstance(ours.fared, Fares)
    assert_equal(ours, real)


@settings(max_examples=100, deadline=None)
@given(rows=CONTACTS, count=st.integers(1, 4), late=st.booleans())
def test_one_crew_at_one_row_fares_as_at_the_real_desk(rows, count, late):
    hours = (Hours(count, 0, 3 if late else 24 * 60),)
    one = scene(comings(rows), [group("a", count, hours=hours)], end=240_000)
    ours, real, reason = both(one)
    assert reason == ""
    assert_equal(ours, real)


def test_one_crew_is_told_without_events(monkeypatch):
    """Else the law above would try the same run twice."""
    monkeypatch.setattr(PlainRun, "_arrive", lambda *_: pytest.fail("an event"))
    contacts = [coming(f"c-{n}", 10 * n, 60, 40) for n in range(9)]
    ours, real, _ = both(scene(contacts, [group("a", 2)]))
    assert_equal(ours, real)
    assert {one.how for one in real.fared} == {"answered", "left"}


def test_who_had_begun_first_is_done_first_at_one_moment():
    """Both are done at 60 s; a-2 had begun first, so the oldest who waits is its."""
    contacts = [
        coming("c-1", 0, 5), coming("c-2", 1, 59), coming("c-3", 20, 40), coming("c-4", 30, 9),
    ]  # fmt: skip
    ours, real, _ = both(scene(contacts, [group("a", 2)]))
    assert_equal(ours, real)
    assert [one.advisor for one in ours.fared] == ["a-1", "a-2", "a-1", "a-2"]


CALENDAR = ONE_LINE.replace(b"choose: [idle]", b"calendar: office").replace(
    b"desks:", b'calendars: {office: {weekly: {mon-sun: ["00:00-23:00"]}}}\ntime_zone: UTC\ndesks:'
)


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        ({}, ""),
        ({"policy": TWO_DESKS, "groups": [group("one", 1, desk="first")]}, "a contact is handed over to another desk"),
        ({"policy": CALENDAR}, "desk `d` has a calendar"),
        ({"policy": ONE_LINE.replace(b"idle", b"turn")}, "an advisor is chosen by `turn`"),
        ({"groups": [group("a", 1, capacity=(("units", 2.0), ("voice", 2.0)))]}, "an advisor may hold several contacts at once"),
        ({"behaviour": Behaviour(declines=0.5)}, "advisors take time to answer an offer, or decline some"),
        ({"behaviour": Behaviour(delay=Fixed(5.0))}, "advisors take time to answer an offer, or decline some"),
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_the_real_desks(about, reason):
    contacts = [coming(f"c-{n}", 10 * n, 60) for n in range(9)]
    ours, real, found = both(scene(contacts, **about))
    assert found == reason == ours.why_real
    assert_equal(ours._replace(why_real=""), real)


@dataclass(frozen=True)
class Crowded(Listed):
    """One contact of each of two kinds: as many kinds as contacts, and no kind is a contact."""

    def crowd(self, chance):
        del chance
        kind = Coming("kind", 0, {"channel": "voice"})
        return together([
            Part(name, kind, np.array([at]), lambda numbers: np.full(len(numbers), 9e3))
            for name, at in (("k", 1_000), ("l", 50_000))
        ])  # fmt: skip


@pytest.mark.parametrize("read", ["contact.id == 'l-1'", "now > timestamp('1970-01-01T00:00:30Z')"])
def test_contacts_of_a_kind_are_told_apart_where_a_rule_does(read):
    promises = f'promises: {{default: {{answer: 5m}}, rules: [{{rule: r, when: "{read}", then: {{answer: 1m}}}}]}}\n'
    one = scene([], policy=ONE_LINE.replace(b"lanes:", promises.encode() + b"lanes:"))
    ours, real, reason = both(replace(one, demand=Crowded(())))
    assert reason == ""
    assert_equal(ours, real)
    assert [one.promised for one in ours.fared] == [300_000, 60_000]


def test_a_contact_of_which_nothing_was_heard_for_a_week_lapses():
    """Known only after it was played: then the real desks play it again."""
    contacts = [coming("c-1", 0, 700_000), coming("c-2", 1, 60)]
    ours, _, reason = both(scene(contacts))
    assert reason == ours.why_real == "a contact lapses of which nothing is heard"


@pytest.mark.parametrize(
    "one",
    [
        Never(), Fixed(3.0), Exponential(7e4), LogNormal(5e4, 1.1), Gamma(6e4, 2.5),
        Empirical((1.0, 2.0, 5.0)), Survival((1.0, 3.0, 9.0), (0.7, 0.5, 0.2), 50.0),
        Survival((1.0, 3.0, 9.0), (0.7, 0.5, 0.0)), Survival((), (), 9.0),
    ],
)  # fmt: skip
def test_many_numbers_at_once_are_the_same_to_the_last_bit(one):
    chance, count = Chance(3, 4), 3_000
    drawn = chance.all_of(numbers_of("k", np.arange(1, count + 1, dtype=np.uint64)), 1)
    names = [f"k-{n}" for n in range(1, count + 1)]
    assert drawn.tolist() == [chance.of(name).patience for name in names]
    assert one.quantiles(drawn).tolist() == [one.quantile(float(u)) for u in drawn]


def test_the_numbers_of_ids_that_count_are_all_others():
    names = ["k", "k-1", "k-01", "k-0", "k-10", "k1", "-1", "k--1", "k-1x", "k-1234567890123456"]
    assert len({number_of(one) for one in names}) == len(names)


def test_recorded_patience_and_service_are_drawn_alike():
    behaviour = Behaviour(
        service=(Row(None), Row(Fixed(30_000.0))),
        patience=(Row(None, (("channel", frozenset({"voice"})),)), Row(Exponential(40_000.0))),
    )
    contacts = [
        coming(f"c-{n}", 7 * n, 60, 20 if n % 3 else None, channel=("voice", "chat")[n % 2])._replace(
            lasted=None if n % 5 else 9_000.0, waited=(0.0, 30_000.0)[n % 4 == 0]
        )
        for n in range(60)
    ]  # fmt: skip
    ours, real, reason = both(scene(contacts, [group("a", 2, pace=1.3)], behaviour=behaviour))
    assert reason == ""
    assert_equal(ours, real)
    assert {one.how for one in real.fared} == {"answered", "left"}

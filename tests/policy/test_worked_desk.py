"""Published outcomes of other routers that are arithmetic of a desk: order, choice, capacity.

AC: Azure Job Router. AS: Avaya. CN: Amazon Connect. DY: Dynamics 365. FS: a service desk's tiers.
GE, NI, RC: ageing and promises. SN: ServiceNow. TW: Twilio TaskRouter. ZD: Zendesk.
"""

import pytest

from tierlane.decision import Priority
from tierlane.policy.form.capacity import Capacity, Use
from tierlane.policy.form.desk import Duty, DutyLane
from tierlane.policy.line.choosing import Candidate, Choosing
from tierlane.policy.line.ordering import Order, Waiting, score
from tierlane.policy.line.pairing import rounds
from tierlane.policy.line.transition import Clock, Transitions
from tierlane.policy.line.want import Bound, Wanted, fit, unmet

MINUTE = 60_000


def want(field: str, sign: str, value) -> Bound:
    return Bound(f"{field} {sign} {value}", (Wanted(field, sign, value),))


def chosen(keys: str, candidates: list[Candidate], wants: list[Bound] | None = None) -> str:
    return "".join(
        one.advisor_id for one in Choosing(tuple(keys.split())).sort(candidates, wants or [])
    )


def in_order(keys: str, *line: Waiting, now: int = 0) -> list[str]:
    return [one.contact_id for one in Order(tuple(keys.split())).sort(list(line), now)]


def test_ac_01_the_share_of_load_first_and_then_who_is_idle_longest():
    units = {"A": (5, 3, 5), "B": (4, 3, 3), "C": (5, 3, 7), "D": (3, 0, 2)}
    candidates = [
        Candidate(
            name,
            {},
            load=Capacity(most, (Use("chat", 1),)).load({"chat": held}),
            idle=minutes * MINUTE,
        )
        for name, (most, held, minutes) in units.items()
    ]
    assert chosen("load idle", candidates) == "DCAB"


def test_zd_03_by_number_free_and_by_share_free():
    held = {"A": (2, 1), "B": (10, 8)}
    candidates = []
    for name, (most, count) in held.items():
        capacity, holds = Capacity(most, (Use("chat", 1),)), {"chat": count}
        candidates.append(Candidate(name, {}, capacity.load(holds), capacity.free(holds)))
    assert chosen("free", candidates) == "BA"
    assert chosen("load", candidates) == "AB"


@pytest.mark.parametrize(
    ("skills", "expected"), [(["english", "sales"], 1.0), (["english"], 0.5), (["english", "support"], 0.5)]
)  # fmt: skip
def test_ac_02_the_share_of_wishes_met(skills, expected):
    wishes = [want("languages", "has", "english"), want("languages", "has", "sales")]
    assert fit(wishes, {"languages": skills}) == expected


AC_04 = [
    want("languages", "has", "french"),
    want("skills.sales", ">=", 10),
    want("attributes.cost", "<=", 10),
]
LEVELS = {"G": (10, 10), "H": (15, 10), "I": (10, 9)}


def advisor(name: str) -> dict:
    sales, cost = LEVELS[name]
    return {"languages": ["french"], "skills.sales": sales, "attributes.cost": cost}


@pytest.mark.parametrize(("name", "expected"), [("G", 0.667), ("H", 0.707), ("I", 0.675)])
def test_ac_04_a_level_counts_by_how_far_it_is_passed(name, expected):
    assert round(fit(AC_04, advisor(name)), 3) == expected
    assert unmet(AC_04, advisor(name)) == ""


def test_ac_04_the_best_fit_is_chosen():
    assert chosen("fit idle", [Candidate(name, advisor(name)) for name in LEVELS], AC_04) == "HIG"


@pytest.mark.parametrize(
    ("held", "channel", "refused"),
    [({}, "voice", ""), ({"chat": 4}, "chat", ""), ({"chat": 5}, "chat", "capacity"),
     ({"chat": 1}, "voice", "capacity"), ({"voice": 1}, "chat", "capacity")],
)  # fmt: skip
def test_ac_11_one_voice_or_five_chats(held, channel, refused):
    capacity = Capacity(100, (Use("voice", 100), Use("chat", 20)))
    assert capacity.refuses(channel, held) == refused


def test_cn_05_what_may_come_in_beside_what_is_held():
    capacity = Capacity(1, (Use("chat", 0, (), 2), Use("task", 0, None, 1), Use("voice", 1, ())))
    holds = {"chat": 1}
    assert capacity.refuses("task", holds) == "beside"
    assert capacity.refuses("chat", holds) == ""
    holds = {"task": 1}  # both chats ended, the task came
    assert capacity.refuses("chat", holds) == ""
    holds = {"task": 1, "chat": 1}
    assert capacity.refuses("voice", holds) == "beside"
    holds = {"task": 1, "chat": 0}
    assert capacity.refuses("voice", holds) == ""
    assert capacity.refuses("task", {"voice": 1}) == "beside"
    assert capacity.refuses("task", {"task": 1}) == "capacity"


def test_cn_01_to_03_rank_comes_before_age_and_a_delay_hides_a_lane():
    duty = Duty(
        "d", (DutyLane("T1"), DutyLane("T2"), DutyLane("T3", 2, 20_000), DutyLane("T4", 3, 80_000))
    )
    assert [duty.rank(lane, 20_000) for lane in ("T1", "T2", "T3", "T4")] == [1, 1, 2, None]
    assert [duty.rank(lane, 19_999) for lane in ("T3", "T4")] == [None, None]
    assert duty.rank("T4", 80_000) == 3
    old, new = Waiting("support", 0, Priority(), rank=2), Waiting("sales", 50_000, Priority())
    assert in_order("rank score waited", old, new, now=60_000) == ["sales", "support"]
    assert in_order("rank score waited", old._replace(rank=1), new, now=60_000) == [
        "support",
        "sales",
    ]


@pytest.mark.parametrize(("minutes", "expected"), [(5, 15), (6, 16), (0, 10)])
def test_ge_01_a_priority_grows_by_the_minute(minutes, expected):
    assert score(Priority(start=10, by=1, every=MINUTE), minutes * MINUTE) == expected


def test_ni_03_the_faster_growing_overtakes():
    a = Waiting("A", 0, Priority(start=1, by=5, every=MINUTE))
    b = Waiting("B", 0, Priority(start=3, by=1, every=MINUTE))
    assert in_order("score waited", a, b, now=0) == ["B", "A"]
    assert (score(a.priority, MINUTE), score(b.priority, MINUTE)) == (6, 4)
    assert in_order("score waited", a, b, now=MINUTE) == ["A", "B"]


def test_rc_02_the_earliest_promise_first_and_none_last():
    line = [
        Waiting(f"k{answer}", 0, Priority(), answer and answer * MINUTE) for answer in (None, 30, 5)
    ]
    assert in_order("promise waited", *line) == ["k5", "k30", "kNone"]


def test_zd_01_urgent_before_the_two_that_came_first():
    line = [
        Waiting("m1", 0, Priority(1)),
        Waiting("m2", 1, Priority(1)),
        Waiting("m3", 2, Priority(5)),
    ]
    assert in_order("score waited", *line, now=3) == ["m3", "m1", "m2"]


DY_14 = [want("skills.cafe", ">=", 2), want("skills.spanish", ">=", 3)]


@pytest.mark.parametrize(
    ("key", "first"), [("free", "Eric"), ("nearest", "Carlos"), ("skilled", "Eric")]
)
def test_dy_14_by_capacity_nearest_and_most_skilled(key, first):
    candidates = [
        Candidate("Carlos", {"skills.cafe": 2, "skills.spanish": 3}, free=100),
        Candidate("Eric", {"skills.cafe": 3, "skills.spanish": 4}, free=200),
    ]
    best = Choosing((key,)).sort(candidates, DY_14)[0]
    assert best.advisor_id == first


def test_sn_01_round_k_gives_each_group_its_kth_lane():
    groups = {
        "1": {"A": 10, "B": 20, "C": 30},
        "2": {"A": 300, "B": 100, "C": 200},
        "3": {"A": 2, "B": 3, "C": 1},
    }
    duties = [
        Duty(name, tuple(DutyLane(lane, rank) for lane, rank in lanes.items()))
        for name, lanes in groups.items()
    ]
    got = [{duty + lane for duty, lane in one} for one in rounds(duties)]
    assert got == [{"1A", "2B", "3C"}, {"3A", "1B", "2C"}, {"2A", "3B", "1C"}]


def test_as_01_a_rank_is_preferred_at_first_and_counts_no_more_later():
    candidates = [Candidate("two", {"rank": 2}, idle=900), Candidate("one", {"rank": 1}, idle=100)]
    steps = Transitions((Clock(until=30_000), Clock()))
    keys = {1: ("rank", "idle"), 2: ("idle",)}
    at = {age: steps.next(0, age, None) for age in (0, 29_999, 30_000)}
    assert at == {0: 1, 29_999: 1, 30_000: 2}
    assert Choosing(keys[at[29_999]]).sort(candidates, [])[0].advisor_id == "one"
    assert Choosing(keys[at[30_000]]).sort(candidates, [])[0].advisor_id == "two"


def test_tw_02_03_a_raised_priority_counts_behind_older_equals_and_before_lower_ones():
    steps = Transitions((Clock(until=300_000), Clock()), last=86_400_000)
    assert [steps.next(0, age, None) for age in (0, 299_999, 300_000, 10**7)] == [1, 1, 2, 2]
    line = [
        Waiting("bumped", 1000, Priority(10)),
        Waiting("new", 2000, Priority(1)),
        Waiting("older", 0, Priority(10)),
    ]
    assert in_order("score waited", *line, now=400_000) == ["older", "bumped", "new"]


def test_fs_02_one_rank_after_another_or_all_at_once():
    wants = {step: [want("rank", "<=", step)] for step in (1, 2, 3)}
    in_turn = Transitions((Clock(until=300_000), Clock(until=600_000), Clock()))
    for age, rank in ((0, 1), (299_999, 1), (300_000, 2), (600_000, 3)):
        step = in_turn.next(0, age, None)
        able = [level for level in (1, 2, 3) if not unmet(wants[step], {"rank": level})]
        assert able == list(range(1, rank + 1))


def test_tw_16_two_advisors_by_name_and_then_the_lane():
    steps = Transitions((Clock(until=15_000), Clock(until=30_000)))
    named = [want("id", "among", ("01", "04"))]
    assert [unmet(named, {"id": one}) == "" for one in ("01", "02", "04")] == [True, False, True]
    assert [steps.next(0, age, None) for age in (14_999, 15_000, 29_999, 30_000)] == [1, 2, 2, None]

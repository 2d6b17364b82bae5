"""What the check finds in plans over time and in the staff: each planted, and a look-alike."""

import pytest

from tests.policy.writing import policy
from tierlane.policy.check.document import check

DESK = "desks: {d: {}}\n"
LANES = """
lanes:
  bot: {kind: selfservice, desk: d, channels: [chat]}
  people: {kind: standard, desk: d}
  late: {kind: priority, desk: d}
"""
PLANS = "plans: [{plan: all, steps: [{lane: people, until: 5m}, {lane: late}]}]\n"


def found(text: str = "", desk: str = DESK, lanes: str = LANES, **sections: str) -> dict[str, str]:
    told = check(policy(text, lanes=desk + lanes, **{"plans": PLANS, **sections}), "p.yaml")
    return {
        one.code: str(one)
        for one in told
        if one.code not in ("no_cases", "lane_unreached", "unused_fact")
    }


def steps(*listed: str, more: str = "") -> dict[str, str]:
    inside = ", ".join("{" + one + "}" for one in listed)
    return {"plans": f"plans:\n{more}  - {{plan: all, steps: [{inside}]}}\n"}


def test_the_plain_policy_has_nothing():
    assert found() == {}


ANSWER = "promises: {default: {answer: 30s}}\n"
SOME = "promises: {rules: [{rule: r, when: contact.region == 'X', then: {answer: 30s}}]}\n"
SPOKEN = "fields: {contact.language: [zh, ja]}\n"
ZH = LANES.replace("people: {", "people: {languages: [zh], ").replace("late: {", "late: {languages: [zh], ")  # fmt: skip
ONE_LANE = "\nlanes:\n  people: {kind: standard, desk: d}\n"
NO_END = {"end": "finally: {close: sorry}\nfallback: people\n"}


@pytest.mark.parametrize(
    ("code", "planted", "look_alike"),
    [
        (
            "until_order",
            steps("lane: people, until: 5m", "lane: late, until: 5m"),
            steps("lane: people, until: 5m", "lane: late, until: 301s"),
        ),
        (
            "until_order",
            {"text": ANSWER, **steps("lane: people, until: 20s", "lane: late, until: 10s before answer", "lane: late")},
            {"text": ANSWER, **steps("lane: people, until: 19s", "lane: late, until: 10s before answer", "lane: late")},
        ),
        (
            "no_answer",
            steps("lane: people, until: 10s before answer", "lane: late"),
            {"text": ANSWER, **steps("lane: people, until: 10s before answer", "lane: late")},
        ),
        (
            "answer_not_always",
            {"text": SOME, **steps("lane: people, until: 10s before answer", "lane: late")},
            {"text": ANSWER, **steps("lane: people, until: 10s before answer", "lane: late")},
        ),
        ("endless_plan", NO_END, {**NO_END, **steps("lane: people, until: 5m", "lane: late, until: 4h")}),
        ("endless_plan", {**NO_END, **steps("lane: people", "lane: late, until: 4h")}, {**NO_END, **steps("lane: people, for: 5m")}),
        ("endless_plan", NO_END, {**NO_END, "desk": "desks: {d: {managed: false}}\n", **steps("lane: people")}),
        ("step_unreached", steps("lane: people", "lane: late", "lane: bot"), steps("lane: people, skip_if: lane.free == 0", "lane: late")),
        ("step_unreached", {"desk": "desks: {d: {managed: false}}\n", **steps("lane: people", "lane: late")}, steps("lane: people, until: 5m", "lane: late")),
        (
            "step_over",
            steps("lane: people, for: 10m", "lane: late, until: 5m", "lane: late"),
            steps("lane: bot, for: 10m", "lane: late, until: 5m", "lane: late"),
        ),
        (
            "step_over",
            {"plans": "plans:\n  - {plan: later, when: false, steps: [{lane: late, until: 5m}, {lane: late, priority: 2}]}\n  - {plan: all, steps: [{lane: people, until: 6m}], finally: {plan: later}}\n"},
            {"plans": "plans:\n  - {plan: later, when: false, steps: [{lane: late, until: 5m}, {lane: late, priority: 2}]}\n  - {plan: all, steps: [{lane: bot, until: 6m}], finally: {plan: later}}\n"},
        ),
        ("lane_unserved", {"desk": "desks: {d: {duties: {g: {people: 1}}}}\n"}, {"desk": "desks: {d: {duties: {g: {people: 1, late: 2}}}}\n"}),
        (
            "lane_unserved",
            {"desk": "desks: {d: {duties: {g: {people: 1}}}}\n"},
            {"desk": "desks: {d: {duties: {g: {people: 1}}}}\n", **steps("lane: people, until: 5m", "lane: late, borrow: [people]")},
        ),
        ("lane_unserved", {"desk": "desks: {d: {staffing: {advisors: 0}}}\n"}, {"desk": "desks: {d: {staffing: {advisors: 1}}}\n"}),
        (
            "skill_unheld",
            {"desk": "desks: {d: {staffing: {advisors: 9, skills: {ja: 3}}}}\n", **steps("lane: people, until: 5m, who: [\"'ru' in advisor.languages\"]", "lane: late")},
            {"desk": "desks: {d: {staffing: {advisors: 9, skills: {ja: 3}}}}\n", **steps("lane: people, until: 5m, who: [\"'ru' in advisor.languages || 'ja' in advisor.languages\"]", "lane: late")},
        ),
        (
            "skill_unheld",
            {"desk": "desks: {d: {staffing: {advisors: 9, skills: {claims: 0, ja: 3}}}}\n", **steps("lane: people, until: 5m, who: [advisor.skills.claims >= 3]", "lane: late")},
            {"desk": "desks: {d: {staffing: {advisors: 9, skills: {claims: 1, ja: 3}}}}\n", **steps("lane: people, until: 5m, who: [advisor.skills.claims >= 3], prefer: [advisor.skills.ru >= 1]", "lane: late")},
        ),
        (
            "skill_unheld",
            {"fields": SPOKEN, "desk": "desks: {d: {staffing: {advisors: 9, skills: {ja: 3}}}}\n", **steps("lane: people, until: 5m, who: [contact.language in advisor.languages]", "lane: late")},
            {"fields": SPOKEN, "desk": "desks: {d: {staffing: {advisors: 9, skills: {ja: 3}}}}\n", **steps("lane: people, until: 5m, when: contact.language == 'ja', who: [contact.language in advisor.languages]", "lane: late", more="  - {plan: chinese, when: contact.language == 'zh', steps: [{lane: late}]}\n")},
        ),
        (
            "skill_unheld",
            {"fields": SPOKEN, "desk": "desks: {d: {staffing: {advisors: 9, skills: {zh: 3, claims: 2}}}}\n", **steps("lane: people, until: 5m, who: [contact.language in advisor.languages]", "lane: late")},
            {"fields": SPOKEN, "desk": "desks: {d: {staffing: {advisors: 9, skills: {claims: 2}}}}\n", **steps("lane: people, until: 5m, who: [contact.language in advisor.languages]", "lane: late")},
        ),
        ("language_unserved", {"fields": SPOKEN, "lanes": ZH}, {"fields": SPOKEN, "lanes": LANES.replace("people: {", "people: {languages: [zh], ").replace("late: {", "late: {languages: [ja], ")}),
        ("language_unserved", {"fields": SPOKEN, "lanes": ZH}, {"fields": SPOKEN.replace("[zh, ja]", "[zh]"), "lanes": ZH}),
        ("language_unserved", {"fields": SPOKEN, "lanes": ZH}, {"lanes": ZH}),
        (
            "language_unserved",
            {"fields": SPOKEN, "desk": "desks: {d: {staffing: {advisors: 9, skills: {ja: 0}}}}\n"},
            {"fields": SPOKEN, "desk": "desks: {d: {staffing: {advisors: 9, skills: {en: 0}}}}\n"},
        ),
        (
            "language_unserved",
            {"fields": SPOKEN, "lanes": ONE_LANE.replace("people: {", "people: {languages: [zh], "), **steps("lane: people")},
            {"fields": SPOKEN, "lanes": ONE_LANE.replace("people: {", "people: {languages: [zh, ja], "), **steps("lane: people")},
        ),
        ("capacity", {"desk": "desks: {d: {capacity: {units: 100, voice: {costs: 101}}}}\n"}, {"desk": "desks: {d: {capacity: {units: 100, voice: {costs: 100}}}}\n"}),
        ("unknown_value", {"desk": "desks: {d: {capacity: {units: 100, fax: {costs: 9}}}}\n"}, {"desk": "desks: {d: {capacity: {units: 100, mail: {costs: 9}}}}\n"}),
        ("unknown_value", {"desk": "desks: {d: {capacity: {chat: {beside: [fax]}}}}\n"}, {"desk": "desks: {d: {capacity: {chat: {beside: [mail]}}}}\n"}),
        ("unknown_value", {"desk": "desks: {d: {wrap_up: {fax: 9s}}}\n"}, {"desk": "desks: {d: {wrap_up: {voice: 9s}}}\n"}),
        (
            "sort_behind_score",
            {"text": "priorities: {default: {start: 1, by: 1, every: 1m}}\n", "desk": "desks: {d: {order: [score, {least: contact.attributes.value}]}}\n"},
            {"text": "priorities: {default: {start: 1, by: 1, every: 1m}}\n", "desk": "desks: {d: {order: [{least: contact.attributes.value}, score, {first: contact.region == 'X'}]}}\n"},
        ),
        (
            "sort_behind_score",
            {"desk": "desks: {d: {order: [score, {most: contact.attributes.value}]}}\n", **steps("lane: people, priority: {start: 1, by: 1, every: 1m}")},
            {"desk": "desks: {d: {order: [score, {most: contact.attributes.value}]}}\n", **steps("lane: people, priority: 7")},
        ),
        ("overload", {"desk": "desks: {d: {staffing: {advisors: 9, arrivals: 151/h, service: 4m, patience: 2m}}}\n"}, {"desk": "desks: {d: {staffing: {advisors: 10, arrivals: 149/h, service: 4m, patience: 2m}}}\n"}),
        ("overload", {"desk": "desks: {d: {staffing: {advisors: 10, arrivals: 150/h, service: 4m}}}\n"}, {"desk": "desks: {d: {staffing: {advisors: 10, arrivals: 150/h, service: 4m, patience: 9m}}}\n"}),
        (
            "promise_unkept",
            {"text": ANSWER, "desk": "desks: {d: {staffing: {advisors: 10, arrivals: 140/h, service: 4m, patience: 5m}}}\n"},
            {"text": ANSWER, "desk": "desks: {d: {staffing: {advisors: 14, arrivals: 140/h, service: 4m, patience: 5m}}}\n"},
        ),
        (
            "promise_enforced",
            {"text": ANSWER, "desk": "desks: {d: {staffing: {advisors: 10, arrivals: 140/h, service: 4m, patience: 5m, enforce: true}}}\n"},
            {"text": ANSWER, "desk": "desks: {d: {staffing: {advisors: 14, arrivals: 140/h, service: 4m, patience: 5m, enforce: true}}}\n"},
        ),
    ],
)  # fmt: skip
def test_planted_and_look_alike(code, planted, look_alike):
    assert code in found(**planted)
    assert code not in found(**look_alike)


HOURS = (
    "calendars: {day: {weekly: {mon-fri: 09:00-18:00}}, always: {weekly: {mon-sun: 00:00-24:00}}}\n"
)
OFFICE = HOURS + "calendar: day\n"
"""Two of its working hours are over after 65 elapsed at the most: from Friday evening to Monday."""
LATE = {"end": "finally: {until: 200h, close: sorry}\nfallback: people\n"}


@pytest.mark.parametrize(
    ("code", "planted", "look_alike"),
    [
        (
            "until_order",
            ("lane: people, until: 3h working", "lane: late, until: 3h working"),
            ("lane: people, until: 3h working", "lane: late, until: 4h working"),
        ),
        (
            "until_order",
            ("lane: people, until: 65h", "lane: late, until: 2h working"),
            ("lane: people, until: 64h", "lane: late, until: 2h working"),
        ),
        (
            "until_order",
            ("lane: people, until: 2h working", "lane: late, until: 2h"),
            ("lane: people, until: 2h working", "lane: late, until: 121m"),
        ),
        (
            "until_order",
            ("lane: people, until: 2h working", "until: 90h", "until: 1h working"),
            ("lane: people, until: 2h working", "until: 60h", "until: 3h working"),
        ),
        (
            "step_over",
            ("lane: people, for: 65h", "lane: late, until: 2h working", "lane: late"),
            ("lane: people, for: 64h", "lane: late, until: 2h working", "lane: late"),
        ),
    ],
)
def test_working_time_of_steps_is_held_to_what_may_pass_meanwhile(code, planted, look_alike):
    assert code in found(OFFICE, **LATE, **steps(*planted))
    assert not {"until_order", "step_over"} & set(found(OFFICE, **LATE, **steps(*look_alike)))


def test_working_time_of_a_step_is_an_end():
    ends = steps("lane: people, until: 2h working", "lane: late, until: 9h working")
    assert "endless_plan" not in found(OFFICE, **{**NO_END, **ends})
    assert "step_unreached" not in found(OFFICE, **ends)
    raised = steps("lane: people, until: 2h working", "priority: 10")
    assert bound(OFFICE, "63h", **LATE, **raised) == ""
    assert "scores" in bound(OFFICE, "62h", **LATE, **raised)


def test_working_time_of_a_step_needs_a_calendar():
    ends = steps("lane: people, until: 2h working", "lane: late")
    assert "no_calendar" in found(HOURS, **ends)
    assert "no_calendar" not in found(HOURS + "calendar: always\n", **ends)
    assert "no_calendar" not in found(HOURS, desk="desks: {d: {calendar: day}}\n", **ends)


def rows_of(name: str, count: int, then: str) -> str:
    listed = ", ".join(
        f"{{rule: r{n}, when: contact.region == 'x{n}', then: {then % (n + 2)}}}"
        for n in range(count)
    )
    return f"{name}: {{rules: [{listed}]}}\n"


def test_a_line_of_too_many_heaps_is_told_of_and_one_of_a_thousand_is_not():
    def many(priorities: int, desk: str = DESK) -> str:
        text = rows_of("priorities", priorities - 1, "%d")
        text += rows_of("promises", 19, "{answer: %ds}")
        return found(text, desk=desk).get("many_heaps", "")

    assert many(25) == ""  # 2 lanes × 25 priorities × 20 answers
    assert "`d` may come to 1,040 heaps" in many(26)
    assert many(26, "desks: {d: {order: [score, waited]}}\n") == ""
    assert "1,080" in many(27, "desks: {d: {order: [promise, waited, score]}}\n")
    told = many(13, "desks: {d: {order: [{first: contact.region == 'X'}, score, promise]}}\n")
    assert "1,040" in told
    assert many(26, "desks: {d: {managed: false}}\n") == ""


def test_until_says_where_and_what_is_meant():
    told = found(**steps("lane: people, until: 5m", "lane: late, until: 2m", "lane: late"))[
        "until_order"
    ]
    line = steps("lane: people, until: 5m", "lane: late, until: 2m", "lane: late")[
        "plans"
    ].splitlines()[1]
    assert (
        f":{line.index('2m') + 1}: error until_order: step 2 of `all` ends no later than step 1"
        in told
    )
    assert "`for` is the step's" in told


def test_the_estimate_is_told_with_its_promise():
    told = found(
        ANSWER,
        desk="desks: {d: {staffing: {advisors: 10, arrivals: 140/h, service: 4m, patience: 5m}}}\n",
    )["promise_unkept"]
    assert "answers about 6" in told and "within the 30 s of `promises/default`" in told


GOLD = "priorities: {default: %s, rules: [{rule: gold, when: tier == 'standard', then: %s}]}\n"


def bound(text: str, limit: str, desk: str = "", **sections: str) -> str:
    return found(text, desk=f"desks: {{d: {{bound: {limit}{desk}}}}}\n", **sections).get(
        "bound", ""
    )


ONE = steps("lane: people")


@pytest.mark.parametrize(
    ("priorities", "limit", "kept"),
    [
        (
            GOLD % (10, "{start: 5, by: 1, every: 1m, to: 30}"),
            "45m",
            False,
        ),  # 10 never overtakes 30
        (
            GOLD % ("{start: 1, by: 1, every: 1m, to: 30}", "{start: 5, by: 1, every: 1m, to: 30}"),
            "4m",
            True,
        ),
        (
            GOLD % ("{start: 1, by: 1, every: 1m, to: 30}", "{start: 5, by: 1, every: 1m, to: 30}"),
            "3m",
            False,
        ),
        (
            GOLD % ("{start: 1, by: 1, every: 1m, to: 29}", "{start: 5, by: 1, every: 1m, to: 30}"),
            "10h",
            False,
        ),
        (GOLD % (1, "{start: 1, credit: 90s}"), "90s", True),
        (GOLD % (1, "{start: 1, credit: 90s}"), "89s", False),
        (GOLD % (1, 1), "1s", True),
    ],
)
def test_a_bound_must_hold_for_every_class(priorities, limit, kept):
    assert (bound(priorities, limit, **ONE) == "") is kept


def test_a_priority_that_a_step_raises_counts_from_when_it_does():
    raised = steps("lane: people, until: 300s", "priority: 10")
    assert bound("priorities: {default: 1}\n", "300s", **raised) == ""
    told = bound("priorities: {default: 1}\n", "299s", **raised)
    assert "one 299 s old, started at 1" in told or "scores" not in told or "started at 10" in told
    maybe = steps(
        "lane: people, until: 300s, who: [advisor.id == profile.dedicated_advisor]",
        "lane: people, priority: 10",
    )
    assert bound("priorities: {default: 1}\n", "200s", **maybe) != ""


def test_a_floor_s_priority_is_a_class_too():
    floors = "floors: [{rule: f, when: contact.region == 'X', then: {priority: 9}}]\n"
    assert bound("priorities: {default: 1}\n" + floors, "1h", **ONE) != ""
    assert bound("priorities: {default: 9}\n" + floors, "1h", **ONE) == ""


def test_the_keys_before_and_behind_the_score():
    promises = "promises: {default: {answer: 5m}, rules: [{rule: r, when: contact.region == 'X', then: {answer: 30s}}]}\n"
    assert bound(promises, "270s", ", order: [promise, waited]", **ONE) == ""
    assert bound(promises, "269s", ", order: [promise, waited]", **ONE) != ""
    assert bound(promises, "269s", **ONE) != ""  # equal scores, then the promise
    none = promises.replace("default: {answer: 5m}, ", "")
    assert "without a promise" in bound(none, "9h", ", order: [promise, waited]", **ONE)
    assert bound("", "1h", ", order: [{least: contact.attributes.value}, waited]", **ONE) != ""
    assert bound("", "1h", ", order: [{first: contact.region == 'X'}, waited]", **ONE) == ""
    ranks = ", duties: {g: {people: 1, late: 2}}"
    assert "lower rank" in bound("", "1h", ranks, **ONE)
    assert bound("", "1h", ranks.replace("late: 2", "late: 1"), **ONE) == ""
    assert bound("", "1h", ranks + ", order: [score, waited]", **ONE) == ""


@pytest.mark.parametrize(
    ("desk", "lane", "step", "told"),
    [
        ("", "", "until: 5m", "`until` of a step"),
        ("", "", "for: 5m", "`for` of a step"),
        ("", "", "skip_if: true", "`skip_if` of a step"),
        ("", "", "prefer: [advisor.rank == 1]", "`prefer` of a step"),
        ("", "", "borrow: [late]", "`borrow` of a step"),
        ("", "", "choose: [idle]", "`choose` of a step"),
        (
            "",
            "",
            "who: [advisor.rank == 1]",
            "`advisor.rank == 1` needs a desk that knows its advisors",
        ),
        ("", "limit: {waiting: 9}", "", "a limit of lane `people`"),
        ("", "full: wait", "", "a limit of lane `people`"),
        ("order: [score]", "", "", "`order` of desk `d`"),
        ("choose: [idle]", "", "", "`choose` of desk `d`"),
        ("offer: {lasts: 9s}", "", "", "`offer` of desk `d`"),
        ("capacity: {units: 2}", "", "", "`capacity` of desk `d`"),
        ("wrap_up: {voice: 9s}", "", "", "`wrap_up` of desk `d`"),
        ("duties: {g: {people: 1, late: 1}}", "", "", "`duties` of desk `d`"),
        ("bound: 5m", "", "", "`bound` of desk `d`"),
    ],
)
def test_what_needs_a_managed_desk_is_named(desk, lane, step, told):
    def sections(managed: str) -> dict[str, str]:
        inside = ", ".join(filter(None, (f"managed: {managed}", desk)))
        lanes = LANES.replace("people: {", f"people: {{{lane}, " if lane else "people: {")
        listed = steps(", ".join(filter(None, ("lane: people", step))))
        return {"desk": f"desks: {{d: {{{inside}}}}}\n", "lanes": lanes, **listed}

    planted = found(**sections("false"))["plan_needs_managed_desk"]
    assert told in planted
    assert "an outside system serves desk `d`" in planted or "a step can name one" in planted
    assert "plan_needs_managed_desk" not in found(**sections("true"))


def test_staffing_and_calendar_are_told_of_any_desk():
    text = "calendars: {office: {weekly: {mon-fri: 09:00-18:00}}}\n"
    desk = "desks: {d: {managed: false, calendar: office, staffing: {advisors: 3}}}\n"
    assert "plan_needs_managed_desk" not in found(text, desk=desk, **steps("lane: people"))

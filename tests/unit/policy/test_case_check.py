"""What is wrong in a case is told at its exact place; what looks like it and is right is not."""

import pytest

from tests.policy.writing import policy
from tierlane.policy.check.document import check

TEXT = """\
facts:
  - {fact: stage, default: first, ladder: memory.contacts, from: {1: known}}
  - {fact: trial, default: old, shares: {new: 20, old: 80}}
  - {fact: days, default: 7, table: {on: [contact.subject], rows: [[order, 9]]}}
tiers: {order: [standard, gold], default: standard, highest_of: [{set: spend, ladder: profile.measures.spend, from: {5: gold}}], keep: 9d}
scenarios: {default: general, rules: [{rule: claims, when: contact.subject == 'claim', then: claim}], ignore_tier: [claim]}
floors: [{rule: no bot, when: scenario == 'claim', then: {never: [selfservice]}}]
"""


def told(case: str, text: str = TEXT) -> list[tuple[str, str, str]]:
    """Return code, the text at the place, and the hint of each error in a case."""
    whole = policy(f"{text}cases:\n  - {case}\n")
    lines = whole.splitlines()
    found = []
    for one in check(whole, "p.yaml"):
        if one.severity == "error":
            rest = lines[one.place.line - 1][one.place.column - 1 :]
            found.append((one.code, rest.split(",")[0].split("}")[0].strip(), one.hint))
    return found


def single(expect: str = "{lane: people}", more: str = "", contact: str = "{channel: chat}") -> str:
    return f"{{case: c, contact: {contact}, {more}expect: {expect}}}"


@pytest.mark.parametrize(
    ("case", "code", "at", "hint"),
    [
        (single("{lain: people}"), "unknown_key", "lain: people", "did you mean `plan`?"),
        (single("{lane: peeple}"), "unknown_lane", "peeple", "did you mean `people`?"),
        (single("{tier: golden}"), "unknown_tier", "golden", "did you mean `gold`?"),
        (single("{earned_tier: vip}"), "unknown_tier", "vip", "there is `gold`, `standard`"),
        (single("{scenario: clam}"), "unknown_scenario", "clam", "did you mean `claim`?"),
        (single("{plan: al}"), "unknown_row", "al", "did you mean `all`?"),
        (single("{plan: all, step: 2}"), "unknown_row", "2", "its last step is 1"),
        (single("{desk: shp}"), "unknown_desk", "shp", "did you mean `shop`?"),
        (single("{kind: selfservce}"), "unknown_kind", "selfservce", "did you mean `selfservice`?"),
        (single("{fact.stag: known}"), "unknown_name", "known", "did you mean `stage`?"),
        (single("{because: [plans/all, tiers/spent/5]}"), "unknown_row", "tiers/spent/5]", "did you mean `tiers/spend/5`?"),
        (single("{missed: {scenarios/claim: x}}"), "unknown_row", "scenarios/claim: x", "did you mean `scenarios/claims`?"),
        (single("{passed_over: {1: floors/no bots}}"), "unknown_row", "1: floors/no bots", "did you mean `floors/no bot`?"),
        (single("{passed_over: {one: channel}}"), "wrong_type", "one: channel", ""),
        (single("{step: true}"), "wrong_type", "true", ""),
        (single("{priority: high}"), "wrong_type", "high", ""),
        (single("{answer_by: soon}"), "wrong_type", "soon", ""),
        (single("{because: plans/all}"), "wrong_type", "plans/all", ""),
        (single("{serve: [script]}"), "wrong_type", "[script]", ""),
        (single("{offered_to: a}"), "unknown_key", "offered_to: a", "there is"),
        (single(contact="{chanel: chat}"), "unknown_field", "chanel: chat", "did you mean `channel`?"),
        (single(contact="{channel: chat, attributes: {valeu: 3}}"), "unknown_field", "valeu: 3", "did you mean `contact.attributes.value`?"),
        (single(more="profile: {measures: {spent: 3}}, "), "unknown_field", "spent: 3", "did you mean `profile.measures.spend`?"),
        (single(more="profile: {membership: {lvl: x}}, "), "unknown_field", "lvl: x", "did you mean `level`?"),
        (single(more="memory: {contact: 3}, "), "unknown_field", "contact: 3", "did you mean `contacts`?"),
        (single(more="profile: [], "), "wrong_type", "[]", ""),
        (single(more="draws: {trail: 3}, "), "unknown_name", "trail: 3", "did you mean `trial`?"),
        (single(more="draws: {stage: 3}, "), "unknown_name", "stage: 3", "there is `trial`"),
        (single(more="draws: {trial: 101}, "), "range", "101", "a draw is a number from 0 to 100"),
        (single(more="desk: {peeple: {free: 1}}, "), "unknown_lane", "peeple: {free: 1", "did you mean `people`?"),
        (single(more="desk: {people: {fre: 1}}, "), "unknown_key", "fre: 1", "did you mean `free`?"),
        (single(more="desk: {people: {oldest: 1}}, "), "wrong_type", "1", ""),
        (single(more="now: noon, "), "wrong_type", "noon", "such as `2026-01-01T00:00:00Z`"),
        ("{case: c, contact: {channel: chat}}", "missing_key", "{case: c", ""),
    ],
)  # fmt: skip
def test_a_defect_is_told_at_its_place(case, code, at, hint):
    (one,) = told(case)
    assert (one[0], one[1]) == (code, at)
    assert one[2].startswith(hint) if hint else True


@pytest.mark.parametrize(
    "case",
    [
        single("{}"),
        single("{lane: people, tier: gold, earned_tier: standard, scenario: claim, plan: all, step: 1, desk: shop, kind: selfservice}"),
        single("{step: fallback, plan: fallback, advisor: null, priority: 0, score: 2.5, entries: [people]}"),
        single("{fact.stage: known, fact.days: 9, fact.trial: old}"),
        single("{because: [plans/all, plans/all/1, lanes/people, tiers/spend/5, tiers/keep, facts/trial/new, facts/days/order, scenarios/ignore_tier/claim]}"),
        single("{missed: {facts/days: no row, scenarios/claims: contact.subject == 'claim'}}"),
        single("{passed_over: {1: floors/no bot, 2: channel, all/3: who.missing}}"),
        single("{answer_by: 1m30s, start_by: null, resolve_by: 2026-03-02T20:00:00+08:00}"),
        single("{errors: [unknown_value contact.subject], serve: {script: x}}"),
        single(contact="{channel: chat, subject: null, attributes: {value: 3, vip: true}, text: x, identity: 1}"),
        single(more="profile: null, memory: {contacts: 3, tier: gold}, "),
        single(more="profile: {membership: {level: gold, until: 2026-01-01}, measures: {spend: 3}, birth_year: 1950}, "),
        single(more="draws: {trial: 100}, desk: {people: {waiting: 3, free: 0, expected_wait: 5m}}, now: 2026-01-01T00:00:00+08:00, "),
    ],
)  # fmt: skip
def test_what_is_right_is_not_reported(case):
    assert told(case) == []


CONTACTS = "contacts: {k1: {contact: {channel: chat, subject: claim}}, k2: {contact: {channel: chat}, profile: null}}"
ADVISORS = "advisors: {a1: {duty: {people: 1, bot: {rank: 2, after: 30s}}, skills: {en: 3}, languages: [zh], channels: [chat], team: north, rank: 1, capacity: {units: 100, chat: 3}, attributes: {floor: 2}, idle: 5m, holds: {chat: 2}}, a2: null}"


def staged(*moments: str, contacts: str = CONTACTS, advisors: str = ADVISORS) -> str:
    rows = ", ".join(moments)
    return (
        f"{{case: c, start: 2026-03-02T09:00:00+08:00, {advisors}, {contacts}, timeline: [{rows}]}}"
    )


ARRIVED = "{at: 0s, advisors: {a1: on, a2: break}, arrives: [k1]}"


def test_a_timeline_with_everything_is_valid():
    case = staged(
        ARRIVED,
        "{at: 0.5s, arrives: [k2], expect: {k1: {lane: people, step: 1, priority: 1, score: 1, place: 1, answer_by: 30s, entries: [bot, people], because: [plans/all]}, offers: {a1: [k1]}}}",
        "{at: 1s, accepts: {a1: k1}, expect: {k1: {served_by: a1, offered_to: null}, not_offered: {a2: {k2: lane}}, choose: {k2: [a1, a2]}, fit: {k2: {a1: 0.667}}, order: {people: [k2]}}}",
        "{at: 90s, declines: {a1: k2}, updates: {k2: {subject: order, attributes: {value: 3}}}, leaves: {k2: abandoned}, expect: {k2: {left: abandoned}}}",
        "{at: 2m, finishes: {a1: k1}, orders: [{close: bot, until: 1h}, {open: bot}, {move: k1, to: bot}, {release: k1}, {halt: shop}, {resume: shop}], advisors: {a1: off}}",
        "{at: 3m, standstill: begins, advisors: {a1: silent}, heartbeats: {a1: [], a2: [k1, k2]}}",
        "{at: 4m, standstill: ends, expect: {k1: {expected_wait: 30s, overtaken: null}, k2: {expected_wait: null, overtaken: 1m30s}}}",
        "{at: 1h, publish: next.yaml, in_flight: reroute, expect: {k1: {lane: a lane of the next policy}}}",
    )
    assert told(case) == []


@pytest.mark.parametrize(
    ("moments", "code", "at", "hint"),
    [
        (["{at: 0s, arrives: [k3], expect: {offers: {}}}"], "unknown_in_case", "k3]", "there is `k1`, `k2`"),
        (["{at: 0s, advisors: {a3: on}, expect: {offers: {}}}"], "unknown_in_case", "a3: on", "there is `a1`, `a2`"),
        ([ARRIVED, "{at: 1s, arrives: [k1], expect: {offers: {}}}"], "timeline_order", "k1]", ""),
        ([ARRIVED, "{at: 0s, expect: {offers: {}}}"], "timeline_order", "{at: 0s", "what happens at one age"),
        ([ARRIVED, "{at: 1s, expect: {k2: {lane: people}}}"], "timeline_order", "k2: {lane: people", "state it under `arrives`"),
        ([ARRIVED, "{at: 1s, leaves: {k2: ended}, expect: {offers: {}}}"], "timeline_order", "k2: ended", ""),
        ([ARRIVED, "{at: 1s, updates: {k2: {subject: order}}, expect: {offers: {}}}"], "timeline_order", "k2: {subject: order", ""),
        ([ARRIVED, "{at: 1s, accepts: {a1: k2}, expect: {offers: {}}}"], "timeline_order", "k2", ""),
        ([ARRIVED, "{at: 1s, finishes: {a9: k1}, expect: {offers: {}}}"], "unknown_in_case", "a9: k1", ""),
        ([ARRIVED, "{at: 1s, leaves: {k1: gone}, expect: {offers: {}}}"], "wrong_type", "gone", ""),
        (["{at: 0s, advisors: {a1: here}, expect: {offers: {}}}"], "wrong_type", "here", ""),
        ([ARRIVED, "{at: 1s, expect: {k1: {lane: peeple}}}"], "unknown_lane", "peeple", "did you mean `people`?"),
        ([ARRIVED, "{at: 1s, expect: {order: {peeple: [k1]}}}"], "unknown_lane", "peeple: [k1]", ""),
        ([ARRIVED, "{at: 1s, expect: {order: {people: [k9]}}}"], "unknown_in_case", "k9]", ""),
        ([ARRIVED, "{at: 1s, expect: {offers: {a9: [k1]}}}"], "unknown_in_case", "a9: [k1]", ""),
        ([ARRIVED, "{at: 1s, expect: {not_offered: {a1: {k9: lane}}}}"], "unknown_in_case", "k9: lane", ""),
        ([ARRIVED, "{at: 1s, expect: {choose: {k1: [a9]}}}"], "unknown_in_case", "a9]", ""),
        ([ARRIVED, "{at: 1s, expect: {fit: {k1: {a1: best}}}}"], "wrong_type", "best", ""),
        ([ARRIVED, "{at: 1s, expect: {k1: {lain: people}}}"], "unknown_key", "lain: people", ""),
        (["{at: soon, expect: {offers: {}}}"], "wrong_type", "soon", ""),
        (["{at: 0s, arives: [k1], expect: {offers: {}}}"], "unknown_key", "arives: [k1]", "did you mean `arrives`?"),
        ([ARRIVED], "missing_key", "[{at: 0s", "add `expect`"),
        ([ARRIVED, "{at: 1s, in_flight: keep, expect: {offers: {}}}"], "wrong_type", "keep", ""),
        ([ARRIVED, "{at: 1s, orders: [{close: peeple}], expect: {offers: {}}}"], "unknown_lane", "peeple", ""),
        ([ARRIVED, "{at: 1s, orders: [{halt: shoop}], expect: {offers: {}}}"], "unknown_desk", "shoop", "did you mean `shop`?"),
        ([ARRIVED, "{at: 1s, orders: [{move: k1}], expect: {offers: {}}}"], "missing_key", "{move: k1", ""),
        ([ARRIVED, "{at: 1s, orders: [{move: k1, close: bot}], expect: {offers: {}}}"], "missing_key", "{move: k1", ""),
        ([ARRIVED, "{at: 1s, orders: [{release: k2}], expect: {offers: {}}}"], "timeline_order", "k2", ""),
        ([ARRIVED, "{at: 1s, updates: {k1: {sbject: order}}, expect: {offers: {}}}"], "unknown_field", "sbject: order", ""),
        ([ARRIVED, "{at: 1s, standstill: ends, expect: {offers: {}}}"], "timeline_order", "ends", ""),
        ([ARRIVED, "{at: 1s, standstill: begins}", "{at: 2s, standstill: begins, expect: {offers: {}}}"], "timeline_order", "begins", ""),
        ([ARRIVED, "{at: 1s, standstill: maybe}", "{at: 2s, expect: {offers: {}}}"], "wrong_type", "maybe", ""),
        ([ARRIVED, "{at: 1s, heartbeats: {a9: [k1]}, expect: {offers: {}}}"], "unknown_in_case", "a9: [k1]", ""),
        ([ARRIVED, "{at: 1s, heartbeats: {a1: [k9]}, expect: {offers: {}}}"], "unknown_in_case", "k9]", ""),
        ([ARRIVED, "{at: 1s, heartbeats: {a1: k1}, expect: {offers: {}}}"], "wrong_type", "k1", ""),
        ([ARRIVED, "{at: 1s, expect: {k1: {expected_wait: soon}}}"], "wrong_type", "soon", ""),
        ([ARRIVED, "{at: 1s, expect: {k1: {overtaken: yes}}}"], "wrong_type", "yes", ""),
    ],
)  # fmt: skip
def test_a_defect_of_a_timeline_is_told_at_its_place(moments, code, at, hint):
    (one,) = told(staged(*moments))
    assert (one[0], one[1]) == (code, at)
    assert one[2].startswith(hint)


def test_names_that_mean_the_desk_are_not_for_contacts():
    case = staged(
        "{at: 0s, arrives: [order], expect: {offers: {}}}",
        contacts="contacts: {order: {contact: {channel: chat}}}",
    )
    assert [one[:2] for one in told(case)] == [("reserved_name", "order: {contact: {channel: chat")]


@pytest.mark.parametrize(
    ("advisor", "code", "at"),
    [
        ("{duty: {peeple: 1}}", "unknown_lane", "peeple: 1"),
        ("{duty: {people: {after: 3s}}}", "missing_key", "{after: 3s"),
        ("{duty: [people]}", "wrong_type", "[people]"),
        ("{duty: general}", "unknown_in_case", "general"),
        ("{skills: {en: good}}", "wrong_type", "good"),
        ("{langages: [zh]}", "unknown_key", "langages: [zh]"),
        ("{idle: long}", "wrong_type", "long"),
        ("{attributes: tall}", "wrong_type", "tall"),
    ],
)
def test_an_advisor_of_a_timeline_is_looked_at(advisor, code, at):
    case = staged("{at: 0s, expect: {offers: {}}}", advisors=f"advisors: {{a1: {advisor}}}")
    assert [one[:2] for one in told(case)] == [(code, at)]


def test_answers_are_accept_or_nothing():
    case = staged("{at: 0s, expect: {offers: {}}}")
    assert told(case.replace("{case: c,", "{case: c, answers: accept,")) == []
    ((code, at, _),) = told(case.replace("{case: c,", "{case: c, answers: decline,"))
    assert (code, at) == ("wrong_type", "decline")

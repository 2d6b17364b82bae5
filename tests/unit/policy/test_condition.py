"""Conditions as asked: missing fields, types, functions, and what each kind of value answers."""

import pytest

from tests.policy.writing import answer, asking, compiled
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.form.finding import PolicyError

NOW = 1_772_800_000_000  # 2026-03-06T12:26:40Z
DAY = 86_400_000


@pytest.mark.parametrize(
    ("condition", "contact", "held", "why"),
    [
        ("contact.subject == 'order'", {"subject": "order"}, True, None),
        ("contact.subject == 'order'", {}, False, "contact.subject == 'order'"),
        ("contact.subject == null", {}, True, None),
        ("contact.subject != null && contact.subject != 'order'", {}, False, "contact.subject != null"),
        ("contact.attributes.value >= 5", {"attributes": {"value": 5}}, True, None),
        ("contact.attributes.value >= 5", {"attributes": {"value": 4.99}}, False, None),
        ("contact.attributes.value >= 5", {}, False, "missing contact.attributes.value"),
        ("!(contact.attributes.value >= 5)", {}, False, "missing contact.attributes.value"),
        ("contact.attributes.value >= 5 || true", {}, True, None),
        ("contact.subject == 'order' && contact.attributes.value > 1", {"subject": "order"}, False,
         "missing contact.attributes.value"),
        ("contact.subject == 'order' && contact.attributes.value > 1", {"subject": "claim"}, False,
         "contact.subject == 'order'"),
        ("contact.attributes.vip", {"attributes": {"vip": True}}, True, None),
        ("!contact.attributes.vip", {"attributes": {"vip": False}}, True, None),
        ("contact.attributes.vip", {}, False, "missing contact.attributes.vip"),
        ("contact.text.contains('late')", {"text": "so late"}, True, None),
        ("contact.text.matches('^so')", {"text": "so late"}, True, None),
        ("size(contact.text) > 3", {"text": "four"}, True, None),
        ("contact.attributes.value * 2 + 1 == 7", {"attributes": {"value": 3}}, True, None),
        ("contact.identity + contact.attributes.value > 4", {"identity": 2, "attributes": {"value": 2.5}}, True, None),
        ("contact.attributes.word == contact.language", {"language": "zh", "attributes": {"word": "zh"}}, True, None),
    ],
)  # fmt: skip
def test_conditions_of_a_contact(condition, contact, held, why):
    got, said, decision = answer(condition, contact)
    assert got is held
    assert said == why or (why is None and not held)
    assert not [one for one in decision.errors if one.code != "unknown_customer"]


@pytest.mark.parametrize(
    ("condition", "profile", "held"),
    [
        ("profile == null", None, True),
        ("profile == null", {}, False),
        ("'vip' in profile.segments", {"segments": ["new", "vip"]}, True),
        ("'vip' in profile.segments", {"segments": []}, False),
        ("any_of(profile.segments, ['a', 'b'])", {"segments": ["b"]}, True),
        ("profile.segments.exists(s, s.startsWith('young'))", {"segments": ["young-family"]}, True),
        ("profile.segments.all(s, s != 'vip')", {"segments": ["a"]}, True),
        ("profile.age >= 60", {"birth_year": 1966}, True),
        ("profile.age >= 60", {"birth_year": 1967}, False),
        ("profile.measures.spend > 10 && profile.membership.level == 'gold'",
         {"measures": {"spend": 11}, "membership": {"level": "gold"}}, True),
        ("profile.membership.until > now", {"membership": {"until": "2026-12-31"}}, True),
    ],
)  # fmt: skip
def test_conditions_of_a_profile(condition, profile, held):
    assert answer(condition, profile=profile, now=NOW)[0] is held


@pytest.mark.parametrize(
    ("condition", "at", "held"),
    [
        ("days_since(contact.attributes.at) <= 2", "2026-03-04T00:00:01Z", True),
        ("days_since(contact.attributes.at) <= 2", "2026-03-03T23:59:59Z", False),
        ("age(contact.attributes.at) < duration('15m')", "2026-03-06T12:11:41Z", True),
        ("age(contact.attributes.at) < duration('15m')", "2026-03-06T12:11:40Z", False),
        ("now - contact.attributes.at < duration('1d')", "2026-03-06T00:00:00Z", True),
        ("contact.attributes.at < timestamp('2026-01-01T00:00:00Z')", "2025-12-31T23:59:59Z", True),
        ("contact.arrived_at == now", "2026-01-01T00:00:00Z", True),
    ],
)
def test_conditions_of_time(condition, at, held):
    assert answer(condition, {"attributes": {"at": at}}, now=NOW)[0] is held


def test_days_are_those_of_the_time_zone():
    text = asking("days_since(contact.attributes.at) == 1") + "time_zone: Asia/Shanghai\n"
    revision = compile_policy(text, "f.yaml")
    contact = {"contact_id": "k", "channel": "chat", "attributes": {"at": "2026-03-05T15:59:59Z"}}
    # 20:26 on the 6th in Shanghai; the parcel came at 23:59 on the 5th there.
    assert dict(revision.decide(contact, None, None, NOW).outcome.facts)["answer"] is True
    contact["attributes"] = {"at": "2026-03-05T16:00:00Z"}
    assert dict(revision.decide(contact, None, None, NOW).outcome.facts)["answer"] is False


@pytest.mark.parametrize(
    ("contact", "place"),
    [
        ({"subject": 7}, "contact.subject"),
        ({"subject": ["order"]}, "contact.subject"),
        ({"attributes": {"value": "much"}}, "contact.attributes.value"),
        ({"attributes": {"value": True}}, "contact.attributes.value"),
        ({"attributes": {"value": 10**400}}, "contact.attributes.value"),
    ],
)
def test_a_value_of_the_wrong_type_reads_as_null_and_is_reported(contact, place):
    condition = "contact.subject == null && contact.attributes.value == null"
    held, _, decision = answer(condition, contact)
    assert held is True
    assert ("wrong_type", place) in [(one.code, one.place) for one in decision.errors]
    assert place not in decision.inputs


def test_a_value_outside_its_closed_set_is_reported():
    _, _, decision = answer("contact.subject == 'order'", {"subject": "ordr"})
    assert ("unknown_value", "contact.subject") in [(e.code, e.place) for e in decision.errors]


def test_a_condition_without_an_answer_that_misses_nothing_is_an_error():
    contact = {"identity": 0}
    held, why, decision = answer("10 / contact.identity > 1", contact)
    assert held is False and why == "no answer: 10 / contact.identity > 1"
    assert ("condition", "facts/answer/asked") in [(e.code, e.place) for e in decision.errors]


@pytest.mark.parametrize(
    ("condition", "code", "hint"),
    [
        ("contact.subjct == 'order'", "unknown_field", "did you mean `contact.subject`?"),
        ("profile.measures.other > 1", "unknown_field", "declare it"),
        ("contact.subject == 'ordr'", "unknown_value", "did you mean `order`?"),
        ("contact.subject == order", "unknown_field", "text stands in quotes: `'order'`"),
        ("contact.subject > 5", "wrong_type", "both sides must be of one type"),
        ("contact.subject", "wrong_type", "this is of type text"),
        ("contact.attributes.vip < true", "wrong_type", ""),
        ("contact.subject in 'order'", "wrong_type", ""),
        ("fact.other == 1", "unknown_name", ""),
        ("tier_is_at_least('standard')", "wrong_type", ""),
        ("has(contact.subject)", "not_cel", "ask with `!= null`"),
        ("in_calendar('office')", "unknown_calendar", "state it under `calendars`"),
        ("sizee(contact.text) > 1", "unknown_function", "did you mean `size`?"),
        ("contact.text.matches('(')", "bad_pattern", "Rust"),
        ("contact.text.matches(contact.subject)", "wrong_type", ""),
        ("age(contact.subject) < duration('1m')", "wrong_type", ""),
        ("age(contact.attributes.at) < duration('1 minute')", "wrong_type", ""),
        ("contact.attributes.at < timestamp('2026-01-01')", "wrong_type", ""),
        ("profile.segments.exists(a, a.exists(b, true))", "wrong_type", ""),
    ],
)
def test_what_does_not_fit_together_is_refused(condition, code, hint):
    with pytest.raises(PolicyError) as caught:
        compile_policy(asking(condition), "f.yaml")
    finding = caught.value.findings[0]
    assert finding.code == code
    assert hint in finding.hint


def test_a_condition_s_place_is_the_character_that_is_wrong():
    text = "facts:\n  - fact: answer\n    default: false\n    rules:\n"
    text += "      - {rule: a, when: contact.region == 'x' && contact.subjct == 'y', then: true}\n"
    with pytest.raises(PolicyError) as caught:
        compiled(text)
    place = caught.value.findings[0].place
    line = text.splitlines()[4]
    assert place.column == line.index("contact.subjct") + 1


def test_tier_is_compared_by_its_order_not_its_letters():
    rows = "{rule: a, when: \"tier < 'gold'\", then: yes}"
    with pytest.raises(PolicyError) as caught:
        compiled(
            f"tiers: {{order: [low, gold], default: low}}\nscenarios: {{default: no, rules: [{rows}]}}\n"
        )
    assert caught.value.findings[0].code == "tier_order"


def test_masked_fields_are_read_in_facts_only():
    rows = "{rule: a, when: \"contact.text.contains('x')\", then: yes}"
    with pytest.raises(PolicyError) as caught:
        compiled(f"scenarios: {{default: no, rules: [{rows}]}}\n")
    assert caught.value.findings[0].code == "masked_outside_facts"
    released = f"masking: {{contact.text: keep}}\nscenarios: {{default: no, rules: [{rows}]}}\n"
    decision = compiled(released).decide(
        {"contact_id": "k", "channel": "chat", "text": "an x"}, None, None, NOW
    )
    assert decision.outcome.scenario == "yes" and decision.inputs["contact.text"] == "an x"

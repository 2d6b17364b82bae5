"""Whether a policy may be published."""

import pytest

from tests.policy.writing import policy
from tierlane.policy.form.finding import PolicyError
from tierlane.policy.publish.admission import examine

NOT_KEPT = "compliance: [{rule: record it, then: {can: [record]}}]\n"
CASE = "cases: [{case: one, contact: {channel: chat}, expect: {lane: %s}}]\n"


def of(text: str, *allow: str):
    return examine(text.encode(), "p.yaml", allow=frozenset(allow))


def test_a_sound_policy_is_granted_with_its_warnings_and_cases():
    found = of(policy(CASE % "people"))
    assert found.granted
    assert (found.refused, found.failed, found.allowed, found.cases) == ((), (), (), 1)
    assert found.warnings


def test_an_error_beyond_compiling_refuses_unless_its_code_is_allowed():
    refused = of(policy(NOT_KEPT))
    assert not refused.granted
    assert {one.code for one in refused.refused} == {"mark_not_kept"}
    assert not of(policy(NOT_KEPT), "fallback_breaks_floor").granted
    allowed = of(policy(NOT_KEPT), "mark_not_kept", "fallback_breaks_floor")
    assert (allowed.granted, allowed.allowed) == (True, ("mark_not_kept",))


def test_an_error_that_keeps_it_from_compiling_cannot_be_allowed():
    with pytest.raises(PolicyError, match="unknown_lane"):
        of(policy(plans="plans: [{plan: all, steps: [{lane: nowhere}]}]\n"), "unknown_lane")


def test_a_failed_case_cannot_be_allowed():
    found = of(policy(CASE % "elsewhere"), "failed", "one")
    assert (found.granted, [one.case for one in found.failed]) == (False, ["one"])


def test_a_wrong_case_cannot_either():
    with pytest.raises(PolicyError, match="unknown_key"):
        of(policy("cases: [{case: one, contact: {channel: chat}, expect: {lanes: people}}]\n"))


def scaled(default: int, gold: int) -> str:
    rule = f"{{rule: gold, when: contact.channel == 'chat', then: {gold}}}"
    return policy(f"priorities: {{default: {default}, rules: [{rule}]}}\n")


def test_another_scale_refuses_over_the_live_one_when_contacts_are_pinned():
    live, new = of(scaled(1, 10)), of(scaled(50, 100))
    found = new.against(live.document, frozenset(), "pin")
    (finding,) = found.refused
    assert (finding.code, found.granted) == ("priority_scale", False)
    assert "--in-flight reroute" in finding.hint
    allowed = new.against(live.document, frozenset({"priority_scale"}), "pin")
    assert (allowed.granted, allowed.allowed) == (True, ("priority_scale",))
    assert new.against(live.document, frozenset(), "reroute").granted
    assert of(scaled(1, 20)).against(live.document, frozenset(), "pin").granted

"""What gives a tier and what keeps one: a case for each way the language has."""

import json

import pytest

from tests.policy.writing import compiled, policy
from tierlane.audit.explain import explain
from tierlane.audit.mask import Mask
from tierlane.audit.record import decided
from tierlane.policy.check.document import check
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.form.finding import Report
from tierlane.policy.reading.reader import read_document
from tierlane.policy.trial.trying import run

FIELDS = """
fields:
  contact.channel: [chat]
  profile.measures.points: number
  profile.measures.spend: number
  profile.membership.level: [silver, gold]
  contact.attributes.package: [basic, plus, family]
"""
TIERS = "tiers:\n  order: [standard, silver, gold]\n  default: standard\n"
HEAD = "case: c, contact: {channel: chat}"


def passes(sections: str, *cases: str) -> None:
    """Assert that each case holds."""
    listed = "".join(f"  - {{{one}}}\n" for one in cases)
    text = policy(f"{sections}cases:\n{listed}", fields=FIELDS)
    report = Report()
    document = read_document(text, "p.yaml", report)
    assert [str(one) for one in report.errors] == []
    revision = compile_policy(text, "p.yaml")
    for one in document.cases:
        assert run(revision, one).differences == ()


def test_points():
    points = "{set: points, ladder: profile.measures.points, from: {1000: silver, 5000: gold}}"
    passes(
        f"{TIERS}  highest_of: [{points}]\n",
        f"{HEAD}, profile: {{measures: {{points: 999}}}}, expect: {{tier: standard, because: []}}",
        f"{HEAD.replace('c,', 'd,')}, profile: {{measures: {{points: 1000}}}}, expect: {{tier: silver, because: [tiers/points/1000]}}",
        f"{HEAD.replace('c,', 'e,')}, profile: {{measures: {{points: 5000}}}}, expect: {{tier: gold, because: [tiers/points/5000]}}",
        f"{HEAD.replace('c,', 'f,')}, profile: null, expect: {{tier: standard}}",
    )


def test_membership_level():
    card = "{set: card, table: {on: [profile.membership.level], rows: [[silver, silver], [gold, gold]]}}"
    passes(
        f"{TIERS}  highest_of: [{card}]\n",
        f"{HEAD}, profile: {{membership: {{level: gold}}}}, expect: {{tier: gold, because: [tiers/card/gold]}}",
        f"{HEAD.replace('c,', 'd,')}, profile: {{}}, expect: {{tier: standard}}",
    )


def test_telecom_packages():
    # The package is the contract's, told with the contact; a table of what each is worth.
    packages = (
        "{set: package, table: {on: [contact.attributes.package, profile.membership.level], "
        "rows: [[family, any, gold], [plus, gold, gold], [plus, any, silver]]}}"
    )
    passes(
        f"{TIERS}  highest_of: [{packages}]\n",
        "case: a, contact: {channel: chat, attributes: {package: family}}, profile: null, expect: {tier: gold, because: [tiers/package/family+any]}",
        "case: b, contact: {channel: chat, attributes: {package: plus}}, profile: {membership: {level: gold}}, expect: {tier: gold, because: [tiers/package/plus+gold]}",
        "case: c, contact: {channel: chat, attributes: {package: plus}}, profile: null, expect: {tier: silver, because: [tiers/package/plus+any]}",
        "case: d, contact: {channel: chat, attributes: {package: basic}}, profile: null, expect: {tier: standard, missed: {tiers/package: no row}}",
    )


def test_listed_customers():
    listed = (
        "{set: listed, table: {on: [profile.customer_id], rows: [[u-17, gold], [u-23, silver]]}}"
    )
    passes(
        f"{TIERS}  highest_of: [{listed}]\n",
        "case: a, contact: {channel: chat}, profile: {customer_id: u-17}, expect: {tier: gold, because: [tiers/listed/u-17]}",
        "case: b, contact: {channel: chat}, profile: {customer_id: u-18}, expect: {tier: standard}",
    )


MASKED = (
    "masking: {profile.customer_id: hash, contact.customer_id: hash}\n"
    "facts: [{fact: listed, default: nobody, table: {on: [profile.customer_id], rows: [[u-17, first], [u-23, second]]}}]\n"
    f"{TIERS}  highest_of: [{{set: listed, table: {{on: [fact.listed], rows: [[first, gold], [second, silver]]}}}}]\n"
)


def test_listed_customers_whose_ids_are_masked():
    passes(
        MASKED,
        "case: a, contact: {channel: chat}, profile: {customer_id: u-23}, expect: {tier: silver, because: [facts/listed/row 2, tiers/listed/second]}",
        "case: b, contact: {channel: chat}, profile: {customer_id: u-18}, expect: {tier: standard, fact.listed: nobody}",
    )
    # A set of tiers itself reads no masked field, and the check says what to do.
    direct = f"masking: {{profile.customer_id: hash}}\n{TIERS}  highest_of: [{{set: s, table: {{on: [profile.customer_id], rows: [[u-17, gold]]}}}}]\n"
    assert "masked_outside_facts" in {one.code for one in check(policy(direct), "p.yaml")}


@pytest.mark.parametrize("rows", [2, 400])
def test_the_audit_does_not_tell_by_a_row_who_was_masked(rows):
    more = "".join(f", [v-{number}, first]" for number in range(rows - 2))
    text = MASKED.replace("[u-23, second]]", f"[u-23, second]{more}]")
    revision = compiled(text)
    contact = {"contact_id": "k", "channel": "chat", "customer_id": "u-23"}
    decision = revision.decide(contact, {"customer_id": "u-23"}, None, 1_772_800_000_000)
    record = decided(
        decision, decision_id="d", owner="o", seq=1, contact_id="k", at=0, seen=0, cause={},
        mask=Mask(b"k" * 32),
    )  # fmt: skip
    data = json.loads(record)["data"]
    assert data["facts"]["listed"] == "second"
    assert "facts/listed/row 2" in data["because"]
    assert set(data["masked"]) == {"profile.customer_id"}
    assert b"u-23" not in record
    assert "u-23" not in explain(data)


def test_rows_of_a_table_on_what_is_not_masked_are_named_by_their_cells():
    released = MASKED.replace("masking: {profile.customer_id: hash, ", "masking: {")
    decision = compiled(released).decide(
        {"contact_id": "k", "channel": "chat"}, {"customer_id": "u-23"}, None, 1_772_800_000_000
    )
    assert "facts/listed/u-23" in decision.because


SPEND = (
    "{set: spend, ladder: profile.measures.spend, from: {5000: silver, 20000: gold}, margin: 5%}"
)


@pytest.mark.parametrize(
    ("spend", "held", "tier", "because"),
    [
        (20_000, "gold", "gold", "tiers/spend/20000"),
        (19_999, "gold", "gold", "tiers/margin"),
        (19_000, "gold", "gold", "tiers/margin"),
        (18_999, "gold", "silver", "tiers/spend/5000"),
        (19_999, "silver", "silver", "tiers/spend/5000"),  # gold was not held
        (4_750, "silver", "silver", "tiers/margin"),
        (4_750, "gold", "silver", "tiers/margin"),  # who had gold had the step to silver, too
        (4_749, "gold", "standard", None),
        (4_749, "silver", "standard", None),
        (4_750, None, "standard", None),
    ],
)
def test_a_margin(spend, held, tier, because):
    revision = compiled(f"{TIERS}  highest_of: [{SPEND}]\n")
    memory = {"tier": {"name": held, "earned_at": None}} if held else {}
    contact = {"contact_id": "k", "channel": "chat"}
    outcome = revision.decide(contact, {"measures": {"spend": spend}}, memory, 0).outcome
    assert outcome.tier == tier
    assert outcome.tier_rule == (because or "tiers/default")
    assert because is None or because in outcome.because


def test_a_margin_of_a_step_below_zero_lowers_it():
    debt = "{set: debt, ladder: profile.measures.spend, from: {-1000: silver}, margin: 5%}"
    revision = compiled(f"{TIERS}  highest_of: [{debt}]\n")
    memory = {"tier": {"name": "silver", "earned_at": None}}
    for spend, tier in ((-1000, "silver"), (-1050, "silver"), (-1051, "standard")):
        profile = {"measures": {"spend": spend}}
        contact = {"contact_id": "k", "channel": "chat"}
        assert revision.decide(contact, profile, memory, 0).outcome.tier == tier


@pytest.mark.parametrize(
    ("now", "tier"),
    [
        ("2026-05-29T23:59:59Z", "gold"),
        ("2026-05-30T00:00:00Z", "standard"),
    ],
)
def test_a_tier_is_kept_a_number_of_days(now, tier):
    passes(
        f"{TIERS}  highest_of: [{SPEND}]\n  keep: 90d\n",
        f"case: c, now: {now}, contact: {{channel: chat}}, profile: {{measures: {{spend: 0}}}}, memory: {{tier: {{name: gold, earned_at: 2026-03-01T00:00:00Z}}}}, expect: {{tier: {tier}}}",
    )


@pytest.mark.parametrize(
    ("now", "until", "tier"),
    [
        ("2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z", "gold"),
        ("2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "standard"),
        ("2026-12-31T23:59:59Z", None, "standard"),
    ],
)
def test_a_tier_is_kept_until_a_date(now, until, tier):
    membership = f"membership: {{until: {until}}}, " if until else ""
    passes(
        f"{TIERS}  highest_of: [{SPEND}]\n  keep: profile.membership.until\n",
        f"case: c, now: {now}, contact: {{channel: chat}}, profile: {{{membership}measures: {{spend: 0}}}}, memory: {{tier: gold}}, expect: {{tier: {tier}}}",
    )


def test_a_scenario_may_ignore_the_tier_and_the_unknown_have_the_default():
    passes(
        f"{TIERS}  highest_of: [{SPEND}]\nscenarios: {{default: s, ignore_tier: [s]}}\n",
        f"{HEAD}, profile: {{measures: {{spend: 20000}}}}, expect: {{tier: standard, earned_tier: gold}}",
        f"{HEAD.replace('c,', 'd,')}, profile: null, expect: {{tier: standard, earned_tier: standard}}",
    )

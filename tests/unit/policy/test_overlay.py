"""Overlays: what is merged how, what may not be touched, and where each row came from."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.writing import policy
from tierlane.audit.explain import explain
from tierlane.policy.check.document import check
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.form.finding import PolicyError, Report
from tierlane.policy.reading.address import origins
from tierlane.policy.reading.canonical import _written, canonical, digest
from tierlane.policy.reading.chain import Base
from tierlane.policy.reading.overlay import gather
from tierlane.policy.reading.source import plain, read
from tierlane.policy.reading.whole import inherited, whole

BASE = policy("""
masking: {contact.customer_id: hash, contact.region: last 4, profile.birth_year: year}
facts:
  - {fact: region, default: far, rules: [{rule: near, when: contact.region == 'NE', then: near}]}
  - {fact: days, default: 7, table: {on: [contact.subject], rows: [[order, 1], [claim, 2]]}}
  - {fact: known, default: new, ladder: memory.contacts, from: {1: known, 5: regular}}
  - {fact: trial, default: a, salt: s, shares: {a: 50, b: 50}}
tiers:
  order: [standard, gold]
  default: standard
  highest_of: [{set: card, table: {on: [profile.membership.level], rows: [[gold, gold]]}}]
scenarios:
  default: other
  rules:
    - {rule: claim, when: contact.subject == 'claim', then: claim}
    - {rule: return, when: contact.subject == 'return', then: return}
floors:
  - {rule: people, when: contact.subject == 'claim', then: {never: [selfservice]}}
compliance:
  - {rule: known, when: contact.subject == 'claim', then: {identity: 0}}
cases:
  - {case: a claim meets people, contact: {channel: chat, subject: claim}, expect: {lane: people}}
""")


class Files(dict):
    """Bases by the name that `extends` says."""

    def find(self, asked: str, beside: str) -> Base | None:
        return Base(self[asked].encode(), asked) if asked in self else None


BASES = Files({"base.yaml": BASE})


def over(text: str = "", base: str = "base.yaml") -> str:
    return f"tierlane: 1\npolicy: north\nextends: {base}\n{text}"


def document(text: str, files: Files = BASES) -> dict:
    report = Report()
    node = gather(text, "north.yaml", report, files.find)
    report.stop_on_errors()
    return plain(node)


def found(text: str, files: Files = BASES) -> dict[str, object]:
    wrong = (one for one in check(text, "north.yaml", files.find) if one.severity == "error")
    return {one.code: one for one in wrong}


def names(rows: list, key: str = "rule") -> list[str]:
    return [row[key] for row in rows]


def test_an_overlay_that_says_nothing_is_its_base_but_for_name_and_cases():
    merged, base = document(over()), plain(read(BASE, "base.yaml"))
    del base["cases"]
    assert merged == {**base, "policy": "north"}
    assert found(over()) == {}


def test_maps_are_merged_and_plain_lists_and_scalars_replaced():
    merged = document(over(
        "fields: {contact.subject: [order, return, claim, repair], contact.attributes.size: number}\n"
        "lanes: {people: {channels: [voice]}, more: {kind: standard, desk: shop}}\n"
        "finally: {until: 1h, close: later}\nfallback: more\ndesks: null\n"
    ))  # fmt: skip
    assert merged["fields"]["contact.subject"] == ["order", "return", "claim", "repair"]
    assert merged["fields"]["contact.attributes.vip"] == "flag"
    assert merged["lanes"]["people"] == {"kind": "standard", "desk": "shop", "channels": ["voice"]}
    assert list(merged["lanes"]) == ["bot", "people", "keeper", "more"]
    assert merged["finally"] == {"until": "1h", "close": "later"}
    assert merged["fallback"] == "more" and merged["desks"] == {"shop": {"managed": False}}


def test_new_rows_stand_above_and_the_same_name_stands_in_place():
    merged = document(over(
        "scenarios:\n  rules:\n"
        "    - {rule: one, when: contact.subject == 'order', then: one}\n"
        "    - {rule: return, when: contact.subject == 'order', then: back}\n"
        "    - {rule: two, when: contact.subject == 'order', then: two}\n"
        "plans: [{plan: all, steps: [{lane: keeper}]}]\n"
    ))["scenarios"]["rules"]  # fmt: skip
    assert names(merged) == ["one", "two", "claim", "return"]
    assert merged[3]["then"] == "back"


def test_a_name_that_stands_twice_in_the_overlay_is_told():
    row = "{rule: claim, when: contact.subject == 'order', then: one}"
    assert "duplicate_name" in found(over(f"scenarios: {{rules: [{row}, {row}]}}\n"))


def test_facts_keep_the_order_in_which_they_can_be_read():
    merged = document(over(
        "facts:\n"
        "  - {fact: first, default: 1, ladder: memory.contacts, from: {2: 3}}\n"
        "  - {fact: days, default: 9}\n"
        "  - {fact: last, default: 1, ladder: memory.contacts, from: {2: 3}}\n"
    ))["facts"]  # fmt: skip
    assert names(merged, "fact") == ["region", "first", "days", "known", "trial", "last"]


def test_a_fact_is_merged_with_its_base():
    facts = {one["fact"]: one for one in document(over(
        "facts:\n"
        "  - {fact: region, rules: [{rule: mid, when: contact.region == 'MI', then: near}]}\n"
        "  - {fact: days, table: {rows: [[claim, 5], [return, 3]]}}\n"
        "  - {fact: known, from: {3: friend, 5: old friend}}\n"
        "  - {fact: trial, shares: {b: 100}}\n"
    ))["facts"]}  # fmt: skip
    assert (
        names(facts["region"]["rules"]) == ["mid", "near"] and facts["region"]["default"] == "far"
    )
    assert facts["days"]["table"]["rows"] == [["return", 3], ["order", 1], ["claim", 5]]
    assert list(facts["known"]["from"].items()) == [(1, "known"), (3, "friend"), (5, "old friend")]
    assert facts["trial"] == {"fact": "trial", "default": "a", "salt": "s", "shares": {"b": 100}}


def test_a_fact_that_asks_something_else_is_replaced():
    facts = {one["fact"]: one for one in document(over(
        "facts:\n"
        "  - {fact: region, table: {on: [contact.region], rows: [[NE, near]]}}\n"
        "  - {fact: days, table: {on: [contact.language], rows: [[zh, 5]]}}\n"
        "  - {fact: known, ladder: contact.identity, from: {2: sure}}\n"
    ))["facts"]}  # fmt: skip
    assert "rules" not in facts["region"] and facts["region"]["default"] == "far"
    assert facts["days"]["table"] == {"on": ["contact.language"], "rows": [["zh", 5]]}
    assert facts["known"]["from"] == {2: "sure"}


def test_rows_are_dropped_by_their_addresses():
    merged = document(over(
        "drop: [scenarios/return, facts/days/claim, facts/known/5, facts/trial, lanes/keeper,\n"
        "       facts/region/near, tiers/card, fields/contact.attributes.vip]\n"
    ))  # fmt: skip
    assert names(merged["scenarios"]["rules"]) == ["claim"]
    assert names(merged["facts"], "fact") == ["region", "days", "known"]
    assert merged["facts"][1]["table"]["rows"] == [["order", 1]]
    assert merged["facts"][2]["from"] == {1: "known"} and merged["facts"][0]["rules"] == []
    assert "keeper" not in merged["lanes"] and merged["tiers"]["highest_of"] == []
    assert "contact.attributes.vip" not in merged["fields"]
    assert "drop" not in merged and "extends" not in merged


def test_what_is_dropped_can_be_stated_anew_above_the_rest():
    row = "{rule: return, when: contact.subject == 'return', then: return}"
    merged = document(over(f"drop: [scenarios/return]\nscenarios: {{rules: [{row}]}}\n"))
    assert names(merged["scenarios"]["rules"]) == ["return", "claim"]


def test_a_name_may_hold_the_sign_between_names():
    files = Files({"base.yaml": BASE.replace("{rule: return,", "{rule: re/turn,")})
    merged = document(over("drop: [scenarios/re/turn]\n"), files)
    assert names(merged["scenarios"]["rules"]) == ["claim"]


def test_the_bases_cases_are_left_out_unless_asked_for():
    assert "cases" not in document(over())
    assert names(document(over("base_cases: true\n"))["cases"], "case") == ["a claim meets people"]
    assert "cases" not in document(over("base_cases: false\n"))


FLOOR = "{rule: people, when: contact.subject == 'claim', then: {never: [selfservice]}}"
LOOSE = "{rule: people, when: contact.subject == 'claim', then: {never: []}}"
MORE = "{rule: more, when: contact.subject == 'order', then: {never: [selfservice]}}"
CASES = {
    "base_missing": (over(base="bass.yaml"), over()),
    "base_hash": (
        over(base="small@0123456789abcdef"),
        over(base=f"small@{digest(canonical(read(BASE, 'b')))}"),
    ),
    "base_version": (over(base="old.yaml"), over()),
    "base_cycle": (over(base="north.yaml"), over(base="one.yaml")),
    "base_chain": (over(base="three.yaml"), over(base="two.yaml")),
    "drop_missing": (over("drop: [scenarios/retour]\n"), over("drop: [scenarios/return]\n")),
    "drop_binding": (over("drop: [floors/people]\n"), over("drop: [scenarios/claim]\n")),
    "weakened": (over(f"floors: [{LOOSE}]\n"), over(f"floors: [{FLOOR}, {MORE}]\n")),
}
CHAIN = Files({
    "base.yaml": BASE, "old.yaml": BASE.replace("tierlane: 1", "tierlane: 0"),
    "north.yaml": over(), "one.yaml": over(), "two.yaml": over(base="one.yaml"),
    "three.yaml": over(base="two.yaml"), "small@0123456789abcdef": BASE,
    f"small@{digest(canonical(read(BASE, 'b')))}": BASE,
})  # fmt: skip


@pytest.mark.parametrize("code", CASES)
def test_a_planted_defect_is_found_and_its_look_alike_is_not(code):
    wrong, right = CASES[code]
    assert list(found(wrong, CHAIN)) == [code]
    assert found(right, CHAIN) == {}


@pytest.mark.parametrize(
    ("text", "weak"),
    [
        ("masking: {contact.customer_id: keep}", True),
        ("masking: {contact.customer_id: last 4}", True),
        ("masking: {contact.customer_id: drop}", False),
        ("masking: {contact.region: year}", True),
        ("masking: {contact.region: hash}", False),
        ("masking: {contact.region: last 4}", False),
        ("masking: {contact.product: hash}", False),
        ("masking: {contact.product: keep}", False),
        ("masking: {contact.text: keep}", True),
        ("masking: {profile.preferences: drop}", False),
        ("masking: {profile.age: keep}", True),
        ("masking: {profile.age: year}", False),
        ("masking: {profile.birth_year: hash}", False),
        ("compliance: [{rule: known, then: {}}]", True),
        ("compliance: [{rule: other, then: {}}]", False),
        ("floors: []", False),
        ("floors: null", False),
        ("floors: {}", False),
    ],
)
def test_what_binds_can_only_be_tightened(text, weak):
    assert ("weakened" in found(over(text + "\n"))) is weak


@pytest.mark.parametrize("section", ["floors", "compliance", "masking", "masking/contact.text"])
def test_what_binds_cannot_be_dropped(section):
    assert "drop_binding" in found(over(f"drop: [{section}]\n"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("tierlane: 1\npolicy: p\ndrop: [plans/all]\n", "missing_key"),
        ("tierlane: 1\npolicy: p\nextends: [base.yaml]\n", "wrong_type"),
        ("tierlane: 1\npolicy: p\nextends: 5\n", "wrong_type"),
        ("tierlane: 1\nextends: base.yaml\n", "missing_key"),
        ("policy: p\nextends: base.yaml\n", "missing_key"),
        (over("drop: plans/all\n"), "wrong_type"),
        (over("drop: [5]\n"), "wrong_type"),
        (over("base_cases: perhaps\n"), "wrong_type"),
        (over("floors: 5\n"), "wrong_type"),
        (over(f"drop: [{'a/' * 101}]\n"), "range"),
        (over(f"drop: [{', '.join(['plans/all'] * 1001)}]\n"), "range"),
        (over(base="list.yaml"), "wrong_type"),
        (over(base="bad.yaml"), "not_yaml"),
    ],
)
def test_what_is_no_overlay_is_told(text, code):
    files = Files({"base.yaml": BASE, "list.yaml": "[1]", "bad.yaml": "a: [1"})
    assert code in found(text, files)


def test_the_documents_together_have_a_bound():
    files = Files({"base.yaml": BASE + "#" * (8 * 1024 * 1024 - len(BASE))})
    assert list(found(over(), files)) == ["too_large"]


def test_a_finding_names_the_file_of_the_row():
    files = Files({"base.yaml": BASE.replace("'return'", "'retour'")})
    (finding,) = [one for one in check(over(), "north.yaml", files.find) if one.severity == "error"]
    assert (finding.code, finding.place.source) == ("unknown_value", "base.yaml")
    line = files["base.yaml"].splitlines()[finding.place.line - 1]
    assert "retour" in line
    drop = found(over("drop: [plans/most]\n"))["drop_missing"].place
    assert drop == ("north.yaml", 4, 8)


def test_a_row_in_the_way_is_named_with_its_file():
    text = over("scenarios: {rules: [{rule: all, then: all}]}\n")
    hints = [one.hint for one in check(text, "n.yaml", BASES.find) if one.code == "shadowed"]
    assert hints == ["see n.yaml:4"] * 2


def test_every_row_remembers_where_it_was_written():
    text = over("scenarios: {rules: [{rule: new, when: contact.subject == 'order', then: new}]}\n")
    places = origins(gather(text, "north.yaml", Report(), BASES.find))
    assert places["scenarios/new"][:2] == ("north.yaml", 4)
    assert places["scenarios/claim"].source == "base.yaml"
    for address in ("facts/days/claim", "facts/known/5", "tiers/card", "plans/all", "lanes/bot",
                    "floors/people", "facts/region/near", "tiers/card/gold"):  # fmt: skip
        place = places[address]
        line = BASE.splitlines()[place.line - 1]
        assert line[place.column - 1 :].startswith(("{", "[", "5", "bot")), address


def test_an_explanation_names_the_file_of_what_was_inherited():
    text = over(
        "plans: [{plan: mine, when: contact.subject == 'order', steps: [{lane: people}]}]\n"
    )
    far = inherited(text.encode(), "north.yaml", BASES.find)
    line = far["scenarios/claim"].rpartition(":")[2]
    assert far["scenarios/claim"] == f"base.yaml:{line}" and "plans/mine" not in far
    told = explain({
        "contact_id": "k", "lane": "people", "lane_kind": "standard", "desk": "shop", "step": 1,
        "tier": {"name": "standard", "rule": "tiers/default"}, "plan": "mine", "priority": 1,
        "scenario": {"name": "claim", "rule": "scenarios/claim"}, "promise": {}, "errors": [],
        "because": ["scenarios/claim", "plans/mine"],
        "considered": {"lanes": [{"step": 1, "lane": "bot", "reason": "floors/people"}]},
    }, "en", far)  # fmt: skip
    assert f"Rows that held: `scenarios/claim (base.yaml:{line})`, `plans/mine`." in told
    assert "the row `floors/people (base.yaml:" in told and "by the row `scenarios/claim (" in told


def test_the_whole_is_the_same_revision_and_needs_no_other_file():
    text = over("drop: [scenarios/return]\nlanes: {more: {kind: standard, desk: shop}}\n").encode()
    alone = whole(text, "north.yaml", BASES.find)
    there = compile_policy(text, "north.yaml", BASES.find)
    assert compile_policy(alone, "published").hash == there.hash
    assert b"# base.yaml:" in alone and b"# north.yaml:" in alone
    assert whole(BASE.encode(), "base.yaml", BASES.find) == BASE.encode()
    with pytest.raises(PolicyError, match="drop_missing"):
        whole(over("drop: [plans/most]\n").encode(), "north.yaml", BASES.find)


def test_an_overlay_decides_as_the_document_written_out():
    text = over("scenarios: {rules: [{rule: new, when: contact.subject == 'order', then: new}]}\n")
    revision = compile_policy(text, "north.yaml", BASES.find)
    contact = {"contact_id": "k", "channel": "chat", "subject": "order"}
    decision = revision.decide(contact, None, None, 1_772_800_000_000)
    assert (decision.policy, decision.outcome.scenario) == ("north", "new")


def test_a_key_that_is_a_number_and_one_that_is_text_make_two_policies():
    one, two = (canonical(read(f"{{{key}: a}}", "f")) for key in ("1", '"1"'))
    assert one != two


trees = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.floats(allow_nan=False, allow_infinity=False) | st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "no", "1", "true", ""]) | st.integers(2, 9), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


@given(trees)
@settings(max_examples=200, deadline=None)
def test_the_canonical_form_reads_back_as_itself(tree):
    form = _written(tree)
    again = read(form, "f.yaml")
    assert canonical(again) == form and plain(again) == tree

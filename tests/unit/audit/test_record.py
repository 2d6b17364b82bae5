"""Audit records: the fields of the contracts, bounds that always hold, and nothing that must not be."""

from itertools import product

import orjson
import pytest

from tests.policy.writing import compiled
from tierlane.audit.mask import Mask
from tierlane.audit.record import LARGEST, decided, noted
from tierlane.decision import Fault, Masked
from tierlane.errors import SettingError

NOW = 1_772_800_000_000
MASK = Mask(b"0123456789abcdef")
SECRET = "pssst-4711"


def encode(decision, **given) -> dict:
    asked = {
        "decision_id": "d1.e0.7.d0", "owner": "intake-0", "seq": 7, "contact_id": "k1",
        "at": NOW, "seen": NOW + 5, "cause": {"topic": "contact.events", "partition": 0, "offset": 7},
        "mask": MASK, **given,
    }  # fmt: skip
    return orjson.loads(decided(decision, **asked))


def decide(text="", contact=None, profile=None, **sections):
    told = {"contact_id": "k1", "channel": "chat", "subject": "order", **(contact or {})}
    return compiled(text, **sections).decide(told, profile, None, NOW)


def test_the_envelope_is_a_cloud_event():
    event = encode(decide())
    assert {key: event[key] for key in event if key != "data"} == {
        "specversion": "1.0", "id": "d1.e0.7.d0", "source": "intake-0", "subject": "k1",
        "type": "tierlane.audit.v1", "time": "2026-03-06T12:26:40.000Z",
    }  # fmt: skip


def test_the_fields_of_the_contracts():
    text = (
        "facts: [{fact: rich, default: no, ladder: profile.measures.spend, from: {10: yes}}]\n"
        "tiers: {order: [low, top], default: low, highest_of: [{set: s, table: {on: [fact.rich], rows: [[yes, top]]}}]}\n"
        "scenarios: {default: other, rules: [{rule: a claim, when: contact.subject == 'claim', then: claim}, "
        "{rule: an order, when: contact.subject == 'order', then: order}]}\n"
        "promises: {default: {answer: 90s}}\n"
    )
    data = encode(decide(text, profile={"measures": {"spend": 12.5}}), again=True)["data"]
    assert data.pop("engine").keys() == {"tierlane", "language", "cel", "tzdata"}
    assert len(data["policy"].pop("revision")) == 16
    assert data == {
        "decision_id": "d1.e0.7.d0", "kind": "decided", "owner": "intake-0", "seq": 7,
        "contact_id": "k1", "at": "2026-03-06T12:26:40.000Z", "seen": "2026-03-06T12:26:40.005Z",
        "policy": {"name": "small"}, "again": True,
        "cause": {"topic": "contact.events", "partition": 0, "offset": 7},
        "inputs": {"contact.channel": "chat", "contact.subject": "order",
                   "profile.measures.spend": 12.5},
        "tier": {"name": "top", "rule": "tiers/s/yes"},
        "scenario": {"name": "order", "rule": "scenarios/an order"},
        "facts": {"rich": "yes"}, "plan": "all", "step": 1, "lane": "people",
        "lane_kind": "standard", "desk": "shop", "priority": 0, "promise": {"answer": 90.0},
        "considered": {"scenarios": {"contact.subject": "1"}},
        "because": ["facts/rich/10", "tiers/s/yes", "scenarios/an order", "plans/all"],
        "errors": [],
    }  # fmt: skip


def test_errors_come_from_the_rules_and_from_intake():
    decision = decide(contact={"channel": "fax", "customer_id": "u"})
    data = encode(decision, errors=(Fault("skew", "time", "over 3600 s"),))["data"]
    assert data["errors"] == [
        {"error": "unknown_value", "at": "contact.channel"},
        {"error": "missing_profile", "at": "profile"},
        {"error": "skew", "at": "time", "detail": "over 3600 s"},
    ]


def test_hash_is_a_key_to_join_by_and_drop_is_not():
    def masked(how: str) -> dict[str, str]:
        text = (
            f"masking: {{contact.customer_id: {how}, profile.customer_id: {how}}}\n"
            "facts:\n"
            "  - {fact: a, default: no, rules: [{rule: r, when: contact.customer_id == 'u', then: yes}]}\n"
            "  - {fact: b, default: no, rules: [{rule: r, when: profile.customer_id == 'u', then: yes}]}\n"
        )
        data = encode(decide(text, {"customer_id": "u-42"}, {"customer_id": "u-42"}))["data"]
        return data["masked"]

    joined = masked("hash")
    assert joined["contact.customer_id"] == joined["profile.customer_id"]
    assert len(set(masked("drop").values())) == 2
    assert not set(masked("drop").values()) & set(joined.values())


@pytest.mark.parametrize("count", [2, 300])
def test_a_table_on_a_masked_field_does_not_tell_its_cells(count):
    rows = ", ".join(f"[{SECRET}-{n}, yes]" for n in range(count))
    table = f"facts: [{{fact: listed, default: no, table: {{on: [contact.customer_id], rows: [{rows}]}}}}]\n"
    contact = {"customer_id": f"{SECRET}-1"}
    shown = encode(decide(table, contact, None))["data"]
    assert f"facts/listed/{SECRET}-1" in shown["because"]
    data = encode(decide(f"masking: {{contact.customer_id: hash}}\n{table}", contact, None))["data"]
    assert "facts/listed/row 2" in data["because"] and data["facts"]["listed"] == "yes"
    assert SECRET not in orjson.dumps(data).decode()


def test_what_is_masked_leaves_a_receipt_and_what_it_led_to():
    text = (
        "masking: {contact.customer_id: hash, profile.measures.spend: drop}\n"
        "facts:\n"
        "  - {fact: upset, default: false, rules: [{rule: r, when: contact.text.contains('pssst'), then: true}]}\n"
        "  - {fact: rich, default: no, ladder: profile.measures.spend, from: {10: yes}}\n"
        "  - {fact: known, default: false, rules: [{rule: r, when: contact.customer_id == 'u-42', then: true}]}\n"
        "  - {fact: old, default: false, rules: [{rule: r, when: profile.age > 60, then: true}]}\n"
    )
    contact = {"text": SECRET, "customer_id": "u-42"}
    profile = {"measures": {"spend": 4711.5}, "birth_year": 1931}
    data = encode(decide(text, contact, profile))["data"]
    assert data["facts"] == {"upset": True, "rich": "yes", "known": True, "old": True}
    assert data["masked"].keys() == {
        "contact.text", "contact.customer_id", "profile.measures.spend", "profile.birth_year",
    }  # fmt: skip
    whole = orjson.dumps(data).decode()
    assert not any(one in whole for one in (SECRET, "u-42", "4711", "1931"))
    other = encode(decide(text, contact, profile), mask=Mask(b"another key of 27 bytes ..."))
    assert other["data"]["masked"] != data["masked"]
    same = encode(decide(text, contact, profile))["data"]
    assert same["masked"] == data["masked"]


def test_a_mask_may_show_the_end_or_the_year():
    text = (
        "masking: {contact.attributes.word: last 4, contact.region: last 4, profile.birth_year: year}\n"
        "facts:\n"
        "  - {fact: a, default: false, rules: [{rule: r, when: contact.attributes.word == 'x', then: true}]}\n"
        "  - {fact: b, default: false, rules: [{rule: r, when: contact.region == 'x', then: true}]}\n"
        "  - {fact: c, default: false, rules: [{rule: r, when: profile.age > 60, then: true}]}\n"
    )
    contact = {"region": "north", "attributes": {"word": "4000123412344242"}}
    masked = encode(decide(text, contact, {"birth_year": 1990}))["data"]["masked"]
    assert masked["contact.attributes.word"].startswith("…4242 ")
    assert masked["profile.birth_year"].startswith("1990 ")
    assert len(masked["contact.region"]) == 16  # five characters: the last four would tell it


def test_a_receipt_that_is_kept_is_that_of_its_field_mask_and_value():
    mask, values = Mask(b"0123456789abcdef"), (1, True, 1.0, "1", [1], 2)
    paths, hows = ("contact.a", "contact.b"), ("drop", "hash", "year")
    for _ in range(2):
        for path, how, value in product(paths, hows, values):
            afresh = Mask(b"0123456789abcdef").receipts({path: Masked(how, value)})
            assert mask.receipts({path: Masked(how, value)}) == afresh
    kinds = {tuple(mask.receipts({"contact.a": Masked("drop", one)}).values()) for one in values}
    assert len(kinds) == len(values)


def test_times_are_shown_as_times():
    rules = "promises: {rules: [{rule: r, when: age(contact.attributes.at) < duration('1h'), then: {}}]}\n"
    data = encode(decide(rules, {"attributes": {"at": "2026-03-06T20:00:00+08:00"}}))["data"]
    assert data["inputs"]["contact.attributes.at"] == "2026-03-06T12:00:00.000Z"
    assert data["because"] == ["promises/r", "plans/all"]


def test_nothing_that_no_rule_reads_is_ever_there():
    contact = {
        "text": SECRET, "attributes": {"hidden": SECRET, "word": SECRET}, "note": SECRET,
        "subject": {"deep": SECRET},
    }  # fmt: skip
    profile = {"preferences": [SECRET], "name": SECRET, "measures": {"spend": SECRET}}
    text = (
        "promises: {rules: [{rule: r, when: profile.measures.spend > 1 && contact.subject == 'order', then: {}}]}\n"
        "serving: [{rule: r, then: {carry: [profile.preferences, contact.text]}}]\n"
    )
    decision = decide(text, contact, profile)
    assert decision.serve == {"preferences": [SECRET], "text": SECRET}
    assert SECRET not in orjson.dumps(encode(decision)).decode()


def test_the_row_of_a_wide_table_stands_in_because():
    rows = "".join(f"        - [u-{n}, {n % 3}]\n" for n in range(400))
    table = f"facts:\n  - fact: a\n    default: 9\n    table:\n      on: [contact.product]\n      rows:\n{rows}"
    data = encode(decide(table, {"product": "u-7"}))["data"]
    assert data["because"] == ["plans/all", "facts/a/u-7"]
    assert data["facts"] == {"a": 1}


def test_rows_beyond_those_kept_are_counted_too():
    rows = "".join(
        f"  - {{rule: r{n}, when: contact.region == 'r{n}', then: s}}\n" for n in range(1500)
    )
    decision = decide(f"scenarios:\n  default: x\n  rules:\n{rows}", {"region": "r1499"})
    assert decision.outcome.scenario == "s"
    data = encode(decision)["data"]
    assert data["considered"]["scenarios"] == {"contact.region": "1-1000"}
    assert data["truncated"] == 499


def test_no_record_passes_sixteen_kilobytes_and_what_is_left_out_is_counted():
    terms = "".join(
        f"  - {{rule: rule {n}, when: \"contact.attributes.word == 'w{n}{'x' * 60}' || contact.region == 'r{n}'\", then: s{n}}}\n"
        for n in range(900)
    )
    decision = decide(
        f"scenarios:\n  default: x\n  rules:\n{terms}", {"attributes": {"word": "w" * 100_000}}
    )
    event = encode(decision)
    assert len(orjson.dumps(event)) <= LARGEST
    assert event["data"]["truncated"] > 800
    assert "contact.attributes.word" not in event["data"]["inputs"]


@pytest.mark.parametrize("size", [0, 300, 20_000])
def test_nor_does_one_whose_parts_are_all_large(size):
    facts = "".join(
        f"  - {{fact: f{n}, default: {'v' * 100}{n}, rules: [{{rule: r, when: contact.region == fact.f{n - 1}, then: w}}]}}\n"
        if n else "  - {fact: f0, default: x, rules: []}\n"
        for n in range(200)
    )  # fmt: skip
    decision = decide(f"facts:\n{facts}", {"region": "é" * size})
    record = decided(
        decision, decision_id="d", owner="intake-0", seq=1, contact_id="k" * size, at=NOW, seen=NOW,
        cause={"file": "c" * size}, mask=MASK, errors=(Fault("skew", "x" * size),) * 50,
    )  # fmt: skip
    assert len(record) <= LARGEST
    data = orjson.loads(record)["data"]
    assert data["lane"] == "people" and data["seq"] == 1 and data["truncated"] > 0


def test_a_note_is_an_event_of_the_same_kind():
    event = orjson.loads(
        noted(
            "duplicate",
            record_id="d1.e0.8.a0",
            owner="intake-0",
            seq=8,
            at=NOW,
            seen=NOW,
            cause={"offset": 8},
            contact_id="k1",
            detail={"first": "e-1"},
        )
    )
    assert event["type"] == "tierlane.audit.v1" and event["subject"] == "k1"
    assert event["data"] == {
        "decision_id": "d1.e0.8.a0", "kind": "duplicate", "owner": "intake-0", "seq": 8,
        "contact_id": "k1", "at": "2026-03-06T12:26:40.000Z", "seen": "2026-03-06T12:26:40.000Z",
        "cause": {"offset": 8}, "first": "e-1",
    }  # fmt: skip


def test_a_note_about_no_contact_is_about_its_owner():
    event = orjson.loads(
        noted(
            "activated",
            record_id="x",
            owner="intake-0",
            seq=1,
            at=NOW,
            seen=NOW,
            cause={},
            policy=("small", "abc"),
            detail={"big": "y" * 50_000},
        )
    )
    assert event["subject"] == "intake-0" and event["data"]["policy"]["revision"] == "abc"
    assert event["data"]["truncated"] == 1


def test_a_short_key_is_refused_and_a_mask_does_not_show_its_key():
    with pytest.raises(SettingError, match="16 to 64 bytes"):
        Mask(b"short")
    assert "0123" not in repr(MASK)

"""Laws of deciding: total, deterministic, memory of classes changes nothing, classes are sound."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.writing import policy
from tierlane.audit.mask import Mask
from tierlane.audit.record import LARGEST, decided
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.form.finding import PolicyError
from tierlane.policy.reading.source import plain, read

NOW = 1_772_800_000_000
MASK = Mask(b"k" * 32)
PACKS = [
    *Path("src/tierlane/policy/packs").glob("*.yaml"),
    Path("tests/policy/shop.yaml"),
    *Path("tests/policy/complete").glob("*.yaml"),
]
REVISIONS = [compile_policy(path.read_bytes(), str(path)) for path in sorted(PACKS)]
FRESH = [revision.without_memo() for revision in REVISIONS]

words = st.sampled_from(
    ["order", "return", "quality", "claim", "NE", "IN", "chat", "voice", "own", "market-a", "shoes",
     "underwear", "gold", "platinum", "zh", "en", "retail", "bank", "hospital", "emergency", "fax",
     "transfer", "medicine", "a-7", "lawyer", "third time", "2026-03-01T18:00:00+08:00", "0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00", "", "é"]
)  # fmt: skip
scalars = st.one_of(
    st.none(), st.booleans(), words, st.text(max_size=5), st.integers(-(2**70), 2**70),
    st.sampled_from([0, 1, 2, 5, 4999, 5000, 20000, 19000, 1950, 1990, 2.0]),
    st.floats(allow_nan=True, allow_infinity=True), st.lists(words, max_size=3),
)  # fmt: skip
fields = ["subject", "platform", "product", "language", "region", "text", "identity", "channel"]
attributes = ["business", "urgency", "delivered_at", "priority"]
likely = st.dictionaries(st.sampled_from(fields), scalars, max_size=8)
contacts = st.builds(
    lambda flat, inner, channel: {
        "contact_id": "k", "channel": channel, **flat, "attributes": inner,
    },
    likely,
    st.one_of(st.none(), st.dictionaries(st.sampled_from(attributes), scalars, max_size=4)),
    st.sampled_from(["chat", "voice", "app", "fax"]),
)  # fmt: skip
profiles = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {},
        optional={
            "segments": scalars, "birth_year": scalars, "dedicated_advisor": scalars,
            "preferences": scalars,
            "measures": st.dictionaries(
                st.sampled_from(["spend_12m", "miles_12m", "assets"]), scalars
            ),
            "membership": st.dictionaries(st.sampled_from(["level", "until"]), scalars),
            "signals": st.dictionaries(st.just("after_sales_views_7d"), scalars),
        },
    ),
)  # fmt: skip
memories = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {},
        optional={
            "contacts": scalars, "last_advisor": scalars,
            "tier": st.one_of(scalars, st.fixed_dictionaries(
                {"name": st.sampled_from(["gold", "silver", "x"]), "earned_at": st.one_of(
                    scalars, st.integers(NOW - 10**10, NOW))}
            )),
        },
    ),
)  # fmt: skip
asked = st.tuples(contacts, profiles, memories, st.integers(NOW - 10**9, NOW + 10**9))


def record(decision) -> bytes:
    return decided(
        decision, decision_id="d", owner="intake-0", seq=1, contact_id="k", at=NOW, seen=NOW,
        cause={"topic": "contact.events", "partition": 0, "offset": 1}, mask=MASK,
    )  # fmt: skip


@pytest.mark.parametrize("number", range(len(REVISIONS)), ids=[r.name for r in REVISIONS])
@given(first=asked, second=asked)
@settings(max_examples=120, deadline=None)
def test_decide_is_total_deterministic_and_the_memo_changes_nothing(number, first, second):
    remembered, fresh = REVISIONS[number], FRESH[number]
    for question in (first, second, first):
        decision = remembered.decide(*question)
        expected = fresh.decide(*question)
        assert "internal" not in [fault.code for fault in decision.errors]
        assert decision.outcome.lane in {lane.name for lane in remembered.lanes}
        # Values may be NaN, which equals nothing: what is written is compared.
        assert record(decision) == record(expected)
        assert decision.outcome == expected.outcome
        assert len(record(decision)) <= LARGEST
        json.loads(record(decision))


@pytest.mark.parametrize("number", range(len(REVISIONS)), ids=[r.name for r in REVISIONS])
@given(question=asked)
@settings(max_examples=120, deadline=None)
def test_the_sorter_reads_and_classes_as_is_done_slot_by_slot(number, question):
    revision = REVISIONS[number]
    values = revision.layout.read(*question)
    try:
        classes = tuple(
            classify(value) for classify, value in zip(revision.classifiers, values, strict=True)
        )
    except TypeError:
        with pytest.raises(TypeError):
            revision.sort(*question)
    else:
        assert repr(revision.sort(*question)) == repr((values, classes))


CONDITIONS = [
    "contact.attributes.n >= 5", "contact.attributes.n < 5.5", "contact.attributes.n == 7",
    "contact.attributes.n in [1, 2.5, 7]", "5 < contact.attributes.n",
    "!(contact.attributes.n != 5 || contact.attributes.w == 'a')",
    "contact.attributes.w == 'a'", "contact.attributes.w in ['a', 'b']",
    "contact.attributes.w != 'a'", "contact.attributes.w == null", "contact.attributes.w < 'b'",
    "'a' in contact.attributes.l", "size(contact.attributes.l) > 1",
    "contact.attributes.l.exists(x, x in ['a', 'c'])", "contact.attributes.w in contact.attributes.l",
    "contact.attributes.f", "!contact.attributes.f && contact.attributes.n > 0",
    "contact.attributes.f == true || contact.attributes.n > 6", "contact.attributes.n > contact.attributes.m",
    "contact.attributes.n / contact.attributes.m > 1", "contact.attributes.n + 1 > 6",
    "contact.identity % 2 == 1", "10 / contact.identity > 1", "contact.attributes.w.contains('a')",
    "contact.attributes.n <= fact.limit", "contact.attributes.w == fact.word",
    "contact.attributes.w.startsWith(fact.word)", "fact.limit > 3 && fact.word == 'b'",
    "age(contact.attributes.t) < duration('1h')", "days_since(contact.attributes.t) <= fact.limit",
    "contact.attributes.t < now",
]  # fmt: skip
KINDS = "\n".join(
    f"  contact.attributes.{name}: {kind}"
    for name, kind in {
        "n": "number", "m": "number", "w": "text", "l": "list of text", "f": "flag", "t": "time",
    }.items()
)  # fmt: skip
SOUND = compile_policy(
    policy(
        "facts:\n"
        "  - {fact: limit, default: 3, ladder: memory.contacts, from: {1: 5, 2: 7}}\n"
        "  - {fact: word, default: a, table: {on: [contact.language], rows: [[zh, b], [en, c]]}}\n"
        "floors:\n"
        + "".join(
            f'  - {{rule: r{n}, when: "{text}", then: {{}}}}\n' for n, text in enumerate(CONDITIONS)
        ),
        fields=f"fields:\n{KINDS}\n",
    ),
    "sound.yaml",
)
values = st.fixed_dictionaries(
    {},
    optional={
        "n": st.one_of(st.sampled_from([0, 1, 2.5, 4.999, 5, 5.0, 5.5, 6, 7, -1, "5", True, None]),
                       st.floats(), st.integers()),
        "m": st.sampled_from([0, 1, 5, 5.0, -2, None, "x"]),
        "w": st.sampled_from(["a", "b", "c", "ab", "", None, 5]),
        "l": st.sampled_from([[], ["a"], ["b", "c"], ["a", "c"], None, "a", [1]]),
        "f": st.sampled_from([True, False, None, 1, "true"]),
        "t": st.sampled_from([None, "x", "2026-03-06T12:00:00Z", "2026-03-01", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59.9999Z", 10**18, -(10**14)]),
    },
)  # fmt: skip


@given(
    st.lists(
        st.tuples(values, st.sampled_from([None, 0, 1, 2, 3]), st.sampled_from(["zh", "en", "ja"]),
                  st.sampled_from([None, 0, 1, 2])),
        min_size=1, max_size=4,
    )
)  # fmt: skip
@settings(max_examples=400, deadline=None)
def test_classes_are_sound_what_is_remembered_is_what_the_binding_answers(asked):
    for inner, identity, language, contacts in asked:
        contact = {"contact_id": "k", "channel": "chat", "identity": identity,
                   "language": language, "attributes": inner}  # fmt: skip
        memory = {"contacts": contacts}
        remembered = SOUND.decide(contact, None, memory, NOW).outcome
        afresh = SOUND.without_memo().decide(contact, None, memory, NOW).outcome
        assert remembered.missed == afresh.missed
        assert remembered.because == afresh.because
        assert remembered.errors == afresh.errors


readable = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=20)


@given(
    st.dictionaries(
        readable,
        st.recursive(
            st.none() | st.booleans() | st.integers(-(10**17), 10**17) | readable,
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(readable, inner, max_size=3),
            max_leaves=10,
        ),
        min_size=1, max_size=5,
    )
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_json_reads_as_what_it_says(value):
    assert plain(read(json.dumps(value, ensure_ascii=False), "f.yaml")) == value


@given(st.one_of(st.text(), st.binary(), st.text(alphabet="[]{}:,-&*!|>'\"#%@`?\n \ta1~.")))
@settings(max_examples=500, deadline=None)
def test_hostile_text_is_read_or_refused_with_a_place(text):
    try:
        read(text, "f.yaml")
    except PolicyError as error:
        refused = error.findings
    else:
        return
    assert refused[0].place.line >= 1


@given(st.text(alphabet="contact.subject=='order'&|!()<>1 2in[],nulltrue\"\\", max_size=60))
@settings(max_examples=300, deadline=None)
def test_hostile_conditions_compile_or_are_refused(text):
    written = json.dumps(text)
    try:
        compile_policy(
            policy(f"floors: [{{rule: r, when: {written}, then: {{}}}}]\n"), "f.yaml"
        ).decide({"contact_id": "k", "channel": "chat"}, None, None, NOW)
    except PolicyError as error:
        refused = error.findings
    else:
        return
    assert refused[0].place.line >= 1

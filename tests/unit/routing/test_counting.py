"""Counts as intake keeps them: before this contact, within a time, per field, and bounded."""

from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.event import arrived, contact, profile
from tests.unit.routing.scene import NOW, Feed, intake, returned, told
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.form.document import Count
from tierlane.routing.counting import Counted, marked, numbers
from tierlane.routing.ledger import FORMAT, POSITION
from tierlane.routing.limit import DAY, IntakeLimits
from tierlane.routing.memory import Memory

POLICY = """
tierlane: 1
policy: counting
fields: {contact.subject: [order, return], contact.attributes.job: text}
memory:
  counts:
    - {count: returns, when: contact.subject == 'return', within: 30d}
    - {count: rounds, within: 90d, per: contact.attributes.job}
facts:
  - {fact: returns, default: 0, ladder: memory.count.returns, from: {1: 1, 2: 2, 3: 3, 64: 64}}
  - {fact: rounds, default: 0, ladder: memory.count.rounds, from: {1: 1, 2: 2, 3: 3}}
desks: {d: {managed: false}}
lanes: {people: {kind: standard, desk: d}}
plans: [{plan: all, steps: [{lane: people}]}]
finally: {close: sorry}
fallback: people
"""
REVISION = compile_policy(POLICY, "counting.yaml")


def feed(**given) -> Feed:
    return Feed(intake(revision=REVISION, **given))


def seen(effects) -> dict:
    """Return the facts of the decision, which are the counts."""
    (decision,) = [one for one in told(effects).audit if one["kind"] == "decided"]
    return decision["facts"]


def marks(one: Feed, key: str = "u-1") -> list:
    customer = Memory(dict(one.machine.snapshot())[key.encode()]).customer
    return customer[10] if len(customer) > 10 else []


def test_contacts_before_this_one_count_within_the_time():
    one = feed()
    for number in range(3):
        at = NOW + number * 10 * DAY
        effects = one.give(arrived(at, f"k-{number}", "u-1", subject="return"), seen=at)
        assert seen(effects)["returns"] == number
    at = NOW + 31 * DAY
    assert seen(one.give(arrived(at, "k-9", "u-1", subject="order"), seen=at))["returns"] == 2
    # What does not meet the condition is not counted, and a day more lets the next one go.
    at = NOW + 41 * DAY
    assert seen(one.give(arrived(at, "k-10", "u-1", subject="order"), seen=at))["returns"] == 1


def test_customers_do_not_share_counts_and_nobody_unknown_has_any():
    one = feed()
    for key in ("u-1", "u-2", None, None):
        name = f"k-{key}-{one.now}"
        one.now += 1
        assert seen(one.give(arrived(NOW, name, key, subject="return")))["returns"] == 0


def test_a_contact_never_counts_itself_however_often_it_is_decided():
    one = feed()
    one.give(arrived(NOW, "k-1", "u-1", subject="return"))
    one.give(arrived(NOW + 1, "k-2", "u-1", subject="return"), seen=NOW + 1)
    for number in range(2):
        at = NOW + 1_000 + number
        update = contact("updated", f"e-{number}", at, "k-2", "u-1", subject="return")
        assert seen(one.give(update, seen=at))["returns"] == 1
    at = NOW + 2_000
    first = contact("updated", "e-9", at, "k-1", "u-1", subject="return")
    assert seen(one.give(first, seen=at))["returns"] == 0
    assert len(marks(one)) == 2


def test_what_a_contact_counts_as_follows_what_it_is_decided_to_be():
    one = feed()
    one.give(arrived(NOW, "k-1", "u-1", subject="order"))
    assert marks(one) == []
    one.give(contact("updated", "e-1", NOW + 1, "k-1", "u-1", subject="return"), seen=NOW + 1)
    assert [mark[0] for mark in marks(one)] == ["returns"]
    one.give(contact("updated", "e-2", NOW + 2, "k-1", "u-1", subject="order"), seen=NOW + 2)
    assert marks(one) == []


def test_rounds_of_a_commission_are_counted_apart():
    one = feed()
    got = []
    for number, job in enumerate(["a", "a", "b", "a", None]):
        attributes = {"job": job} if job else {}
        at = NOW + number
        effects = one.give(arrived(at, f"k-{number}", "u-1", attributes=attributes), seen=at)
        got.append(seen(effects)["rounds"])
    assert got == [0, 1, 0, 2, 0]
    assert b'"a"' not in b"".join(orjson.dumps(mark) for mark in marks(one))


def test_what_is_kept_is_bounded_and_the_latest_count():
    one = feed(limits=IntakeLimits(marks=5))
    sizes = []
    for number in range(40):
        at = NOW + number * 1_000
        one.give(arrived(at, f"k-{number:02}", "u-1", subject="return"), seen=at)
        at += 500
        one.give(contact("ended", f"e-{number}", at, f"k-{number:02}", "u-1"), seen=at)
        sizes.append(len(marks(one)))
    assert max(sizes) == 5
    assert [mark[1] for mark in marks(one)] == [NOW + n * 1_000 for n in range(35, 40)]


def test_a_source_whose_clock_runs_ahead_makes_nobody_forgotten():
    one = feed()
    one.give(arrived(NOW, "k-1", "u-1", subject="return"))
    one.give(arrived(NOW + 400 * DAY, "k-2", "u-1", subject="return"), seen=NOW + 1)
    at = NOW + 2
    assert seen(one.give(arrived(at, "k-3", "u-1", subject="return"), seen=at))["returns"] == 1


def test_who_is_erased_counts_from_none():
    one = feed()
    one.give(arrived(NOW, "k-1", "u-1", subject="return"))
    one.give(profile("u-1")._replace(value=None))
    at = NOW + 1
    assert seen(one.give(arrived(at, "k-2", "u-1", subject="return"), seen=at))["returns"] == 0


def test_who_turns_out_to_be_another_counts_there():
    here, there = feed(), feed()
    there.give(arrived(NOW, "k-1", "u-1", subject="return"))
    here.give(arrived(NOW, "k-2", None, subject="return"))
    at = NOW + 1
    sent = told(
        here.give(contact("identified", "e-1", at, "k-2", "k-2", customer_id="u-1"), seen=at)
    )
    assert sent.returns[0]["data"]["format"] == FORMAT
    data = {k: v for k, v in sent.returns[0]["data"].items() if k != "contact_id"}
    taken = there.give(returned("identified", "r-1", "k-2", "u-1", **data), seen=at)
    assert seen(taken)["returns"] == 1
    assert len(marks(there)) == 2


def test_a_policy_without_the_count_lets_it_go():
    one = feed()
    one.give(arrived(NOW, "k-1", "u-1", subject="return"))
    plain = POLICY[: POLICY.index("memory:")] + POLICY[POLICY.index("desks:") :]
    one.machine.activate(compile_policy(plain, "plain.yaml"), NOW)
    one.give(arrived(NOW + 1, "k-2", "u-1", subject="return"), seen=NOW + 1)
    assert marks(one) == []


# The marks themselves.

counts = [Count("a", 1_000), Count("b", 300, ("contact", "word"))]
contacts = st.lists(
    st.tuples(
        st.integers(0, 3_000),
        st.sampled_from(["x", "y", None]),
        st.sampled_from([(), ("a",), ("b",), ("a", "b")]),
    ),
    max_size=30,
)


@given(contacts, st.integers(1, 30))
def test_counts_are_those_of_all_contacts_as_far_as_the_bound_goes(course, most):
    kept: list = []
    past: list = []
    for number, (at, word, names) in enumerate(sorted(course, key=lambda one: one[0])):
        one = Counted(f"k{number}", {"word": word}, at)
        told_now = numbers(kept, counts, one, now=at)
        near = [p for p in past if "a" in p[2] and at - 1_000 < p[0]]
        alike = [p for p in past if "b" in p[2] and at - 300 < p[0] and p[1] == word and word]
        assert told_now["a"] == min(len(near), most)
        assert told_now["b"] <= len(alike)
        if most >= len(course):
            assert told_now["b"] == len(alike)
        kept = marked(kept, counts, one, names=names, now=at, most=most)
        past.append((at, word, names))
        assert len(kept) <= most * len(counts)


# Formats.

GOLDEN = Path(__file__).parent / "golden"


def golden(number: int) -> list[tuple[bytes, bytes]]:
    lines = (GOLDEN / f"state-{number}.jsonl").read_bytes().splitlines()
    return [tuple(part.encode() for part in orjson.loads(line)) for line in lines]


def played() -> Feed:
    one = feed()
    one.give(profile("u-1", measures={"spend_12m": 20000.0}))
    one.give(arrived(NOW, "k-1", "u-1", subject="return"), arrived(NOW, "k-2", "u-2"))
    one.give(arrived(NOW, "k-3"))
    later = NOW + 1_000
    one.give(contact("answered", "e-1", later, "k-1", "u-1", advisor_id="a-7"), seen=later)
    one.give(arrived(later, "k-4", "u-1", subject="return", attributes={"job": "j-1"}), seen=later)
    return one


def test_the_format_written_is_the_golden_one(monkeypatch: pytest.MonkeyPatch) -> None:
    # What an entry says may change; how the state is laid out is what is looked at here.
    monkeypatch.setattr("tierlane.routing.journal.terms", lambda decision: 7)
    written = list(played().machine.snapshot())
    path = GOLDEN / f"state-{FORMAT}.jsonl"
    assert written == golden(FORMAT), f"a new format? then raise FORMAT and write {path.name} anew"


@pytest.mark.parametrize("number", [FORMAT - 1, FORMAT])
def test_this_format_and_the_one_before_are_gone_on_from(number: int) -> None:
    one = feed()
    state = golden(number)
    one.machine.restore(state)
    assert dict(one.machine.snapshot()).keys() == dict(state).keys() | {POSITION}
    at = NOW + 10_000
    record = arrived(at, "k-9", "u-1", subject="return")
    one._offsets = {"contact.events": 100}
    effects = one.give(record, seen=at)
    assert seen(effects)["returns"] == (0 if number == 1 else 2)
    (value,) = [value for key, value in one.machine.snapshot() if key == b"u-1"]
    assert value.startswith(b"[%d," % FORMAT)
    assert {mark[0] for mark in marks(one)} >= {"returns"}


def test_a_contact_handed_over_by_the_format_before_is_taken():
    one = feed()
    packed = orjson.loads(golden(1)[1][1])[3][0]
    record = returned("identified", "r", "k-2", "u-9", customer_id="u-9", format=1, contact=packed)
    assert told(one.give(record)).kinds == ["decided"]

"""Intake beyond the lifecycle table: dedupe, clocks, limits, faults, going back."""

from dataclasses import replace

import orjson
import pytest

from tests.contract.driver import Sent
from tests.contract.event import arrived, contact, profile
from tests.unit.routing.scene import (
    EVENTS,
    NOW,
    PROFILES,
    REVISION,
    Feed,
    intake,
    returned,
    told,
)
from tierlane.errors import SettingError, StateError
from tierlane.policy.compiling.compile import compile_policy
from tierlane.routing.effect import Effects
from tierlane.routing.intake import Intake
from tierlane.routing.ledger import FORMAT, POSITION
from tierlane.routing.limit import DAY, IntakeLimits
from tierlane.routing.memory import KeptContact, Memory

GOLD = {"measures": {"spend_12m": 20000.0}, "dedicated_advisor": "a-7"}


def errors(effects: Effects) -> set[tuple[str, str]]:
    """Return code and place of the errors on the last decision."""
    (decision,) = [one for one in told(effects).audit if one["kind"] == "decided"]
    return {(one["error"], one["at"]) for one in decision["errors"]}


def memory(machine: Intake, key: str) -> Memory:
    """Return what is kept under a key."""
    return Memory(dict(machine.snapshot()).get(key.encode()))


# Ids and order.


def test_ids_come_from_the_cause() -> None:
    machine = intake(partition=3)
    feed = Feed(machine)
    feed.give(arrived(NOW, "k-0"))
    found = told(feed.give(arrived(NOW, "k-1", "u-1")))
    assert found.audit[0]["decision_id"] == "d1.e3.1.d0"
    assert found.entered[0]["entry_id"] == "d1.e3.1.e0"
    assert found.audit[0]["cause"] == {"topic": EVENTS, "partition": 3, "offset": 1}
    assert found.audit[0]["owner"] == "intake-3"


def test_outputs_of_an_arrival_are_audit_then_lane() -> None:
    feed = Feed(intake())
    feed.give(arrived(NOW, "k-0"))
    effects = feed.give(arrived(NOW, "k-1", "u-1"))
    assert [one.topic for one in effects.outputs] == ["routing.audit", "lane.standard"]
    assert {one.key for one in effects.outputs} == {b"k-1"}
    assert effects.counts[("decided", "standard")] == 1
    assert set(effects.changes) == {b"u-1", POSITION}


def test_revision_in_use_is_audited_with_the_first_record() -> None:
    feed = Feed(intake())
    first = told(feed.give(arrived(NOW, "k-1"))).audit[0]
    assert (first["kind"], first["seq"], first["contact_id"]) == ("activated", 1, None)
    assert first["policy"] == {"name": REVISION.name, "revision": REVISION.hash}
    assert told(feed.give(arrived(NOW, "k-2"))).kinds == ["decided"]


def test_another_revision_is_audited_at_once_with_the_next_offsets() -> None:
    feed = Feed(intake())
    feed.give(arrived(NOW, "k-1"))
    other = replace(REVISION, hash="0123456789abcdef")
    (note,) = told(feed.machine.activate(other, NOW)).audit
    assert note["next"] == {EVENTS: 1}
    assert note["before"] == f"{REVISION.name}@{REVISION.hash}"
    assert not feed.machine.activate(other, NOW)


def test_records_below_the_position_are_skipped() -> None:
    feed = Feed(intake())
    records = [feed.stored(arrived(NOW, f"k-{n}")) for n in range(3)]
    feed.machine.on_records(EVENTS, records)
    effects = feed.machine.on_records(EVENTS, records[1:])
    assert effects.outputs == []
    assert effects.changes == {}
    assert effects.counts == {("skipped", ""): 2}
    assert feed.machine.position(EVENTS) == 3


# Duplicates.


def test_redelivery_after_a_rollback_gives_the_same_bytes() -> None:
    feed = Feed(intake())
    feed.give(arrived(NOW, "k-0", "u-0"))
    records = [feed.stored(arrived(NOW, "k-1", "u-0"))]
    first = feed.machine.on_records(EVENTS, records)
    feed.machine.rollback()
    again = feed.machine.on_records(EVENTS, records)
    assert again.outputs == first.outputs
    assert again.changes == first.changes


def test_duplicate_is_known_by_source_and_id_not_by_content() -> None:
    feed = Feed(intake())
    feed.give(arrived(NOW, "k-1", "u-1"))
    again = feed.give(arrived(NOW + 1, "k-1", "u-1", subject="claim"))
    assert told(again).kinds == ["duplicate"]
    assert again.counts[("duplicate", "")] == 1
    assert POSITION in again.changes


def test_second_arrival_under_another_id_is_an_update() -> None:
    feed = Feed(intake())
    feed.give(arrived(NOW, "k-1", "u-1"))
    data = {"channel": "voice", "customer_id": "u-1"}
    found = told(feed.give(contact("arrived", "other", NOW, "k-1", "u-1", **data)))
    assert found.kinds == ["decided"]
    assert found.entered == []


def test_event_outside_the_window_is_no_duplicate() -> None:
    feed = Feed(intake(IntakeLimits(dedupe_window=60_000)))
    event = contact("ended", "e", NOW, "k-1", "u-1")
    assert told(feed.give(event)).kinds == ["no_effect"]
    feed.now += 59_999
    assert told(feed.give(event)).kinds == ["duplicate"]
    feed.now += 1
    assert told(feed.give(event)).kinds == ["no_effect"]


def test_two_names_that_read_alike_are_two_events() -> None:
    feed = Feed(intake())
    first, second = arrived(NOW, "k-1", "u-1"), arrived(NOW, "k-2", "u-1")
    one = orjson.loads(first.value or b"") | {"source": "a", "id": "bc"}
    two = orjson.loads(second.value or b"") | {"source": "ab", "id": "c"}
    effects = feed.give(*(Sent(EVENTS, b"u-1", orjson.dumps(event)) for event in (one, two)))
    assert told(effects).kinds == ["decided", "decided"]


# Clocks.


def test_age_and_promises_go_by_seen_and_rules_by_time() -> None:
    feed = Feed(intake())
    found = told(feed.give(arrived(NOW - 60_000, "k-1", "u-1"), seen=NOW))
    assert found.entered[0]["entered_at"] == "2026-03-02T12:14:05.120Z"
    assert found.entered[0]["respond_by"] == "2026-03-02T12:14:35.120Z"
    assert found.audit[-1]["at"] == "2026-03-02T12:13:05.120Z"


@pytest.mark.parametrize("distance", [-300_001, 300_001])
def test_skew_between_time_and_seen_is_an_error(distance: int) -> None:
    effects = Feed(intake()).give(arrived(NOW + distance, "k-1", "u-1"), seen=NOW)
    assert ("skew", "time") in errors(effects)


@pytest.mark.parametrize("distance", [-300_000, 0, 300_000])
def test_no_skew_within_the_bound(distance: int) -> None:
    effects = Feed(intake()).give(arrived(NOW + distance, "k-1", "u-1"), seen=NOW)
    assert ("skew", "time") not in errors(effects)


def test_log_without_times_does_not_stop_anything() -> None:
    feed = Feed(intake())
    feed.give(arrived(NOW, "k-1", "u-1"), seen=NOW)
    found = told(feed.give(arrived(NOW, "k-2", "u-2"), seen=-1))
    assert found.audit[-1]["seen"] == "2026-03-02T12:14:05.120Z"


# What is known of the customer.


def test_wrong_key_is_an_error_on_the_decision() -> None:
    event = arrived(NOW, "k-1", "u-1")._replace(key=b"u-2")
    assert ("wrong_key", "key") in errors(Feed(intake()).give(event))


def test_field_of_a_wrong_type_is_an_error_on_the_decision() -> None:
    effects = Feed(intake()).give(arrived(NOW, "k-1", "u-1", language=5))
    assert ("wrong_type", "contact.language") in errors(effects)


def test_profile_takes_effect_from_its_record_on() -> None:
    feed = Feed(intake())
    before = told(feed.give(arrived(NOW, "k-1", "u-1")))
    feed.give(profile("u-1", **GOLD))
    after = told(feed.give(arrived(NOW, "k-2", "u-1")))
    assert (before.entered[0]["tier"], after.entered[0]["tier"]) == ("standard", "gold")
    assert after.audit[0]["cause"]["profile"] == {"partition": 0, "offset": 0}
    assert "profile" not in before.audit[-1]["cause"]


def test_older_profile_never_comes_back() -> None:
    feed = Feed(intake())
    old, new = feed.stored(profile("u-1")), feed.stored(profile("u-1", **GOLD))
    feed.machine.load_profiles([old, new])
    feed.machine.on_records(PROFILES, [old])
    assert told(feed.give(arrived(NOW, "k-1", "u-1"))).entered[0]["tier"] == "gold"


def test_profile_of_a_batch_rolled_back_is_forgotten() -> None:
    feed = Feed(intake())
    feed.machine.on_records(PROFILES, [feed.stored(profile("u-1", **GOLD))])
    feed.machine.rollback()
    assert told(feed.give(arrived(NOW, "k-1", "u-1"))).entered[0]["tier"] == "standard"


def test_profile_under_a_foreign_key_is_rejected_and_not_used() -> None:
    feed = Feed(intake())
    effects = feed.give(profile("u-1", **GOLD)._replace(key=b"u-2"))
    assert effects.counts == {("rejected", "wrong-key"): 1, ("noted", "activated"): 1}
    assert ("unreadable_profile", "profile") in errors(feed.give(arrived(NOW, "k-2", "u-2")))


def test_deciding_again_does_not_count_the_contact_itself() -> None:
    feed = Feed(intake())
    feed.give(arrived(NOW, "k-1", "u-1"))
    again = told(feed.give(contact("updated", "up", NOW, "k-1", "u-1", subject="order")))
    assert again.audit[0]["facts"]["stage"] == "first"


def test_memory_learns_advisor_and_outcome() -> None:
    feed = Feed(intake())
    feed.give(arrived(NOW, "k-1", "u-1"))
    feed.give(returned("answered", "r-1", "k-1", "u-1", advisor_id="a-1"))
    feed.give(returned("finished", "r-2", "k-1", "u-1", outcome="solved"))
    customer = memory(feed.machine, "u-1").customer or []
    assert customer[3:7] == ["a-1", "question", "solved", "voice"]


def test_only_what_rules_read_is_kept_of_a_contact() -> None:
    feed = Feed(intake())
    attributes = {"secret": 1}
    feed.give(arrived(NOW, "k-1", "u-1", region="CN", subject="order", attributes=attributes))
    found = memory(feed.machine, "u-1").find("k-1")
    assert found is not None
    assert found.data == {"channel": "voice", "subject": "order"}


def test_text_is_kept_while_a_rule_reads_it_and_the_contact_is_open() -> None:
    feed = Feed(intake())
    feed.give(arrived(NOW, "k-1", "u-1", text="I ask my lawyer"))
    again = told(feed.give(contact("updated", "up", NOW, "k-1", "u-1", subject="order")))
    assert again.audit[0]["scenario"]["name"] == "claim"
    feed.give(contact("ended", "end", NOW, "k-1", "u-1"))
    assert b"lawyer" not in b"".join(value for _, value in feed.machine.snapshot())


def test_text_above_the_limit_is_not_kept() -> None:
    feed = Feed(intake(IntakeLimits(text=100)))
    feed.give(arrived(NOW, "k-1", "u-1", text="lawyer" + "x" * 100))
    assert b"lawyer" not in b"".join(value for _, value in feed.machine.snapshot())


def test_erasing_clears_what_an_open_contact_told_and_keeps_its_place() -> None:
    feed = Feed(intake())
    feed.give(arrived(NOW, "k-1", "u-1", text="call my lawyer"))
    feed.give(arrived(NOW, "k-2", "u-1"), contact("ended", "end", NOW, "k-2", "u-1"))
    erased = feed.give(Sent(PROFILES, b"u-1", None))
    assert told(erased).kinds == ["erased"]
    left = memory(feed.machine, "u-1")
    assert (left.customer, [raw[0] for raw in left.contacts]) == (None, ["k-1"])
    assert b"lawyer" not in b"".join(value for _, value in feed.machine.snapshot())
    feed.give(contact("updated", "up", NOW, "k-1", "u-1", subject="claim"))
    assert memory(feed.machine, "u-1").contacts[0][7] == 1  # still a claim's lane: no new entry


def test_update_without_a_channel_keeps_it() -> None:
    feed = Feed(intake())
    feed.give(arrived(NOW, "k-1", "u-1", channel="app"))
    again = feed.give(contact("updated", "up", NOW, "k-1", "u-1", channel=None, subject="order"))
    assert told(again).audit[0]["lane"] == "bot"


# Bounds and timers.


def test_contact_of_which_nothing_is_heard_lapses_before_the_next_record() -> None:
    feed = Feed(intake())
    feed.give(arrived(NOW, "k-1", "u-1"))
    feed.now += 7 * DAY + 60_000
    found = told(feed.give(arrived(feed.now, "k-2", "u-2")))
    assert found.kinds == ["lapsed", "decided"]
    lapsed = found.audit[0]
    assert (lapsed["contact_id"], lapsed["state"]) == ("k-1", "waiting")
    assert lapsed["cause"] == {"timer": "lapse", "due": NOW + 7 * DAY, "fired": feed.now}
    assert found.left[0]["reason"] == "lapsed"


def test_timer_never_fires_early() -> None:
    feed = Feed(intake())
    feed.give(arrived(NOW, "k-1", "u-1"))
    due = feed.machine.next_deadline() or 0
    assert NOW + 7 * DAY <= due < NOW + 7 * DAY + 60_000
    assert not feed.machine.on_deadline(due - 1)
    assert told(feed.machine.on_deadline(due)).kinds == ["lapsed"]


def test_timers_fire_in_the_same_order_after_a_restore() -> None:
    # u-2 is heard of again later: until then its key stood under an earlier time than u-1's.
    feed, other = Feed(intake()), intake()
    feed.give(arrived(NOW, "k-2", "u-2"))
    feed.now += 60_000
    feed.give(arrived(feed.now, "k-1", "u-1"))
    feed.give(contact("updated", "e-1", feed.now, "k-2", "u-2", subject="claim"))
    other.restore(feed.machine.snapshot())
    due = NOW + 8 * DAY
    lapsed = feed.machine.on_deadline(due)
    assert [one["contact_id"] for one in told(lapsed).audit] == ["k-1", "k-2"]
    assert other.on_deadline(due).outputs == lapsed.outputs
    assert dict(other.snapshot()) == dict(feed.machine.snapshot())


def test_state_of_a_customer_who_stays_away_is_forgotten_in_the_end() -> None:
    machine = intake(IntakeLimits(memory=30 * DAY))
    feed = Feed(machine)
    feed.give(arrived(NOW, "k-1", "u-1"))
    for _ in range(4):
        due = machine.next_deadline()
        if due is not None:
            machine.on_deadline(due)
    assert machine.next_deadline() is None
    assert [key for key, _ in machine.snapshot()] == [POSITION]


def test_timer_on_which_our_code_raises_does_not_stop_the_partition(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    feed = Feed(intake())
    feed.give(arrived(NOW, "k-1", "u-1"))
    monkeypatch.setattr(Memory, "forget", _raise)
    feed.now += 8 * DAY
    effects = feed.give(arrived(feed.now, "k-2", "u-2"))
    assert told(effects).kinds == ["decided"]
    assert effects.counts[("errors", "timer")] == 1


def test_busy_key_stays_within_its_bounds() -> None:
    limits = IntakeLimits(contacts=4, dedupe_events=8)
    feed = Feed(intake(limits))
    sizes = []
    for number in range(60):
        feed.give(arrived(NOW, f"k-{number:04}", "u-1", text="x" * 50))
        sizes.append(len(dict(feed.machine.snapshot())[b"u-1"]))
    assert sizes[59] <= sizes[20] + 40
    left = memory(feed.machine, "u-1")
    assert [raw[0] for raw in left.contacts] == ["k-0056", "k-0057", "k-0058", "k-0059"]


def test_contact_without_room_is_audited_as_lapsed() -> None:
    feed = Feed(intake(IntakeLimits(contacts=1)))
    feed.give(arrived(NOW, "k-1", "u-1"))
    found = told(feed.give(arrived(NOW, "k-2", "u-1")))
    assert found.kinds == ["decided", "lapsed"]
    assert (found.audit[1]["contact_id"], found.audit[1]["reason"]) == ("k-1", "too many contacts")
    assert len({one["decision_id"] for one in found.audit}) == 2


# Refusals and faults.


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (None, "no-key"),
        (b"", "no-key"),
        (b"\xff", "bad-key"),
        (b"\x00position", "bad-key"),
        (b"k" * 801, "bad-key"),
    ],
)
def test_contact_without_a_usable_key_is_rejected(key: bytes | None, reason: str) -> None:
    effects = Feed(intake()).give(arrived(NOW, "k-1", "u-1")._replace(key=key))
    (rejected,) = told(effects).rejected
    assert rejected.key == key
    assert dict(rejected.headers)["tierlane-reason"] == reason.encode()


def test_rejected_record_is_as_received() -> None:
    sent = Sent(EVENTS, b"u-1", b"\x00\xffno", (("a", b"1"), ("a", b"2")))
    effects = Feed(intake(partition=5)).give(sent)
    (rejected,) = told(effects).rejected
    assert (rejected.key, rejected.value, rejected.headers[:2]) == (
        b"u-1",
        sent.value,
        sent.headers,
    )
    assert dict(rejected.headers[2:]) == {
        "tierlane-reason": b"not-utf8",
        "tierlane-detail": b"line 1 column 1",
        "tierlane-topic": b"contact.events",
        "tierlane-partition": b"5",
        "tierlane-offset": b"0",
    }
    assert effects.counts[("rejected", "not-utf8")] == 1


def test_what_is_too_large_leaves_its_beginning_and_a_digest() -> None:
    value = b"x" * 3_000_000
    (rejected,) = told(Feed(intake()).give(Sent(EVENTS, b"u-1", value))).rejected
    headers = dict(rejected.headers)
    assert rejected.value == value[:65_536]
    assert headers["tierlane-reason"] == b"too-large"
    assert headers["tierlane-size"] == b"3000000"
    assert headers["tierlane-digest"].startswith(b"sha256:")


def test_large_headers_do_not_make_a_refusal_larger_than_its_topic_takes() -> None:
    sent = Sent(EVENTS, b"u-1", b"{", (("big", b"x" * 2_000_000),))
    (rejected,) = told(Feed(intake()).give(sent)).rejected
    assert sum(len(value) for _, value in rejected.headers) < 1_000
    assert dict(rejected.headers)["tierlane-reason"] == b"too-large"


def test_fault_of_our_own_is_raised_and_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    feed = Feed(intake())
    feed.give(arrived(NOW, "k-0", "u-1"))
    before = dict(feed.machine.snapshot())
    monkeypatch.setattr(type(REVISION), "decide", _raise)
    records = [feed.stored(arrived(NOW, "k-1", "u-1"))]
    with pytest.raises(ZeroDivisionError):
        feed.machine.on_records(EVENTS, records)
    feed.machine.rollback()
    assert dict(feed.machine.snapshot()) == before


def test_parked_contact_gets_the_fallback_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = Feed(intake())
    monkeypatch.setattr(type(REVISION), "decide", _raise)
    record = feed.stored(arrived(NOW, "k-1", "u-1", subject="claim"))
    effects = feed.machine.park(EVENTS, record, ZeroDivisionError())
    found = told(effects)
    assert (found.entered[0]["lane"], found.entered[0]["step"]) == ("people", "fallback")
    assert ("internal", "intake") in errors(effects)
    assert feed.machine.position(EVENTS) == 1


def test_parked_record_that_fails_again_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = Feed(intake())
    monkeypatch.setattr(Memory, "encoded", _raise)
    record = feed.stored(arrived(NOW, "k-1", "u-1"))
    effects = feed.machine.park(EVENTS, record, ZeroDivisionError("u-1 wants"))
    (rejected,) = told(effects).rejected
    headers = dict(rejected.headers)
    assert headers["tierlane-reason"] == b"internal"
    assert headers["tierlane-detail"] == b"ZeroDivisionError"
    assert (told(effects).kinds, told(effects).entered) == ([], [])
    assert set(effects.changes) == {POSITION}


@pytest.mark.parametrize(
    "packed",
    [
        [],
        ["k-1"],
        KeptContact("k-2", "waiting", at=NOW, seen=NOW).pack(),
        KeptContact("k-1", "ended", at=NOW, seen=NOW).pack(),
        KeptContact("k-1", "waiting", at=-1, seen=NOW).pack(),
        ["k-1", *[{"x": 1}] * 16],
    ],
)
def test_contact_handed_over_in_a_wrong_form_is_rejected(packed: list[object]) -> None:
    sent = returned(
        "identified", "e", "k-1", "u-1", customer_id="u-1", format=FORMAT, contact=packed
    )
    assert len(told(Feed(intake()).give(sent)).rejected) == 1


def test_event_too_deep_to_be_passed_on_is_rejected() -> None:
    feed = Feed(intake())
    feed.give(arrived(NOW, "k-1"))
    feed.give(contact("identified", "id", NOW, "k-1", "k-1", customer_id="u-1"))
    value = contact("updated", "up", NOW, "k-1", "k-1", attributes={"a": 0}).value or b""
    deep = value.replace(b'"a":0', b'"a":' + b"[" * 300 + b"]" * 300)
    (rejected,) = told(feed.give(Sent(EVENTS, b"k-1", deep))).rejected
    assert dict(rejected.headers)["tierlane-reason"] == b"too-deep"


# The state.


def test_state_of_another_format_is_refused_with_a_remedy() -> None:
    with pytest.raises(StateError) as caught:
        intake().restore([(b"u-1", b"[99,0,null,[],[]]")])
    assert caught.value.hint


def test_last_value_of_a_key_counts_and_none_deletes() -> None:
    feed = Feed(intake())
    feed.give(arrived(NOW, "k-1", "u-1"))
    state = list(feed.machine.snapshot())
    other = intake()
    other.restore([*state, (b"u-1", None)])
    assert [key for key, _ in other.snapshot()] == [POSITION]
    assert other.position(EVENTS) == 1


@pytest.mark.parametrize("deployment", ["", "a b", 'd"1', "d.1", "x" * 33])
def test_deployment_that_cannot_be_in_an_id_is_refused(deployment: str) -> None:
    machine = intake()
    with pytest.raises(SettingError):
        Intake(
            partition=0,
            deployment=deployment,
            revision=REVISION,
            profiles=machine._profiles,
            mask=machine._mask,
        )


def _raise(*_: object, **__: object) -> None:
    raise ZeroDivisionError


# Working time.

WORKING = compile_policy(
    "tierlane: 1\npolicy: office\ncalendar: office\n"
    "calendars: {office: {weekly: {mon-fri: 09:00-18:00}},"
    " once: {open: {2026-01-01: 09:00-12:00}}}\n"
    "fields: {contact.subject: [order, gone]}\n"
    "desks: {d: {managed: false}}\nlanes: {people: {kind: standard, desk: d}}\n"
    "promises:\n  default: {answer: 2h working, resolve: 48h}\n"
    "  rules:\n    - {rule: gone, when: contact.subject == 'gone',"
    " then: {answer: 1h working, calendar: once}}\n"
    "plans: [{plan: all, steps: [{lane: people}]}]\nfinally: {close: sorry}\nfallback: people\n",
    "office.yaml",
)
FRIDAY = 1_772_816_400_000  # 2026-03-06T17:00:00Z


def test_working_time_counts_from_arrival_and_a_later_entry_keeps_it() -> None:
    feed = Feed(intake(revision=WORKING), now=FRIDAY)
    first = told(feed.give(arrived(FRIDAY, "k-1", "u-1")))
    assert first.entered[0]["respond_by"] == "2026-03-09T10:00:00.000Z"
    assert first.entered[0]["resolve_by"] == "2026-03-08T17:00:00.000Z"
    later = FRIDAY + 3 * DAY
    again = told(
        feed.give(contact("updated", "e-1", later, "k-1", "u-1", attributes={}), seen=later)
    )
    (decision,) = [one for one in again.audit if one["kind"] == "decided"]
    assert decision["due"] == {"answer": "2026-03-09T10:00:00.000Z"}


def test_working_time_that_never_comes_is_an_error_of_the_decision() -> None:
    feed = Feed(intake(revision=WORKING), now=FRIDAY)
    effects = feed.give(arrived(FRIDAY, "k-1", "u-1", subject="gone"))
    assert ("no_working_time", "promise.answer") in errors(effects)
    assert told(effects).entered[0]["respond_by"] is None

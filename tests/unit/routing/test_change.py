"""A change of policy: what becomes of contacts that wait, and how a shadow is asked."""

from collections.abc import Callable
from dataclasses import replace

import orjson
import pytest

from tests.contract.driver import POLICY
from tests.contract.event import arrived, contact, profile
from tests.unit.routing.scene import MASK, NOW, REVISION, Feed, Told, intake, told
from tests.unit.routing.test_cells import KEY, WAITING, kept
from tierlane.contact.lifecycle import IN_LINE, STATES
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.publish.publication import Publication
from tierlane.routing.effect import Effects
from tierlane.routing.intake import Intake
from tierlane.routing.ledger import POSITION
from tierlane.routing.memory import KeptContact, Memory
from tierlane.routing.reroute import MOST_CONTACTS
from tierlane.routing.shadow import Shadow
from tierlane.value import format_time

TEXT = POLICY.read_text(encoding="utf-8")
REROUTE = Publication("reroute", 2)
PIN = Publication("pin", 2)
LATER = NOW + 60_000


def changed(*pairs: tuple[str, str]) -> Revision:
    """Return the suite's policy with texts replaced, each of which must be there."""
    text = TEXT
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return compile_policy(text, "changed.yaml")


OTHER_LANE = changed(
    ("{plan: general, steps: [{lane: people}]}", "{plan: general, steps: [{lane: claims}]}")
)
OTHER_TERMS = changed(("{default: 1, rules", "{default: 3, rules"))
NO_CHANGE = changed(("close: sorry", "close: goodbye"))
LANE_GONE = changed(("people", "everybody"))


def waiting(*contacts: KeptContact, machine: Intake | None = None) -> Intake:
    """Return an intake that knows the contacts and has decided by the suite's policy."""
    machine = machine or intake()
    memory = Memory()
    for one in contacts:
        memory.keep(one)
    value, _ = memory.encoded(machine._limits)
    machine.restore([(KEY.encode(), value)])
    machine.activate(REVISION, NOW)
    machine.commit()
    machine._ledger.clock = NOW
    return machine


def settle(machine: Intake, now: int = LATER) -> list[Effects]:
    """Have all that waits looked at; return the slices."""
    slices = []
    while machine.rerouting:
        slices.append(machine.reroute(now))
        machine.commit()
    return slices


def change(machine: Intake, revision: Revision, publication: Publication) -> Told:
    """Change over and return what came of it beside the activation."""
    effects = machine.activate(revision, LATER, publication)
    for one in settle(machine):
        effects.add(one)
    return told(effects)


def remembered(machine: Intake, key: str = KEY) -> KeptContact:
    """Return the one contact kept under a key."""
    ((raw,),) = [Memory(dict(machine.snapshot())[key.encode()]).contacts]
    return KeptContact(*raw)


# What becomes of a contact, by its state, the choice and what the revision changes.


@pytest.mark.parametrize("state", [state for state in STATES if state != "unknown"])
@pytest.mark.parametrize("publication", [PIN, REROUTE], ids=["pin", "reroute"])
@pytest.mark.parametrize(
    ("revision", "moves"),
    [
        (OTHER_LANE, {"reroute"}),
        (OTHER_TERMS, {"reroute"}),
        (NO_CHANGE, set()),
        (LANE_GONE, {"pin", "reroute"}),
    ],
    ids=["other lane", "other terms", "no change", "lane gone"],
)
def test_who_waits_is_decided_again_as_was_chosen(
    state: str, publication: Publication, revision: Revision, moves: set[str]
) -> None:
    before = kept(state)
    assert before is not None
    before = replace(before, terms=REVISION.decide(*_question(before)).outcome.terms)
    machine = waiting(before)
    found = change(machine, revision, publication)
    in_line = state in IN_LINE
    decided = in_line and (publication is REROUTE or revision is LANE_GONE)
    moved = in_line and publication.in_flight in moves
    assert found.kinds == ["decided"] * decided + ["moved"] * moved
    assert (len(found.entered), len(found.left)) == (moved, moved)
    if not decided:
        assert remembered(machine) == before
    if moved:
        _moved(found, before, remembered(machine), publication)


def _question(
    contact_: KeptContact,
) -> tuple[dict[str, object], None, dict[str, object] | None, int]:
    own = {"contact_id": contact_.id, "customer_id": contact_.customer}
    return {**(contact_.data or {}), **own}, None, None, contact_.at


def _moved(found: Told, before: KeptContact, after: KeptContact, publication: Publication) -> None:
    note = next(one for one in found.audit if one["kind"] == "moved")
    reason = "reroute" if publication is REROUTE else "lane_gone"
    assert (note["left"], note["reason"]) == ("people", reason)
    assert (found.left[0]["entry_no"], found.left[0]["reason"]) == (1, "moved")
    (entered,) = found.entered
    assert entered["entry_no"] == 2
    assert entered["respond_by"] == format_time(before.seen + 30_000)
    kept_on = ("id", "state", "origin", "at", "seen", "until", "customer", "data", "before")
    assert [getattr(after, name) for name in kept_on] == [getattr(before, name) for name in kept_on]
    assert (after.entry_no, after.entry_id, after.lane) == (2, entered["entry_id"], entered["lane"])


def test_it_is_decided_for_the_moment_of_its_arrival() -> None:
    found = change(waiting(WAITING), OTHER_LANE, REROUTE)
    decided = next(one for one in found.audit if one["kind"] == "decided")
    assert decided["at"] == format_time(WAITING.at)
    assert decided["seen"] == format_time(LATER)
    assert decided["again"] is True
    assert decided["cause"] == {"revision": f"{OTHER_LANE.name}@{OTHER_LANE.hash}"}
    assert not [one for one in decided["errors"] if one["error"] == "skew"]


def test_what_is_remembered_of_the_customer_stays() -> None:
    feed = Feed(intake())
    feed.give(arrived(NOW, "k-1", "u-1"))
    before = Memory(dict(feed.machine.snapshot())[b"u-1"]).customer
    change(feed.machine, OTHER_LANE, REROUTE)
    assert Memory(dict(feed.machine.snapshot())[b"u-1"]).customer == before


def test_the_profile_of_now_is_used() -> None:
    feed = Feed(intake())
    feed.give(arrived(NOW, "k-1", "u-1"))
    feed.give(profile("u-1", measures={"spend_12m": 20000.0}))
    found = change(feed.machine, NO_CHANGE, REROUTE)
    assert found.entered[0]["tier"] == "gold"
    assert found.audit[-2]["cause"]["profile"]["offset"] == 0


def test_an_update_after_the_change_is_decided_by_the_revision_now_in_use() -> None:
    feed = Feed(intake())
    feed.give(arrived(NOW, "k-1", "u-1"))
    change(feed.machine, OTHER_LANE, PIN)
    feed.now = LATER
    found = told(feed.give(contact("updated", "up", LATER, "k-1", "u-1", subject="order")))
    assert found.kinds == ["decided", "moved"]
    assert found.audit[0]["policy"]["revision"] == OTHER_LANE.hash
    assert found.entered[0]["lane"] == "claims"


def test_who_arrives_after_the_change_is_not_decided_again() -> None:
    feed = Feed(intake())
    feed.give(arrived(NOW, "k-1", "u-1"))
    feed.machine.activate(OTHER_LANE, LATER, REROUTE)
    feed.machine.commit()
    feed.now = LATER
    feed.give(arrived(LATER, "k-2", "u-2"))
    assert {one.entered[0]["contact_id"] for one in map(told, settle(feed.machine))} == {"k-1"}


def test_first_revision_of_all_reroutes_nobody() -> None:
    machine = intake()
    assert told(machine.activate(REVISION, NOW, REROUTE)).audit[0]["before"] is None
    assert not machine.rerouting


# The activation itself.


def test_activation_tells_how_the_revision_was_published() -> None:
    machine = waiting(WAITING)
    allowed = Publication("reroute", 7, ("mark_not_kept",), "the lane opens on Monday")
    (note,) = told(machine.activate(OTHER_LANE, LATER, allowed)).audit
    assert (note["kind"], note["published"], note["in_flight"]) == ("activated", 7, "reroute")
    assert (note["allowed"], note["reason"]) == (["mark_not_kept"], "the lane opens on Monday")
    assert not machine.activate(OTHER_LANE, LATER, allowed)


def test_activation_that_is_not_written_is_taken_back() -> None:
    machine = waiting(WAITING)
    machine.activate(OTHER_LANE, LATER, REROUTE)
    machine.rollback()
    assert (machine.revision, machine.active) == (REVISION, (REVISION.name, REVISION.hash))
    assert not machine.rerouting


# Slices: bounded, taken up again, the same whoever does them.


def crowd(count: int) -> Feed:
    """Return an intake in which so many customers wait, one contact each."""
    feed = Feed(intake())
    feed.give(*(arrived(NOW, f"k-{n:04}", f"u-{n:04}") for n in range(count)))
    return feed


def test_a_slice_is_bounded_and_all_are_reached() -> None:
    machine = crowd(2 * MOST_CONTACTS + 1).machine
    machine.activate(OTHER_LANE, LATER, REROUTE)
    slices = [told(one) for one in settle(machine)]
    assert [len(one.entered) for one in slices] == [MOST_CONTACTS, MOST_CONTACTS, 1]
    assert len({one["contact_id"] for part in slices for one in part.entered}) == 401
    seqs = [one["seq"] for part in slices for one in part.audit]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))


def test_an_owner_that_takes_over_goes_on_where_the_one_before_stood() -> None:
    machine = crowd(2 * MOST_CONTACTS + 1).machine
    machine.activate(OTHER_LANE, LATER, REROUTE)
    whole = list(machine.snapshot())
    first = machine.reroute(LATER)
    machine.commit()
    after = intake()
    after.restore(machine.snapshot())
    assert after.rerouting
    assert not after.activate(OTHER_LANE, LATER, REROUTE).outputs
    rest = settle(after)
    done = [one["contact_id"] for part in (first, *rest) for one in told(part).entered]
    assert len(done) == len(set(done)) == 401
    # And one that begins before anything was written does the same, byte for byte.
    again = intake()
    again.restore(whole)
    again.activate(OTHER_LANE, LATER, REROUTE)
    assert again.reroute(LATER).outputs == first.outputs


def test_a_slice_that_is_not_written_is_done_again_alike() -> None:
    machine = crowd(MOST_CONTACTS + 5).machine
    machine.activate(OTHER_LANE, LATER, REROUTE)
    machine.commit()
    first = machine.reroute(LATER)
    machine.rollback()
    second = machine.reroute(LATER)
    assert (second.outputs, second.changes) == (first.outputs, first.changes)


def test_another_change_meanwhile_takes_over_who_was_not_reached() -> None:
    machine = crowd(MOST_CONTACTS + 5).machine
    machine.activate(OTHER_LANE, LATER, REROUTE)
    settled = told(machine.reroute(LATER))
    machine.commit()
    assert len(settled.entered) == MOST_CONTACTS
    found = change(machine, OTHER_TERMS, PIN)
    assert len({one["contact_id"] for one in found.entered}) == MOST_CONTACTS + 5
    assert {one["policy"]["revision"] for one in found.entered} == {OTHER_TERMS.hash}


def test_a_key_on_which_our_own_code_raises_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = crowd(3).machine
    machine.activate(OTHER_LANE, LATER, REROUTE)
    save = machine._course.save

    def fail(effects: Effects, key: bytes, memory: Memory) -> None:
        if key == b"u-0001":
            raise ZeroDivisionError
        save(effects, key, memory)

    monkeypatch.setattr(machine._course, "save", fail)
    (effects,) = settle(machine)
    assert [one["contact_id"] for one in told(effects).entered] == ["k-0000", "k-0002"]
    assert effects.counts[("errors", "reroute")] == 1
    assert remembered(machine, "u-0001").lane == "people"


def test_state_before_a_change_reads_as_ever() -> None:
    machine = intake()
    machine.restore([(POSITION, b'[1,5,1000,{"contact.events":3},["behaviour","abc"]]')])
    assert not machine.rerouting
    assert dict(machine.snapshot())[POSITION] == (
        b'[2,5,1000,{"contact.events":3},["behaviour","abc"]]'
    )


# Shadow.


def shadowed(revision: Revision) -> tuple[Feed, Callable[..., list[dict[str, object]]]]:
    """Return a feed whose intake asks a shadow, and what tells its records."""
    feed = Feed(intake())
    feed.give(arrived(NOW, "k-0", "u-0"))
    feed.machine.set_shadow(revision)

    def tell(effects: Effects) -> list[dict[str, object]]:
        found = [one for one in effects.outputs if one.topic == "routing.shadow"]
        return [orjson.loads(one.value or b"") for one in found]

    return feed, tell


@pytest.mark.parametrize(
    ("revision", "label"),
    [(NO_CHANGE, "same"), (OTHER_LANE, "other_lane"), (OTHER_TERMS, "other_terms")],
)
def test_shadow_tells_what_it_would_have_decided(revision: Revision, label: str) -> None:
    feed, tell = shadowed(revision)
    plain = Feed(intake())
    plain.give(arrived(NOW, "k-0", "u-0"))
    without = plain.give(arrived(NOW, "k-1", "u-1"))
    effects = feed.give(arrived(NOW, "k-1", "u-1"))
    (event,) = tell(effects)
    live = told(without).audit[0]
    assert event["data"]["policy"] == {"name": revision.name, "revision": revision.hash}
    assert event["data"]["decision_id"] == live["decision_id"]
    assert event["data"].keys() == live.keys()
    assert event["source"] == "tierlane/d1/intake-0/shadow"
    assert effects.counts[("shadow", label)] == 1
    # It changes nothing else.
    assert [one for one in effects.outputs if one.topic != "routing.shadow"] == without.outputs
    assert effects.changes == without.changes


def test_shadow_that_raises_does_not_disturb(monkeypatch: pytest.MonkeyPatch) -> None:
    feed, tell = shadowed(OTHER_LANE)

    def fail(self: Shadow, *_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("tierlane.routing.journal.Journal.shadowed", fail)
    effects = feed.give(arrived(NOW, "k-1", "u-1"))
    assert (told(effects).kinds, tell(effects)) == (["decided"], [])
    assert effects.counts[("shadow", "failed")] == 1


def test_shadow_that_cannot_decide_counts_as_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    feed, tell = shadowed(OTHER_LANE)

    decide = Revision._decide

    def fail(self: Revision, *question: object) -> object:
        if self.hash == OTHER_LANE.hash:
            raise ZeroDivisionError
        return decide(self, *question)

    monkeypatch.setattr(Revision, "_decide", fail)
    effects = feed.give(arrived(NOW, "k-1", "u-1"))
    assert effects.counts[("shadow", "failed")] == 1
    assert tell(effects)[0]["data"]["errors"][0]["error"] == "internal"


def test_what_the_shadow_reads_of_a_contact_is_kept_for_it() -> None:
    reads = changed(
        (
            "- {rule: claims, when: contact.subject",
            "- {rule: claims, when: contact.product == 'x' || contact.subject",
        )
    )
    for revision, wanted in ((None, set()), (reads, {"product"})):
        feed = Feed(intake())
        feed.machine.set_shadow(revision)
        feed.give(arrived(NOW, "k-1", "u-1", product="x"))
        assert wanted == (remembered(feed.machine, "u-1").data or {}).keys() & {"product"}


def test_no_shadow_is_asked_once_it_is_taken_away() -> None:
    feed, tell = shadowed(OTHER_LANE)
    feed.machine.set_shadow(None)
    assert tell(feed.give(arrived(NOW, "k-1", "u-1"))) == []
    assert feed.machine.shadow is None


def test_shadow_masks_as_its_own_policy_says() -> None:
    feed, tell = shadowed(changed(("contact.customer_id: hash", "contact.customer_id: drop")))
    (event,) = tell(feed.give(arrived(NOW, "k-1", "u-1", text="a lawyer")))
    assert b"lawyer" not in orjson.dumps(event)
    assert MASK.receipt("contact.text", "a lawyer") in event["data"]["masked"].values()

"""Laws of a change of policy: whoever is restarted when, the records are the same, and whole."""

from functools import partial
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contract.driver import MASK_KEY, Sent
from tests.contract.event import arrived, contact
from tests.unit.routing.scene import REVISION
from tests.unit.routing.test_change import LANE_GONE, NO_CHANGE, OTHER_LANE, OTHER_TERMS
from tierlane.audit.mask import Mask
from tierlane.policy.publish.publication import Publication
from tierlane.replay.memory import MemoryDriver, MemoryLog
from tierlane.routing.desk import Desk
from tierlane.routing.intake import Intake
from tierlane.stream.murmur import place

NOW = 1_772_453_645_000
REVISIONS = (REVISION, OTHER_LANE, OTHER_TERMS, LANE_GONE, NO_CHANGE)

EVENTS = st.tuples(
    st.sampled_from(["arrived", "updated", "answered", "ended", "transferred"]),
    st.integers(0, 5),
    st.sampled_from(["order", "claim"]),
)
CHANGES = st.tuples(
    st.sampled_from(range(len(REVISIONS))), st.sampled_from(["pin", "reroute"]), st.booleans()
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("event"), EVENTS),
        st.tuples(st.just("change"), CHANGES),
        st.tuples(st.just("restart"), st.none()),
        st.tuples(st.just("settle"), st.none()),
    ),
    max_size=25,
)


def sent(number: int, kind: str, who: int, subject: str) -> Sent:
    at, name, key = NOW + number, f"k-{who}", f"u-{who % 3}"
    if kind == "arrived":
        return arrived(at, name, key, subject=subject)
    data = {"subject": subject} if kind in {"updated", "transferred"} else {}
    return contact(kind, f"e-{number}", at, name, key, **data)


def play(steps: list[Any], *, restarts: bool) -> MemoryDriver:
    """Do the steps; a restart falls where one is asked for, between any two slices."""
    intake = partial(Intake, deployment="d1", revision=REVISION, mask=Mask(MASK_KEY))
    log = MemoryLog(2, place, NOW)
    driver = MemoryDriver(log, intake, partial(Desk, deployment="d1"), batch=3)
    changes = 0
    for number, (what, given_) in enumerate(steps):
        log.now += 1
        if what == "event":
            log.append(*sent(number, *given_))
        elif what == "change":
            driver.settle()
            changes += 1
            which, in_flight, shadow = given_
            beside = REVISIONS[which - 1] if shadow else None
            driver.publish(REVISIONS[which], Publication(in_flight, changes), beside)
            if restarts:
                driver.restart()
        elif what == "restart" and restarts:
            driver.restart()
        elif what == "settle":
            driver.settle()
    driver.settle()
    return driver


def told(driver: MemoryDriver, topic: str) -> list[dict[str, Any]]:
    return [orjson.loads(one.value or b"")["data"] for one in driver.log.all(topic)]


TOPICS = ("routing.audit", "routing.shadow", "lane.standard", "lane.priority", "lane.selfservice")


@settings(max_examples=60)
@given(STEPS)
def test_a_restart_changes_nothing_that_is_written(steps: list[Any]) -> None:
    with_, without = play(steps, restarts=True), play(steps, restarts=False)
    for topic in TOPICS:
        left, right = with_.log.all(topic), without.log.all(topic)
        assert [(one.key, one.value) for one in left] == [(one.key, one.value) for one in right]


@settings(max_examples=60)
@given(STEPS)
def test_records_are_whole_and_a_contact_is_in_one_lane(steps: list[Any]) -> None:
    driver = play(steps, restarts=True)
    by_owner: dict[str, list[int]] = {}
    for one in told(driver, "routing.audit"):
        by_owner.setdefault(one["owner"], []).append(one["seq"])
    assert all(sorted(seqs) == list(range(1, len(seqs) + 1)) for seqs in by_owner.values())
    stays: dict[str, dict[int, bool]] = {}
    for topic in TOPICS[2:]:
        for one in told(driver, topic):
            entry = stays.setdefault(one["contact_id"], {})
            entry[one["entry_no"]] = entry.get(one["entry_no"], False) or "left_at" in one
    for numbers in stays.values():
        assert sorted(numbers) == list(range(1, len(numbers) + 1))
        assert all(left for number, left in numbers.items() if number < len(numbers))


@settings(max_examples=60)
@given(STEPS, st.sampled_from([OTHER_LANE, OTHER_TERMS, LANE_GONE]))
def test_after_a_reroute_nobody_waits_by_another_revision_than_it_would_be_decided_by(
    steps: list[Any], last: Any
) -> None:
    """Who waits either entered by the last revision, or its entry says the same as one by it."""
    driver = play(steps, restarts=True)
    driver.log.now += 1
    driver.publish(NO_CHANGE, Publication("pin", 98))  # else it might be live already
    driver.publish(last, Publication("reroute", 99))
    driver.settle()
    lanes = {lane.name for lane in last.lanes}
    waiting: dict[str, dict[str, Any]] = {}
    for topic in TOPICS[2:]:
        for one in told(driver, topic):
            known = waiting.get(one["contact_id"])
            if known is None or (one["entry_no"], "left_at" in one) > (
                known["entry_no"],
                "left_at" in known,
            ):
                waiting[one["contact_id"]] = one
    for one in waiting.values():
        if "left_at" not in one:
            assert one["lane"] in lanes
            default = 3 if last is OTHER_TERMS else 1
            assert one["priority"] == default

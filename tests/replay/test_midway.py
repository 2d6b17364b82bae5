"""A range that begins in the middle: what hung on what lay before is counted, taken on trust."""

from collections.abc import Callable

import pytest

from tests.replay import floor, scene
from tests.replay.test_tampering import List, changed, data
from tierlane.replay.stored import StoredRecord
from tierlane.replay.verify.verdict import Verdict
from tierlane.topic import ROUTING_AUDIT

Verified = Callable[[List], Verdict]


def later(records: tuple[StoredRecord, ...], share: float) -> List:
    """Return what the log took later; revisions and profiles are read whole, as on Kafka."""
    moments = sorted(one.timestamp for one in records)
    begin = moments[int(len(moments) * share)]
    whole = ("policy.revisions", "customer.profiles")
    return [one for one in records if one.timestamp >= begin or one.topic in whole]


@pytest.mark.parametrize(
    ("records", "verified"),
    [(scene.recorded, scene.verified), (floor.recorded, floor.verified)],
    ids=["intake", "desks"],
)
@pytest.mark.parametrize("share", [0.3, 0.6])
def test_nothing_differs_and_what_is_not_proven_is_counted(
    records: Callable[[], tuple[StoredRecord, ...]], verified: Verified, share: float
) -> None:
    part = later(records(), share)
    found = verified(part)
    assert found.differences == []
    audits = [one for one in part if one.topic == ROUTING_AUDIT]
    assert found.midway > 0
    # Every record of the audit is either proven or counted among those that are not.
    assert sum(found.compared.values()) + found.midway + found.trusted == len(audits)
    assert found.unproven == found.midway + found.trusted
    assert sum("begins in the middle" in one for one in found.notices) >= 2


def test_a_decision_that_does_not_follow_from_what_it_states_is_a_difference() -> None:
    part = later(scene.recorded(), 0.5)
    at = next(
        at
        for at, one in enumerate(part)
        if one.topic == ROUTING_AUDIT and data(one).get("tier", {}).get("name") == "standard"
        and not data(one).get("masked")
    )  # fmt: skip
    found = scene.verified(changed(part, at, lambda one: one["tier"].update(name="gold")))
    assert [(one.kind, one.field) for one in found.differences] == [("changed", "data.tier.name")]


def test_a_record_taken_out_of_the_middle_is_missing() -> None:
    part = later(floor.recorded(), 0.5)
    at = [at for at, one in enumerate(part) if one.topic == ROUTING_AUDIT][40]
    found = floor.verified(part[:at] + part[at + 1 :])
    assert [one.kind for one in found.differences] == ["missing"]


def test_an_audit_cut_short_beside_whole_inputs_is_told_as_missing() -> None:
    records = scene.recorded()
    last = max(data(one)["seq"] for one in records if one.topic == ROUTING_AUDIT) // 2
    kept = [one for one in records if one.topic != ROUTING_AUDIT or data(one)["seq"] > last]
    assert {one.kind for one in scene.verified(kept).differences} >= {"missing"}

"""What was done to the record of managed desks is found, at its place, and nothing else is."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from tests.replay.floor import recorded, verified
from tests.replay.test_tampering import List, changed, data, of_topic, with_data
from tierlane.topic import ROUTING_AUDIT

Tampering = tuple[List, set[str]]
OWNER = "desk-1"


def noted(records: List, kind: str, last: int = 0) -> int:
    """Return the place of a record of a kind in one desk owner's audit: one amid them."""
    found = [
        at
        for at, one in enumerate(records)
        if one.topic == ROUTING_AUDIT and (data(one)["kind"], data(one)["owner"]) == (kind, OWNER)
    ]
    return found[last - 1] if last else found[len(found) // 2]


def edit(kind: str, **more: Any) -> Callable[[List], Tampering]:
    """Return what changes fields of a record in a desk's audit."""

    def tamper(records: List) -> Tampering:
        at = noted(records, kind)
        assert {name: data(records[at]).get(name) for name in more} != more
        return changed(records, at, lambda one: one.update(more)), {"changed"}

    return tamper


def of_cause(kind: str, **more: Any) -> Callable[[List], Tampering]:
    """Return what changes a cause, by what is to be added to its numbers."""

    def tamper(records: List) -> Tampering:
        def change(one: dict[str, Any]) -> None:
            for name, much in more.items():
                one["cause"][name] = one["cause"].get(name, 0) + much

        return changed(records, noted(records, kind), change), {"changed"}

    return tamper


def dropped(kind: str) -> Callable[[List], Tampering]:
    """Return what takes a record out of a desk's audit."""

    def tamper(records: List) -> Tampering:
        at = noted(records, kind)
        return records[:at] + records[at + 1 :], {"missing"}

    return tamper


def read_otherwise(records: List) -> Tampering:
    """Say that the other input had been read further."""
    at = noted(records, "confirmed")

    def change(one: dict[str, Any]) -> None:
        one["cause"]["next"]["desk.contacts"] += 9

    return changed(records, at, change), {"changed"}


def inserted(records: List) -> Tampering:
    """Put a record between others, with a number that is taken."""
    at = noted(records, "offered")
    event = orjson.loads(records[at].value or b"")
    event["id"] = event["data"]["decision_id"] = "d1.d1.77.n7"
    made = records[at]._replace(value=orjson.dumps(event))
    return [*records[: at + 1], made, *records[at + 1 :]], {"inserted"}


def told_to_another(records: List) -> Tampering:
    at = of_topic(records, "advisor.offers", "offered.v1")
    return changed(records, at, lambda one: one.update(advisor_id="eve")), {"changed"}


def not_told(records: List) -> Tampering:
    at = of_topic(records, "advisor.offers", "confirmed.v1")
    return records[:at] + records[at + 1 :], {"missing"}


def entered_elsewhere(records: List) -> Tampering:
    at = of_topic(records, "lane.priority", "entered.v1")
    return changed(records, at, lambda one: one.update(priority=99)), {"changed"}


def handed_over_younger(records: List) -> Tampering:
    """Change a record that one desk hands to another: its audit says otherwise, and so does what
    the other makes of it."""
    at = next(
        at
        for at, one in enumerate(records)
        if one.topic == "desk.contacts"
        and b"/desk-" in (one.value or b"")
        and b"tierlane.desk.arrived" in (one.value or b"")
    )
    made = with_data(records[at], lambda one: one["contact"].update(arrived=0))
    return [*records[:at], made, *records[at + 1 :]], {"changed"}


def accepted_by_another(records: List) -> Tampering:
    """Change who accepted, in what the desk was told."""
    at = of_topic(records, "advisor.events", "accepted.v1")
    return changed(records, at, lambda one: one.update(advisor_id="quo")), {"changed", "missing"}


TAMPERINGS: dict[str, Callable[[List], Tampering]] = {
    "who was offered it": edit("offered", advisor="eve"),
    "when an offer ends": edit("offered", expires_at="2026-03-02T09:30:00.000Z"),
    "place": edit("entered", place=77),
    "wait": edit("entered", wait=77_000),
    "passed over": edit("entered", passed_over=[]),
    "how wrong the wait was": edit("confirmed", missed_by=1),
    "outcome": edit("finished", outcome="bought"),
    "lane moved to": edit("moved", lane="nowhere"),
    "when a timer fired": of_cause("expired", fired=600_000),
    "when a timer was due": of_cause("expired", due=1),
    "which record": of_cause("finished", offset=40),
    "clock": of_cause("finished", clock=1),
    "read otherwise": read_otherwise,
    "offer dropped": dropped("offered"),
    "end of an offer dropped": dropped("expired"),
    "silence dropped": dropped("vanished"),
    "standstill dropped": dropped("stood_still"),
    "order dropped": dropped("ordered"),
    "who was granted": edit("granted", advisor="eve"),
    "seat dropped": dropped("signed_on"),
    "inserted": inserted,
    "told to another": told_to_another,
    "not told": not_told,
    "entered otherwise": entered_elsewhere,
    "handed over younger": handed_over_younger,
    "accepted by another": accepted_by_another,
}

SPREAD = {"standstill dropped", "handed over younger", "accepted by another"}
"""What changes what the desk was told: all its contacts compete, so all that follows may differ."""


def test_nothing_differs_where_nothing_was_done() -> None:
    found = verified(recorded())
    assert found.differences == []
    assert found.unproven == 0
    assert found.notices == []
    kinds = found.compared
    assert min(
        kinds[one]
        for one in ("offered", "expired", "vanished", "handed_over", "overtaken", "stood_still")
    )


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_with_desks_is_found_and_does_not_spread(name: str) -> None:
    records, kinds = TAMPERINGS[name](list(recorded()))
    found = verified(records).differences
    assert {one.kind for one in found} & kinds, found[:5]
    assert len(found) <= 3 or name in SPREAD, (len(found), found[:10])

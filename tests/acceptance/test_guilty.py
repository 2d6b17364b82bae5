"""A record on which our own code raises is put aside alone; its neighbours are served."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson

from tests.acceptance.scene import (
    EVENTS,
    POLICY,
    arrival,
    create_topics,
    event,
    outcome,
    profile,
    served,
)
from tests.broker.log import Fresh, Log
from tests.worker import Worker

COMMAND = (sys.executable, str(Path(__file__).with_name("guilty.py")))
SECRET = "Rosebud-4711"
KEY = "u1"

STEPS: dict[str, tuple[str, ...]] = {
    "enter": ("arrived",),
    "decide_again": ("arrived", "updated"),
    "enter_again": ("arrived", "answered", "transferred"),
    "merge": ("arrived", "answered", "updated"),
    "hand_over": ("arrived", "identified"),
    "serve": ("arrived", "answered"),
    "close": ("arrived", "ended"),
    "note": ("arrived", "ended", "ended"),
    "forward": ("arrived", "identified", "updated"),
    "nothing": ("answered",),
}
"""Effect → the events of a contact of which the last comes to its handler."""


def story(effect: str) -> Iterator[Fresh]:
    """Yield the events of the contact `guilty-EFFECT`; closing it first would raise too soon."""
    contact = f"guilty-{effect}"
    for number, kind in enumerate(STEPS[effect]):
        data = {"contact_id": contact, "channel": "chat", "text": SECRET, "customer_id": KEY}
        if kind == "identified":
            data["customer_id"] = "u2"
        yield event(kind, f"{effect}-{number}", data, key=KEY)


async def test_only_the_records_whose_handlers_raise_are_put_aside(
    log: Log, worker: Callable[..., Worker]
) -> None:
    await create_topics(log, 1)
    records = [arrival(0, customer=KEY)]
    guilty: dict[int, str] = {}
    for effect in STEPS:
        for step in story(effect):
            records += [step, arrival(len(records) + 1, customer=KEY)]
        guilty[len(records) - 2] = effect
    await log.write(records)
    one = worker("--policy", str(POLICY), command=COMMAND)
    one.start()
    await served(log)
    found = await outcome(log)
    assert {guilty.get(at, at): reason for at, reason in found.reasons().items()} == dict.fromkeys(
        STEPS, "internal"
    )
    assert [record.value for record in found.rejected] == [records[at].value for at in guilty]
    good = sorted(f"k{number}" for number in range(0, len(records), 2))
    assert [contact for contact in found.decided() if contact in good] == good
    assert one.running
    assert one.said.count("Planted") >= len(STEPS)
    assert SECRET not in one.said


async def test_a_contact_the_policy_fails_on_goes_to_the_fallback_lane(
    log: Log, worker: Callable[..., Worker]
) -> None:
    await create_topics(log, 1)
    guilty = arrival("-x", customer=KEY, contact_id="guilty-decide", text=SECRET)
    await log.write([arrival(0, customer=KEY), guilty, arrival(1, customer=KEY)])
    one = worker("--policy", str(POLICY), command=COMMAND)
    one.start()
    await served(log)
    found = await outcome(log)
    assert found.entered() == ["guilty-decide", "k0", "k1"]
    assert found.rejected == []
    audits = [orjson.loads(record.value or b"")["data"] for record in found.audits]
    [record] = [one for one in audits if one["contact_id"] == "guilty-decide"]
    assert "internal" in [error["error"] for error in record["errors"]]
    assert SECRET not in one.said


async def test_a_profile_that_cannot_be_handled_costs_no_contact(
    log: Log, worker: Callable[..., Worker]
) -> None:
    await create_topics(log, 1)
    await log.write([profile("guilty-profile", segments=[SECRET]), profile(KEY)])
    await log.write([arrival(0, customer="guilty-profile"), arrival(1, customer=KEY)])
    one = worker("--policy", str(POLICY), command=COMMAND)
    one.start()
    await served(log)
    found = await outcome(log)
    assert (found.entered(), found.rejected) == (["k0", "k1"], [])
    assert SECRET not in one.said


async def test_a_return_whose_handler_raises_is_put_aside_with_its_topic(
    log: Log, worker: Callable[..., Worker]
) -> None:
    await create_topics(log, 1)
    data = {"contact_id": "guilty-take_over", "channel": "chat"}
    known = {"contact_id": "guilty-take_over", "customer_id": "u2"}
    await log.write(
        [
            event("arrived", 1, data, key="guilty-take_over"),
            event("identified", 2, known, key="guilty-take_over"),
        ]
    )
    one = worker("--policy", str(POLICY), command=COMMAND)
    one.start()
    await served(log)
    await log.write([arrival(3)])
    await served(log)
    [rejected] = (await outcome(log)).rejected
    headers = dict(rejected.headers)
    assert headers["tierlane-topic"] == b"intake.returns"
    assert headers["tierlane-reason"] == b"internal"
    assert headers["tierlane-topic"] != EVENTS.encode()

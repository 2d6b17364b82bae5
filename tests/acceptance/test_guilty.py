"""A record on which our own code raises is put aside alone; its neighbours are served."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest

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
DESKS = ("front", "guilty-handler", "back")

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


async def test_a_profile_whose_handler_raises_is_put_aside_alone(
    log: Log, worker: Callable[..., Worker]
) -> None:
    await create_topics(log, 1)
    one = worker("--policy", str(POLICY), command=COMMAND)
    one.start()
    one.await_ready()
    guilty = profile("guilty-handler", segments=[SECRET])
    vip = profile("u2", measures={"spend_12m": 200_000.0})
    await log.write([profile(KEY), guilty, vip])
    await served(log, topics=["customer.profiles"])
    await log.write([arrival(1, customer=KEY), arrival(2, customer="u2")])
    await served(log)
    found = await outcome(log)
    assert [(record.key, record.value) for record in found.rejected] == [(guilty.key, guilty.value)]
    assert found.reasons() == {1: "internal"}
    tiers = {entry.key: orjson.loads(entry.value or b"")["data"]["tier"] for entry in found.entries}
    assert tiers == {b"k1": "standard", b"k2": "vip"}
    assert SECRET not in one.said


async def test_an_end_while_held_whose_handler_raises_is_put_aside_alone(
    log: Log, worker: Callable[..., Worker]
) -> None:
    await create_topics(log, 1)
    one = worker("--policy", str(POLICY), command=COMMAND)
    one.start()
    held = {"contact_id": "guilty-hold", "text": SECRET}
    arrived = arrival("-x", customer=KEY, channel="chat", **held)
    await log.write([arrival(0, customer=KEY), arrived])
    await served(log)
    answered = orjson.loads(event("answered", 1, held, key=KEY).value or b"")
    answered["type"] = "tierlane.return.answered.v1"
    await log.write([Fresh("intake.returns", KEY.encode(), orjson.dumps(answered))])
    await served(log, topics=["intake.returns"])
    ended = event("ended", 2, held, key=KEY)
    await log.write([ended, arrival(3, customer=KEY)])
    await served(log)
    found = await outcome(log)
    assert [record.value for record in found.rejected] == [ended.value]
    assert found.reasons() == {2: "internal"}
    assert found.decided() == ["guilty-hold", "k0", "k3"]
    assert SECRET not in one.said


def signed_on(number: int, desk: str) -> Fresh:
    """Make an event by which an advisor begins to serve at a desk."""
    whole = orjson.loads(event("signed_on", number, {}, key=desk).value or b"")
    whole["type"] = "tierlane.advisor.signed_on.v1"
    whole["data"] = {"advisor_id": f"a{number}", "desk": desk, "languages": [SECRET]}
    return Fresh("advisor.events", desk.encode(), orjson.dumps(whole))


def gone(number: int, desk: str) -> Fresh:
    """Make a record by which a contact that the desk never had is over."""
    whole = orjson.loads(event("ended", number, {}, key=desk).value or b"")
    whole["type"] = "tierlane.desk.gone.v1"
    contact = f"k{number}"
    whole["data"] = {"contact_id": contact, "key": contact, "how": "ended", "reason": SECRET}
    return Fresh("desk.contacts", desk.encode(), orjson.dumps(whole))


@pytest.mark.parametrize(
    ("records", "kind"),
    [
        ([signed_on(n, desk) for n, desk in enumerate(DESKS)], "signed_on"),
        ([gone(n, desk) for n, desk in enumerate(DESKS)], "no_effect"),
    ],
    ids=["advisor", "contact"],
)
async def test_a_record_on_which_a_desk_raises_is_put_aside_alone(
    log: Log, worker: Callable[..., Worker], records: list[Fresh], kind: str
) -> None:
    await create_topics(log, 1)
    one = worker("--policy", str(POLICY), command=COMMAND)
    one.start()
    await log.write(records)
    await served(log, topics=[records[0].topic])
    found = await outcome(log)
    assert [(record.key, record.value) for record in found.rejected] == [records[1][1:3]]
    assert found.reasons() == {1: "internal"}
    audits = [orjson.loads(record.value or b"")["data"] for record in found.audits]
    told = [(one["kind"], one["seq"], one["cause"]["offset"]) for one in audits]
    assert told == [(kind, 1, 0), (kind, 2, 2)]
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

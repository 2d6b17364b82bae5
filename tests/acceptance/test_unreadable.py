"""Whatever lies on the topic, the worker goes on: bad records are put aside, good ones decided."""

from collections.abc import Callable
from typing import Any

import orjson

from tests.acceptance.scene import (
    EVENTS,
    POLICY,
    arrival,
    create_topics,
    event,
    outcome,
    served,
)
from tests.broker.log import Fresh, Log
from tests.worker import Worker

BINARY = (
    ("ce_specversion", b"1.0"),
    ("ce_id", b"e-1"),
    ("ce_source", b"test/desk"),
    ("ce_type", b"tierlane.contact.arrived.v1"),
    ("ce_time", b"2026-03-02T20:14:05.120+08:00"),
    ("content-type", b"application/json"),
)
ARRIVAL = orjson.loads(arrival(0).value or b"")


def raw(value: bytes | None, headers: tuple[tuple[str, bytes], ...] = ()) -> Fresh:
    return Fresh(EVENTS, b"u-bad", value, headers=headers)


def changed(**attributes: Any) -> Fresh:
    whole = {name: value for name, value in (ARRIVAL | attributes).items() if value is not ...}
    return raw(orjson.dumps(whole))


def data(**fields: Any) -> Fresh:
    kept = ARRIVAL["data"] | fields
    return changed(data={name: value for name, value in kept.items() if value is not ...})


def without(name: str) -> Fresh:
    headers = tuple(header for header in BINARY if header[0] != f"ce_{name}")
    return raw(orjson.dumps(ARRIVAL["data"]), headers)


HUGE = b'{"specversion":"1.0","data":{"contact_id":%s}}' % (b"9" * 5_000)
NAN = (arrival(0).value or b"").replace(b'"voice"', b"NaN")

KINDS: dict[str, tuple[Fresh, str]] = {
    "tombstone": (raw(None), "tombstone"),
    "empty": (raw(b""), "empty"),
    "not JSON": (raw(b"<contact/>"), "not-json"),
    "cut short": (raw((arrival(0).value or b"")[:-20]), "not-json"),
    "two documents": (raw(b"{}{}"), "not-json"),
    "a list": (raw(b"[1, 2]"), "not-an-object"),
    "a text": (raw(b'"hello"'), "not-an-object"),
    "null": (raw(b"null"), "not-an-object"),
    "invalid UTF-8": (raw(b'{"specversion": "\xff\xfe"}'), "not-utf8"),
    "NaN": (raw(NAN), "not-json"),
    "10,000 deep": (raw(b'{"data":' + b"[" * 10_000 + b"]" * 10_000 + b"}"), "not-json"),
    "10,000 deep, never closed": (raw(b"[" * 10_000), "not-json"),
    "5 MB": (data(text="x" * 5_000_000), "too-large"),
    "a number of 5,000 digits": (raw(HUGE), "not-json"),
    "a number for an id": (
        raw((arrival(0).value or b"").replace(b'"k0"', b"1" + b"0" * 30)),
        "wrong-type",
    ),
    "no CloudEvent": (raw(b"{}"), "missing"),
    "unknown specversion": (changed(specversion="2.0"), "unknown-version"),
    "unknown type": (changed(type="tierlane.contact.vanished.v1"), "unknown-type"),
    "type of a wrong type": (changed(type=7), "wrong-type"),
    "no id": (changed(id=...), "missing"),
    "empty id": (changed(id=""), "wrong-value"),
    "no source": (changed(source=...), "missing"),
    "no time": (changed(time=...), "missing"),
    "time without an offset": (changed(time="2026-03-02T20:14:05"), "bad-time"),
    "time that is none": (changed(time="yesterday"), "bad-time"),
    "time far away": (changed(time="9999-12-31T23:59:59Z"), "bad-time"),
    "no data": (changed(data=...), "missing"),
    "data of a wrong type": (changed(data=[]), "wrong-type"),
    "no contact_id": (data(contact_id=...), "missing"),
    "empty contact_id": (data(contact_id=""), "wrong-value"),
    "contact_id too long": (data(contact_id="k" * 5_000), "wrong-value"),
    "no channel": (data(channel=...), "missing"),
    "channel of a wrong type": (data(channel={"name": "voice"}), "wrong-type"),
    "customer_id of a wrong type": (data(customer_id=[1]), "wrong-type"),
    "header mode without specversion": (without("specversion"), "missing"),
    "header mode without type": (without("type"), "missing"),
    "header mode without id": (without("id"), "missing"),
    "header mode, header not UTF-8": (
        raw(orjson.dumps(ARRIVAL["data"]), (*BINARY[1:], ("ce_specversion", b"\xff"))),
        "not-utf8",
    ),
}
"""Kind → a record and the reason with which it is put aside."""


async def test_every_kind_is_put_aside_and_its_neighbours_decided(
    log: Log, worker: Callable[..., Worker]
) -> None:
    await create_topics(log, 1)
    records: list[Fresh] = []
    for number, (record, _) in enumerate(KINDS.values()):
        records += [arrival(number), record]
    records.append(arrival(len(KINDS)))
    await log.write(records)
    one = worker("--policy", str(POLICY))
    one.start()
    await served(log)
    found = await outcome(log)
    expected = {2 * n + 1: reason for n, (_, reason) in enumerate(KINDS.values())}
    names = list(KINDS)
    reasons = {names[at // 2]: reason for at, reason in found.reasons().items()}
    assert reasons == {names[at // 2]: reason for at, reason in expected.items()}
    good = sorted(f"k{number}" for number in range(len(KINDS) + 1))
    assert (found.decided(), found.entered()) == (good, good)
    assert one.running


async def test_a_rejected_record_is_the_original_and_says_where_it_lay(
    log: Log, worker: Callable[..., Worker]
) -> None:
    await create_topics(log, 1)
    bad = Fresh(EVENTS, b"u-bad", b"<secret/>", headers=(("trace", b"\x00\x01"),))
    await log.write([bad, event("ended", 1, {}, key="u1")])
    worker("--policy", str(POLICY)).start()
    await served(log)
    [rejected] = (await outcome(log)).rejected
    assert (rejected.key, rejected.value) == (b"u-bad", b"<secret/>")
    told = dict(rejected.headers)
    assert told.pop("tierlane-detail") == b"line 1 column 1"
    assert told == {
        "trace": b"\x00\x01",
        "tierlane-reason": b"not-json",
        "tierlane-topic": EVENTS.encode(),
        "tierlane-partition": b"0",
        "tierlane-offset": b"0",
    }


async def test_binary_mode_is_read_like_structured_mode(
    log: Log, worker: Callable[..., Worker]
) -> None:
    await create_topics(log, 1)
    await log.write([Fresh(EVENTS, b"u0", orjson.dumps(ARRIVAL["data"]), headers=BINARY)])
    worker("--policy", str(POLICY)).start()
    await served(log)
    found = await outcome(log)
    assert (found.decided(), found.rejected) == (["k0"], [])

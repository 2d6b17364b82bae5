"""What a customer says and owns, and what opens the brokers, is found in no wrong place."""

import sys
from collections.abc import Callable
from pathlib import Path

from tests.acceptance.scene import (
    EVENTS,
    POLICY,
    arrival,
    create_topics,
    event,
    profile,
    served,
)
from tests.broker.log import Fresh, Log
from tests.worker import Worker
from tierlane.stream.catalogue import catalogue

SECRET = "Rosebud4711"
GUILTY = (sys.executable, str(Path(__file__).with_name("guilty.py")))
SETTINGS = {
    "TIERLANE_MASK_KEY": f"{SECRET}-mask-key",
    "TIERLANE_SASL_PASSWORD": f"{SECRET}-password",
    "TIERLANE_SSL_KEY_PASSWORD": f"{SECRET}-key-password",
}
PERSONAL = {
    "text": f"lawyer! {SECRET}",
    "attributes": {"business": "retail", SECRET: SECRET},
    "language": 7,
}


async def shown(log: Log) -> bytes:
    """Return every byte of what others than intake and desk may read, but the rejected records."""
    names = ["routing.audit", "routing.shadow"]
    found = [record async for record in log.read(names)]
    return b"\0".join((record.key or b"") + (record.value or b"") for record in found)


async def kept(log: Log) -> bytes:
    """Return every byte of every topic, the state of the owners included."""
    return b"\0".join(
        [
            (record.key or b"") + (record.value or b"")
            async for record in log.read(list(catalogue()))
        ]
    )


async def test_a_planted_secret_is_in_no_log_audit_metric_or_crash(
    log: Log, worker: Callable[..., Worker]
) -> None:
    await create_topics(log, 1)
    customer = {
        "segments": ["young-family"],
        "preferences": [SECRET],
        "measures": {"spend_12m": SECRET, "assets": 7_000_000.0},
        "name": SECRET,
        "membership": {"programme": SECRET, "level": "gold"},
    }
    await log.write(
        [
            profile("u1", **customer),
            Fresh("customer.profiles", b"u2", f'{{"customer_id": "u2", {SECRET}'.encode()),
            arrival(1, **PERSONAL),
            arrival(2, **PERSONAL),
            arrival("-x", contact_id="guilty-decide", **PERSONAL),
            event("updated", 1, {"text": SECRET, "subject": "return"}, key="u1"),
            event("updated", "-2", {"contact_id": "guilty-nothing", "text": SECRET}, key="u3"),
            event("arrived", 3, {"channel": {SECRET: SECRET}, "text": SECRET}, key="u4"),
            Fresh(EVENTS, b"u5", f'{{"specversion": "1.0", "data": {SECRET}'.encode()),
            Fresh(EVENTS, b"u6", b"\xff" + SECRET.encode()),
        ]
    )
    one = worker("--policy", str(POLICY), environment=SETTINGS, command=GUILTY)
    one.start()
    await served(log)
    pages = one.get("/metrics")[1] + one.get("/readyz")[1] + one.get("/healthz")[1]
    assert "tierlane_decisions_total" in pages
    assert one.stop() == 0
    assert "Planted" in one.said
    for place, text in (
        ("log", one.said),
        ("pages", pages),
        ("audit", (await shown(log)).decode()),
    ):
        assert SECRET not in text, place
    everything = await kept(log)
    assert SECRET.encode() in everything, "what was planted is where it may be"
    for name, value in SETTINGS.items():
        assert value.encode() not in everything, name


async def test_a_worker_that_crashes_tells_the_place_and_no_content(
    log: Log, worker: Callable[..., Worker]
) -> None:
    await create_topics(log, 1)
    await log.write([arrival("-x", contact_id="guilty-crash", **PERSONAL)])
    one = worker("--policy", str(POLICY), environment=SETTINGS, command=GUILTY)
    one.start()
    assert one.wait(40) == 1
    assert "Planted" in one.said
    assert "outbox.py" in one.said or "guilty.py" in one.said
    assert SECRET not in one.said


async def test_a_wrong_setting_is_named_without_any_value(worker: Callable[..., Worker]) -> None:
    wrong = SETTINGS | {"TIERLANE_BATCH_RECORDS": SECRET, "TIERLANE_SECURITY_PROTOCOL": SECRET}
    one = worker("--policy", str(POLICY), environment=wrong)
    one.start()
    assert one.wait(30) == 2
    assert "batch_records" in one.said
    assert SECRET not in one.said


async def test_a_broker_that_is_not_there_is_named_without_the_password(
    worker: Callable[..., Worker],
) -> None:
    away = SETTINGS | {"TIERLANE_BROKERS": "127.0.0.1:1"}
    one = worker("--policy", str(POLICY), environment=away)
    one.start()
    assert one.wait(60) == 2
    assert "127.0.0.1:1" in one.said
    assert SECRET not in one.said

"""Policies to publish, the command that does it, and what owners made of it."""

import asyncio
import os
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import orjson

from tests.broker.log import Fresh, Log
from tests.contract.driver import POLICY
from tests.worker import COMMAND, Worker
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.publish.publication import LIVE, SOURCE

FIRST = POLICY.read_text(encoding="utf-8")
NAME = "behaviour"
TO_CLAIMS = ("{plan: general, steps: [{lane: people}]}", "{plan: general, steps: [{lane: claims}]}")
TO_BOT = ("{plan: general, steps: [{lane: people}]}", "{plan: general, steps: [{lane: bot}]}")
SOON = 40.0


def changed(*pairs: tuple[str, str]) -> str:
    """Return the suite's policy with texts replaced, each of which must be there."""
    text = FIRST
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


def digest(text: str) -> str:
    """Return the name of a policy's revision."""
    return compile_policy(text, "p").hash


def tierlane(log: Log, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of tierlane on the test's topics."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("TIERLANE_")}
    own = {
        "TIERLANE_BROKERS": log.address,
        "TIERLANE_PREFIX": log.prefix,
        "TIERLANE_GUARANTEE": "exactly-once" if log.idempotent else "at-least-once",
        "NO_COLOR": "1",
    }
    return subprocess.run(
        [*COMMAND, *arguments],
        env=clean | own,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def release(log: Log, *arguments: str, code: int = 0) -> dict[str, Any]:
    """Run `tierlane policy …` and return what it says as JSON."""
    done = await asyncio.to_thread(tierlane, log, "policy", *arguments, "--format", "json")
    assert done.returncode == code, done.stderr + done.stdout
    found: dict[str, Any] = orjson.loads(done.stdout)
    return found


async def publish(log: Log, folder: Path, text: str, *options: str) -> dict[str, Any]:
    """Publish a policy."""
    path = folder / f"{digest(text)}.yaml"
    path.write_text(text)
    return await release(log, "publish", str(path), *options)


async def audits(log: Log, *kinds: str) -> list[dict[str, Any]]:
    """Return audit records of these kinds, by owner in its own order."""
    told = [orjson.loads(one.value or b"")["data"] async for one in log.read(["routing.audit"])]
    found = [one for one in told if not kinds or one["kind"] in kinds]
    return sorted(found, key=lambda one: (one["owner"], one["seq"]))


async def active(log: Log, revision: str) -> Counter[str]:
    """Return how often each intake audited that a revision became active."""
    return Counter(
        one["owner"]
        for one in await audits(log, "activated")
        if one["policy"]["revision"] == revision
    )


async def until(true: Callable[[], Any], what: str, workers: Iterable[Worker] = ()) -> None:
    """Wait until something holds; TimeoutError with the ends of the workers' logs."""
    deadline = time.monotonic() + SOON
    while time.monotonic() < deadline:
        found = true()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return
        await asyncio.sleep(0.1)
    raise TimeoutError(what + "".join("\n" + one.said[-3000:] for one in workers))


async def took_over(log: Log, revision: str, owners: int, *workers: Worker) -> None:
    """Wait until so many intakes have audited that a revision became active."""

    async def all_did() -> bool:
        return len(await active(log, revision)) == owners

    await until(all_did, f"{revision} is not active everywhere", workers)


def pointer(number: int, live: str, **other: Any) -> Fresh:
    """Make the record that names the live revision, as somebody else may have written it."""
    data = {
        "policy": NAME,
        "live": live,
        "shadow": None,
        "in_flight": "pin",
        "published_at": None,
        "by": None,
        "allowed": [],
        "reason": None,
        "previous": None,
        "number": number,
        "live_number": number,
        "history": [],
        **other,
    }
    return Fresh("policy.revisions", NAME.encode(), orjson.dumps(event(LIVE, data)))


def document(revision: str, text: str) -> Fresh:
    """Make a document's record, whatever is in it."""
    data = {"policy": NAME, "revision": revision, "document": text}
    value = orjson.dumps(event("tierlane.policy.revision.v1", data))
    return Fresh("policy.revisions", f"{NAME}@{revision}".encode(), value)


def event(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    """Make the envelope."""
    return {
        "specversion": "1.0",
        "id": "test",
        "source": SOURCE,
        "type": kind,
        "time": "2026-03-02T12:00:00Z",
        "data": data,
    }

"""What acceptance tests set up and look at: contacts in, lanes, audit and rejected records out."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from tests.broker.log import Fresh, Kept, Log
from tests.topics import create_topics
from tierlane.stream.catalogue import catalogue

POLICY = Path(__file__).parents[2] / "src/tierlane/policy/packs/sample.yaml"
GROUP = "tierlane"
EVENTS = "contact.events"
LANES = ("lane.standard", "lane.priority", "lane.dedicated", "lane.selfservice")
SERVED_SECONDS = 60.0


class Outcome(NamedTuple):
    """What lies on the output topics."""

    entries: list[Kept]
    audits: list[Kept]
    rejected: list[Kept]

    def decided(self) -> list[str]:
        """Return the contacts decided, sorted; one that was decided twice is there twice."""
        data = [orjson.loads(record.value or b"")["data"] for record in self.audits]
        return sorted(one["contact_id"] for one in data if one["kind"] == "decided")

    def entered(self) -> list[str]:
        """Return the contacts that entered a lane, sorted."""
        return sorted((record.key or b"").decode() for record in self.entries)

    def reasons(self) -> dict[int, str]:
        """Return why records were rejected, by their offset on the topic they came from."""
        headers = [dict(record.headers) for record in self.rejected]
        return {int(one["tierlane-offset"]): one["tierlane-reason"].decode() for one in headers}


def event(
    kind: str, number: int | str, data: dict[str, Any], *, key: str, **attributes: Any
) -> Fresh:
    """Make an event of the contact `kNUMBER`, valid in itself."""
    whole = {
        "specversion": "1.0",
        "id": f"{kind}-{number}",
        "source": "test/desk",
        "type": f"tierlane.contact.{kind}.v1",
        "time": "2026-03-02T20:14:05.120+08:00",
        "subject": f"k{number}",
        "data": {"contact_id": f"k{number}", **data},
    }
    return Fresh(EVENTS, key.encode(), orjson.dumps(whole | attributes))


def arrival(number: int | str, *, customer: str | None = None, **data: Any) -> Fresh:
    """Make the arrival of the contact `kNUMBER`, by default of the customer `uNUMBER`."""
    customer = customer or f"u{number}"
    data = {"customer_id": customer, "channel": "voice", "subject": "delivery", **data}
    return event("arrived", number, data, key=customer)


def profile(customer: str, **data: Any) -> Fresh:
    """Make a bare profile."""
    return Fresh(
        "customer.profiles", customer.encode(), orjson.dumps({"customer_id": customer, **data})
    )


async def served(
    log: Log, seconds: float = SERVED_SECONDS, topics: Sequence[str] = (EVENTS,)
) -> float:
    """Wait until all contact events are served; return the seconds, or raise TimeoutError.

    Other topics can be named that the test alone writes: markers of transactions are never served.
    """
    begun = time.monotonic()
    async with log.reader() as reader:
        while True:
            ends = await reader.ends(topics)
            done = await reader.committed(GROUP, topics)
            if all(done.get(place, 0) >= end for place, end in ends.items()):
                return time.monotonic() - begun
            if time.monotonic() - begun > seconds:
                raise TimeoutError(f"served {done} of {ends}")
            await asyncio.sleep(0.05)


async def outcome(log: Log) -> Outcome:
    """Read the output topics under `read_committed`."""
    async with log.reader() as reader:

        async def all_of(*topics: str) -> list[Kept]:
            return [record async for record in reader.records(topics)]

        return Outcome(
            await all_of(*LANES), await all_of("routing.audit"), await all_of("contact.rejected")
        )


async def everything(log: Log) -> bytes:
    """Return every byte of keys, values and headers that lies on any topic but the inputs."""
    inputs = {EVENTS, "customer.profiles", "policy.revisions"}
    names: Sequence[str] = [name for name in catalogue() if name not in inputs]
    parts: list[bytes] = []
    async for record in log.read(names):
        parts += [record.key or b"", record.value or b""]
        parts += [value for _, value in record.headers]
    return b"\0".join(parts)


__all__ = [
    "EVENTS",
    "GROUP",
    "LANES",
    "POLICY",
    "Outcome",
    "arrival",
    "create_topics",
    "event",
    "everything",
    "outcome",
    "profile",
    "served",
]

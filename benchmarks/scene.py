"""Contacts, profiles and policies of the rows that decide: the sample's, brought to this hour."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from itertools import islice
from pathlib import Path

import orjson

from benchmarks.flow import ARRIVED
from tierlane.sample import Sample

SEED = 1
LISTED = 10_000
"""Rows of the table policy: customers listed by name, each with a tier."""
TIERS = ("silver", "gold", "vip")
FIRST_SET = "  highest_of:\n"


def arrivals(count: int, customers: int = 0) -> Iterator[tuple[bytes, bytes]]:
    """Yield (key, value) of `count` arrivals of the sample, each contact once.

    Their times are this hour's: a distance to Kafka's clock would be an error on every decision.
    With `customers` the sample has a third as many customers as that many contacts would.
    """
    return islice(_arrivals(Sample(max(count, customers) + 10, SEED)), count)


def _arrivals(sample: Sample) -> Iterator[tuple[bytes, bytes]]:
    now, known = datetime.now(UTC), set()
    for line in sample.contact_lines():
        event = orjson.loads(line)
        data = event["data"]
        if event["type"] != ARRIVED or data["contact_id"] in known:
            continue
        known.add(data["contact_id"])
        late = now - datetime.fromisoformat(event["time"])
        event["time"] = now.isoformat(timespec="milliseconds")
        attributes = data.get("attributes") or {}
        if delivered := attributes.get("delivered_at"):
            attributes["delivered_at"] = _later(delivered, late)
        key = data.get("customer_id") or data["contact_id"]
        yield key.encode(), orjson.dumps(event)


def _later(text: str, by: timedelta) -> str:
    return (datetime.fromisoformat(text) + by).isoformat(timespec="milliseconds")


def profiles(count: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield (key, value) of the profiles that belong to `count` arrivals of the sample."""
    for line in Sample(count + 10, SEED).profile_lines():
        raw = line.rstrip().encode()
        yield orjson.loads(raw)["subject"].encode(), raw


def policies(folder: Path) -> dict[str, Path]:
    """Write the policies that are measured and return their files by name."""
    packs = files("tierlane.policy") / "packs"
    texts = {name: (packs / f"{name}.yaml").read_text() for name in ("sample", "bank")}
    texts["table-10000"] = _with_table(texts["sample"])
    found = {}
    for name, text in texts.items():
        found[name] = folder / f"{name}.yaml"
        found[name].write_text(text)
    return found


def _with_table(text: str) -> str:
    """Return the sample's policy with a set of tiers more: a table of 10,000 listed customers."""
    head, mark, tail = text.partition(FIRST_SET)
    if not mark:
        raise ValueError("the sample's policy has no `highest_of` to add a table to")
    rows = "".join(
        f"          - [u-{100_000 + number}, {TIERS[number % len(TIERS)]}]\n"
        for number in range(LISTED)
    )
    table = (
        f"    - set: listed\n      table:\n        on: [profile.customer_id]\n        rows:\n{rows}"
    )
    return head + mark + table + tail

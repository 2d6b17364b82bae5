"""Contacts, profiles and policies of the rows that decide: the sample's, brought to this hour."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from benchmarks.flow import ARRIVED
from tierlane.sample import Sample

SEED = 1
OPEN = 8
"""Contacts of one customer, at most: none of them ends here, and all that are open are kept."""
LISTED = 10_000
"""Rows of the table policy: customers listed by name, each with a tier."""
TIERS = ("silver", "gold", "vip")
FIRST_SET = "  highest_of:\n"


def arrivals(count: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield (key, value) of `count` arrivals of the sample, each contact once.

    Their times are this moment's: a distance to Kafka's clock would be an error on every decision.
    """
    return islice(_arrivals(_sample(count)), count)


def brought_to(
    now: datetime, contacts: Iterable[tuple[bytes, bytes]]
) -> Iterator[tuple[bytes, bytes]]:
    """Yield the contacts with `now` for their time; deliveries stay as long before it."""
    for key, value in contacts:
        event = orjson.loads(value)
        _bring(event, now)
        yield key, orjson.dumps(event)


def arrivals_of(customers: Sequence[bytes], count: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield `count` arrivals, dealt out evenly to these customers and nobody else."""
    for number, (_, value) in enumerate(arrivals(count)):
        key = customers[number % len(customers)]
        event = orjson.loads(value)
        event["data"]["customer_id"] = key.decode()
        yield key, orjson.dumps(event)


def _sample(contacts: int) -> Sample:
    # More than are taken: some are passed over.
    return Sample(2 * contacts + 100, SEED)


def _arrivals(sample: Sample) -> Iterator[tuple[bytes, bytes]]:
    now, known = datetime.now(UTC), set()
    held: Counter[str] = Counter()
    for line in sample.contact_lines():
        event = orjson.loads(line)
        data = event["data"]
        if event["type"] != ARRIVED or data["contact_id"] in known:
            continue
        key = data.get("customer_id") or data["contact_id"]
        if held[key] == OPEN:
            continue
        held[key] += 1
        known.add(data["contact_id"])
        _bring(event, now)
        yield key.encode(), orjson.dumps(event)


def _bring(event: dict[str, Any], now: datetime) -> None:
    late = now - datetime.fromisoformat(event["time"])
    event["time"] = now.isoformat(timespec="milliseconds")
    attributes = event["data"].get("attributes") or {}
    if delivered := attributes.get("delivered_at"):
        attributes["delivered_at"] = _later(delivered, late)


def _later(text: str, by: timedelta) -> str:
    return (datetime.fromisoformat(text) + by).isoformat(timespec="milliseconds")


def profiles(count: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield (key, value) of the profiles that belong to `count` arrivals of the sample."""
    for line in _sample(count).profile_lines():
        raw = line.rstrip().encode()
        yield orjson.loads(raw)["subject"].encode(), raw


def many_profiles(count: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield `count` profiles: those of the sample over and over, each time of other customers."""
    kept = tuple(profiles(1_000))
    for number in range(count):
        key, value = kept[number % len(kept)]
        other = b"m-%07d" % number
        yield other, value.replace(b'"%b"' % key, b'"%b"' % other)


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

"""What a storm feeds: the made-up sample, in portions, and its copy for the undisturbed run."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import orjson

from tests.broker.log import Fresh, Log

EVENTS: Final = "contact.events"
PROFILES: Final = "customer.profiles"
ARRIVED: Final = "tierlane.contact.arrived.v1"
IDENTIFIED: Final = "tierlane.contact.identified.v1"
COPIED_AT_ONCE: Final = 200_000

BROKEN: Final = (b"", b"{", b"[]", b'{"specversion":"2.0"}', b"\xff\xfe", b'{"data":NaN}')
"""Values that cannot be read; one follows every `BROKEN_EVERY` events."""
BROKEN_EVERY: Final = 997


class Flow:
    """The events of a sample folder in their order, taken portion by portion.

    Events that make a customer known are left out unless asked for: they pass through
    `intake.returns` to another partition, so their place among its records depends on the speed of
    both, and no two runs, disturbed or not, number their decisions alike.
    """

    def __init__(self, folder: Path, *, identified: bool = False) -> None:
        self.contacts = 0
        """Arrivals taken so far."""
        self.events = 0
        """Records taken so far, unreadable ones too."""
        self._folder = folder
        self._identified = identified
        self._records = self._read()

    def profiles(self) -> Iterator[Fresh]:
        """Yield every profile."""
        with (self._folder / "profiles.jsonl").open("rb") as lines:
            for line in lines:
                customer = orjson.loads(line)["data"]["customer_id"]
                yield Fresh(PROFILES, customer.encode(), line.rstrip(b"\n"))

    def portion(self, contacts: int) -> Iterator[Fresh]:
        """Yield records until so many more contacts have arrived, or the sample ends."""
        until = self.contacts + contacts
        while self.contacts < until:
            taken = list(islice(self._records, 1))
            if not taken:
                return
            yield from taken

    def rest(self) -> Iterator[Fresh]:
        """Yield all that is left."""
        yield from self._records

    def _read(self) -> Iterator[Fresh]:
        with (self._folder / "contacts.jsonl").open("rb") as lines:
            for line in lines:
                event = orjson.loads(line)
                if event["type"] == IDENTIFIED and not self._identified:
                    continue
                self.contacts += event["type"] == ARRIVED
                self.events += 1
                yield Fresh(EVENTS, _key(event), line.rstrip(b"\n"))
                if self.events % BROKEN_EVERY == 0:
                    self.events += 1
                    broken = BROKEN[self.events % len(BROKEN)]
                    yield Fresh(EVENTS, b"broken-%d" % self.events, broken)


def _key(event: dict[str, object]) -> bytes:
    """Return the key of an event: that of its contact's arrival."""
    data = event["data"]
    assert isinstance(data, dict)
    customer = data.get("customer_id") if event["type"] == ARRIVED else None
    return str(event.get("partitionkey") or customer or data["contact_id"]).encode()


async def copy(source: Log, target: Log) -> int:
    """Copy the inputs byte for byte to the same partitions, offsets and times; return how many.

    The target's topics keep the times they are given, so that `seen` is the same too.
    """
    copied = 0
    waiting: list[Fresh] = []
    async for r in source.read([PROFILES, EVENTS]):
        waiting.append(Fresh(r.topic, r.key, r.value, r.partition, r.timestamp, r.headers))
        if len(waiting) == COPIED_AT_ONCE:
            copied += await target.write(waiting)
            waiting.clear()
    return copied + await target.write(waiting)

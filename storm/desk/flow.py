"""What a storm at managed desks feeds: arrivals, and some who leave before they are served."""

from collections.abc import Iterator
from random import Random
from typing import Any, Final

import orjson

from tests.broker.log import Fresh

EVENTS: Final = "contact.events"
CUSTOMERS: Final = 5
"""Contacts for each customer."""
LEAVES: Final = 0.06
BEHIND: Final = 40
"""So many contacts after its own arrival somebody leaves, who may be in line or served by then."""
SUBJECTS: Final = ("plain",) * 4 + ("near",) * 2 + ("keeper",) * 2 + ("far",) * 3
CHANNELS: Final = ("chat", "chat", "voice")


class DeskFlow:
    """So many made-up contacts in their order, taken portion by portion."""

    def __init__(self, contacts: int, seed: int, started: str, behind: int = BEHIND) -> None:
        """Take `started` as the time that all events carry, in ISO 8601."""
        self._behind = behind
        self.contacts = 0
        """Arrivals taken so far."""
        self.events = 0
        """Records taken so far."""
        self._all = contacts
        self._random = Random(f"flow/{seed}")
        self._time = started
        self._records = self._made()

    def portion(self, contacts: int) -> Iterator[Fresh]:
        """Yield records until so many more contacts have arrived, or all have."""
        until = self.contacts + contacts
        while self.contacts < until:
            record = next(self._records, None)
            if record is None:
                return
            yield record

    def rest(self) -> Iterator[Fresh]:
        """Yield all that is left."""
        yield from self._records

    def _made(self) -> Iterator[Fresh]:
        random = self._random
        for number in range(self._all):
            self.contacts += 1
            about = {
                "customer_id": self._customer(number),
                "channel": CHANNELS[int(random.random() * len(CHANNELS))],
                "subject": SUBJECTS[int(random.random() * len(SUBJECTS))],
            }
            yield self._event("arrived", number, about)
            if number >= self._behind and random.random() < LEAVES:
                yield self._event("abandoned", number - self._behind, {})

    def _customer(self, number: int) -> str:
        return f"u-{number // CUSTOMERS}"

    def _event(self, kind: str, number: int, about: dict[str, Any]) -> Fresh:
        self.events += 1
        event = {
            "specversion": "1.0",
            "id": f"{kind}-{number}",
            "source": "storm",
            "type": f"tierlane.contact.{kind}.v1",
            "time": self._time,
            "data": {"contact_id": f"k-{number}", **about},
        }
        return Fresh(EVENTS, self._customer(number).encode(), orjson.dumps(event))

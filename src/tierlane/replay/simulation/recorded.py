"""Recorded arrivals: contacts as they came, or days of them drawn anew.

Of each contact the events after its arrival tell what is known of patience and service: who left
before an answer gave up after that time, who was answered would have waited longer, and from the
answer to the end it was served.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from tierlane import topic
from tierlane.contact.event import ABANDONED, ANSWERED, ARRIVED, CONTACT_EVENTS, ENDED
from tierlane.contact.reading import Reader
from tierlane.contact.returned import RETURN_ANSWERED, RETURN_EVENTS, RETURN_FINISHED
from tierlane.errors import Unreadable, UsageError
from tierlane.profile import read_profile
from tierlane.replay.simulation.chance import Chance
from tierlane.replay.simulation.coming import Coming
from tierlane.replay.source.source import Source

_RETURNED: Final = {RETURN_ANSWERED: ANSWERED, RETURN_FINISHED: ENDED}
"""Where a desk of ours serves, it says so, and not the channel."""


@dataclass(slots=True)
class _Told:
    """What events have told of one contact so far."""

    contact: Mapping[str, Any]
    arrived: int
    answered: int = 0
    left: int = 0
    ended: int = 0


class Gathering:
    """Makes contacts to come of events as they are read, in any order after the arrival."""

    def __init__(self, profiles: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        """Begin; `profiles` may still be filled while events are read."""
        self._profiles = {} if profiles is None else profiles
        self._told: dict[str, _Told] = {}

    def add(self, kind: str, at: int, data: Mapping[str, Any]) -> None:
        """Take one event of a contact; `at` is its own time in ms. Others are passed over."""
        contact_id = data.get("contact_id", "")
        if kind == ARRIVED:
            self._told.setdefault(contact_id, _Told(data, at))
            return
        told = self._told.get(contact_id)
        if told is None:
            return
        if kind == ANSWERED:
            told.answered = told.answered or at
        elif kind == ABANDONED:
            told.left = at
        elif kind == ENDED:
            told.ended = at

    def comings(self) -> tuple[Coming, ...]:
        """Return the contacts by time of arrival."""
        found = (self._coming(contact_id, told) for contact_id, told in self._told.items())
        return tuple(sorted(found, key=lambda one: (one.arrived, one.contact_id)))

    def _coming(self, contact_id: str, told: _Told) -> Coming:
        answered, ended, left = told.answered, told.ended, told.left
        return Coming(
            contact_id=contact_id,
            arrived=told.arrived,
            contact=told.contact,
            profile=self._profiles.get(told.contact.get("customer_id") or ""),
            lasted=float(ended - answered) if answered and ended >= answered else None,
            gave_up=float(left - told.arrived) if left and not answered else None,
            waited=float(max(answered - told.arrived, 0)) if answered else 0.0,
        )


def gathered(source: Source, told: Callable[[int], None] = lambda _: None) -> tuple[Coming, ...]:
    """Return the contacts that a source holds, with the latest profile of each customer.

    What cannot be read is passed over, as the worker rejects it; `told` hears of the records read
    so far. Raises SourceError where the source itself cannot be read.
    """
    count = 0
    profiles: dict[str, Mapping[str, Any]] = {}
    gathering = Gathering(profiles)
    reader = Reader(CONTACT_EVENTS | RETURN_EVENTS)
    topics = (topic.CONTACT_EVENTS, topic.INTAKE_RETURNS, topic.CUSTOMER_PROFILES)
    for batch in source.batches(topics):
        for record in batch:
            try:
                if record.topic != topic.CUSTOMER_PROFILES:
                    event = reader.read(record)
                    kind = _RETURNED.get(event.type, event.type)
                    gathering.add(kind, event.at, event.data)
                elif record.value is not None:
                    profile, _ = read_profile(record.value, record.headers)
                    profiles[profile["customer_id"]] = profile
            except (Unreadable, KeyError):
                continue
        count += len(batch)
        told(count)
    return gathering.comings()


@dataclass(frozen=True, slots=True)
class Recorded:
    """Contacts as they were recorded."""

    contacts: tuple[Coming, ...]
    """By time of arrival; at least one."""
    zone: str = "UTC"
    resampled: bool = False
    """Whether each day of a replication is a recorded one drawn by lot, of the same weekday."""

    def __post_init__(self) -> None:
        """Raise UsageError where there is nothing to do."""
        if not self.contacts:
            raise UsageError("no arrival of a contact in what was read")

    @property
    def begin(self) -> int:
        """The arrival of the first, or its midnight where days are drawn anew."""
        first = self.contacts[0].arrived
        return self._midnight(first, 0) if self.resampled else first

    @property
    def end(self) -> int:
        """One ms after the arrival of the last, or the next midnight."""
        last = self.contacts[-1].arrived
        return self._midnight(last, 1) if self.resampled else last + 1

    def comings(self, chance: Chance) -> Iterable[Coming]:
        """Yield the contacts of one replication by time of arrival."""
        return self._drawn(chance) if self.resampled else self.contacts

    def _midnight(self, ms: int, days: int) -> int:
        local = datetime.fromtimestamp(ms / 1000, ZoneInfo(self.zone))
        day = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days)
        return round(day.timestamp() * 1000)

    def _drawn(self, chance: Chance) -> Iterator[Coming]:
        days: dict[int, list[Coming]] = {}
        for one in self.contacts:
            days.setdefault(self._midnight(one.arrived, 0), []).append(one)
        zone, choice = ZoneInfo(self.zone), chance.stream("days").choice
        weekday = {at: datetime.fromtimestamp(at / 1000, zone).weekday() for at in days}
        for at in days:
            alike = [other for other in days if weekday[other] == weekday[at]]
            drawn = choice(alike)
            for one in days[drawn]:
                name = f"{one.contact_id}@{at // 1000}"
                contact = {**one.contact, "contact_id": name}
                yield one._replace(
                    contact_id=name, arrived=one.arrived - drawn + at, contact=contact
                )

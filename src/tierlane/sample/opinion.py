"""What customers of the sample say afterwards: marks that hang on how they were served.

Whoever waited longer, asked about something broken, or met one of the less able advisors gives a
lower mark and says more often that nothing is settled: there is something to find.
"""

from collections.abc import Iterator
from heapq import heappop, heappush
from random import Random
from typing import Final, NamedTuple

from tierlane.sample.clock import Stamp
from tierlane.sample.population import advisor_id

TOLD: Final = 0.35
"""The share of ended contacts whose customer says what it was like."""
HARD: Final = frozenset({"quality", "damage", "disruption", "baggage", "network", "outage", "bill"})
"""Subjects about which customers are displeased before anybody answers."""
SOONEST: Final = 600
LATEST: Final = 172_800
"""Seconds after the end: ten minutes to two days."""
SECOND: Final = 1000


class Ending(NamedTuple):
    """One contact that has ended."""

    number: int
    channel: str
    business: str
    subject: str
    customer: str | None
    advisor: int
    arrived: int
    """Ms, as all moments are."""
    answered: int
    ended: int
    settled: bool
    """Whether the advisor says so."""


class Opinions:
    """Feedback in the order of time; `latest` bounds when it is given, in ms."""

    def __init__(self, seed: int, stamp: Stamp, latest: float) -> None:
        self._random = Random(f"feedback/{seed}").random
        self._stamp = stamp
        self._latest = latest
        self._waiting: list[tuple[int, int, str]] = []
        self._now = 0

    def hear(self, ending: Ending) -> None:
        """Draw what is said of a contact; contacts come by their arrival."""
        self._now = ending.arrived
        if self._random() >= TOLD:
            return
        random = self._random
        later = (SOONEST + random() * (LATEST - SOONEST)) * SECOND
        moment = int(min(ending.ended + later, max(self._latest, ending.ended)))
        score, settled = self._score(ending), random() < self._settled(ending)
        heappush(self._waiting, (moment, ending.number, self._line(ending, moment, score, settled)))

    def due(self) -> Iterator[str]:
        """Yield the lines of before the latest arrival, oldest first."""
        while self._waiting and self._waiting[0][0] < self._now:
            yield heappop(self._waiting)[2]

    def rest(self) -> Iterator[str]:
        """Yield the lines that are left, oldest first."""
        while self._waiting:
            yield heappop(self._waiting)[2]

    def _score(self, ending: Ending) -> int:
        waited = (ending.answered - ending.arrived) / 60_000
        able = (ending.advisor * 7 % 5 - 2) * 0.25
        mark = 4.4 - 0.7 * waited - 0.8 * (ending.subject in HARD) + able
        noise = (self._random() + self._random() - 1) * 1.6
        return min(5, max(1, round(mark + noise)))

    def _settled(self, ending: Ending) -> float:
        return 0.15 if not ending.settled else 0.95 - 0.2 * (ending.subject in HARD)

    def _line(self, ending: Ending, moment: int, score: int, settled: bool) -> str:  # noqa: FBT001
        number = ending.number
        key = f'"partitionkey":"{ending.customer}",' if ending.customer else ""
        return (
            f'{{"specversion":"1.0","id":"e-{number}-feedback",'
            f'"source":"survey/{ending.business}","type":"tierlane.contact.feedback.v1",'
            f'"time":"{self._stamp(moment)}","subject":"k-{number}",{key}'
            f'"data":{{"contact_id":"k-{number}","score":{score},"scale":[1,5],'
            f'"resolved":{"true" if settled else "false"},'
            f'"advisor_id":"{advisor_id(ending.advisor)}"}}}}\n'
        )

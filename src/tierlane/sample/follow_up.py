"""What happens to a contact after its arrival: changes, answers, ends, and repeated deliveries."""

from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from typing import Final

from tierlane.sample.arrival import Arrival
from tierlane.sample.clock import Stamp
from tierlane.sample.opinion import Ending
from tierlane.sample.population import advisor_id, customer_id

REPEATED: Final = 0.003
"""The share of arrivals that a channel delivers twice."""
UPDATED: Final = 0.05
"""The share of contacts whose subject or words change while they are open."""
IDENTIFIED: Final = 0.15
"""The share of unknown customers who become known."""
ABANDONED: Final = 0.04
"""The share of contacts whose customer leaves."""
ANSWERED: Final = 0.08
"""The share of contacts whose answering is told."""
ENDED: Final = 0.25
"""The share of contacts whose end is told; the others are still open at the end of the files."""

SECOND: Final = 1000


class FollowUps:
    """Later events in the order of time; each is made when its contact arrives."""

    def __init__(
        self,
        random: Callable[[], float],
        stamp: Stamp,
        hear: Callable[[Ending], None] = lambda _: None,
    ) -> None:
        """Draw from `random`; `hear` is told of each contact whose end is told."""
        self._random = random
        self._hear = hear
        self._stamp = stamp
        self._waiting: list[tuple[int, int, str]] = []
        self._made = 0

    def until(self, moment: float) -> Iterator[str]:
        """Yield the lines due before a moment in ms, oldest first."""
        waiting = self._waiting
        while waiting and waiting[0][0] < moment:
            yield heappop(waiting)[2]

    def after(self, arrival: Arrival) -> None:
        """Draw what happens to a contact later."""
        random = self._random
        if random() < REPEATED:
            self._put(arrival.moment + self._span(1, 30), arrival.line)
        if random() < UPDATED:
            self._updated(arrival)
        if arrival.customer is None and random() < IDENTIFIED:
            group = arrival.group
            person = customer_id(group.first + int(random() * group.size))
            self._add(arrival, "identified", self._span(20, 120), f',"customer_id":"{person}"')
        end = random()
        if end < ABANDONED:
            self._add(arrival, "abandoned", self._span(15, 300), "")
        elif end < ABANDONED + ENDED:
            self._ended(arrival, told=end < ABANDONED + ANSWERED)

    def _updated(self, arrival: Arrival) -> None:
        subjects = tuple(arrival.group.business.subjects)
        subject = subjects[int(self._random() * len(subjects))]
        self._add(arrival, "updated", self._span(10, 240), f',"subject":"{subject}"')

    def _ended(self, arrival: Arrival, *, told: bool) -> None:
        advisors = arrival.group.advisors
        number = advisors[int(self._random() * len(advisors))]
        advisor = f',"advisor_id":"{advisor_id(number)}"'
        answered = self._span(5, 120)
        if told:
            self._add(arrival, "answered", answered, advisor)
        outcome = "resolved" if self._random() < 0.9 else "unresolved"
        served = answered + self._span(60, 800)
        self._add(arrival, "ended", served, f'{advisor},"outcome":"{outcome}"')
        came = arrival.moment
        self._hear(
            Ending(
                arrival.number, arrival.channel, arrival.group.business.name, arrival.subject,
                arrival.customer, number, came, came + answered, came + served,
                outcome == "resolved",
            )
        )  # fmt: skip

    def _add(self, arrival: Arrival, kind: str, later: int, data: str) -> None:
        """Put an event; its `partitionkey` is the key of the arrival, as all later ones need."""
        number, moment = arrival.number, arrival.moment + later
        key = f'"partitionkey":"{arrival.customer}",' if arrival.customer else ""
        self._put(
            moment,
            f'{{"specversion":"1.0","id":"e-{number}-{kind}",'
            f'"source":"{arrival.channel}/{arrival.group.business.name}",'
            f'"type":"tierlane.contact.{kind}.v1","time":"{self._stamp(moment)}",'
            f'"subject":"k-{number}",{key}"data":{{"contact_id":"k-{number}"{data}}}}}\n',
        )

    def _put(self, moment: int, line: str) -> None:
        # The count keeps lines of one millisecond in the order in which they were made.
        self._made += 1
        heappush(self._waiting, (moment, self._made, line))

    def _span(self, low: int, high: int) -> int:
        return int((low + self._random() * (high - low)) * SECOND)

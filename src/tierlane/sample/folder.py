"""The sample as a whole, and as a folder of files."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from math import inf
from pathlib import Path
from random import Random
from typing import Final

from tierlane.sample.advisor import advisor_lines
from tierlane.sample.arrival import Arrivals
from tierlane.sample.clock import DAY, START, Stamp, arrival_times, days_of
from tierlane.sample.follow_up import FollowUps
from tierlane.sample.opinion import Ending, Opinions
from tierlane.sample.pack import staffing, write_pack
from tierlane.sample.population import Population
from tierlane.sample.profile import profile_lines

LATE: Final = 0.005
"""The share of arrivals whose event comes up to 15 minutes after its own time."""

LIVE_SPAN: Final = 60_000
"""Milliseconds into which live contacts are dated.

A worker notes on the decision where an event's own time is minutes away from its arrival.
"""

CHUNK: Final = 4_000
"""Lines written at once: about 2 MB, large enough that the file system is no part of the cost."""


class Sample:
    """`contacts` arrivals with all that belongs to them, the same for the same seed.

    With `live_from`, a time in ms, the events are dated from then on, all within LIVE_SPAN.
    """

    def __init__(self, contacts: int, seed: int, live_from: int | None = None) -> None:
        self.contacts = contacts
        self.seed = seed
        self.population = Population.made(contacts // 3, seed)
        self._start = START if live_from is None else live_from
        self._squeeze = 1.0 if live_from is None else LIVE_SPAN / (days_of(contacts) * DAY)

    def contact_lines(self, hear: Callable[[Ending], None] = lambda _: None) -> Iterator[str]:
        """Yield the events of contacts in the order in which they come in.

        `hear` is told of each contact whose end is told.
        """
        random = Random(f"contact/{self.seed}").random
        arrivals = Arrivals(self.population, random, self._stamp())
        follow_ups = FollowUps(random, self._stamp(), hear)
        for number, moment in enumerate(arrival_times(self.contacts, random), start=1):
            yield from follow_ups.until(moment)
            written = moment - int(random() * DAY / 96) if random() < LATE else moment
            arrival = arrivals.make(number, moment, written)
            follow_ups.after(arrival)
            yield arrival.line
        yield from follow_ups.until(inf)

    def feedback_lines(self) -> Iterator[str]:
        """Yield what customers say afterwards, in the order of time.

        The contacts are made once more for it, so that nothing of them has to be kept.
        """
        live = self._squeeze != 1.0
        opinions = Opinions(
            self.seed, self._stamp(), START + days_of(self.contacts) * DAY if live else inf
        )
        for _ in self.contact_lines(opinions.hear):
            yield from opinions.due()
        yield from opinions.rest()

    def profile_lines(self) -> Iterator[str]:
        """Yield the profiles of recorded customers."""
        return profile_lines(self.population, self.seed, self._stamp()(START))

    def advisor_lines(self) -> Iterator[str]:
        """Yield the directory of advisors."""
        return advisor_lines(self.population, self.seed, self._stamp()(START))

    def _stamp(self) -> Stamp:
        return Stamp(self._start, self._squeeze)


def write_folder(sample: Sample, folder: Path) -> dict[str, int]:
    """Write events, policy and staffing; return the lines of each file of events.

    Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    counts = {
        "profiles.jsonl": _write(sample.profile_lines(), folder / "profiles.jsonl"),
        "advisors.jsonl": _write(sample.advisor_lines(), folder / "advisors.jsonl"),
        "contacts.jsonl": _write(sample.contact_lines(), folder / "contacts.jsonl"),
        "feedback.jsonl": _write(sample.feedback_lines(), folder / "feedback.jsonl"),
    }
    write_pack("sample", folder / "policy.yaml")
    (folder / "staffing.yaml").write_text(staffing(), encoding="utf-8")
    return counts


def _write(lines: Iterable[str], path: Path) -> int:
    source = iter(lines)
    written = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        while chunk := list(islice(source, CHUNK)):
            file.write("".join(chunk))
            written += len(chunk)
    return written

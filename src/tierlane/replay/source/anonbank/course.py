"""What became of a call after it arrived, as its row tells it.

Times are seconds of the day. Two that belong together and are both `0:00:00` mean none; one that
is over twelve hours before the arrival is of the next day, as of a call over midnight.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Asia/Jerusalem")

TIMES: Final = ("vru_exit", "q_start", "q_exit", "ser_start", "ser_exit")

NONE: Final = "0:00:00"

NOBODY: Final = "NO_SERVER"

HALF_A_DAY: Final = timedelta(hours=12)
"""Between clocks that differ (by a minute at most, in the log) and calls over midnight."""

UNTIMED: Final = "an agent, but no times of service: answered and over as the queue or VRU was left"
UNNAMED: Final = "an agent without a name: answered, advisor_id left out"
UNSERVED: Final = "times of service, but hung up or phantom: times of service left out"
EARLY: Final = "service before the end of the queue: both as written"
OVERNIGHT: Final = "over midnight: what came after it is of the next day"
BACKWARD: Final = "an event before the one it follows: put at the same time"


class Course(NamedTuple):
    """How a call went on: `outcome` is AGENT, HANG or PHANTOM.

    `answered` is None for whom nobody served.
    """

    outcome: str
    queue: tuple[datetime, datetime] | None
    """When he stood in the queue; None for whom never left the VRU."""
    answered: datetime | None
    server: str | None
    over: datetime
    odd: tuple[str, ...]

    @property
    def queued(self) -> bool:
        """Whether he had left the VRU."""
        return self.queue is not None


def time_of(row: Mapping[str, str], column: str) -> datetime:
    """Return a time of the row's own day; raises ValueError."""
    text = f"{row['date']}T{row[column]:0>8}"
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def course_of(row: Mapping[str, str], at: datetime) -> Course:
    """Return what became of the call that arrived at `at`."""
    times = _Times(row, at)
    queued, served = times.told("q_start", "q_exit"), times.told("ser_start", "ser_exit")
    queue = (times.of("q_start"), times.of("q_exit")) if queued else None
    left = "q_exit" if queued else "vru_exit"
    outcome, server = row["outcome"], row["server"]
    if outcome != "AGENT":
        if served:
            times.note(UNSERVED)
        over = times.after(at, left)
        return Course(outcome, queue, None, None, over, tuple(times.odd))
    if not served:
        times.note(UNTIMED)
    answered = times.after(at, "ser_start" if served else left)
    over = times.after(answered, "ser_exit") if served else answered
    if served and queued and answered < times.of("q_exit"):
        times.note(EARLY)
    if server == NOBODY:
        times.note(UNNAMED)
    named = None if server == NOBODY else server
    return Course(outcome, queue, answered, named, over, tuple(times.odd))


class _Times:
    """The times of one row, on the right day and in order, and what was odd about them."""

    def __init__(self, row: Mapping[str, str], at: datetime) -> None:
        self.odd: list[str] = []
        self._row = row
        self._at = at

    def told(self, start: str, end: str) -> bool:
        return not self._row[start] == self._row[end] == NONE

    def of(self, column: str) -> datetime:
        then = time_of(self._row, column)
        return then + timedelta(days=1) if self._at - then > HALF_A_DAY else then

    def after(self, earlier: datetime, column: str) -> datetime:
        then = self.of(column)
        if then.date() != self._at.date():
            self.note(OVERNIGHT)
        if then < earlier:
            self.note(BACKWARD)
        return max(then, earlier)

    def note(self, odd: str) -> None:
        """Note it once, so that rows are counted and not times."""
        if odd not in self.odd:
            self.odd.append(odd)

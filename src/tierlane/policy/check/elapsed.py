"""How much time passes at the most while a working time does, whenever it begins.

The least is the working time itself, where it lies within one span of hours.
"""

from dataclasses import dataclass, field
from math import inf
from typing import Final

from tierlane.calendar import Span
from tierlane.policy.check.hours import first_moment

MOST_WALKED: Final = 200_000
"""Openings looked at for one policy, about a second; what is left then may last for ever."""


@dataclass(slots=True)
class Elapsed:
    """Tells it for the spans of one policy."""

    walked: int = 0
    known: dict[Span, float] = field(default_factory=dict)

    def most(self, span: Span) -> float:
        """Return the most ms that pass while the working time of a span does."""
        if span not in self.known:
            self.known[span] = self._most(span)
        return self.known[span]

    def _most(self, span: Span) -> float:
        """Try the moments at which the calendar closes: none has longer to wait for what is next.

        While it is open a later beginning never ends sooner; while closed it waits ever less.
        """
        calendar, most = span.calendar, 0.0
        if calendar is None:
            return span.ms
        for opening in calendar.openings(first_moment(calendar)):
            self.walked += 1
            close = calendar.next_close(opening)
            end = None if close is None else calendar.add_working(close, span.ms)
            if close is None or end is None or self.walked > MOST_WALKED:
                return inf if close is not None else max(most, span.ms)
            most = max(most, end - close)
        return most or inf

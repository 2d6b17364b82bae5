"""A plan as transitions over a contact's age: which step it is in, and when that step ends.

Ages are milliseconds since the contact arrived and go on through moves. A step is over at its end:
at exactly 300 s a contact is in the next step. Nobody returns to an earlier one.

An age in working time depends on the moment of arrival: `Transitions.since` reckons it for one.
"""

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from math import inf
from typing import Final

from tierlane.calendar import Span

NEVER: Final = inf


@dataclass(frozen=True, slots=True)
class Clock:
    """When a step ends: at an age, some time before the promised answer, or after its own time."""

    until: int | None = None
    before_answer: int | None = None
    lasts: int | None = None
    working: Span | None = None
    """The age in working time; `since` makes an age in ms of it, and nothing else here reads it."""

    @property
    def states_an_end(self) -> bool:
        """Whether the step says when it ends."""
        ends = (self.until, self.before_answer, self.lasts, self.working)
        return any(one is not None for one in ends)

    def since(self, arrived: int) -> "Clock":
        """Return the clock of a contact that arrived at this moment, without working time.

        Working time that does not come within ten years leaves a step that states no end.
        """
        if self.working is None:
            return self
        moment = self.working.after(arrived)
        return replace(self, until=None if moment is None else moment - arrived, working=None)

    def limit(self, answer: int | None) -> float:
        """Return the age beyond which the step cannot be; `answer` is the promised time."""
        limit = NEVER if self.until is None else float(self.until)
        if self.before_answer is None or answer is None:
            return limit
        return min(limit, answer - self.before_answer)

    def end(self, entered: int, answer: int | None) -> float:
        """Return the age at which the step ends that was entered at the age `entered`."""
        own = NEVER if self.lasts is None else float(entered + self.lasts)
        return min(self.limit(answer), own)


@dataclass(frozen=True, slots=True)
class Transitions:
    """The clocks of a plan's steps."""

    clocks: tuple[Clock, ...]
    last: int | None = None
    """The age that ends a step which states no end (`finally.until`)."""
    _ending: tuple[Clock, ...] = field(init=False, repr=False, compare=False, default=())
    """The clocks, with `last` where one states no end."""
    _working: bool = field(init=False, repr=False, compare=False, default=False)
    _fixed: tuple[float, ...] = field(init=False, repr=False, compare=False, default=())
    """The limits where they are the same for all contacts."""
    _ascending: bool = field(init=False, repr=False, compare=False, default=False)

    def __post_init__(self) -> None:
        """Keep what does not hang on the contact; limits that ascend are found by bisection."""
        last = Clock(until=self.last)
        ending = tuple([one if one.states_an_end else last for one in self.clocks])
        working = any(one.working is not None for one in self.clocks)
        object.__setattr__(self, "_ending", ending)
        object.__setattr__(self, "_working", working)
        if not working and all(one.before_answer is None for one in self.clocks):
            limits = tuple([one.limit(None) for one in ending])
            object.__setattr__(self, "_fixed", limits)
            object.__setattr__(self, "_ascending", list(limits) == sorted(limits))

    def since(self, arrived: int) -> "Transitions":
        """Return the transitions of a contact that arrived at this moment; often the same."""
        if not self._working:
            return self
        return Transitions(tuple([one.since(arrived) for one in self.clocks]), self.last)

    def limits(self, answer: int | None) -> tuple[float, ...]:
        """Return the age beyond which each step cannot be."""
        return self._fixed or tuple([one.limit(answer) for one in self._ending])

    def next(self, after: int, age: int, answer: int | None) -> int | None:
        """Return the first step behind step `after` (0 is before the first) not over at this age.

        None: the steps have run out.
        """
        if self._ascending:
            number = max(after, bisect_right(self._fixed, age))
            return number + 1 if number < len(self.clocks) else None
        for number, limit in enumerate(self.limits(answer)[after:], after + 1):
            if age < limit:
                return number
        return None

    def end(self, step: int, entered: int, answer: int | None) -> float:
        """Return the age at which a step ends, counted from 1 and entered at the age `entered`."""
        return self._ending[step - 1].end(entered, answer)

"""Joins what became of contacts to their decisions, in one pass and within bounds.

A contact is kept while it is open and for a window after the last that was heard of it, since
feedback may come days later. An outcome counts for the decision by which the contact was answered:
the last before its answer, or the last of all where nobody answered.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

WINDOW: Final = 30 * 86_400_000
"""Ms for which feedback is waited for."""

GOOD: Final = frozenset({"resolved", "solved"})
"""Outcomes that count as settled, where none are named."""


class Decided(NamedTuple):
    """A decision, as far as it matters here. Times are ms."""

    rows: tuple[str, ...]
    """The rows that held."""
    passed: tuple[str, ...]
    """Rows that hold without standing among the reasons: its lane, its step or the fallback."""
    revision: str
    tier: str
    scenario: str
    lane: str
    dedicated: bool
    """Whether its lane is of one's own advisor."""
    respond_by: int | None
    """When an answer is due, by what was promised."""


class Joined(NamedTuple):
    """A contact with its decision and what became of it."""

    decided: Decided
    channel: str
    advisor: str
    """Who answered it; empty: nobody, or nobody that is known."""
    wait: int | None
    """Ms from arrival to answer; None where no answer was told."""
    gave_up: bool
    """Whether it was over before an answer."""
    kept: bool | None
    """Whether the promised answer came in time; None where none was due or promised."""
    settled: bool | None
    """Whether who served it said that it is settled."""
    resolved: bool | None
    """Whether the customer says so."""
    score: float | None
    """The customer's mark, from 0, the worst, to 1, the best."""
    waiting: bool
    """Whether it was neither answered nor over when the record ended, or its window."""


@dataclass(slots=True)
class _Open:
    """A contact that something may still be heard of."""

    at: int = -1
    touched: int = 0
    channel: str = ""
    advisor: str = ""
    answered: int = -1
    over: int = -1
    left: bool = False
    settled: bool | None = None
    resolved: bool | None = None
    score: float | None = None
    decided: Decided | None = None


class Joining:
    """Takes what is told of contacts in the order of time, and lets go of who is done with."""

    def __init__(self, window: int = WINDOW, good: frozenset[str] = GOOD) -> None:
        self._window = window
        self._good = good
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self.most = 0
        """The most contacts kept at once so far."""
        self.strays = 0
        """Outcomes and feedback of contacts without a decision in the window."""

    def arrived(self, contact_id: str, at: int, channel: str) -> None:
        """Hear of an arrival, `at` in ms; a second one of an open contact is none."""
        one = self._of(contact_id, at)
        one.at = at if one.at < 0 else one.at
        one.channel = one.channel or channel

    def decided(self, contact_id: str, at: int, decided: Decided) -> None:
        """Hear of a decision; what comes after the answer counts no more."""
        one = self._of(contact_id, at)
        one.at = at if one.at < 0 else one.at
        if one.answered < 0 or one.decided is None:
            one.decided = decided

    def answered(self, contact_id: str, at: int, advisor: str) -> None:
        """Hear that somebody serves it."""
        one = self._known(contact_id, at)
        if one is not None and one.answered < 0:
            one.answered = at
            one.advisor = one.advisor or advisor

    def over(self, contact_id: str, at: int, *, left: bool, outcome: str, advisor: str) -> None:
        """Hear that it is over; `left` says that nobody served it."""
        one = self._known(contact_id, at)
        if one is None:
            return
        if one.over < 0:
            one.over, one.left = at, left and one.answered < 0
        one.advisor = one.advisor or advisor
        if outcome:
            one.settled = outcome in self._good

    def said(self, contact_id: str, at: int, data: dict[str, Any]) -> None:
        """Hear what the customer says of it; the last word counts."""
        one = self._known(contact_id, at)
        if one is None:
            return
        score, resolved = score_of(data), data.get("resolved")
        one.score = one.score if score is None else score
        one.resolved = resolved if type(resolved) is bool else one.resolved
        one.advisor = one.advisor or str(data.get("advisor_id") or "")

    def since(self, contact_id: str) -> int | None:
        """Return when a contact arrived, in ms; None where that was not heard."""
        one = self._open.get(contact_id)
        return None if one is None or one.at < 0 else one.at

    def past(self, now: int) -> Iterator[Joined]:
        """Yield the contacts of which nothing was heard for the window."""
        kept = self._open
        while kept:
            contact_id, one = next(iter(kept.items()))
            if one.touched > now - self._window:
                return
            del kept[contact_id]
            if one.decided is not None:
                yield _joined(one, one.decided, now)

    def rest(self, now: int) -> Iterator[Joined]:
        """Yield all that are left at the end of the record."""
        for one in self._open.values():
            if one.decided is not None:
                yield _joined(one, one.decided, now)
        self._open.clear()

    def _of(self, contact_id: str, at: int) -> _Open:
        one = self._open.get(contact_id)
        if one is None:
            one = self._open[contact_id] = _Open()
            self.most = max(self.most, len(self._open))
        self._touch(contact_id, one, at)
        return one

    def _known(self, contact_id: str, at: int) -> _Open | None:
        one = self._open.get(contact_id)
        if one is None:
            self.strays += 1
            return None
        self._touch(contact_id, one, at)
        return one

    def _touch(self, contact_id: str, one: _Open, at: int) -> None:
        one.touched = max(one.touched, at)
        self._open.move_to_end(contact_id)


def _joined(one: _Open, decided: Decided, now: int) -> Joined:
    wait = max(one.answered - one.at, 0) if one.answered >= 0 else None
    return Joined(
        decided,
        one.channel,
        one.advisor,
        wait,
        one.left and wait is None,
        _kept(one, decided.respond_by, now),
        one.settled,
        one.resolved,
        one.score,
        waiting=wait is None and one.over < 0,
    )


def _kept(one: _Open, due: int | None, now: int) -> bool | None:
    """Tell whether the promise was kept, by the glossary's formula.

    Who left before its time ran out is not counted, nor one of which only the end was told: when it
    was answered nobody knows. One that waits past its time is broken.
    """
    if due is None:
        return None
    if one.answered >= 0:
        return one.answered <= due
    if one.over >= 0:
        return False if one.left and one.over > due else None
    return False if now > due else None


def score_of(data: dict[str, Any]) -> float | None:
    """Return the mark from 0 to 1; None where there is none, or none on its scale."""
    score: Any = data.get("score")
    scale = data.get("scale")
    worst, best = (1, 5) if scale is None else _ends(scale)
    if type(score) not in (int, float) or worst == best:
        return None
    share = (score - worst) / (best - worst)
    return float(share) if 0 <= share <= 1 else None


def _ends(scale: Any) -> tuple[float, float]:
    """Return both ends of a scale; two that are equal where it is none."""
    if type(scale) is not list or len(scale) != 2:
        return 0, 0
    if any(type(one) not in (int, float) for one in scale):
        return 0, 0
    return scale[0], scale[1]

"""The moments at which an advisor had a choice, as columns to be counted at once.

A choice is a moment at which an advisor took a contact while contacts of two priorities or more
waited whom that advisor serves. Contacts of a kind that makes up a small share of the advisor's
are no candidates: they were taken by way of exception, and would have been passed by.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tierlane.replay.discovery.wait import Wait

SHARE: Final = 0.02
"""Of the contacts that an advisor took, which a kind must exceed for the advisor to serve it."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Choices:
    """All choices: `begins[i]` is where the candidates of choice i begin in the columns."""

    days: tuple[str, ...]
    """Of each choice."""
    begins: NDArray[np.intp]
    taken: NDArray[np.bool_]
    """Of each candidate: whether it is the one that was taken."""
    since: Numbers
    waited: Numbers
    """Seconds until the choice."""
    rank: Numbers
    """Place of the candidate's priority among those of the log; 0 is the least."""
    promised: Numbers
    """By when an answer was promised; infinity where it was not."""

    def __len__(self) -> int:
        return len(self.days)

    @property
    def promises(self) -> bool:
        """Whether the log tells of any promise."""
        return bool(np.isfinite(self.promised).any())


def choices(waits: Iterable[Wait], share: float = SHARE) -> Choices:
    """Return the choices in a log; `share` bounds from below the kinds an advisor serves."""
    line = sorted(waits, key=lambda one: one.since)
    served = _served(line, share)
    ranks = {one: rank for rank, one in enumerate(sorted({wait.priority for wait in line}))}
    found = [one for one in _moments(line, served) if len({x.priority for x in one[1]}) > 1]
    many = [(taken, one) for taken, candidates in found for one in candidates]
    sizes = [len(candidates) for _, candidates in found]
    return Choices(
        days=tuple(taken.day for taken, _ in found),
        begins=np.cumsum([0, *sizes])[:-1].astype(np.intp),
        taken=np.array([one is taken for taken, one in many], dtype=np.bool_),
        since=np.array([one.since for _, one in many], dtype=np.float64),
        waited=np.array([taken.moment - one.since for taken, one in many], dtype=np.float64),
        rank=np.array([ranks[one.priority] for _, one in many], dtype=np.float64),
        promised=np.array([_promised(one) for _, one in many], dtype=np.float64),
    )


def _promised(wait: Wait) -> float:
    return np.inf if wait.promised is None else wait.promised


def _served(line: Iterable[Wait], share: float) -> dict[str, frozenset[str]]:
    """Return the kinds that each advisor serves."""
    taken: dict[str, Counter[str]] = defaultdict(Counter)
    for one in line:
        if one.taken_by:
            taken[one.taken_by][one.kind] += 1
    return {
        advisor: frozenset(kind for kind, n in kinds.items() if n > share * kinds.total())
        for advisor, kinds in taken.items()
    }


def _moments(
    line: Sequence[Wait], served: dict[str, frozenset[str]]
) -> Iterator[tuple[Wait, list[Wait]]]:
    """Yield each contact that was taken after waiting, with all that could have been."""
    waiting: list[Wait] = []
    entered = 0
    for taken in sorted((one for one in line if one.taken_by), key=lambda one: one.moment):
        now, kinds = taken.moment, served[taken.taken_by]
        while entered < len(line) and line[entered].since < now:
            waiting.append(line[entered])
            entered += 1
        # One whose service is logged before its wait ends was in line until then, all the same.
        waiting = [one for one in waiting if max(one.until, one.moment) >= now]
        if taken.since < now and taken.kind in kinds:
            yield (
                taken,
                [one for one in waiting if one is taken or (one.kind in kinds and one.until > now)],
            )

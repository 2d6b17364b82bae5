"""Answers of sets remembered by what they read: one set alone, or several that are asked together.

Whether a contact's classes were met before or not, most of its answers were: a set reads a few
fields, and a suite of sets not many more.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final, NamedTuple

from tierlane.policy.deciding.evaluation import Evaluation, Hit
from tierlane.policy.deciding.valueset import Shared, ValueFinder, Wide

MEMO: Final = 8192
"""Entries of one memo; at about 1 KB each it stays below 8 MB."""

Picker = Callable[[Any], Any]


class Reads(NamedTuple):
    """What an answer hangs on."""

    places: frozenset[int]
    """Positions among the classes."""
    names: frozenset[str]
    """Variables decided before."""

    def pickers(self) -> tuple[Picker, Picker | None]:
        """Return what picks these from all classes, and from what was decided before.

        None where nothing decided before is read.
        """
        picks = itemgetter(*sorted(self.places)) if self.places else _nothing
        return picks, itemgetter(*sorted(self.names)) if self.names else None


def reads(
    slots: frozenset[int],
    names: frozenset[str],
    free: tuple[frozenset[int], ...],
    first_free: int,
) -> Reads:
    """Return the slots' classes and the answers of atoms that read nothing else.

    `free` are the slots of each atom asked beforehand, whose answers stand from `first_free` on.
    """
    answers = (first_free + number for number, atom in enumerate(free) if atom <= slots)
    return Reads(slots.union(answers), names)


@dataclass(slots=True)
class Memo:
    """A set with its answers remembered by the classes of what it reads."""

    finder: ValueFinder
    reads: Reads
    entries: dict[Any, Hit] = field(default_factory=dict)
    answers: dict[Any, Hit] = field(default_factory=dict)
    """Equal answers are one object, so that outcomes can be found by the answers' identity."""
    _picks: Picker = field(init=False)
    _given: Picker | None = field(init=False)

    def __post_init__(self) -> None:
        """Make ready to read."""
        self._picks, self._given = self.reads.pickers()

    def find(self, evaluation: Evaluation) -> Hit:
        """Return the set's answer for one contact."""
        key = self._picks(evaluation.classes)
        if self._given is not None:
            key = (key, self._given(evaluation.given))
        hit = self.entries.get(key)
        if hit is None:
            hit = self._single(self.finder.find(evaluation))
            if len(self.entries) >= MEMO:
                self.entries.clear()
            self.entries[key] = hit
        return hit

    def afresh(self, evaluation: Evaluation) -> Hit:
        """Return the same answer, and neither use nor change what is remembered."""
        return self.finder.find(evaluation)

    def _single(self, hit: Hit) -> Hit:
        # Rows, and what was missed where there are none, tell the value; a wide table has neither.
        value = None if hit.rows or hit.missed else (type(hit.value), hit.value)
        same = (value, hit.rows, hit.missed, hit.faults, tuple(hit.used))
        if len(self.answers) >= MEMO:
            self.answers.clear()
        return self.answers.setdefault(same, hit)


def remember(finder: ValueFinder, free: tuple[frozenset[int], ...], first_free: int) -> Memo:
    """Return the set with a memo; `free` as with `reads`."""
    if isinstance(finder, Wide | Shared):
        return Memo(finder, Reads(frozenset({finder.position}), frozenset()))
    return Memo(finder, reads(finder.slots, finder.names, free, first_free))


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What the sets of a suite gave; equal ones are one object (see `Suite`)."""

    hits: tuple[Hit, ...]
    given: Mapping[str, Any]
    """Variable → what it was decided to be."""


@dataclass(slots=True)
class Suite:
    """Sets that are asked one after the other, with all their answers remembered as one.

    Of the sample's new classes two in three have met answers to every fact, so one look-up does
    for six.
    """

    members: tuple[tuple[str, Memo], ...]
    """The variable that each set decides, empty for none, and the set."""
    entries: dict[Any, Answers] = field(default_factory=dict)
    known: dict[tuple[Hit, ...], Answers] = field(default_factory=dict)
    """Equal answers are one object."""
    _picks: Picker = field(init=False)
    _given: Picker | None = field(init=False)

    def __post_init__(self) -> None:
        """Make ready to read: all that a set reads, but for what one of the suite decides."""
        every = [memo.reads for _, memo in self.members]
        places = frozenset[int]().union(*(one.places for one in every))
        names = frozenset[str]().union(*(one.names for one in every))
        mine = {variable for variable, _ in self.members}
        self._picks, self._given = Reads(places, names - mine).pickers()

    def find(self, evaluation: Evaluation) -> Answers:
        """Return the answers for one contact, and make them readable for what follows."""
        key = self._picks(evaluation.classes)
        if self._given is not None:
            key = (key, self._given(evaluation.given))
        answers = self.entries.get(key)
        if answers is None:
            answers = self._single(self._ask(evaluation, Memo.find))
            if len(self.entries) >= MEMO:
                self.entries.clear()
            self.entries[key] = answers
        else:
            evaluation.give_all(answers.given)
        return answers

    def afresh(self, evaluation: Evaluation) -> Answers:
        """Return the same answers, and neither use nor change what is remembered."""
        return self._answers(self._ask(evaluation, Memo.afresh))

    def _ask(
        self, evaluation: Evaluation, ask: Callable[[Memo, Evaluation], Hit]
    ) -> tuple[Hit, ...]:
        hits = []
        for variable, memo in self.members:
            hit = ask(memo, evaluation)
            hits.append(hit)
            if variable:
                evaluation.give(variable, hit.value)
        return tuple(hits)

    def _single(self, hits: tuple[Hit, ...]) -> Answers:
        answers = self.known.get(hits)
        if answers is None:
            if len(self.known) >= MEMO:
                self.known.clear()
            answers = self.known[hits] = self._answers(hits)
        return answers

    def _answers(self, hits: tuple[Hit, ...]) -> Answers:
        decided = zip(self.members, hits, strict=True)
        return Answers(hits, {variable: hit.value for (variable, _), hit in decided if variable})


def suite(memos: Iterable[Memo]) -> Suite:
    """Return the sets as a suite that decides no variable."""
    return Suite(tuple(("", memo) for memo in memos))


def _nothing(_classes: tuple[Any, ...]) -> None:
    return None

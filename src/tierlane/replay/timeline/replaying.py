"""Looks up in the record of a run what its timeline expects: everything is done again from it.

Row by row the record is taken as far as it went then; the machines that its inputs make are what
the desks stood like, and its audit is what happened.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tierlane.policy.deciding.revision import Revision
from tierlane.policy.form.case import Moment, Timeline
from tierlane.policy.trial.trying import Difference, Result
from tierlane.ports import Record
from tierlane.replay.source.source import Source
from tierlane.replay.timeline.comparing import Comparing
from tierlane.replay.timeline.in_memory import ordered
from tierlane.replay.timeline.playing import standing_still
from tierlane.replay.timeline.running import NO_REVISIONS
from tierlane.replay.timeline.script import Script
from tierlane.replay.timeline.view import View
from tierlane.replay.verify.verdict import Verdict
from tierlane.replay.verify.verify import Terms, verify
from tierlane.routing.desk import Desk
from tierlane.routing.machine import Machine
from tierlane.routing.waiting.managed import ManagedDesk
from tierlane.topic import ROUTING_AUDIT
from tierlane.value import parse_time


@dataclass(frozen=True, slots=True)
class Until:
    """A source as it was at a moment."""

    source: Source
    moment: int
    """Ms, included."""

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.source.name

    @property
    def cut(self) -> bool:
        """Whether owners went on writing: not when everything was settled at the moment."""
        return False

    def batches(self, topics: Collection[str] | None = None) -> Iterator[Sequence[Record]]:
        """Yield its records that the log took by then."""
        for batch in self.source.batches(topics):
            kept = [one for one in batch if one.timestamp <= self.moment]
            if kept:
                yield kept


def replay_timeline(
    revision: Revision,
    case: Timeline,
    source: Source,
    terms: Terms,
    published: Mapping[str, Revision] = NO_REVISIONS,
) -> tuple[Result, Verdict]:
    """Compare what a record says with a timeline, and return what was found doing all of it again.

    Raises `Unsayable`, and `SourceError` where the record cannot be read.
    """
    known = {one.hash: one for one in (revision, *published.values())}
    view = View(case, Script(case, revision), revision, known)
    replaying = _Replaying(case, source, terms, view, published)
    dark = standing_still(case)
    differences: list[Difference] = []
    for row in case.moments:
        found = replaying.row(row) if row not in dark else []
        differences += [one._replace(key=f"at {row.at / 1000:g}s {one.key}") for one in found]
    verdict = verify(source, terms, files=known.values())
    return Result(case.name, case.place, (*differences, *view.unproven)), verdict


@dataclass(slots=True)
class _Replaying:
    case: Timeline
    source: Source
    terms: Terms
    view: View
    published: Mapping[str, Revision]
    taken: int = 0
    """Audit records that the view has."""

    def row(self, row: Moment) -> list[Difference]:
        """Compare one row with what the record had by then."""
        now, view = self.case.start + row.at, self.view
        if row.publish is not None:
            view.revision = view.script.revision = self.published[row.publish.name]
        part = Until(self.source, now)
        begun = self._hear(part, now)
        view.look(self._desks(part))
        comparing = Comparing(view, now, begun)
        found = [one for name, expect in row.expect for one in comparing.contact(name.name, expect)]
        return found + comparing.desks(row.desk)

    def _hear(self, part: Source, now: int) -> int:
        """Let the view take the audit; return how much had been told before this moment."""
        fresh = self._audit(part)[self.taken :]
        self.taken += len(fresh)
        before = [one for one in fresh if parse_time(one[0]["seen"]) < now]
        self.view.take(before)
        begun = len(self.view.changes)
        self.view.take(fresh[len(before) :])
        return begun

    def _audit(self, part: Source) -> list[tuple[Mapping[str, Any], bytes]]:
        values = [
            one.value
            for batch in part.batches([ROUTING_AUDIT])
            for one in batch
            if one.value is not None
        ]
        return ordered(values)

    def _desks(self, part: Source) -> dict[str, ManagedDesk]:
        machines: list[Machine] = []
        verify(part, self.terms, files=self._files(), done=machines.append)
        desks = (one.desks() for one in machines if isinstance(one, Desk))
        return {name: desk for many in desks for name, desk in many.items()}

    def _files(self) -> Iterable[Revision]:
        return self.view.known.values()

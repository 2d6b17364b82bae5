"""The state machine of the Transport row: as Intake, with every output worked out beforehand.

A worker drives it by the setting `TIERLANE_MACHINE=benchmarks.precomputed:machine`; all else about
that worker is as in production: group, transactions, changelog, offsets.
"""

import json
import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks import flow
from benchmarks.flow import Answer
from tierlane.ports import ProfileStore, Record
from tierlane.routing.effect import Effects, Output

FLOW = "BENCH_FLOW"
REPORT = "BENCH_REPORT"
POSITION = b"\x00position"


class Clock:
    """The run's clock, shared by the owners of all partitions."""

    def __init__(self, expected: int, report: Path) -> None:
        self.expected = expected
        self.report = report
        self.kept = 0
        self.begun = 0.0
        self.cpu = 0.0

    def took(self) -> None:
        """Start with the first batch in hand."""
        if not self.begun:
            self.begun, self.cpu = time.perf_counter(), time.process_time()

    def committed(self, contacts: int) -> None:
        """Count contacts whose transaction is committed; the last one ends the run."""
        self.kept += contacts
        if contacts and self.kept == self.expected:
            seconds = time.perf_counter() - self.begun
            cpu = time.process_time() - self.cpu
            figures = {"contacts": self.kept, "seconds": seconds, "cpu_seconds": cpu}
            partial = self.report.with_suffix(".partial")
            partial.write_text(json.dumps(figures))
            partial.rename(self.report)


class Precomputed:
    """What an owner drives: it looks answers up and keeps nothing but its position."""

    def __init__(self, partition: int, answers: dict[bytes, Answer], clock: Clock) -> None:
        self.owner = f"intake-{partition}"
        self._answers = answers
        self._clock = clock
        self._next = self._committed = -1
        self._done = 0

    def position(self, topic: str) -> int:
        """Return the next offset of `contact.events`; nothing else is read."""
        return self._next if topic == "contact.events" else -1

    def on_records(self, topic: str, records: Sequence[Record]) -> Effects:
        """Return the two outputs of each contact."""
        effects = Effects()
        if topic != "contact.events":
            return effects
        self._clock.took()
        outputs, answers = effects.outputs, self._answers
        for record in records:
            outputs += [Output(*written) for written in answers[record.value or b""]]
        self._done += len(records)
        self._next = records[-1].offset + 1
        effects.changes[POSITION] = b"%d" % self._next
        return effects

    def next_deadline(self) -> int | None:
        """Return None: nothing here waits."""
        return None

    def on_deadline(self, now: int) -> Effects:
        """Return no effects."""
        return Effects()

    def park(self, topic: str, record: Record, error: BaseException) -> Effects:
        """Raise the error: a contact without an answer would make the run worthless."""
        raise error

    def commit(self) -> None:
        """Take what was done for kept; counts towards the end of the run."""
        self._clock.committed(self._done)
        self._committed, self._done = self._next, 0

    def rollback(self) -> None:
        """Go back to the last commit."""
        self._next, self._done = self._committed, 0

    def restore(self, items: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Take the position up again."""
        for _, value in items:
            self._next = self._committed = int(value or -1)


_shared: list[tuple[dict[bytes, Answer], Clock]] = []


def machine(*, partition: int, profiles: ProfileStore) -> Precomputed:
    """Make the machine of one partition; the first loads the flow, before any record is read."""
    if not _shared:
        answers = flow.load(Path(os.environ[FLOW])).answers
        _shared.append((answers, Clock(len(answers), Path(os.environ[REPORT]))))
    return Precomputed(partition, *_shared[0])

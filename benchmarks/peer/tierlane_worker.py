"""tierlane's worker, driving a state machine whose outputs were worked out beforehand.

All else is as in production: Faust's group, the batch transport, one transactional producer for
each input partition, changelog, offsets, every default of the settings.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import flow
from benchmarks.flow import Answer
from benchmarks.peer.task import Watch, given
from tierlane.ports import ProfileStore, Record
from tierlane.routing.effect import Effects
from tierlane.stream.ground import Kind
from tierlane.stream.settings import Settings
from tierlane.stream.worker import run
from tierlane.topic import CONTACT_EVENTS, CUSTOMER_PROFILES, INTAKE_INPUTS

STATE = "tierlane.intake.state"
POSITION = b"\x00position"


class Precomputed:
    """What an owner drives: it looks answers up and keeps nothing but its position."""

    def __init__(self, answers: dict[bytes, Answer], watch: Watch) -> None:
        self._answers = answers
        self._watch = watch
        self._next = self._committed = -1

    def position(self, topic: str) -> int:
        """Return the next offset of `contact.events`; nothing else is read."""
        return self._next if topic == CONTACT_EVENTS else -1

    def on_records(self, topic: str, records: Sequence[Record]) -> Effects:
        """Return the outputs of each contact."""
        effects = Effects()
        if topic == CONTACT_EVENTS:
            self._watch.took(0)
            answers = self._answers
            for record in records:
                effects.outputs.extend(answers[record.value or b""])
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
        """Take what was done for kept: it is acknowledged. The last contact ends the run."""
        # A partition's first offset is 0, and nothing else is written to this topic.
        self._watch.took(max(self._next, 0) - max(self._committed, 0))
        self._committed = self._next
        if self._watch.complete:
            self._watch.report()

    def rollback(self) -> None:
        """Go back to the last commit."""
        self._next = self._committed

    def load_profiles(self, records: Sequence[Record]) -> None:
        """Pass profiles over: nothing is decided here."""

    def restore(self, items: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Take the position up again."""
        for _, value in items:
            self._next = self._committed = int(value or -1)


def main() -> int:
    """Run one worker until every contact's transaction is committed."""
    task = given()
    answers, watch = flow.load(Path(task.flow)).answers, Watch(task)

    def factory(*, partition: int, profiles: ProfileStore) -> Precomputed:
        return Precomputed(answers, watch)

    kind = Kind("intake", INTAKE_INPUTS, STATE, factory, profiles=CUSTOMER_PROFILES)
    with TemporaryDirectory(prefix="tierlane-bench-") as folder:
        settings = Settings(
            brokers=task.brokers,
            prefix=task.prefix,
            guarantee="exactly-once" if task.guarantee == "exactly-once" else "at-least-once",
            state_dir=Path(folder),
        )
        return run(settings, (kind,))


if __name__ == "__main__":
    sys.exit(main())

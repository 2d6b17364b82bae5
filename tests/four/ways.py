"""One timeline four ways, each time with every expectation spoilt, so that all that came is told.

Equal results are equal lists of what came: at each row, of every contact and desk that the case
asks about, whatever it expects of them.
"""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.four.on_kafka import on_kafka
from tests.four.stock import Piece, spoilt
from tierlane.policy.trial.trying import Difference
from tierlane.replay.timeline.in_memory import InMemory
from tierlane.replay.timeline.playing import Backend, Play, standing_still
from tierlane.replay.timeline.replaying import replay_timeline
from tierlane.replay.timeline.running import run_timeline
from tierlane.replay.verify.verdict import Verdict
from tierlane.stream.murmur import place


@dataclass(frozen=True, slots=True)
class Ways:
    """What came of one timeline, purely and live."""

    holds: bool
    """Whether the pure run is as the case expects."""
    purely: list[Difference]
    restored: list[Difference]
    live: list[Difference]
    kills: int
    replayed: list[Difference]
    verdict: Verdict
    verified: bool | None
    """What the command says of the recording; None where it cannot be asked."""

    @property
    def equal(self) -> tuple[bool, bool, bool, bool]:
        """Whether the pure run holds, and each other way comes to the same."""
        proven = self.verdict.differences == [] and self.verdict.unproven == 0
        proven = proven and self.verified is not False
        same = self.purely == self.replayed
        return (
            self.holds,
            self.restored == self.purely,
            self.live == self.purely and self.kills > 0,
            same and proven,
        )

    def told(self) -> list[str]:
        """Return what is not equal, a line each."""
        named = (("restored", self.restored), ("live", self.live), ("replayed", self.replayed))
        found = [
            f"{name}: {one.key}: {one.got}"
            for name, came in named
            for one in came
            if one not in self.purely
        ]
        missing = [
            f"{name}: not {one.key}: {one.got}"
            for name, came in named
            for one in self.purely
            if one not in came
        ]
        changed = [f"record: {one}" for one in self.verdict.differences[:5]]
        return [*found, *missing, *changed]


def seen(piece: Piece, differences: Iterable[Difference]) -> list[Difference]:
    """Leave out what nobody could look at: the rows of a standstill."""
    dark = tuple(f"at {row.at / 1000:g}s " for row in standing_still(piece.case))
    return [one for one in differences if not (dark and one.key.startswith(dark))]


def purely(piece: Piece) -> list[Difference]:
    """Return what comes of a timeline on the pure desk."""
    subject = piece.subject
    run = run_timeline(subject.revision, spoilt(piece.case), subject.published)
    return seen(piece, run.differences)


def played(piece: Piece, backend: Backend, *, crash_at: int = -1) -> list[Difference]:
    """Return what comes of it on whole machines. Raises `Unsayable`."""
    subject = piece.subject
    play = Play(subject.revision, spoilt(piece.case), backend, subject.published, crash_at=crash_at)
    return seen(piece, play.result().differences)


def four_ways(piece: Piece, broker: str, prefix: str) -> Ways:
    """Run a timeline four ways; live, the worker is killed in the midst of the middle row."""
    subject, middle = piece.subject, len(piece.case.moments) // 2
    published = {
        one.hash: piece.path.parent / name for name, one in subject.published.items()
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="four-") as folder:
        about = (broker, prefix, Path(folder), subject.path, published)
        with on_kafka(*about) as backend:
            live = played(piece, backend, crash_at=middle)
            source = backend.recorded()
            result, verdict = replay_timeline(
                subject.revision, spoilt(piece.case), source, backend.terms, subject.published
            )
            return Ways(
                holds=run_timeline(subject.revision, piece.case, subject.published).passed,
                purely=purely(piece),
                restored=played(piece, InMemory(place, restarts=True)),
                live=live,
                kills=backend.kills,
                replayed=seen(piece, result.differences),
                verdict=verdict,
                verified=backend.verified(),
            )

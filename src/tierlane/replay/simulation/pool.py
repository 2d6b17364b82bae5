"""Plays replications, on as many processes as asked for; each knows its number and nothing else.

Results come in any order, so whoever gathers them puts them in the order of their numbers.
"""

import signal
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import replace
from itertools import islice
from multiprocessing import active_children, get_context
from typing import Any, Final, Self

from tierlane.policy.deciding.revision import Revision
from tierlane.replay.simulation.deciding import Recalled, managed, recallable
from tierlane.replay.simulation.journal import Journal
from tierlane.replay.simulation.scene import Playing, Scene, returns
from tierlane.replay.simulation.staffing import Staffing

Reduce = Callable[[Journal, Scene], Any]
"""What is kept of a journal; a function of a module, so that another process finds it."""

_AHEAD: Final = 2
"""Replications a process has waiting for it, so that none stands still."""


class Player:
    """Plays replications of some scenes, one after the other."""

    def __init__(
        self, scenes: Sequence[Scene], seed: int, reduce: Reduce, *, exact: bool = False
    ) -> None:
        self._scenes, self._seed, self._reduce, self._exact = scenes, seed, reduce, exact
        self._revisions: list[Revision] = [managed(one.policy.compiled()) for one in scenes]
        self._recalled: list[Recalled | None] = [
            {} if returns(scene.demand) and recallable(revision) else None
            for scene, revision in zip(scenes, self._revisions, strict=True)
        ]
        self._staffing: Staffing | None = None
        self._playing: list[Playing] = []

    def play(self, number: int, staffing: Staffing | None = None) -> tuple[int, tuple[Any, ...]]:
        """Return the number of a replication with what is kept of each scene.

        `staffing` stands in for that of the scenes.
        """
        if not self._playing or staffing != self._staffing:
            self._prepare(staffing)
        kept = (self._reduce(one.play(self._seed, number), one.scene) for one in self._playing)
        return number, tuple(kept)

    def _prepare(self, staffing: Staffing | None) -> None:
        """Make ready once what is the same in all replications with one staff."""
        self._staffing = staffing
        staffed = [
            one if staffing is None else replace(one, staffing=staffing) for one in self._scenes
        ]
        self._playing = [
            Playing(scene, revision, exact=self._exact, recalled=recalled)
            for scene, revision, recalled in zip(
                staffed, self._revisions, self._recalled, strict=True
            )
        ]


Played = Generator[tuple[int, tuple[Any, ...]], None, None]


class Pool:
    """Processes that know some scenes; with one core it is this process."""

    def __init__(
        self,
        scenes: Sequence[Scene],
        seed: int,
        cores: int,
        reduce: Reduce,
        *,
        exact: bool = False,
    ) -> None:
        """Begin; each process compiles the policies once. Raises PolicyError.

        `exact` has the real desks play even where a scene is a plain line.
        """
        self._cores = cores
        self._player = Player(scenes, seed, reduce, exact=exact) if cores == 1 else None
        self._before = set(active_children())
        self._pool: ProcessPoolExecutor | None = None
        if cores > 1:
            context, about = get_context("spawn"), (scenes, seed, reduce, exact)
            self._pool = ProcessPoolExecutor(cores, context, _begin, about)

    def replicate(self, numbers: Sequence[int], staffing: Staffing | None = None) -> Played:
        """Yield what is kept of each replication, as they are done."""
        if self._player is not None:
            for number in numbers:
                yield self._player.play(number, staffing)
        if self._pool is None:
            return
        left = iter(numbers)
        waiting: set[Future[tuple[int, tuple[Any, ...]]]] = set()
        while True:
            more = islice(left, self._cores * _AHEAD - len(waiting))
            waiting |= {self._pool.submit(_play, one, staffing) for one in more}
            if not waiting:
                return
            ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for one in ready:
                yield one.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """End the processes; after an error or Ctrl-C at once, whatever they are at."""
        if self._pool is None:
            return
        if kind is not None:
            for process in set(active_children()) - self._before:
                process.terminate()
        self._pool.shutdown(wait=True, cancel_futures=True)


_players: list[Player] = []
"""The player of a process of the pool."""


def _begin(scenes: Sequence[Scene], seed: int, reduce: Reduce, exact: bool) -> None:  # noqa: FBT001
    # Ctrl-C reaches the whole group; who asked for the replications ends these processes.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _players.append(Player(scenes, seed, reduce, exact=exact))


def _play(number: int, staffing: Staffing | None) -> tuple[int, tuple[Any, ...]]:
    return _players[0].play(number, staffing)

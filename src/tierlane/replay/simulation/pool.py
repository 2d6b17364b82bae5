"""Plays replications, on as many processes as asked for; each knows its number and nothing else.

Results come in any order, so whoever gathers them puts them in the order of their numbers.
"""

import signal
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import islice
from multiprocessing import active_children, get_context
from typing import Any, Final

from tierlane.policy.deciding.revision import Revision
from tierlane.replay.simulation.deciding import managed
from tierlane.replay.simulation.journal import Journal
from tierlane.replay.simulation.scene import Scene, play

Reduce = Callable[[Journal, Scene], Any]
"""What is kept of a journal; a function of a module, so that another process finds it."""

_AHEAD: Final = 2
"""Replications a process has waiting for it, so that none stands still."""


class Player:
    """Plays replications of some scenes, one after the other."""

    def __init__(self, scenes: Sequence[Scene], seed: int, reduce: Reduce) -> None:
        self._scenes, self._seed, self._reduce = scenes, seed, reduce
        self._revisions: list[Revision] = [managed(one.policy.compiled()) for one in scenes]

    def play(self, number: int) -> tuple[int, tuple[Any, ...]]:
        """Return the number of a replication with what is kept of each scene."""
        kept = (
            self._reduce(play(scene, revision, self._seed, number), scene)
            for scene, revision in zip(self._scenes, self._revisions, strict=True)
        )
        return number, tuple(kept)


def replicate(
    scenes: Sequence[Scene], seed: int, numbers: Sequence[int], cores: int, reduce: Reduce
) -> Generator[tuple[int, tuple[Any, ...]], None, None]:
    """Yield what is kept of each replication, as they are done.

    Closing the iterator, or Ctrl-C in the middle, ends the processes at once.
    """
    if cores == 1 or len(numbers) == 1:
        player = Player(scenes, seed, reduce)
        yield from map(player.play, numbers)
        return
    pool = ProcessPoolExecutor(
        min(cores, len(numbers)), get_context("spawn"), _begin, (scenes, seed, reduce)
    )
    before = set(active_children())
    done = False
    try:
        yield from _played(pool, numbers, cores * _AHEAD)
        done = True
    finally:
        if not done:
            for process in set(active_children()) - before:
                process.terminate()
        pool.shutdown(wait=True, cancel_futures=True)


def _played(
    pool: ProcessPoolExecutor, numbers: Sequence[int], ahead: int
) -> Generator[tuple[int, tuple[Any, ...]], None, None]:
    left = iter(numbers)
    open_: set[Future[tuple[int, tuple[Any, ...]]]] = set()
    while True:
        open_ |= {pool.submit(_play, one) for one in islice(left, ahead - len(open_))}
        if not open_:
            return
        ready, open_ = wait(open_, return_when=FIRST_COMPLETED)
        for one in ready:
            yield one.result()


_players: list[Player] = []
"""The player of a process of the pool."""


def _begin(scenes: Sequence[Scene], seed: int, reduce: Reduce) -> None:
    # Ctrl-C reaches the whole group; who asked for the replications ends these processes.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _players.append(Player(scenes, seed, reduce))


def _play(number: int) -> tuple[int, tuple[Any, ...]]:
    return _players[0].play(number)

"""Plays the waiting lines of two policies beside each other, contact by contact."""

from collections.abc import Callable
from typing import Final

from tierlane.replay.diff.fate import Fates, Gathering
from tierlane.replay.simulation.journal import Fared, Journal
from tierlane.replay.simulation.pool import Pool
from tierlane.replay.simulation.scene import Scene

REPLICATIONS: Final = 20


def fates(
    a: Scene,
    b: Scene,
    seed: int,
    replications: int = REPLICATIONS,
    *,
    cores: int = 1,
    told: Callable[[int], None] = lambda _: None,
) -> Fates:
    """Simulate two scenes with the same contacts and return how each contact fares by both.

    `told` is called with the number of replications done so far. Ctrl-C gives what was done by
    then; where nothing was, KeyboardInterrupt is raised. Other errors are those of the scenes.
    """
    gathering, done = Gathering(), 0
    try:
        with Pool((a, b), seed, min(cores, replications), kept) as pool:
            for number, (first, second) in pool.replicate(range(1, replications + 1)):
                gathering.add(number, first, second)
                done += 1
                told(done)
    except KeyboardInterrupt:
        if not done:
            raise
    return gathering.fates(seed, replications)


def kept(journal: Journal, _: Scene) -> tuple[Fared, ...]:
    """Return what is kept of a journal: how each contact fared, by arrival."""
    return tuple(journal.fared)

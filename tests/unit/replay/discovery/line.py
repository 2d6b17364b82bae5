"""A made-up line: contacts of three priorities, taken by a known order, with noise or without."""

from collections.abc import Callable, Iterator
from random import Random

from tierlane.replay.discovery.wait import Wait

Key = Callable[[Wait, float], float]
"""What is least is taken: of a wait, at a moment."""

PROMISES = {0: 900.0, 1: 300.0, 2: 120.0}


def served(key: Key, *, days: int = 6, a_day: int = 250, noise: float = 0, seed: int = 1):
    """Return the waits of a line that one advisor serves by `key`; at `noise` by lot."""
    lot = Random(seed)
    return [wait for day in range(days) for wait in _day(key, day, a_day, noise, lot)]


def _day(key: Key, day: int, count: int, noise: float, lot: Random) -> Iterator[Wait]:
    begin = 86_400.0 * (20_000 + day)
    coming, at = [], begin
    for number in range(count):
        at += lot.expovariate(1 / 30)
        rank = lot.choice((0, 0, 1, 2))
        promised = at + PROMISES[rank]
        coming.append(Wait(f"{day}-{number}", f"2026-03-{day + 1:02}", at, at, rank, "x", "", None,
                           promised))  # fmt: skip
    now, waiting = begin, []
    while coming or waiting:
        now += lot.uniform(20, 40)
        while coming and coming[0].since < now:
            waiting.append(coming.pop(0))
        if waiting:
            pick = lot.choice(waiting) if lot.random() < noise else min(
                waiting, key=lambda one: key(one, now)
            )  # fmt: skip
            waiting.remove(pick)
            yield pick._replace(until=now, taken_by="a-1")

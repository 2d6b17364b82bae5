"""A scene: all that one simulation is made of, apart from the lot; and one play of it."""

import re
from dataclasses import dataclass
from typing import Final

from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.reading.chain import Find, nowhere
from tierlane.replay.simulation.chance import Chance
from tierlane.replay.simulation.coming import Demand
from tierlane.replay.simulation.deciding import Deciding, Recalled
from tierlane.replay.simulation.journal import Journal
from tierlane.replay.simulation.measure import Counting
from tierlane.replay.simulation.run import DRAIN, Run
from tierlane.replay.simulation.staffing import Staffing

_CASES: Final = re.compile(rb"^cases:.*?(?=^[^\s#]|\Z)", re.DOTALL | re.MULTILINE)
_NOW: Final = re.compile(rb"\bnow\b|^extends\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Text:
    """A policy as written, which another process can compile for itself."""

    text: bytes
    source: str
    find: Find = nowhere

    @property
    def timeless(self) -> bool:
        """Whether the word `now` is nowhere in it but in its cases, nor in a policy it extends."""
        rules = _CASES.sub(b"", self.text)
        return _NOW.search(rules) is None

    def compiled(self) -> Revision:
        """Return the revision; raises PolicyError."""
        return compile_policy(self.text, self.source, self.find)


@dataclass(frozen=True, slots=True)
class Scene:
    """A policy with its staff and its contacts."""

    policy: Text
    staffing: Staffing
    demand: Demand
    counting: Counting = Counting()
    drain: int = DRAIN
    """Ms for which contacts are followed after the period."""


def play(
    scene: Scene,
    revision: Revision,
    seed: int,
    replication: int,
    recalled: Recalled | None = None,
) -> Journal:
    """Play one replication; `revision` is the scene's policy, compiled, with its desks managed.

    `recalled` keeps decisions from one replication to the next, where the same contacts come.
    """
    chance, demand = Chance(seed, replication), scene.demand
    turns = scene.staffing.roster(revision, demand.begin, demand.end + scene.drain)
    begin = demand.begin + scene.counting.warm_up
    deciding = Deciding(revision, timeless=scene.policy.timeless, recalled=recalled)
    run = Run(revision, scene.staffing.behaviour, chance, begin, demand.end, deciding)
    return run.play(replication, turns, demand.comings(chance), scene.drain)

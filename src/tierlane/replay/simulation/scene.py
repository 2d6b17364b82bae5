"""A scene: all that one simulation is made of, apart from the lot; and one play of it."""

import re
from dataclasses import dataclass
from typing import Final

from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.reading.chain import Find, nowhere
from tierlane.replay.simulation.chance import Chance
from tierlane.replay.simulation.coming import Demand
from tierlane.replay.simulation.crowd import Crowd, crowd
from tierlane.replay.simulation.deciding import Deciding, Recalled
from tierlane.replay.simulation.journal import Journal
from tierlane.replay.simulation.measure import Counting
from tierlane.replay.simulation.plain.playing import PlainScene
from tierlane.replay.simulation.plain.reason import Involved
from tierlane.replay.simulation.recorded import Recorded
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


def returns(demand: Demand) -> bool:
    """Tell whether the very same contacts come in every replication."""
    return isinstance(demand, Recorded) and not demand.resampled


class Playing:
    """Plays replications of a scene: as a plain line where it is one, else by the real desks."""

    def __init__(
        self,
        scene: Scene,
        revision: Revision,
        *,
        exact: bool = False,
        recalled: Recalled | None = None,
    ) -> None:
        """Prepare; `exact` has the real desks play. Raises UsageError where the staff is wrong.

        `revision` is the scene's policy, compiled, with its desks managed. `recalled` keeps
        decisions of real desks for other replications, and other staffs, where the same contacts
        come.
        """
        self.scene, self._revision, demand = scene, revision, scene.demand
        self._recalled = recalled
        self._crowd: Crowd | None = None
        self._turns = scene.staffing.roster(revision, demand.begin, demand.end + scene.drain)
        self.reason = ""
        """Why the real desks are needed, or nothing."""
        self._plain: PlainScene | None = None
        if exact:
            return
        try:
            self._plain = PlainScene(
                revision, scene.staffing.behaviour, self._turns, self._window,
                demand.end + scene.drain, timeless=scene.policy.timeless,
            )  # fmt: skip
        except Involved as found:
            self.reason = str(found)

    @property
    def _window(self) -> tuple[int, int]:
        demand = self.scene.demand
        return demand.begin + self.scene.counting.warm_up, demand.end

    def play(self, seed: int, replication: int) -> Journal:
        """Play one replication."""
        chance = Chance(seed, replication)
        if self._plain is not None:
            try:
                return self._plain.play(replication, self._come(chance), chance)
            except Involved as found:
                self.reason = str(found)
                self._plain = None
        return self._real(replication, chance)

    def _come(self, chance: Chance) -> Crowd:
        """Return the contacts of a replication; the same that always come are told once."""
        if self._crowd is not None:
            return self._crowd
        come = crowd(self.scene.demand, chance)
        if returns(self.scene.demand):
            self._crowd = come
        return come

    def _real(self, replication: int, chance: Chance) -> Journal:
        scene, revision = self.scene, self._revision
        timeless = scene.policy.timeless
        deciding = Deciding(revision, timeless=timeless, recalled=self._recalled)
        run = Run(revision, scene.staffing.behaviour, chance, *self._window, deciding)
        # As the plain line takes them: who comes at one moment comes by id.
        comings = self._come(chance).comings()
        journal = run.play(replication, self._turns, comings, scene.drain)
        return journal._replace(why_real=self.reason)


def play(
    scene: Scene, revision: Revision, seed: int, replication: int, *, exact: bool = False
) -> Journal:
    """Play one replication; `revision` is the scene's policy, compiled, with its desks managed."""
    return Playing(scene, revision, exact=exact).play(seed, replication)

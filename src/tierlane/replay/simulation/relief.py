"""Who works in a replication, and in whose place: in some groups whoever is idle leaves first.

Advisors of a group are alike, so one who stays on for another takes over the turns to come.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tierlane.replay.simulation.staffing import OFF, ON, Seated, Turn
from tierlane.replay.simulation.work import Stint


@dataclass(slots=True)
class Relief:
    """The advisors of a replication, whose work counts from `begin` to `end`, in ms."""

    begin: int
    end: int
    stints: dict[str, Stint] = field(default_factory=dict)
    """By name those who have come, in the order in which they came."""
    _instead: dict[str, Seated] = field(default_factory=dict)
    """Whose turns somebody else takes, and who."""

    def turn(self, turn: Turn, now: int) -> tuple[Seated, bool]:
        """Note a turn of whoever takes it; return who does, and whether they had come before."""
        seated = self._who(turn)
        known = seated.name in self.stints
        self._stint(seated).turn(turn.state, now)
        return seated, known

    def relieved(self, done: Stint, now: int) -> Iterator[tuple[Seated, str]]:
        """Let who has just become idle leave in place of a colleague still busy after the end.

        Yields both with their new states, if there is such a colleague.
        """
        if not (done.seated.idle_first and done.may_go(done.seated.group)):
            return
        late = next((one for one in self.stints.values() if one.stays(done.seated.group)), None)
        if late is not None:
            self._swap(done.seated, late.seated)
            for stint, state in ((done, OFF), (late, ON)):
                stint.turn(state, now)
                yield stint.seated, state

    def _who(self, turn: Turn) -> Seated:
        """Return who takes a turn, which in such a group somebody may have swapped for."""
        seated = self._instead.get(turn.advisor.name, turn.advisor)
        if not (turn.state == OFF and seated.idle_first and self._stint(seated).held):
            return seated
        idle = next((one for one in self.stints.values() if one.may_go(seated.group)), None)
        if idle is None:
            return seated
        self._swap(seated, idle.seated)
        return idle.seated

    def _swap(self, one: Seated, other: Seated) -> None:
        """Let two advisors alike take over each other's turns from now on."""
        turns = [
            next((name for name, who in self._instead.items() if who == seated), seated.name)
            for seated in (one, other)
        ]
        self._instead[turns[0]], self._instead[turns[1]] = other, one

    def _stint(self, seated: Seated) -> Stint:
        stint = self.stints.get(seated.name)
        if stint is None:
            stint = self.stints[seated.name] = Stint(seated, self.begin, self.end)
        return stint

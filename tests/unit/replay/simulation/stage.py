"""Small policies, staffs and contacts for the tests of the simulator."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tierlane.policy.form.case import StagedAdvisor
from tierlane.policy.form.finding import Place
from tierlane.replay.simulation.behaviour import Behaviour
from tierlane.replay.simulation.chance import Chance
from tierlane.replay.simulation.coming import Coming
from tierlane.replay.simulation.deciding import managed
from tierlane.replay.simulation.journal import Fared, Journal
from tierlane.replay.simulation.measure import Counting
from tierlane.replay.simulation.scene import Scene, Text, play
from tierlane.replay.simulation.staffing import Group, Hours, Staffing

NOWHERE = Place("test", 1, 1)
ONE_LINE = b"""tierlane: 1
policy: one_line
desks: {d: {order: [waited], choose: [idle]}}
lanes: {l: {kind: standard, desk: d}}
plans: [{plan: all, steps: [{lane: l}]}]
finally: {until: 24h, close: sorry}
fallback: l
"""
SECOND = 1000


@dataclass(frozen=True)
class Listed:
    """Contacts that are the same in every replication."""

    contacts: tuple[Coming, ...]
    begin: int = 0
    end: int = 3_600_000

    def comings(self, chance: Chance) -> Iterable[Coming]:
        del chance
        return self.contacts


def group(name: str, count: int, **about) -> Group:
    pauses, pace, desk = about.pop("pauses", ()), about.pop("pace", 1.0), about.pop("desk", "")
    idle_first = about.pop("idle_first", False)
    hours = about.pop("hours", (Hours(count),))
    return Group(StagedAdvisor(name, NOWHERE, **about), hours, desk, pauses, pace, idle_first)


def coming(name: str, at: float, service: float = 60, patience: float | None = None, **contact):
    """Seconds throughout."""
    data = {"contact_id": name, "channel": "voice", **contact}
    return Coming(
        name, round(at * SECOND), data, None, service * SECOND,
        None if patience is None else patience * SECOND,
    )  # fmt: skip


def scene(
    contacts: Sequence[Coming],
    groups: Sequence[Group] = (),
    policy: bytes = ONE_LINE,
    behaviour: Behaviour = Behaviour(),
    counting: Counting = Counting(),
    **about,
) -> Scene:
    staffing = Staffing("s", tuple(groups) or (group("a", 1),), behaviour=behaviour)
    return Scene(Text(policy, "p.yaml"), staffing, Listed(tuple(contacts), **about), counting)


def played(one: Scene) -> Journal:
    return play(one, managed(one.policy.compiled()), 1, 1)


def fared(one: Scene) -> dict[str, Fared]:
    return {found.contact_id: found for found in played(one).fared}


def waits(one: Scene) -> dict[str, float]:
    return {name: found.wait / SECOND for name, found in fared(one).items()}


__all__ = [
    "ONE_LINE", "SECOND", "Listed", "coming", "fared", "group", "played", "replace", "scene",
    "waits",
]  # fmt: skip

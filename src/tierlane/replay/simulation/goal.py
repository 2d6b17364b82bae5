"""Goals: what a measure is to reach, as people say it: `service level 80/20 for tier gold`."""

import re
from dataclasses import dataclass
from typing import Final

from tierlane.errors import UsageError
from tierlane.policy.reading.shape import duration_ms, near
from tierlane.replay.simulation.estimate import Estimate
from tierlane.replay.simulation.measure import SHARES

_EIGHTY_TWENTY: Final = re.compile(r"service level ([0-9.]+) ?/ ?([0-9.]+)\Z")
_COMPARED: Final = re.compile(r"([a-z0-9 %]+?) ?(<=|>=|at most|at least) ?(\S+)\Z")
_BY: Final = ("tier", "scenario", "lane", "channel")
MEASURES: Final = {
    "service level": "service_level",
    "abandonment": "abandonment",
    "mean wait": "mean_wait",
    "median wait": "median_wait",
    "wait at 90%": "wait_90",
    "wait at 95%": "wait_95",
    "worst wait": "worst_wait",
    "promise kept": "promise_kept",
}
"""What can be a goal, by its words."""
HINT: Final = "such as `service level 80/20`, `abandonment <= 5%`, `mean wait <= 30s for tier gold`"


@dataclass(frozen=True, slots=True)
class Goal:
    """A measure and its bound."""

    text: str
    measure: str
    bound: float
    """A share from 0 to 1, or seconds."""
    at_least: bool
    by: str = "all"
    value: str = ""
    within: int | None = None
    """Ms to an answer that count as served in time, where the goal states it."""

    def met(self, found: Estimate) -> bool:
        """Tell whether a figure reaches the bound; one that nothing is known of does not."""
        if found.value is None:
            return False
        return found.value >= self.bound if self.at_least else found.value <= self.bound

    def surely(self, found: Estimate) -> bool:
        """Tell whether all of the figure's interval reaches the bound."""
        end = found.low if self.at_least else found.high
        return end is not None and (end >= self.bound if self.at_least else end <= self.bound)


def goal(text: str) -> Goal:
    """Read a goal; raises UsageError."""
    words, _, about = text.strip().partition(" for ")
    by, _, value = about.strip().partition(" ")
    if about and (by not in _BY or not value):
        raise UsageError(f"`{about}` names no tier, scenario, lane or channel", hint=HINT)
    by, value = (by, value) if about else ("all", "")
    if found := _EIGHTY_TWENTY.match(words):
        share, seconds = float(found[1]) / 100, float(found[2])
        return Goal(text, "service_level", share, True, by, value, round(seconds * 1000))
    compared = _COMPARED.match(words)
    if compared is None:
        raise UsageError(f"`{text}` is no goal", hint=HINT)
    name, sign, bound = compared.groups()
    if name not in MEASURES:
        raise UsageError(f"`{name}` is no measure", hint=near(name, MEASURES))
    measure = MEASURES[name]
    return Goal(text, measure, _bound(bound, measure), sign in (">=", "at least"), by, value)


def _bound(text: str, measure: str) -> float:
    try:
        if measure in SHARES:
            return float(text.removesuffix("%")) / 100 if text.endswith("%") else float(text)
    except ValueError:
        raise UsageError(f"`{text}` is no share", hint="such as `80%`") from None
    ms = duration_ms(text)
    if ms is None:
        raise UsageError(f"`{text}` is no time", hint="such as `30s`")
    return ms / 1000

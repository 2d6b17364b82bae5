"""Limits on figures, and whether they are kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tierlane.errors import UsageError
from tierlane.policy.form.finding import Place
from tierlane.policy.reading.shape import near

SIDES: Final = ("A", "B", "B-A")
KEPT, BROKEN, MISSING = "kept", "broken", "missing"


@dataclass(frozen=True, slots=True)
class Limit:
    """What one figure must reach, or must not exceed."""

    name: str
    measure: str
    bound: float
    """A share from 0 to 1, seconds, or a number."""
    at_least: bool
    place: Place
    side: str = ""
    """A, B, or B-A; empty is the last policy that has the figure, else the difference."""
    by: str = "all"
    value: str = ""
    surely: bool = False
    """Whether the whole interval must lie within the limit."""

    @property
    def told(self) -> str:
        """The limit in words."""
        of = f" of {self.by} {self.value}".rstrip() if self.by != "all" else ""
        sign = "at least" if self.at_least else "at most"
        return f"{self.measure}{of} {sign} {self.bound:g}{' surely' if self.surely else ''}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A limit with the figure it was held to; None where there is no such figure."""

    limit: Limit
    side: str
    figure: float | None
    low: float | None = None
    high: float | None = None
    hint: str = ""
    """Where there is no such figure, what was probably meant."""

    @property
    def how(self) -> str:
        """Return `kept`, `broken`, or `missing`: a figure that is not there keeps no limit."""
        limit = self.limit
        end = self.figure
        if limit.surely:
            end = self.low if limit.at_least else self.high
        if end is None:
            return MISSING
        return KEPT if (end >= limit.bound if limit.at_least else end <= limit.bound) else BROKEN

    @property
    def told(self) -> str:
        """The figure in words, with its interval where there is one."""
        if self.figure is None:
            return f"no such figure on side {self.side}" + (f"; {self.hint}" if self.hint else "")
        shown = f"{self.figure:.4g}"
        if self.low is None or self.high is None:
            return f"{shown}, without an interval" if self.limit.surely else shown
        return f"{shown} ({self.low:.4g} to {self.high:.4g})"

    def json(self) -> dict[str, Any]:
        """Return it as `gate --format json` prints it."""
        limit = self.limit
        return {
            "limit": limit.name, "measure": limit.measure, "side": self.side, "by": limit.by,
            "name": limit.value, "at_least" if limit.at_least else "at_most": limit.bound,
            "surely": limit.surely, "value": self.figure, "low": self.low, "high": self.high,
            "verdict": self.how,
        }  # fmt: skip


def judged(limits: Sequence[Limit], figures: Iterable[Mapping[str, Any]]) -> tuple[Verdict, ...]:
    """Return a verdict for each limit; `figures` are rows as `measures` of a simulation has them.

    Raises UsageError where the rows are none.
    """
    found: dict[tuple[str, str, str, str], Mapping[str, Any]] = {}
    try:
        for row in figures:
            found[row["side"], row["by"], row["name"], row["measure"]] = row
    except (KeyError, TypeError):
        raise UsageError(
            "the figures are in no form that a gate reads", hint="`simulation.json` of `--out`"
        ) from None
    sides = {key[0] for key in found}
    last = next((one for one in ("B", "A") if one in sides), "B-A")
    return tuple(_judge(limit, limit.side or _side(limit, last, found), found) for limit in limits)


def _side(limit: Limit, last: str, found: Mapping[tuple[str, str, str, str], object]) -> str:
    """Return the side a limit means that names none: the difference where that alone has it."""
    key = limit.by, limit.value, limit.measure
    return "B-A" if ("B-A", *key) in found and (last, *key) not in found else last


def _judge(
    limit: Limit, side: str, found: Mapping[tuple[str, str, str, str], Mapping[str, Any]]
) -> Verdict:
    row = found.get((side, limit.by, limit.value, limit.measure))
    if row is None:
        return Verdict(limit, side, None, hint=_meant(limit, side, found))
    return Verdict(limit, side, row["value"], row.get("low"), row.get("high"))


def _meant(limit: Limit, side: str, found: Iterable[tuple[str, str, str, str]]) -> str:
    """Return what there is instead: another side, a name that is close, or another measure."""
    keys = [key for key in found if key[1] == limit.by]
    sides = sorted({key[0] for key in keys if key[2:] == (limit.value, limit.measure)})
    if sides:
        return f"it is on side {' and '.join(sides)}"
    if limit.value not in {key[2] for key in keys}:
        names = [key[2] for key in keys if key[0] == side]
        return near(limit.value, names) or f"there are no figures by {limit.by}"
    return near(limit.measure, [key[3] for key in keys if (key[0], key[2]) == (side, limit.value)])

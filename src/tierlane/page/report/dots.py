"""A beside B as two marks on a line, with their intervals: one row for each tier or group."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from tierlane.page.drawing import measure as width_of
from tierlane.page.report.chart import Scale, dot, line, svg, text, ticks
from tierlane.page.report.figures import Figure
from tierlane.page.report.voice import SHARES, Voice

ROW: Final = 34
TOP: Final = 8
WIDTH: Final = 520
RIGHT: Final = 26
FOOT: Final = 24


class Pair(NamedTuple):
    """One row: its name, and the figures of A and B."""

    name: str
    a: Figure | None
    b: Figure | None


def dots(pairs: Sequence[Pair], measure: str, title: str, voice: Voice) -> str:
    """Return the drawing of a measure."""
    left = max((width_of(one.name or voice["everybody"], 14) for one in pairs), default=0) + 22
    ends = [end for one in pairs for side in (one.a, one.b) if side for end in _ends(side)]
    scale = _scale(measure, ends, left)
    height = TOP + ROW * len(pairs) + FOOT
    parts = []
    for value in ticks(scale.low, scale.high, 5):
        x = scale(value)
        parts.append(line(x, TOP, x, height - FOOT, "grid"))
        parts.append(text(x, height - 8, _tick(measure, value, voice), "tick", "middle"))
    for place, one in enumerate(pairs):
        y = TOP + ROW * (place + 0.5)
        parts.append(text(left - 12, y + 4, one.name or voice["everybody"], "name", "end"))
        parts += _marks(one, y, scale)
    return svg(WIDTH, height, title, parts)


def _tick(measure: str, value: float, voice: Voice) -> str:
    share = value * 100
    if measure in SHARES and share == round(share):
        return voice.say("whole percent", number=f"{share:.0f}")
    return voice.plain(measure, value)


def _marks(one: Pair, y: float, scale: Scale) -> list[str]:
    parts = []
    if one.a and one.b:
        parts.append(line(scale(one.a.value), y, scale(one.b.value), y, "way"))
    for side, found, shift in (("A", one.a, -5), ("B", one.b, 5)):
        if found is not None:
            if found.low is not None and found.high is not None:
                at = y + shift
                parts.append(line(scale(found.low), at, scale(found.high), at, f"sure{side}"))
            parts.append(dot(scale(found.value), y + shift, side))
    return parts


def _ends(one: Figure) -> tuple[float, ...]:
    return tuple(end for end in one if end is not None)


def _scale(measure: str, ends: Sequence[float], left: float) -> Scale:
    low, high = 0.0, max((*ends, 0.0)) or 1.0
    if measure in SHARES:
        least = min((*ends, 1.0))
        low = max(0.0, int(least * 10 - 0.5) / 10) if least > 0.5 else 0.0
        high = min(1.0, high) if high <= 0.5 else 1.0
    return Scale(low, high * 1.0, left, WIDTH - RIGHT)

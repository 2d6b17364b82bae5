"""Shares of a whole as parts of a bar, one bar for each tier."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from tierlane.page.drawing import measure as width_of
from tierlane.page.report.chart import Scale, line, rectangle, svg, text, ticks
from tierlane.page.report.voice import Voice

WIDTH: Final = 1040
ROW: Final = 32
TOP: Final = 6
FOOT: Final = 24
RIGHT: Final = 26
LEAST: Final = 34
"""Pixels of a part that has room for its figure."""


class Bar(NamedTuple):
    """One bar: its name, and its parts as class and share."""

    name: str
    parts: Sequence[tuple[str, float]]


def stack(bars: Sequence[Bar], title: str, voice: Voice) -> str:
    """Return the drawing."""
    left = max((width_of(one.name, 14) for one in bars), default=0) + 22
    height = TOP + ROW * len(bars) + FOOT
    scale = Scale(0, 1, left, WIDTH - RIGHT)
    drawn = []
    for share in ticks(0, 1, 5):
        x = scale(share)
        drawn.append(line(x, TOP, x, height - FOOT, "grid"))
        said = voice.say("whole percent", number=f"{share * 100:.0f}")
        drawn.append(text(x, height - 8, said, "tick", "middle"))
    for place, bar in enumerate(bars):
        y = TOP + ROW * place + 5
        drawn.append(text(left - 12, y + 15, bar.name, "name", "end"))
        drawn += _parts(bar, y, scale, voice)
    return svg(WIDTH, height, title, drawn)


def _parts(bar: Bar, y: float, scale: Scale, voice: Voice) -> list[str]:
    drawn, begin = [], 0.0
    for kind, share in bar.parts:
        x, end = scale(begin), scale(begin + share)
        if end > x:
            drawn.append(rectangle(x, y, end - x, ROW - 10, f"part {kind}"))
        if end - x >= LEAST:
            said = voice.say("whole percent", number=f"{share * 100:.0f}")
            drawn.append(text((x + end) / 2, y + 15, said, f"on {kind}", "middle"))
        begin += share
    return drawn

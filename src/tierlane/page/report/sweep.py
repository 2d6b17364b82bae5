"""The sweep of credit: agreement by seconds of credit, a curve with its band for each period."""

from collections.abc import Sequence
from math import ceil, floor
from typing import Final

from tierlane.page.report.chart import Scale, band, course, line, svg, text, ticks
from tierlane.page.report.figures import Row
from tierlane.page.report.voice import Voice

WIDTH: Final = 1040
HEIGHT: Final = 320
LEFT: Final = 52
RIGHT: Final = 110
TOP: Final = 24
BOTTOM: Final = 44
COLOURS: Final = 6
APART: Final = 15
"""Pixels between the names of two curves."""

Curve = tuple[str, Sequence[Row], Row | None]
"""Its name, its points, and its knee."""


def sweep(curves: Sequence[Curve], title: str, voice: Voice) -> str:
    """Return the drawing; an upright line is a knee."""
    points = [point for _, many, _ in curves for point in many]
    low = floor(min(one["low"] for one in points) * 20) / 20
    high = min(ceil(max(one["high"] for one in points) * 20) / 20, 1.0)
    x = Scale(0, max(one["credit"] for one in points), LEFT, WIDTH - RIGHT)
    y = Scale(low, high, HEIGHT - BOTTOM, TOP)
    parts = [*_axes(x, y, voice)]
    for place, one in enumerate(curves):
        parts += _curve(one, place % COLOURS, x, y, voice)
    return svg(WIDTH, HEIGHT, title, [*parts, *_names(curves, y)])


def _axes(x: Scale, y: Scale, voice: Voice) -> list[str]:
    parts = []
    for share in ticks(y.low, y.high, 6):
        parts.append(line(LEFT, y(share), WIDTH - RIGHT, y(share), "grid"))
        said = voice.say("whole percent", number=f"{share * 100:.0f}")
        parts.append(text(LEFT - 6, y(share) + 4, said, "tick", "end"))
    for seconds in range(0, int(x.high) + 1, 60):
        at = x(seconds)
        parts.append(line(at, HEIGHT - BOTTOM, at, HEIGHT - BOTTOM + 4, "axis"))
        parts.append(text(at, HEIGHT - BOTTOM + 18, f"{seconds}", "tick", "middle"))
    middle = (LEFT + WIDTH - RIGHT) / 2
    return [*parts, text(middle, HEIGHT - 6, voice["sweep axis"], "tick", "middle")]


def _curve(one: Curve, number: int, x: Scale, y: Scale, voice: Voice) -> list[str]:
    _, points, knee = one
    upper = [(x(point["credit"]), y(point["high"])) for point in points]
    lower = [(x(point["credit"]), y(point["low"])) for point in points]
    mid = [(x(point["credit"]), y(point["agreement"])) for point in points]
    parts = [band(upper, lower, f"band c{number}"), course(mid, f"curve c{number}")]
    if knee is not None:
        at = x(knee["seconds"])
        parts.append(line(at, TOP, at, HEIGHT - BOTTOM, f"knee c{number}"))
        parts.append(text(at + 5, TOP - 8, voice.say("s", number=f"{knee['seconds']:g}"), "tick"))
    return parts


def _names(curves: Sequence[Curve], y: Scale) -> list[str]:
    """Return the names at the ends of the curves, none upon another."""
    ends: list[tuple[float, int, str]] = sorted(
        (y(points[-1]["agreement"]) + 4, place, name)
        for place, (name, points, _) in enumerate(curves)
    )
    parts, last = list[str](), -APART * 1.0
    for at, place, name in ends:
        last = max(at, last + APART)
        parts.append(text(WIDTH - RIGHT + 8, last, name, f"c{place % COLOURS}"))
    return parts

"""Lines of A and B with their bands: waits by tier, and the day."""

from collections.abc import Callable, Sequence
from math import floor, log1p
from typing import Final

from tierlane.page.report.chart import Point, Scale, band, course, line, rectangle, svg, text, ticks
from tierlane.page.report.figures import Row
from tierlane.page.report.voice import Voice

WIDTH: Final = 340
HEIGHT: Final = 210
LEFT: Final = 44
RIGHT: Final = 28
TOP: Final = 26
BOTTOM: Final = 30
TIMES: Final = (0, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200)
"""Seconds that are marked below the waits."""
DAY: Final = 24 * 60
WIDE: Final = 1040
TALL: Final = 260


def waits(rows: Sequence[Row], name: str, within: float | None, last: float, voice: Voice) -> str:
    """Return who is answered within which time, of one tier; `last` is the end of the axis."""
    x = Scale(0, last, LEFT, WIDTH - RIGHT, lambda seconds: log1p(seconds / 10))
    y = Scale(_floor(rows, "share"), 1, HEIGHT - BOTTOM, TOP)
    parts = [_shares(y, LEFT, WIDTH - RIGHT, voice)]
    for seconds in TIMES:
        if seconds <= last:
            at = x(seconds)
            parts.append(line(at, HEIGHT - BOTTOM, at, HEIGHT - BOTTOM + 4, "axis"))
            parts.append(text(at, HEIGHT - 10, voice.span(seconds), "tick", "middle"))
    if within is not None and within <= last:
        parts.append(line(x(within), TOP, x(within), HEIGHT - BOTTOM, "mark"))
    parts += _sides(rows, lambda row: x(row["within"]), y, "share")
    parts.append(text(LEFT, 15, name or voice["everybody"], "head"))
    title = voice["waits of"].format(name=name or voice["everybody"])
    return svg(WIDTH, HEIGHT, title, parts)


def day(rows: Sequence[Row], name: str, voice: Voice, *, wide: bool) -> str:
    """Return the service level over the day; where it is wide, above the contacts that come."""
    width, height = (WIDE, TALL) if wide else (WIDTH, HEIGHT)
    foot = height - BOTTOM - (80 if wide else 0)
    x = Scale(0, DAY, LEFT, width - RIGHT)
    shown = [row for row in rows if row["measure"] == "service_level"]
    y = Scale(_floor(shown, "value"), 1, foot, TOP)
    parts = [_shares(y, LEFT, width - RIGHT, voice)]
    for hour in range(0, 25, 2 if wide else 6):
        at = x(hour * 60)
        parts.append(line(at, height - BOTTOM, at, height - BOTTOM + 4, "axis"))
        parts.append(text(at, height - 10, f"{hour:02}:00", "tick", "middle"))
    if wide:
        parts += _arrivals([row for row in rows if row["measure"] == "contacts"], x, height, voice)
    parts += _sides(shown, lambda row: x(middle(row)), y, "value")
    parts.append(text(LEFT, 15, name or voice["everybody"], "head"))
    title = voice["day of"].format(name=name or voice["everybody"])
    return svg(width, height, title, parts)


def _floor(rows: Sequence[Row], name: str) -> float:
    """Return where the axis of shares begins: a quarter below which no line of A or B goes."""
    least = min((row[name] for row in rows if row["side"] != "B-A"), default=0.0)
    return min(floor(least * 4) / 4, 0.75)


def middle(row: Row) -> float:
    """Return the minute of the day in the middle of a row's interval."""
    ends = [int(row[end][:2]) * 60 + int(row[end][3:]) for end in ("from", "to")]
    return sum(ends) / 2


def _arrivals(rows: Sequence[Row], x: Scale, height: float, voice: Voice) -> list[str]:
    """Return bars of the contacts that come; both sides meet the same."""
    bars = [row for row in rows if row["side"] == "A"]
    most = max((row["value"] for row in bars), default=0) or 1
    y = Scale(0, most, height - BOTTOM, height - BOTTOM - 56)
    width = (x(DAY) - x(0)) / max(len(bars), 1) - 2
    parts = [
        rectangle(
            x(middle(row)) - width / 2, y(row["value"]), width,
            height - BOTTOM - y(row["value"]), "bar",
        )
        for row in bars
    ]  # fmt: skip
    label = f"{voice['contacts']}: {voice.plain('contacts', most)}"
    return [*parts, text(x(DAY), y(most) - 4, label, "tick", "end")]


def _shares(y: Scale, left: float, right: float, voice: Voice) -> str:
    parts = []
    for share in ticks(y.low, 1, 5 if y.low >= 0.75 else 4):
        parts.append(line(left, y(share), right, y(share), "grid"))
        said = voice.say("whole percent", number=f"{share * 100:.0f}")
        parts.append(text(left - 6, y(share) + 4, said, "tick", "end"))
    return "\n".join([*parts, line(left, y(y.low), right, y(y.low), "grid")])


def _sides(rows: Sequence[Row], x: Callable[[Row], float], y: Scale, name: str) -> list[str]:
    found: list[str] = []
    for side in ("A", "B"):
        many = [row for row in rows if row["side"] == side]
        sure = [row for row in many if row["low"] is not None]
        upper: list[Point] = [(x(row), y(row["high"])) for row in sure]
        lower: list[Point] = [(x(row), y(row["low"])) for row in sure]
        points: list[Point] = [(x(row), y(row[name])) for row in many]
        found += [band(upper, lower, f"band{side}"), course(points, f"line{side}")]
    return found

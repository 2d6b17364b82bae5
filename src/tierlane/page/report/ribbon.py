"""Where contacts go: lanes under A on the left, under B on the right, and ways between.

A way is as wide as its contacts are many.
"""

from collections.abc import Sequence
from html import escape
from typing import Final, NamedTuple

from tierlane.page.report.chart import svg, text
from tierlane.page.report.voice import Voice

WIDTH: Final = 1040
LEFT, RIGHT = 260, 780
BAR: Final = 12
TOP: Final = 30
GAP: Final = 16
FULL: Final = 300.0
"""Pixels of all contacts together."""
EACH: Final = 50.0
"""Pixels, at most, for each way where there are few."""
LEAST: Final = 2.0
"""Pixels of the thinnest way."""
MOST: Final = 24
"""Ways that are drawn; the table has all."""


class Move(NamedTuple):
    """So many contacts from one lane to another."""

    lane_a: str
    lane_b: str
    contacts: float


def ribbon(moves: Sequence[Move], title: str, voice: Voice) -> str:
    """Return the drawing of the ways of most contacts."""
    shown = sorted(moves, key=lambda one: (-one.contacts, one.lane_a, one.lane_b))[:MOST]
    whole = sum(one.contacts for one in shown) or 1.0
    full = min(FULL, EACH * len(shown))  # five contacts on two ways are no broad stream
    size = {one: max(LEAST, one.contacts / whole * full) for one in shown}
    left = _column([(one.lane_a, size[one], one.contacts) for one in shown])
    right = _column([(one.lane_b, size[one], one.contacts) for one in shown])
    height = max(_end(left), _end(right)) + 10
    parts = [
        text(LEFT - 10, 16, voice["under a"], "tick", "end"),
        text(RIGHT + BAR + 10, 16, voice["under b"], "tick"),
    ]
    begin, end = ({name: y for name, (y, _, _) in one.items()} for one in (left, right))
    for one in shown:
        parts.append(_way(begin[one.lane_a], end[one.lane_b], size[one], one))
        begin[one.lane_a] += size[one]
        end[one.lane_b] += size[one]
    for x, column, anchor, at in (
        (LEFT, left, "end", LEFT - 10),
        (RIGHT, right, "start", RIGHT + BAR + 10),
    ):
        for name, (y, tall, contacts) in column.items():
            parts.append(f'<rect x="{x}" y="{y:g}" width="{BAR}" height="{tall:g}" class="lane"/>')
            said = f"{name} · {voice.plain('contacts', contacts)}"
            parts.append(text(at, y + tall / 2 + 4, said, "name", anchor))
    return svg(WIDTH, height, title, parts)


def _column(many: Sequence[tuple[str, float, float]]) -> dict[str, tuple[float, float, float]]:
    """Return top, height and contacts of each lane, those of most contacts first."""
    tall: dict[str, float] = {}
    contacts: dict[str, float] = {}
    for name, size, count in many:
        tall[name] = tall.get(name, 0.0) + size
        contacts[name] = contacts.get(name, 0.0) + count
    found, y = {}, float(TOP)
    for name in sorted(tall, key=lambda one: (-tall[one], one)):
        found[name] = y, tall[name], contacts[name]
        y += max(tall[name], 8) + GAP
    return found


def _end(column: dict[str, tuple[float, float, float]]) -> float:
    return max((y + tall for y, tall, _ in column.values()), default=float(TOP))


def _way(y1: float, y2: float, size: float, one: Move) -> str:
    x1, x2, bend = LEFT + BAR, RIGHT, (LEFT + BAR + RIGHT) / 2
    d = (
        f"M{x1} {y1:.1f} C{bend:g} {y1:.1f} {bend:g} {y2:.1f} {x2} {y2:.1f} "
        f"L{x2} {y2 + size:.1f} C{bend:g} {y2 + size:.1f} {bend:g} {y1 + size:.1f} "
        f"{x1} {y1 + size:.1f} Z"
    )
    told = escape(f"{one.lane_a} → {one.lane_b}: {one.contacts:,.0f}")
    return f'<path d="{d}" class="flow"><title>{told}</title></path>'

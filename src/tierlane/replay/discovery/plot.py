"""The sweep of credit as one SVG drawing that loads nothing: agreement over seconds, by period."""

from html import escape
from typing import Final

from tierlane.replay.discovery.discovery import Discovery, Period

WIDTH: Final = 760
HEIGHT: Final = 380
LEFT: Final = 56
TOP: Final = 20
RIGHT: Final = 130
BOTTOM: Final = 46
COLOURS: Final = ("#1f6f8b", "#b5532a", "#3d7a3a", "#7a4b9a", "#a3792b", "#4a5a8a")
STYLE: Final = """
svg { font: 13px system-ui, sans-serif; background: #fff; color: #1d242c; }
@media (prefers-color-scheme: dark) { svg { background: #14181c; color: #e6eaee; } }
text { fill: currentColor; } .axis { stroke: currentColor; stroke-opacity: .25; }
.band { fill-opacity: .15; stroke: none; } .curve { fill: none; stroke-width: 2; }
.knee { stroke-dasharray: 3 3; stroke-width: 1.5; }
"""


def plot(found: Discovery) -> str:
    """Return the drawing: a curve with its 95 % band for each period, and where it has a knee."""
    shown = found.periods[1:] or found.periods
    top = max(one.high for period in shown for one in period.sweep)
    low = min(one.low for period in shown for one in period.sweep)
    scale = _Scale(max(one.order.figure or 0 for one in shown[0].sweep), low, top)
    curves = "\n".join(_period(one, scale, n) for n, one in enumerate(shown))
    title = "agreement of credit with the log, by seconds of credit"
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">
<title>{title}</title>
<style>{STYLE}</style>
{_axes(scale)}
{curves}
</svg>
"""


class _Scale:
    """Where a credit and an agreement lie."""

    def __init__(self, seconds: float, low: float, high: float) -> None:
        self.seconds = seconds
        self.low, self.high = int(low * 20) / 20, min(int(high * 20 + 1) / 20, 1.0)

    def x(self, seconds: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * seconds / self.seconds, 1)

    def y(self, share: float) -> float:
        high = HEIGHT - TOP - BOTTOM
        return round(TOP + high * (self.high - share) / (self.high - self.low), 1)


def _axes(scale: _Scale) -> str:
    found = []
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    steps = round((scale.high - scale.low) * 20)
    for step in range(0, steps + 1, 1 if steps < 9 else 2):
        share = scale.low + step / 20
        y = scale.y(share)
        found.append(f'<line class="axis" x1="{LEFT}" x2="{right}" y1="{y}" y2="{y}"/>')
        found.append(f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{share:.0%}</text>')
    for seconds in range(0, int(scale.seconds) + 1, 60):
        x = scale.x(seconds)
        found.append(f'<line class="axis" x1="{x}" x2="{x}" y1="{bottom}" y2="{bottom + 5}"/>')
        found.append(f'<text x="{x}" y="{bottom + 20}" text-anchor="middle">{seconds}</text>')
    middle = (LEFT + right) / 2
    label = "seconds of credit for each rank of priority"
    found.append(f'<text x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">{label}</text>')
    return "\n".join(found)


def _period(one: Period, scale: _Scale, number: int) -> str:
    colour = COLOURS[number % len(COLOURS)]
    points = [(scale.x(agreed.order.figure or 0), agreed) for agreed in one.sweep]
    curve = " ".join(f"{x},{scale.y(agreed.share)}" for x, agreed in points)
    upper = [f"{x},{scale.y(agreed.high)}" for x, agreed in points]
    lower = [f"{x},{scale.y(agreed.low)}" for x, agreed in reversed(points)]
    end = scale.y(one.sweep[-1].share) + 4
    found = [
        f'<polygon class="band" fill="{colour}" points="{" ".join([*upper, *lower])}"/>',
        f'<polyline class="curve" stroke="{colour}" points="{curve}"/>',
        f'<text x="{WIDTH - RIGHT + 8}" y="{end}" style="fill:{colour}">{escape(one.name)}</text>',
    ]
    if one.knee is not None:
        x = scale.x(one.knee.seconds)
        bottom = HEIGHT - BOTTOM
        found.append(
            f'<line class="knee" stroke="{colour}" x1="{x}" x2="{x}" y1="{TOP}" y2="{bottom}"/>'
        )
        text = f"{one.knee.seconds:g} s"
        found.append(f'<text x="{x + 5}" y="{TOP + 12}" style="fill:{colour}">{text}</text>')
    return "\n".join(found)

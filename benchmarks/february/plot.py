"""Two drawings of a month, one above the other: mean wait and abandonment, real and simulated."""

from typing import Final

from benchmarks.february.compare import Beside, Month

WIDTH: Final = 760
LEFT: Final = 50
RIGHT: Final = 20
HIGH: Final = 200
PITCH: Final = 270
STYLE: Final = """
svg { font: 13px system-ui, sans-serif; background: #fff; color: #1d242c; }
@media (prefers-color-scheme: dark) { svg { background: #14181c; color: #e6eaee; } }
text { fill: currentColor; } .axis { stroke: currentColor; stroke-opacity: .25; }
.real { fill: #b5532a; } .made { fill: #1f6f8b; } .bar { stroke: #1f6f8b; stroke-width: 2; }
"""
PANELS: Final = (
    ("mean_wait", "mean wait of the answered, in seconds", 1.0, 20),
    ("abandonment", "gave up, in percent", 100.0, 5),
)


def plot(month: Month) -> str:
    """Return one SVG that loads nothing."""
    panels = "\n".join(
        _panel(month, *panel, top=46 + PITCH * place) for place, panel in enumerate(PANELS)
    )
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {50 + PITCH * 2}" role="img">
<title>February 1999, day by day: real and simulated</title>
<style>{STYLE}</style>
<circle class="real" cx="{LEFT}" cy="14" r="4"/><text x="{LEFT + 10}" y="18">real</text>
<circle class="made" cx="{LEFT + 60}" cy="14" r="4"/>
<text x="{LEFT + 70}" y="18">simulated, from the lowest to the highest that is likely (95 %)</text>
{panels}
</svg>
"""  # noqa: E501 # one tag


def _panel(month: Month, measure: str, title: str, scale: float, step: int, *, top: float) -> str:
    days = [(one.day, next(f for f in one.figures if f.measure == measure)) for one in month.days]
    most = max(max(_parts(figure, scale)) for _, figure in days)
    most = (int(most / step) + 1) * step
    found = [f'<text x="{LEFT}" y="{top}" font-weight="600">{title}</text>']
    bottom = top + 12 + HIGH

    def y(value: float) -> float:
        return round(bottom - HIGH * min(max(value, 0), most) / most, 1)

    found += [
        f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value)}" y2="{y(value)}"/>'
        f'<text x="{LEFT - 8}" y="{y(value) + 4}" text-anchor="end">{value}</text>'
        for value in range(0, most + 1, step)
    ]
    width = (WIDTH - LEFT - RIGHT) / len(days)
    for place, (day, figure) in enumerate(days):
        x = round(LEFT + width * (place + 0.5), 1)
        real, made, low, high = _parts(figure, scale)
        found.append(
            f'<line class="bar" x1="{x + 4}" x2="{x + 4}" y1="{y(low)}" y2="{y(high)}"/>'
            f'<circle class="made" cx="{x + 4}" cy="{y(made)}" r="4"/>'
            f'<circle class="real" cx="{x - 4}" cy="{y(real)}" r="4"/>'
            f'<text x="{x}" y="{bottom + 18}" text-anchor="middle">{day.day}</text>'
        )
    return "\n".join(found)


def _parts(figure: Beside, scale: float) -> tuple[float, float, float, float]:
    one = figure.simulated
    made = one.value or 0.0
    low, high = (one.low, one.high) if one.half is not None else (made, made)
    return (figure.real or 0.0) * scale, made * scale, (low or 0.0) * scale, (high or 0.0) * scale

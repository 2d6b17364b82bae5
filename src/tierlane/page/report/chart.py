"""What drawings are made of: scales, axes, lines with their bands, dots with their intervals.

Sizes are pixels of a drawing's own box; colours are classes, which the page's style sets for light,
dark and paper. A is drawn hollow or dashed, B filled or solid, so that they differ in grey, too.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from typing import Final

Point = tuple[float, float]

STEPS: Final = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to pixels, by way of a bent axis where `bend` is given."""

    low: float
    high: float
    first: float
    last: float
    bend: Callable[[float], float] = float

    def __call__(self, value: float) -> float:
        """Return the pixel of a value; what lies beyond the ends lies on them."""
        value = min(max(value, self.low), self.high)
        low, high = self.bend(self.low), self.bend(self.high)
        share = (self.bend(value) - low) / (high - low) if high > low else 0.0
        return round(self.first + share * (self.last - self.first), 1)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return round values from low to high, at most so many."""
    if high <= low:
        return [low]
    rough = (high - low) / most
    size = 10.0 ** floor(log10(rough))
    step = next(size * one for one in STEPS if size * one >= rough * 0.999)
    first = ceil(low / step - 1e-9)
    return [round(number * step, 10) for number in range(first, floor(high / step + 1e-9) + 1)]


def svg(width: float, height: float, title: str, parts: Iterable[str], kind: str = "") -> str:
    """Return a drawing with its title, which is what a reader of the screen hears."""
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" class="plot {kind}" role="img" '
        f'aria-label="{escape(title)}" style="max-width:{width:g}px">\n'
        + "\n".join(parts)
        + "\n</svg>"
    )


def text(x: float, y: float, said: str, kind: str = "", anchor: str = "start") -> str:
    """Return a text; `anchor` is start, middle or end."""
    return f'<text x="{x:g}" y="{y:g}" class="{kind}" text-anchor="{anchor}">{escape(said)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """Return a straight line."""
    return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" class="{kind}"/>'


def rectangle(x: float, y: float, width: float, height: float, kind: str) -> str:
    """Return a filled rectangle."""
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{max(width, 0):g}" height="{max(height, 0):g}" '
        f'class="{kind}"/>'
    )


def course(points: Sequence[Point], kind: str) -> str:
    """Return a line through points."""
    return f'<polyline points="{_points(points)}" class="{kind}"/>' if len(points) > 1 else ""


def band(upper: Sequence[Point], lower: Sequence[Point], kind: str) -> str:
    """Return the area between two lines."""
    if len(upper) < 2:
        return ""
    return f'<polygon points="{_points([*upper, *reversed(lower)])}" class="{kind}"/>'


def dot(x: float, y: float, side: str) -> str:
    """Return the mark of A or of B."""
    return f'<circle cx="{x:g}" cy="{y:g}" r="5" class="dot{side}"/>'


def _points(points: Iterable[Point]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)

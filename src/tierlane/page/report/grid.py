"""Tables of figures: A, B, and what lies between, marked where it is surely better or worse."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Final

from tierlane.page.report.figures import Figure, Figures
from tierlane.page.report.voice import NOTHING, Voice

GOOD: Final[Mapping[str, int]] = {
    "service_level": 1, "promise_kept": 1, "answered": 1, "abandonment": -1, "left": -1,
    "mean_wait": -1, "median_wait": -1, "wait_90": -1, "wait_95": -1, "worst_wait": -1,
    "worst_left": -1, "cost": -1,
}  # fmt: skip
"""Which way a measure is better; what is not named is neither."""
UNFOLDED: Final = 25
"""Rows of a table that is shown whole on the screen; a longer one is folded together."""


def table(
    head: Sequence[str], rows: Iterable[Sequence[str]], caption: str, *, numbers: int = 1
) -> str:
    """Return a table; its cells are HTML, the first of a row its head.

    From column `numbers` on they are figures, and stand to the right.
    """
    heads = "".join(
        f'<th scope="col"{_right(at, numbers)}>{one}</th>' for at, one in enumerate(head)
    )
    body = "\n".join(_row(row, numbers) for row in rows)
    return (
        f'<div class="table"><table><caption>{escape(caption)}</caption>'
        f"<thead><tr>{heads}</tr></thead>"
        f"\n<tbody>\n{body}\n</tbody></table></div>"
    )


def folded(summary: str, inner: str) -> str:
    """Return what is long, folded together on the screen and whole on paper."""
    return f"<details><summary>{escape(summary)}</summary>\n{inner}\n</details>"


def _row(row: Sequence[str], numbers: int) -> str:
    first, *rest = row
    cells = "".join(f"<td{_right(at, numbers)}>{one}</td>" for at, one in enumerate(rest, 1))
    return f'<tr><th scope="row">{first}</th>{cells}</tr>'


def _right(at: int, numbers: int) -> str:
    return ' class="r"' if at >= numbers else ""


def interval(measure: str, found: Figure, voice: Voice, *, signed: bool = False) -> str:
    """Return the ends of an interval in small; nothing where it has none, or no width."""
    if found.low is None or found.high is None or found.low == found.high:
        return ""
    low, high = (
        voice.figure(measure, end, signed=signed, fine=signed and found.sure)
        for end in (found.low, found.high)
    )
    return f" <small>{voice.say('between', low=low, high=high)}</small>"


def tiny(measure: str, found: Figure, voice: Voice) -> bool:
    """Tell whether a difference that is not sure would be shown as nothing, ends and all."""
    if found.sure or found.low is None or found.high is None:
        return False
    return all(
        voice.plain(measure, end, signed=True).startswith("±")
        for end in (found.value, found.low, found.high)
    )


def between(measure: str, found: Figure | None, voice: Voice) -> str:
    """Return a difference with its interval, marked where it is surely better or worse."""
    if found is None:
        return NOTHING
    mark = {"more": 1, "less": -1}.get(found.verdict, 0) * GOOD.get(measure, 0)
    kind = {1: "good", -1: "bad", 0: "even"}[mark]
    said = voice.figure(measure, found.value, signed=True, fine=found.sure)
    sign = {1: "▲ ", -1: "▼ ", 0: ""}[mark]
    if found.verdict == "same":
        return f'<span class="even">{voice["alike"]}</span>'
    return f'<span class="{kind}">{sign}{said}</span>{interval(measure, found, voice, signed=True)}'


def compared(by: str, name: str, measure: str, figures: Figures, voice: Voice) -> str:
    """Return a cell: from A to B, and below it the difference."""
    a, b, difference = figures.both(by, name, measure)
    if a is None and b is None:
        return NOTHING
    one, other = (voice.figure(measure, side.value if side else None) for side in (a, b))
    if difference is None or difference.verdict == "same" or tiny(measure, difference, voice):
        return f"{one} → {other}"
    return f"{one} → {other}<br>{between(measure, difference, voice)}"

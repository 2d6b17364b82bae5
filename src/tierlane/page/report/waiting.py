"""Who waits how long: a curve for each tier, and waits at shares."""

from collections.abc import Sequence
from typing import Final

from tierlane.page.report import curves
from tierlane.page.report.figures import Figures, Row
from tierlane.page.report.grid import compared, folded, table
from tierlane.page.report.section import Section, legend, paragraph
from tierlane.page.report.voice import NOTHING, Voice

WAITS: Final = ("median_wait", "wait_90", "wait_95", "worst_wait", "worst_left")
TELLING: Final = 0.999
"""The waits are drawn up to where so much of the last share is reached."""


def waiting(figures: Figures, voice: Voice) -> Section | None:
    """Return who waits how long: a curve for each tier, and waits at shares."""
    rows = figures.report["waits"]
    if not rows:
        return None
    within, last = figures.report["counting"]["within"], _last(rows)
    drawn = "\n".join(
        curves.waits([row for row in rows if row["tier"] == tier], tier, within, last, voice)
        for tier in figures.tiers(rows)
    )
    html = paragraph(voice["waits intro"]) + legend(voice) + f'<div class="many">{drawn}</div>'
    columns = [voice["tier"], *(voice[one] for one in WAITS)]
    body = [
        [voice.name(name), *(compared(by, name, one, figures, voice) for one in WAITS)]
        for by, name in _everybody(figures)
    ]
    html += table(columns, body, voice["waits at shares"])
    return Section("waits", voice["who waits how long"], html + _curve_table(figures, voice))


def _everybody(figures: Figures) -> list[tuple[str, str]]:
    return [("all", ""), *(("tier", one) for one in figures.names("tier"))]


def _last(rows: Sequence[Row]) -> float:
    """Return up to which time the curves are drawn."""
    last = 60.0
    for key in {(row["side"], row["tier"]) for row in rows if row["side"] != "B-A"}:
        many = [row for row in rows if (row["side"], row["tier"]) == key]
        top = many[-1]["share"] * TELLING
        last = max(last, next(float(row["within"]) for row in many if row["share"] >= top))
    return last


def _curve_table(figures: Figures, voice: Voice) -> str:
    rows = figures.report["waits"]
    found = {(row["side"], row["tier"], row["within"]): row for row in rows}
    tiers, bounds = figures.tiers(rows), dict.fromkeys(row["within"] for row in rows)
    columns = [voice["within what"], *(
        f"{voice.name(tier)} {side}" for tier in tiers for side in ("A", "B")
    )]  # fmt: skip
    keys = [(side, tier) for tier in tiers for side in ("A", "B")]
    body = [
        [voice.time(bound), *(_share(found.get((*key, bound)), voice) for key in keys)]
        for bound in bounds
    ]
    return folded(voice["all numbers"], table(columns, body, voice["waits intro short"]))


def _share(row: Row | None, voice: Voice) -> str:
    return NOTHING if row is None else voice.figure("share", row["share"])

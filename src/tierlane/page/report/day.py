"""The service level over the day, drawn and as a table."""

from collections.abc import Sequence

from tierlane.page.report import curves
from tierlane.page.report.figures import Figures, Row
from tierlane.page.report.grid import folded, table
from tierlane.page.report.section import Section, legend, paragraph
from tierlane.page.report.summary import head, in_time
from tierlane.page.report.voice import NOTHING, Voice


def day(figures: Figures, voice: Voice) -> Section | None:
    """Return the service level over the day."""
    rows = figures.report["day"]
    if not rows:
        return None
    first, *tiers = figures.tiers(rows)
    html = paragraph(voice.say("day intro", time=in_time(figures, voice))) + legend(voice)
    whole = [row for row in rows if row["tier"] == first]
    html += curves.day(whole, first, voice, wide=True)
    drawn = "\n".join(
        curves.day([row for row in rows if row["tier"] == tier], tier, voice, wide=False)
        for tier in tiers
    )
    html += f'<div class="many">{drawn}</div>'
    return Section("day", voice["over the day"], html + _day_table(whole, figures, voice))


def _day_table(rows: Sequence[Row], figures: Figures, voice: Voice) -> str:
    found = {(row["side"], row["from"], row["measure"]): row for row in rows}
    names = ("service_level", "mean_wait", "abandonment")
    columns = [voice["time of day"], voice["contacts"], *(
        f"{head(one, figures, voice)} {side}" for one in names for side in ("A", "B")
    )]  # fmt: skip
    body = []
    for begin, end in dict.fromkeys((row["from"], row["to"]) for row in rows):
        contacts = found["A", begin, "contacts"]
        cells = [
            _valued(one, found.get((side, begin, one)), voice)
            for one in names
            for side in ("A", "B")
        ]
        when = f"<time>{begin}</time>–<time>{end}</time>"
        body.append([when, voice.count(contacts["value"]), *cells])
    return folded(voice["all numbers"], table(columns, body, voice["over the day"]))


def _valued(measure: str, row: Row | None, voice: Voice) -> str:
    return NOTHING if row is None else voice.figure(measure, row["value"])

"""The figures by scenario, lane and channel, folded together."""

from tierlane.page.report.figures import Figures
from tierlane.page.report.grid import compared, folded, table
from tierlane.page.report.section import Section
from tierlane.page.report.summary import head
from tierlane.page.report.voice import Voice


def others(figures: Figures, voice: Voice) -> Section | None:
    """Return the figures by scenario, lane and channel."""
    html = ""
    measures = ("service_level", "mean_wait", "abandonment", "worst_wait", "promise_kept")
    for by in ("scenario", "lane", "channel"):
        names = [
            name
            for name in figures.names(by)
            if any(figures.of(side, by, name, "contacts") for side in ("A", "B"))
        ]
        body = [
            [voice.name(name), _count_of(figures, by, name, voice),
             *(compared(by, name, one, figures, voice) for one in measures)]
            for name in names
        ]  # fmt: skip
        if body:
            columns = [
                voice[by],
                voice["contacts"],
                *(head(one, figures, voice) for one in measures),
            ]
            html += folded(voice[f"by {by}"], table(columns, body, voice[f"by {by}"]))
    return Section("others", voice["by what else"], html) if html else None


def _count_of(figures: Figures, by: str, name: str, voice: Voice) -> str:
    a, b = (figures.of(side, by, name, "contacts") for side in ("A", "B"))
    if a and b and a.value != b.value:
        return f"{voice.count(a.value)} → {voice.count(b.value)}"
    found = a or b
    return voice.count(found.value) if found else ""

"""How busy advisors are, and what each kind of lane takes."""

from typing import Final

from tierlane.page.report.dots import Pair, dots
from tierlane.page.report.figures import Figures
from tierlane.page.report.grid import compared, folded, table
from tierlane.page.report.section import Section, figure, legend, paragraph
from tierlane.page.report.summary import head
from tierlane.page.report.voice import Voice

KINDS: Final = ("standard", "priority", "dedicated", "selfservice")
OF_WORK: Final = ("occupancy", "contacts_served", "hours")
DRAWN: Final = 24
"""Advisors for whom there is room in a drawing on a page of paper; the table has all."""


def work(figures: Figures, voice: Voice) -> Section | None:
    """Return how busy advisors are, and what each kind of lane takes."""
    groups = figures.names("group")
    if not groups:
        return None
    pairs = [Pair(one, *figures.both("group", one, "occupancy")[:2]) for one in groups]
    html = paragraph(voice["work intro"]) + legend(voice)
    html += figure(voice["occupancy"], dots(pairs, "occupancy", voice["occupancy"], voice))
    measures = OF_WORK if figures.rates is None else (*OF_WORK, "cost")
    columns = [voice["group"], *(head(one, figures, voice) for one in measures)]
    body = [
        [voice.name(name), *(compared(by, name, one, figures, voice)
                             for one in measures)]
        for by, name in [("all work", ""), *(("group", one) for one in groups)]
    ]  # fmt: skip
    html += table(columns, body, voice["advisors"]) + _advisors(figures, voice)
    html += _kinds(figures, voice)
    return Section("work", voice["advisors"], html)


def _advisors(figures: Figures, voice: Voice) -> str:
    """Return each advisor's load, the busiest under B first: drawn, and as a table."""
    names = figures.names("advisor")
    if not names:
        return ""
    found = [Pair(one, *figures.both("advisor", one, "occupancy")[:2]) for one in names]
    found.sort(key=lambda one: (-(one.b.value if one.b else 0.0), one.name))
    html = figure(voice["occupancy"], dots(found[:DRAWN], "occupancy", voice["occupancy"], voice))
    columns = [voice["by advisor"], *(voice[one] for one in OF_WORK)]
    body = [
        [voice.name(one.name), *(compared("advisor", one.name, measure, figures, voice)
                                 for measure in OF_WORK)]
        for one in found
    ]  # fmt: skip
    return folded(voice["load per advisor"], html + table(columns, body, voice["load per advisor"]))


def _kinds(figures: Figures, voice: Voice) -> str:
    kinds = [one for one in KINDS if one in figures.names("kind")]
    if not kinds:
        return ""
    paid = () if figures.rates is None else ("service_cost",)
    columns = [
        voice["kind"], voice["answered count"], voice["share of answered"],
        *(head(one, figures, voice) for one in ("service_hours", *paid)),
    ]  # fmt: skip
    body = [
        [voice[f"kind {one}"], *(compared("kind", one, measure, figures, voice)
                                 for measure in ("answered", "share", "service_hours", *paid))]
        for one in kinds
    ]  # fmt: skip
    return f"<h3>{voice['by kind']}</h3>" + table(columns, body, voice["by kind"])

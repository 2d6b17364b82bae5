"""Looks at a whole policy by its regions and reports what it finds, each look within a budget."""

from collections.abc import Callable
from typing import Final

from tierlane.policy.check.region.asked import find_unasked, find_uncounted
from tierlane.policy.check.region.atlas import UNDRAWN, Row
from tierlane.policy.check.region.diagram import MOST, TooLarge
from tierlane.policy.check.region.draw import MOST_ROWS, draw, plane_of
from tierlane.policy.check.region.fallback import find_left
from tierlane.policy.check.region.floor import find_overridden
from tierlane.policy.check.region.gap import find_gaps
from tierlane.policy.check.region.gather import conditions, given_values, lists_of
from tierlane.policy.check.region.monotone import find_worse
from tierlane.policy.check.region.reach import find_unreached
from tierlane.policy.check.region.row import find_equal, find_rows
from tierlane.policy.check.region.sampling import find_sampled
from tierlane.policy.check.region.spoken import find_unspoken
from tierlane.policy.check.region.survey import Survey
from tierlane.policy.check.region.wide import find_wide, wide_tables
from tierlane.policy.compiling.compile import known_fields
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.form.document import Document
from tierlane.policy.form.finding import Report

Told = Callable[[str], None]
"""Is called with what is looked at next, so that whoever waits can be told."""


MOST_CONDITIONS: Final = 40_000
"""Conditions of one policy that are drawn; to read so many again takes about five seconds."""


def quietly(what: str) -> None:
    """Tell nobody."""
    del what


def look(
    document: Document,
    revision: Revision,
    report: Report,
    *,
    gaps: bool = False,
    seed: int = 0,
    told: Told = quietly,
) -> None:
    """Report what is wrong or doubtful in a document that compiles to `revision`.

    `gaps` tells of every gap; `seed` draws the contacts that are tried where a list is too large to
    be looked through.
    """
    if sum(1 for _ in conditions(document)) > MOST_CONDITIONS:
        _look_cheaply(document, report)
        return
    plane = plane_of(document, known_fields(document, Report()))
    survey = Survey(draw(document, plane, told=told), revision, report, gaps, seed)
    given = given_values(document)
    find_unasked(document, report)
    find_uncounted(document, report)
    for name, table in wide_tables(document, MOST_ROWS):
        told(name)
        find_wide(name, table, given, report)
    looks: dict[str, Callable[[], None]] = {
        "rows": lambda: find_rows(survey.atlas, report),
        "large lists": lambda: find_sampled(survey.atlas, report, seed),
    }
    if survey.atlas.lists["plans"].exact and "steps" not in survey.atlas.entangled:
        looks["lanes and steps"] = lambda: find_unreached(survey)
        looks["the fallback"] = lambda: find_left(survey)
        looks["languages"] = lambda: find_unspoken(survey)
        looks["floors"] = lambda: find_overridden(survey)
        looks["gaps"] = lambda: find_gaps(survey)
        if document.tiers.monotone:
            looks["tiers"] = lambda: find_worse(survey, draw(document, plane, free_tier=True))
    for what, work in looks.items():
        told(what)
        plane.diagram.begin(MOST // len(looks))
        try:
            work()
        except (TooLarge, RecursionError):
            message = f"the policy has too many combinations to look through {what} wholly"
            report.note(
                "sampled", document.place, message, "split it, or ask less in one condition"
            )


def _look_cheaply(document: Document, report: Report) -> None:
    """Look at a policy that is too large to be drawn: at equal conditions alone."""
    for name, rules in lists_of(document):
        listed = [Row(one.name, one.place, one.when, UNDRAWN, UNDRAWN) for one in rules]
        find_equal(name, listed, report)
    message = f"the policy has more than {MOST_CONDITIONS:,} conditions"
    report.note(
        "sampled", document.place, message, "only rows with equal conditions were looked for"
    )

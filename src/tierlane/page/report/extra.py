"""Results of other commands as sections of a report: each by its own kind."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from tierlane.page.report.figures import Figures
from tierlane.page.report.section import Section
from tierlane.page.report.voice import Voice

Make = Callable[[Mapping[str, Any], Voice], Section]

KINDS: Final[dict[str, Make]] = {}
"""By the `kind` of a result; whoever gives a report another kind adds how it is shown."""


def extras(figures: Figures, voice: Voice) -> Iterator[Section]:
    """Yield a section for each result that the report holds and that can be shown."""
    for one in figures.report["sections"]:
        make = KINDS.get(one["kind"])
        if make is not None:
            yield make(one, voice)

"""Results of other commands as sections of a report: each by its own kind."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from tierlane.page.report.figures import Figures, Row
from tierlane.page.report.order import discovery
from tierlane.page.report.outcome import feedback
from tierlane.page.report.section import Section
from tierlane.page.report.voice import Voice

Make = Callable[[Row, Voice], Section]

KINDS: Final[Mapping[str, Make]] = {"feedback": feedback, "discovery": discovery}
"""By the `kind` of a result; whoever gives a report another kind adds how it is shown."""


def extras(figures: Figures, voice: Voice) -> Iterator[Section]:
    """Yield a section for each result that the report holds and that can be shown."""
    sections: Sequence[Row] = figures.report["sections"]
    for one in sections:
        make = KINDS.get(one["kind"])
        if make is not None:
            yield make(one, voice)

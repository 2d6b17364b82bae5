"""All that can be told of a policy by its regions, each claim with a contact that shows it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from tierlane.decision import Decision
from tierlane.policy.check.region.atlas import Atlas
from tierlane.policy.check.region.example import NOON, Example, Examples
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.form.document import Document
from tierlane.policy.form.finding import Report


@dataclass(slots=True)
class Survey:
    """A policy's atlas with what is needed to prove and to report what it shows."""

    atlas: Atlas
    revision: Revision
    report: Report
    gaps: bool = False
    """Whether every gap is told, those too that are likely to be meant."""
    seed: int = 0
    examples: Examples = field(init=False)

    def __post_init__(self) -> None:
        self.examples = Examples(self.atlas.judge.plane, self.atlas.document)

    @property
    def document(self) -> Document:
        """The document that is looked at."""
        return self.atlas.document

    def _moments(self) -> Iterator[int]:
        """Return every third hour of a week, for a policy that asks for the hour."""
        closes = any(desk.calendar is not None for desk in self.document.desks)
        if closes or any("in_calendar" in name for name in self.atlas.judge.plane.free):
            yield from range(NOON, NOON + 7 * 86_400_000, 3 * 3_600_000)

    def decide(self, example: Example) -> Decision:
        """Decide an example."""
        return self.revision.decide(*example.asked())

    def shown(
        self, region: int, claim: Callable[[Decision], bool], first: tuple[str, ...] = ()
    ) -> str:
        """Return a contact of a region as a hint, `possible` where it does not show the claim."""
        example = self.examples.plain(region, first)
        if example is None:
            return ""
        for moment in (example.now, *self._moments()):
            dated = example.dated or moment != example.now
            tried = replace(example, now=moment, dated=dated)
            if claim(self.decide(tried)):
                return f"for example {{{tried}}}"
        return f"possible, if a contact can be as {{{example}}} and the rows ask"

"""Whether a policy may be published: what check finds, what its cases say, who waits meanwhile."""

from dataclasses import dataclass, replace
from typing import Final

from tierlane.policy.check.document import check
from tierlane.policy.compiling.compile import compile_document
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.form.case import Case, Timeline
from tierlane.policy.form.document import Document
from tierlane.policy.form.finding import Finding, PolicyError, Report
from tierlane.policy.publish.publication import InFlight
from tierlane.policy.publish.scale import Inversion, inversion
from tierlane.policy.reading.chain import Find, nowhere
from tierlane.policy.reading.reader import read_document
from tierlane.policy.trial.register import check_cases
from tierlane.policy.trial.trying import Result, run

SCALE: Final = "priority_scale"
"""Code of the finding that what waits and what comes would not stand in one order."""


@dataclass(frozen=True, slots=True)
class Admission:
    """What was found, and what follows from it."""

    document: Document
    revision: Revision
    refused: tuple[Finding, ...]
    """Errors that were not allowed."""
    allowed: tuple[str, ...]
    """Codes of the errors that were let pass."""
    warnings: tuple[Finding, ...]
    failed: tuple[Result, ...]
    """Cases that do not hold; they cannot be allowed."""
    """Timelines are not run here: a worker of this release runs no managed desk."""
    cases: int

    def against(self, live: Document, allow: frozenset[str], in_flight: InFlight) -> "Admission":
        """Return it with what is found where this takes the place of a live document."""
        found = inversion(live, self.document) if in_flight == "pin" else None
        if found is None:
            return self
        if SCALE in allow:
            return replace(self, allowed=tuple(sorted({*self.allowed, SCALE})))
        return replace(self, refused=(*self.refused, _scale(found, self.document)))

    @property
    def granted(self) -> bool:
        """Whether it may be published."""
        return not (self.refused or self.failed)


def examine(
    text: bytes,
    source: str,
    find: Find = nowhere,
    allow: frozenset[str] = frozenset(),
    cases: tuple[Case | Timeline, ...] = (),
) -> Admission:
    """Examine a policy that is to be published, letting errors of some codes pass.

    `cases` must hold beside those in the document. Raises `PolicyError` for a policy that no worker
    could use, and for a wrong case: such errors cannot be let pass.
    """
    document, revision = compiled(text, source, find)
    report = Report()
    check_cases(cases, document, report, to_run=True)
    report.stop_on_errors()
    found = check(text, source, find)
    errors = [one for one in found if one.severity == "error"]
    results = [run(revision, one) for one in (*document.cases, *cases)]
    return Admission(
        document,
        revision,
        refused=tuple(one for one in errors if one.code not in allow),
        allowed=tuple(sorted({one.code for one in errors} & allow)),
        warnings=tuple(one for one in found if one.severity != "error"),
        failed=tuple(one for one in results if one.differences),
        cases=len(results),
    )


def compiled(text: bytes, source: str, find: Find = nowhere) -> tuple[Document, Revision]:
    """Return a policy's document and revision, as a worker would use it.

    Raises `PolicyError`, also for a wrong case.
    """
    report = Report()
    document = read_document(text, source, report, find)
    revision = compile_document(document, report)
    check_cases(document.cases, document, report, to_run=True)
    if revision is None or report.errors:
        raise PolicyError(report.errors)
    return document, revision


def _scale(found: Inversion, document: Document) -> Finding:
    message = (
        f"while contacts of both revisions wait, `{found.above}` with {found.has:g} would stand "
        f"behind `{found.below}` with {found.against:g}"
    )
    hint = f"publish with --in-flight reroute, or with --allow {SCALE} --reason TEXT"
    return Finding(SCALE, document.place, message, hint)

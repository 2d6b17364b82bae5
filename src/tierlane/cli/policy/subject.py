"""What `policy test` tries: a policy, and the cases in it and in files of their own."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tierlane.policy.compiling.compile import compile_document
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.form.case import Case, Timeline
from tierlane.policy.form.document import Document
from tierlane.policy.form.finding import PolicyError, Report
from tierlane.policy.reading.reader import read_cases, read_document
from tierlane.policy.trial.register import check_cases
from tierlane.policy.trial.trying import Result, run
from tierlane.replay.timeline.running import run_timeline
from tierlane.stream.policy_file import find_file, read_policy_file


@dataclass(slots=True)
class Subject:
    """A policy that compiles, with its cases by the file they stand in, and how they went."""

    path: Path
    document: Document
    revision: Revision
    cases: dict[Path, tuple[Case | Timeline, ...]] = field(default_factory=dict)
    results: dict[Path, tuple[Result, ...]] = field(default_factory=dict)
    published: dict[str, Revision] = field(default_factory=dict)
    """The policies that timelines publish, by the name of the file as they write it."""

    def run(self) -> None:
        """Run every case."""
        for path, cases in self.cases.items():
            self.results[path] = tuple(self.try_case(self.revision, one) for one in cases)

    def try_case(self, revision: Revision, case: Case | Timeline) -> Result:
        """Run one case on a revision: that of the policy, or of one that was changed."""
        if isinstance(case, Timeline):
            return run_timeline(revision, case, self.published)
        return run(revision, case)

    @property
    def tried(self) -> list[tuple[Case | Timeline, Result]]:
        """The cases that were run, each with its result."""
        return [
            (case, result)
            for path, cases in self.cases.items()
            for case, result in zip(cases, self.results[path], strict=True)
            if not result.skipped
        ]


def subjects(files: Iterable[Path]) -> tuple[Subject, ...]:
    """Read policies and files of cases; what is about one policy makes one subject.

    Raises PolicyError where a policy or a case is wrong, UsageError where a file cannot be read.
    """
    found: dict[Path, Subject] = {}
    for path in files:
        report = Report()
        apart = read_cases(read_policy_file(path), str(path), report)
        report.stop_on_errors()
        policy = path if apart is None else path.parent / apart[0]
        if (key := policy.resolve()) not in found:
            found[key] = _subject(policy)
        subject = found[key]
        subject.cases[path] = subject.document.cases if apart is None else apart[1]
        subject.published |= _published(path, subject.cases[path])
        check_cases(subject.cases[path], subject.document, report, to_run=True)
        report.stop_on_errors()
    return tuple(found.values())


def _published(path: Path, cases: Iterable[Case | Timeline]) -> dict[str, Revision]:
    """Return the policies that the timelines of a file publish; they stand beside it."""
    named = {
        row.publish.name
        for one in cases
        if isinstance(one, Timeline)
        for row in one.moments
        if row.publish is not None
    }
    return {name: _subject(path.parent / name).revision for name in sorted(named)}


def _subject(path: Path) -> Subject:
    report = Report()
    document = read_document(read_policy_file(path), str(path), report, find_file)
    revision = compile_document(document, report)
    if revision is None:
        raise PolicyError(report.errors)
    return Subject(path, document, revision)

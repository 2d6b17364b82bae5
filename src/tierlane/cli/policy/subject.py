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

    def run(self) -> None:
        """Run every case."""
        for path, cases in self.cases.items():
            self.results[path] = tuple(self._run(one) for one in cases)

    def _run(self, case: Case | Timeline) -> Result:
        if isinstance(case, Timeline):
            return run_timeline(self.revision, case)
        return run(self.revision, case)

    @property
    def tried(self) -> list[tuple[Case, Result]]:
        """The cases that were run, each with its result."""
        return [
            (case, result)
            for path, cases in self.cases.items()
            for case, result in zip(cases, self.results[path], strict=True)
            if isinstance(case, Case) and not result.skipped
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
        check_cases(subject.cases[path], subject.document, report, to_run=True)
        report.stop_on_errors()
    return tuple(found.values())


def _subject(path: Path) -> Subject:
    report = Report()
    document = read_document(read_policy_file(path), str(path), report, find_file)
    revision = compile_document(document, report)
    if revision is None:
        raise PolicyError(report.errors)
    return Subject(path, document, revision)

"""Files of cases that are to hold before a policy is published."""

from collections.abc import Iterable
from pathlib import Path

from tierlane.errors import UsageError
from tierlane.policy.form.case import Case, Timeline
from tierlane.policy.form.finding import Report
from tierlane.policy.reading.reader import read_cases
from tierlane.stream.policy_file import read_policy_file


def cases_of(policy: Path, files: Iterable[Path]) -> tuple[Case | Timeline, ...]:
    """Return the cases of files that are about a policy's file.

    Raises UsageError for a file that cannot be read, that is a policy itself or is about another,
    and PolicyError where a case is wrong.
    """
    found: list[Case | Timeline] = []
    for path in files:
        report = Report()
        apart = read_cases(read_policy_file(path), str(path), report)
        report.stop_on_errors()
        if apart is None:
            raise UsageError(f"`{path}` is a policy, no file of cases")
        about = path.parent / apart[0]
        if about.resolve() != policy.resolve():
            raise UsageError(
                f"the cases of `{path}` are about `{about}`", hint=f"not about `{policy}`"
            )
        found += apart[1]
    return tuple(found)

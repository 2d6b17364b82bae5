"""`tierlane policy test`: whether the cases of a policy hold."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
import orjson

from tierlane.cli.policy.file import FILES, FORMAT, FOUND
from tierlane.policy import case
from tierlane.policy.case import Result
from tierlane.policy.compile import compile_document, compile_policy
from tierlane.policy.finding import Place, PolicyError, Report
from tierlane.policy.reader import read_cases, read_document
from tierlane.policy.revision import Revision
from tierlane.stream.policy_file import find_file, read_policy_file


@click.command()
@FILES
@FORMAT
def command(files: tuple[Path, ...], shape: str) -> int:
    """Run the cases in policies and in files of cases.

    A failed case shows what was expected and what came, side by side, and the exit code is 1.
    """
    results = {str(path): _run(path) for path in files}
    failed = [one for many in results.values() for one in many if not one.passed]
    if shape == "json":
        click.echo(orjson.dumps([_plain(one) for many in results.values() for one in many]))
        return FOUND if failed else 0
    for one in failed:
        click.echo(_side_by_side(one))
    for path, many in results.items():
        passed = sum(one.passed for one in many)
        colour = "green" if passed == len(many) else "red"
        click.secho(f"{path}: {passed} of {len(many)} cases passed", fg=colour, err=True)
    return FOUND if failed else 0


def _run(path: Path) -> tuple[Result, ...]:
    """Run the cases of one file; raises PolicyError where the policy or a case is wrong."""
    text = read_policy_file(path)
    report = Report()
    apart = read_cases(text, str(path), report)
    if apart is None:
        document = read_document(text, str(path), report, find_file)
        revision = compile_document(document, report)
        return _results(revision, document.cases, report)
    policy, cases = apart
    beside = path.parent / policy
    report.stop_on_errors()
    revision = compile_policy(read_policy_file(beside), str(beside), find_file)
    return _results(revision, cases, report)


def _results(
    revision: Revision | None, cases: Iterable[tuple[dict[str, Any], Place]], report: Report
) -> tuple[Result, ...]:
    for one, place in cases:
        case.check(one, place, report)
    if revision is None or report.errors:
        raise PolicyError(report.errors)
    return tuple(case.run(revision, one, place) for one, place in cases)


def _plain(one: Result) -> dict[str, Any]:
    return {
        "case": one.case,
        "file": one.place.source,
        "line": one.place.line,
        "passed": one.passed,
        "differences": [part._asdict() for part in one.differences],
    }


def _side_by_side(one: Result) -> str:
    """Lay out a failed case: key, expected and got in columns."""
    rows = [("", "expected", "got"), *one.differences]
    widths = [min(48, max(len(row[column]) for row in rows)) for column in (0, 1)]
    lines = [f"    {row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]}".rstrip() for row in rows]
    head = click.style("failed", fg="red")
    return "\n".join((f"{one.place}: {head}: {one.case}", *lines))

"""`tierlane policy`: what is wrong with a policy, and whether its cases hold."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import click
import orjson

from tierlane.errors import UsageError
from tierlane.policy import case
from tierlane.policy.case import Result
from tierlane.policy.check import check
from tierlane.policy.compile import compile_document, compile_policy
from tierlane.policy.finding import Finding, Place, PolicyError, Report
from tierlane.policy.reader import read_cases, read_document
from tierlane.policy.revision import Revision

FOUND: Final = 1
"""Exit code when something was found."""

FILES = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
FORMAT = click.option(
    "--format", "shape", type=click.Choice(("text", "json")), default="text", show_default=True
)


EXAMPLES: Final = """\b
Examples:
  tierlane policy check policy.yaml
  tierlane policy check --strict --format json policy.yaml
  tierlane policy test policy.yaml more-cases.yaml
"""


@click.group(epilog=EXAMPLES)
def command() -> None:
    """Check a policy and run its cases."""


@command.command("check")
@FILES
@FORMAT
@click.option("--strict", is_flag=True, help="Count warnings as found, too.")
def check_command(files: tuple[Path, ...], shape: str, strict: bool) -> int:
    """Tell what is wrong or doubtful, with file, line and hint.

    Exit code 1 when there is an error.
    """
    found = [one for path in files for one in check(_read(path), str(path))]
    wrong = [one for one in found if strict or one.severity == "error"]
    if shape == "json":
        click.echo(orjson.dumps([one.as_dict() for one in found]))
    else:
        for one in found:
            click.echo(_coloured(one))
        errors = sum(one.severity == "error" for one in found)
        click.echo(_counted(len(files), errors, len(found) - errors), err=True)
    return FOUND if wrong else 0


@command.command("test")
@FILES
@FORMAT
def test_command(files: tuple[Path, ...], shape: str) -> int:
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
    text = _read(path)
    report = Report()
    apart = read_cases(text, str(path), report)
    if apart is None:
        document = read_document(text, str(path), report)
        revision = compile_document(document, report)
        return _results(revision, document.cases, report)
    policy, cases = apart
    beside = path.parent / policy
    report.stop_on_errors()
    return _results(compile_policy(_read(beside), str(beside)), cases, report)


def _results(
    revision: Revision | None, cases: Iterable[tuple[dict[str, Any], Place]], report: Report
) -> tuple[Result, ...]:
    for one, place in cases:
        case.check(one, place, report)
    if revision is None or report.errors:
        raise PolicyError(report.errors)
    return tuple(case.run(revision, one, place) for one, place in cases)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"`{path}` cannot be read: {error.strerror}") from None


def _coloured(one: Finding) -> str:
    colour = "red" if one.severity == "error" else "yellow"
    place, _, rest = str(one).partition(f": {one.severity} ")
    return f"{place}: {click.style(one.severity, fg=colour)} {rest}"


def _counted(files: int, errors: int, warnings: int) -> str:
    return f"{files} checked: {_number(errors, 'error')}, {_number(warnings, 'warning')}"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


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

"""`tierlane policy test`: whether the cases of a policy hold, and what they do not reach."""

import time
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import click
import orjson
from rich.cells import cell_len

from tierlane.cli.policy.file import FILES, FORMAT, FOUND
from tierlane.cli.policy.junit import junit
from tierlane.cli.policy.progress import watched
from tierlane.cli.policy.subject import Subject, subjects
from tierlane.policy.form.row import StatedRow, rows
from tierlane.policy.trial.coverage import Coverage, coverage, percent
from tierlane.policy.trial.mutation import HOW, Survey, mutants
from tierlane.policy.trial.trying import Result

EXAMPLES: Final = """\b
Examples:
  tierlane policy test policy.yaml more-cases.yaml
  tierlane policy test --coverage policy.yaml
  tierlane policy test --mutate policy.yaml
  tierlane policy test --junit report.xml policy.yaml
"""
MOST_CHANGES: Final = 1_000
"""Changes tried of one policy; at 25 ms each for a policy of 180 rows that is half a minute."""
WIDEST: Final = 48
"""Columns that a value may take before the next one moves to the right."""


@click.command(epilog=EXAMPLES)
@FILES
@FORMAT
@click.option("--coverage", "covered", is_flag=True, help="Name the rows that no case reaches.")
@click.option(
    "--mutate",
    is_flag=True,
    help="Silence and negate each row in turn, and name those that no case notices.",
)
@click.option(
    "--junit",
    "report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the results to this file as JUnit XML, too.",
)
@click.option(
    "--strict", is_flag=True, help="Count skipped cases and rows not reached as found, too."
)
def command(
    files: tuple[Path, ...],
    *,
    shape: str,
    covered: bool,
    mutate: bool,
    report: Path | None,
    strict: bool,
) -> int:
    """Run the cases in policies and in files of cases.

    A failed case shows what was expected and what came, side by side, and the exit code is 1; so it
    is where --mutate finds a row that could go without any case noticing.
    """
    begun = time.monotonic()
    tested = subjects(files)
    for one in tested:
        one.run()
    results = {path: many for one in tested for path, many in one.results.items()}
    if report is not None:
        report.write_bytes(junit(results, time.monotonic() - begun))
    coverages = {one.path: coverage(one.document, one.tried) for one in tested if covered}
    surveys = {one.path: _survey(one) for one in tested if mutate}
    if shape == "json":
        click.echo(orjson.dumps(_plain(results, coverages, surveys)))
    else:
        _show_results(results)
        for path, found in coverages.items():
            _show_coverage(path, found)
        for path, survey in surveys.items():
            _show_survey(path, survey)
    every = [one for many in results.values() for one in many]
    bad = any(one.differences or (strict and one.skipped) for one in every)
    bad |= any(survey.unnoticed for survey in surveys.values())
    bad |= strict and any(found.unreached for found in coverages.values())
    return FOUND if bad else 0


def _survey(subject: Subject) -> Survey:
    """Try every mutant of a subject's policy."""
    cases = tuple(case for case, result in subject.tried if result.passed)
    survey = Survey(cases, subject.try_case)
    every = mutants(subject.document)
    total = min(MOST_CHANGES, sum(len(HOW) for _ in rows(subject.document)))
    for one in watched(islice(every, MOST_CHANGES), total, "changing rows"):
        survey.look(one)
    survey.cut = next(every, None) is not None
    return survey


# ---------------------------------------------------------------------- for people


def _show_results(results: Mapping[Path, Sequence[Result]]) -> None:
    for many in results.values():
        for one in many:
            if one.differences:
                click.echo(_side_by_side(one))
    for path, many in results.items():
        passed, skipped = sum(one.passed for one in many), [one for one in many if one.skipped]
        for one in skipped:
            click.echo(f"{one.place}: skipped: {one.case}: {one.skipped}", err=True)
        rest = f", {len(skipped)} skipped" if skipped else ""
        colour = "green" if passed + len(skipped) == len(many) else "red"
        click.secho(f"{path}: {passed} of {len(many)} cases passed{rest}", fg=colour, err=True)


def _side_by_side(one: Result) -> str:
    """Lay out a failed case: key, expected and got in columns, whatever script they are in."""
    rows = [("", "expected", "got"), *one.differences]
    widths = [min(WIDEST, max(cell_len(row[column]) for row in rows)) for column in (0, 1)]
    lines = [
        f"    {_wide(row[0], widths[0])}  {_wide(row[1], widths[1])}  {row[2]}".rstrip()
        for row in rows
    ]
    head = click.style("failed", fg="red")
    return "\n".join((f"{one.place}: {head}: {one.case}", *lines))


def _wide(text: str, width: int) -> str:
    """Fill a text up to a width in columns of a terminal; a Chinese character takes two."""
    return text + " " * (width - cell_len(text))


def _show_coverage(path: Path, found: Coverage) -> None:
    for row in found.unreached:
        word = click.style("not reached", fg="yellow")
        click.echo(f"{row.place}: {word}: {row.kind} `{row.name}`")
    kinds = found.by_kind()
    width = max(map(len, kinds), default=0)
    for kind, (reached, there) in kinds.items():
        counted = f"{reached:>5} of {there:<5} {percent(reached, there):>7}"
        click.echo(f"  {kind:<{width}} {counted}", err=True)
    reached, there = len(found.rows) - len(found.unreached), len(found.rows)
    who = "1 case reaches" if found.cases == 1 else f"{found.cases} cases reach"
    text = f"{path}: {who} {reached} of {there} rows, {percent(reached, there)}"
    click.echo(text, err=True)


def _show_survey(path: Path, survey: Survey) -> None:
    for one in survey.unnoticed:
        word = click.style("not noticed", fg="yellow")
        click.echo(f"{one.row.place}: {word}: {one.row.kind} `{one.row.name}` {one.how}")
    noticed = survey.tried - len(survey.unnoticed)
    colour = "red" if survey.unnoticed else "green"
    text = f"{path}: {noticed} of {survey.tried} changes noticed, {survey.by_check} by the check"
    if survey.cut:
        text += "; the policy has more rows, whose changes were not tried"
    click.secho(text, fg=colour, err=True)


# ---------------------------------------------------------------------- for programs


def _plain(
    results: Mapping[Path, Sequence[Result]],
    coverages: Mapping[Path, Coverage],
    surveys: Mapping[Path, Survey],
) -> Any:
    """Return a list of cases; with coverage or mutation a map that has it under `cases`."""
    cases = [_case(one) for many in results.values() for one in many]
    if not coverages and not surveys:
        return cases
    told: dict[str, Any] = {"cases": cases}
    if coverages:
        told["coverage"] = [
            {
                "policy": str(path),
                "kinds": {
                    kind: {"reached": reached, "of": there}
                    for kind, (reached, there) in found.by_kind().items()
                },
                "unreached": [_row(row) for row in found.unreached],
            }
            for path, found in coverages.items()
        ]
    if surveys:
        told["mutation"] = [
            {
                "policy": str(path),
                "changes": survey.tried,
                "noticed_by_check": survey.by_check,
                "all_tried": not survey.cut,
                "unnoticed": [{**_row(one.row), "how": one.how} for one in survey.unnoticed],
            }
            for path, survey in surveys.items()
        ]
    return told


def _case(one: Result) -> dict[str, Any]:
    return {
        "case": one.case,
        "file": one.place.source,
        "line": one.place.line,
        "passed": one.passed,
        "skipped": one.skipped or None,
        "differences": [part._asdict() for part in one.differences],
    }


def _row(row: StatedRow) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "row": row.name,
        "file": row.place.source,
        "line": row.place.line,
        "column": row.place.column,
    }

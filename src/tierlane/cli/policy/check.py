"""`tierlane policy check`: what is wrong with a policy."""

from pathlib import Path

import click
import orjson

from tierlane.cli.policy.file import FILES, FORMAT, FOUND
from tierlane.policy.check import check
from tierlane.policy.finding import Finding
from tierlane.stream.policy_file import find_file, read_policy_file


@click.command()
@FILES
@FORMAT
@click.option("--strict", is_flag=True, help="Count warnings as found, too.")
def command(files: tuple[Path, ...], shape: str, strict: bool) -> int:
    """Tell what is wrong or doubtful, with file, line and hint.

    Exit code 1 when there is an error.
    """
    found = [one for path in files for one in check(read_policy_file(path), str(path), find_file)]
    wrong = [one for one in found if strict or one.severity == "error"]
    if shape == "json":
        click.echo(orjson.dumps([one.as_dict() for one in found]))
    else:
        for one in found:
            click.echo(_coloured(one))
        errors = sum(one.severity == "error" for one in found)
        click.echo(_counted(len(files), errors, len(found) - errors), err=True)
    return FOUND if wrong else 0


def _coloured(one: Finding) -> str:
    colour = "red" if one.severity == "error" else "yellow"
    place, _, rest = str(one).partition(f": {one.severity} ")
    return f"{place}: {click.style(one.severity, fg=colour)} {rest}"


def _counted(files: int, errors: int, warnings: int) -> str:
    return f"{files} checked: {_number(errors, 'error')}, {_number(warnings, 'warning')}"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"

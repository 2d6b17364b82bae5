"""`tierlane policy check`: what is wrong with a policy."""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Final, Self

import click
import orjson

from tierlane.cli.policy.file import FILES, FORMAT, FOUND
from tierlane.policy.check.document import check
from tierlane.policy.form.finding import Finding
from tierlane.stream.policy_file import find_file, read_policy_file

EXAMPLES: Final = """\b
Examples:
  tierlane policy check policy.yaml
  tierlane policy check --strict policies/*.yaml
  tierlane policy check --gaps policy.yaml            whom do tiers and facts leave out?
  tierlane policy check --format json policy.yaml
"""


@click.command(epilog=EXAMPLES)
@FILES
@FORMAT
@click.option("--strict", is_flag=True, help="Count warnings as found, too.")
@click.option("--gaps", is_flag=True, help="Tell of every gap, those too that are likely meant.")
@click.option("--seed", default=0, help="Draws the contacts tried where a list is too large.")
def command(files: tuple[Path, ...], shape: str, strict: bool, gaps: bool, seed: int) -> int:
    """Tell what is wrong or doubtful, with file, line and hint.

    Exit code 1 when there is an error. A note never counts: it tells of what is likely meant.
    """
    with Progress(shown=sys.stderr.isatty()) as progress:
        found = [
            one
            for path in files
            for one in check(
                read_policy_file(path), str(path), find_file, gaps=gaps, seed=seed, told=progress
            )
        ]
    wrong = [one for one in found if one.severity == "error" or (strict and _doubtful(one))]
    if shape == "json":
        click.echo(orjson.dumps([one.as_dict() for one in found]))
    else:
        for one in found:
            click.echo(_coloured(one))
        click.echo(_counted(len(files), found), err=True)
    return FOUND if wrong else 0


class Progress:
    """Says on stderr what is looked at, once that has taken two seconds."""

    AFTER: Final = 2.0
    """Seconds; shorter checks say nothing."""

    def __init__(self, *, shown: bool) -> None:
        self.shown, self.begun, self.said = shown, monotonic(), 0

    def __call__(self, what: str) -> None:
        """Take note of what is looked at next."""
        if self.shown and monotonic() - self.begun > self.AFTER:
            text = f"looking at {what}"
            click.echo(f"\r{text:<{self.said}}", nl=False, err=True)
            self.said = len(text)

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Clear the line."""
        if self.said:
            click.echo(f"\r{'':<{self.said}}\r", nl=False, err=True)


def _doubtful(one: Finding) -> bool:
    return one.severity == "warning"


def _coloured(one: Finding) -> str:
    colour = {"error": "red", "warning": "yellow", "note": "cyan"}[one.severity]
    place, _, rest = str(one).partition(f": {one.severity} ")
    return f"{place}: {click.style(one.severity, fg=colour)} {rest}"


def _counted(files: int, found: Sequence[Finding]) -> str:
    count = Counter(one.severity for one in found)
    told = [_number(count["error"], "error"), _number(count["warning"], "warning")]
    if count["note"]:
        told.append(_number(count["note"], "note"))
    return f"{files} checked: {', '.join(told)}"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"

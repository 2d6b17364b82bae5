"""`tierlane replay gate`: exit 1 when a figure breaks a limit."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tierlane.errors import UsageError
from tierlane.replay.extra import extra

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tierlane.replay.gate.limit import Verdict

EXAMPLES: Final = """\b
Examples:
  tierlane replay simulate --policy live.yaml --against next.yaml --staffing staff.yaml \\
      --out figures try
  tierlane replay gate --limits limits.yaml figures/simulation.json --markdown summary.md

\b
FIGURES is a JSON file with `measures`: simulation.json, report.json, or what `diff` or `feedback`
prints with --format json; several are taken together.
Exit codes: 0 all limits are kept; 1 one is broken, or its figure is missing; 2 wrong use.
"""

BROKEN: Final = 1


@click.command(epilog=EXAMPLES)
@click.option(
    "--limits", required=True, type=click.Path(path_type=Path), help="The limits' YAML file."
)
@click.option("--junit", "junit_file", type=click.Path(path_type=Path), help="Write JUnit XML.")
@click.option(
    "--markdown", "markdown_file", type=click.Path(path_type=Path), help="Write a short summary."
)
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
)
@click.argument("files", nargs=-1, required=True, metavar="FIGURES...")
def command(
    *,
    limits: Path,
    junit_file: Path | None,
    markdown_file: Path | None,
    form: str,
    files: tuple[str, ...],
) -> int:
    """Hold figures to limits; a broken one gives exit code 1 and is named."""
    extra("scipy.special", "holding figures to limits needs")
    from tierlane.replay.gate.limit import KEPT, judged
    from tierlane.replay.gate.limits_file import read_limits
    from tierlane.replay.gate.telling import junit, markdown
    from tierlane.stream.policy_file import read_policy_file

    asked = read_limits(read_policy_file(limits), str(limits))
    verdicts = judged(asked, [row for file in files for row in _figures(Path(file))])
    if junit_file is not None:
        junit_file.write_bytes(junit(verdicts))
    if markdown_file is not None:
        markdown_file.write_text(markdown(verdicts), encoding="utf-8")
    if form == "json":
        import orjson

        told = {"limits": [one.json() for one in verdicts]}
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    else:
        _print(verdicts)
    return BROKEN if any(one.how != KEPT for one in verdicts) else 0


def _figures(path: Path) -> list[Any]:
    """Return the rows of `measures`; raises UsageError, also where a run was not complete."""
    import orjson

    try:
        told = orjson.loads(path.read_bytes())
        rows = told["measures"]
    except OSError as error:
        raise UsageError(f"`{path}` cannot be read: {error.strerror}") from None
    except (orjson.JSONDecodeError, KeyError, TypeError):
        hint = "`simulation.json`, `report.json`, or what `diff` or `feedback` prints as JSON"
        raise UsageError(f"`{path}` holds no figures", hint=hint) from None
    if told.get("complete", True) is False:
        raise UsageError(f"`{path}` was stopped before the end", hint="a gate asks for the whole")
    runs = told.get("replications")
    if isinstance(runs, dict) and not runs.get("complete", True):
        message = f"`{path}` was stopped after {runs['done']} of {runs['asked']} replications"
        raise UsageError(message, hint="a gate asks for the whole")
    return list(rows)


def _print(verdicts: "Sequence[Verdict]") -> None:
    from tierlane.replay.gate.limit import KEPT

    for one in verdicts:
        click.echo(f"{one.how:<8} {one.limit.name}: {one.limit.told}; side {one.side}: {one.told}")
    broken = [one.limit.name for one in verdicts if one.how != KEPT]
    if broken:
        click.echo(f"{len(broken)} of {len(verdicts)} limits broken: {', '.join(broken)}")
    else:
        click.echo(f"all {len(verdicts)} limits kept")

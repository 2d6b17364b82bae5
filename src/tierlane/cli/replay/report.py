"""`tierlane replay report`: what another policy would have changed, as one page."""

from pathlib import Path
from typing import Any, Final

import click

from tierlane.cli import INTERRUPTED
from tierlane.cli.replay.source import BROKERS, KINDS, options, source_argument
from tierlane.errors import UsageError
from tierlane.page.report.wording import LANGUAGES
from tierlane.replay.extra import extra

EXAMPLES: Final = f"""\b
Examples:
  tierlane replay report --policy policy.yaml --what-if "gold waits at most 60s" \\
      --staffing staffing.yaml january/
  tierlane replay report --policy now.yaml --against next.yaml --staffing staff.yaml january/
  tierlane replay report --policy now.yaml --against next.yaml january/
  tierlane replay report numbers/report.json --lang zh --out report-zh.html

\b
A what-if is a sentence, or a piece of policy laid upon it; several count together:
  gold waits at most 60s          promised, and whose promise ends first is served first
  gold is promised 60s            promised, and the order of service stays
  gold is served first            before everybody else at every desk
  everybody in order of arrival   at every desk
  promises: {{default: {{answer: 2m}}}}
In place of `gold` stands a tier or a scenario; `gold and above`, or `everybody`.

{KINDS}
\b
One SOURCE that ends in .yaml is a workload; one that ends in .json a report that was saved.
Exit codes: 0 fine; 2 wrong use or unreadable input; 130 after Ctrl-C, with a page of what was
played by then.
"""


@click.command(epilog=EXAMPLES)
@source_argument
@click.option("--policy", type=click.Path(path_type=Path), help="The policy's YAML file: A.")
@click.option("--against", type=click.Path(path_type=Path), help="The policy compared with it: B.")
@click.option(
    "--what-if", "supposed", multiple=True, metavar="TEXT",
    help="What B changes, in a sentence; instead of --against.",
)  # fmt: skip
@click.option(
    "--staffing", type=click.Path(path_type=Path),
    help="The staffing's YAML file; else the staff that the record shows.",
)  # fmt: skip
@click.option("--staffing-against", type=click.Path(path_type=Path), help="Another staffing for B.")
@click.option(
    "--fit", type=click.Path(path_type=Path),
    help="Patience and service as `tierlane replay fit` found them.",
)  # fmt: skip
@click.option(
    "--rate", "rates", multiple=True, metavar="RATE",
    help="What an hour on duty costs, such as `30 EUR`; `nurses=45 EUR` for a group.",
)  # fmt: skip
@click.option("--within", metavar="TIME", help="In time is within this; else as the what-if says.")
@click.option("--replications", type=click.IntRange(1), default=20, show_default=True)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="The same seed gives the same bytes."
)
@click.option("--cores", type=click.IntRange(1), help="Processes; default: all that there are.")
@click.option("--resample", is_flag=True, help="Draw recorded days by lot, of the same weekday.")
@click.option(
    "--section", "results", multiple=True, type=click.Path(path_type=Path), metavar="FILE",
    help="JSON of `discover` or `feedback`, shown as a section of its own.",
)  # fmt: skip
@click.option("--lang", "language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), default=Path("report.html"),
    show_default=True, help="The page: one HTML file that loads nothing.",
)  # fmt: skip
@click.option(
    "--numbers", type=click.Path(path_type=Path, file_okay=False),
    help="A folder for all numbers: JSON, and Parquet for each table.",
)  # fmt: skip
@options(*BROKERS)
def command(
    *,
    sources: tuple[str, ...],
    language: str,
    out: Path,
    numbers: Path | None,
    results: tuple[Path, ...],
    **asked: Any,
) -> int:
    """Tell on one page what another policy would have changed, for whom, and how surely.

    Both policies meet the same contacts: who is sent elsewhere is exact; waits are simulated with
    the same staff, patience and service. What the staffing does not state of patience and service
    is fitted to the record.
    """
    from tierlane.page.report.sheet import page, told

    if len(sources) == 1 and sources[0].endswith(".json"):
        from tierlane.cli.replay.saved import saved_report

        report = saved_report(Path(sources[0]))
    else:
        report = _made(sources, results, **asked)
    if numbers is not None:
        from tierlane.replay.report.writing import write_numbers

        for path in write_numbers(report, numbers):
            click.echo(f"wrote {path}", err=True)
    out.write_text(page(report, language), encoding="utf-8")
    click.echo(f"wrote {out}", err=True)
    for line in told(report, language):
        click.echo(line)
    runs = report["replications"]
    if runs is None or runs["complete"]:
        return 0
    text = f"stopped: {runs['done']} of {runs['asked']} replications were played, and count"
    click.echo(f"{text}; the intervals are the wider for it", err=True)
    return INTERRUPTED


def _made(sources: tuple[str, ...], results: tuple[Path, ...], **asked: Any) -> dict[str, Any]:
    """Return the report of a source."""
    if asked["policy"] is None:
        raise UsageError("a report needs a `--policy`")
    if asked["against"] is not None and asked["supposed"]:
        raise UsageError("`--against` and `--what-if` are two ways to say what B is")
    extra("scipy.stats", "fitting and simulating need")
    from tierlane.cli.replay.asking import Asking

    return Asking(sources, results, **asked).report()

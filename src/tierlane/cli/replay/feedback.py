"""`tierlane replay feedback`: which rules serve whom well, which never fire, which miss."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tierlane.cli import INTERRUPTED
from tierlane.cli.policy.file import FORMAT
from tierlane.cli.replay.paged import LANGUAGE, PAGE, write_page
from tierlane.cli.replay.source import BROKERS, KINDS, open_sources, options, source_argument
from tierlane.errors import UsageError
from tierlane.replay.extra import extra

if TYPE_CHECKING:
    from tierlane.replay.feedback.feedback import Subject

EXAMPLES: Final = (
    """\b
Examples:
  tierlane replay feedback --policy policy.yaml january/
  tierlane replay feedback --policy policy.yaml --goal 90% --out rules.parquet january/
  tierlane replay feedback --policy policy.yaml --page rules.html --lang zh january/
  tierlane replay feedback --policy policy.yaml --format json january/ > feedback.json

"""
    + KINDS
    + """
\b
Exit codes: 0 fine; 2 wrong use or unreadable input; 130 after Ctrl-C, with what was found by then.
"""
)

DAY: Final = 86_400_000


@click.command(epilog=EXAMPLES)
@source_argument
@click.option(
    "--policy", required=True, type=click.Path(path_type=Path), help="Whose rules are looked at."
)
@click.option(
    "--window", metavar="TIME", default="30d", show_default=True,
    help="How long after the last that was heard of a contact its feedback is waited for.",
)  # fmt: skip
@click.option(
    "--good", metavar="OUTCOME", multiple=True,
    help="An outcome that counts as settled; by default resolved and solved.",
)  # fmt: skip
@click.option(
    "--goal", metavar="SHARE", default="80%", show_default=True,
    help="The share of promises that is to be kept.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path),
    help="Write every comparison to this file, as Parquet.",
)  # fmt: skip
@PAGE
@LANGUAGE
@options(*BROKERS)
@FORMAT
def command(
    sources: tuple[str, ...],
    *,
    policy: Path,
    window: str,
    good: Sequence[str],
    goal: str,
    out: Path | None,
    page: Path | None,
    language: str,
    shape: str,
    **kafka: Any,
) -> int:
    """Tell which rules serve whom well, which never fire, and whose promises are missed.

    Outcomes and what customers say afterwards are joined to the decisions by the contact. Decisions
    come from the audit; where the source has none, contacts are decided anew by the policy. A
    rule's contacts are compared with the others of the same tier, scenario, lane, channel and kind
    of advisor. That is association, not cause.
    """
    extra("scipy.special", "intervals need")
    from tierlane.cli.replay.heard import print_feedback
    from tierlane.cli.replay.progress import counted
    from tierlane.cli.replay.scene import time_of
    from tierlane.replay.feedback.feedback import Wanted, as_dict, feedback, rows_of
    from tierlane.replay.feedback.joining import GOOD
    from tierlane.replay.source.table import write_rows

    wanted = Wanted(time_of(window, "--window") or 0, frozenset(good) or GOOD, _share(goal))
    subject = _subject(policy)
    with counted("records read", None) as told:
        found = feedback(open_sources(sources, **kafka), subject, wanted, told)
    if out is not None:
        write_rows(out, rows_of(found))
    write_page(page, "feedback", as_dict(found), language)
    if shape == "json":
        import orjson

        click.echo(orjson.dumps(as_dict(found)))
    else:
        print_feedback(found, language)
    if not found.complete:
        click.echo(f"stopped: {found.contacts:,} contacts were joined by then", err=True)
        return INTERRUPTED
    return 0


def _subject(path: Path) -> "Subject":
    """Read a policy. Raises PolicyError or UsageError."""
    from tierlane.policy.compiling.compile import compile_document
    from tierlane.policy.form.finding import PolicyError, Report
    from tierlane.policy.reading.reader import read_document
    from tierlane.replay.feedback.feedback import Subject
    from tierlane.stream.policy_file import find_file, read_policy_file

    report = Report()
    document = read_document(read_policy_file(path), str(path), report, find_file)
    revision = compile_document(document, report)
    if revision is None:
        raise PolicyError(report.errors)
    return Subject.of(document, revision)


def _share(text: str) -> float:
    try:
        value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise UsageError(f"`--goal {text}` is no share", hint="such as `80%` or `0.8`")
    return value

"""`tierlane replay record`: ranges of topics as Parquet, with all that replay needs."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import orjson

from tierlane.cli import INTERRUPTED
from tierlane.cli.policy.file import FORMAT
from tierlane.cli.replay.source import BROKERS, KINDS, open_sources, options
from tierlane.errors import UsageError
from tierlane.replay.source.source import Source

if TYPE_CHECKING:
    from tierlane.replay.anonymous import Anonymous

EXAMPLES: Final = (
    """\b
Examples:
  tierlane replay record --out january --brokers kafka:9092
  tierlane replay record --out monday --since 2026-03-02T00:00:00+08:00
  tierlane replay record --out january --without personal
  tierlane replay record january.jsonl.gz --out january

"""
    + KINDS
)


@click.command(epilog=EXAMPLES)
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="An empty folder to write to.",
)
@click.option(
    "--without",
    type=click.Choice(["personal"]),
    help="Leave out what is personal.",
)
@click.option(
    "--policy",
    "policies",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="With --without: a policy that decided, if it was never published.",
)
@options(*BROKERS)
@FORMAT
def command(
    sources: tuple[str, ...],
    *,
    out: Path,
    without: str | None,
    policies: tuple[Path, ...],
    shape: str,
    **kafka: object,
) -> int:
    """Save ranges of topics as Parquet, with all that replay needs.

    Without SOURCE the topics of a running installation are read: events, returns, the profiles'
    versions that decisions name, revisions, and everything that was written. What was due and fired
    stands in the audit. A manifest tells ranges, counts, digests and the engine. A version that is
    no longer there is counted, never replaced by today's. Ctrl-C leaves a shorter range.

    Without what is personal: what contacts say, wishes, what a policy masks, and what none reads of
    profiles and attributes; ids stay. Decisions that rested on it later count as unproven.
    """
    from tierlane.cli.replay.progress import counted
    from tierlane.replay.recording import record

    source = open_sources(sources or ("kafka:",), **kafka)
    change = _anonymous(source, policies) if without else None
    with counted("records read", None) as told:
        manifest = record(source, out, change=change, without=without or "", told=told)
    if shape == "json":
        click.echo(orjson.dumps(manifest))
        return _code(manifest)
    count = sum(one["records"] for one in manifest["files"])
    click.echo(f"{out}: {count:,} records in {len(manifest['files'])} files", err=True)
    if manifest["profiles_missing"]:
        click.echo(f"{manifest['profiles_missing']:,} versions of profiles are gone", err=True)
    for one in manifest["revisions_missing"]:
        click.echo(f"the revision `{one}` is not on policy.revisions: keep its file", err=True)
    return _code(manifest)


def _code(manifest: Mapping[str, Any]) -> int:
    if manifest["complete"]:
        return 0
    click.echo("stopped: what was recorded by then is a recording of its own", err=True)
    return INTERRUPTED


def _anonymous(source: Source, policies: tuple[Path, ...]) -> "Anonymous":
    """Return what makes records anonymous, by all policies that are named or published."""
    from tierlane.policy.compiling.compile import compile_policy
    from tierlane.replay.anonymous import Anonymous
    from tierlane.replay.library import Library
    from tierlane.stream.policy_file import find_file, read_policy_file
    from tierlane.topic import POLICY_REVISIONS

    library = Library(
        compile_policy(read_policy_file(path), str(path), find_file) for path in policies
    )
    for batch in source.batches({POLICY_REVISIONS}):
        for one in batch:
            library.take(one)
    revisions = library.all()
    if not revisions:
        raise UsageError(
            "no policy tells which fields are read", hint="name what decided with --policy FILE"
        )
    return Anonymous(revisions)

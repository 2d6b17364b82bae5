"""`tierlane replay record`: ranges of topics as Parquet, with all that replay needs."""

from pathlib import Path
from typing import Final

import click
import orjson

from tierlane.cli.policy.file import FORMAT
from tierlane.cli.replay.source import BROKERS, KINDS, open_sources, options

EXAMPLES: Final = (
    """\b
Examples:
  tierlane replay record --out january --brokers kafka:9092
  tierlane replay record --out monday --since 2026-03-02T00:00:00+08:00
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
@options(*BROKERS)
@FORMAT
def command(sources: tuple[str, ...], *, out: Path, shape: str, **kafka: object) -> int:
    """Save ranges of topics as Parquet, with all that replay needs.

    Without SOURCE the topics of a running installation are read: events, returns, the profiles'
    versions that decisions name, revisions, and everything that was written. What was due and fired
    stands in the audit. A manifest tells ranges, counts, digests and the engine. A version that is
    no longer there is counted, never replaced by today's.
    """
    from tierlane.cli.replay.progress import counted
    from tierlane.replay.recording import record

    source = open_sources(sources or ("kafka:",), **kafka)
    with counted("records read", None) as told:
        manifest = record(source, out, told=told)
    if shape == "json":
        click.echo(orjson.dumps(manifest))
        return 0
    count = sum(one["records"] for one in manifest["files"])
    click.echo(f"{out}: {count:,} records in {len(manifest['files'])} files", err=True)
    if manifest["profiles_missing"]:
        click.echo(f"{manifest['profiles_missing']:,} versions of profiles are gone", err=True)
    for one in manifest["revisions_missing"]:
        click.echo(f"the revision `{one}` is not on policy.revisions: keep its file", err=True)
    return 0

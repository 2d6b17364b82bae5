"""`tierlane replay verify`: do the record's inputs lead to what it says?"""

import os
from pathlib import Path
from typing import Final

import click
import orjson

from tierlane.cli import INTERRUPTED
from tierlane.cli.policy.file import FORMAT, FOUND
from tierlane.cli.replay.source import BROKERS, KINDS, open_sources, options, source_argument
from tierlane.replay.verify.difference import MEANINGS, Difference
from tierlane.replay.verify.verdict import Verdict

EXAMPLES: Final = (
    """\b
Examples:
  tierlane replay verify january/
  tierlane replay verify january/ --policy policy.yaml --strict
  tierlane replay verify audit.jsonl.gz --policy policy.yaml     from the audit alone
  tierlane replay verify kafka: --brokers kafka:9092
  tierlane replay verify january/ --format json

"""
    + KINDS
)

SHOWN: Final = 100
"""Differences that a table lists; all of them are counted, and JSON has every one."""

LONGEST: Final = 60
"""Characters of a value that a table shows."""


@click.command(epilog=EXAMPLES)
@source_argument
@click.option(
    "--policy",
    "policies",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="A revision that the audit names; several by several. Else the source's own.",
)
@click.option("--strict", is_flag=True, help="Count what could not be proven as found, too.")
@click.option(
    "--mask-key",
    envvar="TIERLANE_MASK_KEY",
    show_envvar=True,
    default="",
    help="The workers' key; without it receipts of masked inputs are not compared.",
)
@click.option("--deployment", default="", help="The workers' setting, if the record has several.")
@click.option(
    "--dedupe-window", type=float, default=86_400.0, help="The workers' setting, in seconds."
)
@click.option("--cores", type=click.IntRange(1), help="Processes; by default one a core.")
@options(*BROKERS)
@FORMAT
def command(
    sources: tuple[str, ...],
    *,
    cores: int | None,
    policies: tuple[Path, ...],
    strict: bool,
    mask_key: str,
    deployment: str,
    dedupe_window: float,
    shape: str,
    **kafka: object,
) -> int:
    """Do a record's inputs again and compare what comes of them with what it says.

    All state is built anew from events, profiles, revisions and the timers that fired, by the
    same machines as in a worker. Exit code 1 where something differs; with --strict also where
    something could not be proven. A source that has the audit alone is verified from the inputs
    that each decision states; those that hung on masked inputs are taken on trust. Owners are dealt
    out to processes; the result is the same on any number of them. Ctrl-C leaves the verdict on
    those that were through.
    """
    from tierlane.audit.mask import Mask
    from tierlane.cli.replay.progress import counted
    from tierlane.replay.diff.diff import Text, compiled
    from tierlane.replay.verify.verify import Terms, verify
    from tierlane.routing.limit import IntakeLimits
    from tierlane.stream.policy_file import find_file, read_policy_file

    texts = [Text(read_policy_file(path), str(path), find_file) for path in policies]
    for one in texts:
        compiled(one)  # here, so that what is wrong with one is said before anything is read
    terms = Terms(
        Mask(mask_key.encode()) if mask_key else None,
        IntakeLimits(dedupe_window=int(dedupe_window * 1000)),
        deployment,
        _is_anonymous(sources),
    )
    source = open_sources(sources, **kafka)
    with counted("records read", None) as read, counted("owners verified", None) as judged:
        verdict = verify(
            source,
            terms,
            texts=texts,
            cores=cores or os.cpu_count() or 1,
            progress=read,
            judged=judged,
        )
    verdict.differences[:0] = _altered(sources)
    if shape == "json":
        click.echo(orjson.dumps(verdict.as_dict()))
    else:
        _tell(verdict)
    if not verdict.complete:
        return INTERRUPTED
    found = verdict.differences or (strict and verdict.unproven)
    return FOUND if found else 0


def _is_anonymous(words: tuple[str, ...]) -> bool:
    """Tell whether one of them is a recording without what is personal."""
    from tierlane.replay.source.manifest import manifest_of

    folders = (Path(word) for word in words if Path(word).is_dir())
    manifests = (manifest_of(folder) for folder in folders)
    return any(one is not None and one.get("without") for one in manifests)


def _altered(words: tuple[str, ...]) -> list[Difference]:
    """Return the files of recordings that are not as they were recorded."""
    from tierlane.replay.source.manifest import altered, manifest_of

    found = []
    for folder in (Path(word) for word in words if Path(word).is_dir()):
        manifest = manifest_of(folder)
        for path, then, now in altered(folder, manifest) if manifest is not None else ():
            found.append(Difference("changed", str(folder), "", None, path, "sha256", then, now))
    return found


def _tell(verdict: Verdict) -> None:
    for notice in verdict.notices:
        click.secho(f"note: {notice}", fg="yellow", err=True)
    for one in verdict.differences[:SHOWN]:
        click.echo(line_of(one))
    if len(verdict.differences) > SHOWN:
        click.echo(f"and {len(verdict.differences) - SHOWN:,} more; --format json lists them all")
    for count, what in (
        (sum(verdict.compared.values()), "audit records follow from their inputs"),
        (verdict.decisions, "of them are decisions"),
        (verdict.outcomes, "lane entries and other records follow, too"),
        (verdict.trusted, "decisions are taken on trust: they hung on masked or omitted inputs"),
        (verdict.midway, "records are taken on trust: they hung on what came before the range"),
        (verdict.profiles_missing, "decisions name a profile's version that is not in the record"),
        (verdict.excused, "records rest on such a version, or on state from before the record"),
        (verdict.beyond, "records lie beyond the range of the inputs"),
        (len(verdict.differences), "differences"),
    ):
        if count or what == "differences":
            click.echo(f"{count:>12,} {what}")


def line_of(one: Difference) -> str:
    """Return a difference in a line: whose, which, what, and both sides of its first field."""
    number = "" if one.seq is None else f" {one.seq}"
    told = " ".join(filter(None, (one.topic, f"{one.owner}{number}", f"`{one.id}`: {one.kind}")))
    if not one.field:
        return f"{told}: {MEANINGS[one.kind]}"
    return f"{told}: `{one.field}` recorded {_short(one.recorded)}, derived {_short(one.derived)}"


def _short(value: object) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"

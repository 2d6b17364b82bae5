"""`tierlane replay diff`: who would be routed differently by another policy."""

import os
from pathlib import Path
from typing import Any, Final

import click
import orjson

from tierlane.audit.wording import LANGUAGES
from tierlane.cli.policy.file import FORMAT
from tierlane.cli.replay.source import BROKERS, KINDS, open_sources, options, source_argument
from tierlane.replay.diff.comparison import Comparison

EXAMPLES: Final = (
    """\b
Examples:
  tierlane replay diff --policy now.yaml --against next.yaml january/
  tierlane replay diff --policy now.yaml --against next.yaml try/contacts.jsonl try/profiles.jsonl
  tierlane replay diff --policy now.yaml --against next.yaml --explain zh january/
  tierlane replay diff --policy now.yaml --against next.yaml --format json january/ > diff.json

"""
    + KINDS
)

SHOWN: Final = 15
"""Rows of each table; JSON and Parquet have all."""

WIDEST: Final = 24
"""Characters of the longest bar."""


@click.command(epilog=EXAMPLES)
@source_argument
@click.option("--policy", required=True, type=click.Path(path_type=Path), help="The policy now.")
@click.option("--against", required=True, type=click.Path(path_type=Path), help="The other one.")
@click.option("--explain", "language", type=click.Choice(LANGUAGES), help="Samples in words.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write every way and its contacts to this file, as Parquet.",
)
@click.option("--cores", type=click.IntRange(1), help="Processes; by default one a core.")
@options(*BROKERS)
@FORMAT
def command(
    sources: tuple[str, ...],
    *,
    policy: Path,
    against: Path,
    language: str | None,
    out: Path | None,
    cores: int | None,
    shape: str,
    **kafka: object,
) -> int:
    """Tell who would be routed differently by another policy: from where to where, and why.

    Both are asked about every arrival, with the profile of that time and what each would remember
    of the customer. Waiting is no part of it: `simulate` does that. The result is the same on any
    number of cores.
    """
    from tierlane.cli.replay.progress import counted
    from tierlane.replay.diff.diff import Text, diff
    from tierlane.replay.source.table import write_rows
    from tierlane.stream.policy_file import find_file, read_policy_file

    a, b = (Text(read_policy_file(one), str(one), find_file) for one in (policy, against))
    source = open_sources(sources, **kafka)
    with counted("records read", None) as told:
        found = diff(source, a, b, cores=cores or os.cpu_count() or 1, told=told)
    if out is not None:
        write_rows(out, found.rows())
    if shape == "json":
        click.echo(orjson.dumps(found.as_dict()))
    else:
        _tell(found, language)
    return 0


def _tell(found: Comparison, language: str | None) -> None:
    click.echo(f"{found.contacts:,} contacts by {found.a} and by {found.b}")
    if found.unreadable:
        click.echo(f"{found.unreadable:,} arrivals cannot be read, by a worker neither")
    if not found.moved and not found.other_terms:
        click.echo("the change changes nothing: each contact gets the same lane on the same terms")
        return
    click.echo(
        f"{_part(found.moved, found.contacts)} go to another lane, "
        f"{_part(found.other_terms, found.contacts)} keep it on other terms"
    )
    _flow(found)
    for name in ("tier", "scenario"):
        click.echo(f"\n{name:<28} {'contacts':>12} {'other lane':>12} {'other terms':>12}")
        for value, count, moved, terms in found.shares(name)[:SHOWN]:
            click.echo(f"{value:<28} {count:>12,} {moved:>12,} {terms:>12,}")
    click.echo("\nbecause")
    for (one, other), count in found.by("because", "because_b")[:SHOWN]:
        click.echo(f"{count:>12,}  {_reason(one, other)}")
    if language is not None:
        _samples(found, language)


def _flow(found: Comparison) -> None:
    flow = found.by("lane", "lane_b")
    most = flow[0][1]
    click.echo("")
    for (lane, lane_b), count in flow[:SHOWN]:
        bar = "█" * max(1, round(count / most * WIDEST))
        where = "other terms" if lane == lane_b else lane_b
        click.echo(f"{lane:>24} ──▶ {where:<24} {count:>10,} {bar}")
    if len(flow) > SHOWN:
        click.echo(f"{'':>24}     and {len(flow) - SHOWN:,} more ways")


def _samples(found: Comparison, language: str) -> None:
    from tierlane.audit.explain import explain

    for lanes, _ in found.by("lane", "lane_b")[:SHOWN]:
        one = found.samples[lanes[0], lanes[1]][0]
        for side, data in ((found.a, one.a), (found.b, one.b)):
            click.echo(f"\n{one.contact_id}, {side}:")
            click.echo(explain(_told(data), language, brief=True))


def _told(data: dict[str, Any]) -> dict[str, Any]:
    return {"errors": [], **data}


def _reason(one: str, other: str) -> str:
    if not one and not other:
        return "the same rows, of which one gives something else"
    return f"{one or '(no further row)'} → {other or '(no further row)'}"


def _part(count: int, whole: int) -> str:
    return f"{count:,} ({count / whole:.1%})"

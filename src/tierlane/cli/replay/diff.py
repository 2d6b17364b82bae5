"""`tierlane replay diff`: who would be routed differently by another policy."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import orjson

from tierlane.audit.wording import LANGUAGES
from tierlane.cli import INTERRUPTED
from tierlane.cli.policy.file import FORMAT
from tierlane.cli.replay.source import BROKERS, KINDS, open_sources, options, source_argument
from tierlane.errors import UsageError
from tierlane.replay.diff.comparison import Comparison

if TYPE_CHECKING:
    from tierlane.replay.diff.fate import Fates
    from tierlane.replay.simulation.scene import Scene

EXAMPLES: Final = (
    """\b
Examples:
  tierlane replay diff --policy now.yaml --against next.yaml january/
  tierlane replay diff --policy now.yaml --against next.yaml try/contacts.jsonl try/profiles.jsonl
  tierlane replay diff --policy now.yaml --against next.yaml --explain zh january/
  tierlane replay diff --policy now.yaml --against next.yaml --format json january/ > diff.json
  tierlane replay diff --policy now.yaml --against next.yaml --staffing staff.yaml january/

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
@click.option(
    "--staffing",
    type=click.Path(path_type=Path),
    help="With waiting lines: simulate both policies with this staff, contact by contact.",
)
@click.option(
    "--fit",
    type=click.Path(path_type=Path),
    help="With --staffing: patience and service as `tierlane replay fit` found them.",
)
@click.option("--replications", type=click.IntRange(1), default=20, show_default=True)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="The same seed gives the same bytes."
)
@click.option(
    "--contacts",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --staffing: write how each contact fares to this file, as Parquet.",
)
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
    staffing: Path | None,
    fit: Path | None,
    replications: int,
    seed: int,
    contacts: Path | None,
    shape: str,
    **kafka: Any,
) -> int:
    """Tell who would be routed differently by another policy: from where to where, and why.

    Both are asked about every arrival, with the profile of that time and what each would remember
    of the customer. With --staffing both are also simulated, with the same customers and the same
    lot: who would wait longer, be served by others, or give up. The result is the same on any
    number of cores.
    """
    from tierlane.cli.replay.progress import counted
    from tierlane.replay.diff.diff import Text, diff
    from tierlane.replay.source.table import write_rows
    from tierlane.stream.policy_file import find_file, read_policy_file

    if staffing is None and (fit or contacts):
        raise UsageError("`--fit` and `--contacts` belong to `--staffing`")
    playing = None
    if staffing is not None:  # first, so that what is wrong with it is said before anything else
        playing = _Playing(seed, replications, cores or os.cpu_count() or 1)
        playing.prepare((policy, against), staffing, fit, sources, kafka)
    a, b = (Text(read_policy_file(one), str(one), find_file) for one in (policy, against))
    source = open_sources(sources, **kafka)
    with counted("records read", None) as told:
        found = diff(source, a, b, cores=cores or os.cpu_count() or 1, told=told)
    if out is not None:
        write_rows(out, found.rows())
    if shape == "text":
        _tell(found, language)
    fates = None if playing is None else playing.fates()
    if fates is not None and contacts is not None:
        write_rows(contacts, list(fates.rows()))
    if shape == "json":
        told_of = {} if fates is None else {"lines": fates.as_dict()}
        click.echo(orjson.dumps(found.as_dict() | told_of))
    elif fates is not None:
        from tierlane.cli.replay.fated import print_fates

        print_fates(fates)
    return _code(found, fates)


def _code(found: Comparison, fates: "Fates | None") -> int:
    """Return the exit code; say on stderr how far what was interrupted came."""
    if not found.complete:
        click.echo(f"stopped: {found.contacts:,} contacts were read by then, and count", err=True)
    if fates is not None and not fates.complete:
        click.echo(f"stopped: {fates.done} of {fates.asked} replications were played", err=True)
    stopped = not found.complete or (fates is not None and not fates.complete)
    return INTERRUPTED if stopped else 0


@dataclass(slots=True)
class _Playing:
    """How the waiting lines of both policies are played."""

    seed: int
    replications: int
    cores: int
    scenes: "tuple[Scene, ...]" = ()

    def prepare(
        self,
        policies: tuple[Path, Path],
        staffing: Path,
        fit: Path | None,
        sources: tuple[str, ...],
        kafka: dict[str, Any],
    ) -> None:
        """Read what is named; raises the errors of it."""
        from tierlane.replay.extra import extra

        extra("scipy.special", "simulating needs")
        from tierlane.cli.replay.scene import behaving, other, scene_of
        from tierlane.replay.simulation.measure import Counting

        a = scene_of(policies[0], staffing, sources, Counting(), resample=False, **kafka)
        if fit is not None:
            a = behaving(a, fit)
        self.scenes = a, other(a, policies[1], None)

    def fates(self) -> "Fates":
        """Simulate both."""
        from tierlane.cli.replay.progress import counted
        from tierlane.replay.diff.lines import fates

        a, b = self.scenes
        with counted("simulating", self.replications) as told:
            return fates(a, b, self.seed, self.replications, cores=self.cores, told=told)


def _tell(found: Comparison, language: str | None) -> None:
    click.echo(f"{found.contacts:,} contacts by {found.a} and by {found.b}")
    if found.unreadable:
        click.echo(f"{found.unreadable:,} arrivals cannot be read, by a worker neither")
    if found.duplicates:
        click.echo(f"{found.duplicates:,} arrivals came again, and count once")
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

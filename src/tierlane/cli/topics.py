"""`tierlane topics`: create the topics, or compare them with what is there."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Final

import click
import orjson
from rich.console import Console
from rich.table import Table

from tierlane.stream.settings import Settings, load

EXAMPLES: Final = """\b
Examples:
  tierlane topics apply --brokers kafka:9092
  tierlane topics check --format json
  tierlane topics check --sample          are keys on their partitions?
"""

APPLY: Final = """\b
Examples:
  tierlane topics apply --brokers kafka:9092
  tierlane topics apply --partitions 4 --prefix try.
"""

CHECK: Final = """\b
Examples:
  tierlane topics check --brokers kafka:9092 --sample
  tierlane topics check --format json
"""

PIPED: Final = 1_000
"""Columns where no terminal limits them: a name is at most 249 long, and is not to be broken."""

MISPLACED: Final = (
    "  hint: have producers place keys by murmur2; librdkafka: partitioner=murmur2_random"
)

COLOURS: Final = {"fine": "green", "created": "green", "missing": "red", "differs": "yellow"}


def _options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that both commands have."""
    for option in (
        click.option("--brokers", metavar="HOST:PORT,...", help="Where the brokers are."),
        click.option("--prefix", help="Stands before every topic."),
        click.option(
            "--partitions", type=click.IntRange(min=1), help="Instead of each topic's own number."
        ),
        click.option("--format", "form", type=click.Choice(["table", "json"]), default="table"),
        click.option(
            "--config",
            type=click.Path(dir_okay=False, path_type=Path),
            help="A TOML file of settings.",
        ),
    ):
        function = option(function)
    return function


@click.group("topics", epilog=EXAMPLES)
def command() -> None:
    """Create the topics, or compare them with what is there."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # its errors come as ours


@command.command(epilog=APPLY)
@_options
@click.pass_context
def apply(
    ctx: click.Context,
    *,
    brokers: str | None,
    prefix: str | None,
    partitions: int | None,
    form: str,
    config: Path | None,
) -> None:
    """Create the topics that are missing.

    Those that are there are compared, never changed. Exits with 1 where one of them differs.
    """
    from tierlane.stream import provision

    settings = load({"brokers": brokers, "prefix": prefix}, config)
    states = _run(provision.apply(settings, partitions))
    _show(states, form)
    ctx.exit(any(state.state == "differs" for state in states))


@command.command(epilog=CHECK)
@_options
@click.option("--sample", is_flag=True, help="Read some records of each input: where do keys lie?")
@click.pass_context
def check(
    ctx: click.Context,
    *,
    brokers: str | None,
    prefix: str | None,
    partitions: int | None,
    form: str,
    config: Path | None,
    sample: bool,
) -> None:
    """Compare the topics with what is needed. Exits with 1 where something is amiss.

    With --sample, keys are compared with the partition that murmur2 gives them: a producer that
    places keys otherwise (librdkafka's default) parts a customer's contacts from the profile.
    """
    from tierlane.stream import provision

    settings = load({"brokers": brokers, "prefix": prefix}, config)
    states = _run(provision.check(settings, partitions))
    found = [] if not sample else _misplaced(settings, states)
    _show(states, form, found)
    ctx.exit(
        any(state.state != "fine" for state in states) or any(row["misplaced"] for row in found)
    )


def _misplaced(settings: Settings, states: Sequence[Any]) -> list[dict[str, Any]]:
    from tierlane.stream.placement import sample_inputs

    there = {state.name for state in states if state.state != "missing"}
    return _run(sample_inputs(settings, there))


def _run(work: Coroutine[Any, Any, list[Any]]) -> list[Any]:
    return asyncio.run(work)


def _show(states: Sequence[Any], form: str, sampled: Sequence[dict[str, Any]] = ()) -> None:
    from tierlane.stream.provision import rows

    if form == "json":
        body: Any = {"topics": rows(states)}
        if sampled:
            body["sample"] = list(sampled)
        click.echo(orjson.dumps(body, option=orjson.OPT_INDENT_2))
        return
    table = Table(box=None, pad_edge=False)
    for name in ("topic", "state", "partitions", "differences"):
        side: Any = "right" if name == "partitions" else "left"
        table.add_column(name, justify=side, overflow="fold")
    for state in states:
        table.add_row(
            state.name,
            f"[{COLOURS[state.state]}]{state.state}[/]",
            str(state.partitions or ""),
            "\n".join(state.differences),
        )
    console = Console()
    if not console.is_terminal:
        console.width = PIPED
    console.print(table)
    for row in sampled:
        click.echo(
            f"{row['topic']}: {row['misplaced']} of {row['keys']} keys on another partition "
            "than murmur2 gives"
        )
    if any(row["misplaced"] for row in sampled):
        click.echo(MISPLACED, err=True)

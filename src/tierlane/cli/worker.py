"""`tierlane worker`: the service on Kafka."""

import logging
import signal
import sys
from pathlib import Path
from typing import Any, Final

import click

from tierlane.stream.settings import load

EXAMPLES: Final = """\b
Examples:
  tierlane worker --policy try/policy.yaml --create-topics
  tierlane worker --policy policy.yaml --brokers kafka-1:9092,kafka-2:9092
  TIERLANE_GUARANTEE=at-least-once tierlane worker --policy policy.yaml
"""


@click.command(epilog=EXAMPLES)
@click.option(
    "--policy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The policy to decide by until its name is published.",
)
@click.option("--policy-pinned", is_flag=True, default=None, help="Keep to that file (tests).")
@click.option("--policy-name", help="Which published policy to follow, if it is not the file's.")
@click.option("--brokers", metavar="HOST:PORT,...", help="Where the brokers are.")
@click.option("--prefix", help="Stands before every topic, group and transactional id.")
@click.option("--application", help="The consumer group.")
@click.option("--deployment", help="Part of every id; another when the topics are created anew.")
@click.option(
    "--guarantee",
    type=click.Choice(["exactly-once", "at-least-once"]),
    help="What is held to when a worker dies.",
)
@click.option("--create-topics", is_flag=True, default=None, help="Create what is missing.")
@click.option(
    "--state-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder in which each worker keeps a folder of its own.",
)
@click.option(
    "--profile-store",
    type=click.Choice(["memory", "rocksdb"]),
    help="Where profiles are kept; on disk a restart reads only what is new.",
)
@click.option("--web-host", help="Address of /healthz, /readyz and /metrics.")
@click.option("--web-port", type=int, help="Its port; 0 takes a free one.")
@click.option("--batch-records", type=int, help="Most records in one transaction.")
@click.option("--batch-interval", type=float, help="Seconds between a partition's transactions.")
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    help="What is written to stderr, as JSON lines.",
)
@click.option(
    "--config", type=click.Path(dir_okay=False, path_type=Path), help="A TOML file of settings."
)
@click.pass_context
def command(ctx: click.Context, /, config: Path | None, **flags: Any) -> None:
    """Decide contacts as they come, until SIGTERM.

    Any number of workers run side by side by the same command line; the partitions are dealt out
    among them. Settings come from flags, TIERLANE_*, and a TOML file, in that order. Ends with 0
    when told to stop, 1 when it fails, 2 when it cannot start.
    """
    # Told to stop while it still imports and connects, it has nothing to put in order.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # until the worker sets up its logs
    settings = load(flags, config)
    from tierlane.stream.kinds import every_kind
    from tierlane.stream.worker import run

    ctx.exit(run(settings, every_kind(settings)))

"""`tierlane demo`: the whole service at work, on a broker of its own or on yours."""

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final

import click
import orjson

from tierlane.cli.screen import Screen
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.deciding.revision import Revision
from tierlane.sample.folder import Sample, write_folder
from tierlane.sample.pack import pack
from tierlane.stream.rehearsal import Rehearsal

OUT: Final = Path("demo-output")
CONTACTS: Final = 5_000

STOPPING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that end the demo in order."""

Report = Callable[[Screen, Rehearsal, int, Path], int]
"""Shows what a run did and returns the exit code."""

FILES: Final = ("policy.yaml", "contacts.jsonl", "profiles.jsonl", "decisions.jsonl", "lanes.jsonl")
"""What a run leaves in its folder, as far as people look at it."""

EXAMPLES: Final = """\b
Examples:
  tierlane demo
  tierlane demo --contacts 50000 --seed 7
  tierlane demo --desk                            advisors, offers, promises kept over time
  tierlane demo --broker kafka:9092
  tierlane demo --format json 2>/dev/null
"""


@click.command(epilog=EXAMPLES)
@click.option("--desk", is_flag=True, help="A managed desk at work, for half a minute.")
@click.option(
    "--contacts",
    type=click.IntRange(min=1),
    show_default="5000, or 44 with --desk",
    help="How many contacts arrive.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Other contacts.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=OUT,
    show_default=True,
    help="Folder for the sample, the decisions and the logs.",
)
@click.option(
    "--broker",
    metavar="HOST:PORT",
    help="A Kafka of your own, exactly once; TLS and SASL from TIERLANE_*.",
)
@click.option(
    "--format", "shape", type=click.Choice(("text", "json")), default="text", show_default=True
)
@click.pass_context
def command(
    ctx: click.Context,
    *,
    desk: bool,
    contacts: int | None,
    seed: int,
    out: Path,
    broker: str | None,
    shape: str,
) -> None:
    """Run the whole service and show what it decides.

    Starts an embedded broker, creates the topics, runs a worker by the command line that anybody
    would use, sends the sample of eight businesses through it and reads what comes out. Exits with
    1 unless every contact has exactly one decision of its own and one current lane entry. Nothing
    is left running.

    With --desk a few contacts come in time, and made-up advisors answer what they are offered:
    lanes fill, a promise is nearly broken and the contact moved on before, an advisor vanishes and
    the contact comes back. Exits with 1 unless every contact was decided once and ended once.

    With --broker the topics stand under a prefix of their own and are deleted at the end.
    """
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    if desk:
        from tierlane.cli import hall

        demo = hall.demo(contacts or hall.CONTACTS, seed, out, broker, shape)
    else:
        report = _as_json if shape == "json" else _report
        demo = _demo(contacts or CONTACTS, seed, out, broker, report)
    ctx.exit(asyncio.run(_until_done_or_stopped(demo)))


async def _until_done_or_stopped(demo: Coroutine[Any, Any, int]) -> int:
    """Run the demo; a signal ends it in order and gives 128 and its number."""
    task = asyncio.ensure_future(demo)
    caught: list[int] = []

    def stop(number: int) -> None:
        # Once only: a second Ctrl-C must not interrupt the clearing away.
        if not caught:
            caught.append(number)
            task.cancel()

    loop = asyncio.get_running_loop()
    for number in STOPPING:
        loop.add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        # All is cleared away; one more Ctrl-C would only spoil the exit code.
        for number in STOPPING:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)
        return 128 + caught[0] if caught else 1


async def _demo(contacts: int, seed: int, out: Path, broker: str | None, report: Report) -> int:
    screen = Screen()
    sample = Sample(contacts, seed, live_from=round(time.time() * 1000))
    counts = write_folder(sample, out)
    screen.step("sample", f"{contacts:,} contacts of eight businesses, in {out}")
    async with Rehearsal(out, broker, counts, screen.step) as run:
        await run.prepare()
        with screen.progress() as progress:
            sent = progress.add_task("sent", total=counts["contacts.jsonl"])
            decided = progress.add_task("decided", total=contacts)

            def look() -> None:
                progress.update(sent, completed=run.sent)
                progress.update(decided, completed=run.tally.contacts)

            await run.play(look)
    return report(screen, run, contacts, out)


def _sample_policy() -> Revision:
    return compile_policy(pack("sample"), "policy.yaml")


def _report(screen: Screen, run: Rehearsal, contacts: int, out: Path) -> int:
    tally = run.tally
    screen.lanes(tally, _sample_policy().tiers.names)
    screen.decisions(tally.samples)
    faults = run.faults(contacts)
    each = "" if faults else ", each with one decision of its own and one current lane entry"
    screen.line("")
    screen.line(
        f"{tally.contacts:,} contacts decided in {run.seconds:.1f} s, "
        f"{tally.contacts / run.seconds:,.0f}/s{each}; "
        f"{tally.again:,} were decided once more after a change"
    )
    if tally.repeated:
        screen.line(f"{tally.repeated:,} records came twice, with ids by which they are known")
    screen.line(f"policy, contacts, profiles: {out}/policy.yaml, contacts.jsonl, profiles.jsonl")
    screen.line(f"decisions and lane entries: {out}/decisions.jsonl, lanes.jsonl")
    for fault in faults:
        screen.step("fault", fault)
    return 1 if faults else 0


def _as_json(screen: Screen, run: Rehearsal, contacts: int, out: Path) -> int:
    """Write the same report as one JSON object; `decisions` are whole audit records."""
    tally = run.tally
    faults = run.faults(contacts)
    click.echo(
        orjson.dumps(
            {
                "contacts": contacts,
                "decided": tally.contacts,
                "decided_again": tally.again,
                "repeated": tally.repeated,
                "seconds": round(run.seconds, 3),
                "lanes": [
                    {"kind": kind, "lane": lane, "tier": tier, "contacts": count}
                    for (kind, lane, tier), count in sorted(tally.table().items())
                ],
                "decisions": tally.samples,
                "files": [str(out / name) for name in FILES],
                "faults": faults,
            }
        )
    )
    for fault in faults:
        screen.step("fault", fault)
    return 1 if faults else 0

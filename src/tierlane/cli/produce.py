"""`tierlane produce`: events from files to their topics."""

import asyncio
import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import click
import uvloop
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from tierlane.address import Addresses
from tierlane.errors import Unreadable, UsageError
from tierlane.stream.feed import Feed, feed
from tierlane.stream.pace import TICK, Pace, parse_rate
from tierlane.stream.rejected import record_of, rejected_lines
from tierlane.stream.settings import Settings, load
from tierlane.topic import CONTACT_EVENTS
from tierlane.value import parse_time

EXAMPLES: Final = """\b
Examples:
  tierlane produce try/*.jsonl                     as fast as it goes
  tierlane produce try/contacts.jsonl --rate 500/s
  tierlane produce bank/contacts.jsonl --real-time --speed 60
  zcat events.gz | tierlane produce -
  tierlane produce --from-rejected > broken.jsonl  what was refused, to repair
  tierlane produce --from-rejected broken.jsonl    and back to where it came from
"""

TOLD: Final = 20
"""Bad lines that are named one by one; the others are only counted."""

SHOWN: Final = 500
"""Lines between two updates of the progress bar."""


class Parcel(NamedTuple):
    """One line, ready to go."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    moment: int | None


Reader = Callable[[bytes], Parcel]


@click.command(epilog=EXAMPLES)
@click.argument(
    "files",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    nargs=-1,
    metavar="FILE...",
)
@click.option("--rate", metavar="N/s", help="So many a second (or N/m, N/h).")
@click.option("--real-time", is_flag=True, help="As far apart as the events' own times.")
@click.option("--speed", type=click.FloatRange(min=0, min_open=True), help="Times faster.")
@click.option("--from-rejected", is_flag=True, help="Repaired records of contact.rejected.")
@click.option("--brokers", metavar="HOST:PORT,...", help="Where the brokers are.")
@click.option("--prefix", help="Stands before every topic.")
@click.option(
    "--config", type=click.Path(dir_okay=False, path_type=Path), help="A TOML file of settings."
)
@click.pass_context
def command(
    ctx: click.Context,
    *,
    files: tuple[Path, ...],
    rate: str | None,
    real_time: bool,
    speed: float | None,
    from_rejected: bool,
    brokers: str | None,
    prefix: str | None,
    config: Path | None,
) -> None:
    """Send events, one JSON object a line, to their topics by type.

    FILE - is stdin. Files that begin with profiles or advisors go first, so that contacts meet
    them. Keys are those of the contracts: the customer's id, or the contact's where the customer is
    unknown at arrival; later events follow their contact, or name the key as `partitionkey`.
    Settings are the worker's, from flags, TIERLANE_* and a TOML file, TLS and SASL among them.
    Lines that cannot be sent are named on stderr and left out; the exit code is then 1.
    """
    # What goes wrong comes as an error, with a remedy; the client's own lines would repeat it.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    settings = load({"brokers": brokers, "prefix": prefix}, config)
    if from_rejected and not files:
        uvloop.run(_dump(settings))
        return
    if not files:
        raise UsageError("no FILE was given", hint="- reads from stdin")
    pace = _pace(rate, speed, real_time=real_time)
    reader = _repaired if from_rejected else _reader(pace)
    delivery = Delivery(reader, pace)
    uvloop.run(delivery.run(files if from_rejected else _in_order(files), settings))
    ctx.exit(1 if delivery.refused else 0)


class Delivery:
    """Sends files and counts what went and what was refused."""

    def __init__(self, read: Reader, pace: Pace | None) -> None:
        self.refused = 0
        self._sent = 0
        self._read = read
        self._pace = pace

    async def run(self, files: tuple[Path, ...], settings: Settings) -> None:
        """Send the files one after another, each kept whole before the next begins."""
        start = time.perf_counter()
        with _progress() as progress:
            async with feed(settings) as sink:
                for path in files:
                    await self._file(path, sink, progress)
                    await sink.flush()
        seconds = max(time.perf_counter() - start, 1e-6)
        click.echo(
            f"{self._sent:,} events sent in {seconds:.1f} s ({self._sent / seconds:,.0f}/s)"
            + (f", {self.refused:,} lines refused" if self.refused else ""),
            err=True,
        )

    async def _file(self, path: Path, sink: Feed, progress: Progress) -> None:
        task = progress.add_task(path.name, total=_size(path))
        done = 0
        for number, line in _lines(path):
            done += len(line)
            if number % SHOWN == 0:
                progress.update(task, completed=done)
            text = line.rstrip(b"\r\n")
            if not text:
                continue
            try:
                parcel = self._read(text)
            except Unreadable as error:
                self._refuse(path, number, error)
                continue
            await self._wait(parcel.moment, sink)
            await sink.put(parcel.topic, parcel.key, parcel.value, parcel.headers)
            self._sent += 1
        progress.update(task, completed=done)

    async def _wait(self, moment: int | None, sink: Feed) -> None:
        if self._pace is None:
            return
        seconds = self._pace.wait(moment)
        if seconds >= TICK:
            await sink.push()
            await asyncio.sleep(seconds)

    def _refuse(self, path: Path, number: int, error: Unreadable) -> None:
        self.refused += 1
        if self.refused <= TOLD:
            click.echo(f"`{path}`:{number} {error}", err=True)


def _reader(pace: Pace | None) -> Reader:
    addresses = Addresses()
    timed = pace is not None and pace.timed

    def read(line: bytes) -> Parcel:
        address = addresses.of(line)
        moment = _moment(address.time) if timed else None
        return Parcel(address.topic, address.key.encode(), line, (), moment)

    return read


def _repaired(line: bytes) -> Parcel:
    return Parcel(*record_of(line), None)


def _moment(text: object) -> int:
    try:
        return parse_time(str(text))
    except ValueError:
        raise Unreadable("bad-time", "time: missing or no time with an offset") from None


def _pace(rate: str | None, speed: float | None, *, real_time: bool) -> Pace | None:
    if rate and real_time:
        raise UsageError("--rate and --real-time exclude each other")
    if speed is not None and not real_time:
        raise UsageError("--speed needs --real-time")
    if rate:
        return Pace(time.monotonic, rate=parse_rate(rate))
    return Pace(time.monotonic, speed=speed or 1.0) if real_time else None


def _in_order(files: tuple[Path, ...]) -> tuple[Path, ...]:
    """Put files that begin with contacts last, and keep the order otherwise."""
    return tuple(sorted(files, key=_begins_with_contacts))


def _begins_with_contacts(path: Path) -> bool:
    if str(path) == "-":
        return True
    with path.open("rb") as file:
        try:
            return Addresses().of(file.readline()).topic == CONTACT_EVENTS
        except Unreadable:
            return True


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with ExitStack() as stack:
        file: BinaryIO = (
            sys.stdin.buffer if str(path) == "-" else stack.enter_context(path.open("rb"))
        )
        yield from enumerate(file, start=1)


def _size(path: Path) -> int | None:
    return None if str(path) == "-" else path.stat().st_size


def _progress() -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        console=console,
        disable=not console.is_terminal,
    )


async def _dump(settings: Settings) -> None:
    count = 0
    async for line in rejected_lines(settings):
        click.echo(line)
        count += 1
    click.echo(f"{count:,} records", err=True)

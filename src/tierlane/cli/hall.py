"""`tierlane demo --desk`: a managed desk at work, live in the terminal or told in lines."""

import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

import click
import orjson
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from tierlane.cli.screen import Screen
from tierlane.sample.crew import Crew
from tierlane.sample.hall import TEMPER, VANISHES, arrivals, members, write_hall
from tierlane.stream.board import Board, News, Seen
from tierlane.stream.hall import HallRehearsal

CONTACTS: Final = 44
SHOWN: Final = 7
"""The latest news that are shown beside the lanes."""
BAR: Final = 14
"""Contacts that a bar shows at most."""
WIDE: Final = 100
"""Columns from which on bars are drawn: in fewer they would take what the names of lanes need."""
A_SECOND: Final = 8
"""Pictures a second."""
WORDS: Final = {
    "offered": "is offered to {advisor}",
    "confirmed": "is {advisor}'s",
    "declined": "is declined by {advisor}",
    "expired": "is not answered by {advisor}",
    "escalated": "waited too long in {lane}, and goes on before its promise is broken",
    "back": "comes back from {advisor}, with its age: {why}",
    "finished": "is finished by {advisor}",
    "left": "has left",
    "closed": "is closed",
    "lapsed": "lapsed",
}


async def demo(contacts: int, seed: int, out: Path, broker: str | None, shape: str) -> int:
    """Run the hall and report; return the exit code."""
    screen = Screen()
    counts = write_hall(out, contacts, seed, _now())
    screen.step("sample", f"{contacts:,} contacts and {len(members())} advisors, in {out}")
    crew = Crew(members(), TEMPER, seed)
    vanishing = Vanishing(crew)
    async with HallRehearsal(out, broker, counts, screen.step) as run:
        await run.prepare()
        with _watching(crew, shape) as look:
            await run.play_hall(arrivals(contacts, seed), crew, vanishing, look)
    report = _as_json if shape == "json" else _report
    return report(screen, run, crew, contacts)


class Vanishing:
    """Lets the advisor who serves most fall silent, once, while serving."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew

    def __call__(self, since: int, board: Board) -> None:
        """Let it happen if it is time; `since` is ms after the beginning."""
        if self._crew.vanished or since < VANISHES:
            return
        serving = sorted((-len(has), who) for who, has in board.serving().items())
        if serving:
            self._crew.vanish(serving[0][1], _now())


# ---------------------------------------------------------------------- while it runs


def _watching(crew: Crew, shape: str) -> Any:
    """Return what shows the board: a picture in a terminal, else lines; nothing beside JSON."""
    console = Console(stderr=True, highlight=False)
    if shape == "json":
        return nullcontext(lambda board: None)  # noqa: ARG005
    if not console.is_terminal:
        return nullcontext(Lines(console))
    return _Picture(console, crew)


class _Picture:
    """A picture of the board that is drawn anew again and again."""

    def __init__(self, console: Console, crew: Crew) -> None:
        self._live = Live(console=console, refresh_per_second=A_SECOND, transient=True)
        self._console, self._crew = console, crew

    def __enter__(self) -> Callable[[Board], None]:
        self._live.start()
        return lambda board: self._live.update(
            picture(board, self._crew, _now(), bars=self._console.width >= WIDE)
        )

    def __exit__(self, *error: object) -> None:
        self._live.stop()


class Lines:
    """Tells news line by line, for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told = 0
        self._began = 0

    def __call__(self, board: Board) -> None:
        """Tell what is new."""
        for one in board.news[self._told :]:
            self._began = self._began or one.at
            seconds = (one.at - self._began) / 1000
            self._console.print(f"{seconds:5.1f} s  {said(one)}", soft_wrap=True, markup=False)
        self._told = len(board.news)


def picture(board: Board, crew: Crew, now: int, *, bars: bool = True) -> Group:
    """Draw lanes, advisors and the latest news; `now` in ms."""
    advisors = Table(title="Advisors", title_justify="left")
    for name in ("advisor", "serves", "done"):
        advisors.add_column(name)
    serving = board.serving()
    for who, desktop in crew.desktops.items():
        has = ", ".join(serving.get(who, ())) or ("·" if desktop.there else "")
        there = has if desktop.there or has else "not here"
        gone = who in crew.vanished
        style = "red" if gone else ("" if desktop.there else "dim")
        advisors.add_row(who, "vanished" if gone else there, str(board.served[who]), style=style)
    news = [Text(said(one)) for one in board.news[-SHOWN:]]
    return Group(_beside(_lanes(board, now, bars=bars), advisors), *news)


def _lanes(board: Board, now: int, *, bars: bool) -> Table:
    lanes = Table(title="Lanes", title_justify="left")
    for name in ("lane", "waiting", *[""] * bars, "offered", "longest"):
        lanes.add_column(name, justify="left" if name in ("lane", "") else "right")
    for row in board.lanes(now):
        oldest = "·" if row.oldest is None else f"{row.oldest / 1000:.0f} s"
        bar = ["█" * min(row.waiting, BAR) + " " * (BAR - row.waiting)] * bars
        lanes.add_row(row.lane, str(row.waiting), *bar, str(row.offered), oldest)
    return lanes


def _beside(left: Table, right: Table) -> Table:
    grid = Table.grid(padding=(0, 3))
    grid.add_row(left, right)
    return grid


def said(one: News) -> str:
    """Return a piece of news as a sentence."""
    kind, _, why = one.kind.partition(": ")
    text = WORDS.get(kind, kind).format(advisor=one.advisor_id, lane=one.lane, why=why)
    return f"{one.contact_id} {text}"


# ---------------------------------------------------------------------- the report


def _report(screen: Screen, run: HallRehearsal, crew: Crew, contacts: int) -> int:
    board = run.board
    table = Table(title="Contacts by lane", title_justify="left")
    for name in ("lane", "kind", "answered there"):
        table.add_column(name, justify="right" if name == "answered there" else "left")
    for row in board.lanes(_now()):
        table.add_row(row.lane, row.kind, str(row.served))
    screen.table(table)
    made, kept = board.promises()
    over = ", ".join(f"{count} {how}" for how, count in sorted(board.over.items()))
    screen.line(f"{len(board.contacts):,} contacts in {run.seconds:.0f} s: {over}")
    screen.line(
        f"{kept} of {made} promises of an answer kept, {len(board.saved())} of them because the "
        "contact was moved on in time"
    )
    for who in crew.vanished:
        screen.line(f"{who} vanished while serving; {_came_back(board)}")
    for one in _telling(board):
        screen.line("")
        screen.line(f"The course of {one.id}:")
        for line in _course(one):
            screen.line(f"  {line}")
    screen.line("")
    faults = board.faults(contacts)
    for fault in faults:
        screen.step("fault", fault)
    if not faults:
        screen.line("every contact is accounted for: each was decided once and ended once")
    return 1 if faults else 0


def _came_back(board: Board) -> str:
    back = [one.id for one in board.contacts.values() if one.came_back]
    return f"came back, and went on with the age they had: {', '.join(back) or 'nobody'}"


def _telling(board: Board) -> list[Seen]:
    """Return a contact that came back, and one that was moved on before its promise was broken."""
    back = [one for one in board.contacts.values() if one.came_back]
    saved = [board.contacts[name] for name in board.saved()]
    return [*back[:1], *[one for one in saved if one not in back][:1]]


def _course(one: Seen) -> list[str]:
    began = one.steps[0].at if one.steps else 0
    return [
        f"{(step.at - began) / 1000:5.1f} s  {step.kind}"
        + (f" {step.lane}" if step.lane else "")
        + (f" {step.advisor_id}" if step.advisor_id else "")
        for step in one.steps
    ]


def _as_json(screen: Screen, run: HallRehearsal, crew: Crew, contacts: int) -> int:
    board = run.board
    faults = board.faults(contacts)
    made, kept = board.promises()
    found: Mapping[str, Any] = {
        "contacts": contacts,
        "seconds": round(run.seconds, 3),
        "over": dict(board.over),
        "promises": {"made": made, "kept": kept},
        "escalated": board.kinds["escalated"],
        "saved": board.saved(),
        "vanished": crew.vanished,
        "came_back": [one.id for one in board.contacts.values() if one.came_back],
        "served": dict(board.served),
        "lanes": [row._asdict() for row in board.lanes(_now())],
        "audit": dict(board.kinds),
        "faults": faults,
    }
    click.echo(orjson.dumps(found))
    for fault in faults:
        screen.step("fault", fault)
    return 1 if faults else 0


def _now() -> int:
    return time.time_ns() // 1_000_000

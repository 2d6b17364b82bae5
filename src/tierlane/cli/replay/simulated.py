"""What `tierlane replay simulate` prints: a table by tier, scenario and lane, and a search."""

from collections.abc import Callable, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from tierlane.replay.simulation.estimate import Estimate
from tierlane.replay.simulation.figure import SIDES
from tierlane.replay.simulation.measure import SHARES
from tierlane.replay.simulation.search import Found
from tierlane.replay.simulation.study import Line, Study

_CONTACTS: Final = (
    ("contacts", "contacts"), ("in time", "service_level"), ("gave up", "abandonment"),
    ("mean wait", "mean_wait"), ("90 %", "wait_90"), ("worst", "worst_wait"),
    ("promise kept", "promise_kept"),
)  # fmt: skip
_WORK: Final = (("occupancy", "occupancy"), ("contacts", "contacts_served"), ("hours", "hours"))
WIDE: Final = 160
_OF_CONTACTS: Final = ("all", "tier", "scenario", "lane", "channel")
_OF_WORK: Final = ("all work", "desk", "group")


def print_study(study: Study) -> None:
    """Print the measures with half the width of their 95 % intervals; advisors are left out."""
    console = _console()
    samples = len(study.done) * study.batches
    title = f"{len(study.done)} replications, seed {study.seed}; ± is a 95 % interval"
    if samples < 2:
        title = "one replication: no intervals"
    _table(console, study, title, _OF_CONTACTS, _CONTACTS)
    _table(console, study, "Advisors", _OF_WORK, _WORK)
    if study.differences:
        console.print(_told(study), soft_wrap=True)


def _console() -> Console:
    console = Console(highlight=False)
    # What is read by another program, or from a file, is never broken to 80 columns.
    return console if console.is_terminal else Console(highlight=False, width=WIDE)


def _table(
    console: Console,
    study: Study,
    title: str,
    kinds: Sequence[str],
    columns: Sequence[tuple[str, str]],
) -> None:
    table = Table(title=title, title_justify="left")
    table.add_column("")
    several = len(study.sides) > 1
    if several:
        table.add_column("")
    for head, _ in columns:
        table.add_column(head, justify="right")
    sides = list(zip(SIDES, (one.lines for one in study.sides), strict=False))
    if several:
        sides.append(("B-A", study.differences))
    keys = dict.fromkeys((one.by, one.value) for _, lines in sides for one in lines)
    for by, value in sorted((key for key in keys if key[0] in kinds), key=_place(kinds)):
        for place, (name, lines) in enumerate(sides):
            line = next((one for one in lines if (one.by, one.value) == (by, value)), None)
            if line is None:
                continue
            first = f"{by} {value}".strip() if not place else ""
            cells = [_cell(line, measure, signed=name == "B-A") for _, measure in columns]
            table.add_row(first, *([name] if several else []), *cells)
        if several:
            table.add_section()
    console.print(table)


def _place(kinds: Sequence[str]) -> Callable[[tuple[str, str]], tuple[int, str]]:
    return lambda key: (kinds.index(key[0]), key[1])


def _cell(line: Line, measure: str, *, signed: bool) -> str:
    found: Estimate = dict(line.measures).get(measure, Estimate(None, None, 0))
    if found.value is None:
        return "·"
    share = measure in SHARES
    shown = _number(found.value, share=share, signed=signed)
    return shown if found.half is None else f"{shown} ±{_number(found.half, share=share)}"


def _number(value: float, *, share: bool, signed: bool = False) -> str:
    scaled = value * 100 if share else value
    places = 1 if share or abs(scaled) < 100 else 0
    scaled = round(scaled, places) + 0.0  # not -0.0
    text = f"{scaled:+,.{places}f}" if signed else f"{scaled:,.{places}f}"
    return f"{text} %" if share else text


def _told(study: Study) -> str:
    """Return in a sentence what B changes, as far as the intervals show it."""
    sure = [
        f"{one.by} {one.value}".strip()
        for one in study.differences
        for name, found in one.measures
        if name == "mean_wait" and found.half is not None and not found.holds(0)
    ]
    if not any(found.value for one in study.differences for _, found in one.measures):
        return "B changes nothing: every figure is the same, contact by contact."
    if not sure:
        return "No mean wait differs by more than the interval of the difference."
    return f"The mean wait differs, beyond chance, for: {', '.join(sure)}."


def print_search(found: Found) -> None:
    """Print the numbers tried and the one found."""
    console = _console()
    table = Table(title=f"{found.goal.text}: advisors of {found.group}", title_justify="left")
    for head in ("advisors", found.goal.measure.replace("_", " "), "met", "surely"):
        table.add_column(head, justify="right")
    share = found.goal.measure in SHARES
    for one in found.tried:
        cell = "·" if one.found.value is None else _number(one.found.value, share=share)
        if one.found.half is not None:
            cell += f" ±{_number(one.found.half, share=share)}"
        table.add_row(
            str(one.advisors), cell, "yes" if one.met else "no", "yes" if one.sure else "no"
        )
    console.print(table)
    sure = "" if found.answer.sure else ", though not surely: more replications would tell"
    console.print(
        f"{found.advisors} advisors meet it{sure}. Erlang A says {found.begun_at}.", soft_wrap=True
    )

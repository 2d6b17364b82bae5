"""What `tierlane replay diff` prints of waiting lines: who waits longer, and who gave up."""

from typing import Final

import click

from tierlane.replay.diff.fate import Fates, Segment, told
from tierlane.replay.simulation.estimate import Estimate

WIDE: Final = 28
SHOWN: Final = ("all", "tier", "scenario", "lane")

_HEAD: Final = ("contacts", "wait A", "wait B", "B-A, s", "longer", "shorter", "left A", "left B")


def print_fates(found: Fates) -> None:
    """Print a table by tier, scenario and lane of A, and what is sure in a sentence."""
    click.echo(
        f"\nwaiting lines: {found.done} replications, seed {found.seed}; waits in seconds, ± and"
        " `sure` are 95 %"
    )
    click.echo(f"{'':<{WIDE}}" + "".join(f"{one:>{_width(one)}}" for one in _HEAD))
    for one in found.segments:
        if one.by in SHOWN:
            click.echo(_row(one))
    click.echo("")
    for text in sentences(found):
        click.echo(text)


def sentences(found: Fates) -> list[str]:
    """Return in words what the intervals show."""
    whole = found.segments[0]
    said = []
    if not any(whole.of(one).value for one in ("later", "longer", "shorter", "won", "lost")):
        return ["nobody waits longer or shorter: contact by contact all waits are the same"]
    for one in found.segments:
        later = one.of("later")
        if one.by in ("all", "tier") and told(later) and later.value:
            who = "contacts" if one.by == "all" else f"contacts of tier {one.value}"
            how = "longer" if later.value > 0 else "less"
            said.append(f"{who} surely wait {how}: {_spread(later, signed=False)} s on average")
    if not said:
        said.append("no tier's wait differs by more than chance explains")
    if whole.of("won").value or whole.of("lost").value:
        won, lost = (_percent(whole.of(one)) for one in ("won", "lost"))
        said.append(f"{won} give up by A and are answered by B, {lost} the other way about")
    sure = [one.later.value or 0 for one in found.contacts if one.sure]
    longer, shorter = sum(one > 0 for one in sure), sum(one < 0 for one in sure)
    said.append(
        f"of {len(found.contacts):,} contacts {longer:,} surely wait longer and {shorter:,} "
        "less; up to one in twenty of those alike may be called so by chance"
    )
    return said


def _row(one: Segment) -> str:
    later = one.of("later")
    cells = [
        f"{one.of('contacts').value or 0:,.0f}",
        _seconds(one.of("wait_a")),
        _seconds(one.of("wait_b")),
        _spread(later, signed=True) + ("" if not told(later) else " sure"),
        *(_percent(one.of(name)) for name in ("longer", "shorter", "gave_up_a", "gave_up_b")),
    ]
    name = f"{one.by} {one.value}".strip()
    return f"{name:<{WIDE}}" + "".join(
        f"{cell:>{_width(head)}}" for head, cell in zip(_HEAD, cells, strict=True)
    )


def _width(head: str) -> int:
    return 22 if head.startswith("B-A") else 10


def _seconds(one: Estimate) -> str:
    return "·" if one.value is None else f"{one.value:,.1f}"


def _spread(one: Estimate, *, signed: bool) -> str:
    if one.value is None:
        return "·"
    text = f"{one.value:+,.1f}" if signed else f"{abs(one.value):,.1f}"
    return text if one.half is None else f"{text} ±{one.half:,.1f}"


def _percent(one: Estimate) -> str:
    return "·" if one.value is None else f"{one.value:.1%}"

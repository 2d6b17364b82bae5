"""`tierlane replay fit`: patience, service and arrivals, from what was recorded."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import orjson

from tierlane.cli import INTERRUPTED
from tierlane.cli.policy.file import FORMAT
from tierlane.cli.replay.source import BROKERS, KINDS, open_sources, options, source_argument
from tierlane.errors import UsageError
from tierlane.replay.extra import extra

if TYPE_CHECKING:
    from tierlane.replay.fitting.figure import Model
    from tierlane.replay.fitting.fit import Fitted

EXAMPLES: Final = (
    """\b
Examples:
  tierlane replay fit january/ --by subject
  tierlane replay fit january/ --by tier --policy policy.yaml --out fitted
  tierlane replay simulate --policy policy.yaml --staffing staff.yaml --fit fitted/fit.json january/

"""
    + KINDS
)


@click.command(epilog=EXAMPLES)
@source_argument
@click.option(
    "--by", multiple=True, metavar="FIELD",
    help="channel, subject; with --policy also tier, scenario, lane. Several by several.",
)  # fmt: skip
@click.option(
    "--policy", type=click.Path(path_type=Path, dir_okay=False),
    help="Decides each contact, so that times can be told apart by tier, scenario or lane.",
)  # fmt: skip
@click.option("--time-zone", default="UTC", show_default=True, help="Of weekdays and hours.")
@click.option(
    "--interval", type=click.Choice(["15", "30", "60"]), default="30", show_default=True,
    help="Minutes for which a rate of arrival holds.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False),
    help="A folder for fit.json and workload.yaml.",
)  # fmt: skip
@options(*BROKERS)
@FORMAT
def command(
    sources: tuple[str, ...],
    *,
    by: tuple[str, ...],
    policy: Path | None,
    time_zone: str,
    interval: str,
    out: Path | None,
    shape: str,
    **kafka: Any,
) -> int:
    """Fit how long customers wait before they give up, how long serving takes, and who comes when.

    Who was answered would have waited longer: that is censored, not taken for patience. Each row
    of contacts gets the best of exponential, log-normal and gamma, if it keeps close to what was
    observed, else the observed curve of Kaplan and Meier itself. Ctrl-C ends the reading, and
    fits what was read by then.
    """
    extra("scipy.stats", "fitting needs")
    from tierlane.cli.replay.progress import counted
    from tierlane.replay.fitting.figure import as_json
    from tierlane.replay.fitting.record import about, fit
    from tierlane.replay.heeding import Heeding
    from tierlane.replay.simulation.recorded import gathered

    revision, zone = _revision(policy, by), _zone(time_zone)
    with counted("records read", None) as told:
        heeding = Heeding(told)
        comings = gathered(heeding.source(open_sources(sources, **kafka)))
    if not heeding.complete and not comings:
        return INTERRUPTED
    model = replace(
        fit(about(comings, revision), by, zone, int(interval)), complete=heeding.complete
    )
    if out is not None:
        _write(model, out)
    if shape == "json":
        click.echo(orjson.dumps(as_json(model), option=orjson.OPT_INDENT_2))
    else:
        _print(model)
    if not heeding.complete:
        click.echo(f"stopped: {len(comings):,} contacts were read by then, and count", err=True)
        return INTERRUPTED
    return 0


def _revision(policy: Path | None, by: Sequence[str]) -> Any:
    """Return the revision that is wanted; raises UsageError for a field that nobody can tell."""
    from tierlane.replay.fitting.record import PLAIN
    from tierlane.replay.simulation.behaviour import FIELDS

    known = FIELDS[:5]
    for name in by:
        if name not in known:
            fields = ", ".join(f"`{one}`" for one in known)
            raise UsageError(f"`--by {name}` is no field of a contact", hint=f"one of {fields}")
        if name not in PLAIN and policy is None:
            raise UsageError(f"`--by {name}` needs a `--policy` that decides it")
    if policy is None:
        return None
    from tierlane.policy.compiling.compile import compile_policy
    from tierlane.stream.policy_file import find_file, read_policy_file

    return compile_policy(read_policy_file(policy), str(policy), find_file)


def _zone(name: str) -> str:
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name).key
    except (KeyError, OSError, ValueError):  # not found is a KeyError
        raise UsageError(f"`{name}` is no time zone", hint="such as `Asia/Shanghai`") from None


def _write(model: "Model", out: Path) -> None:
    import yaml

    from tierlane.replay.fitting.arrival import workload
    from tierlane.replay.fitting.figure import as_json

    out.mkdir(parents=True, exist_ok=True)
    path = out / "fit.json"
    path.write_bytes(orjson.dumps(as_json(model), option=orjson.OPT_INDENT_2) + b"\n")
    click.echo(f"wrote {path}", err=True)
    path = out / "workload.yaml"
    text = yaml.safe_dump(workload(model.rhythm, "fitted"), sort_keys=False, allow_unicode=True)
    path.write_text(text, encoding="utf-8")
    click.echo(f"wrote {path}", err=True)


def _print(model: "Model") -> None:
    from rich.console import Console

    from tierlane.cli.replay.simulated import WIDE

    console = Console(highlight=False)
    if not console.is_terminal:  # what a program or a file reads is never broken to 80 columns
        console = Console(highlight=False, width=WIDE)
    console.print(_table("Patience: until they give up", model.patience))
    console.print(_hazards(model))
    console.print(_table("Service: from answer to end", model.service))
    console.print(_arrivals(model))


def _table(title: str, many: "Sequence[Fitted]") -> Any:
    from rich.table import Table

    from tierlane.replay.fitting.figure import told
    from tierlane.replay.fitting.fit import CLOSE

    table = Table(title=title, title_justify="left")
    for head in ("of", "ended", "censored", "family", "", "AIC", "off by", "used"):
        number = head in ("ended", "censored", "AIC", "off by")
        table.add_column(head, justify="right" if number else "left")
    for one in many:
        about = [told(one.key), f"{one.ended:,}", f"{one.censored:,}"]
        if not one.families:
            few = "too few; as all" if one.key else "too few"
            table.add_row(*about, few, "", "", "", "" if one.key else "curve")
        for place, fit in enumerate(one.families):
            used = "" if place else "yes" if fit.distance <= CLOSE else "curve"
            least = one.families[0].aic
            table.add_row(
                *(about if not place else ["", "", ""]), fit.family, _said(fit.distribution),
                "best" if not place else f"+{fit.aic - least:,.1f}", f"{fit.distance:.1%}", used,
            )  # fmt: skip
        table.add_section()
    return table


def _said(one: Any) -> str:
    """Return a distribution in a few words, times in seconds."""
    ((kind, about),) = one.form().items()
    if kind == "exponential":
        return f"mean {about / 1000:,.1f} s"
    return ", ".join(
        f"{name} {value / 1000:,.1f} s" if name in ("mean", "median") else f"{name} {value:.2f}"
        for name, value in about.items()
    )


def _hazards(model: "Model") -> Any:
    from rich.table import Table

    table = Table(title="Hazard: of those still waiting, who give up in a minute",
                  title_justify="left")  # fmt: skip
    for head in ("seconds", "gave up", "share a minute"):
        table.add_column(head, justify="right")
    for one in model.hazards:
        end = f"{one.end / 1000:,.0f}" if one.end < float("inf") else "…"
        rate = "·" if one.rate is None else f"{one.rate:.3f}"
        table.add_row(f"{one.begin / 1000:,.0f}-{end}", f"{one.ended:,}", rate)
    return table


def _arrivals(model: "Model") -> Any:
    from rich.table import Table

    from tierlane.replay.fitting.figure import told

    found = model.rhythm
    shape = "" if found.busyness is None else f"; whole days: gamma of shape {found.busyness:,.1f}"
    table = Table(title=f"Arrivals by {found.interval} minutes{shape}", title_justify="left")
    for head in ("of", "contacts", "busiest hour", "dispersion", "by chance"):
        table.add_column(head, justify="left" if head == "of" else "right")
    for kind in found.kinds:
        table.add_row(
            told(kind.key), f"{sum(one.contacts for one in kind.slots):,}",
            f"{max(one.hourly for one in kind.slots):,.1f}/h",
            "·" if kind.dispersion is None else f"{kind.dispersion:.2f}",
            "·" if kind.doubt is None else f"{kind.doubt:.3f}",
        )  # fmt: skip
    return table

"""`tierlane replay simulate`: waits, abandonment and service level under a policy and a staff."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tierlane.cli import INTERRUPTED
from tierlane.cli.replay.source import BROKERS, KINDS, options, source_argument
from tierlane.errors import UsageError
from tierlane.replay.extra import extra

if TYPE_CHECKING:
    from tierlane.replay.simulation.scene import Scene

EXAMPLES: Final = f"""\b
Examples:
  tierlane replay simulate --policy policy.yaml --staffing staff.yaml try
  tierlane replay simulate --policy A.yaml --against B.yaml --staffing staff.yaml try
  tierlane replay simulate --policy policy.yaml --staffing staff.yaml workload.yaml \\
      --find advisors --group general --goal 'service level 80/20'

{KINDS}
\b
One SOURCE that ends in .yaml is a workload: contacts made up at rates by the hour.
Exit codes: 0 fine; 1 the number found meets the goal, but not surely; 2 wrong use or unreadable
input; 130 after Ctrl-C, with the results of what was played by then.
"""

UNSURE: Final = 1
"""Exit code when the interval of the number found reaches over the goal."""


@click.command(epilog=EXAMPLES)
@click.option(
    "--policy", required=True, type=click.Path(path_type=Path), help="The policy's YAML file: A."
)
@click.option(
    "--against", type=click.Path(path_type=Path), help="Another policy, compared with it: B."
)
@click.option(
    "--staffing", required=True, type=click.Path(path_type=Path), help="The staffing's YAML file."
)
@click.option(
    "--staffing-against",
    type=click.Path(path_type=Path),
    help="Another staffing for B; without --against the policy is the same.",
)
@click.option(
    "--fit", type=click.Path(path_type=Path),
    help="Patience and service as `tierlane replay fit` found them, instead of the staffing's.",
)  # fmt: skip
@click.option("--replications", type=click.IntRange(1), default=20, show_default=True)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="The same seed gives the same bytes."
)
@click.option("--cores", type=click.IntRange(1), help="Processes; default: all that there are.")
@click.option("--resample", is_flag=True, help="Draw recorded days by lot, of the same weekday.")
@click.option("--within", metavar="TIME", help="Answered in time is within this, such as 20s.")
@click.option("--warm-up", metavar="TIME", help="Time at the beginning that does not count.")
@click.option(
    "--batches",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Parts of a long period that count as samples of their own.",
)
@click.option(
    "--interval", type=click.Choice(["15m", "30m"]), default="30m", show_default=True,
    help="Of the rows for workforce planning.",
)  # fmt: skip
@click.option("--find", type=click.Choice(["advisors"]), help="Search for the least number.")
@click.option("--goal", "wanted", help="What it is to reach: 'service level 80/20'.")
@click.option("--group", help="The group whose number is searched for.")
@click.option(
    "--exact", is_flag=True,
    help="Have the real desks play where plain lines give the same; it takes many times as long.",
)  # fmt: skip
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder for JSON, CSV and Parquet.",
)
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
)
@options(*BROKERS)
@source_argument
def command(
    *,
    policy: Path,
    against: Path | None,
    staffing: Path,
    staffing_against: Path | None,
    fit: Path | None,
    replications: int,
    seed: int,
    cores: int | None,
    resample: bool,
    within: str | None,
    warm_up: str | None,
    batches: int,
    interval: str,
    find: str | None,
    wanted: str | None,
    group: str | None,
    exact: bool,
    out: Path | None,
    form: str,
    sources: tuple[str, ...],
    **kafka: Any,
) -> int:
    """Simulate waiting, patience and service under a policy and a staff."""
    extra("scipy.special", "simulating needs")
    from tierlane.cli.replay.scene import behaving, other, scene_of, time_of
    from tierlane.replay.simulation.measure import Counting

    counting = Counting(
        within=time_of(within, "--within"),
        warm_up=time_of(warm_up, "--warm-up") or 0,
        batches=batches,
        interval=time_of(interval, "--interval") or 0,
    )
    a = scene_of(policy, staffing, sources, counting, resample=resample, **kafka)
    playing = _Playing(seed, replications, cores or _cores(), form, exact)
    if fit is not None:
        a = behaving(a, fit)
    if find is not None:
        if against or staffing_against or out:
            raise UsageError("`--find` tries one policy and one staffing, and writes no folder")
        return playing.find(a, group, wanted)
    if wanted or group:
        raise UsageError("`--goal` and `--group` belong to `--find advisors`")
    scenes = [a]
    if against or staffing_against:
        b = other(a, against, staffing_against)
        scenes.append(b if fit is None else behaving(b, fit))
    return playing.study(scenes, out)


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class _Playing:
    """How it is played, and what becomes of the results."""

    seed: int
    replications: int
    cores: int
    form: str
    exact: bool = False

    def study(self, scenes: "list[Scene]", out: Path | None) -> int:
        """Play, write, print; return the exit code."""
        from tierlane.cli.replay.progress import counted
        from tierlane.replay.simulation.figure import as_json
        from tierlane.replay.simulation.study import study
        from tierlane.replay.simulation.writing import write_figures

        with counted("simulating", self.replications) as told:
            found = study(scenes, self.seed, self.replications, self.cores, told, exact=self.exact)
        self._say_how([side.why_real for side in found.sides])
        if out is not None:
            for path in write_figures(found, out):
                click.echo(f"wrote {path}", err=True)
        if self.form == "json":
            _print_json(as_json(found))
        else:
            from tierlane.cli.replay.simulated import print_study

            print_study(found)
        if found.complete:
            return 0
        text = f"stopped: {len(found.done)} of {found.asked} replications were played, and count"
        click.echo(f"{text}; the intervals are the wider for it", err=True)
        return INTERRUPTED

    def _say_how(self, why_real: list[str]) -> None:
        """Say by which way it was played; what comes of it is the same."""
        if self.exact:
            click.echo("played by the real desks, as asked", err=True)
            return
        for why in dict.fromkeys(why_real):
            told = f"by the real desks, which takes longer: {why}" if why else "as plain lines"
            click.echo(f"played {told}", err=True)

    def find(self, scene: "Scene", group: str | None, wanted: str | None) -> int:
        """Search, print; return the exit code."""
        from tierlane.cli.replay.progress import counted
        from tierlane.replay.simulation.figure import search_json
        from tierlane.replay.simulation.goal import HINT, goal
        from tierlane.replay.simulation.search import Search

        if wanted is None:
            raise UsageError("`--find advisors` needs a `--goal`", hint=HINT)
        aim, group = goal(wanted), group or _only_group(scene)
        with counted("trying", None) as told:
            search = Search(
                scene, group, aim, seed=self.seed, replications=self.replications,
                cores=self.cores, told=told, exact=self.exact,
            )  # fmt: skip
            found = search.run()
        self._say_how([found.why_real])
        if self.form == "json":
            _print_json(search_json(found))
        else:
            from tierlane.cli.replay.simulated import print_search

            print_search(found)
        if not found.complete:
            click.echo(f"stopped: fewer than {found.advisors} may do, too", err=True)
            return INTERRUPTED
        return 0 if found.answer.sure or self.replications == 1 else UNSURE


def _only_group(scene: "Scene") -> str:
    groups = [one.name for one in scene.staffing.groups]
    if len(groups) > 1:
        known = ", ".join(f"`{one}`" for one in groups)
        raise UsageError("`--find advisors` needs a `--group`", hint=f"there is {known}")
    return groups[0]


def _print_json(data: dict[str, Any]) -> None:
    import orjson

    click.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2))

"""The scene that a command simulates: a policy, a staffing, and where the contacts come from."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click
import orjson

from tierlane.cli.replay.source import open_sources
from tierlane.errors import UsageError
from tierlane.policy.reading.shape import duration_ms
from tierlane.replay.fitting.figure import behaviour
from tierlane.replay.simulation.behaviour import Behaviour
from tierlane.replay.simulation.coming import Demand
from tierlane.replay.simulation.measure import Counting
from tierlane.replay.simulation.recorded import Recorded, gathered
from tierlane.replay.simulation.scene import Scene, Text
from tierlane.replay.simulation.staffing_file import read_staffing
from tierlane.replay.simulation.workload_file import read_workload
from tierlane.stream.policy_file import find_file, read_policy_file

WORKLOADS: Final = (".yaml", ".yml")


def time_of(text: str | None, option: str) -> int | None:
    """Return the ms of an option's time; raises UsageError."""
    if text is None:
        return None
    found = duration_ms(text)
    if not found:
        raise UsageError(f"`{option} {text}` is no time", hint="such as `20s` or `1h`")
    return found


def scene_of(
    policy: Path,
    staffing: Path,
    sources: Sequence[str],
    counting: Counting,
    *,
    resample: bool,
    **kafka: Any,
) -> Scene:
    """Read all that is named, `kafka` as `open_sources`.

    Raises PolicyError, UsageError or SourceError.
    """
    staff = read_staffing(read_policy_file(staffing), str(staffing))
    demand = _demand(sources, staff.zone, kafka, resample=resample)
    scene = Scene(_text(policy), staff, demand, counting)
    _try(scene)
    return scene


def other(first: Scene, policy: Path | None, staffing: Path | None) -> Scene:
    """Return the scene with another policy, or another staffing, or both."""
    scene = first
    if policy is not None:
        scene = replace(scene, policy=_text(policy))
    if staffing is not None:
        scene = replace(scene, staffing=read_staffing(read_policy_file(staffing), str(staffing)))
    _try(scene, _unmanaged(first))
    return scene


def behaving(scene: Scene, fit: Path) -> Scene:
    """Return the scene with the patience and the service of a fit; raises UsageError."""
    staffing = scene.staffing
    return replace(scene, staffing=replace(staffing, behaviour=fitted_by(fit, staffing.behaviour)))


def fitted_by(fit: Path, plain: Behaviour) -> Behaviour:
    """Return the behaviour that the file of a fit tells, `plain` beyond it; raises UsageError."""
    try:
        data = orjson.loads(fit.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise UsageError(f"`{fit}` cannot be read: {error}") from None
    return behaviour(data if isinstance(data, dict) else {}, plain)


def _text(policy: Path) -> Text:
    return Text(read_policy_file(policy), str(policy), find_file)


def _try(scene: Scene, said: Sequence[str] = ()) -> None:
    """Raise what is wrong with policy and staffing together, before anything is played.

    A note names desks whose line another system keeps, but for those that were `said` already.
    """
    revision = scene.policy.compiled()
    scene.staffing.roster(revision, scene.demand.begin, scene.demand.begin + 1)
    unmanaged = [f"`{one}`" for one in _unmanaged(scene) if one not in said]
    if unmanaged:
        text = f"note: of {', '.join(unmanaged)} another system keeps the line;"
        click.echo(f"{text} simulated by the order that the policy states", err=True)


def _unmanaged(scene: Scene) -> tuple[str, ...]:
    return tuple(one.desk for one in scene.policy.compiled().lines if not one.managed)


def _demand(
    sources: Sequence[str], zone: str, kafka: Mapping[str, Any], *, resample: bool
) -> Demand:
    if any(one.endswith(WORKLOADS) for one in sources):
        if len(sources) > 1 or resample:
            raise UsageError("a workload stands alone", hint="name one file, without --resample")
        return read_workload(read_policy_file(Path(sources[0])), sources[0])
    from tierlane.cli.replay.progress import counted

    with counted("records read", None) as told:
        return Recorded(gathered(open_sources(sources, **kafka), told), zone, resample)

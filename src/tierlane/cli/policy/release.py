"""What the commands that publish have in common: their options, and how they tell what came."""

import logging
from collections.abc import Callable
from functools import reduce, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from tierlane.cli.policy.file import FOUND
from tierlane.errors import UsageError
from tierlane.policy.form.finding import Finding
from tierlane.stream.settings import Settings, load

if TYPE_CHECKING:
    from tierlane.stream.release import Order, Released

NAME = click.option("--name", default="", help="The policy, where several are published.")
WHERE = (
    click.option(
        "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
    ),
    click.option("--brokers", metavar="HOST:PORT,...", help="Where the brokers are."),
    click.option("--prefix", help="Stands before every topic."),
    click.option(
        "--config", type=click.Path(dir_okay=False, path_type=Path), help="A TOML file of settings."
    ),
)
HOW = (
    click.option(
        "--in-flight",
        type=click.Choice(["pin", "reroute"]),
        default="pin",
        show_default=True,
        help="Whether contacts that wait keep their place, or are decided again.",
    ),
    click.option("--allow", metavar="CODE", multiple=True, help="Let errors of this code pass."),
    click.option("--reason", metavar="TEXT", help="Why; it is kept and audited."),
    click.option("--by", metavar="WHO", help="Who; it is kept, and nobody is named without it."),
)


def options(
    *rows: tuple[Callable[[Any], Any], ...],
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that adds rows of options, in their order."""
    every = [one for row in rows for one in row]
    return lambda function: reduce(lambda made, one: one(made), reversed(every), function)


def releasing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a release, and hand them over as `order`, `settings` and `form`."""

    @options(HOW, WHERE)
    @wraps(function)
    def command(
        *,
        in_flight: Any,
        allow: tuple[str, ...],
        reason: str | None,
        by: str | None,
        form: str,
        brokers: str | None,
        prefix: str | None,
        config: Path | None,
        **own: Any,
    ) -> Any:
        order = order_of(in_flight, allow, reason, by)
        return function(
            order=order, settings=settings_of(brokers, prefix, config), form=form, **own
        )

    return command


def settings_of(brokers: str | None, prefix: str | None, config: Path | None) -> Settings:
    """Return the settings, as the worker has them."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # its errors come as ours
    return load({"brokers": brokers, "prefix": prefix}, config)


def order_of(in_flight: Any, allow: tuple[str, ...], reason: str | None, by: str | None) -> "Order":
    """Return what was asked for. Raises `UsageError` for an allowance without a reason."""
    from tierlane.stream.release import Order

    if allow and not (reason or "").strip():
        raise UsageError("--allow needs a reason", hint="--reason TEXT is kept and audited")
    return Order(in_flight, allow=frozenset(allow), reason=reason, by=by)


def tell(done: "Released", form: str, what: str) -> int:
    """Print what came of a release and return the exit code; `what` names it: `published`."""
    admission = done.admission
    refused = admission is not None and not admission.granted
    if form == "json":
        click.echo(orjson.dumps(_plain(done, refused=refused)))
        return FOUND if refused else 0
    if admission is not None:
        for one in (*admission.refused, *admission.warnings):
            click.echo(str(one))
        for result in admission.failed:
            click.echo(f"{result.place}: failed case: {result.case}")
    name = f"{done.name}@{done.revision}"
    if refused:
        click.secho(f"{name} is not {what}", fg="red", err=True)
        return FOUND
    if not done.changed:
        click.echo(_already(done), err=True)
    else:
        click.secho(f"{name} is {what}", fg="green", err=True)
        click.echo(name)
    return 0


def _already(done: "Released") -> str:
    if done.standing is None or not done.revision:
        return "there is no shadow; nothing was written"
    role = "live" if done.standing.live["live"] == done.revision else "the shadow"
    return f"{done.name}@{done.revision} is {role} already; nothing was written"


def told_error(findings: tuple[Finding, ...], form: str) -> int:
    """Print the errors of a policy that no worker could use, and return the exit code."""
    if form == "json":
        plain = [one.as_dict() for one in findings]
        click.echo(orjson.dumps({"changed": False, "refused": plain}))
    else:
        for one in findings:
            click.echo(str(one))
        click.secho("errors that keep a policy from being used cannot be let pass", err=True)
    return FOUND


def _plain(done: "Released", *, refused: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "policy": done.name,
        "revision": done.revision or None,
        "changed": done.changed,
    }
    if done.admission is not None:
        admission = done.admission
        found["refused"] = [one.as_dict() for one in admission.refused]
        found["warnings"] = [one.as_dict() for one in admission.warnings]
        found["failed"] = [one.case for one in admission.failed]
        found["cases"] = admission.cases
        found["allowed"] = list(admission.allowed)
    if done.standing is not None and not refused:
        live = done.standing.live
        found |= {key: live[key] for key in ("live", "shadow", "in_flight", "number", "previous")}
    return found

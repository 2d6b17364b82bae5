"""What the orders of an operator have in common: their options, the desk, sending and telling."""

import asyncio
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
import orjson

from tierlane.cli.policy.release import NAME, settings_of
from tierlane.contact.reading import Reader
from tierlane.errors import Unreadable, UsageError
from tierlane.operator import ORDERS
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.reading.shape import duration_ms, near
from tierlane.stream.order import Placed, give, live_revision
from tierlane.stream.policy_file import find_file, read_policy_file
from tierlane.stream.settings import Settings
from tierlane.value import format_time, parse_time

DESK: Final = click.option("--desk", metavar="DESK", help="Which, if several desks are managed.")
HOW: Final = (
    click.option("--reason", metavar="TEXT", required=True, help="Why; it is kept and audited."),
    click.option("--by", metavar="WHO", help="Who; it is kept, and nobody is named without it."),
    click.option(
        "--policy",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Look lanes and desks up here, not in what is published.",
    ),
    NAME,
    click.option("--dry-run", is_flag=True, help="Print the event, and send nothing."),
)

Target = Mapping[str, Any]
"""What an order names: `lane`, `contact_id`, `until`."""


@dataclass(frozen=True, slots=True)
class Giving:
    """One use of a command: what its options said."""

    reason: str
    by: str | None
    policy: Path | None
    name: str
    dry_run: bool
    form: str
    brokers: str | None
    prefix: str | None
    config: Path | None

    def to_lanes(self, kind: str, targets: Sequence[Target], done: str) -> None:
        """Give orders that name a lane each; all lanes are at one desk.

        Raises UsageError for an unknown lane, one of a desk that is not managed, or of another.
        """
        revision = self._revision()
        desks = {desk_of(str(one["lane"]), revision): one["lane"] for one in targets}
        if len(desks) > 1:
            first, second, *_ = desks
            raise UsageError(
                f"lane `{desks[first]}` is at desk `{first}`, `{desks[second]}` at `{second}`",
                hint="an order goes to one desk; give one for each",
            )
        self._give(next(iter(desks)), kind, targets, done)

    def to_desk(self, desk: str | None, kind: str, targets: Sequence[Target], done: str) -> None:
        """Give orders to a desk; None is the only one that is managed.

        Raises UsageError where there is not just one, and for one unknown or not managed.
        """
        revision = self._revision()
        managed = [one.desk for one in revision.lines if one.managed]
        if desk is None and len(managed) != 1:
            named = ", ".join(f"`{one}`" for one in managed) or "none"
            raise UsageError("name the desk with --desk", hint=f"managed desks: {named}")
        if desk is not None:
            check_managed(desk, revision)
        self._give(desk or managed[0], kind, targets, done)

    def _revision(self) -> Revision:
        if self.policy is not None:
            return compile_policy(read_policy_file(self.policy), str(self.policy), find_file)
        return asyncio.run(live_revision(self._settings(), self.name))

    def _settings(self) -> Settings:
        return settings_of(self.brokers, self.prefix, self.config)

    def _give(self, desk: str, kind: str, targets: Sequence[Target], done: str) -> None:
        if not self.reason.strip():
            raise UsageError("--reason is empty", hint="it is what others read afterwards")
        stated = {"reason": self.reason.strip(), **({"by": self.by} if self.by else {})}
        events = [event(kind, {"desk": desk, **one, **stated}) for one in targets]
        values = [orjson.dumps(one) for one in events]
        if self.dry_run:
            for value in values:
                click.echo(value)
            return
        placed = asyncio.run(give(self._settings(), desk, values))
        for one, place in zip(events, placed, strict=True):
            self._tell(one, place, done)

    def _tell(self, given: Mapping[str, Any], place: Placed, done: str) -> None:
        if self.form == "json":
            click.echo(orjson.dumps({"event": given, **place._asdict()}))
            return
        click.secho(f"ordered: {done.format(**given['data'])}", fg="green", err=True)
        click.echo(f"{place.topic} {place.partition} {place.offset}")


def desk_of(lane: str, revision: Revision) -> str:
    """Return the managed desk of a lane. Raises UsageError, with a hint."""
    found = {one.name: one.desk for one in revision.lanes}
    if lane not in found:
        raise UsageError(f"policy `{revision.name}` has no lane `{lane}`", hint=near(lane, found))
    check_managed(found[lane], revision)
    return found[lane]


def check_managed(desk: str, revision: Revision) -> None:
    """Raise UsageError for a desk that is unknown or not managed."""
    managed = {one.desk: one.managed for one in revision.lines}
    if desk not in managed:
        raise UsageError(f"policy `{revision.name}` has no desk `{desk}`", hint=near(desk, managed))
    if not managed[desk]:
        raise UsageError(
            f"desk `{desk}` is not managed", hint="an existing system assigns there; order it there"
        )


def moment(text: str | None, now: int) -> str | None:
    """Return a moment that was given as a time after `now`, or as such, as records have it.

    Raises UsageError for what is neither, or over.
    """
    if text is None:
        return None
    after = duration_ms(text)
    try:
        found = parse_time(text) if after is None else now + after
    except (ValueError, OverflowError):
        raise UsageError(
            f"`{text}` is no time", hint="such as `2h`, or `2026-03-02T18:00:00+08:00`"
        ) from None
    if found <= now:
        raise UsageError(f"`{text}` is over already")
    return format_time(found)


def event(kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return an order as a CloudEvent. Raises UsageError for what a desk would refuse."""
    made = {
        "specversion": "1.0",
        "id": f"order-{secrets.token_hex(8)}",
        "source": "tierlane/desk",
        "type": kind,
        "time": format_time(time.time_ns() // 1_000_000),
        "subject": data["desk"],
        "data": dict(data),
    }
    try:
        read = Reader(ORDERS).check(orjson.loads(orjson.dumps(made)))
    except Unreadable as error:
        raise UsageError(f"no desk would take this order: {error.detail}") from None
    if read.left_out:
        ((place, fault), *_) = read.left_out
        raise UsageError(f"no desk would take this order: data.{place}: {fault}")
    return made

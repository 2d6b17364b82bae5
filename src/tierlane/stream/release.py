"""Publishing, rolling back, and taking a shadow away: what is examined, and what is written."""

import time
from pathlib import Path
from typing import Final, NamedTuple

from tierlane.errors import Unreadable, UsageError
from tierlane.policy.form.document import Document
from tierlane.policy.form.finding import PolicyError
from tierlane.policy.publish.admission import Admission, compiled, examine
from tierlane.policy.publish.publication import (
    Action,
    InFlight,
    Kept,
    Standing,
    Wish,
    after,
    document_record,
    find_in,
    source_of,
)
from tierlane.stream.bundle import Bundle
from tierlane.stream.case_file import cases_of
from tierlane.stream.publishing import Publisher, publisher
from tierlane.stream.revisions import Revisions, read_revisions
from tierlane.stream.settings import Settings

SHORTEST: Final = 4
"""Characters by which a revision may be named, if they belong to one only."""


class Order(NamedTuple):
    """What was asked for besides the policy."""

    in_flight: InFlight = "pin"
    shadow: bool = False
    allow: frozenset[str] = frozenset()
    reason: str | None = None
    by: str | None = None


class Released(NamedTuple):
    """What came of it."""

    name: str
    revision: str
    admission: Admission | None
    """None where nothing had to be examined."""
    standing: Standing | None
    """What holds now; None where it was refused before anybody was asked."""
    changed: bool
    """Whether anything was written."""


async def publish(
    settings: Settings, path: Path, order: Order, cases: tuple[Path, ...] = ()
) -> Released:
    """Examine a policy and, if it may be, publish it as live or as shadow.

    `cases` are files of cases that must hold, too; they are not published. Raises UsageError where
    a file cannot be read, `PolicyError` for a policy that no worker could use, BrokerError,
    TopicError.
    """
    bundle = Bundle(path)
    more = cases_of(path, cases)
    admission = examine(bundle.text, bundle.source, bundle.find, order.allow, more)
    name, revision = admission.revision.name, admission.revision.hash
    if not admission.granted:
        return Released(name, revision, admission, None, changed=False)
    async with publisher(settings, name) as one:
        action: Action = "shadowed" if order.shadow else "published"
        return await _put(one, admission, bundle.kept(name, revision), order, action)


async def roll_back(settings: Settings, name: str, to: str, order: Order) -> Released:
    """Make an earlier revision live again, by the same examination; `to` empty: the one before.

    Raises UsageError where there is none, and as `publish` does.
    """
    name = name or await _only(settings)
    async with publisher(settings, name) as one:
        standing = standing_of(one.revisions, name)
        revision = _chosen(standing, to)
        try:
            kept = await one.revisions.document(name, revision)
        except Unreadable as error:
            raise UsageError(f"`{name}@{revision}` cannot be gone back to: {error}") from None
        before = standing.kept_on(revision)
        order = order._replace(
            allow=order.allow | set(before.allowed), reason=order.reason or before.reason
        )
        text = kept["document"].encode()
        admission = examine(text, source_of(kept), find_in(kept), order.allow)
        if admission.revision.hash != revision:
            raise UsageError(f"the document of `{name}@{revision}` is not what its name says")
        return await _put(one, admission, kept, order, "rolled_back")


async def end_shadow(settings: Settings, name: str, order: Order) -> Released:
    """Have the shadow asked no longer. Raises UsageError where nothing is published."""
    name = name or await _only(settings)
    async with publisher(settings, name) as one:
        standing = standing_of(one.revisions, name)
        shadow = standing.live["shadow"]
        if shadow is None:
            return Released(name, "", None, standing, changed=False)
        wish = Wish("shadow_ended", shadow, _now(), reason=order.reason, by=order.by)
        now = after(standing, name, wish)
        await one.write({name: now.encoded()})
        return Released(name, shadow, None, now, changed=True)


async def history(settings: Settings, name: str) -> Standing:
    """Return what holds of a policy, with its latest changes. Raises UsageError without any."""
    revisions = await read_revisions(settings)
    return standing_of(revisions, name or only_of(revisions))


async def _put(
    one: Publisher, admission: Admission, kept: Kept, order: Order, action: Action
) -> Released:
    name, revision = kept["policy"], kept["revision"]
    standing = one.revisions.standing(name)
    live = standing.live["live"] if standing else None
    shadow = standing.live["shadow"] if standing else None
    if revision == live or (action == "shadowed" and revision == shadow):
        return Released(name, revision, admission, standing, changed=False)
    if action != "shadowed" and live is not None:
        replaced = await _document(one.revisions, name, live)
        if replaced is not None:
            admission = admission.against(replaced, order.allow, order.in_flight)
    if not admission.granted:
        return Released(name, revision, admission, standing, changed=False)
    wish = Wish(
        action,
        revision,
        _now(),
        order.in_flight,
        admission.allowed,
        order.reason,
        order.by,
    )
    now = after(standing, name, wish)
    document = document_record(kept, wish.at)
    await one.write({f"{name}@{revision}": document, name: now.encoded()})
    return Released(name, revision, admission, now, changed=True)


async def _document(revisions: Revisions, name: str, revision: str) -> Document | None:
    """Return a published document; None where this version cannot read it: nothing to compare."""
    try:
        kept = await revisions.document(name, revision)
        return compiled(kept["document"].encode(), source_of(kept), find_in(kept))[0]
    except (Unreadable, PolicyError):
        return None


def _chosen(standing: Standing, to: str) -> str:
    """Return the revision to go back to: the one before the live one, or the one named."""
    known = standing.lives()
    if not to:
        if len(known) < 2 or standing.live["live"] is None:  # itself and another
            raise UsageError("there is no earlier revision to go back to")
        return known[1]
    found = [one for one in known if one.startswith(to)] if len(to) >= SHORTEST else []
    if len(found) != 1:
        raise UsageError(
            f"`{to}` names {'several revisions' if found else 'no revision'} that was live",
            hint="see `tierlane policy history`",
        )
    return found[0]


def standing_of(revisions: Revisions, name: str) -> Standing:
    """Return what holds of a policy. Raises UsageError where it is not published."""
    standing = revisions.standing(name)
    if standing is None:
        why = revisions.unreadable(name)
        raise UsageError(
            f"the record of `{name}` cannot be read: {why}" if why else f"`{name}` is not published"
        )
    return standing


async def _only(settings: Settings) -> str:
    return only_of(await read_revisions(settings))


def only_of(revisions: Revisions) -> str:
    """Return the one policy that is published. Raises UsageError where there is not just one."""
    names = revisions.names()
    if len(names) != 1:
        listed = ", ".join(f"`{name}`" for name in names)
        raise UsageError(
            f"several policies are published: {listed}" if names else "no policy is published",
            hint="name one with --name" if names else "`tierlane policy publish FILE`",
        )
    return names[0]


def _now() -> int:
    return time.time_ns() // 1_000_000

"""What is chosen when a revision is published, and what stands on `policy.revisions`.

Two kinds of record: `NAME@REVISION` holds a document, for ever; `NAME` says which revision is live
and which is asked beside it, with the latest changes. Both are CloudEvents.
"""

from typing import Annotated, Any, Final, Literal, NamedTuple, NotRequired, Self, cast

import orjson
from pydantic import Field, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict

from tierlane.contact.event import Envelope
from tierlane.contact.word import OPEN, Word
from tierlane.errors import Unreadable
from tierlane.policy.reading.chain import Base, Find
from tierlane.value import format_time

REVISION: Final = "tierlane.policy.revision.v1"
LIVE: Final = "tierlane.policy.live.v1"
SOURCE: Final = "tierlane/policy"

KEPT: Final = 50
"""Changes that the record of a policy lists; older ones are dropped from it."""

InFlight = Literal["pin", "reroute"]
Action = Literal["published", "rolled_back", "shadowed", "shadow_ended"]
Time = Annotated[str, Field(description="ISO 8601 in UTC with milliseconds")]


class Publication(NamedTuple):
    """How a revision takes effect, and what its activation has to tell."""

    in_flight: InFlight = "pin"
    """Whether contacts that wait keep what they were decided to be, or are decided again."""
    number: int = 0
    """Which change of the policy it is, counted from 1; 0 for a file that was not published."""
    allowed: tuple[str, ...] = ()
    """Codes of errors that were let pass."""
    reason: str | None = None
    """Why, in the words of who published."""


FROM_FILE: Final = Publication()


@with_config(OPEN)
class Change(TypedDict):
    """One change of which revision holds."""

    number: Annotated[int, Field(ge=1, description="counts up per policy")]
    at: Time
    action: Action
    revision: Annotated[Word, Field(description="the one that is live, or shadow, from here on")]
    in_flight: Annotated[InFlight, Field(description="what becomes of contacts that wait")]
    allowed: Annotated[list[Word], Field(description="codes of errors that were let pass")]
    reason: str | None
    by: Annotated[str | None, Field(description="only what the publisher stated with --by")]


@with_config(OPEN)
class Live(TypedDict):
    """Which revision of a policy is live; the fields up to `reason` are about that one."""

    policy: Word
    live: Annotated[Word | None, Field(description="null: the workers' file holds")]
    shadow: Annotated[Word | None, Field(description="asked beside it, without effect")]
    in_flight: InFlight
    published_at: Time | None
    by: str | None
    allowed: list[Word]
    reason: str | None
    previous: Annotated[Word | None, Field(description="the revision that was live before")]
    number: Annotated[int, Field(ge=1, description="changes so far")]
    live_number: Annotated[int, Field(ge=0, description="which of them made it live; 0: none")]
    history: Annotated[list[Change], Field(description="the latest changes, oldest first")]


@with_config(OPEN)
class Beneath(TypedDict):
    """A policy that another one extends, as it was found when that was published."""

    asked: Annotated[str, Field(description="what `extends` says")]
    beside: Annotated[str, Field(description="`source` of the policy that says it")]
    source: str
    document: str


@with_config(OPEN)
class Kept(TypedDict):
    """A document, as it was written, with those it stands on."""

    policy: Word
    revision: Annotated[Word, Field(description="the digest of the document's content")]
    document: Annotated[str, Field(description="the policy in YAML")]
    source: NotRequired[Annotated[str, Field(description="the file's name, for messages")]]
    beneath: NotRequired[Annotated[list[Beneath], Field(description="what it extends")]]


@with_config(OPEN)
class LiveEvent(Envelope):
    """`tierlane.policy.live.v1`, under the key `NAME`"""

    type: Literal["tierlane.policy.live.v1"]
    data: Live


@with_config(OPEN)
class RevisionEvent(Envelope):
    """`tierlane.policy.revision.v1`, under the key `NAME@REVISION`"""

    type: Literal["tierlane.policy.revision.v1"]
    data: Kept


_LIVE: Final = TypeAdapter(LiveEvent)
_REVISION: Final = TypeAdapter(RevisionEvent)


class Standing(NamedTuple):
    """What the record of a policy says."""

    live: Live

    @classmethod
    def read(cls, value: bytes, name: str) -> Self:
        """Decode the record under the key `name`. Raises `Unreadable`."""
        live = cast(Live, _read(_LIVE, value)["data"])
        if live["policy"] != name:
            raise Unreadable("wrong-key", "data.policy: not the key")
        return cls(live)

    @property
    def publication(self) -> Publication:
        """How the live revision takes effect."""
        live = self.live
        return Publication(
            live["in_flight"], live["live_number"], tuple(live["allowed"]), live["reason"]
        )

    def kept_on(self, revision: str) -> Publication:
        """Return how an earlier revision was published, to go on with it: nobody is rerouted."""
        past = [one for one in self.live["history"] if one["revision"] == revision]
        if not past:
            return Publication()
        return Publication(
            "pin", past[-1]["number"], tuple(past[-1]["allowed"]), past[-1]["reason"]
        )

    def lives(self) -> list[str]:
        """Return the revisions that were live, the latest first, each once; the live one leads."""
        made = ("published", "rolled_back")
        past = [one["revision"] for one in self.live["history"] if one["action"] in made]
        current = self.live["live"]
        found = [*([current] if current else []), *reversed(past)]
        if self.live["previous"]:
            found.append(self.live["previous"])
        return list(dict.fromkeys(found))

    def encoded(self) -> bytes:
        """Encode the record."""
        live = self.live
        number, at = live["number"], live["history"][-1]["at"]
        return _encoded(f"{live['policy']}.{number}", LIVE, at, live["policy"], live)


class Wish(NamedTuple):
    """A change that somebody wants."""

    action: Action
    revision: str
    at: int
    """When, in milliseconds."""
    in_flight: InFlight = "pin"
    allowed: tuple[str, ...] = ()
    reason: str | None = None
    by: str | None = None


def after(before: Standing | None, name: str, wish: Wish) -> Standing:
    """Return the record of a policy once the change is made; `before` None: it is the first."""
    old = None if before is None else before.live
    number = 1 if old is None else old["number"] + 1
    change: Change = {
        "number": number,
        "at": format_time(wish.at),
        "action": wish.action,
        "revision": wish.revision,
        "in_flight": wish.in_flight,
        "allowed": list(wish.allowed),
        "reason": wish.reason,
        "by": wish.by,
    }
    live = _blank(name) if old is None else Live(**old)
    live["number"] = number
    live["history"] = [*live["history"], change][-KEPT:]
    if wish.action == "shadowed":
        live["shadow"] = wish.revision
    elif wish.action == "shadow_ended":
        live["shadow"] = None
    else:
        _make_live(live, change)
    return Standing(live)


def _blank(name: str) -> Live:
    return {
        "policy": name,
        "live": None,
        "shadow": None,
        "in_flight": "pin",
        "published_at": None,
        "by": None,
        "allowed": [],
        "reason": None,
        "previous": None,
        "number": 1,
        "live_number": 0,
        "history": [],
    }


def _make_live(live: Live, change: Change) -> None:
    live["previous"] = live["live"]
    live["live"] = change["revision"]
    live["in_flight"] = change["in_flight"]
    live["published_at"] = change["at"]
    live["by"], live["allowed"], live["reason"] = change["by"], change["allowed"], change["reason"]
    live["live_number"] = change["number"]
    if live["shadow"] == live["live"]:
        live["shadow"] = None


def read_kept(value: bytes, name: str, revision: str) -> Kept:
    """Decode the record under the key `NAME@REVISION`. Raises `Unreadable`.

    Whether the document has that digest shows when it is compiled.
    """
    kept = cast(Kept, _read(_REVISION, value)["data"])
    if (kept["policy"], kept["revision"]) != (name, revision):
        raise Unreadable("wrong-key", "data: not of the key")
    return kept


def source_of(kept: Kept) -> str:
    """Return what findings call a document by."""
    return kept.get("source") or kept["policy"]


def find_in(kept: Kept) -> Find:
    """Return what finds the policies that a document extends: those that lie beside it."""
    found = {
        (one["asked"], one["beside"]): Base(one["document"].encode(), one["source"])
        for one in kept.get("beneath", ())
    }
    return lambda asked, beside: found.get((asked, beside))


def document_record(kept: Kept, at: int) -> bytes:
    """Encode a document."""
    name = f"{kept['policy']}@{kept['revision']}"
    return _encoded(name, REVISION, format_time(at), kept["policy"], kept)


def _encoded(name: str, kind: str, time: str, subject: str, data: Any) -> bytes:
    event = {
        "specversion": "1.0",
        "id": name,
        "source": SOURCE,
        "type": kind,
        "time": time,
        "subject": subject,
        "data": data,
    }
    return orjson.dumps(event)


def _read(adapter: TypeAdapter[Any], value: bytes) -> dict[str, Any]:
    try:
        whole = orjson.loads(value)
    except orjson.JSONDecodeError:
        raise Unreadable("not-json", "value") from None
    try:
        found: dict[str, Any] = adapter.validate_python(whole)
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
        place = ".".join(map(str, fault["loc"])) or "value"
        raise Unreadable("wrong-type", f"{place}: {fault['type']}") from None
    return found

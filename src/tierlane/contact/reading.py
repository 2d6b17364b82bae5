"""Reading events from records: CloudEvents 1.0 in JSON, in both content modes of Kafka.

What says who and what an event is about must be right, or the record is `Unreadable`. Any other
field of a wrong type is left out and named: a contact must not be lost over its language. Of a
name that stands twice in an object the last counts.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple, get_type_hints

import orjson
from pydantic import TypeAdapter, ValidationError

from tierlane.errors import Unreadable
from tierlane.ports import Record
from tierlane.value import parse_time

READABLE_BYTES: Final = 1_048_576
"""Values above this are not parsed: 1 MiB, what Kafka takes by default for a whole message."""

LATEST: Final = 253_370_764_800_000
"""The year 9999 in ms since 1970; later times, and times before 1970, are refused."""

VITAL: Final = frozenset({
    "contact_id", "customer_id", "contact_key", "channel",
    "channels", "capacity", "duty", "lanes", "until",
})  # fmt: skip
"""Fields of `data` that are never left out, even where they may be absent.

Left out, those of the second line would let an advisor be offered more than they may take, and a
lane be closed for good.
"""

FAULTS: Final = {
    "missing": "missing",
    "string_type": "not text",
    "string_too_long": "too long",
    "string_too_short": "empty",
    "int_type": "not a whole number",
    "float_type": "not a number",
    "dict_type": "not an object",
    "list_type": "not a list",
    "literal_error": "not one of the known values",
    "greater_than": "too small",
    "greater_than_equal": "too small",
    "less_than_equal": "too large",
}
"""What pydantic calls a fault → what we call it; others are `wrong`."""


class Event(NamedTuple):
    """An event that was read."""

    type: str
    id: str
    source: str
    at: int
    """The event's own time, ms since 1970."""
    data: dict[str, Any]
    left_out: tuple[tuple[str, str], ...]
    """Place and fault of the fields left out, such as `("language", "not text")`."""


class Reader:
    """Reads the events of one topic.

    `models` maps each type to its typed dictionary, a subclass of `Envelope` with `data`.
    """

    __slots__ = ("_checks", "_most")

    def __init__(self, models: Mapping[str, Any], most: int = READABLE_BYTES) -> None:
        self._checks = {name: _check(model) for name, model in models.items()}
        self._most = most

    def read(self, record: Record) -> Event:
        """Read a record's event. Raises `Unreadable` and nothing else, whatever the bytes are."""
        raw = parse(record.value, self._most)
        return self.check(unwrap(record.headers, raw) if record.headers else raw)

    def check(self, raw: object) -> Event:
        """Read an event that was parsed. Raises `Unreadable`; takes bad fields out of `raw`."""
        if type(raw) is not dict:
            raise Unreadable("not-an-object", "value")
        kind = raw.get("type")
        if type(kind) is not str or kind not in self._checks:
            raise _unknown(raw)
        validate, vital = self._checks[kind]
        left_out: tuple[tuple[str, str], ...] = ()
        try:
            validate(raw)
        except ValidationError as error:
            left_out = leave_out(raw, error, vital)
        return Event(kind, raw["id"], raw["source"], _time(raw["time"]), raw["data"], left_out)


@cache
def _check(model: Any) -> tuple[Callable[[object], object], frozenset[str]]:
    """Return the model's validation and the fields of its data that must be right.

    Building one takes milliseconds, and every partition's owner wants them all.
    """
    vital = VITAL | get_type_hints(model)["data"].__required_keys__
    return TypeAdapter(model).validator.validate_python, vital


def parse(value: bytes | None, most: int = READABLE_BYTES) -> object:
    """Parse JSON. Raises `Unreadable` with the place, never with what stands there."""
    if value is None:
        raise Unreadable("tombstone", "value")
    if not value:
        raise Unreadable("empty", "value")
    if len(value) > most:
        raise Unreadable("too-large", f"value: {len(value)} bytes")
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError as error:
        reason = "not-utf8" if "UTF-8:" in error.msg else "not-json"
        place = f"line {error.lineno} column {error.colno}"
    raise Unreadable(reason, place)


def unwrap(headers: Sequence[tuple[str, bytes]], raw: object) -> object:
    """Return the whole event of a record with headers, which in binary mode hold the envelope."""
    named = dict(headers)
    if (named.get("content-type") or b"").startswith(b"application/cloudevents"):
        return raw
    attributes = {name[3:]: value for name, value in named.items() if name.startswith("ce_")}
    if not attributes:
        return raw
    envelope: dict[str, object] = {}
    for name, value in attributes.items():
        try:
            envelope[name] = (value or b"").decode()
        except UnicodeDecodeError:
            raise Unreadable("not-utf8", "headers") from None
    envelope["data"] = raw
    return envelope


def leave_out(
    raw: dict[str, Any], error: ValidationError, vital: frozenset[str]
) -> tuple[tuple[str, str], ...]:
    """Take what is wrong out of an event's data and name it.

    Raises `Unreadable` where something vital is wrong.
    """
    found: dict[tuple[int | str, ...], tuple[str, str]] = {}
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        place, fault = one["loc"], FAULTS.get(one["type"], "wrong")
        if place[0] != "data" or len(place) < 2 or place[1] in vital:
            raise _refusal(place, fault) from None
        entry = place[1:3]  # one of several shapes has a fault for each, and is taken out once
        left_out = found[entry][0] if entry in found else _take_out(raw["data"], entry)
        found[entry] = left_out, fault
    return tuple(dict(found.values()).items())


def _take_out(data: dict[str, Any], place: tuple[int | str, ...]) -> str:
    """Take a field, or one entry of an open map in it, out; return its place.

    The entry's own name is the sender's and stays unsaid.
    """
    name = str(place[0])
    inside = data.get(name)
    # Where a field may have several shapes, the place goes on with the name of a shape.
    if len(place) > 1 and type(inside) is dict and place[1] in inside:
        del inside[place[1]]
        return f"{name}.*"
    data.pop(name, None)
    return name


def _refusal(place: tuple[int | str, ...], fault: str) -> Unreadable:
    where = ".".join(map(str, place))
    if place == ("specversion",) and fault != "missing":
        return Unreadable("unknown-version", where)
    reason = "missing" if fault == "missing" else "wrong-type"
    if fault in {"too long", "empty", "too small", "too large"} or "known" in fault:
        reason = "wrong-value"
    return Unreadable(reason, f"{where}: {fault}")


def _unknown(raw: dict[str, Any]) -> Unreadable:
    """Say why no type fits: not a CloudEvent of version 1.0 at all, or of a type we do not know."""
    version, kind = raw.get("specversion"), raw.get("type")
    if version is None:
        return Unreadable("missing", "specversion: missing")
    if version != "1.0":
        return Unreadable("unknown-version", "specversion")
    if kind is None:
        return Unreadable("missing", "type: missing")
    if type(kind) is not str:
        return Unreadable("wrong-type", "type: not text")
    return Unreadable("unknown-type", "type")


def _time(text: str) -> int:
    try:
        at = parse_time(text)
    except (ValueError, OverflowError):
        raise Unreadable("bad-time", "time: no ISO 8601 time with an offset") from None
    if not 0 <= at < LATEST:
        raise Unreadable("bad-time", "time: before 1970 or after 9998")
    return at

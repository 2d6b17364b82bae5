"""Values as plain JSON and back, by the fields that their classes declare.

A class with a new field needs nothing here: fields go by name, and those at their default are left
out. What is read is held to the declared types, whoever wrote it.
"""

import dataclasses
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from inspect import get_annotations
from math import inf
from types import NoneType, UnionType
from typing import Any, Final, NamedTuple, Union, cast, get_args, get_origin

from tierlane.policy.form.document import Floor

Plainer = Callable[[Any], Any]
_SCALARS: Final = (str, int, bool)
_MOMENT, _SPAN, _LIST, _MAP = "@t", "@d", "@l", "@m"


class Misfit(ValueError):
    """A plain value is not what its class declares; the text is the place, never the content."""


class Part(NamedTuple):
    """A field of a class."""

    name: str
    pack: Plainer
    unpack: Plainer
    default: Callable[[], Any] | None
    """None: there must be a value."""


def pack(value: Any) -> Any:
    """Return a value of a class with declared fields as plain JSON."""
    return form(cast("Hashable", type(value))).pack(value)


def unpack(kind: Any, plain: Any) -> Any:
    """Return the value of a class or type hint. Raises `Misfit`."""
    return _of(kind)[1](plain)


@cache
def form(kind: Hashable, *, without: tuple[str, ...] = ()) -> "Form":
    """Return the form of a class, without some of its fields."""
    return Form(cast("type", kind), without)


class Form:
    """How the fields of one class are packed."""

    __slots__ = ("kind", "parts")

    def __init__(self, kind: type, without: tuple[str, ...] = ()) -> None:
        self.kind = kind
        hints = get_annotations(kind)
        self.parts = tuple(
            Part(name, *_of(hints[name]), default)
            for name, default in _fields(kind)
            if name not in without
        )

    def pack(self, value: Any) -> dict[str, Any]:
        """Return the fields by name, without those at their default."""
        found = {}
        for name, packed, _, default in self.parts:
            one = getattr(value, name)
            if default is None or one != default():
                found[name] = packed(one)
        return found

    def fields(self, plain: Any) -> dict[str, Any]:
        """Return the values of the fields by name, defaults included. Raises `Misfit`."""
        if type(plain) is not dict:
            raise Misfit(self.kind.__name__)
        found = {}
        for name, _, unpacked, default in self.parts:
            if name in plain:
                try:
                    found[name] = unpacked(plain[name])
                except Misfit as error:
                    raise Misfit(f"{name}.{error}" if str(error) else name) from None
            elif default is not None:
                found[name] = default()
            else:
                raise Misfit(name)
        return found

    def unpack(self, plain: Any) -> Any:
        """Return the value."""
        return self.kind(**self.fields(plain))


def _fields(kind: type) -> list[tuple[str, Callable[[], Any] | None]]:
    if dataclasses.is_dataclass(kind):
        return [(one.name, _default(one)) for one in dataclasses.fields(kind) if one.init]
    stated: Mapping[str, Any] = kind._field_defaults  # type: ignore[attr-defined] # a NamedTuple
    names: Sequence[str] = kind._fields  # type: ignore[attr-defined]
    return [(name, _constant(stated[name]) if name in stated else None) for name in names]


def _default(one: "dataclasses.Field[Any]") -> Callable[[], Any] | None:
    if one.default_factory is not dataclasses.MISSING:
        return one.default_factory
    return None if one.default is dataclasses.MISSING else _constant(one.default)


def _constant(value: Any) -> Callable[[], Any]:
    return lambda: value


# ---------------------------------------------------------------------- by type


@cache
def _of(hint: Any) -> tuple[Plainer, Plainer]:
    """Return how values of a type hint are packed and unpacked."""
    if hint in _OWN:
        return _OWN[hint]
    origin, given = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _either(given)
    if origin is tuple:
        return _tuple(given)
    if origin in (list, set):  # of texts
        return (list if origin is list else sorted), lambda plain: origin(_texts(plain))
    if origin is not None:  # a mapping, its keys being text
        return _mapping(given[1])
    made = form(hint)
    return made.pack, made.unpack


def _either(given: tuple[Any, ...]) -> tuple[Plainer, Plainer]:
    """Return the form of `X | None`, or of scalars of several kinds."""
    others = [one for one in given if one is not NoneType]
    if len(others) == 1 and others[0] not in (*_SCALARS, float):
        packed, unpacked = _of(others[0])
        return (
            lambda value: None if value is None else packed(value),
            lambda plain: None if plain is None else unpacked(plain),
        )
    kinds = {*given, int} if float in given else {*given}

    def take(plain: Any) -> Any:
        if type(plain) not in kinds:
            raise Misfit
        return plain

    return _same, take


def _tuple(given: tuple[Any, ...]) -> tuple[Plainer, Plainer]:
    if given[1:] == (...,):
        packed, unpacked = _of(given[0])
        return (
            lambda value: [packed(one) for one in value],
            lambda plain: tuple([unpacked(one) for one in _items(plain)]),
        )
    pairs = [_of(one) for one in given]

    def take(plain: Any) -> Any:
        if len(_items(plain)) != len(pairs):
            raise Misfit
        return tuple([unpacked(one) for (_, unpacked), one in zip(pairs, plain, strict=True)])

    return (
        lambda value: [packed(one) for (packed, _), one in zip(pairs, value, strict=True)],
        take,
    )


def _mapping(hint: Any) -> tuple[Plainer, Plainer]:
    packed, unpacked = _of(hint)

    def take(plain: Any) -> Any:
        if type(plain) is not dict:
            raise Misfit
        return {key: unpacked(one) for key, one in plain.items()}

    return lambda value: {key: packed(one) for key, one in value.items()}, take


def _scalar(kind: type) -> tuple[Plainer, Plainer]:
    def take(plain: Any) -> Any:
        if type(plain) is not kind:
            raise Misfit
        return plain

    return _same, take


def _same(value: Any) -> Any:
    return value


def _items(plain: Any) -> list[Any]:
    if type(plain) is not list:
        raise Misfit
    return plain


def _texts(plain: Any) -> list[str]:
    found: list[Any] = _items(plain)
    if any(type(one) is not str for one in found):
        raise Misfit
    return found


def _number(plain: Any) -> float:
    """Return a number; JSON has no infinity, and null stands for it."""
    if plain is None:
        return inf
    if type(plain) not in (int, float):
        raise Misfit
    return float(plain) if type(plain) is float else plain


# ---------------------------------------------------------------------- of any type


def _any(value: Any) -> Any:
    """Return any value that conditions read, told apart from what JSON has not got by a mark."""
    if isinstance(value, datetime):
        return {_MOMENT: value.astimezone(UTC).isoformat()}
    if isinstance(value, timedelta):
        return {_SPAN: value // timedelta(microseconds=1)}
    if isinstance(value, tuple):
        return [_any(one) for one in value]
    if isinstance(value, list):
        return {_LIST: [_any(one) for one in value]}
    if isinstance(value, Mapping):
        return {_MAP: {str(key): _any(one) for key, one in value.items()}}
    return value


def _anything(plain: Any) -> Any:
    if type(plain) is list:
        return tuple([_anything(one) for one in plain])
    if type(plain) is not dict:
        return plain
    if len(plain) != 1:
        raise Misfit
    ((mark, inner),) = plain.items()
    if mark == _LIST:
        return [_anything(one) for one in _items(inner)]
    if mark == _MAP and type(inner) is dict:
        return {key: _anything(one) for key, one in inner.items()}
    try:
        return datetime.fromisoformat(inner) if mark == _MOMENT else timedelta(microseconds=inner)
    except (TypeError, ValueError, OverflowError):
        raise Misfit from None


def _floor(plain: Any) -> Floor:
    return Floor(priority=None if plain is None else _number(plain))


_OWN: Final[dict[Any, tuple[Plainer, Plainer]]] = {
    **{kind: _scalar(kind) for kind in _SCALARS},
    float: (lambda value: None if value == inf else value, _number),
    Any: (_any, _anything),
    Floor: (lambda value: value.priority, _floor),
}
"""What is packed otherwise than by its fields; of a floor a desk reads the priority alone."""

"""What if: a change to a policy in a sentence, or as a piece of policy, as an overlay upon it.

A sentence stands for a piece of policy that anybody could have written; nothing can be said in one
that the language has not. The piece is checked as every overlay is.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import yaml

from tierlane.errors import UsageError
from tierlane.policy.form.desk import Desk, Key
from tierlane.policy.form.document import Document
from tierlane.policy.form.finding import PolicyError
from tierlane.policy.reading.shape import close, duration_ms, duration_text
from tierlane.policy.reading.source import Mapping as MapNode
from tierlane.policy.reading.source import plain, read

EVERYBODY: Final = "everybody"
SENTENCES: Final = (
    "gold waits at most 60s",
    "gold is promised 60s",
    "gold is served first",
    "everybody in order of arrival",
)
"""One of each kind, for hints."""
_KINDS: Final = (
    ("at most", re.compile(r"(?P<who>.+?) waits? at most (?P<time>\S+)")),
    ("promised", re.compile(r"(?P<who>.+?) (?:is|are) promised (?P<time>\S+)")),
    ("first", re.compile(r"(?P<who>.+?) (?:is|are) served first")),
    ("arrival", re.compile(r"everybody in order of arrival")),
)
_ABOVE: Final = " and above"
PIECE: Final = "what-if"
"""What places call the overlay by: there is no file of it."""

Overlay = dict[str, Any]


class Supposed(NamedTuple):
    """One thing that is supposed."""

    kind: str
    """`at most`, `promised`, `first`, `arrival`, or `piece`."""
    text: str
    """As it was given."""
    who: str = ""
    by: str = ""
    """`tier`, `scenario`, or empty for everybody."""
    above: bool = False
    """Whether the tiers above count, too."""
    time: int | None = None
    """Ms."""

    def json(self) -> dict[str, Any]:
        """Return it as results write it; times in seconds."""
        time = None if self.time is None else self.time / 1000
        return {**self._asdict(), "time": time}


@dataclass(frozen=True, slots=True)
class What:
    """All that is supposed together, and the overlay that says so."""

    supposed: tuple[Supposed, ...]
    overlay: str
    """YAML that extends the policy."""

    @property
    def time(self) -> int | None:
        """The time that the first sentence with one names, in ms: what `in time` is to mean."""
        return next((one.time for one in self.supposed if one.time is not None), None)


def what_if(texts: Sequence[str], document: Document, extends: str) -> What:
    """Return what the texts suppose of a policy, `extends` being the name the overlay gives it.

    Raises UsageError for a text that is no sentence and no piece of policy, and for a name the
    policy does not have.
    """
    overlay: Overlay = {
        "tierlane": 1, "policy": f"{document.name}-what-if", "extends": extends,
    }  # fmt: skip
    supposed = []
    for text in texts:
        one = _sentence(text.strip(), document)
        piece = _PIECES[one.kind](one, document) if one is not None else _piece(text)
        supposed.append(one or Supposed("piece", text.strip()))
        overlay = _joined(overlay, piece)
    return What(tuple(supposed), _written(overlay))


def _sentence(text: str, document: Document) -> Supposed | None:
    for kind, pattern in _KINDS:
        found = pattern.fullmatch(text)
        if found is None:
            continue
        parts = found.groupdict()
        time = None
        if "time" in parts:
            time = duration_ms(parts["time"])
            if not time:
                message = f"`{parts['time']}` in `{text}` is no time"
                raise UsageError(message, hint="such as `60s` or `2m`")
        if kind == "arrival":
            return Supposed(kind, text)
        by, who, above = _who(parts["who"], text, document)
        return Supposed(kind, text, who, by, above, time)
    return None


def _who(name: str, text: str, document: Document) -> tuple[str, str, bool]:
    """Return by what a name tells contacts apart, the name, and whether tiers above count."""
    above = name.endswith(_ABOVE)
    name = name.removesuffix(_ABOVE)
    known = {"tier": document.tiers.order, "scenario": _scenarios(document)}
    asked, _, rest = name.partition(" ")
    if asked in known and rest in known[asked]:
        known, name = {asked: known[asked]}, rest
    elif name == EVERYBODY and not above:
        return "", name, False
    found = [by for by, names in known.items() if name in names and not (above and by != "tier")]
    if len(found) == 1:
        return found[0], name, above
    if found:
        hint = f"say `tier {name}` or `scenario {name}`"
        raise UsageError(f"`{name}` in `{text}` is a tier and a scenario", hint=hint)
    names = [one for several in known.values() for one in several]
    tiers = ", ".join(f"`{one}`" for one in document.tiers.order)
    hint = close(name, names) or f"the tiers are {tiers}; `{EVERYBODY}` is all"
    raise UsageError(f"the policy has no tier or scenario `{name}`", hint=hint)


def _scenarios(document: Document) -> tuple[str, ...]:
    written = document.scenarios
    return tuple(dict.fromkeys((*(str(row.then) for row in written.rules), written.default)))


# ---------------------------------------------------------------------- pieces of policy


def _condition(one: Supposed) -> str:
    if one.above:
        return f"tier_is_at_least({_quoted(one.who)})"
    return f"{one.by} == {_quoted(one.who)}" if one.by else "true"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _promised(one: Supposed, document: Document) -> Overlay:
    """Bind what is promised: whatever the rows of the policy say, it is no later than this."""
    del document
    row: dict[str, Any] = {"rule": one.text}
    if one.by:
        row["when"] = _condition(one)
    return {"floors": [row | {"then": {"answer": duration_text(one.time or 0)}}]}


def _at_most(one: Supposed, document: Document) -> Overlay:
    """Promise it, and put them where it can be kept: before whom no floor puts forward.

    Everybody cannot be first; then whoever's promise ends first is.
    """
    desks = {}
    for desk in document.desks:
        order = _by_promise(desk.order) if not one.by else _forward(one, desk.order, document)
        if order != desk.order:
            desks[desk.name] = _ordered(desk, map(_key, order))
    return _promised(one, document) | ({"desks": desks} if desks else {})


def _forward(one: Supposed, order: tuple[Key, ...], document: Document) -> tuple[Key, ...]:
    """Return the keys with those meant, the tiers above, and whom a floor puts forward, first."""
    condition = _condition(one._replace(above=one.by == "tier"))
    floors = [row.when.text for row in document.floors if row.when and row.then.priority]
    text = " || ".join((condition, *(f"({one})" for one in floors)))
    place = next((at for at, key in enumerate(order) if key.how != "first"), len(order))
    return (*order[:place], Key("first", text), *order[place:])


def _by_promise(order: tuple[Key, ...]) -> tuple[Key, ...]:
    """Return the keys with the promise before score and age, behind what is first in any case."""
    rest = [one for one in order if one.how != "promise"]
    place = next((at for at, one in enumerate(rest) if one.how not in ("first", "rank")), len(rest))
    promise = next((one for one in order if one.how == "promise"), Key("promise"))
    return (*rest[:place], promise, *rest[place:])


def _first(one: Supposed, document: Document) -> Overlay:
    """Put them before everybody else at every desk."""
    key = {"first": _condition(one)}
    return {
        "desks": {one.name: _ordered(one, [key, *map(_key, one.order)]) for one in document.desks}
    }


def _arrival(one: Supposed, document: Document) -> Overlay:
    """Serve by age alone; the lanes of a duty keep their ranks."""
    del one
    return {"desks": {one.name: _ordered(one, ("rank", "waited")) for one in document.desks}}


def _ordered(desk: Desk, order: Iterable[Any]) -> Overlay:
    """Return a desk with an order; where another system keeps the line, it is kept here instead.

    Both sides are simulated so in any case, and an order may only be stated where it is kept.
    """
    return ({} if desk.managed else {"managed": True}) | {"order": list(order)}


def _key(key: Key) -> Any:
    return {key.how: key.text} if key.text else key.how


_PIECES: Final[Mapping[str, Callable[[Supposed, Document], Overlay]]] = {
    "at most": _at_most, "promised": _promised, "first": _first, "arrival": _arrival,
}  # fmt: skip


def _piece(text: str) -> Overlay:
    """Return a piece of policy as it was written; raises UsageError where it is none."""
    sentences = "; ".join(f"`{one}`" for one in SENTENCES)
    hint = f"sentences such as {sentences}; or a piece of policy: `promises: {{…}}`"
    try:
        node = read(text, PIECE)
    except PolicyError as error:
        raise UsageError(f"`{text}` is no change that is understood: {error}", hint=hint) from None
    if not isinstance(node, MapNode) or not node.entries:
        raise UsageError(f"`{text}` is no change that is understood", hint=hint)
    own = [str(key.value) for key, _ in node.entries if key.value in ("tierlane", "extends")]
    if own:
        raise UsageError(f"a what-if has no `{own[0]}` of its own", hint="name a file by --against")
    found: Overlay = plain(node)
    return found


def _joined(one: Any, other: Any) -> Any:
    """Merge two pieces: maps by key, lists one after the other, else the later counts."""
    if isinstance(one, dict) and isinstance(other, dict):
        both = dict(one)
        for key, value in other.items():
            both[key] = _joined(both[key], value) if key in both else value
            if key == "order" and key in one:
                both[key] = value
        return both
    if isinstance(one, list) and isinstance(other, list):
        return [*one, *other]
    return other


def _written(overlay: Overlay) -> str:
    """Return it as YAML: a row on a line, as policies are written."""
    lines = []
    for key, value in overlay.items():
        if isinstance(value, list) and value:
            lines += [f"{key}:", *(f"  - {flow(one)}" for one in value)]
        elif isinstance(value, dict) and value:
            lines.append(f"{key}:")
            lines += [f"  {flow(name)}: {flow(one)}" for name, one in value.items()]
        else:
            lines.append(f"{key}: {flow(value)}")
    return "".join(f"{line}\n" for line in lines)


def flow(value: Any) -> str:
    """Return a value as YAML on one line."""
    text = yaml.safe_dump(
        value, default_flow_style=True, width=1_000_000, sort_keys=False, allow_unicode=True
    )
    return text.removesuffix("\n").removesuffix("\n...")


def flow_of(canonical: str | None) -> str | None:
    """Return a canonical form as people write YAML, on one line; None stays."""
    return None if canonical is None else flow(yaml.safe_load(canonical))

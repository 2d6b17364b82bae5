"""Observed times, some of which are only known to be longer."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from tierlane.replay.simulation.coming import Coming

LEAST: Final = 500.0
"""Ms that a time lasts at least: logs write whole seconds, and a logarithm wants more than 0."""

About = Mapping[str, str]
"""What rows of behaviour may ask of a contact, by field."""
Key = tuple[tuple[str, str], ...]
"""Fields and values; empty: all contacts."""


@dataclass(frozen=True, slots=True)
class Times:
    """Times in ms: those that ended, and those that were cut off while they lasted."""

    ended: tuple[float, ...]
    censored: tuple[float, ...] = ()

    @property
    def exposure(self) -> float:
        """The sum of all times, ms."""
        return sum(self.ended) + sum(self.censored)


@dataclass(slots=True)
class _Many:
    ended: list[float] = field(default_factory=list)
    censored: list[float] = field(default_factory=list)


def patience(comings: Iterable[tuple[Coming, About]], by: Iterable[str]) -> dict[Key, Times]:
    """Return how long contacts waited before they gave up, censored by their answer.

    Those answered at once tell nothing of patience and are left out.
    """

    def put(one: Coming, many: _Many) -> None:
        if one.gave_up is not None:
            many.ended.append(max(one.gave_up, LEAST))
        elif one.waited > 0:
            many.censored.append(max(one.waited, LEAST))

    return _gathered(comings, by, put)


def service(comings: Iterable[tuple[Coming, About]], by: Iterable[str]) -> dict[Key, Times]:
    """Return how long serving contacts took, from the answer to the end."""

    def put(one: Coming, many: _Many) -> None:
        if one.lasted is not None:
            many.ended.append(max(one.lasted, LEAST))

    return _gathered(comings, by, put)


def _gathered(
    comings: Iterable[tuple[Coming, About]],
    by: Iterable[str],
    put: Callable[[Coming, _Many], None],
) -> dict[Key, Times]:
    fields, found = tuple(by), dict[Key, _Many]()
    for one, about in comings:
        key = tuple((name, about.get(name, "")) for name in fields)
        for wanted in dict.fromkeys(((), key)):
            put(one, found.setdefault(wanted, _Many()))
    return {
        key: Times(tuple(many.ended), tuple(many.censored)) for key, many in sorted(found.items())
    }

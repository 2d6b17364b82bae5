"""The worked examples: what each says, and the cases that prove it, run as `policy test` runs them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from tierlane.cli.policy.subject import Subject, subjects
from tierlane.policy.form.case import Timeline
from tierlane.policy.trial.trying import Result

FOLDER: Final = Path(__file__).with_name("worked")
MAP: Final = ("examples.yaml", "further.yaml")
"""Published examples, and others of the same kind."""


@dataclass(frozen=True, slots=True)
class Example:
    """One example: its id, whose it is, and what it says."""

    id: str
    by: str
    says: str
    further: bool
    """Whether it is one of our own, of the same kind."""
    doubt: str = ""
    """Where what is published can be read in more than one way, and how it was read."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A case that belongs to an example, and how it went."""

    example: str
    file: str
    case: str
    desk: bool
    """Whether it takes a waiting line."""
    result: Result


def files() -> list[Path]:
    """Return the policies and files of cases."""
    return sorted(path for path in FOLDER.glob("*.yaml") if path.name not in MAP)


@cache
def examples() -> tuple[Example, ...]:
    """Return every example, in order."""
    found: list[Example] = []
    for name in MAP:
        told: dict[str, list[dict[str, Any]]] = yaml.safe_load(
            (FOLDER / name).read_text(encoding="utf-8")
        )
        found += [Example(**one, further=name != MAP[0]) for one in told["examples"]]
    return tuple(found)


@cache
def subject(path: Path) -> Subject:
    """Read a policy or a file of cases, and run every case; raises PolicyError."""
    (one,) = subjects((path,))
    one.run()
    return one


def proofs() -> Iterator[Proof]:
    """Yield every case of every file."""
    for path in files():
        one = subject(path)
        for case, result in zip(one.cases[path], one.results[path], strict=True):
            example, _, _ = case.name.partition(" ")
            yield Proof(example, path.name, case.name, isinstance(case, Timeline), result)

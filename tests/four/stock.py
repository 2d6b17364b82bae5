"""All timelines that there are, and one of them with every expectation spoilt."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from tierlane.cli.policy.subject import Subject, subjects
from tierlane.policy.form.case import Expected, Moment, Timeline

ROOT: Final = Path(__file__).parents[2]
FOLDERS: Final = (
    "tests/policy/worked", "tests/policy/timeline", "tests/policy/staffed",
    "src/tierlane/policy/packs", "src/tierlane/sample",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """A timeline and the policy it is about."""

    path: Path
    subject: Subject
    case: Timeline

    @property
    def name(self) -> str:
        """File and case, for people."""
        return f"{self.path.name}: {self.case.name}"


def files() -> list[Path]:
    """Return the files that hold timelines."""
    every = (path for folder in FOLDERS for path in sorted((ROOT / folder).glob("*.yaml")))
    return [path for path in every if "timeline:" in path.read_text(encoding="utf-8")]


def pieces(paths: Iterable[Path]) -> Iterator[Piece]:
    """Yield the timelines of files."""
    for path in paths:
        for subject in subjects([path]):
            for case in subject.cases[path]:
                if isinstance(case, Timeline):
                    yield Piece(path, subject, case)


def spoilt(case: Timeline) -> Timeline:
    """Return a case none of whose expectations can hold, so that all that came is told."""
    return replace(case, moments=tuple(map(_spoilt, case.moments)))


def _spoilt(row: Moment) -> Moment:
    contacts = tuple((name, tuple(map(_wrong, expect))) for name, expect in row.expect)
    return replace(row, expect=contacts, desk=tuple(map(_wrong, row.desk)))


def _wrong(one: Expected) -> Expected:
    made = _WRONG.get(one.key)
    return one._replace(value="no such thing" if made is None else made(one.value))


_WRONG: Final[dict[str, Any]] = {
    "offers": lambda _: {"nobody": ["nothing"]},
    "order": lambda value: {lane: ["nobody"] for lane in value},
    "choose": lambda value: {name: ["nobody"] for name in value},
    "not_offered": lambda value: {who: dict.fromkeys(of, "no reason") for who, of in value.items()},
    "fit": lambda value: {who: dict.fromkeys(of, 7.0) for who, of in value.items()},
    "entries": lambda _: ["nowhere"],
    "because": lambda _: ["no row"],
    "errors": lambda _: ["no such error"],
    "passed_over": lambda value: dict.fromkeys(value, "no reason"),
    "missed": lambda value: dict.fromkeys(value, "no reason"),
    "serve": lambda value: dict.fromkeys(value, "nothing"),
    "expected_wait": lambda _: "999d",
    "overtaken": lambda _: "999d",
    "answer_by": lambda _: "999d",
    "start_by": lambda _: "999d",
    "resolve_by": lambda _: "999d",
}

"""The practices of service, the rows of packs that express them, and the cases that prove each."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from tierlane.policy.compiling.compile import compile_document
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.form.case import Case, Timeline
from tierlane.policy.form.document import Document
from tierlane.policy.form.finding import Report
from tierlane.policy.reading.reader import read_document
from tierlane.policy.trial.mutation import Mutant, Survey, mutants
from tierlane.policy.trial.trying import run

PACKS: Final = Path(__file__).parents[2] / "src" / "tierlane" / "policy" / "packs"
SOURCE: Final = Path(__file__).with_name("practices.yaml")


@dataclass(frozen=True, slots=True)
class Practice:
    """One practice: its number, its words, the pack, the rows and the names of three cases."""

    number: int
    practice: str
    pack: str
    rows: tuple[str, ...]
    hit: str
    near: str
    conflict: str
    against: str
    timeline: str = ""
    """The case on a timeline that shows it, where a decision alone does not show all."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack, read and compiled, with the cases that need no waiting line by name."""

    document: Document
    revision: Revision
    cases: dict[str, Case]
    timelines: dict[str, Timeline]


def practices() -> tuple[Practice, ...]:
    """Return every practice, in order."""
    rows: list[dict[str, Any]] = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))["practices"]
    return tuple(Practice(**{**row, "rows": tuple(row["rows"])}) for row in rows)


def names() -> list[str]:
    """Return the names of all packs."""
    return sorted(path.stem for path in PACKS.glob("*.yaml"))


@cache
def pack(name: str) -> Pack:
    """Read and compile a pack; raises PolicyError where it is wrong."""
    path, report = PACKS / f"{name}.yaml", Report()
    document = read_document(path.read_bytes(), path.name, report)
    revision = compile_document(document, report)
    report.stop_on_errors()
    assert revision is not None
    single = [case for case in document.cases if isinstance(case, Case)]
    staged = [case for case in document.cases if isinstance(case, Timeline)]
    return Pack(
        document, revision, {one.name: one for one in single}, {one.name: one for one in staged}
    )


@cache
def changes(name: str) -> tuple[Mutant, ...]:
    """Return a pack with each of its rows changed in turn."""
    return tuple(mutants(pack(name).document))


@cache
def unnoticed(name: str) -> tuple[Mutant, ...]:
    """Return the changes of a pack that neither the check nor a case that passes notices.

    Made once a run: it compiles the pack anew for each of its rows.
    """
    of = pack(name)
    survey = Survey(tuple(one for one in of.cases.values() if run(of.revision, one).passed))
    for one in changes(name):
        survey.look(one)
    return tuple(survey.unnoticed)

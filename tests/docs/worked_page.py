"""The page of worked examples, made from the cases: `python -m tests.docs.worked_page`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tests.policy.example import Example, Proof, examples, proofs

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "worked-examples.md"
HEAD: Final = """\
# Worked examples

Made from the cases that the tests run; `make pages` writes it.

What the makers of other routers publish of how contacts are served, restated in our words, each expressed as a policy and
cases: data, without a line of code. The files stand in `tests/policy/worked`. Each is checked by `tierlane
policy check` and tried by `tierlane policy test`.

A case is about one contact when it comes in, or about the waiting line of a desk in the course of time, on a
[timeline](policy-cases.md#a-case-on-a-timeline). Both are run, on what decides and what keeps the line. The arithmetic
of a line (order, choice, capacity) is tried beside these, on its functions.
"""
TABLE: Final = (
    "\n| id | what it says | file | about one contact | on a timeline |\n|---|---|---|---|---|\n"
)

DOUBTS: Final = """
## Where it can be read in two ways

What is published leaves these open, or says two things. The cases hold to the reading that is named; whoever needs the other
says so in the policy.

| id | what is open, and how it is read here |
|---|---|
"""


def _cases(which: Iterable[Proof]) -> str:
    named = [one.case.partition(" ")[2].replace("|", "\\|") for one in which]
    return "<br>".join(f"{one[0].upper()}{one[1:]}" for one in named) or "—"


def _line(one: Example, every: list[Proof]) -> str:
    mine = [proof for proof in every if proof.example == one.id]
    files = ", ".join(f"`{name}`" for name in dict.fromkeys(proof.file for proof in mine))
    here = _cases(proof for proof in mine if not proof.desk)
    desk = _cases(proof for proof in mine if proof.desk)
    return f"| {one.id} | {one.says} | {files} | {here} | {desk} |\n"


def page() -> str:
    """Return the page."""
    every = list(proofs())
    told = HEAD
    by = dict.fromkeys(one.by for one in examples())
    for name in by:
        mine = [one for one in examples() if one.by == name]
        title = {"others": "Other routers", "ours": "Further ones of the same kind"}.get(name, name)
        told += f"\n## {title}\n{TABLE}" + "".join(_line(one, every) for one in mine)
    doubts = "".join(f"| {one.id} | {one.doubt} |\n" for one in examples() if one.doubt)
    return f"{told}{DOUBTS}{doubts}"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()

"""Worked examples as data: each is checked and tried as a user would, without a line of code of its own."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.policy.example import Proof, examples, files, proofs, subject
from tierlane.cli import tierlane

EVERY = list(proofs())
DOUBTS = {
    "closing": ["step_unreached"],
    "nothing": ["priority_under_floor"],
    "promises-north": ["promise_over_floor"] * 2,
    "proof": ["left_to_fallback"],
    "steps": ["left_to_fallback"],
}
"""What the check rightly doubts in policies that go to an edge on purpose."""


@pytest.mark.parametrize("path", files(), ids=lambda path: path.stem)
def test_the_check_finds_what_is_meant(path: Path) -> None:
    done = CliRunner().invoke(tierlane, ["policy", "check", "--format", "json", str(path)])
    found = [one for one in json.loads(done.stdout) if one["severity"] != "note"]
    assert done.exit_code == 0, done.output
    assert [one["code"] for one in found] == DOUBTS.get(path.stem, [])


@pytest.mark.parametrize("path", files(), ids=lambda path: path.stem)
def test_the_command_says_the_same(path: Path) -> None:
    done = CliRunner().invoke(tierlane, ["policy", "test", str(path)])
    every = subject(path).results[path]
    passed = sum(one.passed for one in every)
    assert done.exit_code == 0, done.output
    assert f"{passed} of {len(every)} cases passed\n" in done.stderr


@pytest.mark.parametrize("one", EVERY, ids=lambda one: f"{one.file}-{one.case}")
def test_a_case_holds(one: Proof) -> None:
    assert one.result.differences == ()
    assert one.result.passed


def test_every_case_belongs_to_an_example_and_every_example_has_a_case() -> None:
    named = [one.id for one in examples()]
    assert len(named) == len(set(named))
    assert {one.example for one in EVERY} == set(named)


def test_no_case_is_there_twice() -> None:
    assert len({one.case for one in EVERY}) == len(EVERY)

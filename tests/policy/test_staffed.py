"""Packs at desks that keep the line themselves: what they promise over time, shown on timelines."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from tierlane.cli import tierlane

FILES = sorted(Path("tests/policy/staffed").glob("*.yaml"))


def run(command: str, path: Path) -> str:
    """Run a command on a policy; return what it says."""
    done = CliRunner().invoke(tierlane, ["policy", command, str(path)])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_pack_at_a_desk_that_waits_keeps_its_promise(path: Path) -> None:
    run("check", path)
    assert " 0 of " not in run("test", path)


def test_there_are_such_packs() -> None:
    assert {one.stem for one in FILES} >= {"airline", "bank-centre", "gym", "hospital", "logistics"}

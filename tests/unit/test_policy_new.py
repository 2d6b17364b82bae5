"""`tierlane policy new`: the packs, what each is for, and that nothing changed is overwritten."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from tierlane.cli import tierlane
from tierlane.sample.pack import description, pack, packs


def run(*arguments: str):
    return CliRunner().invoke(tierlane, ["policy", "new", *arguments])


def test_the_list_has_a_line_for_each_pack():
    done = run("--list")
    assert done.exit_code == 0
    there = {path.stem for path in Path("src/tierlane/policy/packs").glob("*.yaml")}
    lines = dict(re.split(r"\s{2,}", line, maxsplit=1) for line in done.stdout.splitlines())
    assert set(lines) == there == set(packs())
    assert lines["gym"] == "Gym: the coach who knows the member, for a while; then any coach"


@pytest.mark.parametrize("name", packs())
def test_each_pack_says_in_one_line_what_it_is_for(name):
    assert 10 < len(description(name)) <= 100


def test_a_pack_is_written_and_holds(tmp_path):
    path = tmp_path / "mine.yaml"
    assert run("--pack", "bank", "--out", str(path)).exit_code == 0
    assert path.read_text() == pack("bank") == run("--pack", "bank").stdout
    done = CliRunner().invoke(tierlane, ["policy", "test", str(path)])
    assert done.exit_code == 0


def test_a_changed_file_is_not_overwritten_unless_forced(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("policy: mine\n")
    done = run("--pack", "bank", "--out", str(path))
    assert done.exit_code == 2 and "would be lost" in done.stderr
    assert path.read_text() == "policy: mine\n"
    assert run("--pack", "bank", "--out", str(path), "--force").exit_code == 0
    assert path.read_text() == pack("bank")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "name a pack"),
        (("--pack", "bnak"), "did you mean `bank`?"),
        (("--pack", "../x"), "no pack `../x`"),
    ],
)
def test_wrong_use_is_told(arguments, told):
    done = run(*arguments)
    assert done.exit_code == 2 and told in done.stderr

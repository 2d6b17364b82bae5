"""Overlays in files: where a base is looked for, and that every command takes an overlay."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.policy.writing import policy
from tierlane.cli import tierlane
from tierlane.errors import UsageError
from tierlane.policy.compiling.compile import compile_policy
from tierlane.stream.kinds import read_policy
from tierlane.stream.policy_file import find_file, read_policy_file

CASE = "cases: [{case: one, contact: {channel: chat}, expect: {lane: people}}]\n"
OVERLAY = "tierlane: 1\npolicy: north\nextends: ../base.yaml\nbase_cases: true\n"


@pytest.fixture
def north(tmp_path: Path) -> Path:
    (tmp_path / "base.yaml").write_text(policy(CASE))
    (tmp_path / "region").mkdir()
    path = tmp_path / "region" / "north.yaml"
    path.write_text(OVERLAY)
    return path


def run(*arguments: str, **given):
    return CliRunner().invoke(tierlane, arguments, **given)


def test_check_test_and_decide_take_an_overlay(north):
    assert run("policy", "check", str(north)).exit_code == 0
    done = run("policy", "test", str(north))
    assert done.exit_code == 0 and "1 of 1 cases passed" in done.stderr
    line = '{"contact": {"contact_id": "k", "channel": "chat"}, "profile": null, "now": 0}'
    done = run("decide", "--policy", str(north), input=line)
    assert done.exit_code == 0 and '"north"' in done.stdout


def test_show_writes_the_whole_that_is_the_same_revision(north):
    done = run("policy", "show", str(north), "--format", "yaml")
    assert done.exit_code == 0
    there = compile_policy(north.read_bytes(), str(north), find_file)
    assert compile_policy(done.stdout, "whole.yaml").hash == there.hash


def test_a_worker_takes_an_overlay(north):
    assert read_policy(north).name == "north"


def test_a_failed_case_of_the_base_names_the_base(north):
    north.write_text(OVERLAY + "plans: [{plan: all, steps: [{lane: keeper}]}]\n")
    done = run("policy", "test", str(north))
    base = os.path.normpath(north.parent / "../base.yaml")
    assert done.exit_code == 1 and f"{base}:21:9: failed: one" in done.stdout


def test_a_file_of_cases_may_ask_an_overlay(north):
    cases = north.parent / "cases.yaml"
    cases.write_text("policy: north.yaml\n" + CASE)
    assert run("policy", "test", str(cases)).exit_code == 0


def test_a_base_may_be_named_by_its_revision(north):
    name = compile_policy(policy(CASE), "b").hash
    north.write_text(OVERLAY.replace("base.yaml", f"small@{name}"))
    assert "error base_missing" in run("policy", "check", str(north)).stdout
    (north.parent.parent / "small.yaml").write_text(policy(CASE))
    assert run("policy", "check", str(north)).exit_code == 0
    (north.parent.parent / "small.yaml").write_text(policy())
    assert "error base_hash" in run("policy", "check", str(north)).stdout
    (north.parent.parent / f"small@{name}.yaml").write_text(policy(CASE))
    assert run("policy", "check", str(north)).exit_code == 0


def test_a_cycle_is_told_whatever_way_the_file_is_named(north):
    (north.parent.parent / "base.yaml").write_text(
        OVERLAY.replace("../base", "region/../region/north")
    )
    assert "error base_cycle" in run("policy", "check", str(north)).stdout


def test_only_plain_files_are_read(north, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name in ("/dev/zero", str(tmp_path / "pipe"), "..", "no", "a\0b"):
        assert find_file(name, str(north)) is None


def test_a_file_is_not_read_beyond_what_a_document_may_have(tmp_path):
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(1 << 34)
    assert len(read_policy_file(path)) == 8 * 1024 * 1024 + 1
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_policy_file(tmp_path / "none")

"""The hooks for pre-commit: their entry points run, and they take the files they say."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.policy.writing import policy

HOOKS = {one["id"]: one for one in yaml.safe_load(Path(".pre-commit-hooks.yaml").read_bytes())}
CASE = "cases: [{case: one, contact: {channel: chat}, expect: {lane: LANE}}]\n"
PROGRAM = str(Path(sys.executable).with_name("tierlane"))


def run(hook: str, *files: Path) -> subprocess.CompletedProcess:
    program, *arguments = shlex.split(HOOKS[hook]["entry"])
    assert program == "tierlane"
    return subprocess.run([PROGRAM, *arguments, *map(str, files)], capture_output=True, text=True)


@pytest.mark.parametrize(
    ("hook", "text", "code"),
    [
        ("tierlane-policy-check", policy(CASE.replace("LANE", "people")), 0),
        ("tierlane-policy-check", policy("scenarios: {default: a, ignore_tier: [b]}\n"), 1),
        ("tierlane-policy-test", policy(CASE.replace("LANE", "people")), 0),
        ("tierlane-policy-test", policy(CASE.replace("LANE", "keeper")), 1),
    ],
)
def test_a_hook_stops_what_is_wrong_and_nothing_else(hook, text, code, tmp_path):
    path = tmp_path / "policy.yaml"
    path.write_text(text)
    done = run(hook, path, path)
    assert done.returncode == code, done.stderr


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_has_what_pre_commit_asks_for(hook):
    one = HOOKS[hook]
    assert {"id", "name", "entry", "language"} <= one.keys() and one["language"] == "python"
    taken = re.compile(one["files"])
    for name in ("policy.yaml", "shop/policy.yml", "policies/eu/north.yaml", "a/policies/b.yaml"):
        assert taken.search(name)
    for name in ("values.yaml", "policies.yaml", "my-policy.yaml", "policies/notes.md"):
        assert not taken.search(name)


def test_the_how_to_names_each_hook():
    page = Path("docs/how-to/pre-commit.md").read_text()
    assert set(re.findall(r"- id: (\S+)", page)) == set(HOOKS)

"""The gate in the checks of a repository: every command of the example is run, as there."""

import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

from tests.docs.snippet import ROOT, blocks

PAGE = ROOT / "docs" / "how-to" / "gate.md"
NEXT = "[{first: tier != 'gold'}, waited]"
"""The change of the pull request: a slip by which gold is served last."""


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """Make a clone whose branch changes the policy of `main`."""
    root = tmp_path_factory.mktemp("ci")
    origin, clone = root / "origin", root / "clone"
    files = {
        one.mark.removeprefix("file: "): one.body
        for one in blocks(PAGE.read_text(encoding="utf-8"))
        if one.mark.startswith("file: ")
    }
    origin.mkdir()
    git(origin, "init", "-q", "-b", "main")
    for name, text in files.items():
        (origin / name.replace("live.yaml", "policy.yaml")).write_text(text, encoding="utf-8")
    git(origin, "add", ".")
    git(origin, "commit", "-q", "-m", "policy")
    git(root, "clone", "-q", str(origin), str(clone))
    policy = clone / "policy.yaml"
    text = policy.read_text(encoding="utf-8")
    assert "[waited]" in text
    policy.write_text(text.replace("[waited]", NEXT), encoding="utf-8")
    return clone


def git(folder, *words):
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True)


def steps():
    """Return the commands of the example, without the one that installs tierlane."""
    (text,) = (
        one.body
        for one in blocks(PAGE.read_text(encoding="utf-8"))
        if one.language == "yaml" and "runs-on" in one.body
    )
    told = [one["run"] for one in yaml.safe_load(text)["jobs"]["gate"]["steps"] if "run" in one]
    assert told[0].startswith("pip install")
    return told[1:]


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_every_command_of_the_example_runs_and_the_last_one_stops_the_change(repository):
    summary = repository / "summary.md"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    about = {**os.environ, "PATH": path, "GITHUB_STEP_SUMMARY": str(summary), "NO_COLOR": "1"}
    codes, last = [], ""
    for step in steps():
        command = step.replace("${{ github.base_ref }}", "main")
        done = subprocess.run(
            ["sh", "-e", "-c", command], cwd=repository, env=about, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False,
        )  # fmt: skip
        codes.append(done.returncode)
        last = done.stdout
    assert codes == [0, 0, 0, 1], last
    assert "limits broken: gold is answered within a minute" in last
    assert "**broken**" in summary.read_text(encoding="utf-8")
    cases = ET.parse(repository / "gate.xml").iter("testcase")
    failed = {one.attrib["name"]: one.find("failure") is not None for one in cases}
    assert failed == {
        "gold is answered within a minute": True,
        "the others hardly wait longer": False,
        "nobody is worn out": False,
    }

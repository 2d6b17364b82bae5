"""`tierlane policy check` and `test`: findings and failed cases, for people and programs."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.policy.writing import policy
from tierlane.cli import tierlane

SHOP = "tests/policy/shop.yaml"


def run(*arguments: str):
    return CliRunner().invoke(tierlane, ["policy", *arguments])


@pytest.fixture
def written(tmp_path: Path):
    def write(text: str, name: str = "p.yaml") -> str:
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


def test_a_sound_policy_exits_0_and_warnings_count_when_strict(written):
    path = written(policy())
    done = run("check", path)
    assert done.exit_code == 0 and f"{path}:1:1: warning no_cases" in done.stdout
    assert "1 checked: 0 errors, 3 warnings" in done.stderr
    assert run("check", "--strict", path).exit_code == 1


def test_findings_as_json(written):
    path = written(policy("scenarios: {default: a, ignore_tier: [b]}\n"))
    done = run("check", "--format", "json", path, SHOP)
    assert done.exit_code == 1
    (wrong,) = [one for one in json.loads(done.stdout) if one["severity"] == "error"]
    assert wrong == {
        "code": "unknown_scenario", "severity": "error", "file": path,
        "line": len(policy().splitlines()) + 1, "column": 39,
        "message": "no rule gives the scenario `b`", "hint": "there is `a`",
    }  # fmt: skip


def test_a_file_that_is_not_there_exits_2_and_one_that_is_no_yaml_1(written):
    assert run("check", "nowhere.yaml").exit_code == 2
    done = run("check", written("["))
    assert done.exit_code == 1 and "error not_yaml" in done.stdout


def test_cases_that_pass():
    done = run("test", SHOP)
    assert done.exit_code == 0 and done.stdout == ""
    assert f"{SHOP}: 10 of 10 cases passed" in done.stderr


def test_a_failed_case_shows_both_sides(written):
    text = "cases: [{case: one, contact: {channel: chat}, expect: {lane: bot, step: 1}}]\n"
    path = written(policy(text))
    done = run("test", path)
    assert done.exit_code == 1
    line = len(policy().splitlines()) + 1
    assert done.stdout.splitlines() == [
        f"{path}:{line}:9: failed: one",
        "          expected  got",
        "    lane  bot       people",
    ]
    told = json.loads(run("test", "--format", "json", path).stdout)
    assert told == [
        {"case": "one", "file": path, "line": line, "passed": False,
         "differences": [{"key": "lane", "expected": "bot", "got": "people"}]}
    ]  # fmt: skip


def test_cases_may_stand_in_a_file_of_their_own(written):
    written(policy())
    case = "{case: one, contact: {channel: chat}, expect: {lane: people}}"
    path = written(f"policy: p.yaml\ncases: [{case}]\n", "cases.yaml")
    done = run("test", path)
    assert done.exit_code == 0 and "1 of 1 cases passed" in done.stderr


def test_a_policy_with_errors_cannot_be_tested(written):
    done = run("test", written(policy("fields2: 1\n")))
    assert done.exit_code == 2 and "unknown_key" in done.stderr

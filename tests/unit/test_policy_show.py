"""`tierlane policy show`: its formats, its date, and what it refuses."""

import json

import pytest
from click.testing import CliRunner

from tests.policy.writing import policy
from tierlane.cli import tierlane

SHOP = "tests/policy/shop.yaml"


def run(*arguments: str):
    return CliRunner().invoke(tierlane, ["policy", "show", *arguments])


@pytest.mark.parametrize(
    ("shape", "begins"),
    [("html", "<!DOCTYPE html>"), ("svg", "<svg xmlns="), ("text", "Policy shop\n"), ("json", "{")],
)
def test_each_format_goes_to_stdout_or_a_file(shape, begins, tmp_path):
    done = run(SHOP, "--format", shape, "--date", "2 March")
    assert done.exit_code == 0 and done.stdout.startswith(begins)
    path = tmp_path / "out"
    assert run(SHOP, "--format", shape, "--date", "2 March", "--out", str(path)).stdout == ""
    assert path.read_text(encoding="utf-8") == done.stdout


def test_the_date_is_handed_in():
    told = json.loads(run(SHOP, "--format", "json", "--date", "spring 2026").stdout)
    assert told["date"] == "spring 2026" and len(told["revision"]) == 16
    assert json.loads(run(SHOP, "--format", "json").stdout)["date"].startswith("20")
    assert json.loads(run(SHOP, "--format", "json", "--date", "").stdout)["date"] is None


def test_in_chinese():
    done = run(SHOP, "--language", "zh", "--format", "text")
    assert "客户等级" in done.stdout and "情形为「return」" in done.stdout


def test_a_policy_that_cannot_be_used_is_not_shown(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text(policy("fields2: 1\n"))
    done = run(str(path))
    assert done.exit_code == 2 and "unknown_key" in done.stderr
    assert run("nowhere.yaml").exit_code == 2

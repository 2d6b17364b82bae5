"""`tierlane policy publish`, `history`, `rollback`: what is refused before any broker is asked."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.policy.writing import policy
from tierlane.cli import tierlane
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.publish.publication import find_in, source_of
from tierlane.stream.bundle import Bundle

NOWHERE = ("--brokers", "127.0.0.1:1")
FAILS = "cases: [{case: one, contact: {channel: chat}, expect: {lane: elsewhere}}]\n"
NOT_KEPT = "compliance: [{rule: record it, then: {can: [record]}}]\n"


def run(*arguments: str):
    return CliRunner().invoke(tierlane, ["policy", *arguments])


@pytest.fixture
def written(tmp_path: Path):
    def write(text: str, name: str = "p.yaml") -> str:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return str(path)

    return write


def test_a_failed_case_is_refused_with_1(written):
    done = run("publish", written(policy(FAILS)), *NOWHERE)
    assert done.exit_code == 1
    assert "failed case: one" in done.stdout
    assert "is not published" in done.stderr


APART = "policy: p.yaml\ncases: [{case: apart, contact: {channel: chat}, expect: {lane: %s}}]\n"


def test_cases_in_a_file_of_their_own_must_hold_too(written):
    path = written(policy())
    fails, holds = written(APART % "bot", "fails.yaml"), written(APART % "people", "holds.yaml")
    done = run("publish", path, "--cases", holds, "--cases", fails, *NOWHERE)
    assert (done.exit_code, f"{fails}:2:" in done.stdout) == (1, True)
    assert "failed case: apart" in done.stdout and "is not published" in done.stderr
    granted = run("publish", path, "--cases", holds, *NOWHERE)
    assert (granted.exit_code, "127.0.0.1:1" in granted.stderr) == (2, True)  # asks the broker


def test_a_file_that_is_no_case_file_of_this_policy_is_refused(written):
    path, other = written(policy()), written(policy(), "other.yaml")
    about = written((APART % "people").replace("p.yaml", "other.yaml"), "about.yaml")
    wrong = written((APART % "people").replace("lane:", "lanes:"), "wrong.yaml")
    told = {one: run("publish", path, "--cases", one, *NOWHERE) for one in (other, about, wrong)}
    assert [one.exit_code for one in told.values()] == [2, 2, 1]
    assert "is a policy, no file of cases" in told[other].stderr
    assert "are about" in told[about].stderr
    assert f"{wrong}:2:" in told[wrong].stdout


def test_an_error_of_the_check_is_refused_with_1_and_told_as_json(written):
    done = run("publish", written(policy(NOT_KEPT)), "--format", "json", *NOWHERE)
    told = json.loads(done.stdout)
    assert (done.exit_code, told["changed"]) == (1, False)
    assert [one["code"] for one in told["refused"]] == ["mark_not_kept"]


def test_an_error_that_cannot_be_let_pass_says_so(written):
    path = written(policy(plans="plans: [{plan: all, steps: [{lane: nowhere}]}]\n"))
    done = run("publish", path, "--allow", "unknown_lane", "--reason", "so what", *NOWHERE)
    assert done.exit_code == 1
    assert f"{path}:" in done.stdout
    assert "unknown_lane" in done.stdout
    assert "cannot be let pass" in done.stderr
    as_json = run("publish", path, "--format", "json", *NOWHERE)
    assert json.loads(as_json.stdout)["refused"][0]["code"] == "unknown_lane"


@pytest.mark.parametrize("reason", [(), ("--reason", " ")])
def test_an_allowance_needs_a_reason(written, reason):
    done = run("publish", written(policy()), "--allow", "mark_not_kept", *reason, *NOWHERE)
    assert (done.exit_code, "needs a reason" in done.stderr) == (2, True)


def test_an_unreadable_file_and_no_broker_exit_with_2(written, tmp_path):
    assert run("publish", str(tmp_path / "none.yaml"), *NOWHERE).exit_code == 2
    done = run("publish", written(policy()), *NOWHERE)
    assert (done.exit_code, "127.0.0.1:1" in done.stderr) == (2, True)
    assert "Traceback" not in done.output
    for command in ("history", "rollback"):
        assert run(command, *NOWHERE).exit_code == 2


def test_shadow_and_to_exclude_each_other():
    done = run("rollback", "--shadow", "--to", "abcd", *NOWHERE)
    assert (done.exit_code, "exclude each other" in done.stderr) == (2, True)


def test_what_a_policy_extends_is_published_with_it(written, tmp_path, monkeypatch):
    written(policy())
    upper = written("tierlane: 1\npolicy: eu\nextends: ../p.yaml\nfallback: people\n", "eu/q.yaml")
    bundle = Bundle(Path(upper))
    revision = compile_policy(bundle.text, bundle.source, bundle.find)
    kept = bundle.kept(revision.name, revision.hash)
    assert str(tmp_path) not in json.dumps(kept)
    assert (kept["source"], [one["source"] for one in kept["beneath"]]) == ("q.yaml", ["../p.yaml"])
    (tmp_path / "p.yaml").unlink()
    again = compile_policy(kept["document"], source_of(kept), find_in(kept))
    assert (again.name, again.hash) == ("eu", revision.hash)

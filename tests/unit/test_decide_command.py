"""`tierlane decide`: one answer a line, in order, without a broker."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

POLICY = "tests/policy/shop.yaml"
NOW = "2026-03-13T10:00:00+08:00"
ENGLISH = "Contact `k1` goes to lane `people` (standard queue) at desk `shop`."


def line(**given) -> str:
    contact = {
        "contact_id": "k1",
        "channel": "chat",
        "subject": "order",
        **given.pop("contact", {}),
    }
    return json.dumps({"contact": contact, "profile": None, "now": NOW, **given})


def run(*arguments: str, lines: str = "", **env: str):
    return subprocess.run(
        [sys.executable, "-c", "import sys, tierlane.cli; sys.exit(tierlane.cli.main())",
         "decide", "--policy", POLICY, *arguments],
        input=lines.encode(), capture_output=True, timeout=60,
        env={"PATH": "/usr/bin:/bin", **env},
    )  # fmt: skip


def answers(done) -> list[dict]:
    return [json.loads(one) for one in done.stdout.splitlines()]


def test_order_is_kept_and_a_bad_line_is_answered_in_its_place():
    secret = "hunter2"
    lines = [
        line(contact={"contact_id": "a"}),
        f'{{"contact": {secret}',
        line(contact={"contact_id": "b", "channel": None}),
        line(now=None, contact={"contact_id": "c", "time": NOW}),
        line(now=secret),
        line(now=None),
        line(profile=[secret]),
        "[1]",
        "",
        line(contact={"contact_id": "d", "channel": "fax"}),
    ]
    done = run(lines="\n".join(lines) + "\n")
    assert done.returncode == 1 and done.stderr == b""
    got = answers(done)
    assert [one["line"] for one in got if "line" in one] == [2, 3, 5, 6, 7, 8, 9]
    assert [one["error"] for one in got if "error" in one] == [
        "not JSON, at character 12",
        "contact.channel: missing",
        "now: not a time with an offset",
        "now: missing, and contact.time too",
        "profile: not an object",
        "not an object",
        "empty",
    ]
    told = [got[0], got[3], got[9]]
    assert [one["data"]["contact_id"] for one in told] == ["a", "c", "d"]
    assert [one["data"]["cause"] for one in told] == [
        {"source": "stdin", "line": 1}, {"source": "stdin", "line": 4},
        {"source": "stdin", "line": 10},
    ]  # fmt: skip
    assert told[2]["data"]["errors"][0] == {"error": "unknown_value", "at": "contact.channel"}
    assert secret.encode() not in done.stdout


def test_an_event_is_told_what_to_give_of_it():
    event = {"specversion": "1.0", "data": {"contact_id": "k1", "channel": "chat"}, "time": NOW}
    [answer] = answers(run(lines=json.dumps(event)))
    assert answer["error"] == "contact: missing; of an event, `data` is the contact"


def test_the_input_is_not_overwritten(tmp_path: Path):
    source = tmp_path / "in.jsonl"
    source.write_text(line() + "\n")
    done = run(str(source), str(source))
    assert done.returncode == 2
    assert b"is read and would be lost" in done.stderr
    assert source.read_text() == line() + "\n"


def test_files_are_read_and_written_and_twice_the_same(tmp_path: Path):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(line(contact={"contact_id": f"k{n}"}) + "\n" for n in range(50)))
    assert run(str(source), str(target)).returncode == 0
    first = target.read_bytes()
    assert run(str(source), str(target)).returncode == 0
    assert target.read_bytes() == first
    data = [json.loads(one)["data"] for one in first.splitlines()]
    assert [one["contact_id"] for one in data] == [f"k{n}" for n in range(50)]
    assert data[7]["cause"] == {"source": str(source), "line": 8}
    assert data[7]["at"] == "2026-03-13T02:00:00.000Z"


def test_receipts_go_by_the_key():
    lines = line(contact={"text": "a lawyer"})
    keys = (
        {},
        {"TIERLANE_MASK_KEY": "0123456789abcdef"},
        {"TIERLANE_MASK_KEY": "fedcba9876543210"},
    )
    receipts = [
        answers(run(lines=lines, **key))[0]["data"]["masked"]["contact.text"] for key in keys
    ]
    assert len(set(receipts)) == 3


@pytest.mark.parametrize(
    ("arguments", "first"),
    [
        (("--explain",), ENGLISH),
        (("--explain", "en", "-"), ENGLISH),
        (("--explain", "zh"), "联络「k1」进入通道「people」（标准队列），由「shop」受理。"),
    ],
)  # fmt: skip
def test_explanations_are_sentences(arguments, first):
    done = run(*arguments, lines=line())
    assert done.returncode == 0
    assert done.stdout.decode().splitlines()[0] == first


@pytest.mark.parametrize("text", [None, "tierlane: 2\n", "[", "a: 1\na: 2\n"])
def test_a_policy_that_cannot_be_read_exits_2(tmp_path: Path, text):
    path = tmp_path / "p.yaml"
    if text is not None:
        path.write_text(text)
    done = run("--policy", str(path), lines=line())
    assert done.returncode == 2 and done.stdout == b"" and str(path).encode() in done.stderr


def test_counts_are_stated_in_the_line_and_working_time_has_its_moment(tmp_path):
    policy = tmp_path / "counting.yaml"
    policy.write_text(
        "tierlane: 1\npolicy: counting\ncalendar: office\n"
        "calendars: {office: {weekly: {mon-fri: 09:00-18:00}, time_zone: Asia/Shanghai}}\n"
        "memory: {counts: [{count: returns, within: 30d}]}\n"
        "promises: {default: {resolve: 16h working}}\n"
        "floors: [{rule: often, when: memory.count.returns >= 2, then: {priority: 5}}]\n"
        "desks: {d: {managed: false}}\nlanes: {people: {kind: standard, desk: d}}\n"
        "plans: [{plan: all, steps: [{lane: people}]}]\n"
        "finally: {close: sorry}\nfallback: people\n",
        encoding="utf-8",
    )
    lines = [line(), line(memory={"count": {"returns": 2}})]
    done = run("--policy", str(policy), lines="\n".join(lines) + "\n")
    assert done.returncode == 0
    plain, often = answers(done)
    assert (plain["data"]["priority"], often["data"]["priority"]) == (0, 5)
    assert often["data"]["inputs"]["memory.count.returns"] == 2
    # Friday at ten: eight hours, and eight on Monday.
    assert plain["data"]["due"] == {"resolve": "2026-03-16T09:00:00.000Z"}


def test_a_kept_record_is_told_as_the_decision_was():
    (record,) = run(lines=line()).stdout.splitlines()
    kept, anew = run("--explain", lines=record.decode()), run("--explain", lines=line())
    assert kept.returncode == 0 and kept.stdout == anew.stdout
    assert "Looked at in" in anew.stdout.decode()


def test_rows_are_not_named_by_a_policy_that_did_not_decide():
    record = json.loads(run(lines=line()).stdout)
    named = run("--explain", lines=json.dumps(record)).stdout.decode()
    record["data"]["policy"]["revision"] = "0" * 16
    told = run("--explain", lines=json.dumps(record)).stdout.decode()
    assert told.startswith(ENGLISH) and told != named


def test_of_other_records_the_reason_is_told():
    record = json.loads(run(lines=line()).stdout)
    other = {**record, "data": {**record["data"], "kind": "answered"}}
    cut = {**record, "data": {"kind": "decided"}}
    done = run("--explain", lines=f"{json.dumps(other)}\n{json.dumps(cut)}\n")
    assert done.returncode == 1
    assert [one["error"] for one in answers(done)] == [
        "an audit record of no decision",
        "an audit record that lacks what this release tells",
    ]
    (refused,) = answers(run(lines=json.dumps(record)))
    assert refused["error"] == "an audit record; --explain tells it"

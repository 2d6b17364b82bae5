"""Recordings without what is personal."""

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from tests.replay.scene import lines, recorded
from tierlane.cli import tierlane
from tierlane.contact.event import FEEDBACK
from tierlane.replay.anonymous import Anonymous
from tierlane.replay.source.opening import opened
from tierlane.replay.stored import StoredRecord
from tierlane.topic import CONTACT_EVENTS, CUSTOMER_PROFILES, INTAKE_RETURNS, POLICY_REVISIONS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("anonymous")
    (path / "scene.jsonl").write_bytes(lines(recorded()))
    words = ["replay", "record", str(path / "scene.jsonl"), "--out", str(path / "r")]
    done = CliRunner().invoke(tierlane, [*words, "--without", "personal"])
    assert done.exit_code == 0, done.output
    return path / "r"


def everything(folder: Path) -> list[StoredRecord]:
    return [StoredRecord(*one) for batch in opened([folder]).batches() for one in batch]


def test_nothing_personal_is_left(folder):
    said = {b"text", b"preferences", b"birth_year"}
    before = [one.value for one in recorded() if one.value]
    assert all(any(b'"%b":' % name in value for value in before) for name in said)
    for one in everything(folder):
        if one.topic != POLICY_REVISIONS:
            assert not any(b'"%b":' % name in (one.value or b"") for name in said), one


def test_profiles_keep_what_policies_read(folder):
    profiles = [
        orjson.loads(one.value)
        for one in everything(folder)
        if one.topic == CUSTOMER_PROFILES and one.value
    ]
    kept = {name for one in profiles for name in one.get("data", one)}
    assert "measures" in kept and "segments" in kept
    assert not kept & {"preferences", "birth_year", "region", "account_team"}


def test_of_feedback_the_marks_are_left_and_no_words():
    said = {"contact_id": "k", "score": 2, "scale": [1, 5], "resolved": False}
    event = {"type": FEEDBACK, "data": {**said, "comment": "slow", "phone": "1"}}
    handed = {"type": "tierlane.return.forwarded.v1", "data": {"contact_id": "k", "event": event}}
    for topic, one in ((CONTACT_EVENTS, event), (INTAKE_RETURNS, handed)):
        record = StoredRecord(topic, 0, 0, 0, b"k", orjson.dumps(one))
        left = orjson.loads(Anonymous(())(record).value or b"")
        inner = left if topic == CONTACT_EVENTS else left["data"]["event"]
        assert inner["data"] == said


def test_what_is_left_is_derived_alike(folder):
    words = ["replay", "verify", str(folder), "--format", "json"]
    done = CliRunner().invoke(tierlane, words)
    told = orjson.loads(done.stdout)
    assert told["differences"] == []
    # The sample reads what contacts say, so many hang on it, and on what came of it before.
    assert told["decisions"] > 150 and told["excused"] > 0
    assert CliRunner().invoke(tierlane, [*words, "--strict"]).exit_code == 1

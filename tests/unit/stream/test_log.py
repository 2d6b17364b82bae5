import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from tierlane.stream.log import REPEAT, set_up
from tierlane.stream.metric import Metrics


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield Metrics()
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_is_json(metrics: Metrics, capsys: pytest.CaptureFixture[str]) -> None:
    set_up("info", metrics)
    structlog.get_logger("tierlane.test").info("assigned", owners=["intake-1"])
    (line,) = lines(capsys)
    assert line["event"] == "assigned" and line["owners"] == ["intake-1"]
    assert line["level"] == "info" and line["logger"] == "tierlane.test"


def test_an_exceptions_text_is_left_out(
    metrics: Metrics, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up("info", metrics)
    try:
        int("my secret complaint")
    except ValueError:
        structlog.get_logger("tierlane.test").exception("owner failed")
        logging.getLogger("faust.app").exception("crashed")
    said = capsys.readouterr().err
    assert "secret" not in said
    for line in said.splitlines():
        assert json.loads(line)["error"] == "ValueError"
        assert any("test_log.py" in place for place in json.loads(line)["trace"])


def test_what_every_transaction_may_be_answered_is_counted_not_logged(
    metrics: Metrics, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # as the command does before
    set_up("info", metrics)
    aiokafka = logging.getLogger("aiokafka.producer.sender")
    aiokafka.warning("Got error produce response: %s", "NotEnoughReplicasError")
    aiokafka.warning("Cannot send to %s", "1")
    assert [line["event"] for line in lines(capsys)] == ["Cannot send to 1"]
    assert b'tierlane_retried_total{cause="not-enough-replicas"} 1.0' in metrics.page()


def test_libraries_say_nothing_below_a_warning(
    metrics: Metrics, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up("info", metrics)
    logging.getLogger("faust.app.base").info("Flush producer buffer...")
    assert lines(capsys) == []


def test_the_same_words_of_a_library_come_once_in_a_while(
    metrics: Metrics, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up("info", metrics)
    now = 100.0
    monkeypatch.setattr("tierlane.stream.log.time.monotonic", lambda: now)
    aiokafka = logging.getLogger("aiokafka")
    for node in range(50):
        aiokafka.error("Unable connect to node with id %s", node)
    aiokafka.error("Something else")
    now += REPEAT
    aiokafka.error("Unable connect to node with id %s", 50)
    for _ in range(3):
        structlog.get_logger("tierlane.test").info("ours is never left out")
    assert [line["event"] for line in lines(capsys)] == [
        "Unable connect to node with id 0",
        "Something else",
        "Unable connect to node with id 50 (and 49 times more)",
        *["ours is never left out"] * 3,
    ]

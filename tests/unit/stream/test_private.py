import pytest
from aiokafka.producer.sender import Sender
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread

from tierlane.stream import private


def test_the_installed_versions_have_every_name() -> None:
    assert private.missing() == []
    private.check()


def test_a_name_that_is_gone_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(AIOKafkaConsumerThread, "_create_worker_consumer")
    with pytest.raises(private.Incompatible) as caught:
        private.check()
    assert "AIOKafkaConsumerThread._create_worker_consumer" in str(caught.value)


def test_an_attribute_that_is_not_set_any_more_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sender, "__init__", lambda self: None)
    assert "aiokafka.producer.sender.Sender.client" in private.missing()

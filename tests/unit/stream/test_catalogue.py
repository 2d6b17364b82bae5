import pytest
from pydantic import ValidationError

from tierlane.errors import TopicError
from tierlane.stream.catalogue import TopicSpec, catalogue, partition_groups
from tierlane.stream.provision import refuse_unequal
from tierlane.topic import DESK_INPUTS, INTAKE_INPUTS

CONTRACT = {
    "contact.events": "delete",
    "customer.profiles": "compact",
    "policy.revisions": "compact",
    "intake.returns": "delete",
    "desk.contacts": "delete",
    "advisor.directory": "compact",
    "advisor.events": "delete",
    "advisor.offers": "delete",
    "lane.standard": "delete",
    "lane.priority": "delete",
    "lane.dedicated": "delete",
    "lane.selfservice": "delete",
    "routing.audit": "delete",
    "routing.shadow": "delete",
    "contact.rejected": "delete",
}


def test_every_topic_of_the_contract_is_there_with_its_cleanup() -> None:
    found = {name: spec.cleanup for name, spec in catalogue().items()}
    assert {name: found[name] for name in CONTRACT} == CONTRACT
    assert all(spec.partitions == 24 for spec in catalogue().values())


def test_what_owners_read_together_is_partitioned_together() -> None:
    groups = partition_groups(catalogue())
    assert {*INTAKE_INPUTS, "tierlane.intake.state"} <= set(groups["intake"])
    assert {*DESK_INPUTS, "tierlane.desk.state"} <= set(groups["desk"])


def test_settings_as_kafka_names_them() -> None:
    audit = catalogue()["routing.audit"].settings()
    assert audit["retention.ms"] == str(90 * 86_400_000)
    assert audit["compression.type"] == "zstd"
    profiles = catalogue()["customer.profiles"].settings()
    assert profiles["min.compaction.lag.ms"] == str(35 * 86_400_000)
    for spec in catalogue().values():
        assert spec.settings()["message.timestamp.type"] == "LogAppendTime"


def test_rejected_takes_more_than_any_input_gives() -> None:
    def most(name: str) -> int:
        return int(catalogue()[name].settings()["max.message.bytes"])

    assert all(most("contact.rejected") > most(name) for name in INTAKE_INPUTS)


def test_a_misspelt_description_is_refused() -> None:
    with pytest.raises(ValidationError, match="partition_count"):
        TopicSpec(name="x", about="x", key="x", partitions=1, cleanup="delete", partition_count=2)


def test_unequal_numbers_of_partitions_are_refused_with_what_to_do() -> None:
    with pytest.raises(TopicError) as caught:
        refuse_unequal({"contact.events": 24, "customer.profiles": 12, "lane.standard": 3})
    assert "`contact.events` 24, `customer.profiles` 12" in str(caught.value)
    assert "hint: " in str(caught.value)
    refuse_unequal({"contact.events": 24, "customer.profiles": 24, "lane.standard": 3})

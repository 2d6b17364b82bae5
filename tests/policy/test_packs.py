"""The policies that come with the package: sound, their cases pass, and they serve the sample."""

from collections import Counter

import orjson
import pytest
import yaml
from click.testing import CliRunner

from tierlane.cli import tierlane
from tierlane.policy.compiling.compile import compile_policy
from tierlane.sample import Sample
from tierlane.sample.business import BUSINESSES
from tierlane.sample.pack import pack
from tierlane.value import parse_time

PACKS = ("sample", "bank")
KINDS = {"standard", "priority", "dedicated", "selfservice"}


@pytest.fixture(scope="module")
def decisions() -> list[tuple[str, object]]:
    """Return business and decision of each of the sample's contacts."""
    revision = compile_policy(pack("sample"), "sample.yaml")
    sample = Sample(6_000, 11)
    profiles = {}
    for line in sample.profile_lines():
        data = orjson.loads(line)["data"]
        profiles[data["customer_id"]] = data
    found = []
    for line in sample.contact_lines():
        event = orjson.loads(line)
        if event["type"] == "tierlane.contact.arrived.v1":
            data = event["data"]
            profile = profiles.get(data.get("customer_id"))
            decision = revision.decide(data, profile, None, parse_time(event["time"]))
            found.append((data["attributes"]["business"], decision))
    return found


@pytest.mark.parametrize("name", PACKS)
def test_check_finds_nothing(name: str, tmp_path) -> None:
    path = tmp_path / f"{name}.yaml"
    path.write_text(pack(name), encoding="utf-8")
    done = CliRunner().invoke(tierlane, ["policy", "check", str(path)])
    assert done.exit_code == 0, done.output
    assert "1 checked: 0 errors, 0 warnings" in done.output


@pytest.mark.parametrize("name", PACKS)
def test_all_cases_pass(name: str, tmp_path) -> None:
    path = tmp_path / f"{name}.yaml"
    path.write_text(pack(name), encoding="utf-8")
    done = CliRunner().invoke(tierlane, ["policy", "test", str(path)])
    count = len(yaml.safe_load(pack(name))["cases"])
    assert done.exit_code == 0, done.output
    assert f"{count} of {count} cases passed" in done.output


def test_cases_of_the_sample_cover_every_business_and_kind_of_lane() -> None:
    document = yaml.safe_load(pack("sample"))
    cases = document["cases"]
    businesses = {case["contact"].get("attributes", {}).get("business") for case in cases}
    assert businesses >= {business.name for business in BUSINESSES}
    kinds = {document["lanes"][case["expect"]["lane"]]["kind"] for case in cases}
    assert kinds == KINDS
    assert all(
        "because" in case["expect"] or "passed_over" in case["expect"] for case in cases[:-1]
    )


def test_the_sample_reaches_every_kind_of_lane_and_tier(decisions) -> None:
    outcomes = [decision.outcome for _, decision in decisions]
    assert {outcome.kind for outcome in outcomes} == KINDS
    assert {outcome.tier for outcome in outcomes} == {"standard", "silver", "gold", "vip"}
    lanes = Counter(outcome.lane for outcome in outcomes)
    document = yaml.safe_load(pack("sample"))
    # The hall is for contacts of no known business, and the sample has none.
    assert set(document["lanes"]) - set(lanes) == {"service hall"}


def test_each_business_keeps_its_contacts_to_itself(decisions) -> None:
    assert all(decision.outcome.desk == business for business, decision in decisions)


def test_only_unknown_customers_and_missing_profiles_are_noted(decisions) -> None:
    noted = {fault.code for _, decision in decisions for fault in decision.errors}
    assert noted == {"unknown_customer", "missing_profile"}


def test_no_couture_and_no_emergency_meets_a_machine(decisions) -> None:
    for business, decision in decisions:
        outcome = decision.outcome
        if business == "luxury" or outcome.scenario in {"emergency", "lost card", "recovery"}:
            assert outcome.kind != "selfservice"
        if outcome.scenario == "emergency":
            assert (outcome.tier, outcome.lane, outcome.priority.start) == (
                "standard",
                "green channel",
                100,
            )


@pytest.mark.parametrize("priority", [0, 1, 2])
@pytest.mark.parametrize("subject", ["PS", "NW", "NE", "IN", "TT", "PE", "AA"])
def test_bank_credits_high_priority_alone(subject: str, priority: int) -> None:
    revision = compile_policy(pack("bank"), "bank.yaml")
    contact = {
        "contact_id": "k",
        "customer_id": None,
        "channel": "voice",
        "subject": subject,
        "attributes": {"priority": priority},
    }
    outcome = revision.decide(contact, None, None, 0).outcome
    assert outcome.lane == ("internet people" if subject == "IN" else "people")
    assert outcome.priority.credit == (90_000 if priority == 2 else 0)
    assert outcome.tier == ("high" if priority == 2 else "regular")

"""What tierlane does on any backend: the suite, written once.

Every test sends records, lets the backend settle and reads the topics. See `driver.py` for what a
backend has to offer.
"""

from collections import Counter
from typing import Any

import orjson
import pytest

from tests.contract.driver import POLICY, Driver, Sent
from tests.contract.event import advisor, arrived, contact, profile
from tierlane.topic import CONTACT_REJECTED, ROUTING_AUDIT, lane_topic
from tierlane.value import parse_time

FIRST = POLICY.read_text(encoding="utf-8")
TO_CLAIMS = FIRST.replace("general, steps: [{lane: people}]", "general, steps: [{lane: claims}]")
WITHOUT_PEOPLE = FIRST.replace("people", "everybody")
KINDS = ("standard", "priority", "dedicated", "selfservice")


def entries(driver: Driver, contact_id: str) -> list[dict[str, Any]]:
    """Return a contact's lane events, oldest entry first, each `entered` before its `left`."""
    found = []
    for kind in KINDS:
        for record in driver.read(lane_topic(kind)):
            event = orjson.loads(record.value or b"")
            assert record.key == event["data"]["contact_id"].encode()
            assert event["data"]["kind"] == kind
            if event["data"]["contact_id"] == contact_id:
                found.append({"type": event["type"].split(".")[2], **event["data"]})
    return sorted(found, key=lambda one: (one["entry_no"], one["type"] == "left"))


def audits(driver: Driver, contact_id: str | None) -> list[dict[str, Any]]:
    """Return what the audit tells of a contact (None: of none), by owner in its own order."""
    told = [orjson.loads(one.value or b"")["data"] for one in driver.read(ROUTING_AUDIT)]
    found = [one for one in told if one["contact_id"] == contact_id]
    return sorted(found, key=lambda one: (one["owner"], one["seq"]))


def kinds(driver: Driver, contact_id: str) -> Counter[str]:
    """Return how many audit records of each kind a contact has."""
    return Counter(one["kind"] for one in audits(driver, contact_id))


def run(driver: Driver, *records: Sent) -> None:
    """Send records and let the backend settle."""
    driver.send(records)
    driver.settle()


class Behaviour:
    """The suite; a backend's class inherits it and gives the fixture `driver`."""

    def test_contact_gets_one_lane_and_one_decision(self, driver: Driver) -> None:
        run(driver, arrived(driver.now(), "k-1", "u-1", subject="order"))
        (entry,) = entries(driver, "k-1")
        (decision,) = audits(driver, "k-1")
        assert (entry["lane"], entry["kind"], entry["entry_no"]) == ("people", "standard", 1)
        assert (entry["customer_id"], entry["key"]) == ("u-1", "u-1")
        assert decision["kind"] == "decided"
        assert entry["decision_id"] == decision["decision_id"]
        assert entry["entry_id"] != decision["decision_id"]
        assert decision["cause"]["topic"] == "contact.events"

    def test_kind_of_lane_follows_the_policy(self, driver: Driver) -> None:
        now = driver.now()
        rich = {"measures": {"spend_12m": 20000.0}, "dedicated_advisor": "a-7"}
        run(driver, profile("u-gold", **rich))
        run(
            driver,
            arrived(now, "k-gold", "u-gold"),
            arrived(now, "k-claim", "u-claim", subject="claim"),
            arrived(now, "k-app", "u-app", channel="app"),
        )
        (gold,) = entries(driver, "k-gold")
        assert (gold["kind"], gold["tier"], gold["advisor"]) == ("dedicated", "gold", "a-7")
        assert entries(driver, "k-claim")[0]["kind"] == "priority"
        assert entries(driver, "k-app")[0]["kind"] == "selfservice"
        (decision,) = audits(driver, "k-gold")
        assert set(decision["cause"]["profile"]) == {"partition", "offset"}

    def test_promise_counts_from_when_the_log_took_the_arrival(self, driver: Driver) -> None:
        run(driver, arrived(driver.now(), "k-2", "u-2", subject="claim"))
        (entry,) = entries(driver, "k-2")
        (record,) = [one for one in driver.read("contact.events") if b'"k-2"' in (one.value or b"")]
        assert parse_time(entry["respond_by"]) == record.timestamp + 20_000
        assert parse_time(entry["resolve_by"]) == record.timestamp + 48 * 3_600_000

    def test_same_event_twice_is_a_duplicate(self, driver: Driver) -> None:
        event = arrived(driver.now(), "k-3", "u-3")
        run(driver, event, event)
        assert len(entries(driver, "k-3")) == 1
        assert kinds(driver, "k-3") == {"decided": 1, "duplicate": 1}

    def test_update_that_changes_nothing_keeps_the_entry(self, driver: Driver) -> None:
        now = driver.now()
        run(
            driver,
            arrived(now, "k-4", "u-4", subject="order"),
            contact("updated", "up", now + 1, "k-4", "u-4", subject="return"),
        )
        assert len(entries(driver, "k-4")) == 1
        assert [one.get("again", False) for one in audits(driver, "k-4")] == [False, True]

    def test_update_moves_to_another_lane_and_keeps_the_age(self, driver: Driver) -> None:
        now = driver.now()
        run(driver, arrived(now, "k-5", "u-5", subject="order"))
        first = entries(driver, "k-5")[0]
        run(driver, contact("updated", "up", now + 5000, "k-5", "u-5", subject="claim"))
        entered, left, moved = entries(driver, "k-5")
        assert (left["type"], left["reason"], left["entry_id"]) == (
            "left",
            "moved",
            first["entry_id"],
        )
        assert (moved["type"], moved["entry_no"], moved["lane"]) == ("entered", 2, "claims")
        assert kinds(driver, "k-5")["moved"] == 1
        # The claim's promise is 20 s and the order's 30 s; both count from the same arrival.
        assert moved["respond_by"] < entered["respond_by"]

    def test_unknown_customer_is_decided_with_the_reason(self, driver: Driver) -> None:
        run(driver, arrived(driver.now(), "k-6", subject="order"))
        (entry,) = entries(driver, "k-6")
        assert (entry["customer_id"], entry["key"]) == (None, "k-6")
        (decision,) = audits(driver, "k-6")
        assert "unknown_customer" in {one["error"] for one in decision["errors"]}

    def test_unreadable_profile_is_rejected_and_the_contact_decided(self, driver: Driver) -> None:
        run(driver, Sent("customer.profiles", b"u-7", b"{"))
        run(driver, arrived(driver.now(), "k-7", "u-7"))
        (decision,) = audits(driver, "k-7")
        assert "unreadable_profile" in {one["error"] for one in decision["errors"]}
        (rejected,) = driver.read(CONTACT_REJECTED)
        assert (rejected.key, rejected.value) == (b"u-7", b"{")
        assert dict(rejected.headers)["tierlane-topic"] == b"customer.profiles"

    def test_identified_contact_goes_to_its_customer_with_age_and_entry(
        self, driver: Driver
    ) -> None:
        now = driver.now()
        rich = {"measures": {"spend_12m": 20000.0}, "dedicated_advisor": "a-7"}
        run(driver, profile("u-8", **rich), arrived(now, "k-8"))
        first = entries(driver, "k-8")[0]
        run(driver, contact("identified", "id", now + 1000, "k-8", "k-8", customer_id="u-8"))
        entered, left, moved = entries(driver, "k-8")
        assert (entered["entry_id"], left["entry_id"]) == (first["entry_id"],) * 2
        assert (moved["customer_id"], moved["key"]) == ("u-8", "u-8")
        assert (moved["entry_no"], moved["advisor"]) == (2, "a-7")
        assert moved["respond_by"] == entered["respond_by"]
        assert kinds(driver, "k-8") == {"decided": 2, "identified": 1, "moved": 1}

    def test_events_after_identification_still_reach_the_contact(self, driver: Driver) -> None:
        now = driver.now()
        run(driver, arrived(now, "k-9"))
        run(driver, contact("identified", "id", now + 1, "k-9", "k-9", customer_id="u-9"))
        run(driver, contact("updated", "up", now + 2, "k-9", "k-9", subject="claim"))
        assert entries(driver, "k-9")[-1]["lane"] == "claims"
        assert kinds(driver, "k-9")["forwarded"] == 1

    def test_customer_is_remembered_from_contact_to_contact(self, driver: Driver) -> None:
        now = driver.now()
        run(driver, arrived(now, "k-10", "u-10"), arrived(now + 1, "k-11", "u-10"))
        first, second = audits(driver, "k-10")[0], audits(driver, "k-11")[0]
        assert first["facts"]["stage"] == "first"
        assert second["facts"]["stage"] == "known"

    def test_deleted_profile_clears_the_memory(self, driver: Driver) -> None:
        now = driver.now()
        run(driver, profile("u-12"), arrived(now, "k-12", "u-12"))
        run(driver, Sent("customer.profiles", b"u-12", None))
        run(driver, arrived(now + 1, "k-13", "u-12"))
        (decision,) = audits(driver, "k-13")
        assert decision["facts"]["stage"] == "first"
        erased = [one for one in audits(driver, None) if one["kind"] == "erased"]
        assert len(erased) == 1
        assert "u-12" not in str(erased)

    def test_desk_tells_intake_what_an_outside_system_did(self, driver: Driver) -> None:
        now = driver.now()
        run(driver, arrived(now, "k-14", "u-14"))
        (entry,) = entries(driver, "k-14")
        named = {"contact_id": "k-14", "contact_key": entry["key"]}
        run(
            driver,
            advisor("signed_on", "on", now, "shop"),
            advisor("accepted", "take", now + 1, "shop", **named),
        )
        assert entries(driver, "k-14")[-1]["reason"] == "answered"
        run(driver, advisor("finished", "done", now + 2, "shop", outcome="solved", **named))
        assert kinds(driver, "k-14") == {
            "decided": 1,
            "accepted": 1,
            "answered": 1,
            "finished": 2,
        }
        run(driver, arrived(now + 3, "k-15", "u-14"))
        assert len(entries(driver, "k-15")) == 1

    def test_late_event_of_an_unknown_contact_is_audited(self, driver: Driver) -> None:
        run(driver, contact("ended", "end", driver.now(), "k-16", "u-16"))
        (told,) = audits(driver, "k-16")
        assert (told["kind"], told["reason"]) == ("no_effect", "unknown contact")
        assert entries(driver, "k-16") == []

    @pytest.mark.parametrize(
        ("value", "reason"),
        [
            (b"no JSON", b"not-json"),
            (b"", b"empty"),
            (None, b"tombstone"),
            (b"\xff\xfe", b"not-utf8"),
            (b"[" * 10_000 + b"]" * 10_000, b"not-json"),
            (b'"' + b"x" * 2_000_000 + b'"', b"too-large"),
        ],
        ids=["text", "empty", "tombstone", "bytes", "deep", "large"],
    )
    def test_what_cannot_be_read_is_rejected(
        self, driver: Driver, value: bytes | None, reason: bytes
    ) -> None:
        sent = Sent("contact.events", b"u-17", value, (("trace", b"\x00\xff"),))
        run(driver, sent, arrived(driver.now(), "k-17", "u-17"))
        (rejected,) = driver.read(CONTACT_REJECTED)
        headers = dict(rejected.headers)
        assert (headers["tierlane-reason"], rejected.key) == (reason, b"u-17")
        assert (headers["trace"], headers["tierlane-topic"]) == (b"\x00\xff", b"contact.events")
        assert rejected.value == (value[:65_536] if reason == b"too-large" and value else value)
        assert len(entries(driver, "k-17")) == 1

    def test_restart_loses_nothing_and_repeats_nothing(self, driver: Driver) -> None:
        now = driver.now()
        run(driver, *(arrived(now, f"k-a{n}", f"u-a{n}") for n in range(20)))
        driver.restart()
        again = arrived(now, "k-a3", "u-a3")
        run(driver, again, *(arrived(now, f"k-b{n}", f"u-a{n}") for n in range(20)))
        for n in range(20):
            assert len(entries(driver, f"k-a{n}")) == 1
            (second,) = audits(driver, f"k-b{n}")
            assert second["facts"]["stage"] == "known"
        assert kinds(driver, "k-a3") == {"decided": 1, "duplicate": 1}

    def test_every_owner_numbers_its_audit_without_a_gap(self, driver: Driver) -> None:
        now = driver.now()
        run(driver, *(arrived(now, f"k-c{n}", f"u-c{n}") for n in range(30)))
        driver.restart()
        run(driver, *(contact("ended", f"e{n}", now, f"k-c{n}", f"u-c{n}") for n in range(30)))
        numbers: dict[str, list[int]] = {}
        for record in driver.read(ROUTING_AUDIT):
            told = orjson.loads(record.value or b"")["data"]
            numbers.setdefault(told["owner"], []).append(told["seq"])
        for owner, found in numbers.items():
            assert sorted(found) == list(range(1, len(found) + 1)), owner

    def test_binary_content_mode_is_read(self, driver: Driver) -> None:
        event = orjson.loads(arrived(driver.now(), "k-18", "u-18").value or b"")
        headers = tuple(
            (f"ce_{name}", event[name].encode())
            for name in ("specversion", "id", "source", "type", "time")
        )
        run(driver, Sent("contact.events", b"u-18", orjson.dumps(event["data"]), headers))
        assert len(entries(driver, "k-18")) == 1

    # Policies that are published while it runs.

    def test_what_comes_is_decided_by_the_revision_published(self, driver: Driver) -> None:
        run(driver, arrived(driver.now(), "k-1", "u-1"))
        driver.publish(TO_CLAIMS)
        run(driver, arrived(driver.now(), "k-2", "u-2"))
        assert [one["lane"] for one in entries(driver, "k-1")] == ["people"]
        (entry,) = entries(driver, "k-2")
        assert entry["lane"] == "claims"
        notes = [one for one in audits(driver, None) if one.get("published") == 1]
        assert Counter(one["owner"] for one in notes).most_common(1)[0][1] == 1
        assert {one["policy"]["revision"] for one in notes} == {entry["policy"]["revision"]}
        assert all("next" in one for one in notes)

    def test_a_pinned_contact_follows_the_new_revision_once_it_is_updated(
        self, driver: Driver
    ) -> None:
        run(driver, arrived(driver.now(), "k-1", "u-1"))
        driver.publish(TO_CLAIMS)
        run(driver, contact("updated", "up", driver.now(), "k-1", "u-1", subject="order"))
        assert [one["lane"] for one in entries(driver, "k-1")] == ["people", "people", "claims"]

    def test_who_waits_is_decided_again_on_reroute_and_only_once(self, driver: Driver) -> None:
        now = driver.now()
        run(driver, *(arrived(now, f"k-{n}", f"u-{n}") for n in range(8)))
        run(driver, contact("answered", "an", now, "k-7", "u-7", advisor_id="a-1"))
        driver.publish(TO_CLAIMS, in_flight="reroute")
        driver.settle()
        run(driver, arrived(driver.now(), "k-8", "u-8"))
        driver.restart()
        run(driver, arrived(driver.now(), "k-9", "u-9"))
        for number in range(7):
            first, left, second = entries(driver, f"k-{number}")
            assert (first["lane"], left["reason"], second["lane"]) == ("people", "moved", "claims")
            assert second["respond_by"] == first["respond_by"]
            assert kinds(driver, f"k-{number}") == {"decided": 2, "moved": 1}
        assert kinds(driver, "k-7") == {"decided": 1, "answered": 1}
        assert kinds(driver, "k-8") == kinds(driver, "k-9") == {"decided": 1}
        seqs: dict[str, list[int]] = {}
        for one in map(orjson.loads, (one.value for one in driver.read(ROUTING_AUDIT))):
            seqs.setdefault(one["data"]["owner"], []).append(one["data"]["seq"])
        assert all(sorted(one) == list(range(1, len(one) + 1)) for one in seqs.values())

    def test_a_pinned_contact_whose_lane_is_gone_is_decided_again(self, driver: Driver) -> None:
        run(driver, arrived(driver.now(), "k-1", "u-1"))
        run(driver, arrived(driver.now(), "k-2", "u-2", subject="claim"))
        driver.publish(WITHOUT_PEOPLE)
        driver.settle()
        assert [one["lane"] for one in entries(driver, "k-1")] == ["people", "people", "everybody"]
        assert [one["lane"] for one in entries(driver, "k-2")] == ["claims"]
        (note,) = [one for one in audits(driver, "k-1") if one["kind"] == "moved"]
        assert note["reason"] == "lane_gone"

    def test_a_shadow_is_asked_and_has_no_effect(self, driver: Driver) -> None:
        driver.publish(TO_CLAIMS, shadow=True)
        run(driver, arrived(driver.now(), "k-1", "u-1", text="a lawyer"))
        assert [one["lane"] for one in entries(driver, "k-1")] == ["claims"]
        run(driver, arrived(driver.now(), "k-2", "u-2"))
        assert [one["lane"] for one in entries(driver, "k-2")] == ["people"]
        assert kinds(driver, "k-2") == {"decided": 1}
        told = [orjson.loads(one.value or b"")["data"] for one in driver.read("routing.shadow")]
        (shadow,) = [one for one in told if one["contact_id"] == "k-2"]
        (live,) = audits(driver, "k-2")
        assert (shadow["lane"], live["lane"]) == ("claims", "people")
        assert shadow["decision_id"] == live["decision_id"]
        assert b"lawyer" not in b"".join(one.value or b"" for one in driver.read("routing.shadow"))

    def test_back_to_the_revision_before(self, driver: Driver) -> None:
        driver.publish(TO_CLAIMS)
        driver.publish(FIRST)
        run(driver, arrived(driver.now(), "k-1", "u-1"))
        assert [one["lane"] for one in entries(driver, "k-1")] == ["people"]
        notes = [one for one in audits(driver, None) if "published" in one]
        by_owner = Counter(one["owner"] for one in notes)
        assert set(by_owner.values()) == {2}

"""What tierlane does at managed desks on any backend: scenes, written once."""

from typing import Any

import orjson

from tests.contract.behaviour import audits, entries, kinds, run
from tests.contract.driver import MANAGED, Driver, Sent
from tests.contract.event import advisor, arrived, cloud_event, contact
from tierlane.ports import Record
from tierlane.topic import ADVISOR_OFFERS, ROUTING_AUDIT

FIRST = MANAGED.read_text(encoding="utf-8")
TO_SENIOR = FIRST.replace(
    "everybody, steps: [{lane: people}]", "everybody, steps: [{lane: senior}]"
)


def offers(driver: Driver, contact_id: str = "") -> list[dict[str, Any]]:
    """Return what was told of offers, in order: of one contact, or of all."""
    found = []
    for record in driver.read(ADVISOR_OFFERS):
        event = orjson.loads(record.value or b"")
        named = event["data"]["contact_id"]
        if named == contact_id or (not contact_id and named != "-"):
            found.append({"type": event["type"].split(".")[2], **event["data"]})
    return found


def handed(driver: Driver) -> list[Record]:
    """Return the records by which contacts come to desks; those of claims lie there, too."""
    records = driver.read("desk.contacts")
    return [one for one in records if b"contact_id" in (one.value or b"")]


def told(driver: Driver, contact_id: str) -> list[tuple[str, str]]:
    """Return what advisors were told of a contact, and whom."""
    return [(one["type"], one["advisor_id"]) for one in offers(driver, contact_id)]


def order(kind: str, name: str, at: int, desk: str, **data: Any) -> Sent:
    """Make an order of an operator."""
    value = cloud_event(f"desk.{kind}", name, at, {"desk": desk, "reason": "test", **data})
    return Sent("advisor.events", desk.encode(), value)


def open_entry(driver: Driver, contact_id: str) -> str | None:
    """Return the lane of the entry that is not left, if there is one."""
    standing = {one["entry_id"]: one["lane"] for one in entries(driver, contact_id)
                if one["type"] == "entered"}  # fmt: skip
    for one in entries(driver, contact_id):
        if one["type"] == "left":
            del standing[one["entry_id"]]
    assert len(standing) < 2
    return next(iter(standing.values()), None)


class Desktops:
    """What advisors' desktops do in a scene."""

    def on(self, driver: Driver, *names: str, desk: str = "hall") -> None:
        """Sign advisors on."""
        now = driver.now()
        run(
            driver,
            *(advisor("signed_on", f"on-{one}", now, desk, advisor_id=one) for one in names),
        )

    def answer(self, driver: Driver, kind: str, contact_id: str, desk: str = "hall") -> None:
        """Answer the latest offer of a contact."""
        (*_, one) = [found for found in offers(driver, contact_id) if found["type"] == "offered"]
        about = {name: one[name] for name in ("offer_id", "contact_id", "advisor_id")}
        name = f"{kind}-{one['offer_id']}"
        run(driver, advisor(kind, name, driver.now(), desk, **about))


class AtDesks(Desktops):
    """What is tried on every backend; its class inherits it and gives the fixture `managed`."""

    def test_from_arrival_over_offer_and_confirmation_to_the_end(self, managed: Driver) -> None:
        self.on(managed, "a-1")
        run(managed, arrived(managed.now(), "k-1", "u-1", subject="order"))
        (entry,) = entries(managed, "k-1")
        assert (entry["lane"], entry["entry_no"], entry["key"]) == ("people", 1, "u-1")
        (offered,) = offers(managed, "k-1")
        assert offered["type"] == "offered" and offered["advisor_id"] == "a-1"
        assert (entry["place"], entry["expected_at"]) == (1, entry["entered_at"])
        other = [name for name in entry if offered.get(name) != entry[name]]
        assert sorted(other) == ["expected_at", "place", "type"]
        self.answer(managed, "accepted", "k-1")
        assert told(managed, "k-1") == [("offered", "a-1"), ("confirmed", "a-1")]
        assert entries(managed, "k-1")[-1]["reason"] == "answered"
        done = {"advisor_id": "a-1", "contact_id": "k-1", "outcome": "solved"}
        run(managed, advisor("finished", "done", managed.now(), "hall", **done))
        assert kinds(managed, "k-1") == {
            "decided": 1, "entered": 1, "offered": 1, "confirmed": 1, "answered": 1, "finished": 2,
        }  # fmt: skip
        assert audits(managed, "k-1")[-1]["outcome"] == "solved"
        self.on(managed, "a-2")
        run(managed, arrived(managed.now(), "k-2", "u-2", subject="order"))
        assert told(managed, "k-2") == [("offered", "a-1")]

    def test_a_contact_is_handed_over_to_the_desk_of_its_next_step(self, managed: Driver) -> None:
        self.on(managed, "b-1", desk="tower")
        run(managed, arrived(managed.now(), "k-1", "u-1", subject="far"))
        managed.wait(1.5)
        assert [one["lane"] for one in entries(managed, "k-1")] == ["people", "people", "keeper"]
        assert told(managed, "k-1") == [("offered", "b-1")]
        run(managed, contact("updated", "up", managed.now(), "k-1", "u-1", subject="far"))
        self.answer(managed, "accepted", "k-1", desk="tower")
        assert entries(managed, "k-1")[-1]["reason"] == "answered"
        run(managed, contact("ended", "end", managed.now(), "k-1", "u-1"))
        assert kinds(managed, "k-1")["handed_over"] == 1

    def test_restart_loses_nothing_and_repeats_nothing_at_desks(self, managed: Driver) -> None:
        self.on(managed, "a-1", "a-2")
        now = managed.now()
        sent = [arrived(now, f"k-{n}", f"u-{n}", subject="order") for n in range(12)]
        run(managed, *sent)
        taken = sorted({one["contact_id"] for one in offers(managed)})
        assert len(taken) == 2
        managed.restart()
        self.answer(managed, "accepted", taken[0])
        self.answer(managed, "accepted", taken[1])
        managed.restart()
        run(managed, *sent)
        for name in taken:
            assert [kind for kind, _ in told(managed, name)] == ["offered", "confirmed"]
            done = {"advisor_id": offers(managed, name)[0]["advisor_id"], "contact_id": name}
            run(managed, advisor("finished", f"done-{name}", managed.now(), "hall", **done))
        assert len({one["contact_id"] for one in offers(managed)}) == 4
        for number in range(12):
            assert kinds(managed, f"k-{number}")["decided"] == 1
            assert [one["entry_no"] for one in entries(managed, f"k-{number}")] in ([1], [1, 1])
        self.numbers_have_no_gap(managed)

    def test_a_customer_who_leaves_frees_the_advisor(self, managed: Driver) -> None:
        self.on(managed, "a-1")
        now = managed.now()
        run(managed, arrived(now, "k-1", "u-1"))
        run(managed, arrived(now, "k-2", "u-2"))
        assert told(managed, "k-2") == []
        run(managed, contact("abandoned", "gone", managed.now(), "k-1", "u-1"))
        assert told(managed, "k-1") == [("offered", "a-1"), ("revoked", "a-1")]
        assert told(managed, "k-2") == [("offered", "a-1")]
        assert entries(managed, "k-1")[-1]["reason"] == "abandoned"

    def test_an_update_moves_a_contact_that_waits(self, managed: Driver) -> None:
        run(managed, arrived(managed.now(), "k-1", "u-1", subject="order"))
        run(managed, contact("updated", "up", managed.now(), "k-1", "u-1", subject="scarce"))
        assert [one["lane"] for one in entries(managed, "k-1")] == ["people", "people", "scarce"]
        decided = [one for one in audits(managed, "k-1") if one["kind"] == "decided"]
        assert [one.get("again", False) for one in decided] == [False, True]

    def test_an_operator_closes_moves_and_releases(self, managed: Driver) -> None:
        run(managed, order("closed", "o-1", managed.now(), "hall", lane="scarce", by="op"))
        run(managed, arrived(managed.now(), "k-1", "u-1"))
        run(managed, order("moved", "o-2", managed.now(), "hall", contact_id="k-1", lane="senior"))
        assert [one["lane"] for one in entries(managed, "k-1")] == ["people", "people", "senior"]
        self.on(managed, "a-1")
        self.answer(managed, "accepted", "k-1")
        run(managed, order("released", "o-3", managed.now(), "hall", contact_id="k-1"))
        assert open_entry(managed, "k-1") is not None
        assert entries(managed, "k-1")[-1]["entry_no"] == 3
        assert kinds(managed, "k-1")["returned"] == 1
        ordered = [one for one in audits(managed, None) if one["kind"] == "ordered"]
        assert [(one["lane"], one["why"], one["by"]) for one in ordered] == [
            ("scarce", "test", "op")
        ]

    def numbers_have_no_gap(self, driver: Driver) -> None:
        """Hold every owner's audit to its numbers, and all ids to be of one record each."""
        numbers: dict[str, list[int]] = {}
        ids = []
        for record in driver.read(ROUTING_AUDIT):
            one = orjson.loads(record.value or b"")["data"]
            numbers.setdefault(one["owner"], []).append(one["seq"])
            ids.append(one["decision_id"])
        assert all(sorted(found) == list(range(1, len(found) + 1)) for found in numbers.values())
        assert len(set(ids)) == len(ids)

    def test_an_advisor_is_at_another_desk_once_the_first_let_them_go(
        self, managed: Driver
    ) -> None:
        """Either desk, and who keeps where the advisor is, may be another worker's."""
        self.on(managed, "a-1")
        run(managed, arrived(managed.now(), "k-1", "u-1"))
        self.answer(managed, "accepted", "k-1")
        signed_on = [
            advisor("signed_on", f"on-{n}", managed.now(), "tower", advisor_id="a-1")
            for n in range(2)
        ]
        run(managed, signed_on[0])
        assert seats(managed) == [("signed_on", "hall"), ("refused", "tower")]
        run(managed, advisor("signed_off", "off", managed.now(), "hall", advisor_id="a-1"))
        managed.restart()
        done = {"advisor_id": "a-1", "contact_id": "k-1"}
        run(managed, advisor("finished", "done", managed.now(), "hall", **done))
        managed.send([signed_on[1]])
        managed.restart()  # with the claim in flight
        managed.settle()
        assert seats(managed) == [
            ("signed_on", "hall"), ("refused", "tower"), ("signed_off", "hall"),
            ("signed_on", "tower"),
        ]  # fmt: skip


def seats(driver: Driver) -> list[tuple[str, str]]:
    """Return what was told of signing on and off, and by which desk, by the times of the log."""
    found = []
    for record in sorted(driver.read(ADVISOR_OFFERS), key=lambda one: one.timestamp):
        event = orjson.loads(record.value or b"")
        kind = event["type"].split(".")[2]
        if kind in ("signed_on", "signed_off", "refused"):
            found.append((kind, event["data"]["desk"]))
    return found


class AtDesksInDetail(AtDesks):
    """What is tried in memory: the same machines, and no broker has a part in it."""

    def test_whoever_declines_is_passed_by_and_an_offer_expires(self, managed: Driver) -> None:
        self.on(managed, "a-1", "a-2")
        run(managed, arrived(managed.now(), "k-1", "u-1"))
        self.answer(managed, "declined", "k-1")
        assert told(managed, "k-1") == [("offered", "a-1"), ("revoked", "a-1"), ("offered", "a-2")]
        managed.wait(60.5)
        assert told(managed, "k-1")[3:] == [("revoked", "a-2")]
        assert offers(managed, "k-1")[-1]["reason"] == "expired"
        self.answer(managed, "accepted", "k-1")
        assert told(managed, "k-1")[4:] == [("revoked", "a-2")]
        (cause,) = [one["cause"] for one in audits(managed, "k-1") if one["kind"] == "expired"]
        assert cause["timer"] == "desk" and cause["due"] <= cause["fired"]
        assert open_entry(managed, "k-1") == "people"

    def test_a_step_ends_by_time_and_the_contact_moves(self, managed: Driver) -> None:
        run(managed, arrived(managed.now(), "k-1", "u-1", subject="claim"))
        managed.wait(1.5)
        entered, left, moved = entries(managed, "k-1")
        assert (entered["lane"], left["reason"], moved["lane"]) == ("people", "moved", "senior")
        assert (moved["entry_no"], moved["step"]) == (2, 2)
        assert moved["respond_by"] == entered["respond_by"]
        assert kinds(managed, "k-1") == {"decided": 1, "entered": 1, "moved": 1}

    def test_a_budget_that_is_spent_leads_to_the_next_step(self, managed: Driver) -> None:
        self.on(managed, "a-1")
        run(managed, arrived(managed.now(), "k-1", "u-1", subject="scarce"))
        self.answer(managed, "accepted", "k-1")
        run(managed, arrived(managed.now(), "k-2", "u-2", subject="scarce"))
        assert [one["lane"] for one in entries(managed, "k-2")] == ["people"]
        (note,) = [one for one in audits(managed, "k-2") if one["kind"] == "entered"]
        assert note["passed_over"] == [{"step": 1, "lane": "scarce", "reason": "budget"}]

    def test_who_is_transferred_waits_again_with_its_age(self, managed: Driver) -> None:
        self.on(managed, "a-1")
        run(managed, arrived(managed.now(), "k-1", "u-1"))
        self.answer(managed, "accepted", "k-1")
        run(managed, contact("transferred", "tr", managed.now(), "k-1", "u-1", subject="claim"))
        first, left, second = entries(managed, "k-1")[:3]
        assert (left["reason"], second["entry_no"]) == ("answered", 2)
        assert second["respond_by"] == first["respond_by"]
        assert told(managed, "k-1")[2:] == [("revoked", "a-1"), ("offered", "a-1")]
        (_, sent, revoked, _) = offers(managed, "k-1")
        assert (revoked["reason"], revoked["offer_id"]) == ("transferred", sent["offer_id"])
        managed.restart()
        self.answer(managed, "accepted", "k-1")
        done = {"advisor_id": "a-1", "contact_id": "k-1"}
        run(managed, advisor("finished", "done", managed.now(), "hall", **done))
        managed.restart()
        run(managed, arrived(managed.now(), "k-2", "u-2"))
        assert told(managed, "k-2") == [("offered", "a-1")]

    def test_an_advisor_who_signs_off_is_confirmed_once_nothing_is_served(
        self, managed: Driver
    ) -> None:
        self.on(managed, "a-1")
        run(managed, arrived(managed.now(), "k-1", "u-1"))
        self.answer(managed, "accepted", "k-1")
        run(managed, advisor("signed_off", "off", managed.now(), "hall", advisor_id="a-1"))
        assert [one for one in audits(managed, None) if one["kind"] == "signed_off"] == []
        done = {"advisor_id": "a-1", "contact_id": "k-1"}
        run(managed, advisor("finished", "done", managed.now(), "hall", **done))
        (note,) = [one for one in audits(managed, None) if one["kind"] == "signed_off"]
        assert note["advisor"] == "a-1"

    def test_what_comes_twice_is_known(self, managed: Driver) -> None:
        self.on(managed, "a-1")
        run(managed, arrived(managed.now(), "k-1", "u-1"))
        (record,) = handed(managed)
        run(managed, Sent("desk.contacts", record.key, record.value))
        self.answer(managed, "accepted", "k-1")
        (taken,) = [
            one
            for one in managed.read("advisor.events")
            if b"advisor.accepted" in (one.value or b"")
        ]
        run(managed, Sent("advisor.events", taken.key, taken.value))
        assert told(managed, "k-1") == [("offered", "a-1"), ("confirmed", "a-1")]
        assert kinds(managed, "k-1")["duplicate"] == 1

    def test_a_desk_of_an_outside_system_is_as_ever(self, managed: Driver) -> None:
        run(managed, arrived(managed.now(), "k-1", "u-1", channel="app"))
        (entry,) = entries(managed, "k-1")
        assert (entry["lane"], entry["desk"]) == ("agency", "outside")
        assert not handed(managed)

    def test_a_format_not_known_is_rejected(self, managed: Driver) -> None:
        run(managed, arrived(managed.now(), "k-1", "u-1"))
        (record,) = handed(managed)
        event = orjson.loads(record.value or b"")
        event["data"]["format"] = 99
        run(managed, Sent("desk.contacts", record.key, orjson.dumps(event | {"id": "other"})))
        (rejected,) = managed.read("contact.rejected")
        assert dict(rejected.headers)["tierlane-reason"] == b"unknown-format"

    def test_who_waits_is_decided_again_on_reroute(self, managed: Driver) -> None:
        run(managed, arrived(managed.now(), "k-1", "u-1"))
        managed.publish(TO_SENIOR, in_flight="reroute")
        managed.settle()
        first, left, second = entries(managed, "k-1")
        assert (first["lane"], left["reason"], second["lane"]) == ("people", "moved", "senior")
        assert second["respond_by"] == first["respond_by"]
        assert second["policy"]["revision"] != first["policy"]["revision"]
        notes = [one for one in audits(managed, None) if one.get("published") == 1]
        assert {one["owner"].split("-")[0] for one in notes} == {"intake", "desk"}

    def test_a_pinned_contact_keeps_its_revision_over_a_restart(self, managed: Driver) -> None:
        run(managed, arrived(managed.now(), "k-1", "u-1", subject="claim"))
        managed.publish(TO_SENIOR)
        managed.restart()
        self.on(managed, "a-1")
        run(managed, arrived(managed.now(), "k-2", "u-2"))
        managed.wait(1.5)
        lanes = [one["lane"] for one in entries(managed, "k-1") if one["type"] == "entered"]
        assert lanes == ["people", "senior"]
        policies = {one["policy"]["revision"] for one in entries(managed, "k-1")
                    if one["type"] == "entered"}  # fmt: skip
        (other,) = [one["policy"]["revision"] for one in entries(managed, "k-2")][:1]
        assert policies != {other} and len(policies) == 1
        self.numbers_have_no_gap(managed)

    def test_a_contact_whose_lane_is_gone_is_decided_again(self, managed: Driver) -> None:
        run(managed, arrived(managed.now(), "k-1", "u-1"))
        managed.publish(FIRST.replace("people", "everyone"))
        managed.settle()
        assert [one["lane"] for one in entries(managed, "k-1")] == ["people", "people", "everyone"]
        assert kinds(managed, "k-1")["replan"] == 1

    def test_a_desk_that_is_not_managed_any_more_hands_its_contacts_on(
        self, managed: Driver
    ) -> None:
        run(managed, arrived(managed.now(), "k-1", "u-1"))
        text = FIRST.replace("{plan: everybody, steps: [{lane: people}]}",
                             "{plan: everybody, steps: [{lane: agency}]}")  # fmt: skip
        managed.publish(text, in_flight="reroute")
        managed.settle()
        assert open_entry(managed, "k-1") == "agency"
        run(managed, contact("answered", "an", managed.now(), "k-1", "u-1", advisor_id="x"))
        assert open_entry(managed, "k-1") is None
        assert entries(managed, "k-1")[-1]["reason"] == "answered"

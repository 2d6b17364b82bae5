"""What becomes of a customer's journey at managed desks: scenes, written once for any backend.

Somebody is cut off and comes back another way, is handed on, or is followed from a booking over the
visit to what they say of it.
"""

from tests.contract.at_desks import Desktops, entries, offers, open_entry, told
from tests.contract.behaviour import audits, kinds, run
from tests.contract.driver import Driver
from tests.contract.event import advisor, arrived, contact


class OnJourneys(Desktops):
    """What is tried on every backend; its class inherits it and gives the fixture `journeys`."""

    def finish(self, driver: Driver, contact_id: str, advisor_id: str = "a-1") -> None:
        """Let an advisor be done with a contact."""
        done = {"advisor_id": advisor_id, "contact_id": contact_id}
        run(driver, advisor("finished", f"done-{contact_id}", driver.now(), "hall", **done))

    def test_who_is_cut_off_and_calls_is_with_the_same_advisor_again(
        self, journeys: Driver
    ) -> None:
        self.on(journeys, "a-1", "a-2")
        run(journeys, arrived(journeys.now(), "k-1", "u-1", channel="chat", subject="order"))
        self.answer(journeys, "accepted", "k-1")
        ((_, first), _) = told(journeys, "k-1")
        run(journeys, arrived(journeys.now(), "k-2", "u-1", channel="voice"))
        assert told(journeys, "k-1")[2:] == [("switched", first)]
        (offered, _, switched) = offers(journeys, "k-1")
        assert (switched["channel"], switched["joined"]) == ("voice", "k-2")
        assert switched["offer_id"] == offered["offer_id"]
        assert told(journeys, "k-2") == [] and entries(journeys, "k-2") == []
        assert kinds(journeys, "k-1")["decided"] == 1
        assert kinds(journeys, "k-1")["switched"] == 1
        # By voice there is room for nobody beside, as by chat there was.
        for number in (3, 4, 5):
            run(journeys, arrived(journeys.now(), f"k-{number}", f"u-{number}", channel="chat"))
        assert {name for _, name in told(journeys, "k-3") + told(journeys, "k-4")} == {
            {"a-1": "a-2", "a-2": "a-1"}[first]
        }
        assert told(journeys, "k-5") == []
        journeys.restart()
        self.finish(journeys, "k-1", first)
        assert told(journeys, "k-5") == [("offered", first)]
        assert kinds(journeys, "k-1")["finished"] == 2

    def test_who_was_done_with_is_known_and_asks_the_same_advisor_first(
        self, journeys: Driver
    ) -> None:
        self.on(journeys, "a-1")
        run(journeys, arrived(journeys.now(), "k-1", "u-1", channel="chat"))
        self.answer(journeys, "accepted", "k-1")
        self.on(journeys, "a-2")
        run(journeys, contact("ended", "end", journeys.now(), "k-1", "u-1"))
        self.finish(journeys, "k-1")
        run(journeys, arrived(journeys.now(), "k-2", "u-1", channel="voice", subject="back"))
        assert told(journeys, "k-2") == [("offered", "a-1")]
        run(journeys, advisor("state", "pause", journeys.now(), "hall", state="break"))
        assert told(journeys, "k-2")[1:] == [("revoked", "a-1")]
        journeys.wait(5.5)
        assert told(journeys, "k-2")[2:] == [("offered", "a-2")]
        (first, *_) = entries(journeys, "k-2")
        (second,) = [one for one in entries(journeys, "k-2") if one["step"] == 2] or [first]
        assert second["respond_by"] == first["respond_by"]

    def test_who_waits_on_two_channels_is_one_contact_and_is_met_on_the_one_left(
        self, journeys: Driver
    ) -> None:
        now = journeys.now()
        run(journeys, arrived(now, "k-1", "u-1", channel="chat"))
        run(journeys, arrived(journeys.now(), "k-9", "u-9", channel="chat"))
        run(journeys, arrived(journeys.now(), "k-2", "u-1", channel="voice"))
        self.on(journeys, "a-1")
        (offered,) = offers(journeys, "k-1")  # before k-9, which came later
        assert (offered["channel"], offered["joined"]) == ("voice", ["k-2"])
        assert told(journeys, "k-9") == []
        run(journeys, contact("abandoned", "hung-up", journeys.now(), "k-2", "u-1"))
        again = offers(journeys, "k-1")[-1]
        assert told(journeys, "k-1") == [("offered", "a-1"), ("revoked", "a-1"), ("offered", "a-1")]
        assert (again["channel"], "joined" in again) == ("chat", False)
        assert again["respond_by"] == offered["respond_by"]
        assert open_entry(journeys, "k-1") == "people"
        assert told(journeys, "k-9") == [("offered", "a-1")]
        run(journeys, contact("abandoned", "gone", journeys.now(), "k-1", "u-1"))
        assert open_entry(journeys, "k-1") is None

    def test_from_booking_over_the_visit_to_what_is_said_of_it(self, journeys: Driver) -> None:
        booked = {"stage": "booked"}
        run(journeys, arrived(journeys.now(), "k-1", "u-1", channel="app-chat", attributes=booked))
        first = entries(journeys, "k-1")[0]
        visit = {"channel": "counter", "attributes": {"stage": "visit"}}
        run(journeys, contact("updated", "visit", journeys.now(), "k-1", "u-1", **visit))
        assert [one["lane"] for one in entries(journeys, "k-1")] == ["people", "people", "senior"]
        assert entries(journeys, "k-1")[-1]["respond_by"] == first["respond_by"]
        self.on(journeys, "a-1")
        self.answer(journeys, "accepted", "k-1")
        done = {"attributes": {"stage": "done"}}
        run(journeys, contact("updated", "done", journeys.now(), "k-1", "u-1", **done))
        run(journeys, contact("ended", "end", journeys.now(), "k-1", "u-1", outcome="resolved"))
        self.finish(journeys, "k-1")
        said = {"score": 5, "resolved": True}
        run(journeys, contact("feedback", "said", journeys.now(), "k-1", "u-1", **said))
        notes = audits(journeys, "k-1")
        assert [one["score"] for one in notes if one["kind"] == "feedback"] == [5]
        decided = [one for one in notes if one["kind"] == "decided"]
        (answered,) = [one for one in notes if one["kind"] == "answered"]
        assert decided[-1]["lane"] == "senior" and answered["contact_id"] == "k-1"

    def test_who_is_handed_on_comes_before_who_came_later(self, journeys: Driver) -> None:
        self.on(journeys, "a-1")
        run(journeys, arrived(journeys.now(), "k-1", "u-1"))
        self.answer(journeys, "accepted", "k-1")
        run(journeys, arrived(journeys.now(), "k-2", "u-2"))
        run(journeys, arrived(journeys.now(), "k-3", "u-3"))
        run(journeys, contact("transferred", "on", journeys.now(), "k-1", "u-1", subject="claim"))
        # Whoever hands a contact on is free before it is in line again, and takes the next.
        assert told(journeys, "k-1")[2:] == [("revoked", "a-1")]
        assert told(journeys, "k-2") == [("offered", "a-1")]
        self.answer(journeys, "accepted", "k-2")
        self.finish(journeys, "k-2")
        assert told(journeys, "k-1")[3:] == [("offered", "a-1")]
        assert told(journeys, "k-3") == []

    def test_what_a_switch_says_of_its_advisor_takes_nothing_from_them(
        self, journeys: Driver
    ) -> None:
        self.on(journeys, "a-1", "a-2")
        run(journeys, arrived(journeys.now(), "k-1", "u-1"))
        self.answer(journeys, "accepted", "k-1")
        ((_, first), _) = told(journeys, "k-1")
        name = {"advisor_id": first}
        run(journeys, contact("answered", "an-1", journeys.now(), "k-1", "u-1", **name))
        run(journeys, contact("answered", "an-2", journeys.now(), "k-1", "u-1"))
        assert told(journeys, "k-1")[2:] == []
        run(journeys, contact("answered", "an-3", journeys.now(), "k-1", "u-1", advisor_id="x"))
        assert told(journeys, "k-1")[2:] == [("revoked", first)]
        assert offers(journeys, "k-1")[-1]["reason"] == "answered"

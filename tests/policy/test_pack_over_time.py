"""What packs promise over several contacts of one customer, tried on the intake that runs live."""

from tests.contract.event import arrived
from tests.policy.practice import pack
from tests.unit.routing.scene import NOW, Feed, intake, told
from tierlane.value import format_time

DAY = 86_400_000


def ask(feed: Feed, number: int, customer: str = "u-1", **about) -> tuple[dict, dict]:
    """Let a contact arrive, a day after the one before; return its decision and its entry."""
    at = NOW + number * DAY
    told_ = told(feed.give(arrived(at, f"k-{number}-{customer}", customer, **about), seen=at))
    (decision,) = [one for one in told_.audit if one["kind"] == "decided"]
    (entry,) = told_.entered
    return decision, entry


def test_the_studio_counts_rounds_of_a_commission_and_offers_the_fourth():
    feed = Feed(intake(revision=pack("studio").revision))
    about = {"channel": "mail", "subject": "revision", "attributes": {"commission": "c-7"}}
    first = [ask(feed, number, **about)[1]["lane"] for number in range(3)]
    assert first == ["designers"] * 3
    decision, entry = ask(feed, 3, **about)
    assert (entry["lane"], entry["scenario"]) == ("offers", "paid revision")
    assert entry["serve"]["script"] == "three rounds were included"
    assert "scenarios/past the cap" in decision["because"]


def test_another_commission_of_the_customer_begins_anew():
    feed = Feed(intake(revision=pack("studio").revision))
    for number in range(3):
        ask(feed, number, channel="mail", subject="revision", attributes={"commission": "c-7"})
    other = {"channel": "mail", "subject": "revision", "attributes": {"commission": "c-8"}}
    assert ask(feed, 3, **other)[1]["lane"] == "designers"


def test_an_enquiry_is_no_round():
    feed = Feed(intake(revision=pack("studio").revision))
    for number in range(5):
        ask(feed, number, channel="mail", subject="brief", attributes={"commission": "c-7"})
    about = {"channel": "mail", "subject": "revision", "attributes": {"commission": "c-7"}}
    assert ask(feed, 6, **about)[1]["lane"] == "designers"


def test_who_drew_a_number_and_writes_as_well_is_one_contact_at_the_hospital():
    """Waiting on site and online: the policy joins them, and the age is that of the first."""
    feed = Feed(intake(revision=pack("hospital").revision))
    on_site = arrived(NOW, "k-1", "u-1", channel="counter", subject="symptoms")
    (entry,) = told(feed.give(on_site, seen=NOW)).entered
    at = NOW + 10 * 60_000
    online = arrived(at, "k-2", "u-1", channel="chat", subject="symptoms")
    after = told(feed.give(online, seen=at))
    assert {one["contact_id"] for one in after.entered} == {"k-1"}
    assert after.entered[0]["lane"] == "online doctors"
    assert [one["lane"] for one in after.left] == [entry["lane"]] == ["nurses"]
    assert after.entered[0]["entry_no"] == 2
    # Ten minutes for a consultation, counted from when the first of the two came.
    assert after.entered[0]["respond_by"] == format_time(NOW + 10 * 60_000)


def test_past_half_an_hour_they_are_two_contacts():
    feed = Feed(intake(revision=pack("hospital").revision))
    feed.give(arrived(NOW, "k-1", "u-1", channel="counter", subject="symptoms"), seen=NOW)
    at = NOW + 31 * 60_000
    online = arrived(at, "k-2", "u-1", channel="chat", subject="symptoms")
    assert [one["contact_id"] for one in told(feed.give(online, seen=at)).entered] == ["k-2"]

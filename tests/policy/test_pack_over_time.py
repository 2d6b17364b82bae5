"""What packs promise over several contacts of one customer, tried on the intake that runs live."""

from tests.contract.event import arrived
from tests.policy.practice import pack
from tests.unit.routing.scene import NOW, Feed, intake, told

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

"""What a customer says of a contact of a managed desk, joined to the decision that led there."""

from tests.contract.behaviour import run
from tests.contract.driver import JOURNEY
from tests.contract.event import advisor, arrived, contact
from tests.contract.test_memory import InMemory
from tierlane.replay.feedback.joining import Joined, Joining
from tierlane.replay.feedback.source import TOPICS, Reading

MINUTE = 60_000


def followed() -> InMemory:
    """Let one contact be booked by chat, visited at the counter, served and judged."""
    memory = InMemory(4, 500, JOURNEY)
    run(memory, advisor("signed_on", "on", memory.now(), "hall"))
    run(memory, advisor("state", "pause", memory.now(), "hall", state="break"))
    booked = {"channel": "chat", "attributes": {"stage": "booked"}}
    run(memory, arrived(memory.now(), "k-1", "u-1", **booked))
    memory._log.now += MINUTE
    visit = {"channel": "counter", "attributes": {"stage": "visit"}}
    run(memory, contact("updated", "visit", memory.now(), "k-1", "u-1", **visit))
    memory._log.now += MINUTE
    run(memory, advisor("state", "back", memory.now(), "hall", state="available"))
    run(memory, advisor("accepted", "yes", memory.now(), "hall", contact_id="k-1"))
    memory._log.now += MINUTE
    done = {"contact_id": "k-1", "outcome": "resolved"}
    run(memory, advisor("finished", "done", memory.now(), "hall", **done))
    memory._log.now += 24 * 60 * MINUTE
    said = {"score": 5, "resolved": True}
    run(memory, contact("feedback", "said", memory.now(), "k-1", "u-1", **said))
    return memory


def joined(memory: InMemory) -> list[Joined]:
    joining = Joining()
    reading = Reading(joining, None)
    found: list[Joined] = []
    for batch in memory._log.batches(TOPICS):
        for record in batch:
            found += reading.take(record)
    return found + list(joining.rest(reading.now))


def test_a_day_later_what_is_said_counts_for_the_decision_that_led_to_the_advisor() -> None:
    (one,) = joined(followed())
    assert (one.decided.lane, one.decided.rows) == ("senior", ("plans/visit",))
    assert (one.advisor, one.channel, one.settled) == ("a-1", "chat", True)
    assert (one.score, one.resolved, one.gave_up, one.waiting) == (1.0, True, False, False)
    assert one.wait is not None and 2 * MINUTE <= one.wait < 2 * MINUTE + 1_000

"""A contact that is served: its customer changes the channel, a switch tells of it, too."""

from dataclasses import replace
from typing import Any

from tests.contract.driver import Sent
from tests.contract.event import arrived, contact
from tests.unit.routing.floor import POLICY, Floor
from tests.unit.routing.hall import Hall
from tests.unit.routing.scene import intake
from tierlane.routing.desk import Desk
from tierlane.routing.effect import Effects
from tierlane.routing.intake import Intake
from tierlane.routing.waiting.event import Gone, Noticed, SignedOn
from tierlane.routing.waiting.managed import ManagedDesk


class Slow(Floor):
    """What desks return to their intake lies until it is handed over."""

    def __init__(self) -> None:
        super().__init__()
        self.lying: list[Sent] = []
        self.slow = False

    def give(self, sent: Sent) -> None:
        if sent.topic == "intake.returns" and self.slow:
            self.lying.append(sent)
            return
        super().give(sent)

    def hand_over(self) -> None:
        self.slow = False
        for sent in self.lying:
            self.give(sent)

    def take(self, machine: Desk | Intake, effects: Effects) -> None:
        super().take(machine, effects)
        if machine is self.intake:
            self.returned = effects

    def says(self, kind: str, name: str, **data: Any) -> None:
        self.give(contact(kind, f"{kind}-{name}", self.now, "k-1", "u-1", **data))


def slow(*names: str) -> Slow:
    made = Slow()
    for one in names:
        made.tell("signed_on", who=one)
    made.slow = True
    made.serve("k-1", "u-1")
    made.heard()
    return made


def test_a_switch_may_tell_of_an_answer_before_the_desk_does() -> None:
    floor = slow("a-1")
    floor.says("answered", "switch", advisor_id="a-1")
    floor.hand_over()
    assert floor.heard("advisor_id") == []
    floor.tell("finished", contact_id="k-1", outcome="solved")
    assert [one["kind"] for one in floor.audits][-1] == "finished"
    # What is told of it later comes to its desk, which has it and nobody else.
    other = slow("a-1")
    other.says("answered", "switch", advisor_id="a-1")
    other.hand_over()
    other.says("abandoned", "gone")
    assert other.heard("advisor_id", "reason") == [("revoked", "a-1", "abandoned")]


def test_who_was_put_to_it_loses_it_to_whom_a_switch_names() -> None:
    floor = slow("a-1")
    floor.says("answered", "switch", advisor_id="x-9")
    assert floor.heard("advisor_id", "reason") == [("revoked", "a-1", "answered")]
    floor.hand_over()  # the desk's older word
    floor.says("ended", "end")
    assert floor.heard() == []
    assert floor.audits[-1]["kind"] == "left"


def test_room_counts_by_the_channel_on_which_the_customer_is() -> None:
    hall = Hall()
    hall.at(0, hall.seat("a", "general"))
    hall.come(0, "k1", "mail")
    hall.accept(1, "a", "k1")
    hall.come(2, "k2", "mail")
    hall.accept(2, "a", "k2")
    (switched,) = hall.at(3, Noticed("k1", "voice"))
    assert (switched.kind, switched.advisor_id, switched.contact_id) == ("switched", "a", "k1")
    assert hall.desk.state.seats["a"].counts == {"mail": 1, "voice": 1}
    hall.come(4, "k3", "mail")
    assert hall.desk.state.contacts["k3"].offers == {}
    assert hall.at(5, Noticed("k1", "voice")) == []
    made = hall.at(6, Noticed("k1", "mail"))
    assert [one.kind for one in made] == ["switched", "offered"]
    again = ManagedDesk.restore(hall.desk.snapshot(), {hall.policy.hash: hall.policy})
    assert again.state.seats["a"].held == {"k1": "mail", "k2": "mail"}


def test_a_switch_that_names_nobody_takes_nothing_from_who_has_it() -> None:
    hall = Hall()
    hall.at(0, hall.seat("a", "general"))
    hall.come(0, "k1", "mail")
    hall.accept(1, "a", "k1")
    assert hall.at(2, Gone("k1", "answered")) == []
    assert hall.desk.state.contacts["k1"].served_by == "a"


def test_who_signs_on_again_wraps_up_and_has_had_their_turn_all_the_same() -> None:
    hall = Hall()
    seat = hall.seat("a", "general")
    hall.at(0, seat)
    hall.come(0, "k1", "voice")
    hall.accept(1, "a", "k1")
    hall.finish(2, "a", "k1")
    before = hall.desk.state.seats["a"]
    hall.come(3, "k2", "voice")
    skilled = seat._replace(values={**seat.values, "skills.claims": 3})
    assert isinstance(skilled, SignedOn)
    assert hall.at(4, skilled) == []
    after = hall.desk.state.seats["a"]
    assert (after.wrapping, after.turn) == (before.wrapping, before.turn)
    assert after.turn is not None
    assert [one.kind for one in hall.at(7)] == ["offered"]


def test_one_who_arrives_by_another_channel_is_told_to_who_serves() -> None:
    floor = Floor()
    floor.intake = intake(revision=replace(POLICY, joins=60_000))
    floor.tell("signed_on")
    offered = floor.serve("k-1", "u-1")
    floor.heard()
    floor.give(arrived(floor.now, "k-2", "u-1", channel="chat"))
    assert floor.heard("advisor_id", "offer_id", "contact_id", "channel", "joined") == [
        ("switched", "a-1", offered["offer_id"], "k-1", "chat", "k-2")
    ]
    told = floor.audits[-1]
    assert (told["kind"], told["channel"], told["joined"]) == ("switched", "chat", "k-2")

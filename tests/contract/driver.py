"""What the behaviour suite asks of a backend: four calls, a restart and a clock.

A backend runs the whole of tierlane (every partition's intake and desk, under the policy
`policy.yaml` beside this file) on its own log. Write a fixture `driver` that yields one, begun on
fresh topics, and a class that inherits `tests.contract.behaviour.Behaviour`.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from tierlane.policy.publish.publication import InFlight
from tierlane.ports import Record

POLICY = Path(__file__).with_name("policy.yaml")
"""The policy that every backend runs."""

MANAGED = Path(__file__).with_name("managed.yaml")
"""The policy of the scenes at managed desks."""

JOURNEY = Path(__file__).with_name("journey.yaml")
"""The policy of the scenes of customers who come back another way."""

MASK_KEY = b"behaviour-suite!"
DEPLOYMENT = "d1"


class Sent(NamedTuple):
    """A record to send."""

    topic: str
    """Without a prefix."""
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class Driver(Protocol):
    """A backend under test."""

    def now(self) -> int:
        """Return the time by which the log stamps records now, ms since 1970."""

    def send(self, records: Iterable[Sent]) -> None:
        """Write records in this order, each on the murmur2 partition of its key.

        Return when the log has them.
        """

    def settle(self) -> None:
        """Return when every input is served, and so is what came of it (`intake.returns`)."""

    def wait(self, seconds: float) -> None:
        """Let time go by; return when what is due by then has happened, and what came of it."""

    def read(self, topic: str) -> Sequence[Record]:
        """Return all committed records of a topic, by partition and then offset."""

    def publish(self, text: str, *, in_flight: InFlight = "pin", shadow: bool = False) -> None:
        """Publish a policy, and return when every intake decides by it, or asks it."""

    def restart(self) -> None:
        """End the worker without notice and begin it again; nothing may be lost or come twice."""

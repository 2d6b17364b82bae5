"""A worker in which handlers raise on the records that ask for it, and on no others.

    python tests/acceptance/guilty.py worker …        the rest as for `tierlane`

The contact `guilty-EFFECT` makes the handler of that effect raise, `guilty-decide` the policy, and
`guilty-crash` the sending of its outputs, which ends the worker; the customer `guilty-profile`
makes the reading of a profile for a decision raise. The key `guilty-handler` makes the handlers of
profiles, advisors' events and desk contacts raise once their work is done. What is raised quotes
the record, as errors of Python often do.
"""

import sys
from collections.abc import Callable, Mapping
from typing import Any

from tierlane.cli import main
from tierlane.policy.deciding.revision import Revision
from tierlane.routing import course, deciding
from tierlane.routing.desk import Desk
from tierlane.routing.effect import Effects
from tierlane.routing.intake import Intake
from tierlane.routing.turn import Place
from tierlane.stream import outbox


class Planted(Exception):
    """raised on purpose"""


def guard_course() -> None:
    """Wrap the handler of each effect."""
    begin = course.Course.__init__

    def guarded(effect: Any, handler: Callable[..., None]) -> Callable[..., None]:
        def handle(turn: Any, *arguments: Any) -> None:
            if turn.contact_id == f"guilty-{effect.name.lower()}":
                raise Planted(f"cannot do {turn.event.data!r}")
            handler(turn, *arguments)

        return handle

    def begin_guarded(self: course.Course, *arguments: Any) -> None:
        begin(self, *arguments)
        self._do = {effect: guarded(effect, handler) for effect, handler in self._do.items()}

    course.Course.__init__ = begin_guarded  # type: ignore[method-assign]


def guard_decide() -> None:
    """Wrap the policy."""
    decide = Revision.decide

    def guarded(self: Revision, contact: Mapping[str, Any], *arguments: Any) -> Any:
        if contact["contact_id"] == "guilty-decide":
            raise Planted(f"cannot decide {contact!r}")
        return decide(self, contact, *arguments)

    Revision.decide = guarded  # type: ignore[method-assign]


def guard_profile() -> None:
    """Wrap the reading of profiles for a decision."""
    read = deciding.plain_profile

    def guarded(value: bytes, *arguments: str) -> Any:
        if b"guilty-profile" in value:
            raise Planted(f"cannot read {value!r}")
        return read(value, *arguments)

    deciding.plain_profile = guarded


def guard_handler(machine: type, name: str) -> None:
    """Wrap a machine's handler of one input; what it did before it raises must be undone."""
    handle = getattr(machine, name)

    def guarded(self: object, effects: Effects, place: Place) -> None:
        handle(self, effects, place)
        if place.record.key == b"guilty-handler":
            raise Planted(f"cannot take {place.record.value!r}")

    setattr(machine, name, guarded)


def guard_outbox() -> None:
    """Make the worker as a whole fail, with the record in the error's text."""
    add = outbox.Outbox.add

    def guarded(self: outbox.Outbox, outputs: Any) -> None:
        if any(b"guilty-crash" in (output.key or b"") for output in outputs):
            raise Planted(f"cannot send {outputs!r}")
        add(self, outputs)

    outbox.Outbox.add = guarded  # type: ignore[method-assign]


if __name__ == "__main__":
    guard_outbox()
    guard_course()
    guard_decide()
    guard_profile()
    guard_handler(Intake, "_on_profile")
    guard_handler(Desk, "_on_advisor")
    guard_handler(Desk, "_on_contact")
    sys.exit(main())

"""Fits a model to contacts that were recorded."""

from collections.abc import Iterable, Sequence

from tierlane.errors import UsageError
from tierlane.policy.deciding.revision import Revision
from tierlane.replay.fitting.arrival import rhythm
from tierlane.replay.fitting.curve import hazard
from tierlane.replay.fitting.figure import Model
from tierlane.replay.fitting.fit import fitted
from tierlane.replay.fitting.times import About, patience, service
from tierlane.replay.simulation.coming import Coming
from tierlane.replay.simulation.deciding import Deciding, managed

PLAIN = ("channel", "subject")
"""What can be asked of a contact without a policy."""


def about(comings: Iterable[Coming], revision: Revision | None) -> tuple[tuple[Coming, About], ...]:
    """Return the contacts with what rows may ask of them: with a policy, what it decides, too."""
    if revision is None:
        return tuple(
            (one, {name: str(one.contact.get(name) or "") for name in PLAIN}) for one in comings
        )
    deciding = Deciding(managed(revision))
    return tuple((one, deciding.decided(one)[0]) for one in comings)


def fit(
    comings: Sequence[tuple[Coming, About]],
    by: Sequence[str] = (),
    zone: str = "UTC",
    interval: int = 30,
) -> Model:
    """Return the model of some contacts; `interval` is in minutes.

    Raises UsageError where there are none.
    """
    if not comings:
        raise UsageError("no arrival of a contact in what was read")
    waits, served = patience(comings, by), service(comings, by)
    kinds = [name for name in by if name in PLAIN]
    return Model(
        patience=tuple(fitted(key, times) for key, times in waits.items()),
        service=tuple(fitted(key, times) for key, times in served.items()),
        hazards=hazard(waits[()]),
        rhythm=rhythm(comings, dict.fromkeys(("channel", *kinds)), zone, interval),
    )

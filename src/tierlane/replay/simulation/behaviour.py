"""How customers and advisors behave: patience, service, and what becomes of offers.

Rows are asked in their order; the first that fits the contact and has an answer gives it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Final

import numpy as np

from tierlane.errors import UsageError
from tierlane.replay.simulation.chance import PATIENCE, SERVICE, Chance, Draws, Floats
from tierlane.replay.simulation.coming import Coming
from tierlane.replay.simulation.crowd import Crowd, Ints
from tierlane.replay.simulation.distribution import Distribution, Fixed, Never, beyond

FIELDS: Final = ("channel", "subject", "tier", "scenario", "lane", "group")
"""What a row may ask: of the contact, its decision, its lane, and of who serves it."""


@dataclass(frozen=True, slots=True)
class Row:
    """Times of the contacts that fit; None takes the recorded one, where there is one."""

    times: Distribution | None
    fits: tuple[tuple[str, frozenset[str]], ...] = ()
    """Field and values, all of which must hold."""

    def holds(self, about: Mapping[str, str]) -> bool:
        """Tell whether the row is for a contact."""
        return all(about.get(field) in values for field, values in self.fits)


RECORDED: Final = (Row(None),)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The rows, and what advisors do with offers."""

    service: tuple[Row, ...] = RECORDED
    patience: tuple[Row, ...] = (Row(None), Row(Never()))
    delay: Distribution = Fixed(0.0)
    """From an offer until the advisor answers it."""
    declines: float = 0.0
    """The share of offers that are declined."""

    @property
    def at_once(self) -> bool:
        """Whether every offer is taken the moment it is made."""
        return not self.declines and self.delay.quantile(0.5) == 0 == self.delay.mean

    def patience_of(self, coming: Coming, about: Mapping[str, str], draws: Draws) -> float:
        """Return how long a contact waits for its answer at most, in ms."""
        for row in self.patience:
            if not row.holds(about):
                continue
            if row.times is not None:
                return beyond(row.times, draws.patience, coming.waited)
            if coming.gave_up is not None:
                return coming.gave_up
        return Never().quantile(draws.patience)

    def service_of(self, coming: Coming, about: Mapping[str, str], draws: Draws) -> float:
        """Return how long serving a contact takes, in ms; raises UsageError if no row tells."""
        for row in self.service:
            if not row.holds(about):
                continue
            if row.times is not None:
                return row.times.quantile(draws.service)
            if coming.lasted is not None:
                return coming.lasted
        known = ", ".join(f"{field} `{about[field]}`" for field in FIELDS if about.get(field))
        hint = "add a row to `service` that gives every contact a time"
        raise UsageError(f"no row tells how long a contact takes: {known}", hint=hint)


def fitting(rows: Iterable[Row], about: Mapping[str, str]) -> tuple[Row, ...]:
    """Return the rows that are for contacts of which all this is the same."""
    return tuple(one for one in rows if one.holds(about))


def patiences(rows: Iterable[Row], crowd: Crowd, chosen: Ints, chance: Chance) -> Floats:
    """Return what `patience_of` gives for some contacts of a crowd that the rows are for."""
    found = np.full(len(chosen), np.nan)
    for row in rows:
        left = np.flatnonzero(np.isnan(found))
        if row.times is None:
            found[left] = crowd.gave_up[chosen[left]]
            continue
        drawn = chance.all_of(crowd.numbers[chosen[left]], PATIENCE)
        times, waited = row.times.quantiles(drawn), crowd.waited[chosen[left]]
        for place in np.flatnonzero(waited > 0):
            times[place] = beyond(row.times, float(drawn[place]), float(waited[place]))
        found[left] = times
        break
    return np.where(np.isnan(found), inf, found)


def services(rows: Iterable[Row], crowd: Crowd, chosen: Ints, chance: Chance) -> Floats:
    """Return what `service_of` gives for the same; not a number where no row tells."""
    found = np.full(len(chosen), np.nan)
    for row in rows:
        left = np.flatnonzero(np.isnan(found))
        if row.times is not None:
            found[left] = row.times.quantiles(chance.all_of(crowd.numbers[chosen[left]], SERVICE))
            break
        found[left] = crowd.lasted[chosen[left]]
    return found

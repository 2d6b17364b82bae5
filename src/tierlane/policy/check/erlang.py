"""Erlang A: how long contacts wait at a staffed desk, some giving up before they are answered.

Arrivals are Poisson, service and patience exponential, the line is first come, first served, and
the figures are those of the steady state. The formulas are the building blocks of A. Mandelbaum
and S. Zeltyn, "Service engineering in action: the Palm/Erlang-A queue, with applications to call
centers" (2007), and of S. Zeltyn and A. Mandelbaum, "Call centers with impatient customers:
many-server asymptotics of the M/M/n+G queue", Queueing Systems 51 (2005): with n advisors,
arrivals at rate λ, service at rate μ, and H(x) the integral of the share still patient after x,

    J(t) = ∫ over x ≥ t of exp(λH(x) - nμx)    E = Σ over j < n of (λ/μ)^j/j! / ((λ/μ)^(n-1)/(n-1)!)
    P(wait > 0) = λJ(0) / (E + λJ(0))          P(give up) = (1 + (λ - nμ)J(0)) / (E + λJ(0))
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, expm1
from typing import Final

_PARTS: Final = 4000
"""Strips of Simpson's rule; halving them moves no figure tested by 1e-6."""
_NEGLIGIBLE: Final = 46.0
"""e^-46 is 1e-20: what lies beyond changes no digit."""


@dataclass(frozen=True, slots=True)
class ErlangA:
    """A desk in steady state; times in any one unit, `arrivals` a unit of it."""

    arrivals: float
    service: float
    """Mean time with a contact."""
    patience: float | None
    """Mean time until a contact gives up; None never does (Erlang C)."""
    advisors: int

    @property
    def load(self) -> float:
        """The offered load, in advisors."""
        return self.arrivals * self.service

    @property
    def stable(self) -> bool:
        """Whether there is a steady state: with patience always, else only below the staff."""
        return self.advisors > 0 and (self.patience is not None or self.load < self.advisors)

    def waits(self) -> float:
        """Return the share of contacts that find nobody free."""
        within = self.arrivals * self._integral(lambda _: 1.0, 0)
        return within / (self._busy() + within)

    def gives_up(self) -> float:
        """Return the share of contacts that give up."""
        if self.patience is None:
            return 0.0
        within = self._integral(lambda _: 1.0, 0)
        surplus = self.arrivals - self.advisors / self.service
        return (1 + surplus * within) / (self._busy() + self.arrivals * within)

    def answered_within(self, time: float) -> float:
        """Return the share of all contacts that are answered within a time; who gives up is not."""
        whole = self._busy() + self.arrivals * self._integral(lambda _: 1.0, 0)
        late = self._integral(self._patient, time)
        return 1 - self.gives_up() - self.arrivals * late / whole

    def mean_wait(self) -> float:
        """Return the mean time waited, by those answered and those who give up together."""
        if self.patience is not None:
            return self.gives_up() * self.patience
        return self.waits() / (self.advisors / self.service - self.arrivals)

    def _patient(self, time: float) -> float:
        return 1.0 if self.patience is None else exp(-time / self.patience)

    def _busy(self) -> float:
        """Return E, by the recursion E(1) = 1, E(k + 1) = 1 + k / load × E(k)."""
        found = 1.0
        for number in range(1, self.advisors):
            found = 1 + number / self.load * found
        return found

    def _exponent(self, time: float) -> float:
        """Return λH(x) - nμx."""
        patient = time if self.patience is None else -self.patience * expm1(-time / self.patience)
        return self.arrivals * patient - self.advisors / self.service * time

    def _integral(self, weight: Callable[[float], float], start: float) -> float:
        """Return the integral of weight(x) × exp(exponent(x)) from `start` on, by Simpson."""
        end = start + self.service / self.advisors
        while self._exponent(end) > min(0.0, self._exponent(start)) - _NEGLIGIBLE:
            end = start + 2 * (end - start)
        width = (end - start) / _PARTS
        total = 0.0
        for part in range(_PARTS + 1):
            time = start + part * width
            factor = 1 if part in (0, _PARTS) else 4 if part % 2 else 2
            total += factor * weight(time) * exp(self._exponent(time))
        return total * width / 3

"""What is known exactly of simple lines, to hold a simulation against; times in any one unit.

`ErlangA` of the policy check stands beside these: lines in which customers give up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import simpson
from scipy.linalg import expm


def erlang_b(load: float, servers: int) -> float:
    """Return the share that finds nobody free where nobody waits, for a load in servers.

    B(0) = 1, B(k) = load B(k-1) / (k + load B(k-1)).
    """
    found = 1.0
    for number in range(1, servers + 1):
        found = load * found / (number + load * found)
    return found


def erlang_c(load: float, servers: int) -> float:
    """Return the share that waits where everybody does; the load must be below the servers."""
    lost = erlang_b(load, servers)
    return lost / (1 - load / servers * (1 - lost))


def cobham(rates: Sequence[float], service: float, servers: int) -> tuple[float, ...]:
    """Return the mean wait of each class, the most urgent first; nobody is interrupted.

    C(c, a) service / c / ((1 - s(k-1)) (1 - s(k))), s(k) being the load of classes 1 to k over c.
    """
    loads = [0.0, *accumulate(rate * service / servers for rate in rates)]
    delay = erlang_c(loads[-1] * servers, servers) * service / servers
    return tuple(delay / ((1 - before) * (1 - after)) for before, after in pairwise(loads))


@dataclass(frozen=True, slots=True)
class Line:
    """A line in steady state with exponential times and room for `most` who wait (M/M/c/K+M)."""

    arrivals: float
    service: float
    patience: float
    servers: int
    most: int

    def shares(self) -> list[float]:
        """Return the share of time with 0, 1, 2 … contacts, served or waiting."""
        found = [1.0]
        for number in range(1, self.servers + self.most + 1):
            served = min(number, self.servers) / self.service
            leaving = max(number - self.servers, 0) / self.patience
            found.append(found[-1] * self.arrivals / (served + leaving))
        whole = sum(found)
        return [one / whole for one in found]

    def waiting(self) -> tuple[float, float]:
        """Return mean and variance of the number that waits."""
        held = [(max(n - self.servers, 0), share) for n, share in enumerate(self.shares())]
        mean = sum(n * share for n, share in held)
        return mean, sum(n * n * share for n, share in held) - mean**2

    def present(self) -> float:
        """Return the mean number of contacts, served or waiting."""
        return sum(n * share for n, share in enumerate(self.shares()))

    def gives_up(self) -> float:
        """Return the share of those who come in that give up."""
        return self.waiting()[0] / self.patience / (self.arrivals * (1 - self.shares()[-1]))

    def at_once(self) -> float:
        """Return the share of contacts that find a server free."""
        return sum(self.shares()[: self.servers])

    def occupancy(self, time: float, parts: int = 400) -> float:
        """Return the share of its servers that is busy on average over a time begun empty.

        The chain of the number present is solved at `parts` moments, joined by Simpson's rule.
        """
        generator = self._generator()
        step = expm(generator * time / parts)
        present = np.zeros(len(generator))
        present[0] = 1.0
        served = np.minimum(np.arange(len(generator)), self.servers)
        busy = [0.0]
        for _ in range(parts):
            present = present @ step
            busy.append(float(present @ served))
        return float(simpson(busy, dx=time / parts)) / (time * self.servers)

    def _generator(self) -> NDArray[np.float64]:
        """Return the rates at which the number present changes, by row from and column to."""
        size = self.servers + self.most + 1
        number = np.arange(1, size)
        down = np.minimum(number, self.servers) / self.service
        down = down + np.maximum(number - self.servers, 0) / self.patience
        found = np.diag(np.full(size - 1, self.arrivals), 1) + np.diag(down, -1)
        return found - np.diag(found.sum(axis=1))

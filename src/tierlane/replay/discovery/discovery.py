"""Which order explains a log: by month, by seconds of credit, and the days on which it changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tierlane.errors import SourceError
from tierlane.replay.discovery.agreement import Agreement, Days, Knee, agreements, knee
from tierlane.replay.discovery.choice import SHARE, Choices, Numbers, choices
from tierlane.replay.discovery.order import (
    RATES,
    SWEEP,
    Order,
    ageing,
    credit,
    fifo,
    hits,
    promised,
    strict,
)
from tierlane.replay.discovery.regime import Part, parts
from tierlane.replay.discovery.wait import Wait


@dataclass(frozen=True, slots=True)
class Period:
    """A month, or the whole."""

    name: str
    days: int
    choices: int
    orders: tuple[Agreement, ...]
    """FIFO, credit and ageing at their best figure, strict, promised; best first."""
    sweep: tuple[Agreement, ...]
    """Credit by seconds."""
    knee: Knee | None


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found."""

    waits: int
    seed: int
    share: float
    periods: tuple[Period, ...]
    """The whole, then month by month where there are several."""
    regimes: tuple[tuple[Part, Order], ...]
    complete: bool = True
    """False where reading was interrupted."""

    def json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "waits": self.waits,
            "complete": self.complete,
            "seed": self.seed,
            "least_share": self.share,
            "periods": [_period(one) for one in self.periods],
            "regimes": [
                {"first": part.first, "last": part.last, **_named(order), "agreement": part.share}
                for part, order in self.regimes
            ],
        }


def discover(waits: Iterable[Wait], *, seed: int = 1, share: float = SHARE) -> Discovery:
    """Find which order explains a log. Raises `SourceError` where nobody ever had a choice."""
    line = list(waits)
    given = choices(line, share)
    if not len(given):
        raise SourceError(
            "nobody had a choice: never did contacts of two priorities wait when one was taken",
            hint="the log must tell priorities, when each contact waited, and who took it",
        )
    table = _Table.of(given, seed)
    months = sorted({day[:7] for day in given.days})
    names = ["all", *(months if len(months) > 1 else ())]
    periods = [table.period(name) for name in names]
    best = {agreement.order for one in periods for agreement in one.orders}
    few = [place for place, one in enumerate(table.orders) if one in best]
    found = parts(Days(given.days, table.hits[:, few]), seed)
    regimes = tuple((part, table.orders[few[part.order]]) for part in found)
    return Discovery(len(line), seed, share, tuple(periods), regimes)


@dataclass(frozen=True, slots=True)
class _Table:
    """What every order came to at every choice."""

    days: tuple[str, ...]
    orders: tuple[Order, ...]
    hits: Numbers
    """Choices x orders."""
    seed: int

    @classmethod
    def of(cls, given: Choices, seed: int) -> "_Table":
        orders = [fifo(), strict(), *map(credit, SWEEP), *map(ageing, RATES)]
        if given.promises:
            orders.append(promised())
        columns = np.stack([hits(one, given) for one in orders], axis=1)
        return cls(given.days, tuple(orders), columns, seed)

    def period(self, name: str) -> Period:
        """Return what holds of a month, `2026-03`, or of `all`."""
        mine = [n for n, day in enumerate(self.days) if name in ("all", day[:7])]
        days = Days([self.days[n] for n in mine], self.hits[mine])
        every = agreements(self.orders, days, self.seed)
        best: dict[str, Agreement] = {}
        for one in every:
            if one.order.name not in best or one.share > best[one.order.name].share:
                best[one.order.name] = one
        swept = [place for place, one in enumerate(self.orders) if one.name == "credit"]
        credited = Days([self.days[n] for n in mine], self.hits[np.ix_(mine, swept)])
        return Period(
            name,
            len(days.names),
            len(mine),
            tuple(sorted(best.values(), key=lambda one: -one.share)),
            tuple(every[place] for place in swept),
            knee(SWEEP, credited, self.seed),
        )


def _named(order: Order) -> dict[str, Any]:
    return {"order": order.name, "figure": order.figure}


def _agreed(one: Agreement) -> dict[str, Any]:
    return {**_named(one.order), "agreement": one.share, "low": one.low, "high": one.high}


def _period(one: Period) -> dict[str, Any]:
    return {
        "period": one.name,
        "days": one.days,
        "choices": one.choices,
        "orders": [_agreed(found) for found in one.orders],
        "sweep": [
            {"credit": found.order.figure, "agreement": found.share, "low": found.low,
             "high": found.high}
            for found in one.sweep
        ],
        "knee": one.knee and one.knee._asdict(),
    }  # fmt: skip

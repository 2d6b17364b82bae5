"""What a plain run is given: the contacts of one desk as columns, and what becomes of them."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from tierlane.replay.simulation.crowd import Ints
from tierlane.replay.simulation.plain.model import Row

NEVER: Final = 1 << 62
"""Ms that are not lived to see."""


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """The stops of contacts that were decided alike."""

    channel: str
    rows: tuple[Row, ...]
    ages: tuple[int, ...]
    """When each begins, and at last when the contact is closed; `NEVER` is not."""
    services: tuple[tuple[int, ...], ...]
    """By stop and crew: which of the times of service it takes."""


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """The contacts of one desk by arrival; columns as long as there are contacts."""

    arrived: Ints
    ways: tuple[Way, ...]
    way: Ints
    """By contact: which of the ways."""
    patience: Ints
    """Ms; `NEVER` waits for ever."""
    services: Ints
    """By kind of time, then by contact: ms."""


NOBODY: Final = Given(
    np.empty(0, np.int64), (), np.empty(0, np.int64), np.empty(0, np.int64),
    np.empty((0, 0), np.int64),
)  # fmt: skip


Moment = tuple[int, int, int]
"""Ms, the kind of what happened as in `run`, and of a turn its number among all turns; what happens
at one moment happens in this order."""
DUE: Final = 9
"""The kind of what is due at a desk where no event of its moment has fired it."""


@dataclass(slots=True, eq=False)
class Became:
    """What became of the contacts of one desk; -1 is none."""

    answered: Ints
    """The moment."""
    seat: Ints
    service: Ints
    stop: Ints
    """In which it was answered, or was last."""
    over: Ints
    """The moment it left or was closed."""
    closed: set[int] = field(default_factory=set)
    events: int = 0
    ended: Moment = (-NEVER, 0, 0)
    """The last that happened."""
    through: bool = True
    """Whether everybody was gone by the end; else they wait still, or are served."""

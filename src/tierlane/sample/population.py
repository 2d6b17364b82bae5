"""The customers of the sample: where each belongs, what language he speaks, who is recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from tierlane.sample.business import BUSINESSES, Business
from tierlane.sample.chance import weighted

LANGUAGES: Final = ("zh", "en", "ja", "ru")

UNRECORDED: Final = 0.06
"""The share of customers who have a number but no profile."""


@dataclass(frozen=True, slots=True)
class Group:
    """The customers of one business: a run of numbers, the busiest first."""

    business: Business
    first: int
    size: int
    advisors: range


@dataclass(frozen=True, slots=True)
class Population:
    """Every customer by number, as two bytes a customer."""

    groups: tuple[Group, ...]
    languages: bytes
    recorded: bytes

    @classmethod
    def made(cls, size: int, seed: int) -> "Population":
        """Make about `size` customers, at least 20 of each business."""
        random = Random(f"population/{seed}").random
        groups = _groups(size)
        languages = bytearray()
        recorded = bytearray()
        for group in groups:
            shares = {LANGUAGES.index(k): v for k, v in group.business.languages.items()}
            draw = weighted(shares, random)
            languages.extend(draw() for _ in range(group.size))
            recorded.extend(random() >= UNRECORDED for _ in range(group.size))
        return cls(groups, bytes(languages), bytes(recorded))


def _groups(size: int) -> tuple[Group, ...]:
    total = sum(business.weight for business in BUSINESSES)
    groups: list[Group] = []
    first, advisor = 0, 1
    for business in BUSINESSES:
        share = max(20, round(size * business.weight / total))
        groups.append(Group(business, first, share, range(advisor, advisor + business.advisors)))
        first += share
        advisor += business.advisors
    return tuple(groups)


def customer_id(number: int) -> str:
    """Name a customer by number."""
    return f"u-{100_000 + number}"


def advisor_id(number: int) -> str:
    """Name an advisor by number."""
    return f"a-{number}"


def mother_tongue(languages: Sequence[int], number: int) -> str:
    """Return the language a customer speaks."""
    return LANGUAGES[languages[number]]

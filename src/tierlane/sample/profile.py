"""Profiles of the sample's customers, as events."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Final

from tierlane.sample.chance import weighted
from tierlane.sample.population import Group, Population, advisor_id, customer_id, mother_tongue

CARDS: Final = {"": 77.0, "silver": 15.0, "gold": 6.0, "platinum": 2.0}
SEGMENTS: Final = {"": 78.0, '"young-family"': 14.0, '"company"': 8.0}
WISHES: Final = {
    "": 70.0,
    '"call after 20:00"': 12.0,
    '"unscented"': 8.0,
    '"separate invoice"': 6.0,
    '"quiet seat","no calls"': 4.0,
}

LOOKING: Final = 0.02
"""The share of customers who keep looking at the after-sales page."""

UNTIL: Final = "2026-12-31"


def profile_lines(population: Population, seed: int, time: str) -> Iterator[str]:
    """Yield one event a line for every recorded customer, by number, dated `time`."""
    profiles = _Profiles(population, Random(f"profile/{seed}").random, time)
    for group in population.groups:
        for number in range(group.first, group.first + group.size):
            line = profiles.line(group, number)
            if population.recorded[number]:
                yield line


class _Profiles:
    """Makes one profile after another from a sequence of random numbers."""

    __slots__ = ("_card", "_languages", "_random", "_segment", "_time", "_wish")

    def __init__(self, population: Population, random: Callable[[], float], time: str) -> None:
        self._languages = population.languages
        self._random = random
        self._time = time
        self._card = weighted(CARDS, random)
        self._segment = weighted(SEGMENTS, random)
        self._wish = weighted(WISHES, random)

    def line(self, group: Group, number: int) -> str:
        """Return the event of one customer."""
        random = self._random
        who = customer_id(number)
        card = self._card()
        level = f'{{"programme":"club","level":"{card}","until":"{UNTIL}"}}' if card else "null"
        language = mother_tongue(self._languages, number)
        value = self._value(group)
        views = 5 + int(random() * 4) if random() < LOOKING else int(random() * 3)
        return (
            f'{{"specversion":"1.0","id":"p-{number}","source":"crm",'
            f'"type":"tierlane.customer.profile.v1","time":"{self._time}","subject":"{who}",'
            f'"data":{{"customer_id":"{who}","segments":[{self._segment()}],'
            f'"birth_year":{1948 + int(random() ** 0.6 * 60)},"languages":["{language}"],'
            f'"region":"CN","measures":{{"{group.business.measure}":{value:.2f},'
            f'"orders":{1 + int(random() * 30)}}},"membership":{level},'
            f'"dedicated_advisor":{self._dedicated(group, value)},"account_team":null,'
            f'"preferences":[{self._wish()}],"signals":{{"after_sales_views_7d":{views}}}}}}}\n'
        )

    def _value(self, group: Group) -> float:
        # A Pareto law with exponent 1.25: one customer in 18 is worth ten times the least one.
        share: float = (1.0 - self._random()) ** -0.8
        return min(50_000_000.0, group.business.scale * share)

    def _dedicated(self, group: Group, value: float) -> str:
        random, business = self._random, group.business
        if value < business.dedicated_from or random() >= business.dedicated:
            return "null"
        return f'"{advisor_id(group.advisors[int(random() * len(group.advisors))])}"'

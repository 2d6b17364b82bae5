"""Arrivals: who asks, by which channel, for what, in which words."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import orjson

from tierlane.sample.business import ANGER, BUSINESSES, NIGHT
from tierlane.sample.chance import weighted, zipf
from tierlane.sample.clock import DAY, Stamp, hour_of
from tierlane.sample.population import Group, Population, customer_id, mother_tongue

UNKNOWN: Final = 0.12
"""The share of contacts whose customer is not known when they arrive."""

ANGRY: Final = 0.04
"""The share of written contacts that begin with strong words."""

URGENCY: Final = {"routine": 55.0, "urgent": 33.0, "emergency": 12.0}
"""How urgent symptoms are; everything else at the hospital is routine."""

WRITTEN: Final = frozenset({"chat", "app", "mail", "sms", "social"})

IDENTITY: Final = {"voice": 1, "chat": 1, "app": 2, "counter": 3, "kiosk": 2, "video": 2}
"""How surely a channel knows who it is; others do not at all."""

REGION: Final = {"zh": "CN", "en": "SG", "ja": "JP", "ru": "RU"}


class Arrival(NamedTuple):
    """One arrival: its line, and what later events of the same contact need."""

    number: int
    moment: int
    group: Group
    channel: str
    customer: str | None
    line: str
    subject: str = ""


class Kit:
    """The draws of one business."""

    __slots__ = ("channel", "group", "language", "product", "rank", "subject")

    def __init__(self, group: Group, random: Callable[[], float]) -> None:
        business = group.business
        self.group = group
        self.channel = weighted(business.channels, random)
        self.subject = weighted({k: v.weight for k, v in business.subjects.items()}, random)
        self.language = weighted(business.languages, random)
        self.rank = zipf(group.size, random)
        products = business.products
        self.product = weighted(dict.fromkeys(products, 1.0), random) if products else None


class Arrivals:
    """Makes one arrival after another from a sequence of random numbers."""

    def __init__(self, population: Population, random: Callable[[], float], stamp: Stamp) -> None:
        self._languages = population.languages
        self._random = random
        self._stamp = stamp
        kits = [Kit(group, random) for group in population.groups]
        self._by_day = weighted({kit: kit.group.business.weight for kit in kits}, random)
        awake = {kit: NIGHT.get(kit.group.business.name, 0.0) for kit in kits}
        self._by_night = weighted({k: v for k, v in awake.items() if v}, random)
        self._urgency = weighted(URGENCY, random)
        self._texts = _texts()

    def make(self, number: int, moment: int, written: int) -> Arrival:
        """Make arrival `number` of a `moment` in ms whose event says `written`, at most that."""
        random = self._random
        kit = self._by_day() if 6 <= hour_of(moment) < 23 else self._by_night()
        channel, subject = kit.channel(), kit.subject()
        customer = None
        if random() < UNKNOWN:
            language = kit.language()
        else:
            person = kit.group.first + kit.rank()
            language = mother_tongue(self._languages, person)
            customer = customer_id(person)
        name = kit.group.business.name
        who = f'"customer_id":"{customer}",' if customer else ""
        product = f'"product":"{kit.product()}",' if kit.product else ""
        text = self._text(name, channel, subject, language)
        identity = IDENTITY.get(channel, 0)
        extra = self._extra(name, subject, moment)
        line = (
            f'{{"specversion":"1.0","id":"e-{number}","source":"{channel}/{name}",'
            f'"type":"tierlane.contact.arrived.v1","time":"{self._stamp(written)}",'
            f'"subject":"k-{number}","data":{{"contact_id":"k-{number}",{who}'
            f'"channel":"{channel}","language":"{language}","region":"{REGION[language]}",'
            f'{product}"subject":"{subject}",{text}"identity":{identity},'
            f'"attributes":{{"business":"{name}"{extra}}}}}}}\n'
        )
        return Arrival(number, moment, kit.group, channel, customer, line, subject)

    def _text(self, business: str, channel: str, subject: str, language: str) -> str:
        if channel not in WRITTEN:
            return ""
        random = self._random
        anger = ANGER[language] if random() < ANGRY else ""
        texts = self._texts[business, subject, language]
        text = texts[int(random() * len(texts))]
        if "{n}" in text:
            text = text.replace("{n}", str(100_000 + int(random() * 900_000)))
        return f'"text":"{anger}{text}",'

    def _extra(self, business: str, subject: str, moment: int) -> str:
        random = self._random
        if business == "retail":
            value = int(random() ** 3 * 90_000) / 100 + 9
            if subject != "return":
                return f',"order_value":{value:.2f}'
            delivered = self._stamp(moment, int(random() * 21 * DAY))
            return f',"order_value":{value:.2f},"delivered_at":"{delivered}"'
        if business == "hospital":
            urgency = self._urgency() if subject == "symptoms" else "routine"
            return f',"urgency":"{urgency}"'
        return ""


def _texts() -> Mapping[tuple[str, str, str], tuple[str, ...]]:
    texts: dict[tuple[str, str, str], tuple[str, ...]] = {}
    for business in BUSINESSES:
        for subject, words in business.subjects.items():
            for language in REGION:
                said = words.chinese if language == "zh" else words.english
                texts[business.name, subject, language] = tuple(map(_escaped, said))
    return texts


def _escaped(text: str) -> str:
    return orjson.dumps(text)[1:-1].decode()

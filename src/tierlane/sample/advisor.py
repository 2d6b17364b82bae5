"""Advisors of the sample, as events of the directory."""

from collections.abc import Iterator
from random import Random

import orjson

from tierlane.sample.population import Group, Population, advisor_id


def advisor_lines(population: Population, seed: int, time: str) -> Iterator[str]:
    """Yield one event a line for every advisor, by number, dated `time`."""
    random = Random(f"advisor/{seed}")
    for group in population.groups:
        for number in group.advisors:
            yield orjson.dumps(_event(group, number, random, time)).decode() + "\n"


def _event(group: Group, number: int, random: Random, time: str) -> dict[str, object]:
    business = group.business
    who = advisor_id(number)
    data = {
        "advisor_id": who,
        "desk": business.name,
        "rank": 1 + int(random.random() * 3),
        "skills": {subject: 1 + int(random.random() * 5) for subject in business.subjects},
        "languages": [
            language for language in business.languages if language == "zh" or random.random() < 0.4
        ],
        "channels": list(business.channels),
    }
    return {
        "specversion": "1.0",
        "id": f"d-{number}",
        "source": "workforce",
        "type": "tierlane.advisor.listed.v1",
        "time": time,
        "subject": who,
        "data": data,
    }

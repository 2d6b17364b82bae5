"""What an hour of advisors costs, as `--rate` says it: `30 EUR`, `nurses=45 EUR`, `bots=0`."""

import re
from collections.abc import Collection, Sequence
from typing import Final

from tierlane.errors import UsageError
from tierlane.policy.reading.shape import near
from tierlane.replay.report.cost import Rates

_FORM: Final = re.compile(r"(?:(?P<group>.+?)\s*=\s*)?(?P<hour>\d+(?:\.\d+)?)\s*(?P<currency>\D*)")
HINT: Final = "such as `30 EUR`, or `nurses=45 EUR` for a group"


def rates_of(texts: Sequence[str], groups: Collection[str]) -> Rates | None:
    """Return the rates; None where there are none. Raises UsageError."""
    if not texts:
        return None
    hour, own, currencies = 0.0, dict[str, float](), dict[str, None]()
    for text in texts:
        found = _FORM.fullmatch(text.strip())
        if found is None:
            raise UsageError(f"`--rate {text}` is no rate", hint=HINT)
        name, value = found["group"], float(found["hour"])
        if name is None:
            hour = value
        elif name in groups:
            own[name] = value
        else:
            raise UsageError(f"`--rate {text}` is of no group there is", hint=near(name, groups))
        if found["currency"].strip():
            currencies[found["currency"].strip()] = None
    if len(currencies) > 1:
        told = " and ".join(f"`{one}`" for one in currencies)
        raise UsageError(f"rates are in one currency, not in {told}")
    return Rates(hour, own, next(iter(currencies), ""))

r"""What a pattern of `matches` costs to read, which the binding does anew for every contact.

The engine runs in linear time whatever the pattern, so nothing can back-track for ever; but
repetitions multiply, and each `\w` stands for some 700 ranges of signs. Weights are tenths of a
microsecond, measured here on the binding (`\w{100}` takes 20 ms, `\d{100}` 1.6 ms, `a{1000}`
50 µs).
"""

import re
from typing import Final

MOST: Final = 100_000
"""Tenths of a microsecond: a pattern takes no more than about 10 ms."""
_ENDLESS: Final = MOST * MOST
_TOKEN: Final = re.compile(
    r"(?P<wide>\\[wW]|\\[pP](?:\{[^}]*\}|.))|(?P<digit>\\[dD])|(?P<escape>\\[xuU]\{[^}]*\}|\\.)"
    r"|(?P<open>\()|(?P<close>\))"
    r"|(?P<class>\[\^?\]?)|\{(?P<least>[0-9]+)(?P<range>,(?P<most>[0-9]*))?\}|(?P<sign>.)",
    re.DOTALL,
)
_WEIGHT: Final = {"wide": 2_000, "digit": 160, "escape": 5, "sign": 3}


def cost(pattern: str) -> int:
    """Return about how long a pattern takes to read, in tenths of a microsecond."""
    totals, last, classes = [0], 0, 0
    for token in _TOKEN.finditer(pattern):
        kind = token.lastgroup or "sign"
        if token["least"] is not None:
            times = int((token["most"] or token["least"])[:6])
            totals[-1] = min(totals[-1] + last * (times - 1), _ENDLESS) if times else totals[-1]
            last = min(last * max(times, 1), _ENDLESS)
            continue
        if kind == "class" or (kind == "open" and not classes):
            classes += kind == "class"
            totals.append(3)
            continue
        ends_class = classes > 0 and token.group() == "]"
        if ends_class or (kind == "close" and not classes and len(totals) > 1):
            classes -= ends_class
            last = totals.pop()
        else:
            last = _WEIGHT.get(kind, 3)
        totals[-1] = min(totals[-1] + last, _ENDLESS)
    return sum(totals)

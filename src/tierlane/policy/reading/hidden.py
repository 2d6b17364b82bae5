"""Text that reads as something it is not: signs nobody sees, and words that look like others.

A policy is read aloud by people and compared sign by sign by machines; where both would see
different words, a rule that looks right never holds.
"""

import re
import unicodedata
from typing import Final

from tierlane.policy.form.finding import Report
from tierlane.policy.reading.source import Leaf, Mapping, Node, Sequence

_WORD: Final = re.compile(r"\w+")
_SCRIPTS: Final = (
    ("Latin", re.compile("[A-Za-z]")),
    ("Greek", re.compile("[\u0370-\u03ff]")),
    ("Cyrillic", re.compile("[\u0400-\u052f]")),
)
"""The scripts whose letters look alike. Chinese beside Latin letters is no riddle to anybody."""


def warn_of_lookalikes(document: Node, report: Report) -> None:
    """Warn of words that mix scripts which look alike, and of letters put together from parts."""
    waiting = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Mapping):
            waiting += (part for entry in node.entries for part in entry)
        elif isinstance(node, Sequence):
            waiting += node.items
        elif isinstance(node.value, str) and not node.value.isascii():
            _look(node, node.value, report)


def _look(leaf: Leaf, text: str, report: Report) -> None:
    for word in _WORD.findall(text):
        found = [name for name, letters in _SCRIPTS if letters.search(word)]
        if len(found) > 1:
            message = f"`{word}` mixes letters of {' and '.join(found)}, which look alike"
            report.warn("lookalike", leaf.place, message, "write it in one alphabet")
            return
    if not unicodedata.is_normalized("NFC", text):
        message = f"`{text}` has letters put together from parts"
        hint = "it equals no text in which they are one sign; write it anew"
        report.warn("lookalike", leaf.place, message, hint)

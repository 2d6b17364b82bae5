"""Questions about a text that words alone answer, so that the binding need not be asked.

`contains`, `startsWith`, `endsWith` of a constant, and `matches` of a pattern that is a list of
words: no sign of a pattern but `|` between them, and `(?i)` before. They give a text its class;
what a rule answers is the binding's still, and a law in the tests holds the two together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from unicodedata import category

from tierlane.policy.condition.expression import Call, Const, Path, Tree

_SIGNS: Final = frozenset("\\.+*?()|[]{}^$")
"""What is not itself in a pattern."""
_ANY_CASE: Final = "(?i)"
_SMALL: Final = {**{ord("A") + n: chr(ord("a") + n) for n in range(26)}, 0x17F: "s", 0x212A: "k"}
"""All that Unicode's simple folding makes a small ASCII letter; long s and Kelvin sign, too."""

Asked = Callable[[str], tuple[bool, ...] | None]
"""Text → the answers; None for one that the binding cannot read (half a surrogate pair)."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One question: whether some word of a list is in a text, at its beginning or at its end."""

    how: str
    """`contains`, `startsWith` or `endsWith`."""
    words: tuple[str, ...]
    any_case: bool = False
    """Whether small and capital letters are the same; the words are in small ones then."""

    def holds(self, text: str, small: str) -> bool:
        """Answer for a text, given also with its ASCII letters in small."""
        looked_at = small if self.any_case else text
        if self.how == "contains":
            return any(word in looked_at for word in self.words)
        if self.how == "startsWith":
            return looked_at.startswith(self.words)
        return looked_at.endswith(self.words)


def wording(tree: Tree) -> Wording | None:
    """Return the question that a term asks of one field, None if it is not of that kind."""
    if not (isinstance(tree, Call) and isinstance(tree.target, Path) and len(tree.args) == 1):
        return None
    value = tree.args[0].value if isinstance(tree.args[0], Const) else None
    if not isinstance(value, str):
        return None
    if tree.name in ("contains", "startsWith", "endsWith"):
        return Wording(tree.name, (value,))
    return _words(value) if tree.name == "matches" else None


def _words(pattern: str) -> Wording | None:
    any_case = pattern.startswith(_ANY_CASE)
    words = pattern.removeprefix(_ANY_CASE).split("|")
    if not all(words) or any(_SIGNS.intersection(word) for word in words):
        return None
    if not any_case:
        return Wording("contains", tuple(words))
    if not all(char.isascii() or category(char) == "Lo" for word in words for char in word):
        return None  # letters beyond ASCII fold by rules of their own; those without case do not
    return Wording("contains", tuple(word.lower() for word in words), any_case=True)


def asked(wordings: tuple[Wording, ...]) -> Asked:
    """Return the function that answers all of them for one text."""
    if all(one.how == "contains" and not one.any_case and len(one.words) == 1 for one in wordings):
        words = tuple(one.words[0] for one in wordings)
        return lambda text: tuple([word in text for word in words]) if _whole(text) else None

    def answer(text: str) -> tuple[bool, ...] | None:
        if not _whole(text):
            return None
        small = text.lower() if text.isascii() else text.translate(_SMALL)
        return tuple([one.holds(text, small) for one in wordings])

    return answer


def _whole(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True

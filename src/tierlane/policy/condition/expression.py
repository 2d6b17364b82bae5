"""CEL text → a tree: the subset that policies may use.

The tree serves the checks, the splitting of conditions and the field usage. It is never
evaluated here: the CEL binding does that, and it is the reference.
"""

import re
from dataclasses import dataclass
from typing import Final, NoReturn

LONGEST: Final = 4096
MOST_NODES: Final = 200
LONGEST_LIST: Final = 1000
DEEPEST: Final = 24

_TOKEN: Final = re.compile(
    r"""\s*(?:
    (?P<number>(?:[0-9]+\.[0-9]+|[0-9]+)(?:[eE][-+]?[0-9]+)?)
  | (?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<sign>&&|\|\||==|!=|<=|>=|[-<>!+*/%()\[\],.?:])
    )""",
    re.VERBOSE,
)
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"'}
_BINDS: Final = {
    "||": 1,
    "&&": 2,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in"), 3),
    **dict.fromkeys("+-", 4),
    **dict.fromkeys("*/%", 5),
}
_UNARY: Final = 6

_MEANT: Final = {
    "=": "equality is `==`",
    "is": "equality is `==`",
    "&": "and is `&&`",
    "and": "and is `&&`",
    "|": "or is `||`",
    "or": "or is `||`",
    "not": "not is `!`",
    "'": "text ends by the quote that it begins with",
    '"': "text ends by the quote that it begins with",
}
"""What is meant by signs and words of other languages."""


class NotCel(ValueError):
    """the expression cannot be read"""

    def __init__(self, message: str, at: int, hint: str = "", code: str = "not_cel") -> None:
        self.message = message
        self.code = code
        self.at = at
        """Character from 0."""
        self.hint = hint
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Const:
    """A constant: text, number, truth value or null."""

    value: str | int | float | bool | None
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Path:
    """A field or name, such as `contact.attributes.delivered_at`."""

    parts: tuple[str, ...]
    start: int = 0
    end: int = 0

    @property
    def text(self) -> str:
        """The path as written."""
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Unary:
    """`!x` or `-x`."""

    sign: str
    operand: "Tree"
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands and a sign; `in` is a sign."""

    sign: str
    left: "Tree"
    right: "Tree"
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """A function or, with a target, a method or macro."""

    name: str
    args: "tuple[Tree, ...]"
    target: "Tree | None" = None
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Several:
    """A list literal."""

    items: "tuple[Tree, ...]"
    start: int = 0
    end: int = 0


Tree = Const | Path | Unary | Binary | Call | Several


def parse(text: str) -> Tree:
    """Read an expression; raises NotCel with the character at which it fails."""
    if len(text) > LONGEST:
        raise NotCel(f"the expression has more than {LONGEST} characters", LONGEST)
    parser = _Parser(text)
    tree = parser.expression(0)
    parser.at_end()
    return tree


def terms(tree: Tree) -> tuple[Tree, ...]:
    """Split a condition at its outermost `&&`."""
    if isinstance(tree, Binary) and tree.sign == "&&":
        return (*terms(tree.left), *terms(tree.right))
    return (tree,)


class _Parser:
    """One pass over the tokens; each method returns the tree it read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.nodes = 0
        self.depth = 0
        self.kind, self.token, self.start = "", "", 0
        self.last_end = 0
        self._advance()

    def expression(self, least: int) -> Tree:
        self.depth += 1
        if self.depth > DEEPEST:
            self._fail(f"nested more than {DEEPEST} deep", "split it into facts")
        tree = self._chain(least)
        self.depth -= 1
        return tree

    def _chain(self, least: int) -> Tree:
        left = self._operand()
        while (binds := _BINDS.get(self.token, 0)) > least and self.kind in ("sign", "name"):
            sign, start = self.token, self.start
            self._advance()
            right = self.expression(binds)
            if binds == 3 and _BINDS.get(self.token, 0) == 3 and self.kind in ("sign", "name"):
                self._fail(f"`{sign}` and `{self.token}` in a row", "join them by `&&`")
            self._count(start)
            left = Binary(sign, left, right, left.start, right.end)
        return left

    def at_end(self) -> None:
        if self.kind == "sign" and self.token == "?":
            self._fail("`? :` is not part of the language", "write two rules")
        if self.kind:
            self._fail(f"unexpected `{self.token}`", _MEANT.get(self.token.lower(), ""))

    def _operand(self) -> Tree:
        start = self.start
        if self.kind == "sign" and self.token in ("!", "-"):
            sign = self.token
            self._advance()
            self._count(start)
            operand = self.expression(_UNARY - 1)
            if sign == "-" and isinstance(operand, Const) and type(operand.value) in (int, float):
                return Const(-operand.value, start, operand.end)  # type: ignore[operator] # a number
            return Unary(sign, operand, start, operand.end)
        return self._postfix(self._primary())

    def _primary(self) -> Tree:
        kind, token, start = self.kind, self.token, self.start
        self._count(start)
        self._advance()
        if kind == "number":
            return Const(_number(token, start), start, self.last_end)
        if kind == "text":
            return Const(_unquote(token, start), start, self.last_end)
        if kind == "name":
            return self._name(token, start)
        if token == "(":
            inner = self.expression(0)
            self._expect(")")
            return inner
        if token == "[":
            items = self._items("]")
            if len(items) > LONGEST_LIST:
                raise NotCel(f"a list of more than {LONGEST_LIST} values", start, "use a table")
            return Several(items, start, self.last_end)
        raise NotCel(f"unexpected `{token}`" if token else "the expression ends too soon", start)

    def _name(self, token: str, start: int) -> Tree:
        if token in ("true", "false", "null"):
            value = {"true": True, "false": False, "null": None}[token]
            return Const(value, start, self.last_end)
        if token.lower() == "not" and (self.kind != "sign" or self.token in "(!"):
            raise NotCel(f"unexpected `{token}`", start, _MEANT["not"])
        if self.token == "(" and self.kind == "sign":
            self._advance()
            return Call(token, self._items(")"), None, start, self.last_end)
        return Path((token,), start, self.last_end)

    def _postfix(self, tree: Tree) -> Tree:
        while self.kind == "sign" and self.token in (".", "["):
            if self.token == "[":
                self._fail("`[…]` is not part of the language", "name the field: `contact.subject`")
            self._advance()
            if self.kind != "name":
                self._fail("a name must follow `.`")
            name = self.token
            self._advance()
            if self.kind == "sign" and self.token == "(":
                self._advance()
                tree = Call(name, self._items(")"), tree, tree.start, self.last_end)
            elif isinstance(tree, Path):
                tree = Path((*tree.parts, name), tree.start, self.last_end)
            else:
                self._fail(f"`.{name}` follows what has no fields")
        return tree

    def _items(self, closing: str) -> tuple[Tree, ...]:
        items: list[Tree] = []
        while not (self.kind == "sign" and self.token == closing):
            items.append(self.expression(0))
            if not (self.kind == "sign" and self.token == ","):
                break
            self._advance()
        self._expect(closing)
        return tuple(items)

    def _expect(self, sign: str) -> None:
        if self.kind != "sign" or self.token != sign:
            self._fail(f"`{sign}` is missing")
        self._advance()

    def _advance(self) -> None:
        self.last_end = self.position
        match = _TOKEN.match(self.text, self.position)
        if match is None:
            rest = self.text[self.position :]
            self.start = self.position + len(rest) - len(rest.lstrip())
            if rest.strip():
                sign = rest.strip()[0]
                raise NotCel(f"unexpected `{sign}`", self.start, _MEANT.get(sign, ""))
            self.kind, self.token = "", ""
            return
        self.kind = str(match.lastgroup)
        self.token = match.group(self.kind)
        self.start = match.start(self.kind)
        self.position = match.end()

    def _count(self, at: int) -> None:
        self.nodes += 1
        if self.nodes > MOST_NODES + LONGEST_LIST:
            raise NotCel(f"more than {MOST_NODES} parts", at, "split it into facts")

    def _fail(self, message: str, hint: str = "") -> NoReturn:
        raise NotCel(message, self.start, hint)


def _number(token: str, at: int) -> int | float:
    if token.isdigit():
        if len(token) > 15:
            raise NotCel("the number is too large", at)
        return int(token)
    number = float(token)
    if number in (float("inf"), float("-inf")):
        raise NotCel("the number is too large", at)
    return number


def _unquote(token: str, at: int) -> str:
    def unescape(match: re.Match[str]) -> str:
        sign = match.group(1)
        if sign[0] == "u" and len(sign) == 5:
            return chr(int(sign[1:], 16))
        if sign not in _ESCAPES:
            raise NotCel(f"unknown escape `\\{sign}`", at)
        return _ESCAPES[sign]

    return _ESCAPE.sub(unescape, token[1:-1])

"""A flow drawn as SVG: four columns joined by coloured ways, each plan one colour.

All geometry is in pixels of a drawing `WIDTH` wide. Text is measured by its characters, a wide one
(Chinese) counting for a whole em, so that the same policy is drawn alike everywhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final
from unicodedata import east_asian_width

from tierlane.lane import Lane
from tierlane.page.flow import ANY, BUT, Flow, Way
from tierlane.page.saying import saying
from tierlane.page.wording import WORDS
from tierlane.policy.form.document import Document

WIDTH: Final = 1060
_COLUMNS: Final = {"tier": (0, 116), "scenario": (190, 150), "plan": (420, 330), "lane": (850, 208)}
"""Where a column begins, and how wide it is."""
_GAP: Final = 14
_TOP: Final = 26
_COLOURS: Final = (
    "#1f6f8b", "#b5532a", "#3d7a3a", "#7a4b9a", "#a3792b", "#b03060", "#4a5a8a", "#5f6b2d",
)  # fmt: skip
"""One a way; dark enough for thin lines on white paper, and told apart in grey by their order."""
_KINDS: Final = {
    "standard": "#e8eef4", "priority": "#fdeccb", "dedicated": "#dcefdc", "selfservice": "#ece4f5",
}  # fmt: skip


@dataclass(slots=True)
class _Box:
    """A node: its lines of text, and the ways that touch it."""

    key: str
    lines: list[tuple[str, str]]
    """Text and class (`b` bold, `s` small)."""
    x: float
    width: float
    y: float = 0
    ways: list[int] = field(default_factory=list)
    fill: str = "#ffffff"
    dashed: bool = False
    spread: float = 7
    """The least distance between two ways; badges need more."""

    @property
    def height(self) -> float:
        text = 14 + sum(17 if kind == "b" else 14 for _, kind in self.lines)
        return max(text, self.spread * (len(self.ways) + 1))

    def port(self, way: int) -> float:
        """Return the height at which a way touches the box."""
        return self.y + self.height * (self.ways.index(way) + 1) / (len(self.ways) + 1)


def draw(flow: Flow, document: Document, language: str) -> str:
    """Return the drawing of one desk's ways as an `svg` element with its title and description."""
    return Picture(flow, document, language).svg()


class Picture:
    """The boxes of one desk's ways, in their places."""

    def __init__(self, flow: Flow, document: Document, language: str) -> None:
        self.flow, self.document, self.words = flow, document, WORDS[language]
        self.language = language
        self.lane = {lane.name: lane for lane, _ in document.lanes}
        self.plans = [self._plan(way) for way in flow.ways]
        self.tiers = self._column("tier", (way.tiers for way in flow.ways))
        self.scenarios = self._column("scenario", (way.scenarios for way in flow.ways))
        self.lanes = self._column("lane", (way.lanes for way in flow.ways))
        self._place()

    # ------------------------------------------------------------------ boxes

    def _plan(self, way: Way) -> _Box:
        x, width = _COLUMNS["plan"]
        lines = [(part, "b") for part in wrap(f"{way.number}. {way.plan.name}", width - 24, 14)]
        said = saying(way.plan.when, self.language) or self.words["default"]
        lines += [(part, "s") for part in _cut(wrap(_quoted(said), width - 24, 11), 4)]
        return _Box(way.plan.name, lines, x, width, ways=[way.number])

    def _column(self, column: str, keys: Iterable[tuple[str, ...]]) -> dict[str, _Box]:
        boxes: dict[str, _Box] = {}
        for way, named in zip(self.flow.ways, keys, strict=True):
            for key in dict.fromkeys(named):
                box = boxes.setdefault(key, self._box(column, key))
                box.ways.append(way.number)
        return boxes

    def _box(self, column: str, key: str) -> _Box:
        x, width = _COLUMNS[column]
        name = key or self.words[f"any {column}"]
        if key.startswith(BUT):
            but = self.words["join"].join(_quote(one) for one in key[len(BUT) :].split(", "))
            name = self.words["all but"].format(all=self.words[f"any {column}"], but=but)
        box = _Box(key, [(part, "b") for part in wrap(name, width - 24, 14)], x, width)
        if key == ANY or key.startswith(BUT):
            box.dashed = True
        if column == "lane":
            box.spread = 18
            self._describe(box, self.lane.get(key))
        ignored = {one.text for one in self.document.scenarios.ignore_tier}
        if column == "scenario" and key in ignored:
            note = self.words["tier does not count"]
            box.lines += [(part, "s") for part in wrap(note, width - 24, 11)]
        return box

    def _describe(self, box: _Box, lane: Lane | None) -> None:
        if lane is None:
            return
        box.fill = _KINDS[lane.kind]
        text = self.words[lane.kind]
        if lane.channels:
            text += f": {', '.join(lane.channels)}"
        if lane.desk != self.flow.desk:
            box.dashed = True
            text += f" · {self.words['desk']} {lane.desk}"
        if lane.name == self.document.fallback.text:
            text += f" · {self.words['fallback']}"
        box.lines += [(part, "s") for part in wrap(text, box.width - 24, 11)]

    def _place(self) -> None:
        """Stack the plans in their order; put the others beside the plans they belong to."""
        y: float = _TOP
        middle: dict[int, float] = {}
        for box in self.plans:
            box.y = y
            middle[box.ways[0]] = y + box.height / 2
            y += box.height + _GAP
        columns = (self.tiers, self.scenarios, self.lanes)
        heights = [sum(box.height + _GAP for box in column.values()) for column in columns]
        self.height = max(y, _TOP + max(heights, default=0)) + 4
        for column in columns:
            _settle(list(column.values()), middle, self.height)

    # ------------------------------------------------------------------ lines

    def svg(self, y: float = 0, height: float | None = None) -> str:
        """Return the whole drawing; with a height, to stand at `y` within another one."""
        title = f"{self.words['desk']} {self.flow.desk}".strip()
        told = " ".join(self._told(way) for way in self.flow.ways)
        at = "" if height is None else f'y="{y:.0f}" width="{WIDTH}" height="{height:.0f}" '
        name = f"way-{_number(self.flow.desk)}"
        style = f'class="flow" role="img" aria-labelledby="{name}-t {name}-d"'
        box = f"-2 0 {WIDTH + 4} {self.height:.0f}"
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" {at}{style}>',
            f'<title id="{name}-t">{escape(title)}</title>',
            f'<desc id="{name}-d">{escape(told)}</desc>',
            *self._heads(),
        ]
        for way, plan in zip(self.flow.ways, self.plans, strict=True):
            parts += self._way(way, plan)
        for column in (self.tiers.values(), self.scenarios.values(), self.lanes.values()):
            parts += [_drawn(box, "#8a94a0") for box in column]
        for way, plan in zip(self.flow.ways, self.plans, strict=True):
            parts.append(_drawn(plan, _colour(way.number)))
            parts += self._badges(way)
        return "\n".join((*parts, "</svg>"))

    def _heads(self) -> list[str]:
        return [
            f'<text x="{x}" y="14" class="h">{escape(self.words[column])}</text>'
            for column, (x, _) in _COLUMNS.items()
        ]

    def _told(self, way: Way) -> str:
        """Say a way in words, for those who do not see the drawing."""
        tiers, scenarios = (
            self.words["join"].join(one or self.words[f"any {column}"] for one in keys)
            for column, keys in (("tier", way.tiers), ("scenario", way.scenarios))
        )
        lanes = " → ".join(dict.fromkeys(way.lanes))
        return f"{way.number}. {way.plan.name}: {tiers}; {scenarios} → {lanes}."

    def _way(self, way: Way, plan: _Box) -> list[str]:
        number, colour = way.number, _colour(way.number)
        pairs = [
            (self.tiers[tier], self.scenarios[scenario])
            for tier in way.tiers
            for scenario in way.scenarios
        ]
        lines = [_curve(left, right, number, colour) for left, right in pairs]
        lines += [_curve(self.scenarios[one], plan, number, colour) for one in way.scenarios]
        for lane in dict.fromkeys(way.lanes):
            later = way.lanes.index(lane) > 0
            lines.append(_curve(plan, self.lanes[lane], number, colour, dashed=later))
        return lines

    def _badges(self, way: Way) -> list[str]:
        """Draw the numbers of the steps where a way meets its lanes."""
        found = []
        for lane in dict.fromkeys(way.lanes):
            steps = [str(i) for i, one in enumerate(way.lanes, 1) if one == lane]
            box = self.lanes[lane]
            y, text = box.port(way.number), "·".join(steps)
            width = 10 + 6 * len(text)
            x = box.x - width - 6
            found.append(
                f'<rect x="{x}" y="{y - 8:.1f}" width="{width}" height="16" rx="8" '
                f'fill="{_colour(way.number)}"/>'
                f'<text x="{x + width / 2}" y="{y + 3.5:.1f}" class="n">{text}</text>'
            )
        return found


def _number(text: str) -> int:
    """Return a number that is the same at every run, to tell ids of drawings apart."""
    number = 0
    for sign in text:
        number = (number * 131 + ord(sign)) % 1_000_003
    return number


def _settle(boxes: list[_Box], middle: dict[int, float], height: float) -> None:
    """Put each box beside its ways; those that would overlap are pushed apart, in that order."""
    boxes.sort(key=lambda box: sum(middle[way] for way in box.ways) / len(box.ways))
    y: float = _TOP
    for box in boxes:
        wanted = sum(middle[way] for way in box.ways) / len(box.ways) - box.height / 2
        box.y = max(y, wanted)
        y = box.y + box.height + _GAP
    floor = height - 4
    for box in reversed(boxes):
        box.y = min(box.y, floor - box.height)
        floor = box.y - _GAP


def _colour(way: int) -> str:
    return _COLOURS[(way - 1) % len(_COLOURS)]


def _curve(left: _Box, right: _Box, way: int, colour: str, *, dashed: bool = False) -> str:
    x1, x2 = left.x + left.width, right.x
    y1, y2 = left.port(way), right.port(way)
    bend = (x2 - x1) / 2
    style = ' stroke-dasharray="5 4"' if dashed else ""
    return (
        f'<path d="M{x1} {y1:.1f} C{x1 + bend} {y1:.1f} {x2 - bend} {y2:.1f} {x2} {y2:.1f}" '
        f'stroke="{colour}"{style}/>'
    )


def _drawn(box: _Box, colour: str) -> str:
    style = ' stroke-dasharray="4 3"' if box.dashed else ""
    size = f'width="{box.width}" height="{box.height:.1f}" rx="5"'
    parts = [
        f'<rect x="{box.x}" y="{box.y:.1f}" {size} fill="{box.fill}" stroke="{colour}"{style}/>'
    ]
    y = box.y + 4
    for text, kind in box.lines:
        y += 17 if kind == "b" else 14
        parts.append(f'<text x="{box.x + 12}" y="{y:.1f}" class="{kind}">{escape(text)}</text>')
    return "".join(parts)


def measure(text: str, size: float) -> float:
    """Return about how wide a text is; a wide character takes a whole em, others half of one."""
    return size * sum(1.0 if east_asian_width(sign) in "WF" else 0.56 for sign in text)


def wrap(text: str, width: float, size: float) -> list[str]:
    """Break a text into lines; between words, and anywhere among wide characters."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and measure(line + piece.rstrip(), size) > width:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()] if line.strip() else lines or [""]


def _pieces(text: str) -> list[str]:
    pieces, piece = [], ""
    for sign in text:
        wide = east_asian_width(sign) in "WF"
        piece += sign
        if wide or sign == " ":
            pieces.append(piece)
            piece = ""
    return [*pieces, piece] if piece else pieces


def _cut(lines: Sequence[str], most: int) -> list[str]:
    """Return the first lines; a longer text ends in an ellipsis, as the table has it whole."""
    return (
        [
            *lines[:most],
        ]
        if len(lines) <= most
        else [*lines[: most - 1], f"{lines[most - 1]} …"]
    )


def _quote(text: str) -> str:
    return f"“{text}”"


def _quoted(text: str) -> str:
    """Return words of the policy in quotation marks in place of backticks."""
    parts = text.split("`")
    return "".join(part if i % 2 == 0 else _quote(part) for i, part in enumerate(parts))

"""The page of a policy: every row is on it, it loads nothing, and its drawings do not overlap."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.policy.writing import policy
from tierlane.page.drawing import WIDTH, Picture, draw, measure, wrap
from tierlane.page.flow import flows
from tierlane.page.html import html
from tierlane.page.outline import outline
from tierlane.page.sheet import sheet
from tierlane.page.text import plain, text
from tierlane.page.wording import LANGUAGES
from tierlane.policy.form.document import Document
from tierlane.policy.form.finding import Report
from tierlane.policy.form.row import rows
from tierlane.policy.reading.reader import read_document

PACKS = Path("src/tierlane/policy/packs")
COMPLETE = sorted(Path("tests/policy/complete").glob("*.yaml"))
FILES = [*sorted(PACKS.glob("*.yaml")), Path("tests/policy/shop.yaml")]
SVG = "{http://www.w3.org/2000/svg}"


def read(written: str) -> Document:
    report = Report()
    document = read_document(written, "p.yaml", report)
    assert report.errors == ()
    return document


def large() -> Document:
    """Return a policy of sixty plans whose names are long and Chinese."""
    plans = "".join(
        f"  - {{plan: 第{i}号方案用于非常非常长的名称与说明, when: contact.subject == 'order' && "
        f"contact.region == 'r{i}' && scenario != 'general', steps: [{{lane: bot}}, {{lane: people}}]}}\n"
        for i in range(60)
    )
    scenarios = "scenarios: {default: general, rules: [{rule: a, when: contact.subject == 'claim', then: 投诉}]}\n"
    return read(
        policy(scenarios, plans=f"plans:\n{plans}  - {{plan: all, steps: [{{lane: people}}]}}\n")
    )


DOCUMENTS = {path.stem: path.read_text(encoding="utf-8") for path in FILES}
DOCUMENTS |= {f"complete {path.stem}": path.read_text(encoding="utf-8") for path in COMPLETE}


@pytest.fixture(params=[*DOCUMENTS, "large"])
def document(request) -> Document:
    return large() if request.param == "large" else read(DOCUMENTS[request.param])


class Loaded(HTMLParser):
    """Notes what a page would load, and whether its elements are closed in order."""

    VOID = frozenset({"meta", "br", "rect", "path"})

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.addresses += [
            value for key, value in attrs if key in ("src", "href", "data", "action")
        ]
        self.ids += [value for key, value in attrs if key == "id"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.addresses += [value for key, value in attrs if key in ("src", "href")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_one_file_that_loads_nothing(document, language):
    written = html(outline(document, "0123456789abcdef", "2026-03-02", language))
    page = Loaded()
    page.feed(written)
    assert page.open == [] and len(set(page.ids)) == len(page.ids)
    assert all(one.startswith("#") and one[1:] in page.ids for one in page.addresses)
    assert not re.search(r"@import|url\(|<script|<link|<img", written)
    assert "0123456789abcdef" in written and "2026-03-02" in written
    assert f'lang="{"zh-Hans" if language == "zh" else "en"}"' in written


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_and_case_stands_on_it(document, language):
    told = text(outline(document, "r", "", language))
    for row in rows(document):
        name = row.name.rpartition("/")[2]
        if row.kind in ("scenario", "promise", "floor", "serving", "priority", "plan", "lane"):
            assert name in told, row.name
    for case in document.cases:
        assert case.name in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_boxes_stay_on_the_drawing_and_apart(document, language):
    for flow in flows(document):
        picture = Picture(flow, document, language)
        columns = (
            picture.tiers.values(),
            picture.scenarios.values(),
            picture.plans,
            picture.lanes.values(),
        )
        for column in columns:
            boxes = sorted(column, key=lambda box: box.y)
            assert all(box.x >= 0 and box.x + box.width <= WIDTH for box in boxes)
            assert all(box.y >= 20 and box.y + box.height <= picture.height for box in boxes)
            assert all(one.y + one.height <= two.y for one, two in pairwise(boxes))
            for box in boxes:
                for line, kind in box.lines:
                    assert (
                        measure(line, 14 if kind == "b" else 11) <= box.width - 12
                        or " " not in line
                    )


def test_a_drawing_says_what_it_shows(document):
    for flow in flows(document):
        root = ET.fromstring(draw(flow, document, "en"))
        title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
        assert root.get("role") == "img"
        assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
        for way in flow.ways:
            assert f"{way.number}. {way.plan.name}: " in description.text
        steps = "·".join(
            one.text for one in root.iter(f"{SVG}text") if one.get("class") == "n"
        ).split("·")
        assert len(steps) == sum(len(way.lanes) for way in flow.ways)


def test_every_plan_is_drawn_once_and_in_its_number(document):
    ways = [way for flow in flows(document) for way in flow.ways]
    assert sorted(way.number for way in ways) == list(range(1, len(document.plans) + 1))
    assert all(document.plans[way.number - 1] is way.plan for way in ways)


def test_the_sheet_is_one_drawing_with_all(document):
    page = outline(document, "r", "2026-03-02", "en")
    root = ET.fromstring(sheet(page))
    assert len(root.findall(f"{SVG}svg")) == len(page.flows)


def test_values_for_a_program_are_the_same_as_on_the_page(document):
    told = plain(outline(document, "r", "", "en"))
    assert told["date"] is None
    assert sum(len(desk["plans"]) for desk in told["ways"]) == len(document.plans)
    keys = [chapter["key"] for chapter in told["chapters"]]
    assert "plans" in keys and "lanes" in keys and len(set(keys)) == len(keys)
    for chapter in told["chapters"]:
        for grid in chapter["tables"]:
            assert all(len(row) == len(grid["columns"]) for row in grid["rows"])


def test_ways_name_the_tiers_and_situations_that_a_plan_asks_for():
    tiers = "tiers: {order: [a, b, c], default: a}\n"
    situations = "scenarios: {default: d, rules: [{rule: 1, when: contact.subject == 'order', then: e}, {rule: 2, then: f}, {rule: 3, then: g}, {rule: 4, then: h}]}\n"
    when = (
        "tier_is_at_least('b')", "tier == 'c' && scenario == 'e'", "scenario in ['e', 'f']",
        "scenario != 'e'", "contact.subject == 'order' || tier == 'c'", "tier != 'a'",
    )  # fmt: skip
    plans = "".join(
        f'  - {{plan: p{i}, when: "{one}", steps: [{{lane: people}}]}}\n'
        for i, one in enumerate(when)
    )
    plans = f"plans:\n{plans}  - {{plan: rest, steps: [{{lane: people}}]}}\n"
    (flow,) = flows(read(policy(tiers + situations.replace("rule: ", "rule: r"), plans=plans)))
    assert [(way.tiers, way.scenarios) for way in flow.ways] == [
        (("c", "b"), ("",)),
        (("c",), ("e",)),
        (("",), ("e", "f")),
        (("",), ("≠ e",)),
        (("",), ("",)),
        (("c", "b"), ("",)),
        (("",), ("",)),
    ]


def test_what_a_policy_writes_is_never_markup():
    evil = '<script>alert("x")</script>'
    written = policy(
        f"scenarios: {{default: a, rules: [{{rule: '{evil}', when: contact.subject == 'order', then: '{evil}'}}]}}\n",
        plans=f"plans: [{{plan: '{evil}', when: contact.region == '&<b>', steps: [{{lane: people}}]}}, {{plan: rest, steps: [{{lane: people}}]}}]\n".replace(
            "when: contact.region == '&<b>'", "when: \"contact.region == '&<b>'\""
        ),
    )
    page = html(outline(read(written), evil, evil, "en"))
    assert "<script" not in page and "<b>" not in page
    loaded = Loaded()
    loaded.feed(page)
    assert loaded.open == []


def test_text_is_broken_between_words_and_among_wide_characters():
    assert wrap("one two three", 60, 14) == ["one two", "three"]
    assert wrap("一二三四五六七", 42, 14) == ["一二三", "四五六", "七"]
    assert wrap("", 60, 14) == [""]
    assert "".join(wrap("甲乙 abc 丙丁戊己", 50, 14)).replace(" ", "") == "甲乙abc丙丁戊己"


def test_the_same_policy_is_laid_out_alike(document):
    page = outline(document, "r", "", "zh")
    again = outline(replace(document), "r", "", "zh")
    assert html(page) == html(again)


def test_opening_hours_stand_by_days_and_dates():
    text_of = policy(
        "time_zone: Asia/Shanghai\n"
        "calendars: {office: {weekly: {mon-fri: 09:00-18:00}, closed: [2026-09-25, 2026-10-01..2026-10-07], "
        "open: {2026-09-26: 09:00-12:00, 2026-10-10..2026-10-11: 09:00-12:00, 2026-10-12: 10:00-12:00}}}\n"
    )
    page = outline(read(text_of), "r", "", "en")
    (chapter,) = [one for one in page.chapters if one.key == "calendars"]
    assert chapter.grids[0].rows == (
        ("`office` (Asia/Shanghai)", "Monday – Friday", "09:00–18:00"),
        ("", "Saturday – Sunday", "closed"),
        ("", "2026-09-25", "closed"),
        ("", "2026-09-26", "09:00–12:00"),
        ("", "2026-10-01 – 2026-10-07", "closed"),
        ("", "2026-10-10 – 2026-10-11", "09:00–12:00"),
        ("", "2026-10-12", "10:00–12:00"),
    )


DESKS = """\
memory: {counts: [{count: returns, when: contact.subject == 'return', within: 30d}], same_contact: {within: 30m, then: join}}
calendars: {day: {weekly: {mon-fri: 09:00-18:00}}}
calendar: day
desks: {shop: {managed: true}}
lanes:
  people: {kind: standard, desk: shop, languages: [zh], identity: 1, limit: {waiting: 2, expected_wait: 30m}, full: wait}
  keeper: {kind: dedicated, desk: shop}
budgets: [{budget: thirty each, when: lane.kind == 'dedicated', per: advisor, most: 30, within: open}]
plans: [{plan: all, steps: [{lane: keeper, who: [advisor.languages == contact.language], until: 5m, skip_if: lane.free == 0}, {lane: people, until: 2h working}]}]
"""


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            (
                "`returns` | subject is `return` | counted over 30 d",
                "`thirty each` | kind of lane is `dedicated` | at most 30 at once per advisor",
                "`people` | standard queue | all | speaks `zh`; identification 1 or more; full at 2 waiting; full when 30 min of waiting are to be expected; waits here while full",
                "Within 30 min a customer who turns up on another channel joins the contact that is open.",
                "passed over if free advisors is 0; until 5 min after arrival",
                "until 2 h of working time after arrival",
                "At the end: after 1 d closed with the message `sorry`",
            ),
        ),
        (
            "zh",
            (
                "「returns」 | 主题为「return」 | 30天内计数",
                "「thirty each」 | 通道类型为「dedicated」 | 每位顾问同时最多 30 个",
                "「people」 | 标准队列 | 全部 | 语言「zh」；身份核验不低于 1 级；等待满 2 人即为已满；预计等待超过30分钟即为已满；已满时在此等候",
                "30分钟内客户从另一渠道再来，并入尚未结束的联络。",
                "若空闲顾问数为0则跳过；到达后5分钟为止",
                "到达后2小时工作时间为止",
                "最后：1天之后以消息「sorry」结束",
            ),
        ),
    ],
)  # fmt: skip
def test_what_a_desk_that_waits_is_told_is_on_the_page(language, lines):
    told = text(outline(read(policy(DESKS, lanes="", plans="")), "r", "", language))
    for line in lines:
        assert line in told

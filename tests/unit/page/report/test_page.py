"""The page of a report: whole, alone, in both languages, and no number that is not in the data."""

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from string import Formatter

import orjson
import pytest

import tierlane.page.report as package
from tests.unit.replay.report import asked
from tierlane.page.report.figures import Figure, Figures
from tierlane.page.report.sheet import alone, page, told
from tierlane.page.report.sweep import sweep
from tierlane.page.report.voice import MINUS, Voice
from tierlane.page.report.wording import LANGUAGES, WORDS

VOID = {"meta", "br", "circle", "line", "rect", "polyline", "polygon"}
OPAQUE = {"style", "code", "pre", "svg"}
"""What stands in these is the policy's, or drawn; drawings have a table beneath."""


FEEDBACK = {
    "feedback": 1, "contacts": 812, "waiting": 17, "decided_anew": True, "never_fired": [{"kind": "plan", "rule": "plans/late", "file": "p", "line": 3}],
    "promise_missed": [{"rule": "promises/gold", "value": 0.61, "low": 0.52, "high": 0.69, "samples": 118}],
    "comparisons": [
        {"rule": "plans/all", "by": "tier", "name": "gold", "measure": "score", "value": 0.71, "low": 0.68,
         "high": 0.74, "others": 0.82, "verdict": "worse", "p": 0.001, "q": 0.01},
        {"rule": "lanes/telephone", "by": "tier", "name": "gold", "measure": "score", "value": 0.71, "low": 0.68,
         "high": 0.74, "others": 0.82, "verdict": "worse", "p": 0.001, "q": 0.01},
        {"rule": "plans/results", "by": "all", "name": "", "measure": "wait", "value": 31.5, "low": 20.0,
         "high": 43.0, "others": 81.0, "verdict": "better"},
        {"rule": "plans/all", "by": "all", "name": "", "measure": "settled", "value": 0.5, "low": 0.4,
         "high": 0.6, "others": None, "verdict": "alike"},
    ],
}  # fmt: skip
DISCOVERY = {
    "waits": 4211,
    "periods": [
        {"period": name, "days": 28, "choices": 5881, "orders": [
            {"order": "credit", "figure": 90.0, "agreement": 0.733, "low": 0.71, "high": 0.76},
            {"order": "fifo", "figure": None, "agreement": 0.443, "low": 0.41, "high": 0.47},
        ], "sweep": [
            {"credit": 0.0, "agreement": 0.443, "low": 0.41, "high": 0.47},
            {"credit": 90.0, "agreement": 0.733, "low": 0.71, "high": 0.76},
            {"credit": 120.0, "agreement": 0.731, "low": 0.7, "high": 0.75},
        ], "knee": None if name == "1999-01" else {"seconds": 90.0, "low": 85.0, "high": 100.0}}
        for name in ("all", "1999-01", "1999-02")
    ],
    "regimes": [
        {"first": "1999-01-01", "last": "1999-01-10", "order": "fifo", "figure": None, "agreement": 0.936},
        {"first": "1999-01-13", "last": "1999-02-28", "order": "credit", "figure": 90.0, "agreement": 0.718},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = asked.write(tmp_path_factory.mktemp("page"))
    sections = []
    for name, found in (("feedback", FEEDBACK), ("discovery", DISCOVERY)):
        (folder / f"{name}.json").write_bytes(orjson.dumps(found))
        sections += ["--section", str(folder / f"{name}.json")]
    rates = ["--rate", "30.5 EUR", "--rate", "nurses=45"]
    done = asked.asked(folder, "--what-if", "gold waits at most 60s", *sections, *rates)
    assert done.exit_code == 0, done.output
    return orjson.loads((folder / "numbers" / "report.json").read_bytes())


class Reading(HTMLParser):
    """Reads a page: whether its tags close, its numbers, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str]]] = []
        self.numbers: list[tuple[float, str]] = []
        self.words: list[str] = []
        self.loose: list[str] = []
        """Texts with a digit that stand in no `data`, no `time`, and are not the policy's."""
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append((tag, dict(attributes)))

    def handle_startendtag(self, tag, attributes):
        assert tag in VOID

    def handle_endtag(self, tag):
        assert tag == self.open.pop()[0]

    def handle_data(self, text):
        tag, about = self.open[-1] if self.open else ("", {})
        if tag == "data":
            self.numbers.append((float(about["value"]), text))
        kinds = [(one, kind.get("class", "").split()) for one, kind in self.open]
        if any(one in OPAQUE or "v" in names for one, names in kinds):
            return
        if tag != "title":  # it has names, and no place to set them apart
            self.words.append(text)
        if any("told" in names for _, names in kinds):
            return  # a decision in words, which the tests of `explain` hold
        if re.search(r"\d", text) and tag not in ("data", "time", "title"):
            self.loose.append(text)


def numbers(value):
    """Yield every number in data."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from numbers(one)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_whole_and_loads_nothing(data, language):
    html = page(data, language)
    assert html.startswith("<!DOCTYPE html>")
    Reading(html)
    for outside in (
        "http:",
        "https:",
        "://",
        "src=",
        "url(",
        "<script",
        "<link",
        "@import",
        "<img",
    ):
        assert outside not in html, outside


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_is_in_the_data(data, language):
    found, known = Reading(page(data, language)), set(numbers(data))
    assert len(found.numbers) > 500
    assert [one for one in found.numbers if one[0] not in known] == []
    # Beside these only words that speak of shares, such as `90 % are answered within`.
    plain = {re.sub(r"\{\w+\}", "", text) for text in WORDS[language].values()}
    loose = [one.strip().replace("\xa0", " ") for one in found.loose if one.strip()]
    assert [one for one in loose if not any(one in text for text in plain)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_says_what_it_is(data, language):
    """The text is a rounding of the value: a share, points, a time, or a count."""
    for value, text in Reading(page(data, language)).numbers:
        digits = [float(one.replace(",", "")) for one in re.findall(r"[\d,]+(?:\.\d+)?", text)]
        sizes = [86400.0, 3600.0, 60.0, 1.0]
        shown = [digits[0], digits[0] / 100]
        if len(digits) == 2:
            shown = [sum(n * size for n, size in zip(digits, pair, strict=True))
                     for pair in (sizes[1:3], sizes[2:], (3600.0, 1.0))]  # fmt: skip
        elif re.search(r"min|分", text):
            shown = [digits[0] * 60]
        elif re.search(r"h|小时", text):
            shown = [digits[0] * 3600]
        assert any(
            abs(abs(value) - one) <= max(0.0501, one * 0.01, 0.51 * (one >= 10)) for one in shown
        ), (value, text)
        assert (MINUS in text) <= (value < 0)


def test_chinese_is_whole(data):
    """Beside names of the policy and the record, no word of English is left."""
    words = " ".join(Reading(page(data, "zh")).words)
    words = re.sub(r"\b(?:A|B|JSON|Parquet|tierlane|CEL|EUR)\b", "", words)
    assert re.findall(r"[A-Za-z]{2,}", words) == []


def test_both_languages_say_the_same():
    assert set(WORDS["en"]) == set(WORDS["zh"])
    for key, text in WORDS["en"].items():
        other = WORDS["zh"][key]
        parts = [
            {name for _, name, _, _ in Formatter().parse(one) if name} for one in (text, other)
        ]
        assert parts[0] == parts[1], key


def test_no_word_is_kept_that_nobody_says():
    code = "".join(one.read_text(encoding="utf-8") for one in Path(package.__file__).parent.glob("*.py")
                   if one.name != "wording.py")  # fmt: skip
    beginnings = re.findall(r'f["\']([a-z ]*)\{', code) + re.findall(
        r'voice\[["\']([a-z ]+)["\'] \+', code
    )
    ends = ("more", "less", "same", "unsure", "single", "stated", "given", "fitted")
    unsaid = [
        key for key in WORDS["en"]
        if f'"{key}"' not in code and f"'{key}'" not in code
        and not any(key.startswith(one) for one in beginnings if one.strip())
        and key.rpartition(" ")[2] not in ends
    ]  # fmt: skip
    assert unsaid == []


def test_the_summary_names_the_question_first(data):
    lines = told(data)
    assert lines[0] == "What if gold waited at most 60 s?"
    assert lines[1].startswith("Of gold, ")
    assert "within 60 s" in lines[1]
    assert told(data, "zh")[0].startswith("假如gold最多等待60秒")


def test_what_surely_changes_is_marked(data):
    html = page(data)
    verdicts = {
        row["name"]: Figure(row["value"], row["low"], row["high"]).verdict
        for row in data["measures"]
        if (row["side"], row["by"], row["measure"]) == ("B-A", "tier", "service_level")
    }
    assert verdicts["gold"] == "more"
    assert '<li class="good">Of <b class="v">gold</b>' in html


@pytest.mark.parametrize(
    ("value", "low", "high", "verdict"),
    [
        (0.0, 0.0, 0.0, "same"), (2.0, 1.0, 3.0, "more"), (-2.0, -3.0, -1.0, "less"),
        (2.0, -1.0, 5.0, "unsure"), (2.0, None, None, "single"), (0.0, None, None, "same"),
        (0.0, -1.0, 1.0, "unsure"),
    ],
)  # fmt: skip
def test_what_a_difference_shows(value, low, high, verdict):
    assert Figure(value, low, high).verdict == verdict


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [(0, "0 s", "0秒"), (8.34, "8.3 s", "8.3秒"), (58.4, "58 s", "58秒"), (125, "2 min 5 s", "2分5秒"),
     (120, "2 min", "2分"), (3900, "1 h 5 min", "1小时5分"), (119.7, "2 min", "2分")],
)  # fmt: skip
def test_times_are_said_as_people_do(seconds, english, chinese):
    assert Voice("en").span(seconds) == english
    assert Voice("zh").span(seconds) == chinese


def test_too_little_to_be_shown_has_no_sign():
    voice = Voice("en")
    assert voice.plain("mean_wait", -0.01, signed=True) == "±0.0 s"
    assert voice.plain("service_level", -0.0212, signed=True) == f"{MINUS}2.1"
    assert voice.plain("service_level", 0.9163) == "91.6 %"
    assert voice.plain("contacts", 1234.0) == "1,234"


def test_results_of_other_commands_are_sections(data):
    html = page(data)
    assert [one["kind"] for one in data["sections"]] == ["feedback", "discovery"]
    assert len(data["sections"][0]["comparisons"]) == 3  # those that call something
    assert "▼" in html.partition('id="feedback"')[2]
    assert "credit of" in html.partition('id="discovery"')[2]
    heard = html.partition('id="feedback"')[2].partition("</table>")[0]
    assert heard.count("<tr>") == 3  # the head; what is of the same contacts stands in one row
    assert "of the same contacts" in heard


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("kind", "found"), [("feedback", FEEDBACK), ("discovery", DISCOVERY)])
def test_a_result_has_a_page_of_its_own(kind, found, language):
    html = alone(kind, found, language)
    reading, known = Reading(html), set(numbers(found))
    assert [one for one in reading.numbers if one[0] not in known] == []
    assert "<nav" not in html
    assert html.count("<h1>") == 1
    assert "<h2>" not in html


def test_names_of_curves_stand_on_none_of_another():
    curves = [(name, DISCOVERY["periods"][0]["sweep"], None) for name in ("a", "b", "c")]
    drawn = sweep(curves, "sweep", Voice("en"))
    heights = sorted(float(one) for one in re.findall(r'<text x="938" y="([\d.]+)"', drawn))
    assert len(heights) == 3
    assert all(b - a >= 15 for a, b in pairwise(heights))


def test_fewer_stands_without_a_minus(data):
    fewer = changed(data, "tier", "gold", "service_level", value=-0.05, low=-0.07, high=-0.03)
    line = told(fewer)[1]
    assert line.endswith("surely fewer, by 3.0 to 7.0 points.")


def changed(data, by, name, measure, **ends):
    """Return the data with other figures for a difference."""
    key = "B-A", by, name, measure
    rows = [
        {**row, **ends} if (row["side"], row["by"], row["name"], row["measure"]) == key else row
        for row in data["measures"]
    ]
    return {**data, "measures": rows}


def test_what_is_too_small_to_show_is_not_shown_as_nought(data):
    few = changed(data, "all", "", "abandonment", value=0.0001, low=-0.0001, high=0.0003)
    lines = told(few)
    assert not any("±" in one for one in lines)
    assert any("too small to show" in one or "As many give up as before" in one for one in lines)


def test_what_surely_differs_is_never_shown_as_nought(data):
    few = changed(data, "tier", "gold", "service_level", value=0.001, low=0.0002, high=0.002)
    assert told(few)[1].endswith("surely more, by 0.02 to 0.2 points.")
    short = page(few).partition('id="short"')[2].partition("</table>")[0]
    assert "▲ <data" in short
    assert ">+0.02<" in short


def test_it_says_so_where_the_wish_is_not_kept(data):
    share = Figures(data).of("B", "tier", "gold", "service_level").value
    said = "So gold would still not all be answered within 60 s"
    assert any(one.startswith(said) for one in told(data)) == (share < 0.9995)
    for value, kept in ((0.97, False), (0.9999, True)):
        rows = [
            {**row, "value": value}
            if (row["side"], row["by"], row["name"], row["measure"])
            == ("B", "tier", "gold", "service_level") else row
            for row in data["measures"]
        ]  # fmt: skip
        lines = told({**data, "measures": rows})
        assert any(one.startswith(said) for one in lines) != kept


def test_a_situation_that_is_asked_about_comes_first(data):
    (supposed,) = data["question"]["supposed"]
    question = {**data["question"], "supposed": [{**supposed, "by": "scenario", "who": "results"}]}
    assert told({**data, "question": question})[1].startswith("Of results, ")


def test_costs_are_told_with_their_currency(data):
    assert any(one.startswith("Their hours on duty cost ") and " EUR" in one for one in told(data))
    html = page(data)
    assert "cost of hours on duty, EUR" in html
    assert "cost of serving, EUR" in html
    assert 'value="30.5">30.5</data> EUR' in html.partition('id="basis"')[2]


def test_nothing_is_said_of_costs_without_a_rate(data):
    free = {**data, "assumed": {**data["assumed"], "rates": None},
            "measures": [one for one in data["measures"] if "cost" not in one["measure"]]}  # fmt: skip
    assert "cost" not in page(free)


def test_the_load_of_each_advisor_is_told(data):
    work = page(data).partition('id="work"')[2]
    assert "Load per advisor" in work
    assert "nurses-4" in work


def test_what_everybody_is_promised_is_said_otherwise(data):
    (supposed,) = data["question"]["supposed"]
    for by, said in (("tier", "the tiers above go before"), ("", "whose promise ends first")):
        question = {**data["question"], "supposed": [{**supposed, "by": by}]}
        html = page({**data, "question": question})
        assert said in html.partition('id="change"')[2].partition("<details>")[0]


def test_names_are_escaped(data):
    html = page({**data, "source": {**data["source"], "name": "<script>alert(1)</script>"}})
    assert "<script>" not in html


def test_decisions_alone_make_a_page(data):
    empty = {**data, "measures": [one for one in data["measures"] if one["measure"] in ("moved", "other_terms")],
             "seed": None, "replications": None, "period": None, "waits": [], "day": [], "fates": [],
             "moves": [], "intervals": []}  # fmt: skip
    html = page(empty)
    Reading(html)
    assert "decisions only" in html
    assert 'id="waits"' not in html

"""Which rules serve whom well: planted differences are found, and the audit agrees."""

from collections import Counter
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path
from random import Random
from string import Formatter

import orjson
import pyarrow.parquet
import pytest
from click.testing import CliRunner

from tests.replay.scene import FIRST, Records, recorded
from tierlane.audit.mask import Mask
from tierlane.cli import tierlane
from tierlane.cli.replay.heard import _distinct
from tierlane.cli.replay.heard_wording import HEARD
from tierlane.errors import SourceError
from tierlane.policy.compiling.compile import compile_document
from tierlane.policy.form.finding import Report
from tierlane.policy.reading.reader import read_document
from tierlane.replay.feedback.deciding import Known, packed, unpacked
from tierlane.replay.feedback.feedback import (
    NOTE,
    Feedback,
    Subject,
    Wanted,
    as_dict,
    feedback,
    measures,
)
from tierlane.replay.feedback.joining import Decided, Joined
from tierlane.replay.feedback.tally import FEWEST, Tally
from tierlane.replay.gate.known import MEASURES
from tierlane.replay.gate.limit import judged
from tierlane.replay.gate.limits_file import read_limits
from tierlane.replay.memory import MemoryDriver, MemoryLog
from tierlane.replay.stored import StoredRecord
from tierlane.replay.verify.verify import Terms, verify
from tierlane.routing.desk import Desk
from tierlane.routing.intake import Intake
from tierlane.routing.memory import Customer
from tierlane.stream.murmur import place
from tierlane.topic import ADVISOR_DIRECTORY, CONTACT_EVENTS, CUSTOMER_PROFILES, ROUTING_AUDIT
from tierlane.value import format_time

POLICY = """tierlane: 1
policy: shop
tiers:
  order: [plain, gold]
  default: plain
  highest_of: [{set: card, table: {on: [profile.membership.level], rows: [[gold, gold]]}}]
scenarios:
  default: question
  rules:
    - {rule: broken, when: contact.subject == 'broken', then: repair}
    - {rule: never seen, when: contact.subject == 'unheard of', then: repair}
promises:
  default: {resolve: 24h}
  rules: [{rule: repairs, when: scenario == 'repair', then: {answer: 1m}}]
priorities:
  rules: [{rule: by phone, when: contact.channel == 'voice', then: 5}]
desks: {d: {managed: false}}
lanes: {people: {kind: standard, desk: d}, own: {kind: dedicated, desk: d}}
plans:
  - plan: own
    when: profile.dedicated_advisor != null
    steps: [{lane: own, who: [advisor.id == profile.dedicated_advisor]}]
  - {plan: all, steps: [{lane: people}]}
finally: {until: 24h, close: sorry}
fallback: people
"""
LIMITS = b"""limits:
  - {limit: enough came, measure: contacts, at_least: 100}
  - {limit: nobody is served worse, measure: worse, at_most: 0}
"""
START = 1_772_380_800_000
MINUTE = 60_000


def subject(text: str = POLICY) -> Subject:
    report = Report()
    document = read_document(text.encode(), "shop.yaml", report)
    revision = compile_document(document, report)
    assert revision is not None, report.errors
    return Subject.of(document, revision)


class Shop:
    """Makes records of a shop: repairs end badly, members are happier, all else is chance."""

    def __init__(self, contacts: int, seed: int = 1, planted: float = 1.0) -> None:
        self.records: list[tuple[int, str, bytes, bytes | None]] = []
        self._random = Random(seed)
        self._planted = planted
        for number, name in enumerate(("a-1", "a-2", "a-3")):
            about = {"advisor_id": name, "desk": "d", "rank": number % 2}
            self._put(START, ADVISOR_DIRECTORY, name, "advisor.listed", **about)
        for number in range(contacts):
            self._contact(number)
        self.records.sort(key=lambda one: one[0])

    def _contact(self, number: int) -> None:
        draw = self._random.random
        at, customer = START + number * MINUTE, f"u{number}"
        gold, broken = draw() < 0.4, draw() < 0.4
        if gold:
            member = {"membership": {"level": "gold"}}
            own = {"dedicated_advisor": "a-3"} if draw() < 0.3 else {}
            profile = orjson.dumps({"customer_id": customer, **member, **own})
            self.records.append((at - 1, CUSTOMER_PROFILES, customer.encode(), profile))
        about = {"contact_id": f"k{number}", "channel": "voice" if draw() < 0.5 else "chat"}
        said = {"customer_id": customer, "subject": "broken" if broken else "question"}
        self._event(at, customer, "arrived", **about, **said)
        if draw() < 0.1:
            self._event(at + 2 * MINUTE, customer, "abandoned", contact_id=f"k{number}")
            return
        wait = int(draw() * 2 * MINUTE)
        who = {"contact_id": f"k{number}", "advisor_id": f"a-{1 + int(draw() * 3)}"}
        self._event(at + wait, customer, "answered", **who)
        outcome = "resolved" if draw() < 0.8 - 0.3 * broken * self._planted else "open"
        self._event(at + wait + MINUTE, customer, "ended", **who, outcome=outcome)
        if draw() < 0.6:
            score = 3 + (gold - broken) * self._planted + (draw() - 0.5) * 2
            mark = {"score": round(score, 2), "resolved": draw() < 0.7}
            later = at + wait + int(draw() * 2_000) * MINUTE
            self._event(later, customer, "feedback", contact_id=f"k{number}", **mark)

    def _event(self, at: int, key: str, kind: str, **data) -> None:
        self._put(at, CONTACT_EVENTS, key, f"contact.{kind}", **data)

    def _put(self, at: int, topic: str, key: str, kind: str, **data) -> None:
        event = {
            "specversion": "1.0", "id": f"{kind}-{data.get('contact_id', key)}", "source": "t",
            "type": f"tierlane.{kind}.v1", "time": format_time(at), "data": data,
        }  # fmt: skip
        self.records.append((at, topic, key.encode(), orjson.dumps(event)))

    def events(self) -> list[StoredRecord]:
        """Return the records as files of events have them."""
        return [
            StoredRecord(topic, 0, number, at, key, value)
            for number, (at, topic, key, value) in enumerate(self.records)
        ]

    def recorded(self) -> MemoryLog:
        """Return a log of what intakes make of it, with their audit."""
        log = MemoryLog(2, place, 0)
        intake = partial(Intake, deployment="d1", revision=subject().revision, mask=Mask(b"k" * 32))
        driver = MemoryDriver(log, intake, partial(Desk, deployment="d1"), batch=40)
        for at, topic, key, value in self.records:
            log.now = max(log.now, at)
            log.append(topic, key, value)
            if topic == CONTACT_EVENTS:
                driver.settle()
        driver.settle()
        return log


class Batches(Records):
    """The same in batches of a hundred."""

    def batches(self, topics: Collection[str] | None = None) -> Iterator[list[StoredRecord]]:
        for batch in super().batches(topics):
            for begin in range(0, len(batch), 100):
                yield list(batch[begin : begin + 100])


@pytest.fixture(scope="module")
def found() -> Feedback:
    return feedback(Records(Shop(1_500).events()), subject())


def verdicts(found: Feedback, rule: str, measure: str, by: str = "all", value: str = "") -> str:
    (one,) = (
        one.verdict
        for one in found.comparisons
        if (one.rule, one.measure, one.by, one.value) == (rule, measure, by, value)
    )
    return one


def test_planted_differences_are_called(found: Feedback) -> None:
    assert verdicts(found, "scenarios/broken", "score") == "worse"
    assert verdicts(found, "tiers/card/gold", "score") == "better"
    assert verdicts(found, "scenarios/broken", "score", "tier", "gold") == "worse"
    assert verdicts(found, "scenarios/broken", "settled") == "worse"
    assert verdicts(found, "tiers/card/gold", "settled") == "alike"
    assert verdicts(found, "priorities/by phone", "score") == "alike"
    assert verdicts(found, "scenarios/broken", "wait") == "alike"
    assert verdicts(found, "tiers/card/gold", "score", "tier", "gold") == "alone"
    by_chance = [one for one in found.called if one.rule == "priorities/by phone"]
    assert len(by_chance) <= 0.1 * len(found.called), "5 % false ones on average, of 20 and more"
    assert len(found.called) > 20


def test_figures_are_those_of_the_contacts(found: Feedback) -> None:
    shop, broken, marks = Shop(1_500), set(), {}
    for _, topic, _, value in shop.records:
        event = orjson.loads(value or b"{}")
        if topic != CONTACT_EVENTS:
            continue
        data = event["data"]
        if data.get("subject") == "broken":
            broken.add(data["contact_id"])
        if event["type"].endswith("feedback.v1"):
            marks[data["contact_id"]] = (data["score"] - 1) / 4
    kept = [mark for name, mark in marks.items() if name in broken and 0 <= mark <= 1]
    (one,) = (
        one
        for one in found.comparisons
        if (one.rule, one.by, one.measure) == ("scenarios/broken", "all", "score")
    )
    assert one.rules.samples == len(kept)
    assert one.rules.value == pytest.approx(sum(kept) / len(kept))
    assert one.contacts == len(broken)


def test_where_nothing_is_planted_hardly_anything_is_called() -> None:
    """Of twelve shops where all is chance at most one has a difference called."""
    shops = [feedback(Records(Shop(500, seed, planted=0).events()), subject())
             for seed in range(12)]  # fmt: skip
    called = [[one for one in shop.called if one.measure in ("score", "settled", "resolved")]
              for shop in shops]  # fmt: skip
    assert sum(bool(one) for one in called) <= 1
    tested = sum(one.likely is not None for shop in shops for one in shop.comparisons)
    bare = sum((one.likely or 1) < 0.05 for shop in shops for one in shop.comparisons)
    assert bare > 30, "without regard to their number, many would have been called"
    assert tested > 1_000


def test_small_samples_are_named_and_never_called() -> None:
    found = feedback(Records(Shop(70).events()), subject())
    few = [one for one in found.comparisons if one.verdict == "few"]
    assert few
    for one in found.comparisons:
        samples = one.rules.samples, one.others.samples if one.others else 0
        if min(samples) < FEWEST:
            assert one.verdict in ("few", "alone")
            assert one.rate is one.likely is None


def test_the_audit_and_deciding_anew_say_the_same() -> None:
    shop = Shop(400)
    anew = feedback(Records(shop.events()), subject())
    kept = feedback(shop.recorded(), subject())
    assert (anew.anew, kept.anew) == (True, False)
    assert kept.comparisons == anew.comparisons
    assert kept.fired == anew.fired
    assert kept.missed == anew.missed


def test_a_record_with_feedback_follows_from_its_inputs() -> None:
    log = Shop(60).recorded()
    said = [orjson.loads(one.value or b"")["data"] for one in log.all(ROUTING_AUDIT)]
    assert sum(one["kind"] == "feedback" for one in said) > 20
    found = verify(log, Terms(Mask(b"k" * 32)), files=[subject().revision])
    assert found.differences == []


def test_rows_that_fire_are_those_of_the_audit() -> None:
    """On the golden scene, with floods, transfers, other revisions and lapsed contacts."""
    found = feedback(Records(recorded()), subject(FIRST))
    assert not found.anew
    assert found.other_revisions > 0
    last: dict[str, tuple[str, ...]] = {}
    ever: Counter[str] = Counter()
    for one in recorded():
        if one.topic != ROUTING_AUDIT:
            continue
        data = orjson.loads(one.value or b"{}")["data"]
        if data["kind"] == "decided":
            last[data["contact_id"]] = tuple(data["because"])
            ever.update(set(data["because"]))
    assert found.contacts == len(last)
    for row, count in found.fired:
        if row.kind in ("fact", "tier", "scenario", "promise", "floor", "plan", "priority"):
            assert count <= ever[row.name]
            assert bool(count) <= bool(ever[row.name])
    assert {row.name for row in found.silent} >= {
        row.name
        for row, _ in found.fired
        if row.kind in ("scenario", "promise", "plan") and not ever[row.name]
    }


def test_rules_that_never_fire_stand_with_their_place(found: Feedback) -> None:
    silent = {row.name: row.place for row in found.silent}
    assert set(silent) == {"scenarios/never seen", "fallback"}
    assert (silent["scenarios/never seen"].source, silent["scenarios/never seen"].line) == (
        "shop.yaml", 11,
    )  # fmt: skip


def test_promises_that_are_missed_are_named(found: Feedback) -> None:
    """Waits are even from 0 to 2 minutes, one was promised: half are kept."""
    (missed,) = found.missed
    assert missed.rule == "promises/repairs"
    assert 0.4 < missed.kept.value < 0.55
    easy = feedback(Records(Shop(1_500).events()), subject(), Wanted(goal=0.3))
    assert easy.missed == ()


def test_memory_is_bounded_by_the_window() -> None:
    events = Shop(3_000).events()
    short = feedback(Records(events), subject(), Wanted(window=600 * MINUTE))
    assert short.kept_at_once < 900
    assert short.contacts == 3_000
    assert short.strays > 300, "feedback after the window finds no contact"
    long = feedback(Records(events), subject())
    assert long.strays == 0


@pytest.mark.parametrize("profile", [None, b"", b'{"a": 1}\n', b"\xff\n\xfe"])
@pytest.mark.parametrize("customer", [None, Customer(), Customer(3, 1, 2, marks=[["m", 1]])])
def test_what_is_known_of_a_customer_survives_being_put_away(profile, customer) -> None:
    known = Known(profile, customer)
    assert unpacked(packed(known)) == known


def test_advisors_are_of_a_kind() -> None:
    tally = Tally(advisors={"a": "team x"})
    decided = Decided(("r",), (), "p@1", "t", "s", "l", False, None)
    for one, kind in (
        (decided, "team x"),
        (decided._replace(dedicated=True), "own"),
    ):
        tally.add(Joined(one, "voice", "a", 5, False, None, None, None, None, False))
        assert tally.wholes["advisor", kind].contacts == 1
    tally.add(Joined(decided, "voice", "b", 5, False, None, None, None, None, False))
    tally.add(Joined(decided, "voice", "", None, True, None, None, None, None, False))
    assert {value for by, value in tally.wholes if by == "advisor"} == {
        "team x", "own", "unknown", "nobody",
    }  # fmt: skip


def test_a_source_without_contacts_is_told() -> None:
    with pytest.raises(SourceError, match="holds no arrivals"):
        feedback(Records([]), subject())


def test_ctrl_c_leaves_what_was_joined() -> None:
    def stop(count: int) -> None:
        raise KeyboardInterrupt

    found = feedback(Batches(Shop(1_500).events()), subject(), told=stop)
    assert not found.complete
    assert 0 < found.contacts < 1_500
    with pytest.raises(KeyboardInterrupt):
        feedback(Records(Shop(0).events()), subject(), told=stop)


# ------------------------------------------------------------------ the command


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("feedback")
    (path / "shop.yaml").write_text(POLICY, encoding="utf-8")
    with (path / "events.jsonl").open("wb") as file:
        for one in Shop(600).events():
            file.write((one.value or b"") + b"\n")
    return path


def asked(folder: Path, *words: str):
    given = ["replay", "feedback", "--policy", str(folder / "shop.yaml"), *words]
    return CliRunner().invoke(tierlane, [*given, str(folder / "events.jsonl")])


def test_the_command_tells_it(folder: Path) -> None:
    said = asked(folder, "--out", str(folder / "rules.parquet"))
    assert said.exit_code == 0, said.output
    assert "600 contacts and the rows of shop@" in said.stdout
    assert "decided anew: the source has no audit" in said.stdout
    assert "worse   promises/repairs" in said.stdout
    assert " of the same contacts" in said.stdout, "scenarios/broken holds for no others"
    assert f"{folder}/shop.yaml:11: scenario `scenarios/never seen`" in said.stdout
    assert "promises/repairs: " in said.stdout
    assert NOTE in said.stdout
    rows = pyarrow.parquet.read_table(folder / "rules.parquet").to_pylist()
    told = orjson.loads(asked(folder, "--format", "json").stdout)
    assert told["comparisons"] == rows
    assert told["never_fired"][0] == {
        "kind": "scenario", "rule": "scenarios/never seen",
        "file": str(folder / "shop.yaml"), "line": 11,
    }  # fmt: skip


def test_comparisons_of_the_same_contacts_are_shown_once(found: Feedback) -> None:
    together = _distinct(found.called)
    assert sum(map(len, together)) == len(found.called)
    first = next(many for many in together if many[0].rule == "promises/repairs")
    assert {"promises/repairs", "scenarios/broken"} <= {one.rule for one in first}
    assert all({one.rules for one in many} == {many[0].rules} for many in together)


def test_advisors_do_not_tell_who_gave_up(found: Feedback) -> None:
    kinds = {one.measure for one in found.comparisons if one.by == "advisor"}
    assert "gave_up" not in kinds
    assert kinds >= {"score", "wait", "settled"}


def test_it_is_told_in_chinese_and_as_a_page(folder: Path) -> None:
    page = folder / "rules.html"
    said = asked(folder, "--lang", "zh", "--page", str(page))
    assert said.exit_code == 0, said.output
    assert "600 个联络与 shop@" in said.stdout
    assert "更差  promises/repairs" in said.stdout
    assert not set(HEARD["en"].values()) & set(said.stdout.split("\n"))
    html = page.read_text(encoding="utf-8")
    assert '<html lang="zh-Hans">' in html
    assert "promises/repairs" in html


def test_both_languages_say_the_same() -> None:
    assert set(HEARD["en"]) == set(HEARD["zh"])
    for key, text in HEARD["en"].items():
        other = HEARD["zh"][key]
        parts = [
            {name for _, name, _, _ in Formatter().parse(one) if name} for one in (text, other)
        ]
        assert parts[0] == parts[1], key


def test_the_same_bytes_each_time(folder: Path) -> None:
    assert asked(folder, "--format", "json").stdout == asked(folder, "--format", "json").stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--goal", "most"), "`--goal most` is no share"),
        (("--goal", "180%"), "is no share"),
        (("--window", "soon"), "`--window soon` is no time"),
    ],
)
def test_wrong_use_is_told(folder: Path, words, message) -> None:
    said = asked(folder, *words)
    assert said.exit_code == 2
    assert message in said.stderr


def test_json_has_all_that_is_found(found: Feedback) -> None:
    told = as_dict(found)
    assert told["contacts"] == 1_500
    assert len(told["comparisons"]) == len(found.comparisons)
    assert len(told["fired"]) == len(found.fired)
    assert told["note"] == NOTE


def test_a_gate_reads_what_is_found(found: Feedback) -> None:
    rows = list(measures(found))
    assert {one["measure"] for one in rows} >= {"never_fired", "promise_missed", "worse", "score"}
    assert all(one["measure"] in MEASURES[one["by"]] for one in rows)
    names = [one.name for one in read_limits(LIMITS, "l.yaml")]
    verdicts = {one.limit.name: one.how for one in judged(read_limits(LIMITS, "l.yaml"), rows)}
    worse = sum(one.verdict == "worse" for one in found.called)
    assert verdicts == dict(zip(names, ["kept", "kept" if not worse else "broken"], strict=True))

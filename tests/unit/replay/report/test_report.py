"""The command and its data: the same bytes, what is assumed, what is refused, what Ctrl-C leaves."""

from dataclasses import replace

import orjson
import pyarrow.parquet
import pytest

from tests.unit.replay.report import asked
from tests.unit.replay.simulation.stage import coming, group, scene
from tierlane.cli.replay.rate import rates_of
from tierlane.errors import UsageError
from tierlane.page.report.sheet import page
from tierlane.policy.compiling.compile import compile_policy
from tierlane.replay.report import playing
from tierlane.replay.report.figure import TABLES
from tierlane.replay.report.keeping import BOUNDS
from tierlane.replay.report.pairing import FATES
from tierlane.replay.report.playing import play
from tierlane.replay.report.presence import seen_staffing
from tierlane.replay.simulation.pool import Pool
from tierlane.replay.source.opening import opened

WHAT = ("--what-if", "gold waits at most 60s")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = asked.write(tmp_path_factory.mktemp("report"))
    done = asked.asked(folder, *WHAT)
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture(scope="module")
def data(folder):
    return orjson.loads((folder / "numbers" / "report.json").read_bytes())


def measure(data, side, by, name, of):
    key = (side, by, name, of)
    return next(
        row for row in data["measures"]
        if (row["side"], row["by"], row["name"], row["measure"]) == key
    )  # fmt: skip


def test_the_same_seed_gives_the_same_bytes_on_any_number_of_cores(folder, tmp_path):
    before = [(folder / name).read_bytes() for name in ("report.html", "numbers/report.json")]
    done = asked.report(
        folder, "--policy", str(folder / "policy.yaml"), "--staffing", str(folder / "staffing.yaml"),
        "--replications", "3", "--cores", "2", "--numbers", str(tmp_path / "n"),
        "--out", str(tmp_path / "r.html"), *WHAT,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    after = [(tmp_path / name).read_bytes() for name in ("r.html", "n/report.json")]
    assert before == after


def test_gold_is_answered_sooner_and_the_others_pay(data):
    more = measure(data, "B-A", "tier", "gold", "service_level")
    assert more["low"] > 0
    assert measure(data, "B-A", "tier", "standard", "mean_wait")["value"] > 0
    assert data["counting"]["within"] == 60


def test_what_is_supposed_is_a_policy(data):
    assert "gold waits at most 60s" in data["question"]["overlay"]
    assert {row["address"] for row in data["changes"]} == {
        "floors/gold waits at most 60s", "desks/front/order",
    }  # fmt: skip
    (one,) = data["question"]["supposed"]
    assert (one["kind"], one["who"], one["by"], one["time"]) == ("at most", "gold", "tier", 60)


def test_who_waits_how_long_agrees_with_the_measures(data):
    for side in ("A", "B"):
        for tier in ("gold", "standard"):
            found = next(
                row["share"] for row in data["waits"]
                if (row["side"], row["tier"], row["within"]) == (side, tier, 60)
            )  # fmt: skip
            assert found == measure(data, side, "tier", tier, "service_level")["value"]
    assert {row["within"] for row in data["waits"]} == set(BOUNDS)


def test_fates_are_a_whole(data):
    for tier in ("", "gold", "standard"):
        shares = [row["share"] for row in data["fates"] if row["tier"] == tier]
        assert len(shares) == len(FATES)
        assert sum(shares) == pytest.approx(1)


def test_the_day_counts_every_contact(data):
    rows = [row for row in data["day"] if (row["side"], row["measure"]) == ("A", "contacts")]
    whole = sum(row["value"] for row in rows if not row["tier"])
    assert whole == 240 == sum(row["value"] for row in rows if row["tier"])
    assert all(row["from"] < row["to"] for row in rows)


def test_patience_and_service_are_fitted_where_they_are_not_stated(folder, data):
    assert {name: data["assumed"][name]["how"] for name in ("service", "patience")} == {
        "service": "fitted", "patience": "fitted",
    }  # fmt: skip
    text = asked.STAFFING + "service: [{fixed: 1m}]\npatience: [never]\n"
    (folder / "stated.yaml").write_text(text, encoding="utf-8")
    done = asked.asked(
        folder, "--staffing", str(folder / "stated.yaml"), "--numbers", str(folder / "s"), *WHAT
    )
    assert done.exit_code == 0, done.output
    stated = orjson.loads((folder / "s" / "report.json").read_bytes())
    assert stated["assumed"]["service"]["how"] == stated["assumed"]["patience"]["how"] == "stated"
    assert measure(stated, "A", "all", "", "left")["value"] == 0


def test_the_tables_are_parquet_too(folder, data):
    for name in TABLES:
        if data[name]:
            rows = pyarrow.parquet.read_table(folder / "numbers" / f"{name}.parquet").to_pylist()
            assert len(rows) == len(data[name])
            assert (
                [row["value"] for row in rows] == [row["value"] for row in data[name]]
                if name == "measures"
                else rows
            )


def test_a_saved_report_makes_the_same_page_in_the_other_language(folder, data):
    done = asked.report(folder, "--out", str(folder / "again.html"), source="numbers/report.json")
    assert done.exit_code == 0, done.output
    assert (folder / "again.html").read_text(encoding="utf-8") == page(data)
    done = asked.report(
        folder, "--lang", "zh", "--out", str(folder / "zh.html"), source="numbers/report.json"
    )
    assert done.stdout.startswith("假如gold最多等待60秒")


def test_without_a_staffing_it_is_of_decisions_alone(folder):
    done = asked.report(
        folder, "--policy", str(folder / "policy.yaml"), "--out", str(folder / "d.html"), *WHAT
    )
    assert done.exit_code == 0, done.output
    assert "decisions only" in done.stdout
    assert "keep their lane on other terms" in done.stdout


def test_feedback_stands_on_the_page_where_the_record_tells_how_contacts_ended(tmp_path):
    folder = asked.write(tmp_path, contacts=80)
    record = folder / "record" / "contacts.jsonl"
    plain = asked.asked(folder, "--what-if", "gold waits at most 60s", "--replications", "1")
    assert plain.exit_code == 0, plain.output
    assert orjson.loads((folder / "numbers" / "report.json").read_bytes())["sections"] == []
    lines = [orjson.loads(line) for line in record.read_bytes().splitlines()]
    for one in lines:
        if one["type"] == "tierlane.contact.ended.v1":
            one["data"]["outcome"] = "resolved"
    record.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in lines))
    told = asked.asked(folder, "--what-if", "gold waits at most 60s", "--replications", "1")
    assert told.exit_code == 0, told.output
    (section,) = orjson.loads((folder / "numbers" / "report.json").read_bytes())["sections"]
    assert section["kind"] == "feedback"
    assert section["known"]["settled"] == sum("outcome" in one["data"] for one in lines)
    assert 'id="feedback"' in (folder / "report.html").read_text(encoding="utf-8")


def test_costs_are_hours_by_their_rates(tmp_path):
    folder = asked.write(tmp_path, contacts=60)
    other = folder / "more.yaml"
    other.write_text("staffing: more\nadvisors: {nurses: {count: 4}, temps: {count: 2}}\n")
    done = asked.asked(
        folder, "--staffing-against", str(other), "--rate", "20 EUR", "--rate", "temps=35.5 EUR"
    )
    assert done.exit_code == 0, done.output
    rows = orjson.loads((folder / "numbers" / "report.json").read_bytes())["measures"]
    of = {(one["side"], one["by"], one["name"], one["measure"]): one["value"] for one in rows}
    for side in ("A", "B"):
        nurses = of[side, "group", "nurses", "cost"]
        assert nurses == pytest.approx(20 * of[side, "group", "nurses", "hours"])
        temps = of.get((side, "group", "temps", "cost"), 0.0)
        assert temps == pytest.approx(35.5 * of.get((side, "group", "temps", "hours"), 0.0))
        assert of[side, "all work", "", "cost"] == pytest.approx(nurses + temps)
        serving = [
            value for key, value in of.items() if key[0] == side and key[3] == "service_cost"
        ]
        hours = [value for key, value in of.items() if key[0] == side and key[3] == "service_hours"]
        assert 20 * sum(hours) <= sum(serving) * 1.0000001 <= 35.5 * sum(hours)
    assert of["B-A", "all work", "", "cost"] > 0
    assert "surely more, by" in done.stdout


@pytest.mark.parametrize(
    ("texts", "every", "own", "currency"),
    [
        (["30"], 30, {}, ""), (["30 EUR"], 30, {}, "EUR"), (["12.5€"], 12.5, {}, "€"),
        (["nurses=45 EUR", "30"], 30, {"nurses": 45}, "EUR"), (["bots = 0", "200 元"], 200, {"bots": 0}, "元"),
    ],
)  # fmt: skip
def test_rates_are_read(texts, every, own, currency):
    found = rates_of(texts, ("nurses", "bots"))
    assert (found.hour, dict(found.groups), found.currency) == (every, own, currency)
    assert found.of("somebody") == every


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["much"], "`--rate much` is no rate"), (["-3 EUR"], "is no rate"),
        (["nurse=45"], "is of no group there is"), (["30 EUR", "bots=1 USD"], "not in `EUR` and `USD`"),
    ],
)  # fmt: skip
def test_rates_that_are_none_are_told(texts, said):
    with pytest.raises(UsageError) as error:
        rates_of(texts, ("nurses", "bots"))
    assert said in str(error.value)


def test_a_policy_against_itself_changes_nothing(folder):
    policy = str(folder / "policy.yaml")
    done = asked.asked(folder, "--against", policy, "--numbers", str(folder / "same"))
    assert done.exit_code == 0, done.output
    assert "For gold and standard nothing changes." in done.stdout
    assert "same lane on the same terms" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "needs a `--policy`"),
        (("--policy", "P"), "needs to be told what B is"),
        (("--policy", "P", "--against", "P", *WHAT), "two ways to say what B is"),
        (("--policy", "P", "--what-if", "golf waits at most 60s"), "did you mean `gold`?"),
        (("--policy", "P", "--what-if", "gold is happy"), "no change that is understood"),
        (("--policy", "P", "--what-if", "lanes: {telephone: {kind: standard, desk: back}}"), "what-if:"),
        (("--policy", "P", *WHAT, "--section", "P"), "cannot be read"),
    ],
)  # fmt: skip
def test_what_is_refused(folder, arguments, told):
    policy = str(folder / "policy.yaml")
    done = asked.report(folder, *(policy if one == "P" else one for one in arguments))
    assert done.exit_code == 2
    assert told in done.output


def test_no_time_of_service_at_all_is_refused(folder, tmp_path):
    lines = (folder / "record" / "contacts.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "contacts.jsonl").write_bytes(b"".join(one for one in lines if b"arrived" in one))
    done = asked.report(
        folder, "--policy", str(folder / "policy.yaml"), "--staffing", str(folder / "staffing.yaml"),
        *WHAT, str(tmp_path), source="",
    )  # fmt: skip
    assert done.exit_code == 2
    assert "state `service` in the staffing" in done.output


def test_no_report_is_refused(tmp_path):
    (tmp_path / "x.json").write_text("{}", encoding="utf-8")
    done = asked.report(tmp_path, source="x.json")
    assert done.exit_code == 2
    assert "holds no report" in done.output


# ---------------------------------------------------------------------- by hand


class Interrupted:
    """A pool that is stopped after some replications."""

    def __init__(self, after):
        self.after = after

    def __call__(self, *about):
        pool = Pool(*about)
        original = pool.replicate

        def replicate(numbers):
            yield from original(list(numbers)[: self.after])
            raise KeyboardInterrupt

        pool.replicate = replicate
        return pool


LAST_FIRST = scene([]).policy.text.replace(b"order: [waited]", b"order: [{most: contact.identity}]")


def both():
    """Two wait for one advisor: A takes the first, B the second, who is identified."""
    contacts = [coming("k1", 0, 60), coming("k2", 10, 60), coming("k3", 20, 60, identity=3)]
    a = scene(contacts, [group("g", 1)])
    return a, replace(a, policy=replace(a.policy, text=LAST_FIRST))


def test_contacts_are_followed_one_by_one():
    found = play(both(), 1, 2)
    share = {row["fate"]: row["share"] for row in found.fates if row["tier"] == ""}
    assert share["sooner"] == share["later"] == share["alike"] == pytest.approx(1 / 3)
    assert {row["fate"]: row["contacts"] for row in found.fates if row["tier"] == ""}["later"] == 1
    waits = {(row["side"], row["within"]): row["share"] for row in found.waits if row["tier"] == ""}
    assert waits["A", 0] == pytest.approx(1 / 3)
    assert waits["A", 45] == pytest.approx(1 / 3)
    assert waits["A", 60] == pytest.approx(2 / 3)
    assert waits["A", 120] == waits["B", 120] == 1
    assert waits["B-A", 60] == 0


def test_kinds_of_lanes_are_summed():
    rows = {(row["side"], row["measure"]): row["value"] for row in play(both(), 1, 1).kinds}
    assert rows["A", "answered"] == 3
    assert rows["A", "share"] == 1
    assert rows["A", "service_hours"] == pytest.approx(180 / 3600)


def test_ctrl_c_leaves_what_was_played(monkeypatch):
    monkeypatch.setattr(playing, "Pool", Interrupted(2))
    found = play(both(), 1, 9)
    assert (found.study.done, found.study.asked) == ((1, 2), 9)
    monkeypatch.setattr(playing, "Pool", Interrupted(0))
    with pytest.raises(KeyboardInterrupt):
        play(both(), 1, 9)


def test_ctrl_c_makes_a_page_that_says_so(folder, monkeypatch, tmp_path):
    monkeypatch.setattr(playing, "Pool", Interrupted(2))
    done = asked.asked(folder, "--out", str(tmp_path / "r.html"), "--numbers", str(tmp_path), *WHAT)
    assert done.exit_code == 130
    assert "stopped: 2 of 3 replications were played" in done.stderr
    html = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert 'It was stopped after <data value="2">2</data> of <data value="3">3</data>' in html


def test_two_staffs_are_compared_under_one_policy(folder, tmp_path):
    more = asked.STAFFING.replace("morning", "one more").replace("count: 4", "count: 5")
    (tmp_path / "more.yaml").write_text(more, encoding="utf-8")
    done = asked.asked(
        folder, "--staffing-against", str(tmp_path / "more.yaml"), "--numbers", str(tmp_path),
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("morning or one more?")
    found = orjson.loads((tmp_path / "report.json").read_bytes())
    assert measure(found, "B-A", "all", "", "mean_wait")["high"] < 0
    assert found["changes"] == []


# ---------------------------------------------------------------------- the staff of the record


def desktop(kind, advisor, minute, **about):
    event = {
        "specversion": "1.0", "id": f"{kind}-{advisor}-{minute}", "source": "desktop",
        "type": f"tierlane.advisor.{kind}.v1", "time": f"2026-03-02T{8 + minute // 60:02}:{minute % 60:02}:00Z",
        "subject": advisor, "data": {"advisor_id": advisor, "desk": "front", **about},
    }  # fmt: skip
    return orjson.dumps(event) + b"\n"


def test_breaks_of_the_staff_of_a_record_count_and_lanes_are_those_of_the_first_signing_on(
    tmp_path,
):
    said = [
        desktop("signed_on", "ann", 0, languages=["zh"]), desktop("state", "ann", 30, state="break"),
        desktop("state", "ann", 40, state="available"), desktop("signed_off", "ann", 50),
        desktop("signed_on", "ann", 60, languages=["en"]),
    ]  # fmt: skip
    (tmp_path / "advisors.jsonl").write_bytes(b"".join(said))
    staff = seen_staffing(opened([tmp_path / "advisors.jsonl"]), "UTC")
    revision = compile_policy(asked.POLICY.encode(), "clinic.yaml")
    begin = asked.BEGIN
    turns = staff.roster(revision, begin, begin + 7_200_000)
    assert [((one.at - begin) // 60_000, one.state) for one in turns] == [
        (0, "on"), (30, "break"), (40, "on"), (50, "off"), (60, "on"),
    ]  # fmt: skip
    assert {one.advisor.event.values["languages"] for one in turns} == {("zh",)}


def test_without_a_staffing_the_staff_is_the_one_that_signed_on(tmp_path):
    folder = asked.write(tmp_path)
    said = [
        desktop("signed_on", "ann", 0, languages=["zh"]), desktop("signed_on", "bob", 10),
        desktop("state", "ann", 30, state="break"), desktop("state", "ann", 40, state="available"),
        desktop("signed_off", "bob", 50),
    ]  # fmt: skip
    (folder / "record" / "advisors.jsonl").write_bytes(b"".join(said))
    done = asked.report(
        folder, "--policy", str(folder / "policy.yaml"), "--replications", "2", "--cores", "1",
        "--numbers", str(folder / "n"), *WHAT,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    found = orjson.loads((folder / "n" / "report.json").read_bytes())
    assert found["assumed"]["staffing"] == {"how": "seen", "names": ["as recorded"]}
    hours = {
        name: measure(found, "A", "advisor", name, "hours")["value"] for name in ("ann", "bob")
    }
    assert hours["bob"] == pytest.approx(40 / 60, abs=0.2)  # a contact in hand is served to its end
    assert hours["ann"] > 1.5
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert "as seen in the record" in html

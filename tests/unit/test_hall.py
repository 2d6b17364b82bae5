"""The demonstration of a managed desk: its policy holds, its files are read, its course is set."""

from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from tierlane.address import Addresses
from tierlane.cli import tierlane
from tierlane.cli.hall import WIDE, Vanishing, picture, said
from tierlane.sample.crew import Crew
from tierlane.sample.hall import TEMPER, VANISHES, arrivals, members, write_hall
from tierlane.stream.board import Board, News
from tierlane.topic import ADVISOR_DIRECTORY, CONTACT_EVENTS, CUSTOMER_PROFILES

NOW = 1_772_442_000_000


def test_its_policy_has_no_fault_and_its_cases_pass(tmp_path: Path) -> None:
    write_hall(tmp_path, 44, 1, NOW)
    for command in (("check", "--strict"), ("test",)):
        done = CliRunner().invoke(tierlane, ["policy", *command, str(tmp_path / "policy.yaml")])
        assert done.exit_code == 0, done.output


def test_its_files_go_to_their_topics(tmp_path: Path) -> None:
    counts = write_hall(tmp_path, 44, 1, NOW)
    topics = {
        "contacts.jsonl": CONTACT_EVENTS,
        "profiles.jsonl": CUSTOMER_PROFILES,
        "advisors.jsonl": ADVISOR_DIRECTORY,
    }
    for name, topic in topics.items():
        lines = (tmp_path / name).read_bytes().splitlines()
        assert len(lines) == counts[name] > 0
        assert {Addresses().of(line).topic for line in lines} == {topic}


def test_same_seed_same_course_and_nobody_leaves_before_coming() -> None:
    assert arrivals(44, 3) == arrivals(44, 3) != arrivals(44, 4)
    course = arrivals(44, 3)
    assert [one.after for one in course] == sorted(one.after for one in course)
    came = [one.contact_id for one in course if one.kind == "arrived"]
    assert len(set(came)) == len(came) == 44
    for number, one in enumerate(course):
        if one.kind != "arrived":
            assert one.contact_id in {each.contact_id for each in course[:number]}


def test_who_serves_most_vanishes_once() -> None:
    crew = Crew(members(), TEMPER, 1)
    crew.begin(0)
    list(crew.due(20_000))
    vanishing, board = Vanishing(crew), Board()
    vanishing(VANISHES, board)
    assert crew.vanished == []
    for contact, who in (("k-1", "ann"), ("k-2", "bob"), ("k-3", "bob")):
        data = {"contact_id": contact, "advisor_id": who, "offer_id": contact}
        board.offer("tierlane.offer.confirmed.v1", data, 0)
    vanishing(VANISHES - 1, board)
    assert crew.vanished == []
    for _ in range(2):
        vanishing(VANISHES, board)
        assert crew.vanished == ["bob"]


def test_news_are_told_in_a_sentence() -> None:
    assert said(News(0, "offered", "k-1", "ann", "people")) == "k-1 is offered to ann"
    back = said(News(0, "back: silent", "k-1", "ann", "people"))
    assert back == "k-1 comes back from ann, with its age: silent"


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 40)])
def test_a_picture_fits_the_terminal_and_cuts_no_name(columns: int, rows: int) -> None:
    board = Board()
    for number in range(40):
        lane = ("express", "keeper", "people")[number % 3]
        entry = {"contact_id": f"k-{number}", "lane": lane, "kind": "standard"}
        board.entered(entry | {"entered_at": "2026-03-02T12:00:00Z"})
    served = {"contact_id": "k-1", "advisor_id": "ann", "reason": "silent"}
    board.offer("tierlane.offer.confirmed.v1", served, 0)
    board.news += [News(0, "escalated", f"k-{number}", "ann", "people") for number in range(9)]
    crew = Crew(members(), TEMPER, 1)
    page = Console(width=columns, height=rows, file=StringIO(), force_terminal=False)
    page.print(picture(board, crew, 1_772_453_000_000, bars=columns >= WIDE))
    lines = page.file.getvalue().splitlines()  # type: ignore[attr-defined]  # it is a StringIO
    assert max(map(len, lines)) <= columns
    assert len(lines) < rows
    assert "…" not in "".join(lines)
    assert ("█" * 13 in "".join(lines)) == (columns >= WIDE)

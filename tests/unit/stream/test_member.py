from pathlib import Path

import pytest

from tierlane.errors import SettingError
from tierlane.stream.member import take_place


def test_each_takes_a_place_of_its_own_and_one_that_comes_back_the_same(tmp_path: Path) -> None:
    first = take_place(tmp_path, "g")
    second = take_place(tmp_path, "g")
    assert (first.number, second.number) == (0, 1)
    assert first.name != second.name
    name, url = first.name, first.url
    first.release()
    again = take_place(tmp_path, "g")
    assert (again.number, again.name, again.url) == (0, name, url)
    again.release()
    second.release()


def test_groups_and_folders_do_not_share_places(tmp_path: Path) -> None:
    members = [
        take_place(tmp_path / "a", "g"),
        take_place(tmp_path / "a", "h"),
        take_place(tmp_path / "b", "g"),
    ]
    assert [member.number for member in members] == [0, 0, 0]
    assert len({member.name for member in members}) == 3
    for member in members:
        member.release()


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(SettingError, match="file"):
        take_place(file, "g")

"""The pages that are made from the code are what the code is now; `make pages` writes them."""

from types import ModuleType

import pytest

from tests.docs import (
    commands_page,
    desk_cells_page,
    four_page,
    lifecycle_page,
    practices_page,
    schema_files,
    settings_page,
    topics_page,
    worked_page,
)
from tierlane.routing.schema import MODELS, written
from tierlane.stream.settings import Settings


@pytest.mark.parametrize(
    "module",
    [
        commands_page,
        desk_cells_page,
        lifecycle_page,
        four_page,
        practices_page,
        settings_page,
        topics_page,
        worked_page,
    ],
    ids=lambda module: module.PAGE.name,
)
def test_page_is_what_the_code_says(module: ModuleType) -> None:
    assert module.PAGE.read_text(encoding="utf-8") == module.page(), "run `make pages`"


@pytest.mark.parametrize("name", sorted(MODELS))
def test_schema_is_what_the_models_say(name: str) -> None:
    path = schema_files.FOLDER / f"{name}.json"
    assert path.read_text(encoding="utf-8") == written(name), "run `make pages`"


def test_no_schema_is_left_over() -> None:
    assert {path.stem for path in schema_files.FOLDER.iterdir()} == set(MODELS)


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_each_setting_says_what_it_means(name: str) -> None:
    assert settings_page.meanings().get(name)

"""The pages that are made from the code are what the code is now; `make pages` writes them."""

from types import ModuleType

import pytest

from tests.docs import commands_page, settings_page, topics_page
from tierlane.stream.settings import Settings


@pytest.mark.parametrize(
    "module", [commands_page, settings_page, topics_page], ids=lambda module: module.PAGE.name
)
def test_page_is_what_the_code_says(module: ModuleType) -> None:
    assert module.PAGE.read_text(encoding="utf-8") == module.page(), "run `make pages`"


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_each_setting_says_what_it_means(name: str) -> None:
    assert settings_page.meanings().get(name)

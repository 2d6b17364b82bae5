"""docs/reference/settings.md is what the settings are."""

import pytest

from tests.docs import settings_page
from tierlane.stream.settings import Settings


def test_page_is_made_from_the_settings() -> None:
    assert settings_page.PAGE.read_text(encoding="utf-8") == settings_page.page(), (
        "run `python -m tests.docs.settings_page`"
    )


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_each_setting_says_what_it_means(name: str) -> None:
    assert settings_page.meanings().get(name)

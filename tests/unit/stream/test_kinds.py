"""What a worker's kinds of owner are made with."""

import structlog

from tierlane.stream.kinds import make_mask
from tierlane.stream.settings import Settings


def said(settings: Settings) -> list[str]:
    with structlog.testing.capture_logs() as lines:
        make_mask(settings)
    return [line["event"] for line in lines if line["log_level"] == "warning"]


def test_a_missing_mask_key_is_warned_of_and_one_that_is_there_is_not():
    (warning,) = said(Settings(mask_key=""))
    assert warning.startswith("no mask key is set")
    assert said(Settings(mask_key="0123456789abcdef")) == []


def test_a_mask_key_never_shows():
    settings = Settings(mask_key="0123456789abcdef")
    mask = make_mask(settings)
    assert "0123456789abcdef" not in f"{mask!r} {settings!r} {settings.model_dump()}"
    assert mask.pseudonym("u") == make_mask(settings).pseudonym("u")
    assert mask.pseudonym("u") != make_mask(Settings(mask_key="fedcba9876543210")).pseudonym("u")

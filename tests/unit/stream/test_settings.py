from pathlib import Path

import pytest

from tierlane.errors import SettingError
from tierlane.stream.settings import Settings, load


def test_a_flag_beats_the_environment_beats_the_file_beats_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "t.toml"
    file.write_text('prefix = "file-"\napplication = "file"\ndeployment = "file"\n')
    monkeypatch.setenv("TIERLANE_PREFIX", "env-")
    monkeypatch.setenv("TIERLANE_APPLICATION", "env")
    found = load({"prefix": "flag-", "application": None}, file)
    assert (found.prefix, found.application, found.deployment) == ("flag-", "env", "file")
    assert found.guarantee == "exactly-once"


def test_the_file_is_found_in_the_folder_or_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load({}).prefix == ""
    Path("tierlane.toml").write_text('prefix = "here-"\n')
    assert load({}).prefix == "here-"
    Path("other.toml").write_text('prefix = "other-"\n')
    monkeypatch.setenv("TIERLANE_CONFIG", "other.toml")
    assert load({}).prefix == "other-"


def test_a_wrong_value_is_named_and_not_shown() -> None:
    with pytest.raises(SettingError) as caught:
        load({"batch_records": "s3cret", "sasl_password": ["s3cret"]})
    assert "`batch_records`" in str(caught.value)
    assert "`sasl_password`" in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_unknown_names_and_unreadable_files_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "t.toml"
    file.write_text("brokrs = 'x'\n")
    with pytest.raises(SettingError, match="`brokrs`: there is no such setting"):
        load({}, file)
    file.write_text("brokers = \n")
    with pytest.raises(SettingError, match=r"t\.toml"):
        load({}, file)
    with pytest.raises(SettingError, match="there is no settings file"):
        load({}, tmp_path / "none.toml")


def test_a_slip_in_the_environment_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIERLANE_GARANTEE", "at-least-once")
    with pytest.raises(SettingError, match="`TIERLANE_GARANTEE` is no setting") as caught:
        load({})
    assert caught.value.hint == "did you mean `TIERLANE_GUARANTEE`?"


@pytest.mark.parametrize(
    "name",
    ["TIERLANE_SERVICE_HOST", "TIERLANE_SERVICE_PORT", "TIERLANE_PORT", "TIERLANE_TEST_DATA"],
)
def test_what_others_put_into_the_environment_is_let_be(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "x")
    assert load({}).prefix == ""


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        ({"heartbeat_interval": 5.0, "session_timeout": 8.0}, "half of session_timeout"),
        ({"security_protocol": "SASL_SSL"}, "needs sasl_username"),
        ({"brokers": ""}, "brokers takes host:port"),
        ({"brokers": "kafka:"}, "brokers takes host:port"),
        ({"brokers": "kafka-1:9092, kafka-2:9092"}, "brokers takes host:port"),
        ({"brokers": "::1:9092:x"}, "brokers takes host:port"),
        ({"prefix": "a/b-"}, "prefix takes letters"),
        ({"policy_pinned": True}, "policy_pinned needs policy"),
    ],
)
def test_settings_that_do_not_go_together(flags: dict[str, object], text: str) -> None:
    with pytest.raises(SettingError, match=text):
        load(flags)


def test_secrets_are_in_no_text_of_the_settings() -> None:
    settings = Settings(sasl_password="s3cret", mask_key="s3cret" * 4, ssl_key_password="s3cret")
    assert "s3cret" not in f"{settings!r} {settings} {settings.model_dump_json()}"


@pytest.mark.parametrize("brokers", ["kafka", "a-1.b_c:9092,10.0.0.1:9093", "[::1]:9092"])
def test_brokers_are_names_or_addresses(brokers: str) -> None:
    assert load({"brokers": brokers}).brokers == brokers


def test_the_prefix_stands_before_everything() -> None:
    settings = Settings(prefix="p-", application="app", deployment="d7")
    assert settings.topic("lane.standard") == "p-lane.standard"
    assert settings.group == "p-app"
    assert settings.transactional_id("intake-3") == "p-app.d7.intake-3"

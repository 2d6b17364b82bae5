"""The command line itself: help, exit codes, errors."""

import subprocess
import sys
from collections.abc import Callable
from types import ModuleType

import click
import pytest
from click.testing import CliRunner, Result

from tierlane import __version__, cli
from tierlane.errors import SettingError, TierlaneError

RunBody = Callable[[Callable[[], object]], Result]


@pytest.fixture
def run_body(monkeypatch: pytest.MonkeyPatch) -> RunBody:
    """Run a function as if it were the body of a command called `trial`."""

    def run(body: Callable[[], object]) -> Result:
        module = ModuleType("tierlane_trial")
        module.command = click.command()(body)  # type: ignore[attr-defined]  # made here
        monkeypatch.setitem(sys.modules, "tierlane_trial", module)
        monkeypatch.setitem(cli.ENTRIES, "trial", cli.Entry("tierlane_trial", "Try."))
        return CliRunner().invoke(cli.tierlane, ["trial"])

    return run


def test_help_names_every_command_and_imports_none() -> None:
    code = (
        "import sys, tierlane.cli\n"
        "tierlane.cli.main(['--help'])\n"
        "loaded = {one.module for one in tierlane.cli.ENTRIES.values()} & sys.modules.keys()\n"
        "assert not loaded, loaded\n"
        "assert 'faust' not in sys.modules and 'aiokafka' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for name, entry in cli.ENTRIES.items():
        assert f"  {name}" in done.stdout
        assert entry.summary in done.stdout


@pytest.mark.parametrize("name", list(cli.ENTRIES))
def test_each_command_teaches_by_an_example(name: str) -> None:
    done = CliRunner().invoke(cli.tierlane, [name, "--help"])
    assert done.exit_code == 0, done.output
    assert f"tierlane {name}" in done.output


def test_version() -> None:
    done = CliRunner().invoke(cli.tierlane, ["--version"])
    assert (done.exit_code, done.stdout) == (0, f"tierlane, version {__version__}\n")


def test_unknown_command_is_wrong_use() -> None:
    done = CliRunner().invoke(cli.tierlane, ["rout"])
    assert done.exit_code == 2
    assert "No such command 'rout'" in done.stderr
    assert done.stdout == ""


def test_error_with_hint_goes_to_stderr(run_body: RunBody) -> None:
    def body() -> None:
        raise SettingError("`batch_records` must be positive", hint="leave it out for 2,000")

    done = run_body(body)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr == (
        "error: `batch_records` must be positive\n  hint: leave it out for 2,000\n"
    )


def test_error_says_its_own_exit_code(run_body: RunBody) -> None:
    class Found(TierlaneError):
        """a case failed"""

        exit_code = 1

    def body() -> None:
        raise Found

    done = run_body(body)
    assert (done.exit_code, done.stderr) == (1, "error: a case failed\n")


@pytest.mark.parametrize("code", [0, 1, 2])
def test_command_may_exit_with_a_code(run_body: RunBody, code: int) -> None:
    def body() -> None:
        click.get_current_context().exit(code)

    assert run_body(body).exit_code == code


def test_interrupt_leaves_no_traceback(run_body: RunBody) -> None:
    def body() -> None:
        raise KeyboardInterrupt

    done = run_body(body)
    assert done.exit_code == 130
    assert "Traceback" not in done.output


def test_missing_file_is_unreadable_input(run_body: RunBody) -> None:
    def body() -> None:
        open("/no/such/file").close()

    done = run_body(body)
    assert (done.exit_code, done.stderr) == (
        2,
        "error: `/no/such/file`: No such file or directory\n",
    )


def test_closed_pipe_is_quiet() -> None:
    code = (
        "import sys, types, click\n"
        "from tierlane import cli\n"
        "@click.command()\n"
        "def command():\n"
        "    for n in range(200_000): click.echo(n)\n"
        "sys.modules['trial'] = types.SimpleNamespace(command=command)\n"
        "cli.ENTRIES['trial'] = cli.Entry('trial', '')\n"
        "sys.exit(cli.main(['trial']))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline() == "0\n"
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(20) == cli.PIPE_CLOSED


@pytest.mark.parametrize(("no_color", "seen"), [("1", "False"), ("", "None")])
def test_color_follows_no_color(
    run_body: RunBody, monkeypatch: pytest.MonkeyPatch, no_color: str, seen: str
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)

    def body() -> None:
        click.echo(repr(click.get_current_context().color))

    assert run_body(body).stdout == f"{seen}\n"


@pytest.mark.parametrize(("no_color", "told"), [("1", "error: "), ("", "\x1b[31merror: ")])
def test_errors_follow_no_color_too(
    monkeypatch: pytest.MonkeyPatch, no_color: str, told: str
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    wrong = ["policy", "test", "tests/nowhere.yaml"]
    assert CliRunner().invoke(cli.tierlane, wrong, color=True).stderr.startswith(told)


@pytest.mark.parametrize("name", ["policy", "topics"])
def test_each_command_of_a_group_teaches_by_an_example(name: str) -> None:
    group = cli.tierlane.get_command(click.Context(cli.tierlane), name)
    assert isinstance(group, click.Group)
    for one in group.list_commands(click.Context(group)):
        done = CliRunner().invoke(cli.tierlane, [name, one, "--help"])
        assert f"\n    tierlane {name} {one}" in done.output, one


def test_a_closed_stdout_gives_no_traceback() -> None:
    code = "import sys, tierlane.cli; sys.exit(tierlane.cli.main(['--version']))"
    done = subprocess.run(
        ["sh", "-c", 'exec "$0" -c "$1" >&-', sys.executable, code],
        check=False,
        stderr=subprocess.PIPE,
        text=True,
        timeout=20,
    )
    assert (done.returncode, done.stderr) == (0, "")

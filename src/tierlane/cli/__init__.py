"""The command line: one file per command, imported only when that command is used."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

from tierlane.cli.lazy import Entry, LazyCommands
from tierlane.errors import TierlaneError

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C, as shells have it: 128 and the signal's number."""

PIPE_CLOSED: Final = 1
"""Exit code when the reader of stdout went away (`tierlane … | head`); click has it too."""


ENTRIES: Final = {
    "demo": Entry("tierlane.cli.demo", "Run the whole service on an embedded broker and show it."),
    "sample": Entry(
        "tierlane.cli.sample", "Make contacts, profiles, advisors and a policy to try."
    ),
    "decide": Entry("tierlane.cli.decide", "Decide contacts from a file, without a broker."),
    "policy": Entry("tierlane.cli.policy", "Write, check, try, show and publish policies."),
    "topics": Entry(
        "tierlane.cli.topics", "Create the topics, or compare them with what is there."
    ),
    "worker": Entry("tierlane.cli.worker", "Run the service on Kafka."),
    "desk": Entry("tierlane.cli.desk", "Give a managed desk the orders of an operator."),
    "produce": Entry("tierlane.cli.produce", "Send events from files to their topics."),
    "replay": Entry("tierlane.cli.replay", "Prove, compare and simulate what was recorded."),
    "import": Entry("tierlane.cli.import_", "Turn a public log into events and profiles."),
}

EPILOG: Final = """\b
Examples:
  tierlane demo                                  see it work, nothing to set up
  tierlane sample --out try                      files to begin with
  tierlane decide --policy try/policy.yaml IN    decisions, as JSON lines
  tierlane topics apply --brokers kafka:9092     the topics it needs
  tierlane worker --brokers kafka:9092 --policy try/policy.yaml
  tierlane produce try/*.jsonl --brokers kafka:9092

\b
Exit codes: 0 fine; 1 the command found something; 2 wrong use or unreadable input.
"""


class CommandLine(LazyCommands):
    """All commands, with the exit codes of the contracts."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run and exit with the code of the contracts; errors become lines on stderr."""
        if sys.stdout is None:  # closed by `>&-`: nobody wants what is written
            sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # until exit
        extra.setdefault("color", False if os.environ.get("NO_COLOR") else None)
        code = self._run(args, prog_name, complete_var, extra)
        if standalone_mode:
            sys.exit(code)
        return code

    def _run(
        self,
        args: Sequence[str] | None,
        prog_name: str | None,
        complete_var: str | None,
        extra: dict[str, Any],
    ) -> int:
        try:
            code = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
            sys.stdout.flush()
        except click.ClickException as error:
            error.show()
            return error.exit_code
        except TierlaneError as error:
            _say(str(error), extra["color"])
            return error.exit_code
        except (KeyboardInterrupt, click.Abort):
            return INTERRUPTED
        except BrokenPipeError:
            # The interpreter flushes stdout once more at exit and would complain there.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return PIPE_CLOSED
        except OSError as error:
            said = f"`{error.filename}`: {error.strerror}" if error.filename else str(error)
            _say(said, extra["color"])
            return 2
        return code if isinstance(code, int) else 0


def _say(text: str, color: bool | None) -> None:
    """Write an error; what `main` found out about colour is no longer known by itself here."""
    click.secho("error: ", fg="red", nl=False, err=True, color=color)
    click.echo(text, err=True)


@click.group(
    cls=CommandLine,
    entries=ENTRIES,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="tierlane", prog_name="tierlane")
def tierlane() -> None:
    """Route contacts of every channel by a policy that is checked, audited and replayable."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    code: int = tierlane.main(arguments, prog_name="tierlane", standalone_mode=False)
    return code

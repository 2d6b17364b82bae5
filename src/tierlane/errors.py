"""The errors of tierlane: a vocabulary that people read at night.

Each class states in its docstring what went wrong, in the words of the message. Facts are
attributes; the message is made of them. Text is lower-case, has no final period, puts what the
user wrote in backticks and names file and line; a hint follows on its own line. Contents of
contacts never appear: a type and a place do.
"""

from typing import ClassVar


class TierlaneError(Exception):
    """something went wrong"""

    retriable: ClassVar[bool] = False
    """Whether the same call may succeed later without anybody mending anything."""

    exit_code: ClassVar[int] = 2
    """What a command that meets it exits with: 1 found something, 2 wrong use or input."""

    def __init__(self, message: str = "", *, hint: str = "") -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.hint = hint
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.hint}" if self.hint else self.message


class Unreadable(TierlaneError):
    """the record cannot be read"""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        """One word for `tierlane-reason`, such as `not-json`."""
        self.detail = detail
        """Type and place of the fault (`data.channel: missing`), never content."""
        super().__init__(f"{reason}: {detail}" if detail else reason)


class UsageError(TierlaneError):
    """the command was used wrongly"""


class SettingError(TierlaneError):
    """a setting is wrong"""


class TopicError(TierlaneError):
    """the topics are not as the worker needs them"""


class StateError(TierlaneError):
    """the kept state cannot be read by this version"""


class RevisionMissing(TierlaneError):
    """the revision by which a contact was decided is not known here"""

    retriable = True

    def __init__(self, revision: str) -> None:
        self.revision = revision
        super().__init__(f"the revision `{revision}` is not known here")


class BrokerError(TierlaneError):
    """the brokers do not answer as they should"""

    retriable = True


class SourceError(TierlaneError):
    """what was recorded cannot be read"""

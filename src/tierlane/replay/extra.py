"""What comes with the extra `replay`: loaded where it is used, since no worker needs it."""

from importlib import import_module
from typing import Any

from tierlane.errors import SettingError


def extra(name: str, what: str) -> Any:
    """Return a module of the extra; `what` says who needs it, such as `fitting needs`.

    Raises `SettingError` with the remedy where it is not installed.
    """
    try:
        return import_module(name)
    except ImportError:
        raise SettingError(
            f"{what} the extra `replay`", hint="pip install 'tierlane[replay]'"
        ) from None

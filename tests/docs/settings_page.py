"""The page of the settings, made from the settings themselves.

python -m tests.docs.settings_page     writes docs/reference/settings.md
"""

import ast
import inspect
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path, PosixPath
from typing import Any, Final, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from tierlane.stream.settings import FILE_NAME, FILE_VARIABLE, Settings

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"
HEAD: Final = f"""\
# Settings

Made from the code; a test holds it equal. A flag of `tierlane worker` comes first, then the
environment, then the file `{FILE_NAME}` in the working folder, or the one that `--config` or
`{FILE_VARIABLE}` names. A setting that does not exist is refused by name, so that a slip of the pen
is seen; of the environment only a name that is nearly a setting's is, since platforms put variables of
their own there.

The name in the file is the one below; in the environment it is upper case after `TIERLANE_`, so
that `batch_records` is `TIERLANE_BATCH_RECORDS`. Times are in seconds unless the name ends in
`_ms`.

| setting | values | default | meaning |
|---|---|---|---|
"""
NAMES: Final[dict[Any, str]] = {str: "text", int: "number", float: "number", bool: "true, false"}


def meanings() -> dict[str, str]:
    """Return the text under each setting in the source."""
    (body,) = [
        node.body
        for node in ast.walk(ast.parse(inspect.getsource(Settings)))
        if isinstance(node, ast.ClassDef)
    ]
    found = {}
    for field, text in pairwise(body):
        match field, text:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(meaning))),
            ):
                found[name] = " ".join(meaning.split())
    return found


def values(field: FieldInfo) -> str:
    kinds = list(get_args(field.annotation) or [field.annotation])
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{value}`" for value in kinds)
    if SecretStr in kinds:
        return "text, secret"
    if Path in kinds:
        return "a path"
    return NAMES[field.annotation] + "".join(bounds(field))


def bounds(field: FieldInfo) -> Iterator[str]:
    for bound in field.metadata:
        match bound:
            case Ge(ge=least):
                yield f", from {least:g}"
            case Gt(gt=least):
                yield f", above {least:g}"
            case Le(le=most):
                yield f" to {most:,g}"


def default(field: FieldInfo) -> str:
    match field.default:
        case None | "":
            return "none"
        case SecretStr():
            return "none"
        case bool(value):
            return f"`{str(value).lower()}`"
        case PosixPath() as path:
            return f"`{path}`"
        case value:
            return f"`{value}`"


def page() -> str:
    texts = meanings()
    rows = [
        f"| `{name}` | {values(field)} | {default(field)} | {texts.get(name, '')} |"
        for name, field in Settings.model_fields.items()
    ]
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

"""The kinds of text that events are made of, with their bounds."""

from typing import Annotated, Any

from pydantic import ConfigDict, StringConstraints

Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""An identifier: 1 to 200 characters, so that what is kept per customer has a bound."""

Word = Annotated[str, StringConstraints(max_length=200)]
"""A short text from an open vocabulary, such as a channel or a product; at most 200 characters."""

OPEN = ConfigDict(extra="allow", strict=True)
"""Unknown fields are kept and ignored; nothing is converted (`"2"` is no number)."""

Json = Any
"""Any JSON value; left to whoever reads it."""

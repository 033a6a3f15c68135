"""A Struct whose annotations are types from the start.

`from __future__ import annotations` leaves texts, each of which msgspec compiles and evaluates at a type's first reading: most
of that reading, and a twentieth of a short run.
"""

from __future__ import annotations

import builtins
import sys
from types import GenericAlias
from typing import Any

from msgspec import Struct

_BUILT_IN = vars(builtins)


class Typed(Struct, frozen=True):
    """Base of types that documents are decoded to."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        known = vars(sys.modules[cls.__module__])
        for name, text in cls.__annotations__.items():
            cls.__annotations__[name] = _type(text, known)


def _type(text: Any, known: dict[str, Any]) -> Any:
    """The type that a text stands for, where its names are known by now; anything else stays text."""
    if not isinstance(text, str):
        return text
    if (found := known.get(text) or _BUILT_IN.get(text)) is not None:
        return found
    before, union, last = text.rpartition(" | ")
    if union and not last.endswith("]"):
        left, right = _type(before, known), None if last == "None" else _type(last, known)
        return text if isinstance(left, str) or isinstance(right, str) else left | right
    outer, bracket, inner = text.partition("[")
    if not bracket or outer not in ("tuple", "dict", "list"):
        return text
    arguments = [... if part == "..." else _type(part, known) for part in inner[:-1].split(", ")]
    return text if any(isinstance(one, str) for one in arguments) else GenericAlias(_BUILT_IN[outer], tuple(arguments))

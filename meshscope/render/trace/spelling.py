"""How a face spells what to pass: a command line names its options, a form its fields."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from meshscope.simulation.hints import Hint


def _fields(hint: Hint) -> str:
    return f"{' or '.join(hint.fields)}{' = ' if hint.example else ''}{hint.example}"


class Spelling(Struct, frozen=True):
    """`hint` writes what would decide an unknown; the others are what shows every step, and every outcome."""

    hint: Callable[[Hint], str] = _fields
    every_step: str = "all steps"
    every_outcome: str = "max_paths"

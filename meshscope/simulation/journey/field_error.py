"""A request that cannot be followed as it is given: which field of it is wrong, for a face that has its own name for it."""

from __future__ import annotations

from collections.abc import Callable

from meshscope.errors import UsageError
from meshscope.simulation.hints import Hint


class FieldError(UsageError):
    """`field` is a field of Request or of Words, "" where none is wrong but one is missing; `hint` is what to give."""

    def __init__(self, field: str, reason: str, hint: Hint | None = None) -> None:
        self.field, self.reason, self.hint = field, reason, hint
        super().__init__(self.spelled(str))

    def spelled(self, name: Callable[[str], str]) -> str:
        """The message with the face's names of the fields."""
        start = f"{name(self.field)}: " if self.field else ""
        if self.hint is None:
            return start + self.reason
        fields = " or ".join(map(name, self.hint.fields))
        return f"{start}{self.reason} ({f'{fields} {self.hint.example}'.rstrip()})"

    def __reduce__(self) -> tuple[type[FieldError], tuple[str, str, Hint | None]]:
        return FieldError, (self.field, self.reason, self.hint)

"""protobuf durations: `"0.500s"` in JSON.

https://protobuf.dev/reference/protobuf/google.protobuf/#duration
"""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=4096)
def seconds(text: str) -> float | None:
    """`"1.5s"` as 1.5; None for anything that is not a duration."""
    return float(text[:-1]) if re.fullmatch(r"-?[0-9]+(\.[0-9]{1,9})?s", text, re.ASCII) else None


def duration_text(text: str) -> str:
    """In its shortest form: `"0.500s"` is `"0.5s"`, `"15.000s"` is `"15s"`; other text is left alone."""
    if seconds(text) is None:
        return text
    whole, _, fraction = text[:-1].partition(".")
    number = whole.removeprefix("-").lstrip("0") or "0"
    fraction = fraction.rstrip("0")
    sign = "-" if whole.startswith("-") and (number != "0" or fraction) else ""
    return f"{sign}{number}{'.' + fraction if fraction else ''}s"

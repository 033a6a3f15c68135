"""The natural order of names: numbers in them by size, `v2` before `v10` and `10.0.0.9` before `10.0.0.10`."""

from __future__ import annotations

import re

_NUMBER = re.compile("[0-9]+")


def natural_key(text: str) -> str:
    """A text whose plain order is the natural order of the given texts. A number comes before a letter.

    A number becomes its length, as a character below all printable ones, and its digits without leading zeros.
    """
    return _NUMBER.sub(_sized, text)


def _sized(number: re.Match[str]) -> str:
    digits = number[0].lstrip("0")
    return chr(len(digits) + 1) + digits

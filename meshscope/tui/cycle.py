"""Choices that a key goes through, round and round."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Cycle(StrEnum):
    @property
    def next(self) -> Self:
        every = list(type(self))
        return every[(every.index(self) + 1) % len(every)]

"""Objects and lists rewritten member by member: the same object where nothing changed, so that a caller knows."""

from __future__ import annotations

from collections.abc import Callable
from operator import is_
from typing import Any

Change = Callable[[str, Any], Any]
"""A member's name and value to its new value."""


def each(items: list[Any], change: Callable[[Any], Any]) -> list[Any]:
    new = [change(item) for item in items]
    return items if all(map(is_, new, items)) else new


def members_of(members: dict[str, Any], change: Change) -> dict[str, Any]:
    new = {name: change(name, value) for name, value in members.items()}
    return members if all(map(is_, new.values(), members.values())) else new

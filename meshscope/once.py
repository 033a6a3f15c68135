"""A value of an object that is worked out at the first question, once, whichever thread asks first."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import Any, Generic, Self, TypeVar, overload

T = TypeVar("T")


class once(Generic[T]):  # noqa: N801  # a decorator, like property
    """As functools.cached_property, which takes no lock from Python 3.12 on, and one lock for a whole class before that.

    Each value of each object has its own lock, so that a thread waits for nothing but the values it needs. Values do not need
    one another in a circle, so that no two threads can wait for each other.
    """

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name
        self._lock_name = f"{name} is being worked out"  # no identifier, so that it hides no attribute

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type | None = None) -> T: ...
    def __get__(self, instance: object | None, owner: type | None = None) -> Self | T:
        if instance is None:
            return self
        values = vars(instance)  # where Python looks first: a value that is there takes no lock
        with values.setdefault(self._lock_name, RLock()):
            if self._name not in values:
                values[self._name] = self._compute(instance)
            value: T = values[self._name]
        return value

"""A value of an object is worked out once, and only the threads that need it wait."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import sleep

from meshscope.once import once


class Holder:
    def __init__(self) -> None:
        self.calls = 0
        self.may_go_on = Event()
        self.has_begun = Event()

    @once
    def value(self) -> object:
        """An object."""
        self.calls += 1
        sleep(0.01)
        return object()

    @once
    def slow(self) -> int:
        self.has_begun.set()
        self.may_go_on.wait(10)
        return 1

    @once
    def failing(self) -> int:
        self.calls += 1
        raise ValueError


def test_threads_that_ask_at_the_same_time_get_the_one_value() -> None:
    holder = Holder()
    with ThreadPoolExecutor(8) as pool:
        values = list(pool.map(lambda _: holder.value, range(8)))
    assert holder.calls == 1
    assert {id(value) for value in values} == {id(holder.value)}
    assert Holder.value.__doc__ == "An object."


def test_nothing_waits_for_a_value_that_it_does_not_need() -> None:
    holder, other = Holder(), Holder()
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(lambda: holder.slow)
        holder.has_begun.wait(10)
        assert pool.submit(lambda: holder.value).result(5) is holder.value
        other.may_go_on.set()
        assert pool.submit(lambda: other.slow).result(5) == 1
        holder.may_go_on.set()
        assert slow.result(5) == 1


def test_a_failure_is_not_kept() -> None:
    holder = Holder()
    for _ in range(2):
        try:
            _ = holder.failing
        except ValueError:
            continue
    assert holder.calls == 2

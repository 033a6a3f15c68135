from __future__ import annotations

from weakref import ref

from meshscope.tui.letting_go import Once, fading


class Thing:
    pass


def test_work_is_done_once_and_holds_nothing_afterwards() -> None:
    thing = Thing()
    seen: list[int] = []

    def work(of: Thing = thing) -> int:
        seen.append(id(of))
        return 7

    once, held = Once(work), ref(thing)
    del thing, work
    assert held() is not None
    assert once() == 7
    assert held() is None
    assert once() is None
    assert len(seen) == 1


def test_things_are_freed_by_the_thread() -> None:
    things = [Thing() for _ in range(5000)]
    held = ref(things[0])
    fade = fading(things, lambda every: [[], list(every)])
    del things
    assert held() is not None
    fade()
    assert held() is None

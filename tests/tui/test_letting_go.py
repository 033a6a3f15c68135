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


def test_many_are_freed_by_the_thread_and_few_at_once() -> None:
    things = [Thing() for _ in range(5000)]
    held = ref(things[0])
    fade = fading([[], list(things)])
    del things
    assert held() is not None
    assert fade is not None
    fade()
    assert held() is None
    assert fading([[Thing()]]) is None

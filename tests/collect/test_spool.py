from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshscope.collect import spool
from meshscope.collect.spool import HEAD, IncomingBody, Spool


@given(st.lists(st.lists(st.binary(max_size=3000), max_size=8), max_size=6), st.integers(0, 20_000))
def test_every_body_comes_back_whole_wherever_it_lies(bodies: list[list[bytes]], memory: int) -> None:
    held = Spool(memory)
    coming = [IncomingBody(held) for _ in bodies]
    longest = max((len(chunks) for chunks in bodies), default=0)
    for turn in range(longest):  # side by side, as they come over the network
        for one, chunks in zip(coming, bodies, strict=True):
            one.add(chunks[turn] if turn < len(chunks) else b"")
    for one, chunks in zip(coming, bodies, strict=True):
        stored = one.finish()
        whole = b"".join(chunks)
        assert (stored.load(), stored.load(), stored.length) == (whole, whole, len(whole))
        assert stored.head == whole[:HEAD]


def test_beyond_the_bound_bodies_go_to_disk() -> None:
    held = Spool(1000)

    def parts(length: int) -> list[type]:
        one = IncomingBody(held)
        one.add(b"x" * length)
        return [type(part) for part in one.finish()._parts]

    assert parts(900) == [bytes]
    assert parts(200) == [tuple]
    assert parts(100) == [bytes]
    assert parts(2 * spool.PART) == [tuple]

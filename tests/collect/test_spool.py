from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.collect import spool
from meshscope.collect.spool import HEAD, IncomingBody, Spool, StoredBody


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
    kept = []

    def parts(length: int) -> list[type]:
        one = IncomingBody(held)
        one.add(b"x" * length)
        kept.append(one)
        return [type(part) for part in one.finish()._parts.places]

    assert parts(900) == [bytes]
    assert parts(200) == [tuple]
    assert parts(100) == [bytes]
    assert set(parts(2 * spool.PART)) == {tuple}


@given(st.lists(st.tuples(st.sampled_from(["body", "abandoned", "let go"]), st.integers(0, 9)), max_size=25))
def test_what_is_given_up_or_let_go_leaves_its_place_to_others(steps: list[tuple[str, int]]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(spool, "PART", 4)
        held = Spool(most_in_memory=6, most=10_000)
        bodies: list[tuple[StoredBody, bytes]] = []
        highest = 0
        for number, (what, length) in enumerate(steps):
            text = bytes([number]) * length
            if what == "let go":
                del bodies[:1]
                continue
            one = IncomingBody(held)
            one.add(text)
            if what == "body":
                bodies.append((one.finish(), text))
            del one
            highest = max(highest, sum(len(text) for _, text in bodies))
            assert all(stored.load() == text for stored, text in bodies)
        assert held._end <= (highest // 4 + len(steps) + 3) * 4
        bodies.clear()
        assert (held._left, held._free_memory, held._end) == (10_000, 6, 0)


def test_a_run_has_a_bound_that_no_single_body_exhausts() -> None:
    held = Spool(0, most=8 * spool.PART)
    endless = IncomingBody(held)
    with pytest.raises(spool.FullError, match="a run stores at most 8,388,608 bytes"):
        endless.add(b"x" * 20 * spool.PART)
    endless = IncomingBody(held)
    for _ in range(4):
        endless.add(b"x" * spool.PART)
    other = IncomingBody(held)
    other.add(b"y" * spool.PART)
    assert other.finish().length == spool.PART
    del endless
    last = IncomingBody(held)
    for _ in range(3):
        last.add(b"z" * spool.PART)
    assert last.finish().load() == b"z" * 3 * spool.PART


def test_a_full_disk_costs_the_body_that_fills_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    held = Spool(0)
    file = held._opened()

    class Full:
        def __getattr__(self, name: str) -> object:
            return getattr(file, name)

        def write(self, chunk: bytes) -> int:
            if len(chunk) > 10:
                raise OSError(28, "No space left on device")
            return file.write(chunk)

    monkeypatch.setattr(held, "_file", Full())
    one, two = IncomingBody(held), IncomingBody(held)
    one.add(b"x" * 100)
    two.add(b"y" * 10)
    with pytest.raises(OSError, match="No space left"):
        one.finish()
    assert two.finish().load() == b"y" * 10

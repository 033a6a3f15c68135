from __future__ import annotations

import gzip
import hashlib
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.collect.content_encoding import PIECE, SMALL, BodyError, ContentDecoder

ENCODINGS = st.sampled_from(["", "identity", " Identity", "gzip", "GZIP", "x-gzip"])


def chunked(body: bytes, size: int) -> list[bytes]:
    return [body[at : at + size] for at in range(0, len(body), size)]


@given(st.binary(max_size=2000).map(lambda body: body * 300), ENCODINGS, st.integers(1, 5000))
def test_a_body_comes_back_whole_in_small_pieces(body: bytes, encoding: str, size: int) -> None:
    sent = gzip.compress(body, mtime=0) if "gzip" in encoding.lower() else body
    decoder = ContentDecoder(encoding)
    pieces = [piece for chunk in chunked(sent, size) for piece in decoder.pieces(chunk)]
    decoder.finish()
    assert b"".join(pieces) == body
    assert max(map(len, pieces), default=0) <= max(PIECE, size)


def test_a_bomb_is_unfolded_no_further_than_it_is_read() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(200)) + packer.flush()
    pieces = ContentDecoder("gzip").pieces(bomb)
    assert [len(next(pieces)) for _ in range(3)] == [PIECE] * 3


@pytest.mark.parametrize(
    "encoding", ["gzip, gzip", "gzip,gzip,gzip", "deflate", "br", "zstd", "identity, gzip", "x" * 9999]
)
def test_other_encodings_are_refused_in_one_line(encoding: str) -> None:
    with pytest.raises(BodyError, match=r"^no valid HTTP response: the content-encoding '.{2,80}' is not read: .+$"):
        ContentDecoder(encoding)


@given(st.binary(max_size=300), st.integers(0, 400))
def test_damaged_data_is_refused_or_a_body(junk: bytes, cut: int) -> None:
    for sent in (junk, gzip.compress(junk, mtime=0)[:cut]):
        decoder = ContentDecoder("gzip")
        with suppress(BodyError):
            body = b"".join(decoder.pieces(sent))
            decoder.finish()
            assert body in (junk, b"")


def test_a_body_inflates_to_a_multiple_of_what_was_sent() -> None:
    """A bomb ends early; what inflates as far as a dump does is read to its end, however long it is."""
    bomb = zlib.compressobj(9, zlib.DEFLATED, 31)
    sent = b"".join(bomb.compress(bytes(1 << 20)) for _ in range(100)) + bomb.flush()
    taken: list[int] = []
    with pytest.raises(BodyError, match="200 times"):
        taken.extend(map(len, ContentDecoder("gzip").pieces(sent)))
    assert sum(taken) <= SMALL + PIECE
    text = b"".join(hashlib.sha256(str(number).encode()).hexdigest().encode() * 30 for number in range(40_000))
    packed, decoder = gzip.compress(text, 6), ContentDecoder("gzip")
    assert len(text) > SMALL
    assert len(packed) < len(text) // 20
    whole = b"".join(piece for at in range(0, len(packed), 1000) for piece in decoder.pieces(packed[at : at + 1000]))
    decoder.finish()
    assert whole == text

"""The text in a file, whatever wraps it."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.snapshot import cleaning
from meshscope.snapshot.cleaning import CleanedDocument, Sniffed, as_utf8, clean, sniff

TEXT = b'{"a": "\xc3\xa9"}\r\n'


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (TEXT, TEXT),
        (gzip.compress(TEXT, mtime=0), TEXT),
        (gzip.compress(TEXT[:5], mtime=0) + gzip.compress(TEXT[5:], mtime=0), TEXT),
        (gzip.compress(TEXT, mtime=0) + bytes(512), TEXT),
        (b"\xef\xbb\xbf" + TEXT, TEXT),
        (gzip.compress(b"\xef\xbb\xbf" + TEXT, mtime=0), TEXT),
        (TEXT.decode().encode("utf-16"), TEXT),
        ("\ufeff".encode("utf-16-be") + TEXT.decode().encode("utf-16-be"), TEXT),
        (b"200\n" + TEXT, TEXT),
        (b"200\r\n\r\n" + TEXT, b"\r\n" + TEXT),
        (b"503\n[]", b"[]"),
        (b"\xef\xbb\xbf200\n" + TEXT, TEXT),
        (b"200\nOK", b"200\nOK"),
        (b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx: {\r\n\r\n" + TEXT, TEXT),
        (b"HTTP/2 200 \nserver: envoy\n\n" + TEXT, TEXT),
        (b"HTTP/1.1 200 OK\r\n\r\n[]", b"[]"),
        (b'Defaulted container "istio-proxy" out of: istio-proxy, app\n' + TEXT, TEXT),
        (b"Defaulted container a out of: a, b\nHTTP/1.1 200 OK\nserver: envoy\n\n" + TEXT, TEXT),
        (b"HTTP/1.1 404 Not Found\n\nno such page", b"HTTP/1.1 404 Not Found\n\nno such page"),
        (b"HTTP/1.1 200 OK\n" + TEXT, b"HTTP/1.1 200 OK\n" + TEXT),
        (b"Defaulted: yes\n", b"Defaulted: yes\n"),
        (b"2000\n{}", b"2000\n{}"),
        (b"- 200\n- {}", b"- 200\n- {}"),
        (b"a: 1\r\nb: 2\r\n", b"a: 1\r\nb: 2\r\n"),
    ],
)
def test_what_wraps_a_text_is_taken_off_and_nothing_else(raw: bytes, text: bytes) -> None:
    assert clean(raw) == text


@pytest.mark.parametrize(
    "text",
    [
        b" " * 1_000_000 + b"200x",
        b"HTTP/1.1 200 OK\n" + b"a:\n" * 300_000 + b"x",
        b"\n" * 1_000_000 + b"Defaulted container \n",
    ],
)
def test_looking_for_what_stands_before_an_answer_takes_linear_time(text: bytes) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(("before", "lines"), [(b"", 0), (b"200\n", 1), (b"\n 404 \r\n", 2), (b"\xef\xbb\xbf200\n", 1)])
def test_lines_before_the_text_are_counted_also_inside_gzip(before: bytes, lines: int) -> None:
    assert sniff(before + TEXT).skipped_lines == lines
    assert sniff(gzip.compress(before + TEXT, mtime=0)).skipped_lines == lines
    assert (before + TEXT).count(b"\n") - clean(before + TEXT).count(b"\n") == lines


@given(st.text(max_size=200))
def test_a_text_in_utf_8_is_kept_byte_for_byte(text: str) -> None:
    body = b"a" + text.encode()
    assert clean(body) == body
    assert as_utf8(body) == (body, "")


@given(st.binary(max_size=100))
def test_a_body_is_always_utf_8_and_says_where_it_was_not(raw: bytes) -> None:
    body, flaw = as_utf8(raw)
    assert body.decode().encode() == body
    assert (flaw == "") == (body == raw)
    assert body.count(b"\n") == raw.count(b"\n")


def test_a_document_with_bytes_that_are_not_utf_8_can_be_read_and_names_the_line() -> None:
    document = CleanedDocument("d", lambda: b'{"a": 1,\n"b": "\xff"}')
    assert document.body.decode() == '{"a": 1,\n"b": "\ufffd"}'
    assert document.flaws == ("bytes that are not UTF-8 are shown as U+FFFD; the first one is in line 2",)


@pytest.mark.parametrize(
    "raw", [b"\x7fELF\x02\x01\x01\x00", b"\x89PNG\r\n\x1a\n\x00\x00", bytes(100), gzip.compress(b"\x00core", mtime=0)]
)
def test_what_is_no_text_is_left_out_without_a_word(raw: bytes) -> None:
    assert sniff(raw) == Sniffed(is_text=False)


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (b"", "empty"),
        (b"PK\x03\x04\x14\x00\x00\x00", "archive"),
        (b"x" * 257 + b"ustar\x0000", "archive"),
        (gzip.compress(b"x" * 257 + b"ustar\x0000", mtime=0), "archive"),
        (gzip.compress(gzip.compress(TEXT, mtime=0), mtime=0), "twice"),
        (b"\xfd7zXZ\x00\x00", "xz"),
        (b"BZh91AY&SY\x00", "bzip2"),
        (b"\x28\xb5\x2f\xfd\x00", "zstd"),
    ],
)
def test_what_might_matter_but_is_not_read_says_why(raw: bytes, word: str) -> None:
    seen = sniff(raw)
    assert not seen.is_text
    assert word in seen.refused


@pytest.mark.parametrize(
    "raw", [gzip.compress(TEXT * 100, mtime=0)[:-9], gzip.compress(TEXT, mtime=0)[:4] + b"\xff" * 40]
)
def test_damaged_gzip_data_is_an_error_and_not_half_a_text(raw: bytes) -> None:
    with pytest.raises(OSError, match="gzip data"):
        clean(raw)


def test_a_wrong_checksum_is_an_error() -> None:
    raw = bytearray(gzip.compress(TEXT, mtime=0))
    raw[-8] ^= 1
    with pytest.raises(OSError, match="damaged"):
        clean(bytes(raw))


def test_gzip_data_that_unfolds_beyond_the_bound_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning, "MOST_BYTES", 1000)
    assert clean(gzip.compress(b"x" * 1000, mtime=0)) == b"x" * 1000
    with pytest.raises(OSError, match="larger than 1,000 bytes"):
        clean(gzip.compress(b"x" * 1001, mtime=0))


def test_a_body_is_loaded_once_and_only_when_asked_for() -> None:
    answers = iter([b"{}"])
    document = CleanedDocument("d", lambda: next(answers))
    assert document.body == document.body == b"{}"
    assert next(answers, None) is None

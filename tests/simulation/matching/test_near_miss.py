"""Which losers came nearest."""

from __future__ import annotations

import pytest

from meshscope.simulation.matching.near_miss import Mismatch, mismatch_in, one_letter_off, ranked
from meshscope.simulation.trace import Rejected


def path(had: str, kind: str, text: str, near: int = 1) -> Rejected:
    return Rejected(f"{kind} {text}", f"path is {had!r}; {kind} {text!r} was asked", near=near)


@pytest.mark.parametrize(
    ("because", "mismatch"),
    [
        ("path is '/b'; prefix '/a' was asked", Mismatch("path", "'/b'", "prefix '/a'")),
        ("header x is absent; exact 'v' was asked", Mismatch("header x", "absent", "exact 'v'")),
        ("destination port is 80; 81 was asked", Mismatch("destination port", "80", "81")),
        ("path is '/a; b'; exact '/x' was asked", Mismatch("path", "'/a; b'", "exact '/x'")),
        ("it may match", None),
        ("path is '/b'; prefix '/a' was asked · header x is absent; exact 'v' was asked", None),
    ],
)
def test_a_reason_that_compares_is_read(because: str, mismatch: Mismatch | None) -> None:
    assert mismatch_in(because) == mismatch


@pytest.mark.parametrize(
    ("one", "other", "is_off"),
    [
        ("checkout", "chekout", True),
        ("chekout", "checkout", True),
        ("checkout", "chackout", True),
        ("exampel", "example", True),
        ("checkout", "checkout", False),
        ("checkout", "chekcuot", False),
        ("checkout", "checkouts2", False),
        ("ab", "ac", False),
        ("abcd", "badc", False),
    ],
)
def test_one_letter_is_missing_too_many_another_or_exchanged(one: str, other: str, *, is_off: bool) -> None:
    assert one_letter_off(one, other) is is_off
    assert one_letter_off(other, one) is is_off


@pytest.mark.parametrize(
    ("had", "wanted", "is_off"),
    [
        ("/catalogus/1", "prefix '/catalogue/'", True),
        ("/catalogue/1", "prefix '/catalogues/'", True),
        ("/cart/1", "prefix '/catalogue/'", False),
        ("/a/file.jsom", "suffix '.json'", True),
        ("/a/file.txt", "suffix '.json'", False),
        ("/heathz", "path '/healthz'", True),
        ("/heathz/", "path '/healthz'", False),
        ("/y", "exact '/x1' or exact '/healthz'", False),
        ("/healthy", "exact '/x1' or exact '/healthz'", True),
        ("/healthy", "regex '/healthz'", False),
    ],
)
def test_what_is_compared_is_what_the_kind_compares(had: str, wanted: str, *, is_off: bool) -> None:
    assert Mismatch("path", repr(had), wanted).is_one_letter_off is is_off


def test_nearer_is_one_letter_then_fewer_failures_then_more_of_the_path() -> None:
    had = "/pages/abc/12345"
    pages = path(had, "regex", "/pages/[a-z]+/[0-9]{1,4}")
    cart, off = path(had, "prefix", "/cart"), path(had, "path", "/pages/abc/1234", near=2)
    header = Rejected("h", "header x is absent; exact 'v' was asked", near=1)
    both = Rejected("both", "header x is absent; exact 'v' was asked", near=2)
    assert ranked((both, cart, pages, header, off)) == (off, header, pages, cart, both)


def test_reasons_of_another_form_keep_their_order() -> None:
    losers = tuple(Rejected(name, "of another form", near=near) for name, near in (("a", 2), ("b", 1), ("c", 1)))
    assert [loser.name for loser in ranked(losers)] == ["b", "c", "a"]

"""What a request has and what was wanted."""

from __future__ import annotations

import pytest

from meshscope.render.trace.contrast import Contrast, contrast_in, needs
from meshscope.render.trace.line import Position
from meshscope.simulation.trace import Rejected

SAN = "spiffe://cluster.local/ns/default/sa/"


@pytest.mark.parametrize(
    ("because", "contrast"),
    [
        ("path is '/b'; prefix '/a' was asked", Contrast("path", "'/b'", "prefix", "'/a'")),
        ("header x is absent; exact 'v' was asked", Contrast("header x", "none", "exact", "'v'")),
        ("path is '/abcd'; path '/abc' was asked", Contrast("path", "'/abcd'", "path", "'/abc'", is_off=True)),
        ("destination port is 80; 81 was asked", Contrast("destination port", "80", "", "81")),
        ("asks for SNI a, b; the client sends c", Contrast("", "the client sends c", "", "SNI a, b")),
        (
            f"the client asks for a certificate with name ={SAN}pay; the server's has {SAN}pays",
            Contrast(
                "the server's certificate for", f"{SAN}pays", "a certificate for", f"{SAN}pay", is_off=True
            ),
        ),
        ("shop.example is one letter off shop.exampel",
         Contrast("host", "shop.exampel", "host", "shop.example", is_off=True)),
        ("shop.example is another name than shop.other", None),
        ("path prefix '/a' holds; the opposite was asked", Contrast("", "path prefix '/a'", "", "anything but that")),
        ("it matches nothing", None),
    ],
)  # fmt: skip
def test_a_reason_is_read(because: str, contrast: Contrast | None) -> None:
    assert contrast_in(because) == contrast


def test_what_is_compared_is_one_under_the_other() -> None:
    contrast = contrast_in("principal is 'abcd'; exact 'abce' was asked")
    assert contrast is not None
    has, wants = contrast.lines((), 0, Position(0, 0, 0), Rejected("policy", ""))
    assert [(span.text, span.joined) for span in has.spans] == [("principal", False), ("'abcd'", True)]
    assert [span.text for span in wants.spans] == ["exact    ", "'abce'", "← one letter off", "policy"]


def test_what_is_said_of_the_request_is_not_said_again() -> None:
    loser = Rejected("r", "path is '/b'; prefix '/a' was asked")
    assert needs(loser) == "needs path prefix '/a'; it is '/b'"
    assert needs(loser, contrast_in("path is '/b'; path '/c' was asked")) == "prefix '/a'"
    assert needs(loser, contrast_in("header x is absent; exact 'v' was asked")) == needs(loser)
    assert needs(Rejected("r", "of another form")) == "of another form"

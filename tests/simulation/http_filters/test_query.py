from __future__ import annotations

import pytest

from meshscope.simulation.http_filters.query import without_parameter


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("/x?key=k1", "/x"),
        ("/x?key=k1&", "/x"),
        ("/x?", "/x"),
        ("/x", "/x"),
        ("/x?b=2&key=1&a=%2F%26&a=1&c&key=2", "/x?a=/&&a=1&b=2&c="),
        ("/x?Key=1&a=1", "/x?Key=1&a=1"),
        ("/x?q=%zz%41&key=1", "/x?q=%zzA"),
    ],
)
def test_the_parameters_that_are_left_are_decoded_and_sorted(path: str, left: str) -> None:
    """As a real Envoy 1.40 sent them."""
    assert without_parameter(path, "key") == left

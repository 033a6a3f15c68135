from __future__ import annotations

import pytest

from meshscope.istio.export_to import Reach, reach


@pytest.mark.parametrize(
    ("export_to", "client", "expected"),
    [
        ((), "b", Reach.PUBLIC),
        (("*",), "b", Reach.PUBLIC),
        (("a", "*"), "b", Reach.PUBLIC),
        (("~",), "a", None),
        ((".",), "a", Reach.PRIVATE),
        (("a",), "a", Reach.PRIVATE),
        ((".",), "b", None),
        (("b",), "b", Reach.NAMED),
        ((".", "b"), "a", Reach.NAMED),
        (("c",), "b", None),
    ],
)
def test_an_object_of_namespace_a(export_to: tuple[str, ...], client: str, expected: Reach | None) -> None:
    assert reach(export_to, "a", client) == expected


def test_the_closest_comes_first() -> None:
    assert sorted(Reach) == [Reach.PRIVATE, Reach.NAMED, Reach.PUBLIC]

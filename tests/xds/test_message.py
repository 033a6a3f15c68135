"""What every message shares."""

from __future__ import annotations

from msgspec import Raw

from meshscope.xds.message import Message, decode


def test_annotations_are_types_where_they_name_what_is_there() -> None:
    found = Shaped.__annotations__
    assert found["name"] is str
    assert found["count"] == int | None
    assert found["parts"] == tuple[Raw, ...]
    assert found["later"] == "Later | None"
    assert found["odd"] == dict[str, int]
    assert decode(b'{"later": {"name": "x"}, "odd": {"a": 1}}', Shaped) == Shaped(later=Later(name="x"), odd={"a": 1})


class Shaped(Message, frozen=True):
    name: str = ""
    count: int | None = None
    parts: tuple[Raw, ...] = ()
    later: Later | None = None
    odd: dict[str, int] = {}


class Later(Message, frozen=True):
    name: str = ""

from __future__ import annotations

import pytest

from meshscope.overlay.change import NotRebuilt, Reach
from meshscope.overlay.doubts import doubted
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.trace import Direction, Hop, Path, Trace

HOPS = (
    Hop(proxy="a.default", direction=Direction.OUTBOUND, listener="0.0.0.0_80", route_config="80",
        virtual_host="b:80", cluster="outbound|80||b"),
    Hop(proxy="b.default", direction=Direction.INBOUND, listener="virtualInbound", cluster="inbound|80||"),
)  # fmt: skip
TRACE = Trace(
    id=1, request={}, paths=(Path(probability=1.0, disposition=Disposition.DELIVERED, response=None, hops=HOPS),)
)


@pytest.mark.parametrize(
    ("proxy", "decides", "name", "is_doubted"),
    [
        (None, Reach.REQUESTS, "", True),
        (None, Reach.NOTHING, "", False),
        ("a.default", Reach.REQUESTS, "", True),
        ("c.default", Reach.REQUESTS, "", False),
        ("a.default", Reach.INBOUND, "", False),
        ("b.default", Reach.INBOUND, "", True),
        ("a.default", Reach.CLUSTER, "outbound|80||b", True),
        ("a.default", Reach.CLUSTER, "outbound|80|v1|b", False),
        ("a.default", Reach.ROUTES, "80/b:80", True),
        ("a.default", Reach.ROUTES, "80/c:80", False),
        ("a.default", Reach.ROUTES, "81/b:80", False),
        ("a.default", Reach.ROUTES, "80", True),
        ("a.default", Reach.LISTENER, "0.0.0.0_80", True),
        ("a.default", Reach.LISTENER, "0.0.0.0_81", False),
    ],
)
def test_a_path_is_unknown_where_it_meets_what_is_not_rebuilt(
    proxy: str | None, decides: Reach, name: str, *, is_doubted: bool
) -> None:
    one = NotRebuilt(object="EnvoyFilter a/b", because="it is not known", proxy=proxy, decides=decides, name=name)
    (path,) = doubted(TRACE, [one]).paths
    if is_doubted:
        assert (path.disposition, path.if_passed) == (Disposition.UNKNOWN, Disposition.DELIVERED)
        assert path.assuming == ("nothing changes by what is not rebuilt: EnvoyFilter a/b: it is not known",)
    else:
        assert path is TRACE.paths[0]


def test_of_many_doubts_a_few_are_named() -> None:
    many = [NotRebuilt(object=f"EnvoyFilter a/{number}", because="it is not known") for number in range(9)]
    (path,) = doubted(TRACE, many).paths
    assert len(path.assuming) == 4
    assert path.assuming[-1] == "and 6 more of this kind"


def test_what_another_virtual_host_took_may_be_the_new_ones() -> None:
    hop = Hop(proxy="a.default", direction=Direction.OUTBOUND, route_config="80", virtual_host="allow_any")
    trace = Trace(
        id=1, request={}, paths=(Path(probability=1.0, disposition=Disposition.DELIVERED, response=None, hops=(hop,)),)
    )
    one = NotRebuilt(object="x", because="y", proxy="a.default", decides=Reach.ROUTES, name="80/c:80")
    assert doubted(trace, [one]).paths[0].disposition is Disposition.UNKNOWN

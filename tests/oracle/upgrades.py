"""Random upgrades: websocket, others and CONNECT, allowed by managers and routes, with filters of their own."""

from __future__ import annotations

from hypothesis import strategies as st

from . import interplay
from .amounts import CALLS
from .messages import ROUTER, Json, Message, some
from .requests import Call
from .scenes import Scene

_protocols = st.sampled_from(("websocket", "WebSocket", "foo", "CONNECT"))
# some wait for the end of the body, which an upgraded stream never has
_changing = interplay.changing.filter(lambda one: one["name"] not in ("buffer", "json"))
_filters = st.lists(st.one_of(interplay.rbac, _changing), min_size=1, max_size=2).map(lambda listed: [*listed, ROUTER])
_entries = some({"upgrade_type": _protocols}, enabled=st.booleans())


def _several(entry: Message) -> st.SearchStrategy[list[Json]]:
    return st.lists(entry, max_size=2, unique_by=lambda one: one["upgrade_type"].lower())


_with_filters = st.one_of(_entries, st.tuples(_entries, _filters).map(lambda two: {**two[0], "filters": two[1]}))
# an upgrade says nothing of closing the connection behind it
_ends = {"idle_timeout": "0.05s", "max_requests_per_connection": 1}
managers: Message = some({"common_http_protocol_options": _ends}, upgrade_configs=_several(_with_filters))


@st.composite
def tables(draw: st.DrawFn) -> Json:
    table = draw(interplay.tables())
    for host in table["virtual_hosts"]:
        for route in host["routes"]:
            if "route" in route:
                route["route"] |= draw(some(upgrade_configs=_several(_entries)))
            route["match"] = draw(st.sampled_from((route["match"], route["match"], {"prefix": "/none"})))
    return table


_upgrades = st.sampled_from(
    (
        (("connection", "upgrade"), ("upgrade", "websocket")),
        (("connection", "Upgrade"), ("upgrade", "WebSocket")),
        (("connection", "keep-alive, upgrade"), ("upgrade", "foo")),
        (("connection", "upgrade"), ("upgrade", "h2c")),
        (("upgrade", "websocket"),),
    )
)  # fmt: skip


@st.composite
def calls(draw: st.DrawFn) -> Call:
    call = draw(interplay.calls())
    if draw(st.integers(0, 4)) == 0:
        return call._replace(method="CONNECT", path="a.example:443", host="a.example:443", headers=(), body="")
    headers = tuple(pair for pair in call.headers if pair[0] not in ("content-length", "content-type"))
    return call._replace(method="GET", headers=(*headers, *draw(_upgrades)), body="")


scenes: st.SearchStrategy[Scene] = st.builds(
    Scene, tables(), st.lists(_changing, max_size=2), managers,
    st.lists(calls(), min_size=CALLS, max_size=CALLS),
)  # fmt: skip

"""A connection manager with its filters and its route table, and calls near what they ask for."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import strategies as st

from . import requests
from .amounts import CALLS
from .judging import compare
from .messages import Json, Message, entry, manager
from .real_envoy import RealEnvoy
from .requests import Call

_routers = st.sampled_from(({}, {}, {"router": {"suppress_envoy_headers": True}}))
NONE: st.SearchStrategy[list[Json]] = st.just([])


class Scene(NamedTuple):
    table: Json
    filters: list[Json]
    manager: Json
    calls: list[Call]

    def play(self, envoy: RealEnvoy) -> None:
        log = envoy.access_log()
        chain = {"name": "http", "filters": [manager(self.table, self.filters, access_log=log, **self.manager)]}
        compare(envoy, [entry(envoy.port, filter_chains=[chain], access_log=log)], self.calls)


@st.composite
def scenes(
    draw: st.DrawFn,
    tables: Message,
    filters: st.SearchStrategy[list[Json]] = NONE,
    managers: Message = st.just({}),  # noqa: B008  # a strategy is a value
) -> Scene:
    table, listed = draw(tables), draw(filters)
    calls = draw(st.lists(requests.http_calls(table, listed), min_size=CALLS, max_size=CALLS))
    return Scene(table, listed, {**draw(managers), **draw(_routers)}, calls)

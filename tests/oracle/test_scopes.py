"""Random scoped routes: the route configuration that a request's headers choose is the one that a real Envoy takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from . import scopes
from .amounts import CALLS, configurations
from .judging import compare
from .messages import Json, entry, extension, manager
from .real_envoy import RealEnvoy
from .requests import Call

pytestmark = pytest.mark.oracle
DENYING = extension("filters.http.rbac.v3.RBAC", {"rules": {"action": "ALLOW"}})
_values = st.sampled_from((*scopes.WORDS, "b;a", "j=b;k=a", "k=", "k", "a=b", "=a", "A"))
_headers = st.lists(st.tuples(st.sampled_from(("x-a", "x-a", "x-b")), _values), max_size=3).map(tuple)
_calls = st.builds(
    Call,
    source=st.just(("10.9.9.9", 1000)),
    destination=st.just(("10.0.0.1", 80)),
    method=st.sampled_from(("GET", "GET", "POST")),
    path=st.sampled_from(("/", "/p", "/q")),
    host=st.sampled_from(("a.example", "a.example", "A.example", "b.example")),
    headers=_headers,
    tls=st.none(),
    tcp=st.just(False),  # a field's value
    body=st.just(""),
)


@configurations(25)
@given(st.data(), scopes.scoped_routes, st.sampled_from(((), (), (DENYING,))))
def test_scoped_routes(envoy: RealEnvoy, data: st.DataObject, scoped: Json, filters: tuple[Json, ...]) -> None:
    calls = data.draw(st.lists(_calls, min_size=CALLS, max_size=CALLS))
    log = envoy.access_log()
    listed = manager({}, filters, access_log=log, scoped_routes=scoped)
    del listed["typed_config"]["route_config"]
    compare(envoy, [entry(envoy.port, filter_chains=[{"filters": [listed]}], access_log=log)], calls)

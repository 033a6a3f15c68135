"""Random clusters: a host that a real Envoy takes is one that a trace names, and where it finds none a trace finds none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from . import clusters, requests
from .amounts import CALLS, configurations
from .judging import compare
from .messages import Json, entry, manager
from .real_envoy import RANDOM, RealEnvoy
from .requests import Call

pytestmark = pytest.mark.oracle


@configurations(60)
@given(st.data(), clusters.metadata_matches, requests.sources)
def test_clusters(envoy: RealEnvoy, data: st.DataObject, asked: Json, source: tuple[str, int]) -> None:
    cluster = data.draw(clusters.clusters(envoy.upstream_port))
    route = {"name": "found", "match": {"prefix": "/"}, "route": {"cluster": RANDOM, **asked}}
    table = {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]}
    log = envoy.access_log()
    listener = entry(envoy.port, filter_chains=[{"filters": [manager(table, access_log=log)]}], access_log=log)
    compare(envoy, [listener], [Call(source, ("10.0.0.1", 80))] * CALLS, [cluster])

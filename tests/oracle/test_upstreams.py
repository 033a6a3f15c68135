"""Random aggregates, composites and original destinations, asked by HTTP and by TCP: the host that Envoy takes is one that a
trace names, and where it takes none a trace ends in the same way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from . import clusters, requests, upstreams
from .amounts import configurations
from .judging import compare
from .messages import Json, entry, extension, manager, some, true
from .real_envoy import RANDOM, RealEnvoy
from .requests import Call

pytestmark = pytest.mark.oracle
HERE = ("10.0.0.1", 80)
FEW = 4
_priorities = st.sampled_from(({}, {}, {"priority": "HIGH"}))
LABELS = extension("filters.http.header_to_metadata.v3.Config", {"request_rules": [
    {"header": f"x-{key}", "on_header_present": {"metadata_namespace": "envoy.lb", "key": key}}
    for key in ("version", "stage")]})  # fmt: skip


def by_http(envoy: RealEnvoy, action: Json) -> Json:
    """A listener whose only route leads to the random cluster; headers name the subset, before the route's own."""
    route = {"name": "found", "match": {"prefix": "/"}, "route": {"cluster": RANDOM, **action}}
    table = {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]}
    log = envoy.access_log()
    return entry(envoy.port, filter_chains=[{"filters": [manager(table, [LABELS], access_log=log)]}], access_log=log)


def by_tcp(envoy: RealEnvoy, asked: Json) -> Json:
    log = envoy.access_log()
    proxy = {"stat_prefix": "t", "cluster": RANDOM, "access_log": log, **asked}
    return entry(envoy.port, filter_chains=[{"filters": [extension("filters.network.tcp_proxy.v3.TcpProxy", proxy)]}])


def labelled(version: str, stage: str) -> Call:
    named = (("x-version", version), ("x-stage", stage))
    return Call(("10.9.9.9", 1000), HERE, headers=tuple((name, value) for name, value in named if value))


_labels = st.builds(labelled, st.sampled_from(("", "", "v1", "v2")), st.sampled_from(("", "", "prod", "dev")))


@configurations(40)
@given(st.data(), clusters.metadata_matches, _priorities, st.lists(_labels, min_size=FEW, max_size=FEW))
def test_members_by_http(envoy: RealEnvoy, data: st.DataObject, asked: Json, priority: Json, calls: list[Call]) -> None:
    among = data.draw(upstreams.with_members(envoy.upstream_port))
    compare(envoy, [by_http(envoy, {**asked, **priority})], calls, among)


@configurations(25)
@given(st.data(), clusters.metadata_matches, requests.sources)
def test_members_by_tcp(envoy: RealEnvoy, data: st.DataObject, asked: Json, source: tuple[str, int]) -> None:
    among = data.draw(upstreams.with_members(envoy.upstream_port))
    compare(envoy, [by_tcp(envoy, asked)], [Call(source, HERE, tcp=True)] * FEW, among)


@configurations(25)
@given(st.data(), clusters.metadata_matches, _priorities, st.lists(_labels, min_size=FEW, max_size=FEW))
def test_subsets_by_metadata(
    envoy: RealEnvoy, data: st.DataObject, asked: Json, priority: Json, calls: list[Call]
) -> None:
    cluster = data.draw(clusters.clusters(envoy.upstream_port)) | data.draw(upstreams.breakers)
    compare(envoy, [by_http(envoy, {**asked, **priority})], calls, [cluster])


@configurations(25)
@given(st.data(), st.sampled_from(({}, {}, {"priority": "HIGH"}, {"auto_host_rewrite": True})))
def test_original_destinations(envoy: RealEnvoy, data: st.DataObject, action: Json) -> None:
    """Without a PROXY protocol header of another address nothing is restored; the upstream is at every loopback address."""
    port = envoy.upstream_port
    cluster = data.draw(upstreams.original(port))
    here = st.sampled_from((("127.0.0.1", envoy.port), ("127.0.0.7", port), ("127.0.0.8", port)))
    values = st.sampled_from(("", f"127.0.0.9:{port}", "localhost:80", "127.0.0.9", f"[::1]:x{port}"))
    names = st.sampled_from(("x-envoy-original-dst-host", "x-to"))
    calls = [
        Call(("10.9.9.9", 1000), to, headers=((name, value),) if value else ())
        for to, name, value in data.draw(st.lists(st.tuples(here, names, values), min_size=FEW, max_size=FEW))
    ]
    compare(envoy, [by_http(envoy, action)], calls, [cluster])


@configurations(25)
@given(st.data(), some(append_x_forwarded_host=true), st.lists(_labels, min_size=FEW, max_size=FEW))
def test_names_of_hosts_become_the_authority(
    envoy: RealEnvoy, data: st.DataObject, more: Json, calls: list[Call]
) -> None:
    cluster = data.draw(upstreams.with_names(envoy.upstream_port))
    compare(envoy, [by_http(envoy, {"auto_host_rewrite": True, **more})], calls, [cluster])

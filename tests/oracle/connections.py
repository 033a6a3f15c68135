"""Random listeners behind the entry, their filter chains and what these do; and connections near them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from hypothesis import strategies as st

from . import certificates, policies, values
from .amounts import CALLS
from .client import Tls
from .messages import (
    HTTP_INSPECTOR,
    PROXY_PROTOCOL,
    TLS_INSPECTOR,
    Json,
    Message,
    address,
    entry,
    extension,
    manager,
    one,
    some,
    true,
)
from .requests import Call

ANY = "0.0.0.0"  # noqa: S104  # nothing is bound to it: connections are handed over
ADDRESSES = (("10.0.0.1", 80), ("10.0.0.1", 443), (ANY, 80), (ANY, 443), ("10.0.0.2", 8080), (ANY, 8080), ("::", 80),
             ("2001:db8::1", 443))  # fmt: skip
SERVER_NAMES = ("a.example", "b.a.example", "*.example", "*.a.example", "A.example", ".example")
ALPN = ("h2", "http/1.1", "istio", "http/1.0", "h2c")
REQUESTED = ("", "a.example", "b.a.example", "x.a.example", "A.EXAMPLE", "example", "other.test", "x.b.a.example")


def _several(of: st.SearchStrategy[object]) -> st.SearchStrategy[list[object]]:
    return st.lists(of, min_size=1, max_size=2, unique_by=str)


# Envoy's choice between a range that holds everything and no range at all depends on the order of a hash table
_ranges = [text for text in (*values.RANGES, *values.RANGES, *values.RANGES_V6) if not text.endswith("/0")]
_cidrs = st.sampled_from(_ranges).map(values.cidr)
_matches = some(
    destination_port=st.sampled_from(values.PORTS),
    prefix_ranges=_several(_cidrs),
    server_names=_several(st.sampled_from(SERVER_NAMES)),
    transport_protocol=st.sampled_from(("tls", "raw_buffer")),
    application_protocols=_several(st.sampled_from(ALPN)),
    direct_source_prefix_ranges=_several(
        st.sampled_from(("127.0.0.0/8", "10.0.0.0/8", "127.0.0.1/32")).map(values.cidr)
    ),
    source_type=st.sampled_from(("SAME_IP_OR_LOOPBACK", "EXTERNAL", "ANY")),
    source_prefix_ranges=_several(_cidrs),
    source_ports=_several(st.sampled_from((1000, 1001))),
)
_few = st.one_of(
    *(some({field: values_}) for field, values_ in {
        "destination_port": st.sampled_from(values.PORTS), "prefix_ranges": _several(_cidrs),
        "server_names": _several(st.sampled_from(SERVER_NAMES)), "application_protocols": _several(st.sampled_from(ALPN)),
        "source_prefix_ranges": _several(_cidrs), "transport_protocol": st.sampled_from(("tls", "raw_buffer")),
    }.items()), st.just({}),
)  # fmt: skip
chain_matches: Message = st.one_of(_few, st.tuples(_few, _few).map(lambda two: two[0] | two[1]), _matches)


@cache
def tls_contexts() -> st.SearchStrategy[Json]:
    """Servers that ask for no certificate, for one, or insist on it. They never agree on h2: the client speaks HTTP/1."""
    pair = certificates.server()
    own = {"certificate_chain": {"inline_string": pair.certificate}, "private_key": {"inline_string": pair.key}}
    checked = {"trusted_ca": {"inline_string": certificates.authority()}}
    common = some(
        {"tls_certificates": [own]},
        validation_context=st.just(checked),
        alpn_protocols=st.sampled_from((["http/1.1"], ["istio"], ["istio", "http/1.1"])),
    )
    contexts = some({"common_tls_context": common}, require_client_certificate=true)
    return contexts.map(lambda context: extension("transport_sockets.tls.v3.DownstreamTlsContext", context))


TABLE = {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [
    {"name": "found", "match": {"prefix": "/"}, "route": {"cluster": "a"}}]}]}  # fmt: skip
_tcp_clusters = st.one_of(
    one(cluster=values.cluster_names),
    st.lists(st.tuples(values.cluster_names, st.integers(1, 3)), min_size=1, max_size=2).map(lambda entries: {
        "weighted_clusters": {"clusters": [{"name": name, "weight": weight} for name, weight in entries]}}),
)  # fmt: skip
_modes = st.sampled_from(("ON_DOWNSTREAM_DATA", "ON_DOWNSTREAM_TLS_HANDSHAKE"))
_connects: Message = st.one_of(
    st.just({}), some({"upstream_connect_mode": _modes, "max_early_data_bytes": st.just(1024)})
)
_network_rbac = policies.rbac(http=False).map(
    lambda rules: extension("filters.network.rbac.v3.RBAC", {"stat_prefix": "rbac", **rules})
)


@st.composite
def chains(draw: st.DrawFn, log: Sequence[Json], name: str) -> Json:
    filters = draw(st.one_of(st.just([]), st.just([]), st.lists(_network_rbac, min_size=1, max_size=1)))
    if draw(st.booleans()):
        last = manager(TABLE, access_log=log)
    else:
        last = extension("filters.network.tcp_proxy.v3.TcpProxy",
                         {"stat_prefix": "tcp", "access_log": log, **draw(_tcp_clusters), **draw(_connects)})  # fmt: skip
    secured = draw(some(transport_socket=tls_contexts()))
    return {"name": name, "filters": [*filters, last], **secured}


@st.composite
def listeners(draw: st.DrawFn, log: Sequence[Json], port: int) -> list[Json]:
    """The entry comes last: what it hands over to is there before it is."""
    places = draw(st.lists(st.sampled_from(ADDRESSES), max_size=3, unique=True))
    others = [draw(_listener(log, f"listener {number}", place)) for number, place in enumerate(places)]
    own = draw(_chained(log, "entry"))
    before = draw(_inspectors)
    return [*others, entry(port, **{**own, "listener_filters": [PROXY_PROTOCOL, *before]})]


_inspectors = st.lists(st.sampled_from((TLS_INSPECTOR, HTTP_INSPECTOR, TLS_INSPECTOR)), max_size=2, unique_by=str)


@st.composite
def _listener(draw: st.DrawFn, log: Sequence[Json], name: str, place: tuple[str, int]) -> Json:
    more = draw(some(ipv4_compat=true)) if place[0] == "::" else {}
    socket = {"socket_address": {**address(*place)["socket_address"], **more}}
    own = draw(_chained(log, name))
    return {"name": name, "bind_to_port": False, "address": socket, "listener_filters": draw(_inspectors), **own}


@st.composite
def _chained(draw: st.DrawFn, log: Sequence[Json], name: str) -> Json:
    matches = draw(st.lists(chain_matches, min_size=1, max_size=4, unique_by=str))
    listed = [
        {**draw(chains(log, f"{name}: {number}")), "filter_chain_match": match} for number, match in enumerate(matches)
    ]
    default = draw(some(default_filter_chain=chains(log, f"{name}: default")))
    return {"filter_chains": listed, "access_log": log, **default}


_tls = st.builds(
    Tls, st.sampled_from(REQUESTED), st.lists(st.sampled_from(ALPN), max_size=2, unique=True).map(tuple), st.booleans()
)
_v4_ends = st.tuples(
    st.tuples(st.sampled_from(values.IPS), st.sampled_from((1000, 1001, 40000))),
    st.tuples(st.sampled_from(values.IPS), st.sampled_from(values.PORTS)),
)
_v6_ends = st.tuples(
    st.tuples(st.sampled_from(values.V6), st.just(1000)),
    st.tuples(st.sampled_from(values.V6), st.sampled_from((80, 443))),
)
calls = st.lists(
    st.builds(
        lambda ends, tls, tcp: Call(ends[0], ends[1], tls=tls, tcp=tcp),
        st.one_of(_v4_ends, _v4_ends, _v6_ends), st.one_of(st.none(), _tls), st.booleans(),
    ),
    min_size=CALLS, max_size=CALLS,
)  # fmt: skip

"""The same configuration in API v3 and in API v2, drawn at random: strategies of pairs (v3, v2), both in snake_case.

Only what exists on both sides is drawn, so that both have to read as equal messages.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from .pieces import FILTERS, TLS, Data, Keyed

Pair = tuple[dict[str, Any], dict[str, Any]]
names = st.text("abcXYZ_.|-", max_size=6)
data = st.recursive(
    st.text(max_size=3) | st.integers(0, 9) | st.booleans(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["aB", "a_b", "match", "x"]), inner),
    max_leaves=4,
)
metadata = st.dictionaries(names, st.dictionaries(st.sampled_from(["camelKey", "snake_key"]), data), max_size=2).map(
    lambda drawn: {"filter_metadata": Data(drawn)}
)
socket_addresses = st.builds(
    lambda host, port: {"socket_address": {"address": host, "port_value": port}},
    st.sampled_from(["10.0.0.1", "::1", "name.example"]),
    st.integers(0, 65535),
)


def both(value: Any) -> tuple[Any, Any]:
    return value, value


def optional(pair: Pair, fields: dict[str, tuple[Any, Any]]) -> Pair:
    v3, v2 = pair
    for name, (new, old) in fields.items():
        v3[name], v2[name] = new, old
    return v3, v2


@st.composite
def string_tests(draw: st.DrawFn, names_v2: tuple[str, str]) -> Pair:
    """A header's or a path's regex or exact match; `names_v2` are the v3 name of the regex and its v2 name."""
    new, old = names_v2
    regex = draw(names)
    return {new: {"regex": regex}}, {old: regex}


@st.composite
def matches(draw: st.DrawFn) -> Pair:
    header = draw(names)
    v3h, v2h = draw(string_tests(("safe_regex_match", "regex_match")))
    path = draw(st.sampled_from(["prefix", "path", "regex"]))
    text = draw(names)
    v3: dict[str, Any] = {"headers": [{"name": header, **v3h}, {"name": "x", "exact_match": text}]}
    v2: dict[str, Any] = {"headers": [{"name": header, **v2h}, {"name": "x", "exact_match": text}]}
    if path == "regex":
        v3["safe_regex"], v2["regex"] = {"regex": text}, text
    else:
        v3[path] = v2[path] = text
    query = draw(names)
    v3["query_parameters"] = [
        {"name": "q", "string_match": {"exact": query}},
        {"name": "r", "string_match": {"safe_regex": {"regex": query}}},
    ]
    v2["query_parameters"] = [{"name": "q", "value": query}, {"name": "r", "value": query, "regex": True}]
    return v3, v2


@st.composite
def routes(draw: st.DrawFn) -> Pair:
    match = draw(matches())
    host, header, cluster = draw(names), draw(names), draw(names)
    weight = draw(st.integers(0, 100))
    action3: dict[str, Any] = {"host_rewrite_literal": host, "timeout": "1s"}
    action2: dict[str, Any] = {"host_rewrite": host, "timeout": "1s"}
    if draw(st.booleans()):
        action3 |= {"cluster": cluster, "request_mirror_policies": [{"cluster": header}]}
        action2 |= {"cluster": cluster, "request_mirror_policy": {"cluster": header}}
    else:
        weighted = {"clusters": [{"name": cluster, "weight": weight}]}
        action3["weighted_clusters"] = action2["weighted_clusters"] = weighted
    fault = FILTERS + "http.fault.v3.HTTPFault"
    old_fault = "type.googleapis.com/envoy.config.filter.http.fault.v2.HTTPFault"
    config = {"abort": {"http_status": weight}}
    meta = draw(metadata)
    v3 = {"typed_per_filter_config": Keyed({"envoy.fault": {"@type": fault, **config}, "camelName": {"@type": fault}})}
    v2 = {"per_filter_config": Keyed({"envoy.fault": config, "camelName": {"@type": old_fault}})}
    return (
        {"match": match[0], "route": action3, "metadata": meta, **v3},
        {"match": match[1], "route": action2, "metadata": meta, **v2},
    )


@st.composite
def route_tables(draw: st.DrawFn) -> Pair:
    drawn = draw(st.lists(routes(), max_size=2))
    host = {"name": draw(names), "domains": draw(st.lists(names, max_size=2))}
    v3 = {"name": "table", "virtual_hosts": [{**host, "routes": [pair[0] for pair in drawn]}]}
    v2 = {"name": "table", "virtual_hosts": [{**host, "routes": [pair[1] for pair in drawn]}]}
    return v3, v2


@st.composite
def sockets(draw: st.DrawFn, side: str) -> Pair:
    san, secret = draw(names), draw(names)
    sds = {"name": secret, "sds_config": {"path": "/x"}}
    new = {
        "tls_certificate_sds_secret_configs": [sds],
        "validation_context": {"match_subject_alt_names": [{"exact": san}]},
    }
    old = {"tls_certificate_sds_secret_configs": [sds], "validation_context": {"verify_subject_alt_name": [san]}}
    typed = {"@type": f"{TLS}{side}TlsContext", "common_tls_context": new}
    v3 = {"transport_socket": {"name": "envoy.transport_sockets.tls", "typed_config": typed}}
    return v3, {"tls_context": {"common_tls_context": old}}


@st.composite
def clusters(draw: st.DrawFn) -> Pair:
    name, meta = draw(names), draw(metadata)
    hosts = draw(st.lists(socket_addresses, max_size=2))
    endpoints = [{"lb_endpoints": [{"endpoint": {"address": host}} for host in hosts]}]
    shared = {"name": name, "type": "STRICT_DNS", "connect_timeout": "1s", "metadata": meta}
    v3 = {**shared, "load_assignment": {"cluster_name": name, "endpoints": endpoints}}
    v2 = {**shared, "hosts": hosts}
    if draw(st.booleans()):
        socket = draw(sockets("Upstream"))
        return {**v3, **socket[0]}, {**v2, **socket[1]}
    return v3, v2


@st.composite
def assignments(draw: st.DrawFn) -> Pair:
    hosts = [
        {"endpoint": {"address": host}, "metadata": draw(metadata)}
        for host in draw(st.lists(socket_addresses, max_size=3))
    ]
    return both({"cluster_name": draw(names), "endpoints": [{"lb_endpoints": hosts, "priority": 1}]})


@st.composite
def listeners(draw: st.DrawFn) -> Pair:
    table, match = draw(route_tables()), draw(st.lists(names, max_size=2))
    manager3: dict[str, Any] = {"stat_prefix": "x", "route_config": table[0]}
    manager2: dict[str, Any] = {"stat_prefix": "x", "route_config": table[1]}
    router = FILTERS + "http.router.v3.Router"
    http = FILTERS + "network.http_connection_manager.v3.HttpConnectionManager"
    old_http = "type.googleapis.com/envoy.config.filter.network.http_connection_manager.v2.HttpConnectionManager"
    manager3["http_filters"] = [{"name": "envoy.router", "typed_config": {"@type": router}}]
    manager2["http_filters"] = [{"name": "envoy.router"}]
    filter3 = {"name": "envoy.http_connection_manager", "typed_config": {"@type": http, **manager3}}
    filter2: dict[str, Any] = {"name": "envoy.http_connection_manager", "config": manager2}
    if draw(st.booleans()):
        filter2 = {"name": filter2["name"], "typed_config": {"@type": old_http, **manager2}}
    socket = draw(sockets("Downstream"))
    local3 = {"server_names": match, "source_type": "SAME_IP_OR_LOOPBACK"}
    local2 = {"sni_domains": match, "source_type": "LOCAL"}
    shared = {"name": draw(names), "address": draw(socket_addresses), "deprecated_v1": {"bind_to_port": False}}
    chain3 = {"filter_chain_match": local3, "filters": [filter3], **socket[0]}
    chain2 = {"filter_chain_match": local2, "filters": [filter2], **socket[1]}
    inspector = FILTERS + "listener.tls_inspector.v3.TlsInspector"
    before3 = [{"name": "envoy.listener.tls_inspector", "typed_config": {"@type": inspector}}]
    before2 = [{"name": "envoy.listener.tls_inspector"}]
    return (
        {**shared, "filter_chains": [chain3], "listener_filters": before3},
        {**shared, "filter_chains": [chain2], "listener_filters": before2},
    )

"""Random filters that change what later filters and routes see, with RBAC behind them; and requests that they care about."""

from __future__ import annotations

from hypothesis import strategies as st

from . import values
from .amounts import CALLS
from .messages import TYPES, Json, Message, extension, merged, some, true
from .real_envoy import EMPTY
from .requests import Call
from .scenes import Scene

HTTP = "filters.http."
FILTER_CONFIG = "type.googleapis.com/envoy.config.route.v3.FilterConfig"
RBAC = TYPES + HTTP + "rbac.v3.RBAC"
_near: dict[str, tuple[str, ...]] = {
    "x-n": ("1",),
    "x-a": ("1", "2"),
    "te": ("trailers",),
    "accept": ("application/x-protobuf",),
    "accept-encoding": ("gzip", "br,gzip"),
    "content-encoding": ("gzip", "br"),
    "content-type": ("application/grpc", "application/grpc+proto", "application/grpc-web", "application/x-protobuf"),
    "x-envoy-ip-tags": ("ten", "one,ten", "ten,one"),
    "x-client": ("c1",),
    "x-envoy-auth-failure-mode-allowed": ("true",),
}
_names = st.sampled_from(sorted(_near))


@st.composite
def _header(draw: st.DrawFn) -> Json:
    name = draw(_names)
    texts = st.sampled_from(_near[name])
    return draw(
        st.one_of(
            st.just({"name": name, "present_match": True}),
            texts.map(lambda text: {"name": name, "string_match": {"exact": text}}),
            texts.map(lambda text: {"name": name, "string_match": {"prefix": text}}),
        )
    )


_rules = st.builds(
    lambda action, header: {"action": action, "policies": {"p": {
        "permissions": [{"any": True}], "principals": [{"header": header}]}}},
    st.sampled_from(("ALLOW", "DENY")), _header(),
)  # fmt: skip


def _named(kind: str, name: str, config: Message) -> Message:
    return config.map(lambda own: extension(HTTP + kind, own, name))


def _clears() -> Message:
    return some(clear_route_cache=true)


_mutations = st.sampled_from(sorted(_near)).flatmap(
    lambda name: st.sampled_from(_near[name]).map(lambda value: {"mutations": {"request_mutations": [
        {"append": {"header": {"key": name, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}}]}})
)  # fmt: skip
_tags = [
    {"ip_tag_name": "ten", "ip_list": [{"address_prefix": "10.0.0.0", "prefix_len": 8}]},
    {"ip_tag_name": "one", "ip_list": [{"address_prefix": "10.1.0.0", "prefix_len": 16}]},
]
_to_header = some(
    ip_tag_header=some({"header": "x-a"}, action=st.sampled_from(("SANITIZE", "APPEND_IF_EXISTS_OR_ADD")))
)
_direction = some(enabled=st.booleans().map(lambda on: {"default_value": on, "runtime_key": "no.such.key"}))
_json_rules = some(
    {"selectors": [{"key": "k"}], "on_missing": {"metadata_namespace": "m", "key": "k", "value": "none"}}
)
_down = some({"grpc_service": {"envoy_grpc": {"cluster_name": EMPTY}}}).flatmap(
    lambda grpc: st.sampled_from((EMPTY, "missing")).map(
        lambda name: {**grpc, "grpc_service": {"envoy_grpc": {"cluster_name": name}}}
    )
)
_custom = st.builds(
    lambda code, status: {"custom_response_matcher": {"matcher_list": {"matchers": [{
        "predicate": {"single_predicate": {
            "input": {"name": "s", "typed_config": {
                "@type": "type.googleapis.com/envoy.type.matcher.v3.HttpResponseStatusCodeMatchInput"}},
            "value_match": {"exact": code}}},
        "on_match": {"action": extension("http.custom_response.local_response_policy.v3.LocalResponsePolicy",
                                         {"status_code": status})}}]}}},
    st.sampled_from(("403", "404", "413")), st.sampled_from((418, 499)),
)  # fmt: skip

changing: Message = st.one_of(
    _named("header_mutation.v3.HeaderMutation", "mutation", _mutations),
    _named("header_mutation.v3.HeaderMutation", "mutation", _mutations),
    _named("set_filter_state.v3.Config", "state", _clears()),
    _named("set_filter_state.v3.Config", "state", st.just({"clear_route_cache": True})),
    _named("ip_tagging.v3.IPTagging", "tags", merged(some({"request_type": "BOTH", "ip_tags": _tags}), _to_header)),
    _named("header_to_metadata.v3.Config", "to metadata", _names.map(lambda name: {"request_rules": [
        {"header": name, "on_header_present": {"metadata_namespace": "m", "key": "k"}, "remove": True}]})),
    _named("json_to_metadata.v3.JsonToMetadata", "json", _json_rules.map(lambda rule: {
        "request_rules": {"rules": [rule], "allow_empty_content_type": True}})),
    _named("compressor.v3.Compressor", "compressor", some(
        {"compressor_library": extension("compression.gzip.compressor.v3.Gzip")},
        request_direction_config=some(common_config=_direction),
        response_direction_config=some(common_config=_direction, remove_accept_encoding_header=true))),
    _named("decompressor.v3.Decompressor", "decompressor", some(
        {"decompressor_library": extension("compression.gzip.decompressor.v3.Gzip")},
        request_direction_config=some(common_config=_direction, advertise_accept_encoding=st.booleans()),
        response_direction_config=some(common_config=_direction))),
    _named("grpc_web.v3.GrpcWeb", "web", st.just({})),
    _named("grpc_http1_bridge.v3.Config", "bridge", some(
        upgrade_protobuf_to_grpc=true, ignore_query_parameters=true)),
    _named("grpc_http1_reverse_bridge.v3.FilterConfig", "reverse", some(
        {"content_type": "application/x-protobuf"}, withhold_grpc_frames=true)),
    _named("connect_grpc_bridge.v3.FilterConfig", "connect", st.just({})),
    _named("api_key_auth.v3.ApiKeyAuth", "key", some(
        {"credentials": [{"key": "k1", "client": "c1"}], "key_sources": [{"header": "x-a"}, {"query": "key"}]},
        forwarding=some(header=st.just("x-client"), hide_credentials=true))),
    _named("buffer.v3.Buffer", "buffer", st.sampled_from(({"max_request_bytes": 20}, {"max_request_bytes": 6}))),
    _named("custom_response.v3.CustomResponse", "custom", _custom),
    _named("ext_authz.v3.ExtAuthz", "authz", merged(_down, some(
        failure_mode_allow=true, failure_mode_allow_header_add=true, clear_route_cache=true,
        with_request_body=some({"max_request_bytes": 7}, allow_partial_message=true),
        status_on_error=st.just({"code": "ServiceUnavailable"})))),
)  # fmt: skip
rbac: Message = _named("rbac.v3.RBAC", "rbac", merged(_rules.map(lambda rules: {"rules": rules}), st.just({})))


_BRIDGES = ("'web'", "'reverse'", "'connect'")


def _knows_its_answers(filters: list[Json]) -> bool:
    """Not where a bridge may buffer a body: what another filter says of the largest request counts for it, too."""
    texts = [str(one) for one in filters]
    return not ("max_request_bytes" in "".join(texts) and any(name in text for text in texts for name in _BRIDGES))


lists = st.lists(st.one_of(changing, changing, rbac), min_size=1, max_size=5).filter(_knows_its_answers)


def _per_route(rules: Json) -> Json:
    return {"@type": RBAC + "PerRoute", "rbac": {"rules": rules}}


_of_rbac = st.one_of(
    _rules.map(_per_route),
    st.just({"@type": RBAC + "PerRoute"}),
    st.just({"@type": FILTER_CONFIG, "disabled": True}),
)
_per_mutation = _mutations.map(lambda own: {"@type": TYPES + HTTP + "header_mutation.v3.HeaderMutationPerRoute", **own})
_said = some(rbac=_of_rbac, mutation=_per_mutation)
_actions = st.one_of(
    *(st.sampled_from(("a", "b", "missing")).map(lambda name: {"route": {"cluster": name}}) for _ in range(3)),
    st.just({"direct_response": {"status": 418}}),
)


@st.composite
def tables(draw: st.DrawFn) -> Json:
    routes = [
        {"name": f"r{number}", "match": {"prefix": "/", "headers": [draw(_header())]}, **draw(_actions),
         **draw(some(typed_per_filter_config=_said))}
        for number in range(draw(st.integers(1, 3)))
    ]  # fmt: skip
    rest = {"name": "rest", "match": {"prefix": "/"}, **draw(_actions), **draw(some(typed_per_filter_config=_said))}
    listed = [*routes, rest] if draw(st.integers(0, 9)) else routes
    return {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": listed,
                               **draw(some(typed_per_filter_config=_said))}]}  # fmt: skip


_types = st.sampled_from(
    (
        "text/plain", "application/json", "application/grpc", "application/grpc+proto", "application/grpc-web",
        "application/grpc-web-text", "application/grpc-web+proto", "application/x-protobuf", "application/proto",
        "application/connect+json",
    )
)  # fmt: skip
_others = st.lists(
    st.one_of(
        _names.flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(_near[name]))),
        st.just(("x-a", "k1")), st.just(("connect-protocol-version", "1")), st.just(("cache-control", "no-transform")),
        st.just(("accept-encoding", "br")), st.just(("content-encoding", "gzip, br")),
    ),
    max_size=3, unique_by=lambda pair: pair[0],
)  # fmt: skip


@st.composite
def calls(draw: st.DrawFn) -> Call:
    headers = [pair for pair in draw(_others) if pair[0] != "content-type"]
    if draw(st.booleans()):
        kind = draw(_types)
        headers.append(("content-type", kind))
        if kind.startswith(
            "application/grpc"
        ):  # what a bridge from Connect makes of gRPC's own answers is beside the point
            headers = [pair for pair in headers if pair[0] != "connect-protocol-version"]
    length = draw(st.sampled_from((None, None, 0, 4, 8, 40)))
    if length is not None:
        headers.append(("content-length", str(length)))
    source = draw(st.sampled_from((("10.0.0.5", 1000), ("10.1.0.5", 1000), ("8.8.8.8", 1000))))
    path = draw(st.sampled_from(("/", "/x?key=k1", "/x?b=2&key=zz&a=1", "/x")))
    method = "GET" if length is None else "POST"
    return Call(source, ("10.0.0.1", 80), method=method, path=path, host=draw(values.hosts),
                headers=tuple(headers), body="A" * (length or 0))  # fmt: skip


scenes: st.SearchStrategy[Scene] = st.builds(
    Scene, tables(), lists, st.just({}), st.lists(calls(), min_size=CALLS, max_size=CALLS)
)

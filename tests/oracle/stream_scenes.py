"""Random configurations for requests over HTTP/2: routes, filters and connection managers that care about what it has."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from hypothesis import strategies as st

from . import certificates, filters, policies, replies, routes, streams, values
from .amounts import CALLS
from .client import Tls
from .judging import compare
from .messages import TYPES, Json, Message, entry, extension, manager, merged, one, some, true
from .real_envoy import RealEnvoy
from .streams import NEAR, Stream

_asked = {
    **{name: NEAR[name] for name in ("content-type", "te", "grpc-timeout", "user-agent", "cookie",
                                      "x-a", "x-b", "x_c", "expect", "trailer")},
    "x-forwarded-proto": ("http", "https"),
    ":method": ("GET", "POST", "CONNECT"), ":scheme": ("http", "https", "ftp"), ":authority": values.HOSTS,
    ":path": ("/", "/a", "*"), ":protocol": ("websocket", "foo"), "host": values.HOSTS, "upgrade": ("websocket",),
    "connection": ("upgrade", "close"), "transfer-encoding": ("chunked",), "content-length": ("0", "5"),
    "x-envoy-internal": ("true",), "x-forwarded-for": ("10.0.0.1",),
}  # fmt: skip


@st.composite
def _matcher(draw: st.DrawFn) -> Json:
    name = draw(st.sampled_from(sorted(_asked)))
    text = draw(st.sampled_from(_asked[name]))
    kind = draw(st.sampled_from(("present", "exact", "prefix", "suffix")))
    own = {"present_match": True} if kind == "present" or not text else {"string_match": {kind: text}}
    return {"name": name, **own, **draw(some(invert_match=true))}


_rules = st.one_of(
    policies.rules(http=True),
    st.builds(
        lambda action, header: {"action": action, "policies": {"p": {
            "permissions": [{"any": True}], "principals": [{"header": header}]}}},
        st.sampled_from(("ALLOW", "DENY")), _matcher(),
    ),
)  # fmt: skip
_rbac = _rules.map(lambda rules: extension("filters.http.rbac.v3.RBAC", {"rules": rules}, "rbac"))
_fault = filters.faults.map(lambda own: extension("filters.http.fault.v3.HTTPFault", own, "fault"))
_cors = st.just(extension("filters.http.cors.v3.Cors", name="cors"))
lists: st.SearchStrategy[list[Json]] = st.lists(st.one_of(_rbac, _rbac, _fault, _cors), max_size=2)

_upgrades = st.lists(
    some({"upgrade_type": st.sampled_from(("websocket", "CONNECT", "foo", "connect-udp"))}, enabled=st.booleans()),
    max_size=2, unique_by=lambda one: one["upgrade_type"],
)  # fmt: skip
_durations = st.sampled_from(("0s", "1.5s", "30s"))
_options = some(
    timeout=_durations,
    max_grpc_timeout=_durations,
    grpc_timeout_offset=st.sampled_from(("0s", "0.5s")),
    max_stream_duration=some(max_stream_duration=_durations, grpc_timeout_header_max=_durations),
    retry_policy=some({"retry_on": st.sampled_from(("cancelled", "unavailable,5xx"))}, num_retries=st.integers(0, 2)),
    upgrade_configs=_upgrades,
)  # fmt: skip
_actions = st.one_of(
    merged(one(cluster=values.cluster_names), _options).map(lambda action: {"route": action}),
    merged(one(cluster=st.sampled_from(("a", "b"))), _options).map(lambda action: {"route": action}),
    some({"status": st.sampled_from((200, 204, 404, 503))}, body=st.just({"inline_string": "said"})).map(
        lambda own: {"direct_response": own}
    ),
    some(https_redirect=true, path_redirect=st.just("/z")).map(lambda own: {"redirect": own}),
)
_per_filter = some(
    cors=filters.cors.map(lambda own: {"@type": TYPES + "filters.http.cors.v3.CorsPolicy", **own}),
    rbac=_rules.map(lambda own: {"@type": TYPES + "filters.http.rbac.v3.RBACPerRoute", "rbac": {"rules": own}}),
)
_connect: Message = st.just({"connect_matcher": {}})
_matches = st.one_of(
    merged(st.just({"prefix": "/"}), some(headers=_matcher().map(lambda matcher: [matcher]), grpc=st.just({}))),
    merged(_connect, some(headers=_matcher().map(lambda matcher: [matcher]))),
)


@st.composite
def _table(draw: st.DrawFn) -> Json:
    own = some(typed_per_filter_config=_per_filter)
    listed = [{"name": f"r{number}", "match": draw(_matches), **draw(_actions), **draw(own)}
              for number in range(draw(st.integers(1, 4)))]  # fmt: skip
    if draw(st.booleans()):
        listed.append({"name": "rest", "match": {"prefix": "/"}, **draw(_actions)})
    domains = draw(st.sampled_from((["*"], ["*"], ["a.example", "b.a.example"], ["*.example", "a.example:*"])))
    return {"virtual_hosts": [{"name": "all", "domains": domains, "routes": listed}]}


_managers: Message = merged(
    some(
        normalize_path=st.booleans(),
        merge_slashes=true,
        use_remote_address=st.booleans(),
        max_request_headers_kb=st.sampled_from((1, 3, 60)),
        upgrade_configs=_upgrades,
        http2_protocol_options=some(allow_connect=true, override_stream_error_on_invalid_http_message=st.booleans()),
        common_http_protocol_options=some(
            headers_with_underscores_action=st.sampled_from(("REJECT_REQUEST", "DROP_HEADER")),
            max_headers_count=st.sampled_from((6, 10)),
        ),
        scheme_header_transformation=some(scheme_to_overwrite=st.sampled_from(("http", "https"))).filter(bool),
        proxy_100_continue=true,
        codec_type=st.sampled_from(("AUTO", "HTTP2")),
        via=st.just("v"),
        strip_any_host_port=true,
        path_with_escaped_slashes_action=st.sampled_from(("REJECT_REQUEST", "UNESCAPE_AND_REDIRECT")),
    ),
    st.one_of(st.just({}), st.just({}), replies.configured),
)


@cache
def _server() -> Json:
    pair = certificates.server()
    own = {"certificate_chain": {"inline_string": pair.certificate}, "private_key": {"inline_string": pair.key}}
    common = {"tls_certificates": [own], "alpn_protocols": ["h2", "http/1.1"]}
    return extension("transport_sockets.tls.v3.DownstreamTlsContext", {"common_tls_context": common})


class Scene(NamedTuple):
    """`tls`: the chain ends TLS, and agrees on h2."""

    table: Json
    filters: list[Json]
    manager: Json
    tls: bool
    calls: list[Stream]

    def play(self, envoy: RealEnvoy) -> None:
        log = envoy.access_log()
        chain = {"name": "http", "filters": [manager(self.table, self.filters, access_log=log, **self.manager)]}
        secured = {"transport_socket": _server()} if self.tls else {}
        compare(envoy, [entry(envoy.port, filter_chains=[chain | secured], access_log=log)], self.calls)


_offers = st.sampled_from((("h2",), ("h2", "http/1.1"), ("http/1.1", "h2"))).map(lambda alpn: Tls("a.example", alpn))


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    tls = draw(st.integers(0, 3)) == 0
    listed = st.lists(streams.calls(_offers if tls else st.none()), min_size=CALLS, max_size=CALLS)
    tables = st.one_of(_table(), _table(), routes.tables())
    return Scene(draw(tables), draw(lists), draw(_managers), tls, draw(listed))

"""Random HTTP filters that may answer: RBAC, fault, CORS, CSRF, health check, local rate limit; and what routes say of them."""

from __future__ import annotations

from hypothesis import strategies as st

from . import matchers, policies, values
from .messages import TYPES, Json, Message, merged, one, some

RBAC = "filters.http.rbac.v3.RBAC"
FAULT = "filters.http.fault.v3.HTTPFault"
CORS = "filters.http.cors.v3.Cors"
CSRF = "filters.http.csrf.v3.CsrfPolicy"
BUFFER = "filters.http.buffer.v3.Buffer"
MUTATION = "filters.http.header_mutation.v3.HeaderMutation"

_percentages = st.sampled_from(
    (
        {"numerator": 100}, {"numerator": 0}, {"numerator": 50}, {"numerator": 10000, "denominator": "TEN_THOUSAND"},
        {"numerator": 1, "denominator": "MILLION"},
    )
)  # fmt: skip
_aborts = merged(
    one(http_status=st.sampled_from((400, 418, 503)), grpc_status=st.sampled_from((5, 14)), header_abort=st.just({})),
    some(percentage=_percentages),
)
_delays = merged(one(fixed_delay=st.just("0.001s")), some(percentage=_percentages))
_for_whom = some(
    upstream_cluster=values.cluster_names,
    headers=st.lists(matchers.headers, max_size=1),
    downstream_nodes=st.lists(st.sampled_from(("node-1", "node-2")), max_size=1),
    max_active_faults=st.sampled_from((0, 10)),
)
faults: Message = merged(
    st.one_of(some({"abort": _aborts}), some(abort=_aborts, delay=_delays)),
    st.one_of(st.just({}), st.just({}), _for_whom),
)
_origins = st.sampled_from(("http://a.example", "https://a.example", "http://b.test", "a.example"))
cors: Message = some(
    allow_origin_string_match=st.lists(matchers.strings(_origins), max_size=2),
    allow_methods=st.just("GET, POST"),
    allow_headers=st.just("x-a"),
    max_age=st.just("60"),
    filter_enabled=_percentages.map(lambda part: {"default_value": part}),
)
csrf: Message = merged(
    some({"filter_enabled": _percentages.map(lambda part: {"default_value": part})}),
    some(additional_origins=st.lists(matchers.strings(st.sampled_from(("a.example", "b.test"))), max_size=1)),
)
mutations: Message = st.sampled_from(("x-a", "x-b", "x-new")).map(lambda name: {"mutations": {"request_mutations": [
    {"append": {"header": {"key": name, "value": "m"}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}}]}})  # fmt: skip

_KINDS = {RBAC: policies.rbac(http=True), FAULT: faults, CORS: st.just({}), CSRF: csrf, MUTATION: mutations}
_PER_ROUTE = {
    "rbac": (TYPES + "filters.http.rbac.v3.RBACPerRoute", policies.rbac(http=True).map(lambda own: {"rbac": own})),
    "fault": (TYPES + FAULT, faults),
    "cors": (TYPES + "filters.http.cors.v3.CorsPolicy", cors),
    "csrf": (TYPES + CSRF, csrf),
}


def _names(kind: str) -> str:
    return {RBAC: "rbac", FAULT: "fault", CORS: "cors", CSRF: "csrf", MUTATION: "mutation"}[kind]


def _listed(kind: str) -> Message:
    config = _KINDS[kind].map(lambda own: {"name": _names(kind), "typed_config": {"@type": TYPES + kind, **own}})
    return merged(config, some(disabled=st.booleans()))


lists: st.SearchStrategy[list[Json]] = st.lists(
    st.one_of(_listed(RBAC), _listed(RBAC), *(_listed(kind) for kind in _KINDS)), min_size=1, max_size=3
)


def _own(name: str) -> Message:
    kind, config = _PER_ROUTE[name]
    plain = config.map(lambda own: {"@type": kind, **own})
    wrapped = st.one_of(st.just({"disabled": True}), plain.map(lambda own: {"config": own}))
    if name != "csrf":  # which must not be empty
        wrapped = st.one_of(wrapped, st.just({"config": {"@type": kind}}))
    wrapper = "type.googleapis.com/envoy.config.route.v3.FilterConfig"
    return st.one_of(plain, plain, wrapped.map(lambda own: {"@type": wrapper, **own}))


per_filter: Message = some(**{name: _own(name) for name in _PER_ROUTE})

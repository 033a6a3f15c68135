"""Random route tables: virtual hosts with their domains, routes with their conditions, and what a route does."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import strategies as st

from . import matchers, values
from .messages import Json, Message, merged, one, some, true

TEMPLATES = ("/a/*", "/a/{x}", "/**", "/a/**", "/{x}/b", "/a/{x=**}", "/*/*", "/a/**.d", "/{x=*}/{y=**}")
_template = "envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig"
headers_to_add = st.lists(
    some(
        {"header": st.builds(lambda name, value: {"key": name, "value": value}, st.sampled_from(("x-new", "x-a", "x-b")),
                             st.sampled_from(("n", "%REQ(x-b)%", "%REQ(:path)%", "%PROTOCOL%", "100%%")))},
        append_action=st.sampled_from(("APPEND_IF_EXISTS_OR_ADD", "ADD_IF_ABSENT", "OVERWRITE_IF_EXISTS_OR_ADD",
                                       "OVERWRITE_IF_EXISTS")),
        keep_empty_value=true,
    ),
    max_size=2,
)  # fmt: skip
header_mutations = some(
    request_headers_to_add=headers_to_add,
    request_headers_to_remove=st.lists(st.sampled_from(("x-a", "x-b", "x-new", "cookie")), max_size=2),
)


def fractions() -> Message:
    """Never, always, and in between."""
    parts = st.sampled_from(
        ((0, "HUNDRED"), (100, "HUNDRED"), (50, "HUNDRED"), (10000, "TEN_THOUSAND"), (1, "MILLION"))
    )
    return parts.map(lambda part: {"default_value": {"numerator": part[0], "denominator": part[1]}})


_paths = one(
    prefix=st.one_of(values.plain_paths, st.sampled_from(("/", "", "/a/", "/A", "/a;x=1", "/a%2fb"))),
    path=st.one_of(values.plain_paths, values.odd_paths),
    safe_regex=values.regexes,
    path_separated_prefix=values.plain_paths.filter(lambda path: not path.endswith("/")),
    path_match_policy=st.sampled_from(TEMPLATES).map(lambda template: {
        "name": "template",
        "typed_config": {"@type": f"type.googleapis.com/{_template}", "path_template": template}}),
)  # fmt: skip
_conditions = some(
    case_sensitive=st.booleans(),
    headers=st.lists(matchers.headers, max_size=2),
    query_parameters=st.lists(matchers.query_parameters, max_size=2),
    cookies=st.lists(matchers.cookies, max_size=1),
    grpc=st.just({}),
    runtime_fraction=fractions(),
    tls_context=some(presented=st.booleans(), validated=st.booleans()),
)
matches: Message = st.one_of(merged(_paths, some(case_sensitive=st.booleans())), merged(_paths, _conditions))

_substitution = st.sampled_from((("a", "z"), ("/a/?(.*)", "/z/\\1"), ("^/", "/p/"), ("(b)", "[\\1]"), ("q", "")))
_regex_rewrites = _substitution.map(lambda pair: {"pattern": {"regex": pair[0]}, "substitution": pair[1]})
_new_prefixes = st.sampled_from(("/", "/z", "/z/", "/z?k=1"))
_clusters = st.one_of(
    one(cluster=values.cluster_names, cluster_header=st.sampled_from(("x-a", "x-b", ":authority"))),
    st.lists(st.tuples(values.cluster_names, st.integers(0, 3)), min_size=1, max_size=3)
    .filter(lambda entries: any(weight for _, weight in entries))
    .map(lambda entries: {"weighted_clusters": {"clusters": [
        {"name": name, "weight": weight} for name, weight in entries]}}),
)  # fmt: skip
_forward = merged(
    _clusters,
    st.one_of(st.just({}), one(prefix_rewrite=_new_prefixes, regex_rewrite=_regex_rewrites)),
    st.one_of(
        st.just({}),
        one(
            host_rewrite_literal=values.hosts,
            host_rewrite_header=st.sampled_from(("x-a", "x-b")),
            host_rewrite_path_regex=_regex_rewrites,
        ),
    ),
    some(
        cluster_not_found_response_code=st.sampled_from(("NOT_FOUND", "INTERNAL_SERVER_ERROR")),
        append_x_forwarded_host=true,
        timeout=st.sampled_from(("0s", "3s", "0.5s")),
    ),
)
_redirects = merged(
    some(
        host_redirect=values.hosts,
        port_redirect=st.sampled_from((80, 443, 8443)),
        response_code=st.sampled_from(("FOUND", "SEE_OTHER", "TEMPORARY_REDIRECT", "PERMANENT_REDIRECT")),
        strip_query=st.booleans(),
    ),
    st.one_of(st.just({}), one(https_redirect=true, scheme_redirect=st.sampled_from(("http", "https")))),
    st.one_of(
        st.just({}),
        one(
            path_redirect=st.sampled_from(("/z", "/z?k=1")), prefix_rewrite=_new_prefixes, regex_rewrite=_regex_rewrites
        ),
    ),
)
_direct = some({"status": st.sampled_from((200, 201, 204, 302, 404, 503))},
               body=st.sampled_from(("", "said")).map(lambda text: {"inline_string": text}))  # fmt: skip
actions: Message = st.one_of(
    one(route=_forward), one(route=_forward), one(redirect=_redirects), one(direct_response=_direct),
    st.just({"non_forwarding_action": {}}),
)  # fmt: skip


def routes(more: Message) -> Message:
    each = merged(some({"match": matches}), actions, st.one_of(st.just({}), header_mutations), more)
    return each.map(_acceptable)


def _acceptable(route: Json) -> Json:
    """Envoy has no prefix to rewrite where a template matched."""
    if "path_match_policy" in route["match"]:
        for action in ("route", "redirect"):
            route.get(action, {}).pop("prefix_rewrite", None)
    return route


@st.composite
def tables(draw: st.DrawFn, per_filter: Message | None = None) -> Json:
    """A RouteConfiguration. `per_filter` is what a table, a virtual host or a route says of single filters."""
    own = some(typed_per_filter_config=per_filter) if per_filter is not None else st.just({})
    domains = draw(st.lists(st.sampled_from((*values.DOMAINS, "*")), min_size=1, max_size=7, unique_by=str.lower))
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(domains) - 1)), max_size=3)) | {0, len(domains)})
    hosts = []
    for number, (start, end) in enumerate(pairwise(cuts)):
        listed = draw(st.lists(routes(own), min_size=0 if number else 1, max_size=4))
        if draw(st.booleans()):
            listed.append({"match": {"prefix": "/"}, **draw(actions)})
        named = [{"name": f"{number}.{index}", **route} for index, route in enumerate(listed)]
        scope = draw(
            merged(
                st.one_of(st.just({}), st.just({}), some(require_tls=st.sampled_from(("ALL", "EXTERNAL_ONLY")))),
                header_mutations,
                own,
            )
        )
        hosts.append({"name": f"host {number}", "domains": domains[start:end], "routes": named, **scope})
    table = draw(
        merged(
            some(
                ignore_port_in_host_matching=true,
                ignore_path_parameters_in_path_matching=true,
                vhost_header=st.sampled_from(("x-a", ":authority")),
                most_specific_header_mutations_wins=true,
            ),
            header_mutations,
            own,
        )
    )
    return {"virtual_hosts": hosts, **table}


managers: Message = merged(
    some(
        normalize_path=st.booleans(),
        merge_slashes=true,
        path_with_escaped_slashes_action=st.sampled_from(
            ("KEEP_UNCHANGED", "REJECT_REQUEST", "UNESCAPE_AND_REDIRECT", "UNESCAPE_AND_FORWARD")
        ),
        strip_trailing_host_dot=true,
        use_remote_address=st.booleans(),
        xff_num_trusted_hops=st.integers(1, 2),
        skip_xff_append=true,
        internal_address_config=st.lists(values.cidrs, max_size=2).map(lambda ranges: {"cidr_ranges": ranges}),
        common_http_protocol_options=st.sampled_from(("REJECT_REQUEST", "DROP_HEADER")).map(
            lambda action: {"headers_with_underscores_action": action}
        ),
        http_protocol_options=some(
            accept_http_10=true, default_host_for_http_10=st.just("a.example"), allow_absolute_url=st.booleans(),
            allow_custom_methods=true,
        ),
        codec_type=st.just("HTTP1"),
        upgrade_configs=st.just([{"upgrade_type": "websocket"}]),
        via=st.just("v"),
    ),
    st.one_of(st.just({}), one(strip_matching_host_port=true, strip_any_host_port=true)),
)  # fmt: skip

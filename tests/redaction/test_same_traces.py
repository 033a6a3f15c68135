"""What a matcher of any form compares with is replaced, and a request in the stand-ins takes the way that it took before."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from meshscope import Mesh, Request, trace
from meshscope.location import Document
from meshscope.redaction.redacting import RedactedSnapshot, redact
from meshscope.snapshot.snapshot import Captured, Snapshot

from .places import FILTERS, TYPE, base64

Json = dict[str, Any]
ROUTER: Json = {"name": "r", "typed_config": {"@type": FILTERS + "http.router.v3.Router"}}
MANAGER = FILTERS + "network.http_connection_manager.v3.HttpConnectionManager"


def endpoint(name: str) -> Json:
    address = {"socket_address": {"address": "10.0.0.1", "port_value": 80}}
    assignment = {"cluster_name": name, "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address}}]}]}
    return {"name": name, "type": "STATIC", "connect_timeout": "1s", "load_assignment": assignment}


def envoy(virtual_host: Json, *filters: Json) -> Json:
    host = {"name": "v", "domains": ["*"], **virtual_host}
    manager = {"@type": MANAGER, "stat_prefix": "s", "http_filters": [*filters, ROUTER],
               "route_config": {"name": "t", "virtual_hosts": [host]}}  # fmt: skip
    listener = {
        "name": "l",
        "address": {"socket_address": {"address": "0.0.0.0", "port_value": 80}},  # noqa: S104  # nothing is bound
        "filter_chains": [{"filters": [{"name": "m", "typed_config": manager}]}],
    }
    return {"static_resources": {"listeners": [listener], "clusters": [endpoint("yes"), endpoint("no")]}}


def matching(**match: Any) -> Json:
    yes = {"match": {"prefix": "/", **match}, "route": {"cluster": "yes"}}
    return envoy({"routes": [yes, {"match": {"prefix": "/"}, "route": {"cluster": "no"}}]})


def header(**how: Any) -> Json:
    return matching(headers=[{"name": "x-user", **how}])


def string(**how: Any) -> Json:
    return header(string_match=how)


def by_tree(kind: str, *values: str) -> Json:
    name = "type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput"
    ways = {value: {"action": _action("yes")} for value in values}
    tree = {"input": {"name": "i", "typed_config": {"@type": name, "header_name": "x-user"}}, kind: {"map": ways}}
    return envoy({"matcher": {"matcher_tree": tree, "on_no_match": {"action": _action("no")}}})


def _action(cluster: str) -> Json:
    route = {"@type": TYPE + "envoy.config.route.v3.Route", "match": {"prefix": "/"}, "route": {"cluster": cluster}}
    return {"name": "a", "typed_config": route}


def setting(header: Json) -> Json:
    """A header that a filter sets, and a route that compares it after the route is chosen again."""
    mutation = {"append": {"header": header, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}}
    config = {
        "@type": FILTERS + "http.header_mutation.v3.HeaderMutation",
        "mutations": {"request_mutations": [mutation]},
    }
    denied = {
        "permissions": [{"header": {"name": "x-user", "string_match": {"exact": "jason"}}}],
        "principals": [{"any": True}],
    }
    rbac = {"@type": FILTERS + "http.rbac.v3.RBAC", "rules": {"action": "DENY", "policies": {"p": denied}}}
    routes = [{"match": {"prefix": "/"}, "route": {"cluster": "no"}}]
    return envoy({"routes": routes}, {"name": "h", "typed_config": config}, {"name": "b", "typed_config": rbac})


def by_key() -> Json:
    config = {"@type": FILTERS + "http.api_key_auth.v3.ApiKeyAuth", "credentials": [{"key": "sesame", "client": "ali"}],
              "key_sources": [{"header": "x-user"}]}  # fmt: skip
    return envoy(
        {"routes": [{"match": {"prefix": "/"}, "route": {"cluster": "no"}}]}, {"name": "k", "typed_config": config}
    )


SECRETS = ("jason", "hush", "sesame")
CASES: dict[str, Json] = {
    "exact": string(exact="jason"),
    "exact, any case": string(exact="Jason", ignore_case=True),
    "prefix": string(prefix="jas"),
    "prefix of two words": string(prefix="jason-h"),
    "suffix": string(suffix="on"),
    "contains": string(contains="aso"),
    "regular expression": string(safe_regex={"regex": "jason|hush"}),
    "regular expression with classes": string(safe_regex={"regex": r"^[a-z]+-hush\d*$"}),
    "not": header(string_match={"exact": "jason"}, invert_match=True),
    "of the first API": header(exact_match="jason"),
    "prefix of the first API": header(prefix_match="jas"),
    "present": header(present_match=True),
    "range": header(range_match={"start": 5, "end": 50}),
    "query": matching(query_parameters=[{"name": "user", "string_match": {"prefix": "jas"}}]),
    "query is there": matching(query_parameters=[{"name": "user", "present_match": True}]),
    "cookie in a header": matching(
        headers=[{"name": "cookie", "string_match": {"safe_regex": {"regex": "^(.*?;)?(user=jason)(;.*)?$"}}}]
    ),
    "cookie": matching(cookies=[{"name": "user", "string_match": {"exact": "jason"}}]),
    "tree of values": by_tree("exact_match_map", "jason", "hush-7"),
    "set": setting({"key": "x-user", "value": "jason"}),
    "set in bytes": setting({"key": "x-user", "raw_value": base64("jason")}),
    "set from another header": setting({"key": "x-user", "value": "%REQ(x-other)%"}),
    "key": by_key(),
}
VALUES = ["jason", "Jason", "jason-hush", "mr-hush7", "hush-7", "hush", "json", "7", "70", ""]


def asked(value: str) -> list[Request]:
    path = f"http://10.0.0.9/?user={value}&other=1"
    cookie = f"a=b; user={value}; c=d"
    return [
        Request(dest="http://10.0.0.9/"),
        Request(dest=path),
        Request(dest="http://10.0.0.9/", headers=(("x-user", value),)),
        Request(dest="http://10.0.0.9/", headers=(("cookie", cookie),)),
        Request(dest="http://10.0.0.9/", headers=(("cookie", f"user={value}"), ("x-other", value))),
    ]


def in_stand_ins(request: Request, to: RedactedSnapshot) -> Request:
    headers = tuple((name, to.values.header(name, value)) for name, value in request.headers)
    return replace(request, dest=to.values.path(request.dest), headers=headers)


@pytest.mark.parametrize("case", CASES)
def test_every_request_takes_its_way(case: str) -> None:
    snapshot = Snapshot((Captured(Document.of("envoy.json", json.dumps(CASES[case]).encode())),))
    new = redact(snapshot, key=b"0123456789abcdef")
    before, after = Mesh(snapshot), Mesh(new.snapshot)
    body = new.snapshot.captured[0].document.body.decode()
    assert not [secret for secret in (*SECRETS, base64("jason")) if secret in body.lower()]
    ends = set()
    for value in VALUES:
        for request in asked(value):
            old = [(path.disposition, path.probability, path.hops[-1].cluster) for path in trace(before, request).paths]
            now = trace(after, in_stand_ins(request, new))
            if case == "key":
                continue  # which client has a key that is hidden is not known
            assert [(path.disposition, path.probability, path.hops[-1].cluster) for path in now.paths] == old, request
            ends |= {str(one) for one in old}
    assert len(ends) > 1 or case in ("key", "set", "set in bytes")

"""A rule with every member and every condition, and the RBAC policy that istiod 1.31 makes of it, written by hand after
https://istio.io/latest/docs/reference/config/security/authorization-policy/ and Istio's own builder.
"""

from __future__ import annotations

from typing import Any

Json = Any
JWT = "envoy.filters.http.jwt_authn"

SOURCE = {
    "principals": ["cluster.local/ns/shop/sa/web", "*/sa/job", "*"],
    "notPrincipals": ["cluster.local/ns/shop/sa/old*"],
    "requestPrincipals": ["https://id.example/*", "a/b", "*"],
    "notRequestPrincipals": ["*/root", "*t"],
    "namespaces": ["shop", "te.am-*"],
    "notNamespaces": ["ops"],
    "serviceAccounts": ["cart", "other/cart"],
    "notServiceAccounts": ["old"],
    "ipBlocks": ["10.0.0.0/8", "fd00::1"],
    "notIpBlocks": ["10.1.1.1"],
    "remoteIpBlocks": ["192.168.0.0/16"],
    "notRemoteIpBlocks": ["192.168.7.7"],
}
OPERATION = {
    "hosts": ["shop.example", "*.shop.example", "*"],
    "notHosts": ["old.*"],
    "methods": ["GET", "P*"],
    "notMethods": ["PATCH"],
    "paths": ["/items", "/items/*", "*.json", "*", "/items/{*}/deep/{**}"],
    "notPaths": ["/items/secret"],
    "ports": ["8080", "8081"],
    "notPorts": ["9090"],
}
WHEN: list[Json] = [
    {"key": "request.headers[x-team]", "values": ["blue", "*"], "notValues": ["red*"]},
    {"key": "source.ip", "values": ["10.2.0.0/16"], "notValues": ["10.2.2.2"]},
    {"key": "remote.ip", "values": ["172.16.0.1"], "notValues": ["172.16.0.2"]},
    {"key": "source.namespace", "values": ["shop"], "notValues": ["lab"]},
    {"key": "source.principal", "values": ["td/ns/a/sa/b"], "notValues": ["td/ns/a/sa/c"]},
    {"key": "source.serviceAccount", "values": ["a/b"], "notValues": ["c"]},
    {"key": "request.auth.principal", "values": ["i/s"], "notValues": ["i/t"]},
    {"key": "request.auth.audiences", "values": ["web"], "notValues": ["cli*"]},
    {"key": "request.auth.presenter", "values": ["app"], "notValues": ["bot"]},
    {"key": "request.auth.claims[groups][inner]", "values": ["admins"], "notValues": ["guests"]},
    {"key": "destination.ip", "values": ["10.20.0.0/16"], "notValues": ["10.20.0.9"]},
    {"key": "destination.port", "values": ["8080"], "notValues": ["8082"]},
    {"key": "connection.sni", "values": ["*.shop.svc", "*"], "notValues": ["old.shop.svc"]},
    {"key": "experimental.envoy.filters.a.b[c]", "values": ["v", "[w]"], "notValues": ["u"]},
]
RULE = {"from": [{"source": SOURCE}], "to": [{"operation": OPERATION}], "when": WHEN}


def _rules(*parts: Json) -> Json:
    return {"or_rules": {"rules": list(parts)}}


def _not_rules(*parts: Json) -> Json:
    return {"not_rule": _rules(*parts)}


def _ids(*parts: Json) -> Json:
    return {"or_ids": {"ids": list(parts)}}


def _not_ids(*parts: Json) -> Json:
    return {"not_id": _ids(*parts)}


def _header(name: str, **match: Json) -> Json:
    return {"header": {"name": name, **({"string_match": match} if match else {"present_match": True})}}


def _host(**match: Json) -> Json:
    return _header(":authority", **match, **({"ignore_case": True} if match else {}))


def _path(**match: Json) -> Json:
    return {"url_path": {"path": match}}


def _template(text: str) -> Json:
    kind = "type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig"
    return {"uri_template": {"name": "uri-template", "typed_config": {"@type": kind, "path_template": text}}}


def _net(field: str, prefix: str, length: int) -> Json:
    return {field: {"address_prefix": prefix, "prefix_len": length}}


def _port(number: int) -> Json:
    return {"destination_port": number}


def _sni(**match: Json) -> Json:
    return {"requested_server_name": match}


def _regex(text: str) -> Json:
    return {"safe_regex": {"regex": text}}


def _peer(**match: Json) -> Json:
    return {"authenticated": {"principal_name": match}}


def _metadata(name: str, keys: list[str], value: Json) -> Json:
    return {"metadata": {"filter": name, "path": [{"key": key} for key in keys], "value": value}}


def _text(**match: Json) -> Json:
    return {"string_match": match}


def _in_list(value: Json) -> Json:
    return {"list_match": {"one_of": value}}


def _either(*values: Json) -> Json:
    return {"or_match": {"value_matchers": list(values)}}


def _token(issuer: Json, subject: Json) -> Json:
    claims = (("iss", issuer), ("sub", subject))
    return {"and_ids": {"ids": [_metadata(JWT, ["payload", key], {"string_match": one}) for key, one in claims]}}


def _claim(*keys: str, **match: Json) -> Json:
    return _metadata(JWT, ["payload", *keys], _either(_in_list(_text(**match)), _text(**match)))


_ACCOUNT = "spiffe://.+/ns/{}/(.+/|)sa/{}(/.+)?"
PERMISSION = {
    "and_rules": {
        "rules": [
            _rules(_host(exact="shop.example"), _host(suffix=".shop.example"), _host()),
            _not_rules(_host(prefix="old.")),
            _rules(_header(":method", exact="GET"), _header(":method", prefix="P")),
            _not_rules(_header(":method", exact="PATCH")),
            _rules(
                _path(exact="/items"),
                _path(prefix="/items/"),
                _path(suffix=".json"),
                _path(**_regex(".+")),
                _template("/items/*/deep/**"),
            ),
            _not_rules(_path(exact="/items/secret")),
            _rules(_port(8080), _port(8081)),
            _not_rules(_port(9090)),
            _rules(_net("destination_ip", "10.20.0.0", 16)),
            _not_rules(_net("destination_ip", "10.20.0.9", 32)),
            _rules(_port(8080)),
            _not_rules(_port(8082)),
            _rules(_sni(suffix=".shop.svc"), _sni(**_regex(".+"))),
            _not_rules(_sni(exact="old.shop.svc")),
            _metadata("envoy.filters.a.b", ["c"], _either(_text(exact="v"), _in_list(_text(exact="w")))),
            {"not_rule": _metadata("envoy.filters.a.b", ["c"], _text(exact="u"))},
        ]
    }
}
PRINCIPAL = {
    "and_ids": {
        "ids": [
            _ids(
                _peer(exact="spiffe://cluster.local/ns/shop/sa/web"),
                _peer(**_regex("spiffe://.*/sa/job")),
                _peer(**_regex(".+")),
            ),
            _not_ids(_peer(prefix="spiffe://cluster.local/ns/shop/sa/old")),
            _ids(
                _token({"exact": "https://id.example"}, _regex(".+")),
                _token({"exact": "a"}, {"exact": "b"}),
                _token(_regex(".+"), _regex(".+")),
            ),
            _not_ids(_token(_regex(".+"), {"exact": "root"}), _token(_regex(".+"), {"suffix": "t"})),
            _ids(_peer(**_regex(_ACCOUNT.format("shop", "cart"))), _peer(**_regex(_ACCOUNT.format("other", "cart")))),
            _not_ids(_peer(**_regex(_ACCOUNT.format("shop", "old")))),
            _ids(_peer(**_regex(".*/ns/shop/.*")), _peer(**_regex(r".*/ns/te\.am-.*/.*"))),
            _not_ids(_peer(**_regex(".*/ns/ops/.*"))),
            _ids(_net("remote_ip", "192.168.0.0", 16)),
            _not_ids(_net("remote_ip", "192.168.7.7", 32)),
            _ids(_net("direct_remote_ip", "10.0.0.0", 8), _net("direct_remote_ip", "fd00::1", 128)),
            _not_ids(_net("direct_remote_ip", "10.1.1.1", 32)),
            _ids(_header("x-team", exact="blue"), _header("x-team")),
            _not_ids(_header("x-team", prefix="red")),
            _ids(_net("direct_remote_ip", "10.2.0.0", 16)),
            _not_ids(_net("direct_remote_ip", "10.2.2.2", 32)),
            _ids(_net("remote_ip", "172.16.0.1", 32)),
            _not_ids(_net("remote_ip", "172.16.0.2", 32)),
            _ids(_peer(**_regex(".*/ns/shop/.*"))),
            _not_ids(_peer(**_regex(".*/ns/lab/.*"))),
            _ids(_peer(exact="spiffe://td/ns/a/sa/b")),
            _not_ids(_peer(exact="spiffe://td/ns/a/sa/c")),
            _ids(_peer(**_regex(_ACCOUNT.format("a", "b")))),
            _not_ids(_peer(**_regex(_ACCOUNT.format("shop", "c")))),
            _token({"exact": "i"}, {"exact": "s"}),
            {"not_id": _token({"exact": "i"}, {"exact": "t"})},
            _claim("aud", exact="web"),
            {"not_id": _claim("aud", prefix="cli")},
            _claim("azp", exact="app"),
            {"not_id": _claim("azp", exact="bot")},
            _claim("groups", "inner", exact="admins"),
            {"not_id": _claim("groups", "inner", exact="guests")},
        ]
    }
}
POLICY = {"permissions": [PERMISSION], "principals": [PRINCIPAL]}

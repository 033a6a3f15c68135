"""Rules on chains of connections, and rules that ask an external authorizer."""

from __future__ import annotations

import pytest

from meshscope.effect.answer import State

from ....mesh.meshes import NETWORK
from ..small_mesh import HTTP, Json, extension, http_chain, tcp_chain
from .full_rule import OPERATION, SOURCE, WHEN
from .judging import ANY, NAME, allowing, one, rbac

# --- connections ---------------------------------------------------------------------------------------------------

PATHS = {"to": [{"operation": {"paths": ["/a"], "ports": ["5432"]}}]}
PORTS: Json = {"permissions": [{"destination_port": 5432}], "principals": ANY["principals"]}
BOTH: Json = {
    "permissions": [{"and_rules": {"rules": [{"url_path": {"path": {"exact": "/a"}}}, {"destination_port": 5432}]}}],
    "principals": ANY["principals"],
}


def test_an_allow_rule_with_members_of_requests_is_left_out_on_connections() -> None:
    http, tcp = http_chain(rbac({NAME: BOTH})), tcp_chain(rbac({}, tcp=True))
    assert one(allowing(PATHS), http, tcp).state is State.IN_EFFECT
    lone = one(allowing(PATHS), tcp)
    assert lone.state is State.NOT_IN_EFFECT
    assert lone.because.endswith("connections have no to[0].paths, and an ALLOW rule with it is left out")
    passed = one(allowing(PATHS), tcp, http_chain(rbac({NAME: BOTH}), port=None))
    assert passed.state is State.PARTLY
    assert passed.because.startswith("only on ports that no Service has")
    wrong = one(allowing(PATHS), http, tcp_chain(rbac({NAME: PORTS}, tcp=True)))
    assert wrong.state is State.PARTLY


def test_a_deny_rule_loses_members_of_requests_on_connections() -> None:
    spec = {"action": "DENY", "rules": [PATHS]}
    http, tcp = http_chain(rbac({NAME: BOTH}, "DENY")), tcp_chain(rbac({NAME: PORTS}, "DENY", tcp=True))
    found = one(spec, http, tcp)
    assert found.state is State.PARTLY
    assert found.because.endswith("connections have no to[0].paths, so that the DENY rule matches more there")
    sniffed = one(spec, http, tcp_chain(rbac({NAME: PORTS}, "DENY", tcp=True), port=8080))
    assert sniffed.state is State.IN_EFFECT, "requests of the port are still asked for their path"
    missing = one(spec, http, tcp_chain(port=8080))
    assert (missing.state, missing.because[-30:]) == (State.PARTLY, "has no RBAC filter of action DENY"[-30:])


@pytest.mark.parametrize("key", ["hosts", "methods", "paths"])
def test_members_of_an_operation_that_connections_do_not_have(key: str) -> None:
    rule = {"to": [{"operation": {key: OPERATION[key]}}]}
    assert f"to[0].{key}" in one(allowing(rule), tcp_chain(rbac({}, tcp=True))).because


@pytest.mark.parametrize(
    "condition", [one for one in WHEN if one["key"].startswith("request.")], ids=lambda one: one["key"]
)
def test_conditions_that_connections_do_not_have(condition: Json) -> None:
    found = one(allowing({"when": [condition]}), tcp_chain(rbac({}, tcp=True)))
    assert (found.state, condition["key"] in found.because) == (State.NOT_IN_EFFECT, True)


@pytest.mark.parametrize(
    "rule",
    [
        {"from": [{"source": {"namespaces": SOURCE["namespaces"]}}]},
        {"when": [{"key": "connection.sni", "values": ["a"]}]},
    ],
)
def test_what_connections_have_is_missing_where_it_is_not_there(rule: Json) -> None:
    found = one(allowing(rule), tcp_chain(rbac({}, tcp=True)))
    assert (found.state, found.because) == (
        State.NOT_IN_EFFECT,
        f"the TCP chain of virtualInbound, port 5432 has no {NAME}",
    )


def test_a_rule_that_istiod_cannot_use_is_left_out_everywhere() -> None:
    found = one(allowing({"from": [{"source": {"ipBlocks": ["10.0.0.0/99"]}}]}), http_chain(rbac({})))
    assert (found.state, found.because) == (
        State.NOT_IN_EFFECT,
        "istiod cannot use from[0].ipBlocks '10.0.0.0/99'",
    )
    assert (
        "when[0] (request.mood)"
        in one(allowing({"when": [{"key": "request.mood", "values": ["a"]}]}), http_chain()).because
    )


# --- external authorizers ------------------------------------------------------------------------------------------

CUSTOM = {"action": "CUSTOM", "provider": {"name": "oauth"}, "rules": [{}]}
ASKING = f"istio-ext-authz-oauth-{NAME}"


def authorizer(prefix: str = "istio-ext-authz-oauth", *, tcp: bool = False, **service: Json) -> Json:
    value = {"string_match": {"prefix": prefix}}
    matcher = {"filter": "envoy.filters.http.rbac", "path": [{"key": "id"}], "value": value}
    where = f"{NETWORK}.ext_authz.v3.ExtAuthz" if tcp else f"{HTTP}.ext_authz.v3.ExtAuthz"
    return extension(where, filter_enabled_metadata=matcher, **(service or {"grpc_service": {}}))


def shadow(name: str = ASKING, *, tcp: bool = False) -> Json:
    return rbac({name: ANY}, "DENY", field="shadow_rules", tcp=tcp)


@pytest.mark.parametrize("name", [ASKING, f"istio-ext-authz-{NAME}"])
def test_a_custom_rule_asks_the_authorizer_behind_it(name: str) -> None:
    both = (shadow(name), authorizer(name.partition("-ns[")[0]))
    assert one(CUSTOM, http_chain(*both)).state is State.IN_EFFECT


def test_without_an_authorizer_behind_it_a_custom_rule_asks_nobody() -> None:
    for filters in ((shadow(),), (shadow(), authorizer("istio-ext-authz-other"))):
        found = one(CUSTOM, http_chain(*filters))
        assert found.state is State.NOT_IN_EFFECT
        assert found.because.startswith("no external authorizer stands behind")


@pytest.mark.parametrize(
    "name", [f"{ASKING}-deny-due-to-bad-CUSTOM-action", "default-deny-all-due-to-bad-CUSTOM-action"]
)
def test_a_provider_that_cannot_be_used_denies(name: str) -> None:
    found = one(CUSTOM, http_chain(rbac({name: ANY}, "DENY")))
    assert found.state is State.NOT_IN_EFFECT
    assert found.because.endswith("istiod cannot use provider oauth, or the workload has several")
    config = {"extensionProviders": [{"name": "oauth2"}], "trustDomain": "cluster.local"}
    named = one(CUSTOM, http_chain(rbac({name: ANY}, "DENY")), config=config)
    assert named.because.endswith("provider oauth is none of the mesh's extensionProviders (oauth2)")


def test_a_provider_of_http_is_not_asked_about_connections() -> None:
    http = http_chain(shadow(), authorizer(http_service={"server_uri": {}}))
    assert one(CUSTOM, http, tcp_chain()).state is State.IN_EFFECT
    grpc = http_chain(shadow(), authorizer())
    assert one(CUSTOM, grpc, tcp_chain()).state is State.PARTLY
    asked = tcp_chain(shadow(tcp=True), authorizer(tcp=True))
    assert one(CUSTOM, grpc, asked).state is State.IN_EFFECT


def test_a_custom_rule_that_denies_by_itself_and_a_dry_run_of_one() -> None:
    found = one(CUSTOM, http_chain(rbac({ASKING: ANY}, "DENY"), authorizer()))
    assert "denies by itself" in found.because
    dry = one(CUSTOM, http_chain(shadow(), authorizer()), annotations={"istio.io/dry-run": "true"})
    assert dry.state is State.UNKNOWN

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from meshscope.effect.answer import State

from ...mesh.meshes import captured
from .. import recorded
from ..policies import small_mesh
from ..policies.authorization.full_rule import POLICY, RULE
from ..policies.authorization.judging import ANY, NAME, NEVER, allowing, one, rbac
from ..policies.small_mesh import HTTP, Json, changes, extension, http_chain, inbound, policy

# --- meaning -------------------------------------------------------------------------------------------------------


def test_a_rule_with_every_member_is_in_effect_where_the_proxy_has_what_istiod_makes_of_it() -> None:
    found = one(allowing(RULE), http_chain(rbac({NAME: POLICY})))
    assert (found.state, found.differences) == (State.IN_EFFECT, ())
    assert found.because == NAME
    assert found.made is not None


SAME = ("uri_template.name", "present_match left out")
"""The name of an extension decides nothing; a header matcher that asks nothing asks for presence."""


@pytest.mark.parametrize(
    "changed",
    [pytest.param(value, id=word) for word, value in changes(POLICY) if not any(part in word for part in SAME)],
)
def test_each_change_of_the_proxys_policy_is_told(changed: Json) -> None:
    assert one(allowing(RULE), http_chain(rbac({NAME: changed}))).state is not State.IN_EFFECT


@pytest.mark.parametrize("changed", [pytest.param(value, id=word) for word, value in changes(RULE)])
def test_each_change_of_the_rule_is_told(changed: Json) -> None:
    assert one(allowing(changed), http_chain(rbac({NAME: POLICY}))).state is not State.IN_EFFECT


def test_order_nesting_and_repetition_have_no_meaning() -> None:
    other = copy.deepcopy(POLICY)
    permission, principal = other["permissions"][0], other["principals"][0]
    permission["and_rules"]["rules"].reverse()
    principal["and_ids"]["ids"].append({"and_ids": {"ids": [principal["and_ids"]["ids"].pop(0)]}})
    other["permissions"].append(permission)
    assert one(allowing(RULE), http_chain(rbac({NAME: other}))).state is State.IN_EFFECT


def test_what_differs_is_named_without_what_is_the_same() -> None:
    rule = {"to": [{"operation": {"methods": ["GET"], "paths": ["/a"]}}]}
    parts = [{"header": {"name": ":method", "string_match": {"exact": "GET"}}}, {"url_path": {"path": {"exact": "/b"}}}]
    theirs = {"permissions": [{"and_rules": {"rules": parts}}], "principals": ANY["principals"]}
    found = one(allowing(rule), http_chain(rbac({NAME: theirs})))
    assert found.state is State.PARTLY
    assert [str(each) for each in found.differences] == ["permissions is path =/b, path =/a was expected"]


def test_a_field_that_is_not_known_and_a_cel_condition_are_told() -> None:
    unknown = {"permissions": [{"any": True, "brand_new": {}}], "principals": [{"any": True}]}
    assert "brand_new is not known" in one(allowing({}), http_chain(rbac({NAME: unknown}))).because
    conditional = {**ANY, "condition": {"const_expr": {"bool_value": True}}}
    found = one(allowing({}), http_chain(rbac({NAME: conditional})))
    assert [each.field for each in found.differences] == ["condition"]


# --- a policy's action, its name, its place ------------------------------------------------------------------------


@pytest.mark.parametrize(("action", "envoys"), [("ALLOW", "ALLOW"), ("DENY", "DENY"), ("AUDIT", "LOG")])
def test_a_rule_stands_in_the_filter_of_its_action(action: str, envoys: str) -> None:
    spec = {"action": action, "rules": [{}]}
    assert one(spec, http_chain(rbac({NAME: ANY}, envoys))).state is State.IN_EFFECT
    other = "ALLOW" if envoys == "DENY" else "DENY"
    found = one(spec, http_chain(rbac({NAME: ANY}, other)))
    assert found.state is State.NOT_IN_EFFECT
    assert f"it stands in the RBAC filter of action {other}, not {envoys}" in found.because


def test_a_policy_without_rules_never_matches() -> None:
    assert one({}, http_chain(rbac({NAME: NEVER}))).state is State.IN_EFFECT
    assert one({}, http_chain(rbac({NAME: ANY}))).state is State.PARTLY
    found = one({}, http_chain(rbac({})))
    assert (found.rule, found.because) == ("", f"the HTTP chain of virtualInbound, port 8080 has no {NAME}")


def test_a_rule_is_missing_where_one_chain_lacks_it() -> None:
    found = one(allowing({}), http_chain(rbac({NAME: ANY})), http_chain(port=9090))
    assert (found.state, found.because) == (
        State.PARTLY,
        "the HTTP chain of virtualInbound, port 9090 has no RBAC filter of action ALLOW",
    )


def test_a_dry_run_stands_in_the_shadow_rules() -> None:
    dry: dict[str, Any] = {"annotations": {"istio.io/dry-run": "true"}}
    shadow, enforced = http_chain(rbac({NAME: ANY}, field="shadow_rules")), http_chain(rbac({NAME: ANY}))
    assert one(allowing({}), shadow, **dry).state is State.IN_EFFECT
    assert "although it is a dry run" in one(allowing({}), enforced, **dry).because
    assert "denies nothing" in one(allowing({}), shadow).because
    old = one(allowing({}), enforced, version="1.9.0", **dry)
    assert old.state is State.IN_EFFECT, "before 1.10 istiod does not read the annotation"


@pytest.mark.parametrize(
    ("labels", "because"),
    [
        ({"app": "web", "tier": "front"}, "its selector asks for tier=front, which the proxy does not have"),
        ({"app": "cart"}, "its selector asks for app=cart, which the proxy does not have"),
    ],
)
def test_a_policy_that_does_not_select_the_proxy_says_which_label(labels: dict[str, str], because: str) -> None:
    found = one({"selector": {"matchLabels": labels}, "rules": [{}]}, http_chain(rbac({NAME: ANY})))
    assert (found.state, found.because) == (State.NOT_IN_EFFECT, because)


def test_a_proxy_without_inbound_listener_is_told_from_one_of_which_no_listener_was_captured() -> None:
    item = policy("AuthorizationPolicy", allowing({}))
    (found,) = small_mesh.judged(small_mesh.mesh(small_mesh.proxy(), item))
    assert (found.state, found.because) == (State.NOT_IN_EFFECT, "the proxy has no inbound listener")


def test_a_refused_update_is_the_reason_for_what_is_missing() -> None:
    proxy = json.loads(small_mesh.proxy(inbound(http_chain())).document.body)
    entry = proxy["configs"][1]["dynamic_listeners"][0]
    entry["error_state"] = {"failed_configuration": inbound(http_chain(rbac({NAME: ANY}))), "details": "no such filter"}
    refused = captured("dump.json", proxy, kind="config_dump", owner=small_mesh.OWNER)
    (found,) = small_mesh.judged(small_mesh.mesh(refused, policy("AuthorizationPolicy", allowing({}))))
    assert found.because.startswith("the proxy refused the update: ")
    assert "no such filter" in found.because


def test_istio_before_1_8_is_not_modelled() -> None:
    found = one(allowing({}), http_chain(rbac({NAME: ANY})), version="1.7.0")
    assert (found.state, found.because) == (State.UNKNOWN, "authorization before Istio 1.8 is not modelled")


# --- versions and settings -----------------------------------------------------------------------------------------


def peer(text: str) -> Json:
    return {"permissions": ANY["permissions"], "principals": [{"authenticated": {"principal_name": {"exact": text}}}]}


def test_a_principal_counts_for_each_trust_domain_of_the_mesh() -> None:
    rule = {"from": [{"source": {"principals": ["cluster.local/ns/a/sa/b"]}}]}
    config = {"trustDomain": "new", "trustDomainAliases": ["old"]}
    both = {
        "permissions": ANY["permissions"],
        "principals": [peer(f"spiffe://{td}/ns/a/sa/b")["principals"][0] for td in ("new", "old")],
    }
    assert one(allowing(rule), http_chain(rbac({NAME: both})), config=config).state is State.IN_EFFECT
    alone = peer("spiffe://cluster.local/ns/a/sa/b")
    assert one(allowing(rule), http_chain(rbac({NAME: alone})), config=config).state is State.PARTLY
    assert one(allowing(rule), http_chain(rbac({NAME: alone}))).state is State.IN_EFFECT


def test_a_member_that_the_control_plane_does_not_know_leaves_a_wider_rule() -> None:
    source = {"namespaces": ["a"], "serviceAccounts": ["b"]}
    theirs = {
        "permissions": ANY["permissions"],
        "principals": [{"authenticated": {"principal_name": {"safe_regex": {"regex": ".*/ns/a/.*"}}}}],
    }
    rule = {"from": [{"source": source}]}
    found = one(allowing(rule), http_chain(rbac({NAME: theirs})), version="1.24.1")
    assert (found.state, found.because) == (
        State.PARTLY,
        "the control plane does not know from[0].serviceAccounts: the rule is wider than it is written",
    )


def namespace(pattern: str) -> Json:
    principals = [{"authenticated": {"principal_name": {"safe_regex": {"regex": f".*/ns/{pattern}/.*"}}}}]
    return http_chain(rbac({NAME: {"permissions": ANY["permissions"], "principals": principals}}))


@pytest.mark.parametrize(
    ("version", "quoted", "plain"),
    [
        ("1.27.0", State.PARTLY, State.IN_EFFECT),
        ("1.28.6", State.PARTLY, State.IN_EFFECT),
        ("1.28.7", State.IN_EFFECT, State.PARTLY),
        ("1.29.2", State.PARTLY, State.IN_EFFECT),
        ("1.30.0", State.IN_EFFECT, State.PARTLY),
    ],
)
def test_special_characters_are_quoted_from_a_version_on(version: str, quoted: State, plain: State) -> None:
    rule = allowing({"from": [{"source": {"namespaces": ["te.am"]}}]})
    assert one(rule, namespace(r"te\.am"), version=version).state is quoted
    assert one(rule, namespace("te.am"), version=version).state is plain


def test_it_is_not_known_whether_service_accounts_are_quoted() -> None:
    rule = allowing({"from": [{"source": {"serviceAccounts": ["a.b"]}}]})
    for name in ("a.b", r"a\.b"):
        pattern = f"spiffe://.+/ns/shop/(.+/|)sa/{name}(/.+)?"
        principals = [{"authenticated": {"principal_name": {"safe_regex": {"regex": pattern}}}}]
        theirs = {"permissions": ANY["permissions"], "principals": principals}
        assert one(rule, http_chain(rbac({NAME: theirs}))).state is State.IN_EFFECT


def test_a_filter_that_does_not_read_is_unknown() -> None:
    found = one(allowing({}), http_chain(extension(f"{HTTP}.rbac.v3.RBAC", rules=[])))
    assert (found.state, "does not read" in found.because) == (State.UNKNOWN, True)


def test_a_member_that_is_not_built_is_unknown_by_name() -> None:
    rule = {"from": [{"source": {"trustDomains": ["a"]}}]}
    found = one(allowing(rule), http_chain(rbac({NAME: ANY})))
    assert (found.state, found.because) == (State.UNKNOWN, "from[0].trustDomains: not compared")
    assert one(allowing(rule), http_chain(rbac({}))).state is State.NOT_IN_EFFECT


# --- a recorded mesh -----------------------------------------------------------------------------------------------

PARTLY = {
    ("AuthorizationPolicy bank/ledger-deny", "rules[0]"): "connections have no to[0].methods, to[0].paths",
    ("AuthorizationPolicy bank/ledger-deny", "rules[1]"): "connections have no when[0] (request.headers[x-risk])",
    ("AuthorizationPolicy bank/audit-log", "rules[0]"): "connections have no to[0].paths",
    ("AuthorizationPolicy bank/audit-dry-run", "rules[0]"): "connections have no to[0].paths",
}


def test_every_rule_of_a_recorded_mesh_is_in_effect_or_wider_on_a_port_of_connections() -> None:
    found = [
        each
        for name, some in recorded.recorded("security").items()
        for each in some
        if "Authentication" in name or "AuthorizationPolicy" in name
    ]
    assert len(found) == 26
    worse = {(each.object, each.rule): each for each in found if each.state is not State.IN_EFFECT}
    assert set(worse) == set(PARTLY)
    for key, each in worse.items():
        assert (each.state, PARTLY[key] in each.because) == (State.PARTLY, True)

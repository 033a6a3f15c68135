from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.connection import Connection, HttpRequest, Peer
from meshscope.simulation.endings import End
from meshscope.simulation.hints import IDENTITY
from meshscope.simulation.verdict import Truth, Verdict

from ..walks import GRPC, access_log, answer, context, entry, filter_list, only, outcomes, request, scope, typed

ANY = {"any": True}
GET = {"header": {"name": ":method", "string_match": {"exact": "GET"}}}


def policy(permission: dict[str, Any] = ANY, principal: dict[str, Any] = ANY) -> dict[str, Any]:
    return {"permissions": [permission], "principals": [principal]}


def rbac(action: str = "ALLOW", named: dict[str, Any] | None = None, **policies: Any) -> Any:
    return filter_list(entry("rbac.v3.RBAC", rules={"action": action, "policies": {**(named or {}), **policies}}))


def denied(name: str) -> tuple[int, str, str]:
    return 403, "-", f"rbac_access_denied_matched_policy[{name}]"


@pytest.mark.parametrize(
    ("action", "matches", "allowed"),
    [
        ("ALLOW", True, True),
        ("ALLOW", False, False),
        ("DENY", True, False),
        ("DENY", False, True),
        ("LOG", False, True),
    ],
)
def test_the_action_decides_what_a_match_means(action: str, matches: bool, allowed: bool) -> None:
    filters = rbac(action, one=policy(ANY if matches else {"not_rule": ANY}))
    assert (answer(filters, request()) is None) is allowed


def test_rules_without_policies_deny_and_no_rules_pass() -> None:
    assert access_log(answer(rbac(), request())) == denied("none")
    assert answer(filter_list(entry("rbac.v3.RBAC")), request()) is None


def test_the_first_policy_by_name_is_in_the_details_with_its_blanks_replaced() -> None:
    filters = rbac("DENY", {"z last": policy(), "b first": policy(), "a other": policy({"not_rule": ANY})})
    assert access_log(answer(filters, request())) == denied("b_first")


def test_a_denied_grpc_request_is_logged_with_200() -> None:
    assert access_log(answer(rbac(), request("/", GRPC))) == (200, "-", "rbac_access_denied_matched_policy[none]")


def test_a_near_miss_names_the_mismatch_and_the_policys_owner() -> None:
    name = "ns[default]-policy[allow-get]-rule[0]"
    outcome = only(rbac("ALLOW", {name: policy(GET)}), request(method="POST"))
    (step,) = outcome.steps
    assert step.because == f"no policy matches; policy {name}: header :method is 'POST'; exact 'GET' was asked"
    assert step.owner == "AuthorizationPolicy default/allow-get rules[0]"
    assert step.rejected[0].location is not None
    assert step.location == step.rejected[0].location
    assert step.rejected[0].location.path[-2:] == ("policies", name)
    passing = only(rbac("ALLOW", {name: policy(GET)}), request()).steps[0]
    assert passing.owner == "AuthorizationPolicy default/allow-get rules[0]"
    assert passing.because == f"policy {name} matches: header :method=GET; from anything"


def test_the_nearest_policy_is_named_in_the_answer() -> None:
    far = policy({"not_rule": ANY}, {"not_id": ANY})
    outcome = only(rbac(a=far, b=policy(GET)), request(method="PUT"))
    assert "policy b:" in outcome.steps[0].because


TLS = {"connection": Connection(source_ip="10.0.0.1", tls=True)}
NAMED = {"authenticated": {"principal_name": {"exact": "spiffe://td/ns/a/sa/b"}}}


def test_an_identity_that_is_not_given_is_unknown_with_a_hint() -> None:
    outcome = only(rbac(one=policy(principal=NAMED)), request(), context(**TLS))
    assert isinstance(outcome.value, HttpRequest)
    assert outcome.assuming == ("it (envoy.extensions.filters.http.rbac.v3.RBAC) lets the request pass",)
    assert outcome.steps[0].verdict == "unknown"
    assert outcome.steps[0].hint is IDENTITY


@pytest.mark.parametrize(
    ("peer", "allowed"),
    [
        (Peer(presented=True, uri_sans=("spiffe://td/ns/a/sa/b",)), True),
        (Peer(presented=True, uri_sans=("spiffe://td/ns/a/sa/c",)), False),
        (Peer(presented=True, uri_sans=("x",), dns_sans=("spiffe://td/ns/a/sa/b",)), True),
        (Peer(presented=True, dns_sans=("x",), subject="spiffe://td/ns/a/sa/b"), True),
        (Peer(presented=False), False),
    ],
)
def test_any_name_of_the_certificate_may_match(peer: Peer, allowed: bool) -> None:
    client = Connection(source_ip="10.0.0.1", tls=True, peer=peer)
    filters = rbac(one=policy(principal=NAMED))
    assert (answer(filters, request(), context(connection=client)) is None) is allowed


def test_tls_that_only_passes_through_gives_no_identity() -> None:
    assert access_log(answer(rbac(one=policy(principal={"authenticated": {}})), request(), context(**TLS))) is None
    passed_through = context(**TLS, terminates_tls=False)
    assert access_log(answer(rbac(one=policy(principal={"authenticated": {}})), request(), passed_through)) == denied(
        "none"
    )


def test_what_another_policy_settles_is_not_unknown() -> None:
    doubtful = policy(principal=NAMED)
    assert answer(rbac(a=doubtful, b=policy()), request(), context(**TLS)) is None
    assert access_log(answer(rbac("DENY", a=doubtful, b=policy()), request(), context(**TLS))) == denied("b")
    condition = {**policy(), "condition": {"const_expr": {"bool_value": True}}}
    assert only(rbac(one=condition), request()).steps[0].verdict == "unknown"


def test_a_route_replaces_the_rules_and_an_empty_message_turns_the_filter_off() -> None:
    off = typed("rbac.v3.RBACPerRoute")
    other = typed("rbac.v3.RBACPerRoute", rbac={"rules": {"action": "DENY", "policies": {"p": policy()}}})
    assert answer(rbac(), request(), context(route=scope(off))) is None
    assert access_log(answer(rbac(one=policy()), request(), context(route=scope(other)))) == denied("p")


def test_shadow_rules_deny_nothing_and_write_their_result_for_the_authorizer() -> None:
    shadow = {"action": "DENY", "policies": {"istio-ext-authz-x": policy()}}
    filters = filter_list(entry("rbac.v3.RBAC", shadow_rules=shadow, shadow_rules_stat_prefix="istio_ext_authz_"))
    outcome = only(filters, request())
    assert isinstance(outcome.value, HttpRequest)
    assert outcome.value.metadata["envoy.filters.http.rbac"] == {
        "istio_ext_authz_shadow_engine_result": "denied",
        "istio_ext_authz_shadow_effective_policy_id": "istio-ext-authz-x",
    }


def test_undecided_shadow_rules_whose_result_is_read_have_two_outcomes() -> None:
    shadow = {"action": "DENY", "policies": {"istio-ext-authz-x": policy(principal=NAMED)}}
    for prefix, count in (("istio_ext_authz_", 2), ("istio_dry_run_deny_", 1)):
        filters = filter_list(entry("rbac.v3.RBAC", shadow_rules=shadow, shadow_rules_stat_prefix=prefix))
        results = outcomes(filters, request(), context(**TLS))
        assert [one.probability for one in results] == [None] * 2 if count == 2 else [1.0]


def tree(action: str | None) -> dict[str, Any]:
    header = {
        "@type": "type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput",
        "header_name": ":method",
    }
    leads = {"@type": "type.googleapis.com/envoy.config.rbac.v3.Action", "name": "a b", "action": action}
    single = {"input": {"name": "i", "typed_config": header}, "value_match": {"exact": "GET"}}
    matcher = {"predicate": {"single_predicate": single}, "on_match": {"action": {"name": "a", "typed_config": leads}}}
    return {"matcher_list": {"matchers": [matcher]}}


@pytest.mark.parametrize(
    ("action", "method", "expected"),
    [
        ("ALLOW", "GET", None),
        ("LOG", "GET", None),
        ("DENY", "GET", denied("a_b")),
        ("ALLOW", "PUT", denied("none")),
    ],
)
def test_a_matcher_tree_decides_by_its_action(action: str, method: str, expected: Any) -> None:
    filters = filter_list(entry("rbac.v3.RBAC", matcher=tree(action)))
    assert access_log(answer(filters, request(method=method))) == expected


@given(st.lists(st.sampled_from(["yes", "no", "unknown"]), max_size=6), st.sampled_from(["ALLOW", "DENY"]))
def test_deny_is_the_opposite_of_allow_for_any_policies(answers: list[str], action: str) -> None:
    kinds = {"yes": policy(), "no": policy({"not_rule": ANY}), "unknown": policy(principal=NAMED)}
    policies = {f"p{index}": kinds[one] for index, one in enumerate(answers)}
    verdict = only(rbac(action, policies), request(), context(**TLS)).steps[0].verdict
    matched = Verdict(Truth("yes" if "yes" in answers else "unknown" if "unknown" in answers else "no"))
    assert verdict == (matched if action == "ALLOW" else ~matched).answer


def test_an_answer_without_explanation_is_the_same_answer() -> None:
    for method in ("GET", "PUT"):
        filters = rbac(one=policy(GET))
        explained = only(filters, request(method=method))
        brief = only(filters, request(method=method), context(explain=False))
        assert isinstance(explained.value, End) == isinstance(brief.value, End)
    assert only(rbac(one=policy()), request(), context(explain=False)).steps == ()

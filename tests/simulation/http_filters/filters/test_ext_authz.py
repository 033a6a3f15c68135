from __future__ import annotations

from typing import Any

from meshscope.simulation.endings import End
from meshscope.simulation.http_filters.filter import Reroute

from ..asking import answer, entry, listed, outcomes, request, scene, scope, told, typed

GRPC_SERVICE = {"envoy_grpc": {"cluster_name": "authz"}}
NEVER = {"default_value": {"numerator": 0}}


def authz(**config: Any) -> Any:
    return listed(entry("ext_authz.v3.ExtAuthz", **{"grpc_service": GRPC_SERVICE, **config}))


def test_the_authorizer_may_allow_or_deny_and_nobody_knows_how_likely_it_is() -> None:
    allowed, denied = outcomes(authz(), request())
    assert (allowed.probability, denied.probability) == (None, None)
    assert allowed.condition == "authz allows it"
    assert isinstance(denied.value, End)
    assert told(denied.value.response) == (403, "UAEX", "ext_authz_denied")


def test_a_filter_that_is_off_asks_nobody_unless_that_denies() -> None:
    assert answer(authz(filter_enabled=NEVER), request()) is None
    strict = authz(filter_enabled=NEVER, deny_at_disable={"default_value": True})
    assert told(answer(strict, request())) == (403, "UAEX", "ext_authz_error")
    assert answer(authz(), request(), scene(route=scope(typed("ext_authz.v3.ExtAuthzPerRoute", disabled=True)))) is None


def test_metadata_of_shadow_rules_says_whether_it_is_asked() -> None:
    wanted = {
        "filter": "envoy.filters.http.rbac",
        "path": [{"key": "p_shadow_effective_policy_id"}],
        "value": {"string_match": {"prefix": "istio-ext-authz"}},
    }
    metadata = {"envoy.filters.http.rbac": {"p_shadow_effective_policy_id": "istio-ext-authz-ns[a]"}}
    assert answer(authz(filter_enabled_metadata=wanted), request()) is None
    assert len(outcomes(authz(filter_enabled_metadata=wanted), request(metadata=metadata))) == 2


def test_a_share_and_the_authorizer_are_three_outcomes() -> None:
    found = outcomes(authz(filter_enabled={"default_value": {"numerator": 40}}), request())
    assert [one.probability for one in found] == [None, None, 0.6]


def test_an_authorizer_that_clears_the_route_cache_asks_for_another_route() -> None:
    allowed = outcomes(authz(clear_route_cache=True), request())[0].value
    assert allowed == Reroute(request(), resume=1)

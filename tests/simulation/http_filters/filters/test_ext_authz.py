from __future__ import annotations

from typing import Any

from meshscope.simulation.endings import End
from meshscope.simulation.http_filters.filter import Reroute

from ..walks import access_log, answer, context, entry, filter_list, outcomes, request, scope, typed

GRPC_SERVICE = {"envoy_grpc": {"cluster_name": "authz"}}
NEVER = {"default_value": {"numerator": 0}}


def authz(**config: Any) -> Any:
    return filter_list(entry("ext_authz.v3.ExtAuthz", **{"grpc_service": GRPC_SERVICE, **config}))


def test_the_authorizer_allows_or_denies_with_unknown_probabilities() -> None:
    allowed, denied = outcomes(authz(), request())
    assert (allowed.probability, denied.probability) == (None, None)
    assert allowed.condition == "authz allows it"
    assert isinstance(denied.value, End)
    assert access_log(denied.value.response) == (403, "UAEX", "ext_authz_denied")


def test_a_disabled_filter_calls_no_server_and_denies_only_with_deny_at_disable() -> None:
    assert answer(authz(filter_enabled=NEVER), request()) is None
    strict = authz(filter_enabled=NEVER, deny_at_disable={"default_value": True})
    assert access_log(answer(strict, request())) == (403, "UAEX", "ext_authz_error")
    assert (
        answer(authz(), request(), context(route=scope(typed("ext_authz.v3.ExtAuthzPerRoute", disabled=True)))) is None
    )


def test_metadata_of_shadow_rules_decides_whether_the_authorizer_is_called() -> None:
    wanted = {
        "filter": "envoy.filters.http.rbac",
        "path": [{"key": "p_shadow_effective_policy_id"}],
        "value": {"string_match": {"prefix": "istio-ext-authz"}},
    }
    metadata = {"envoy.filters.http.rbac": {"p_shadow_effective_policy_id": "istio-ext-authz-ns[a]"}}
    assert answer(authz(filter_enabled_metadata=wanted), request()) is None
    assert len(outcomes(authz(filter_enabled_metadata=wanted), request(metadata=metadata))) == 2


def test_a_share_with_an_authorizer_has_three_outcomes() -> None:
    results = outcomes(authz(filter_enabled={"default_value": {"numerator": 40}}), request())
    assert [one.probability for one in results] == [None, None, 0.6]


def test_an_authorizer_that_clears_the_route_cache_reroutes() -> None:
    allowed = outcomes(authz(clear_route_cache=True), request())[0].value
    assert allowed == Reroute(request(), resume=1)

from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation import hints
from meshscope.simulation.connection import Connection, Envoy, Peer
from meshscope.simulation.endings import End
from meshscope.simulation.listener.network_rbac import NetworkRbac
from meshscope.simulation.outcome import Outcome
from meshscope.xds.rbac import RBAC

from ..reading import read

ANY = {"any": True}
CLIENT = Connection(
    source_ip="10.0.0.9",
    destination_ip="10.0.0.1",
    destination_port=5432,
    sni="db.shop",
    tls=True,
    peer=Peer(presented=True, uri_sans=("spiffe://td/ns/shop/sa/web",)),
)


def policy(permission: dict[str, Any] = ANY, principal: dict[str, Any] = ANY) -> dict[str, Any]:
    return {"permissions": [permission], "principals": [principal]}


def outcomes(config: dict[str, Any], client: Connection = CLIENT, **more: Any) -> tuple[Outcome[dict[str, Any]], ...]:
    filters = NetworkRbac("rbac", read(RBAC, config))
    return filters(client, more.pop("metadata", {}), Envoy(), terminates_tls=client.tls, **more)


def details(results: tuple[Outcome[dict[str, Any]], ...]) -> str | None:
    (outcome,) = results
    if not isinstance(outcome.value, End):
        return None
    assert outcome.value.response is not None
    assert (outcome.value.response.code, outcome.value.response.flags) == (0, "-")
    return outcome.value.response.details


@pytest.mark.parametrize(
    ("rule", "allowed"),
    [
        (policy({"destination_port": 5432}), True),
        (policy({"destination_port": 5433}), False),
        (policy({"destination_port_range": {"start": 5432, "end": 5433}}), True),
        (policy({"destination_port_range": {"start": 5400, "end": 5432}}), False),
        (policy({"destination_ip": {"address_prefix": "10.0.0.0", "prefix_len": 24}}), True),
        (policy({"destination_ip": {"address_prefix": "fd00::", "prefix_len": 8}}), False),
        (policy({"requested_server_name": {"suffix": ".shop"}}), True),
        (policy({"header": {"name": ":method", "present_match": True}}), False),
        (policy({"url_path": {"path": {"prefix": ""}}}), False),
        (policy(principal={"source_ip": {"address_prefix": "10.0.0.9", "prefix_len": 32}}), True),
        (policy(principal={"remote_ip": {"address_prefix": "10.0.0.9", "prefix_len": 32}}), True),
        (policy(principal={"authenticated": {"principal_name": {"prefix": "spiffe://td/ns/shop/"}}}), True),
        (policy(principal={"authenticated": {"principal_name": {"prefix": "spiffe://td/ns/other/"}}}), False),
    ],
)
def test_only_facts_of_the_connection_count(rule: dict[str, Any], allowed: bool) -> None:
    actual = details(outcomes({"rules": {"policies": {"a b": rule}}}))
    assert actual == (None if allowed else "rbac_access_denied_matched_policy[none]")


def test_a_denial_names_the_policy_and_its_owner() -> None:
    name = "ns[shop]-policy[no db]-rule[1]"
    (outcome,) = outcomes({"rules": {"action": "DENY", "policies": {name: policy()}}})
    assert details((outcome,)) == "rbac_access_denied_matched_policy[ns[shop]-policy[no_db]-rule[1]]"
    assert outcome.steps[0].owner == "AuthorizationPolicy shop/no db rules[1]"


@pytest.mark.parametrize(
    ("client", "rule", "hint"),
    [
        (Connection(tls=True), policy(principal={"authenticated": {"principal_name": {"exact": "x"}}}), hints.IDENTITY),
        (
            Connection(),
            policy(principal={"source_ip": {"address_prefix": "10.0.0.9", "prefix_len": 32}}),
            hints.SOURCE_ADDRESS,
        ),
        (Connection(), policy({"destination_port": 1}), hints.DESTINATION),
    ],
)
def test_a_fact_that_is_not_given_is_unknown_with_a_hint(
    client: Connection, rule: dict[str, Any], hint: hints.Hint
) -> None:
    (outcome,) = outcomes({"rules": {"policies": {"p": rule}}}, client)
    assert outcome.assuming
    assert outcome.steps[0].verdict == "unknown"
    assert outcome.steps[0].hint is hint


def test_a_pipe_has_no_address_that_a_range_could_hold() -> None:
    pipe = Connection(is_ip=False)
    assert details(outcomes({"rules": {"policies": {"p": policy({"destination_port": 1})}}}, pipe)) is not None


def test_shadow_rules_write_metadata_for_the_next_filter() -> None:
    shadow = {"action": "DENY", "policies": {"istio-ext-authz-x": policy()}}
    (outcome,) = outcomes(
        {"shadow_rules": shadow, "shadow_rules_stat_prefix": "istio_ext_authz_"}, metadata={"n": {"k": 1}}
    )
    assert outcome.value == {
        "n": {"k": 1},
        "envoy.filters.network.rbac": {
            "istio_ext_authz_shadow_engine_result": "denied",
            "istio_ext_authz_shadow_effective_policy_id": "istio-ext-authz-x",
        },
    }


def test_no_rules_pass_and_empty_rules_deny() -> None:
    assert details(outcomes({})) is None
    assert details(outcomes({"rules": {}})) == "rbac_access_denied_matched_policy[none]"
    assert outcomes({}, explain=False)[0].steps == ()

"""XBackendTrafficPolicies on the clusters of a sidecar: retry budgets, and what istiod reads nothing of."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.effect.answer import RuleEffect, State

from ...mesh.meshes import bootstrap, clusters, dump, manifest
from ..gateway_api.small_mesh import SIDECAR, cluster, judged, mesh
from ..test_gateway_api_flags import istiod
from .test_backend_tls_policy import TWO_PORTS, rule, tls
from .test_backend_tls_policy import policy as tls_policy

Json = Any
IN, PARTLY, NOT, UNKNOWN = State.IN_EFFECT, State.PARTLY, State.NOT_IN_EFFECT, State.UNKNOWN
GROUP, ALPHA = "gateway.networking.x-k8s.io", "PILOT_ENABLE_ALPHA_GATEWAY_API"
ASKED = {"budget": {"percent": 30}, "minRetryRate": {"count": 5, "interval": "1s"}}


def budget(percent: float = 30, least: int = 5, interval: str = "10s") -> Json:
    found = {"budget_percent": {"value": percent}, "min_retry_concurrency": least}
    limits = {**found, **({"budget_interval": interval} if interval else {})}
    return {"circuit_breakers": {"thresholds": [{"retry_budget": limits}]}}


def policy(
    *names: str, name: str = "p", kind: str = "Service", group: str = "", annotations: Json = None, **spec: Json
) -> Json:
    refs = [{"group": group, "kind": kind, "name": one} for one in names or ("a",)]
    spec = {"targetRefs": refs, **(spec or {"retryConstraint": ASKED})}
    return manifest("XBackendTrafficPolicy", name, GROUP, metadata={"annotations": annotations or {}}, spec=spec)


def found(
    *objects: Json, made: Json = None, version: str = "1.31.0", ref: str = "XBackendTrafficPolicy shop/p"
) -> dict[str, RuleEffect]:
    head = bootstrap("client-1.shop")
    head["bootstrap"]["node"]["metadata"] = {"NAMESPACE": "shop", "LABELS": {}, "ISTIO_VERSION": version}
    bodies = {cluster("a"): budget(), **(made or {})}
    proxy = dump(
        head, clusters(*({"name": name, **body} for name, body in bodies.items())), kind="config_dump", owner=SIDECAR
    )
    return {one.rule: one for one in judged(mesh(proxy, objects=[TWO_PORTS, *objects]), ref)}


@pytest.mark.parametrize(
    ("asked", "made", "version", "state", "because"),
    [
        (policy(), budget(), "1.31.0", IN, f"cluster {cluster('a')}"),
        (policy(), budget(interval=""), "1.30.3", IN, ""),
        (policy(), budget(interval=""), "1.31.0", PARTLY, "circuit_breakers.retry_budget.budget_interval is absent"),
        (policy(), budget(20), "1.31.0", PARTLY, "retry_budget.budget_percent is 20%, 30% was expected"),
        (policy(), {}, "1.31.0", PARTLY, "circuit_breakers.retry_budget is absent, on was expected"),
        (policy(retryConstraint={}), budget(20, 10), "1.31.0", IN, ""),
        (policy(), budget(), "1.26.2", UNKNOWN, "before its version 1.27 is not modelled"),
        (policy(), budget(), "1.25.0", NOT, "istiod reads it since its version 1.26"),
        (policy("zz"), budget(), "1.31.0", NOT, "no service has the host zz"),
        (policy(kind="Pod"), budget(), "1.31.0", NOT, "istiod knows no target of kind Pod"),
        (policy(kind="ServiceEntry", group="networking.istio.io"), budget(), "1.31.0", UNKNOWN, "kind ServiceEntry"),
        (policy(annotations={"istio.io/ignore-policy-attachment": "true"}), budget(), "1.31.0", NOT, "its annotation"),
    ],
)
def test_a_target(asked: Json, made: Json, version: str, state: State, because: str) -> None:
    answer = found(asked, made={cluster("a"): made}, version=version)["targetRefs[0]"]
    assert answer.state is state
    assert because in answer.because


def test_istiod_makes_nothing_of_sessions() -> None:
    answers = found(policy(sessionPersistence={"type": "Cookie"}))
    assert {name: (one.state, one.because) for name, one in answers.items()} == {
        "targetRefs[0]": (NOT, "it has no retryConstraint, and istiod reads nothing else of it"),
        "sessionPersistence": (NOT, "istiod makes nothing of the sessionPersistence of a policy"),
    }


def test_it_needs_a_flag() -> None:
    assert found(policy(), istiod({ALPHA: "true"}))["targetRefs[0]"].state is IN
    answer = found(policy(), istiod({}))["targetRefs[0]"]
    assert answer.state is NOT
    assert f"reads no XBackendTrafficPolicy: {ALPHA} is not true" in answer.because


def test_of_two_for_a_target_the_first_counts_whatever_it_says() -> None:
    empty = policy(name="o", sessionPersistence={})
    answer = found(empty, policy())["targetRefs[0]"]
    assert answer.state is NOT
    assert answer.because.startswith("XBackendTrafficPolicy shop/o targetRefs[0] is for the same")
    assert found(policy("two", name="o"), policy())["targetRefs[0]"].state is IN


def test_beside_a_policy_of_tls_each_answers_for_its_own() -> None:
    asked = policy(), tls_policy(name="q")
    for made, own, other in (
        ({**tls(), **budget()}, IN, IN),
        (budget(), IN, PARTLY),
        (tls(), PARTLY, IN),
    ):
        assert found(*asked, made={cluster("a"): made})["targetRefs[0]"].state is own
        answers = found(*asked, made={cluster("a"): made}, ref="BackendTLSPolicy shop/q")
        assert answers["targetRefs[0]"].state is other


def test_each_loses_to_a_destination_rule_by_itself() -> None:
    """Beside each other they are one rule of istiod's, of which one part is lost and the other is not."""
    asked = policy(), tls_policy(name="q")
    made = {cluster("a"): {**tls(), **budget(20, 3, "")}}
    own = rule(retryBudget={"percent": 20})
    answer = found(*asked, own, made=made)["targetRefs[0]"]
    assert answer.state is NOT
    assert "DestinationRule shop/own for the same host counts on port 80" in answer.because
    assert found(*asked, own, made=made, ref="BackendTLSPolicy shop/q")["targetRefs[0]"].state is IN
    made = {cluster("a"): budget()}
    own = rule(tls={"mode": "DISABLE"})
    assert found(*asked, own, made=made)["targetRefs[0]"].state is IN
    assert found(*asked, own, made=made, ref="BackendTLSPolicy shop/q")["targetRefs[0]"].state is NOT


def test_a_port_with_tls_of_its_own_has_no_budget() -> None:
    asked = policy("two"), tls_policy({"name": "two", "sectionName": "http-80"}, name="q")
    good = {cluster("two", 80): tls(), cluster("two", 443): budget()}
    answer = found(*asked, made=good)["targetRefs[0]"]
    assert answer.state is PARTLY
    assert "a BackendTLSPolicy has port 80, whose settings stand in place of all others" in answer.because
    assert found(asked[0], made={**good, cluster("two", 80): budget()})["targetRefs[0]"].state is IN

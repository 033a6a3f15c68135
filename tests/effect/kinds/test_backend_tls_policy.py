"""BackendTLSPolicies on the clusters of a gateway and a sidecar: what may keep one from them, and near misses."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.effect.answer import RuleEffect, State
from meshscope.effect.configuration import Configuration
from meshscope.effect.gateway_api.credentials import ends_as

from ...mesh.meshes import TLS, bootstrap, clusters, dump, manifest
from ..gateway_api.small_mesh import GROUP, SIDECAR, cluster, judged, mesh, service

Json = Any
IN, PARTLY, NOT = State.IN_EFFECT, State.PARTLY, State.NOT_IN_EFFECT
AUTHORITY = {"group": "", "kind": "ConfigMap", "name": "ca"}
TWO_PORTS = service("two", 80, 443)


def policy(*targets: Json, name: str = "p", created: str = "", annotations: Json = None, **validation: Json) -> Json:
    named = [{"group": "", "kind": "Service", **target} for target in targets or ({"name": "a"},)]
    metadata: Json = {"annotations": annotations or {}, **({"creationTimestamp": created} if created else {})}
    asked = {"hostname": "a.internal", "caCertificateRefs": [AUTHORITY], **validation}
    return manifest("BackendTLSPolicy", name, GROUP, metadata=metadata, spec={"targetRefs": named, "validation": asked})


def tls(sni: str = "a.internal", *names: str) -> Json:
    trusted = [{"san_type": "DNS", "matcher": {"exact": name}} for name in names]
    combined = {"default_validation_context": {"match_typed_subject_alt_names": trusted}} if names else {}
    context = {
        "@type": f"{TLS}UpstreamTlsContext",
        "sni": sni,
        "common_tls_context": {"combined_validation_context": combined},
    }
    return {"transport_socket": {"name": "envoy.transport_sockets.tls", "typed_config": context}}


def found(
    *objects: Json, made: Json = None, ref: str = "BackendTLSPolicy shop/p", version: str = "1.31.0"
) -> dict[str, RuleEffect]:
    """On a sidecar with these clusters, by their names."""
    head = bootstrap("client-1.shop")
    head["bootstrap"]["node"]["metadata"] = {"NAMESPACE": "shop", "LABELS": {"app": "client"}, "ISTIO_VERSION": version}
    bodies = {cluster("a"): tls(), **(made or {})}
    proxy = dump(
        head, clusters(*({"name": name, **body} for name, body in bodies.items())), kind="config_dump", owner=SIDECAR
    )
    return {one.rule: one for one in judged(mesh(proxy, objects=[TWO_PORTS, *objects]), ref)}


@pytest.mark.parametrize(
    ("asked", "made", "state", "because"),
    [
        ({}, tls(), IN, f"cluster {cluster('a')}"),
        ({}, {}, PARTLY, "tls is DISABLE, SIMPLE was expected"),
        ({}, tls("b.internal"), PARTLY, "tls.sni is b.internal, a.internal was expected"),
        ({"wellKnownCACertificates": "System", "caCertificateRefs": []}, tls(), IN, ""),
        ({"subjectAltNames": [{"type": "Hostname", "hostname": "x"}]}, tls("a.internal", "x"), IN, ""),
        ({"subjectAltNames": [{"type": "Hostname", "hostname": "x"}]}, tls(), PARTLY, "tls.subject_alt_names"),
        ({"caCertificateRefs": [{**AUTHORITY, "kind": "Secret"}]}, tls(), NOT, "its certificate authority is a Secret"),
    ],
)
def test_a_target(asked: Json, made: Json, state: State, because: str) -> None:
    answer = found(policy(**asked), made={cluster("a"): made})["targetRefs[0]"]
    assert answer.state is state
    assert because in answer.because
    assert answer.proxy == "client-1.shop"


def test_a_port_of_its_own_is_apart() -> None:
    asked = (
        policy({"name": "two"}, {"name": "two", "sectionName": "http-443"}),
        policy({"name": "two", "sectionName": "nope"}, name="q"),
    )
    good = {cluster("two", 80): tls(), cluster("two", 443): tls()}
    assert {one.state for one in found(*asked, made=good).values()} == {IN}
    answers = found(*asked, made={**good, cluster("two", 443): {}})
    assert {name: one.state for name, one in answers.items()} == {"targetRefs[0]": IN, "targetRefs[1]": PARTLY}
    (answer,) = found(*asked, made=good, ref="BackendTLSPolicy shop/q").values()
    assert (answer.state, answer.because) == (NOT, "two.shop.svc.cluster.local has no port nope")


@pytest.mark.parametrize(
    ("data", "state"),
    [({"ca.crt": "x"}, IN), ({"cacert": "x"}, IN), ({"ca.pem": "x"}, NOT), ({"ca.crt": ""}, NOT), ({}, NOT)],
)
def test_authorities_that_a_config_map_of_the_input_does_not_have(data: Json, state: State) -> None:
    answer = found(policy(), manifest("ConfigMap", "ca", data=data))["targetRefs[0]"]
    assert answer.state is state
    assert ("ConfigMap shop/ca has no certificate under cacert or ca.crt" in answer.because) is (state is NOT)
    assert found(policy(), manifest("ConfigMap", "other", data=data))["targetRefs[0]"].state is IN


HOST = {"hosts": ["x.example"], "ports": [{"number": 443, "protocol": "TLS"}]}
ENTRY = manifest("ServiceEntry", "se", "networking.istio.io", spec=HOST)


@pytest.mark.parametrize(
    ("target", "version", "state"),
    [
        ({"name": "two", "sectionName": "http-80"}, "1.28.0", IN),
        ({"name": "two", "sectionName": "http-80"}, "1.27.3", State.UNKNOWN),
        ({"name": "se", "kind": "ServiceEntry", "group": "networking.istio.io"}, "1.28.0", IN),
        ({"name": "se", "kind": "ServiceEntry", "group": "networking.istio.io"}, "1.27.3", NOT),
    ],
)
def test_targets_that_istiod_takes_since_its_version_1_28(target: Json, version: str, state: State) -> None:
    good = {cluster("two", 80): tls(), cluster("two", 443): {}, "outbound|443||x.example": tls()}
    assert found(policy(target), ENTRY, made=good, version=version)["targetRefs[0]"].state is state


@pytest.mark.parametrize(
    ("version", "becomes"),
    [
        ("1.30.3", "sidecars connect in plain text"),
        ("1.30.4", "connections fail"),
        ("1.31.0", "sidecars connect in plain text"),
        ("1.31.1", "connections fail"),
    ],
)
def test_what_becomes_of_connections_without_authorities(version: str, becomes: str) -> None:
    asked = policy(caCertificateRefs=[{**AUTHORITY, "kind": "Secret"}])
    answer = found(asked, made={cluster("a"): {}}, version=version)["targetRefs[0]"]
    assert answer.state is NOT
    assert answer.because == f"its certificate authority is a Secret, and istiod takes ConfigMaps alone: {becomes}"


def test_it_is_another_thing_at_gateways() -> None:
    assert ends_as("x", "gateway", is_closed=False) == ends_as("x", "", is_closed=True) == "x: connections fail"
    assert ends_as("x", "", is_closed=False) == "x: gateways fail to connect, and sidecars connect in plain text"


@pytest.mark.parametrize(
    ("target", "because"),
    [
        ({"name": "zz"}, "no service has the host zz.shop.svc.cluster.local"),
        ({"name": "a", "kind": "Pod"}, "istiod knows no target of kind Pod"),
        ({"name": "se", "kind": "ServiceEntry", "group": "networking.istio.io"}, "ServiceEntry shop/se does not exist"),
    ],
)
def test_a_target_that_is_no_backend(target: Json, because: str) -> None:
    answer = found(policy(target))["targetRefs[0]"]
    assert answer.state is NOT
    assert because in answer.because


def test_of_two_policies_for_a_target_the_older_counts() -> None:
    old = policy(created="2020-01-01T00:00:00Z", name="z")
    new = policy(created="2021-01-01T00:00:00Z", hostname="b.internal")
    answer = found(old, new)["targetRefs[0]"]
    assert (answer.state, answer.because) == (
        NOT,
        "BackendTLSPolicy shop/z targetRefs[0] is for the same and comes first",
    )
    assert found(old, new, ref="BackendTLSPolicy shop/z")["targetRefs[0]"].state is IN
    answer = found(policy(), policy(name="a"))["targetRefs[0]"]
    assert answer.because.endswith("is for the same; which of both is older is unknown")


@pytest.mark.parametrize(("version", "state"), [("1.25.0", NOT), ("1.30.0", IN), ("1.31.0", NOT)])
def test_which_policies_istiod_reads(version: str, state: State) -> None:
    asked = policy(annotations={"istio.io/ignore-policy-attachment": "true"})
    assert found(asked, version=version)["targetRefs[0]"].state is state


def rule(created: str = "2000-01-01T00:00:00Z", **policy_: Json) -> Json:
    spec = {"host": "a", "trafficPolicy": policy_}
    when = {"creationTimestamp": created} if created else {}
    return manifest("DestinationRule", "own", "networking.istio.io", spec=spec, metadata=when)


@pytest.mark.parametrize("created", ["2000-01-01T00:00:00Z", ""])
def test_before_istio_1_31_a_destination_rule_of_people_is_younger_than_what_istiod_makes(created: str) -> None:
    own = rule(created, tls={"mode": "DISABLE"})
    assert found(policy(), own, version="1.30.3")["targetRefs[0]"].state is IN
    answer = found(own, policy(), ref="DestinationRule shop/own", version="1.30.3")["trafficPolicy"]
    assert (answer.state, answer.because) == (
        NOT,
        "BackendTLSPolicy shop/p for the same host is older, and its trafficPolicy is taken as a whole",
    )
    rules = Configuration(mesh(objects=[own, policy()])).destination_rules
    assert [str(one) for one in rules] == ["BackendTLSPolicy shop/p", "DestinationRule shop/own"]


LIMITED = {"circuit_breakers": {"thresholds": [{"max_requests": 7}]}}
LIMIT: Json = {"connectionPool": {"http": {"http2MaxRequests": 7}}}
PORT = {"port": {"number": 80}}


@pytest.mark.parametrize(
    ("own", "made", "of_policy", "of_rule"),
    [
        ({"tls": {"mode": "DISABLE"}}, {}, NOT, IN),
        ({"tls": {"mode": "DISABLE"}}, tls(), NOT, PARTLY),
        (LIMIT, {**tls(), **LIMITED}, IN, IN),
        (LIMIT, LIMITED, PARTLY, IN),
        (LIMIT, tls(), IN, PARTLY),
        ({"portLevelSettings": [{**PORT, **LIMIT}]}, LIMITED, NOT, IN),
        ({"portLevelSettings": [{"port": {"number": 81}, **LIMIT}]}, tls(), IN, PARTLY),
    ],
)
def test_since_istio_1_31_a_destination_rule_stands_before_the_policy_which_fills_its_gaps(
    own: Json, made: Json, of_policy: State, of_rule: State
) -> None:
    asked = policy(), rule(**own)
    assert found(*asked, made={cluster("a"): made})["targetRefs[0]"].state is of_policy
    answer = found(*asked, made={cluster("a"): made}, ref="DestinationRule shop/own")["trafficPolicy"]
    assert answer.state is of_rule


def test_a_rule_that_is_exported_elsewhere_is_not_merged_with_a_policy() -> None:
    own = rule(**LIMIT)
    own["spec"]["exportTo"] = ["*"]
    answer = found(policy(), own, made={cluster("a"): {**tls(), **LIMITED}})["targetRefs[0]"]
    assert answer.state is NOT
    assert answer.because.endswith("so that istiod does not merge them, and the last one counts)")


def test_settings_of_one_port_are_filled_too() -> None:
    asked = policy({"name": "two", "sectionName": "http-80"}), rule(portLevelSettings=[{**PORT, **LIMIT}])
    asked[1]["spec"]["host"] = "two"
    good = {cluster("two", 80): {**tls(), **LIMITED}, cluster("two", 443): {}}
    assert found(*asked, made=good)["targetRefs[0]"].state is IN
    assert found(*asked, made={**good, cluster("two", 80): LIMITED})["targetRefs[0]"].state is PARTLY

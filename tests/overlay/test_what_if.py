from __future__ import annotations

import msgspec
import pytest

from meshscope.effect.configuration import Configuration
from meshscope.envoy.resource import CLUSTER
from meshscope.mesh.mesh import Mesh
from meshscope.overlay.change import Change, Kind, Reach
from meshscope.overlay.what_if import WhatIf
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.request import Request
from meshscope.xds.cluster import Cluster

from .asking import asked, edited, item, mesh_of, traced, written

REVIEWS = "outbound|9080|{}|reviews.default.svc.cluster.local"


@pytest.fixture
def mesh() -> Mesh:
    return mesh_of("bookinfo")


def canary(**rule: object) -> list[object]:
    """The `http` rules of reviews, the second one with other members."""
    route = [{"destination": {"host": "reviews", "subset": "v1"}, "weight": 90},
             {"destination": {"host": "reviews", "subset": "v3"}, "weight": 10}]  # fmt: skip
    retries = {"attempts": 3, "perTryTimeout": "2s", "retryOn": "gateway-error,connect-failure,refused-stream"}
    jason = {"name": "jason", "match": [{"headers": {"end-user": {"exact": "jason"}}}],
             "route": [{"destination": {"host": "reviews", "subset": "v2"}}]}  # fmt: skip
    return [jason, {"name": "canary", "route": route, "retries": retries, **rule}]


def fields(changes: tuple[Change, ...]) -> set[str]:
    return {each.field for one in changes for each in one.differences}


def test_a_changed_weight_is_a_changed_weight(mesh: Mesh) -> None:
    route = [
        {"destination": {"host": "reviews", "subset": name}, "weight": weight}
        for name, weight in (("v1", 25), ("v3", 75))
    ]
    what_if = WhatIf(mesh, [edited(mesh, "VirtualService default/reviews", http=canary(route=route))])
    assert fields(what_if.changes) == {"route.cluster"}
    before, after = asked(what_if, "productpage", "reviews")
    assert [path.probability for path in before.paths] == [0.9, 0.1]
    assert [path.probability for path in after.paths] == [0.75, 0.25]
    assert [path.hops[0].cluster for path in after.paths] == [REVIEWS.format("v3"), REVIEWS.format("v1")]
    assert what_if.not_rebuilt == ()


def test_a_timeout_is_a_timeout(mesh: Mesh) -> None:
    what_if = WhatIf(mesh, [edited(mesh, "VirtualService default/reviews", http=canary(timeout="3s"))])
    assert fields(what_if.changes) == {"route.timeout"}
    before, after = asked(what_if, "productpage", "reviews")
    assert {path.hops[0].timeout for path in before.paths} == {"0s"}
    assert {path.hops[0].timeout for path in after.paths} == {"3s"}
    assert [path.hops[0].retries for path in before.paths] == [path.hops[0].retries for path in after.paths]


def test_a_header_match_sends_somebody_else(mesh: Mesh) -> None:
    rules = canary()
    rules[0] = {**rules[0], "match": [{"headers": {"end-user": {"prefix": "ann"}}}]}  # type: ignore[dict-item]
    what_if = WhatIf(mesh, [edited(mesh, "VirtualService default/reviews", http=rules)])
    assert fields(what_if.changes) == {"match.headers"}
    before, after = asked(what_if, "productpage", "reviews", ("end-user", "anna"))
    assert [trace.paths[0].hops[0].cluster for trace in (before, after)] == [REVIEWS.format("v1"), REVIEWS.format("v2")]
    before, after = asked(what_if, "productpage", "reviews", ("end-user", "jason"))
    assert [trace.paths[0].hops[0].cluster for trace in (before, after)] == [REVIEWS.format("v2"), REVIEWS.format("v1")]


def test_another_order_of_rules_is_a_move(mesh: Mesh) -> None:
    jason, rest = canary()
    what_if = WhatIf(mesh, [edited(mesh, "VirtualService default/reviews", http=[rest, jason])])
    assert {one.change for one in what_if.changes} == {Kind.VANISHES}  # nothing comes behind a rule for all
    _, after = asked(what_if, "productpage", "reviews", ("end-user", "jason"))
    assert after.paths[0].hops[0].cluster == REVIEWS.format("v1")


def test_a_destination_without_its_subset_ends_in_no_cluster(mesh: Mesh) -> None:
    subsets = [{"name": "v1", "labels": {"version": "v1"}}, {"name": "v2", "labels": {"version": "v2"}}]
    what_if = WhatIf(mesh, [edited(mesh, "DestinationRule default/reviews", subsets=subsets)])
    assert {(one.what, one.change) for one in what_if.changes} == {("cluster", Kind.VANISHES)}
    _, after = asked(what_if, "productpage", "reviews")
    assert [path.disposition for path in after.paths] == [Disposition.DELIVERED, Disposition.NO_CLUSTER]


def test_other_labels_of_a_subset_are_other_endpoints(mesh: Mesh) -> None:
    subsets = [
        {"name": name, "labels": {"version": version}} for name, version in (("v1", "v2"), ("v2", "v2"), ("v3", "none"))
    ]
    what_if = WhatIf(mesh, [edited(mesh, "DestinationRule default/reviews", subsets=subsets)])
    before, after = asked(what_if, "productpage", "reviews")
    now, would = (trace.paths[0].hops[0].endpoints or () for trace in (before, after))
    assert ["v1" in (one.pod or "") for one in now] == [True]
    assert ["v2" in (one.pod or "") for one in would] == [True]
    assert after.paths[1].disposition is Disposition.NO_HEALTHY_UPSTREAM
    assert "endpoints" in {one.what for one in what_if.changes}


def test_a_mode_of_tls_is_the_mode_of_the_connection(mesh: Mesh) -> None:
    policy = {"tls": {"mode": "DISABLE"}}
    what_if = WhatIf(mesh, [edited(mesh, "DestinationRule default/reviews", trafficPolicy=policy)])
    assert "tls" in fields(what_if.changes)
    before, after = asked(what_if, "productpage", "reviews")
    now, would = (trace.paths[0].hops[0].tls for trace in (before, after))
    assert now is not None
    assert (now.mode, would) == ("ISTIO_MUTUAL", None)


def test_limits_and_outliers_are_changed_where_they_stand(mesh: Mesh) -> None:
    policy = {"tls": {"mode": "ISTIO_MUTUAL"}, "loadBalancer": {"simple": "ROUND_ROBIN"},
              "connectionPool": {"tcp": {"maxConnections": 7, "connectTimeout": "2s"}}}  # fmt: skip
    what_if = WhatIf(mesh, [edited(mesh, "DestinationRule default/reviews", trafficPolicy=policy)])
    assert {"lb_policy", "circuit_breakers.max_connections", "connect_timeout"} <= fields(what_if.changes)
    assert {"outlier_detection", "circuit_breakers.max_pending_requests"} <= fields(what_if.changes)


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        ({}, {"budget_percent": {"value": 20.0}, "min_retry_concurrency": 3}),
        ({"percent": 30, "minRetryConcurrency": 5, "budgetInterval": "4s"},
         {"budget_percent": {"value": 30.0}, "min_retry_concurrency": 5, "budget_interval": "4s"}),
    ],
)  # fmt: skip
def test_a_retry_budget_is_written_with_istiods_defaults(mesh: Mesh, budget: object, expected: object) -> None:
    what_if = WhatIf(mesh, [edited(mesh, "DestinationRule default/reviews", trafficPolicy={"retryBudget": budget})])
    assert "circuit_breakers.retry_budget" in fields(what_if.changes)
    client = next(one for one in Configuration(what_if.mesh).clients if one.name.startswith("productpage"))
    resource = client.proxy.resource(CLUSTER, REVIEWS.format("v1"))
    cluster = client.proxy.read(resource, Cluster) if resource else None
    assert isinstance(cluster, Cluster)
    found = cluster.circuit_breakers.thresholds[0].retry_budget
    assert {key: value for key, value in msgspec.to_builtins(found).items() if value} == expected


def test_a_traffic_policy_of_the_gateway_api_is_rebuilt_beside_the_rule_for_the_host(mesh: Mesh) -> None:
    new = written(
        "apiVersion: gateway.networking.x-k8s.io/v1alpha1\nkind: XBackendTrafficPolicy\nmetadata: {name: new}\n"
        "spec: {targetRefs: [{group: '', kind: Service, name: reviews}], retryConstraint: {budget: {percent: 30}}}\n"
    )
    what_if = WhatIf(mesh, new)
    assert not what_if.not_rebuilt
    assert {one.partition("retry_budget")[0] for one in fields(what_if.changes)} == {"circuit_breakers."}


def test_a_new_virtual_service_takes_the_place_of_the_default_route(mesh: Mesh) -> None:
    new = written(
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: details}\n"
        "spec:\n  hosts: [details]\n  http:\n  - fault: {abort: {httpStatus: 418, percentage: {value: 100}}}\n"
        "    route: [{destination: {host: details}}]\n"
    )
    what_if = WhatIf(mesh, new)
    before, after = asked(what_if, "productpage", "details")
    assert before.is_well
    response = after.paths[0].response
    assert response is not None
    assert response.code == 418
    owners = {step.owner for step in after.paths[0].hops[0].steps if step.owner}
    assert "VirtualService default/details" in owners


def test_a_second_object_for_one_host_loses_to_the_older_one(mesh: Mesh) -> None:
    new = written(
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: aaa}\n"
        "spec:\n  hosts: [reviews]\n  http: [{route: [{destination: {host: ratings}}]}]\n"
    )
    what_if = WhatIf(mesh, new)
    assert [one for one in what_if.changes if "reviews.default" in one.name] == []
    assert what_if.not_rebuilt == ()


def test_a_host_of_no_service_gets_a_virtual_host_on_port_80(mesh: Mesh) -> None:
    new = written(
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: old}\n"
        "spec:\n  hosts: [old.example.com]\n  http: [{route: [{destination: {host: reviews, port: {number: 9080}}}]}]\n"
    )
    what_if = WhatIf(mesh, new)
    assert {one.change for one in what_if.changes} == {Kind.MADE}
    assert {one.name.split("/")[0] for one in what_if.changes} == {"80"}


def test_an_allow_policy_denies_everybody_else(mesh: Mesh) -> None:
    new = written(
        "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: reviews}\n"
        "spec:\n  selector: {matchLabels: {app: reviews}}\n"
        "  rules: [{from: [{source: {principals: [cluster.local/ns/default/sa/nobody]}}]}]\n"
    )
    what_if = WhatIf(mesh, new)
    assert {(one.what, one.change) for one in what_if.changes} == {("policy", Kind.MADE)}
    assert all("reviews" in one.proxy for one in what_if.changes)
    before, after = asked(what_if, "productpage", "reviews")
    assert {path.disposition for path in before.paths} == {Disposition.DELIVERED}
    assert {path.disposition for path in after.paths} == {Disposition.DENIED}


@pytest.mark.parametrize(
    ("kind", "group", "spec", "touches"),
    [
        (
            "Sidecar",
            "networking.istio.io/v1",
            "{egress: [{port: {number: 9080, protocol: HTTP, name: http}, bind: 127.0.0.1, hosts: ['./*']}]}",
            True,
        ),
        ("Telemetry", "telemetry.istio.io/v1", "{}", False),
        (
            "XBackend",
            "gateway.networking.x-k8s.io/v1alpha1",
            "{type: ExternalHostname, externalHostname: {hostname: x.example}, port: {port: 80}}",
            True,
        ),
        ("ServiceImport", "multicluster.x-k8s.io/v1alpha1", "{type: ClusterSetIP, ports: [{port: 80}]}", True),
        ("Pod", "v1", "{}", True),
        ("Deployment", "apps/v1", "{}", False),
    ],
)
def test_what_is_not_rebuilt_makes_unknown_what_it_decides_about(  # a table's columns
    mesh: Mesh, kind: str, group: str, spec: str, *, touches: bool
) -> None:
    new = written(f"apiVersion: {group}\nkind: {kind}\nmetadata: {{name: new, namespace: default}}\nspec: {spec}\n")
    what_if = WhatIf(mesh, new)
    assert what_if.not_rebuilt
    _, after = asked(what_if, "productpage", "reviews", ("end-user", "jason"))
    path = after.paths[0]
    if touches:
        assert (path.disposition, path.if_passed) == (Disposition.UNKNOWN, Disposition.DELIVERED)
        assert f"{kind} default/new" in path.assuming[0]
    else:
        assert path.disposition is Disposition.DELIVERED


def test_a_manifest_that_does_not_read_is_told(mesh: Mesh) -> None:
    new = written(
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: reviews}\nspec: {http: 3}\n"
    )
    what_if = WhatIf(mesh, new)
    assert "it does not read" in str(what_if.not_rebuilt[0])
    assert what_if.not_rebuilt[0].decides is Reach.REQUESTS


def test_another_spelling_of_the_same_object_is_no_change(mesh: Mesh) -> None:
    same = edited(mesh, "VirtualService default/reviews")
    assert WhatIf(mesh, [same]).applied == ()
    assert WhatIf(mesh, [item(mesh, "VirtualService default/reviews")]).applied == ()


SERVICE = """apiVersion: v1
kind: Service
metadata: {name: extra, namespace: default}
spec: {ports: [{port: 80, name: http}]}
"""


def test_a_new_service_decides_about_its_own_host_alone(mesh: Mesh) -> None:
    what_if = WhatIf(mesh, written(SERVICE))
    before, after = asked(what_if, "productpage", "reviews")
    assert [path.disposition for path in before.paths] == [path.disposition for path in after.paths]
    after = what_if.doubted(
        traced(what_if.mesh, Request(source="productpage", dest="http://extra/", to="10.96.9.9:80"))
    )
    assert after.paths[0].disposition is Disposition.UNKNOWN


def test_what_the_api_server_refuses_is_not_applied(mesh: Mesh) -> None:
    route = [{"destination": {"host": "reviews", "subset": "v1"}, "weight": "much"}]
    what_if = WhatIf(mesh, [edited(mesh, "VirtualService default/reviews", http=canary(route=route))])
    assert any("the API server refuses the object" in one.because for one in what_if.not_rebuilt)
    _, after = asked(what_if, "productpage", "details")
    assert after.paths[0].disposition is Disposition.UNKNOWN


def test_a_field_that_the_api_server_drops_is_a_note(mesh: Mesh) -> None:
    what_if = WhatIf(mesh, [edited(mesh, "VirtualService default/reviews", http=canary(timeuot="3s"))])
    (note,) = what_if.not_rebuilt
    assert (note.decides, "did you mean" in note.because) == (Reach.NOTHING, True)


def test_a_cluster_that_a_sidecar_does_not_know_yet_is_not_foretold() -> None:
    mesh = mesh_of("services")
    own = written(
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: out, namespace: closed}\n"
        "spec:\n  hosts: [rest.team-a.svc.cluster.local]\n"
        "  http: [{route: [{destination: {host: app.default.svc.cluster.local}}]}]\n"
    )
    what_if = WhatIf(mesh, own)
    told = [one for one in what_if.not_rebuilt if one.decides is Reach.CLUSTER and "inmate" in (one.proxy or "")]
    assert [one.name for one in told] == ["outbound|80||app.default.svc.cluster.local"]


@pytest.mark.parametrize(("address", "is_refused"), [("db.example", True), ("10.9.9.9", False)])
def test_a_name_among_static_endpoints_is_refused(address: str, *, is_refused: bool) -> None:
    mesh = mesh_of("services")
    entry = edited(mesh, "ServiceEntry default/vm-static", endpoints=[{"address": address}])
    told = [one for one in WhatIf(mesh, [entry]).not_rebuilt if "refuses the object" in one.because]
    assert [(one.decides, one.because.partition(":")[0]) for one in told] == (
        [(Reach.REQUESTS, "spec.endpoints[0].address")] if is_refused else []
    )


def test_locality_priorities_come_with_outlier_detection() -> None:
    """One of two endpoints is in the region of the client."""
    mesh = mesh_of("services")
    body = {"host": "vm.static.example", "trafficPolicy": {"outlierDetection": {"interval": "5s"}}}
    what_if = WhatIf(mesh, [edited(mesh, "DestinationRule default/vm-static", **body)])
    found = [one for one in what_if.changes if one.what == "endpoints" and one.proxy.startswith("sleep")]
    assert {one.name for one in found} == {"outbound|80||vm.static.example", "outbound|6379||vm.static.example"}
    assert {str(each) for one in found for each in one.differences} == {
        "priority of region-2/zone-c is 0, 1 was expected"
    }


STRICT = """apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: default}
spec: {mtls: {mode: STRICT}}
"""


def test_strict_refuses_plain_text_and_lets_the_mesh_in(mesh: Mesh) -> None:
    what_if = WhatIf(mesh, written(STRICT))
    assert {(one.what, one.after) for one in what_if.changes} == {("filter chains", "STRICT")}
    assert what_if.not_rebuilt == ()
    before, after = asked(what_if, "productpage", "details")
    assert [trace.is_well for trace in (before, after)] == [True, True]
    plain = edited(mesh, "DestinationRule default/details", trafficPolicy={"tls": {"mode": "DISABLE"}})
    before, after = asked(WhatIf(mesh, [plain]), "productpage", "details")
    assert after.is_well
    _, after = asked(WhatIf(mesh, [plain, *written(STRICT)]), "productpage", "details")
    assert {path.disposition for path in after.paths} == {Disposition.NO_FILTER_CHAIN}


TOKENS = """apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: reviews, namespace: default}
spec:
  selector: {matchLabels: {app: reviews}}
  jwtRules: [{issuer: me, jwks: '{"keys": []}'}, {issuer: others, jwksUri: "https://keys.example/x"}]
"""


def test_a_token_is_checked_and_none_is_needed(mesh: Mesh) -> None:
    what_if = WhatIf(mesh, written(TOKENS))
    assert {(one.what, one.change) for one in what_if.changes} == {("token filter", Kind.MADE)}
    assert {one.decides for one in what_if.not_rebuilt} == {Reach.NOTHING}
    _, after = asked(what_if, "productpage", "reviews")
    assert after.is_well
    _, after = asked(what_if, "productpage", "reviews", ("authorization", "Bearer not-a-token"))
    assert {path.disposition for path in after.paths} == {Disposition.DENIED}


def test_where_a_tcp_rule_leads_is_rebuilt() -> None:
    mesh = mesh_of("gateways")
    tcp = [{"match": [{"port": 9000}], "route": [
        {"destination": {"host": "raw", "port": {"number": 9000}}, "weight": 30},
        {"destination": {"host": "frontend", "port": {"number": 80}}, "weight": 70}]}]  # fmt: skip
    what_if = WhatIf(mesh, [edited(mesh, "VirtualService default/edge-raw", tcp=tcp)])
    assert what_if.not_rebuilt == ()
    assert [(one.what, [each.field for each in one.differences]) for one in what_if.changes] == [
        ("filter chain", ["tcp_proxy.cluster"])
    ]
    assert "frontend.default.svc.cluster.local 70" in (what_if.changes[0].after or "")


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("kind: ConfigMap\nmetadata: {name: app}\ndata: {a: b}", False),
        ("kind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata: {mesh: ''}", True),
        ("kind: Namespace\nmetadata: {name: fresh}", False),
        ("kind: Secret\nmetadata: {name: plain}\ntype: Opaque", False),
        ("kind: Secret\nmetadata: {name: cert}\ntype: kubernetes.io/tls", False),
    ],
)
def test_what_istiod_does_not_read_is_no_matter(mesh: Mesh, text: str, *, is_told: bool) -> None:
    assert bool(WhatIf(mesh, written(f"apiVersion: v1\n{text}\n")).not_rebuilt) is is_told


ORIGINATION = """apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: partner, namespace: default}
spec: {host: api.partner.example, trafficPolicy: {tls: %s}}
"""


@pytest.mark.parametrize(
    ("tls", "fields"),
    [
        ("{mode: SIMPLE, sni: a.example}", {"tls.sni", "tls.verification"}),
        (
            "{mode: SIMPLE, caCertificates: /etc/ca.pem, subjectAltNames: [b.example]}",
            {"tls.sni", "tls.subject_alt_names", "tls.verification"},
        ),
        (
            "{mode: MUTUAL, clientCertificate: /a, privateKey: /b, caCertificates: /c}",
            {"tls", "tls.sni", "tls.verification"},
        ),
        ("{mode: DISABLE}", {"tls", "tls.sni", "tls.verification"}),
    ],
)
def test_certificates_of_ones_own_are_files(tls: str, fields: set[str]) -> None:
    what_if = WhatIf(mesh_of("gateways"), written(ORIGINATION % tls))
    assert what_if.not_rebuilt == ()
    own = [one for one in what_if.changes if one.name == "outbound|443||api.partner.example"]
    assert {each.field for one in own for each in one.differences} == fields


@pytest.mark.parametrize(
    "tls", ["{mode: SIMPLE, credentialName: partner}", "{mode: MUTUAL}", "{mode: SIMPLE, caCrl: /etc/crl.pem}"]
)
def test_certificates_that_are_not_known_are_named(tls: str) -> None:
    what_if = WhatIf(mesh_of("gateways"), written(ORIGINATION % tls))
    assert {one.decides for one in what_if.not_rebuilt} == {Reach.CLUSTER}
    assert all("tls of mode" in one.because for one in what_if.not_rebuilt)


OPEN = """apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: open, namespace: %s}
spec: {%smtls: {mode: DISABLE}}
"""


def test_a_workload_without_mutual_tls_tells_clients_by_its_endpoints(mesh: Mesh) -> None:
    what_if = WhatIf(mesh, written(OPEN % ("default", "selector: {matchLabels: {app: details}}, ")))
    fields = {(one.what, each.field.partition(" ")[0]) for one in what_if.changes for each in one.differences}
    assert fields == {("filter chains", "mode"), ("endpoints", "tlsMode")}
    assert what_if.not_rebuilt == ()
    before, after = asked(what_if, "productpage", "details")
    assert before.is_well
    assert after.paths[0].disposition is Disposition.PROTOCOL_ERROR  # a DestinationRule of the demo asks for mutual TLS
    gone = WhatIf(what_if.mesh, [], without=[written(OPEN % ("default", ""))[0].ref])
    before, after = asked(gone, "productpage", "details")
    assert (before.is_well, after.is_well) == (False, True)


def test_a_namespace_without_mutual_tls_tells_clients_by_their_clusters() -> None:
    what_if = WhatIf(mesh_of("services"), written(OPEN % ("team-a", "")))
    told = {(one.name, each.field) for one in what_if.changes if one.what == "cluster" for each in one.differences}
    assert ("outbound|80||rest.team-a.svc.cluster.local", "transport_socket_matches") in told
    before, after = asked(what_if, "sleep", "http://rest.team-a.svc.cluster.local/")
    assert [str(trace.paths[0].hops[0]).count("ISTIO_MUTUAL") > 0 for trace in (before, after)] == [True, False]
    back = WhatIf(what_if.mesh, [], without=[written(OPEN % ("team-a", ""))[0].ref])
    assert {one.name for one in back.changes} == {one.name for one in what_if.changes}
    assert back.not_rebuilt == ()

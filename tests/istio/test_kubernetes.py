from __future__ import annotations

from typing import Any

from meshscope.istio.kubernetes import decode
from meshscope.istio.kubernetes.endpoints import Endpoints, EndpointSlice
from meshscope.istio.kubernetes.ingress import Ingress, IngressClass
from meshscope.istio.kubernetes.label_selector import LabelSelector
from meshscope.istio.kubernetes.namespace import Namespace
from meshscope.istio.kubernetes.node import KubernetesNode
from meshscope.istio.kubernetes.pod import Pod
from meshscope.istio.kubernetes.secret import Secret
from meshscope.istio.kubernetes.service import Service
from meshscope.istio.kubernetes.service_account import ServiceAccount
from meshscope.istio.kubernetes.workload import KINDS, Workload
from meshscope.istio.labels import Labels
from meshscope.istio.manifest import read_objects
from meshscope.snapshot.snapshot import Problem

from .documents import document
from .objects import built_object, recorded_object

RECORDED = {object_.ref: object_ for object_ in read_objects(document("manifests", "kubernetes.yaml"))[0]}


def typed_service(**spec: Any) -> Service:
    service = decode(built_object("Service", spec=spec), Service)
    assert isinstance(service, Service)
    return service


def test_every_recorded_object_decodes() -> None:
    for object_ in RECORDED.values():
        for type_ in (Service, Pod, EndpointSlice, Endpoints, Namespace, KubernetesNode):
            if type_.__name__ == object_.kind:
                assert isinstance(decode(object_, type_), type_)


def test_a_service_has_addresses_ports_and_a_selector() -> None:
    service = decode(recorded_object("Service", "app"), Service)
    assert isinstance(service, Service)
    assert service.addresses == ("10.96.0.10",)
    assert service.spec.selector.get("app") == "app"
    assert [(port.name, port.port, port.target_port) for port in service.spec.ports] == [
        ("http", 80, 8080),
        ("http-admin", 8081, 8081),
    ]


def test_a_headless_service_has_no_address() -> None:
    service = decode(recorded_object("Service", "rest-headless"), Service)
    assert isinstance(service, Service)
    assert service.headless
    assert service.addresses == ()


def test_an_external_name_is_kept() -> None:
    service = decode(recorded_object("Service", "alias"), Service)
    assert isinstance(service, Service)
    assert (service.spec.type, service.spec.external_name) == ("ExternalName", "rest.team-a.svc.cluster.local")
    assert not service.headless


def test_both_families_of_addresses_count_and_those_outside_are_apart() -> None:
    service = typed_service(clusterIP="10.0.0.1", clusterIPs=["10.0.0.1", "fd00::1"], externalIPs=["192.0.2.1"])
    assert service.addresses == ("10.0.0.1", "fd00::1")
    assert service.outside_addresses == ("192.0.2.1",)


def test_a_target_port_is_a_number_or_a_name_and_may_be_left_out() -> None:
    service = typed_service(ports=[{"port": 80, "targetPort": "web"}, {"port": 81, "targetPort": 8081}, {"port": 82}])
    assert [port.target_port for port in service.spec.ports] == ["web", 8081, 0]


def test_nulls_mean_absent_at_any_depth() -> None:
    service = typed_service(selector=None, clusterIP=None, ports=[{"port": 80, "name": None}])
    assert service.spec.selector == ()
    assert [(port.name, port.port) for port in service.spec.ports] == [("", 80)]


def test_a_pod_has_addresses_containers_and_readiness() -> None:
    pod = decode(next(o for ref, o in RECORDED.items() if ref.kind == "Pod"), Pod)
    assert isinstance(pod, Pod)
    assert pod.addresses == ("10.20.0.10",)
    assert pod.ready is True
    assert pod.spec.service_account_name == "app"
    assert pod.metadata.owner_references[0].kind == "ReplicaSet"


def test_a_pod_without_a_status_is_neither_ready_nor_unready() -> None:
    pod = decode(built_object("Pod", spec={"containers": []}), Pod)
    assert isinstance(pod, Pod)
    assert pod.ready is None
    assert pod.addresses == ()


def test_istios_own_variables_are_found_among_the_others() -> None:
    env = [
        {"name": "HOME", "value": "/"},
        {"name": "ISTIO_META_NETWORK", "value": "east"},
        {"name": "X", "valueFrom": {}},
    ]
    pod = decode(built_object("Pod", spec={"containers": [{"name": "istio-proxy", "env": env}]}), Pod)
    assert isinstance(pod, Pod)
    (proxy,) = pod.spec.containers
    assert [(var.name, var.value) for var in proxy.istio_metadata] == [("ISTIO_META_NETWORK", "east")]


def test_an_endpoint_is_ready_unless_it_says_no() -> None:
    endpoints = [
        {"addresses": ["10.0.0.1"]},
        {"addresses": ["10.0.0.2"], "conditions": {"ready": None}},
        {"addresses": ["10.0.0.3"], "conditions": {"ready": False, "serving": True, "terminating": True}},
    ]
    object_ = built_object("EndpointSlice", addressType="IPv4", endpoints=endpoints, ports=None)
    found = decode(object_, EndpointSlice)
    assert isinstance(found, EndpointSlice)
    assert [endpoint.conditions.ready for endpoint in found.endpoints] == [True, True, False]


def test_a_slice_belongs_to_the_service_of_its_label() -> None:
    found = decode(next(o for ref, o in RECORDED.items() if ref.kind == "EndpointSlice"), EndpointSlice)
    assert isinstance(found, EndpointSlice)
    assert found.service == "app"


def test_an_object_that_kubernetes_would_refuse_is_a_problem_that_names_it() -> None:
    found = decode(built_object("Service", spec={"ports": "80"}), Service)
    assert found == Problem("text", "Service shop/a: Expected `array`, got `str` - at `$.spec.ports`")


def test_an_ingress_has_hosts_paths_and_backends() -> None:
    paths = [
        {"path": "/a", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"name": "http"}}}},
        {"backend": {"service": {"name": "api", "port": {"number": 80}}}},
    ]
    rules = [{"host": "a.example", "http": {"paths": paths}}, {}]
    found = decode(built_object("Ingress", "networking.k8s.io/v1", spec={"rules": rules}), Ingress)
    assert isinstance(found, Ingress)
    first, second = found.spec.rules
    assert first.http is not None
    backends = [path.backend.service for path in first.http.paths]
    assert [(b.name, b.port.name, b.port.number) for b in backends if b] == [("web", "http", 0), ("api", "", 80)]
    assert (second.host, second.http) == ("", None)


def test_one_class_of_ingresses_may_be_the_default() -> None:
    spec = {"controller": "istio.io/ingress-controller"}
    key = "ingressclass.kubernetes.io/is-default-class"
    for notes, is_default in (({key: "true"}, True), ({key: "false"}, False), ({}, False)):
        item = built_object("IngressClass", spec=spec, metadata={"name": "istio", "annotations": notes})
        found = decode(item, IngressClass)
        assert isinstance(found, IngressClass)
        assert (found.is_default, found.spec.controller) == (is_default, "istio.io/ingress-controller")


def test_a_workload_has_a_selector_and_the_labels_of_its_pods() -> None:
    template = {"metadata": {"labels": {"app": "a"}, "annotations": {"x": "y"}}, "spec": {"serviceAccountName": "sa"}}
    for kind in KINDS:
        spec = {"selector": {"matchLabels": {"app": "a"}}, "template": template}
        found = decode(built_object(kind, "apps/v1", spec=spec), Workload)
        assert isinstance(found, Workload)
        pods = found.spec.template
        assert found.spec.selector.selects(pods.metadata.labels)
        assert (pods.metadata.annotations.get("x"), pods.spec.service_account_name) == ("y", "sa")
        assert found.spec.replicas is None


def test_of_a_secret_only_the_names_of_its_keys_are_read() -> None:
    item = built_object(
        "Secret", type="kubernetes.io/tls", data={"tls.key": "c2VjcmV0", "tls.crt": "eA=="}, stringData={"ca": "z"}
    )
    found = decode(item, Secret)
    assert isinstance(found, Secret)
    assert (found.type, found.keys) == ("kubernetes.io/tls", ("ca", "tls.crt", "tls.key"))
    assert "c2VjcmV0" not in repr(found)


def test_a_service_account_has_its_labels() -> None:
    found = decode(built_object("ServiceAccount", metadata={"name": "a", "labels": {"team": "x"}}), ServiceAccount)
    assert isinstance(found, ServiceAccount)
    assert found.metadata.labels.get("team") == "x"


def test_a_selector_holds_by_values_and_by_expressions() -> None:
    labels = Labels.of({"app": "a", "team": "x"})

    def selects(expressions: list[dict[str, Any]], **values: str) -> bool:
        body = {"matchLabels": values, "matchExpressions": expressions}
        found = decode(built_object("Deployment", "apps/v1", spec={"selector": body}), Workload)
        assert isinstance(found, Workload)
        return found.spec.selector.selects(labels)

    assert LabelSelector().selects(labels)
    assert selects([], app="a")
    assert not selects([], app="b")
    for operator, values, key, holds in (
        ("In", ["x"], "team", True), ("In", ["y"], "team", False), ("In", ["x"], "gone", False),
        ("NotIn", ["x"], "team", False), ("NotIn", ["y"], "team", True), ("NotIn", ["x"], "gone", True),
        ("Exists", [], "team", True), ("Exists", [], "gone", False),
        ("DoesNotExist", [], "team", False), ("DoesNotExist", [], "gone", True),
    ):  # fmt: skip
        assert selects([{"key": key, "operator": operator, "values": values}]) is holds

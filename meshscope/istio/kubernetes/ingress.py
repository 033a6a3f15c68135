"""Ingress and IngressClass: hosts and paths that an ingress controller opens.

https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ingress-v1/
"""

from __future__ import annotations

from meshscope.istio.kubernetes.metadata import ObjectMetadata
from meshscope.istio.kubernetes.service import LoadBalancerStatus
from meshscope.typed import Typed


class ServiceBackendPort(Typed, frozen=True):
    """By name or number."""

    name: str = ""
    number: int = 0


class IngressServiceBackend(Typed, frozen=True):
    name: str = ""
    port: ServiceBackendPort = ServiceBackendPort()


class ResourceBackend(Typed, frozen=True, rename="camel"):
    api_group: str = ""
    kind: str = ""
    name: str = ""


class IngressBackend(Typed, frozen=True):
    """One of both."""

    service: IngressServiceBackend | None = None
    resource: ResourceBackend | None = None


class HTTPIngressPath(Typed, frozen=True, rename="camel"):
    """`path_type` is Exact, Prefix (of whole segments) or ImplementationSpecific. An empty `path` is every path."""

    path: str = ""
    path_type: str = ""
    backend: IngressBackend = IngressBackend()


class HTTPIngressRuleValue(Typed, frozen=True):
    paths: tuple[HTTPIngressPath, ...] = ()


class IngressRule(Typed, frozen=True):
    """An empty `host` is every host; without `http` all of it goes to the default backend."""

    host: str = ""
    http: HTTPIngressRuleValue | None = None


class IngressTLS(Typed, frozen=True, rename="camel"):
    hosts: tuple[str, ...] = ()
    secret_name: str = ""


class IngressSpec(Typed, frozen=True, rename="camel"):
    """An older annotation, `kubernetes.io/ingress.class`, names the class too."""

    ingress_class_name: str = ""
    default_backend: IngressBackend | None = None
    tls: tuple[IngressTLS, ...] = ()
    rules: tuple[IngressRule, ...] = ()


class IngressStatus(Typed, frozen=True, rename="camel"):
    load_balancer: LoadBalancerStatus = LoadBalancerStatus()


class Ingress(Typed, frozen=True):
    metadata: ObjectMetadata = ObjectMetadata()
    spec: IngressSpec = IngressSpec()
    status: IngressStatus = IngressStatus()


class IngressClassParameters(Typed, frozen=True, rename="camel"):
    api_group: str = ""
    kind: str = ""
    name: str = ""
    namespace: str = ""
    scope: str = "Cluster"


class IngressClassSpec(Typed, frozen=True):
    """Istio's controller is `istio.io/ingress-controller`."""

    controller: str = ""
    parameters: IngressClassParameters | None = None


class IngressClass(Typed, frozen=True):
    metadata: ObjectMetadata = ObjectMetadata()
    spec: IngressClassSpec = IngressClassSpec()

    @property
    def is_default(self) -> bool:
        """Whether it is the class of an Ingress that names none."""
        return self.metadata.annotations.get("ingressclass.kubernetes.io/is-default-class") == "true"

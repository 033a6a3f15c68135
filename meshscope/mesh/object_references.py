"""What an object of Istio, Kubernetes or the Gateway API refers to: hosts, gateways, subsets, parents, selected pods.

A reference whose target is of a kind that the input holds nothing of is left out: whether it exists is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from meshscope.istio.kubernetes import decode
from meshscope.istio.labels import Labels
from meshscope.istio.manifest import Object
from meshscope.istio.provenance import ObjectRef
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.network.facts import CLUSTER_DOMAIN, ServiceHost
from meshscope.path import Path
from meshscope.snapshot.snapshot import Problem
from meshscope.untyped import untyped

NETWORKING, GATEWAY_API = "networking.istio.io", "gateway.networking.k8s.io"
_SELECTORS = (("selector", "matchLabels"), ("workloadSelector", "labels"), ("podSelector", "matchLabels"))


class ObjectReference(Struct, frozen=True):
    """`kind` and `name` of the target (`namespace/name`, a host, `host subset x`), and the path of the text that names it."""

    kind: str
    name: str
    path: Path
    exists: bool


def references_of(mesh: Mesh, item: Object) -> Iterator[ObjectReference]:
    """In the order of the text."""
    body = untyped(item.body)
    spec = body.get("spec") if isinstance(body, dict) else None
    if not isinstance(spec, dict):
        return
    finder = _Finder(mesh, item.namespace or "default")
    if item.group == NETWORKING and item.kind in ("VirtualService", "DestinationRule"):
        yield from finder.hosts_in(spec, ("spec",))
    if item.group == NETWORKING and item.kind == "Gateway":
        yield from finder.pods(spec.get("selector"), ("spec", "selector"), own_namespace=False)
    if item.group == GATEWAY_API:
        yield from finder.refs_in(spec, ("spec",))
    if item.kind == "Service" and not item.group:
        yield from finder.pods(spec.get("selector"), ("spec", "selector"))
    for outer, inner in _SELECTORS:
        selector = spec.get(outer)
        if isinstance(selector, dict) and isinstance(selector.get(inner), dict):
            yield from finder.pods(selector[inner], ("spec", outer, inner))


def users_of(mesh: Mesh, item: Object) -> Iterator[tuple[Object, ObjectReference]]:
    """The objects that refer to one, with the reference."""
    full = f"{item.namespace or 'default'}/{item.name}"
    hosts = {one.host for one in mesh.network.services if one.location == item.location}
    for other in mesh.objects:
        if other is not item and (other.group in (NETWORKING, GATEWAY_API) or other.kind == "Service"):
            for reference in references_of(mesh, other):
                if (reference.kind, reference.name) == (item.kind, full) or reference.name in hosts:
                    yield other, reference


def _subsets_of(mesh: Mesh) -> dict[ServiceHost, set[str]]:
    """The subsets that DestinationRules have of each service, read once for all that name some."""
    from meshscope.istio.objects.destination_rule import DestinationRule  # only where an object names a subset

    found: dict[ServiceHost, set[str]] = {}
    for rule in mesh.objects_of("DestinationRule", NETWORKING):
        read = decode(rule, DestinationRule)
        if isinstance(read, Problem):
            continue
        if service := _Finder(mesh, rule.namespace or "default").service(read.spec.host):
            found.setdefault(service, set()).update(subset.name for subset in read.spec.subsets)
    return found


class _Finder:
    """Looks references of objects in one namespace up."""

    def __init__(self, mesh: Mesh, namespace: str) -> None:
        self._mesh, self._namespace = mesh, namespace

    def hosts_in(self, value: Any, path: Path) -> Iterator[ObjectReference]:
        """Gateways and destinations anywhere below a value."""
        if isinstance(value, list):
            for index, one in enumerate(value):
                yield from self.hosts_in(one, (*path, index))
        if not isinstance(value, dict):
            return
        for key, member in value.items():
            if key == "gateways" and isinstance(member, list):
                yield from (
                    self._gateway(str(one), (*path, key, index)) for index, one in enumerate(member) if one != "mesh"
                )
            elif key == "host" and isinstance(member, str):
                yield from self._host(member, value.get("subset"), (*path, key))
            else:
                yield from self.hosts_in(member, (*path, key))

    def _gateway(self, text: str, path: Path) -> ObjectReference:
        namespace, slash, name = text.partition("/")
        namespace, name = (namespace, name) if slash else (self._namespace, text)
        return ObjectReference(
            "Gateway", f"{namespace}/{name}", path, self._has(NETWORKING, "Gateway", namespace, name)
        )

    def _host(self, host: str, subset: Any, path: Path) -> Iterator[ObjectReference]:
        services = self._mesh.network.services
        if not services or "*" in host:
            return
        found = self.service(host)
        name = found.host if found else host
        yield ObjectReference("Service", name, path, found is not None)
        if isinstance(subset, str) and subset and found:
            yield ObjectReference("DestinationRule", f"{name} subset {subset}", path, subset in self._subsets(found))

    def service(self, host: str) -> ServiceHost | None:
        """The service of a host, which may be a short name."""
        network = self._mesh.network
        short = f"{host}.{self._namespace}.svc.{CLUSTER_DOMAIN}"
        return network.service_named(host if "." in host else short) or network.service_named(host)

    def _subsets(self, service: ServiceHost) -> set[str]:
        found = self._mesh.derived("subsets of services", lambda: _subsets_of(self._mesh))
        return found.get(service, set())

    def refs_in(self, value: Any, path: Path) -> Iterator[ObjectReference]:
        """parentRefs, backendRefs and targetRefs anywhere below a value."""
        if isinstance(value, list):
            for index, one in enumerate(value):
                yield from self.refs_in(one, (*path, index))
        if not isinstance(value, dict):
            return
        for key, member in value.items():
            if key in ("parentRefs", "backendRefs", "targetRefs") and isinstance(member, list):
                default = "Gateway" if key == "parentRefs" else "Service"
                for index, one in enumerate(member):
                    if isinstance(one, dict) and one.get("name"):
                        yield from self._ref(one, default, (*path, key, index))
            else:
                yield from self.refs_in(member, (*path, key))

    def _ref(self, one: dict[str, Any], default: str, path: Path) -> Iterator[ObjectReference]:
        kind, name = str(one.get("kind") or default), str(one["name"])
        namespace = str(one.get("namespace") or self._namespace)
        if kind in ("Gateway", "Service") and any(self._mesh.objects_of(kind)):
            group = GATEWAY_API if kind == "Gateway" else ""
            yield ObjectReference(kind, f"{namespace}/{name}", path, self._has(group, kind, namespace, name))

    def pods(self, selector: Any, path: Path, *, own_namespace: bool = True) -> Iterator[ObjectReference]:
        """The pods that labels select; a selector without any is dangling."""
        pods = self._mesh.network.pods
        if not isinstance(selector, dict) or not selector or not pods:
            return
        wanted = Labels.of(selector)
        found = [
            pod for pod in pods if pod.labels.match(wanted) and (not own_namespace or pod.namespace == self._namespace)
        ]
        for pod in found:
            yield ObjectReference("Pod", f"{pod.namespace}/{pod.name}", path, exists=True)
        if not found:
            yield ObjectReference("Pod", ", ".join(f"{key}={value}" for key, value in wanted), path, exists=False)

    def _has(self, group: str, kind: str, namespace: str, name: str) -> bool:
        objects = self._mesh.objects_by
        places = (namespace, "") if namespace == "default" else (namespace,)
        return any(objects.named(ObjectRef(group, kind, place, name)) for place in places)

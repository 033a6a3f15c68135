"""SOURCE as the user types it -> who sends: a proxy with its application, a pod without one, or the outside world."""

from __future__ import annotations

from msgspec import Struct

from meshscope.errors import UsageError
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.network.data_planes import AGENTGATEWAY
from meshscope.mesh.network.facts import PodFact
from meshscope.mesh.network.network import Network
from meshscope.mesh.proxy import Proxy
from meshscope.mesh.proxy_documents import identity
from meshscope.mesh.proxy_names import proxies_named


class RequestSource(Struct, frozen=True):
    """`proxy` None: a client outside the mesh, whose `pod` may be known. `assumption` says which of several pods it is."""

    name: str
    namespace: str
    proxy: Proxy | None = None
    pod: PodFact | None = None
    kind: str = ""
    assumption: str = ""

    @property
    def ip(self) -> str | None:
        if self.proxy and self.proxy.node_id:
            return self.proxy.node_id.ip
        return self.pod.ips[0] if self.pod and self.pod.ips else None


OUTSIDE = RequestSource("outside", "", kind="outside")


def source_of(mesh: Mesh, network: Network, word: str) -> RequestSource:
    """Who sends. Raises UsageError for an unknown name, with the nearest ones."""
    if not word:
        only = of_proxy(mesh, network, mesh.proxies[0]) if len(mesh.proxies) == 1 else None
        return only or (None if mesh.proxies else _unmodelled(mesh, "")) or OUTSIDE
    bare = word.partition("/")[2] or word
    try:
        found = proxies_named(mesh, bare)
    except UsageError:
        found = _of_service(mesh, network, bare)
    if found:
        order = {pod.full_name: index for index, pod in enumerate(network.pods)}  # as the manifests list them
        found = tuple(sorted(found, key=lambda proxy: order.get(proxy.name, len(order))))
        others = f"{word} is {len(found)} pods; taking {found[0].name}" if len(found) > 1 else ""
        return of_proxy(mesh, network, found[0], others)
    pods = [pod for pod in network.pods if bare in _pod_names(pod)]
    if not pods and (unmodelled := _unmodelled(mesh, bare)):
        return unmodelled
    if not pods:
        known = {name for proxy in mesh.proxies for name in (proxy.name, proxy.workload) if name}
        known |= {name for pod in network.pods for name in _pod_names(pod)}
        workloads = sorted({proxy.workload or proxy.name for proxy in mesh.proxies})
        from meshscope.nearest import nearest  # only for an unknown name

        raise UsageError(f"no proxy, pod or service {word!r} in this input{nearest(bare, sorted(known), workloads)}")
    pod = min(pods, key=lambda one: one.full_name)
    if proxy := next((one for one in mesh.proxies if one.name == pod.full_name), None):
        return of_proxy(mesh, network, proxy)
    others = f"{word} is {len(pods)} pods; taking {pod.full_name}" if len(pods) > 1 else ""
    return RequestSource(pod.full_name, pod.namespace, None, pod, "client", others)


def _unmodelled(mesh: Mesh, word: str) -> RequestSource | None:
    """The captured proxy of that name whose data plane is not modelled; for no word the only one."""
    answers = mesh.answers_of(AGENTGATEWAY)
    found = [(identity(answer.captured, None), answer.kind) for answer in answers]
    named = [(owner, kind) for owner, kind in found if word in ("", str(owner), owner.name)]
    if not named or (not word and len(named) > 1):
        return None
    owner, kind = named[0]
    pod = PodFact(name=owner.name, namespace=owner.namespace, ips=(), data_plane=kind)
    return RequestSource(str(owner), owner.namespace, None, pod, kind)


def of_proxy(mesh: Mesh, network: Network, proxy: Proxy, assumption: str = "") -> RequestSource:
    pod = network.pod_named(proxy.name) or (network.pod_at(proxy.node_id.ip) if proxy.node_id else None)
    return RequestSource(proxy.name, proxy.id.namespace, proxy, pod, mesh.kind_of(proxy), assumption)


def _of_service(mesh: Mesh, network: Network, word: str) -> tuple[Proxy, ...]:
    """The proxies behind a service of that name."""
    names = {word, word.partition(".")[0]}
    for service in network.services:
        if service.host == word or (
            service.name in names and word in (service.name, f"{service.name}.{service.namespace}")
        ):
            pods = {b.pod for port in service.ports for b in network.backends(service, port) or ()}
            if found := tuple(proxy for proxy in mesh.proxies if proxy.name in pods):
                return found
    return ()


def _pod_names(pod: PodFact) -> set[str]:
    """Its name, its workload (without the ReplicaSet's suffix) and its app label; each with and without the namespace."""
    workload = pod.workload.rpartition("-")[0] if pod.workload.count("-") else pod.workload
    names = {pod.name, pod.workload, workload, pod.labels.get("app")} - {""}
    return names | {f"{name}.{pod.namespace}" for name in names}

"""Network policies that select an endpoint of a path. A CNI enforces them, so that they are named and not judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from meshscope.istio.manifest import Object
from meshscope.istio.network_policy import KINDS, selects
from meshscope.mesh.mesh import Mesh
from meshscope.simulation.journey.destination import split_address
from meshscope.simulation.trace import Path

MOST_NAMED = 5


class NetworkPolicies:
    def __init__(self, mesh: Mesh) -> None:
        self._mesh = mesh
        self._policies = tuple(item for group, kind in KINDS for item in mesh.objects_of(kind, group))
        self._known: dict[str, tuple[str, ...]] = {}

    def on(self, paths: Iterable[Path]) -> tuple[str, ...]:
        """One sentence a policy and pod, in the order of the pods on the way; none where the input has no such policy."""
        if not self._policies:
            return ()
        pods = dict.fromkeys(pod for path in paths for pod in self._pods(path))
        found = list(dict.fromkeys(text for pod in pods for text in self._of(pod)))
        more = len(found) - MOST_NAMED
        return (*found[:MOST_NAMED], *((f"{more} more network policies are not judged",) if more > 0 else ()))

    def _pods(self, path: Path) -> Iterator[str]:
        for hop in path.hops:
            yield hop.proxy
            for endpoint in hop.endpoints or ():
                split = split_address(endpoint.address)
                pod = self._mesh.network.pod_at(split[0]) if split else None
                if name := endpoint.pod or (pod.full_name if pod else ""):
                    yield name

    def _of(self, name: str) -> tuple[str, ...]:
        if name not in self._known:
            self._known[name] = tuple(self._selecting(name))
        return self._known[name]

    def _selecting(self, name: str) -> Iterator[str]:
        pod = self._mesh.network.pod_named(name)
        if pod is None or pod.host_network:
            return
        for item in self._policies:
            verdict = selects(item, pod.namespace, pod.labels)
            if verdict is not False:
                yield f"{_named(item)} {'selects' if verdict else 'may select'} {name}: it is not judged"


def _named(item: Object) -> str:
    """As its user knows it; of kinds that share a word the group tells them apart."""
    return str(item) if item.group in ("networking.k8s.io", "cilium.io") else f"{item} ({item.group})"

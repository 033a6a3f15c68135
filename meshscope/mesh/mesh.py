"""The mesh: everything that a snapshot holds, indexed. It never changes; what is costly is worked out when asked for.

    mesh = Mesh(open_snapshot("bug-report.tar.gz"))
    for proxy in mesh.proxies: ...

Raises UnreadableError where nothing in the snapshot is of any kind that meshscope knows.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from meshscope.errors import UnreadableError
from meshscope.istio.manifest import Object, read_objects
from meshscope.istio.node import kind_of_type
from meshscope.mesh import pods
from meshscope.mesh.bodies import Bodies, collector_paused
from meshscope.mesh.control_plane import Synced, connections, synced
from meshscope.mesh.loading import Loaded, load
from meshscope.mesh.proxy import Answer, Proxy
from meshscope.snapshot.snapshot import Problem, Snapshot

if TYPE_CHECKING:
    from meshscope.istio.debug.connections import ProxyConnection
    from meshscope.mesh.network import Network

T = TypeVar("T")


class Mesh:
    """`view` chooses between Envoy's account of a proxy ("envoy") and istiod's ("istiod"); "" takes the best there is.

    `progress(done, total)` is called for each document that was looked at; when `cancelled()` is true the rest is left.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        view: str = "",
        progress: Callable[[int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> None:
        self.snapshot = snapshot
        self.bodies = Bodies()
        self._derived: dict[Hashable, Any] = {}
        with collector_paused():
            self._loaded: Loaded = load(snapshot, self.bodies, view, progress, cancelled)
        if not (self.proxies or self.answers or self.objects):
            raise UnreadableError(_nothing(snapshot, self.problems))

    @property
    def proxies(self) -> tuple[Proxy, ...]:
        """Envoys, by identity. ztunnels are listed by `ztunnels`."""
        return self._loaded.proxies

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Answers of control planes and ztunnels, and everything else that is no proxy's and no manifest."""
        return tuple(self._loaded.answers)

    @property
    def manifests(self) -> tuple[Answer, ...]:
        """The documents that hold Kubernetes objects."""
        return tuple(self._loaded.manifests)

    def answers_of(self, kind: str) -> tuple[Answer, ...]:
        return tuple(answer for answer in self.answers if answer.kind == kind)

    @cached_property
    def _manifests(self) -> tuple[tuple[Object, ...], tuple[Problem, ...]]:
        objects: list[Object] = []
        problems: list[Problem] = []
        with collector_paused():
            for answer in self._loaded.manifests:
                read, wrong = read_objects(answer.captured.document)
                objects.extend(read)
                problems.extend(wrong)
        return tuple(objects), tuple(problems)

    def overlay(self, objects: Iterable[Object]) -> Mesh:
        """This mesh with some objects added, or put in the place of those of the same kind, namespace and name."""
        new = tuple(objects)
        replaced = {item.ref for item in new}
        other = copy(self)
        kept = tuple(item for item in self.objects if item.ref not in replaced)
        other.__dict__["_manifests"] = (kept + new, self._manifests[1])
        for derived in ("_pods_of_manifests", "network"):
            other.__dict__.pop(derived, None)
        other._derived = {}  # noqa: SLF001  # of the same class
        return other

    def derived(self, key: Hashable, make: Callable[[], T]) -> T:
        """What a higher room makes of this mesh, made once and kept as long as the mesh lives."""
        if key not in self._derived:
            self._derived[key] = make()
        value: T = self._derived[key]
        return value

    @property
    def objects(self) -> tuple[Object, ...]:
        """Kubernetes, Istio and Gateway API objects of the manifests, in the order in which they were found."""
        return self._manifests[0]

    @cached_property
    def synced(self) -> dict[tuple[str, str], Synced]:
        """Sync states of proxies by namespace and name."""
        return synced(self.answers)

    @cached_property
    def connections(self) -> dict[tuple[str, str], ProxyConnection]:
        """Proxies that a control plane is connected to, by namespace and name."""
        return connections(self.answers)

    @cached_property
    def network(self) -> Network:
        """Pods, services and who stands behind them."""
        from meshscope.mesh.network import Network  # most questions are about proxies alone

        return Network(self.objects, self.answers, self.pod_at)

    @cached_property
    def _pods_of_proxies(self) -> dict[str, str]:
        return pods.of_proxies(self.proxies)

    @cached_property
    def _pods_of_manifests(self) -> dict[str, str]:
        return pods.of_manifests(self.objects)

    def pod_at(self, ip: str) -> str | None:
        """The pod, as `name.namespace`, that owns an address."""
        return self._pods_of_proxies.get(ip) or self._pods_of_manifests.get(ip)

    def kind_of(self, proxy: Proxy) -> str:
        """sidecar, gateway, waypoint, ztunnel or envoy: by its node id, by istiod's word, by Istio's own listeners."""
        if proxy.node_id:
            return proxy.kind
        key = (proxy.id.namespace, proxy.id.name)
        told = self.connections[key].proxy_type if key in self.connections else ""
        told = told or (self.synced[key].sync.proxy_type if key in self.synced else "")
        if told:
            return kind_of_type(told)
        return "sidecar" if {"virtualOutbound", "virtualInbound"} & proxy.listener_names else "envoy"

    def app_of(self, proxy: Proxy) -> str:
        """The label `app`, as the node has it, else as the proxy told its control plane."""
        if proxy.node:
            return proxy.node.label("app")
        connection = self.connections.get((proxy.id.namespace, proxy.id.name))
        return dict(connection.labels).get("app", "") if connection else ""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be read so far; a document adds its own once it was asked for."""
        late = self._manifests[1] if "_manifests" in self.__dict__ else ()
        return (*self.snapshot.problems, *self._loaded.problems, *late, *self._flaws())

    def _flaws(self) -> Iterator[Problem]:
        for captured in self.snapshot.captured:
            document = captured.document
            for message in filter(None, (document.failure, *document.flaws)):
                yield Problem(document.name, message)

    def objects_of(self, kind: str, group: str | None = None) -> Iterable[Object]:
        return (item for item in self.objects if item.kind == kind and group in (None, item.group))


def _nothing(snapshot: Snapshot, problems: Iterable[Problem]) -> str:
    """The one line that says why nothing could be read."""
    source = ", ".join(snapshot.sources) or "the input"
    reasons = list(problems)
    if len(reasons) == 1:
        where = f"{reasons[0].document}: " if reasons[0].document not in ("", source) else ""
        return f"{source}: {where}{reasons[0].message}"
    if not reasons:
        return f"{source}: no Envoy, Istio or Kubernetes document in it"
    first = f"{reasons[0].document}: {reasons[0].message}"
    return f"{source}: none of {len(snapshot.captured)} documents can be read; the first: {first}"

"""The mesh: everything that a snapshot holds, indexed. It never changes; what is costly is worked out at the first question.

    mesh = Mesh(open_snapshot("bug-report.tar.gz"))
    for proxy in mesh.proxies: ...

Raises UnreadableError where no document of the snapshot is of a kind that meshscope knows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from threading import Lock, RLock
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from meshscope.errors import UnreadableError
from meshscope.istio.manifest import Object
from meshscope.istio.node import kind_of_type
from meshscope.istio.provenance import ObjectRef
from meshscope.mesh import pods
from meshscope.mesh.bodies import Bodies, collector_paused
from meshscope.mesh.control_plane import Synced, connections, synced
from meshscope.mesh.objects import Objects
from meshscope.mesh.opening.loading import Loaded, load
from meshscope.mesh.opening.manifests import Manifest
from meshscope.mesh.proxy import Answer, Proxy
from meshscope.once import once
from meshscope.snapshot.snapshot import Problem, ProxyId, Snapshot
from meshscope.work import UNFOLLOWED, Work

if TYPE_CHECKING:
    from meshscope.istio.debug.connections import ProxyConnection
    from meshscope.mesh.graph import Graph
    from meshscope.mesh.network.network import Network

T = TypeVar("T")


class Overlay(Struct, frozen=True):
    """What another mesh has instead: objects added or replaced, objects taken out, proxies replaced."""

    objects: tuple[Object, ...] = ()
    without: frozenset[ObjectRef] = frozenset()
    proxies: Mapping[ProxyId, Proxy] = MappingProxyType({})


NO_OVERLAY = Overlay()


class Mesh:
    """`view` chooses between Envoy's account of a proxy ("envoy") and istiod's ("istiod"); "" takes the best that was captured.

    `work` counts documents. Opening looks at each and indexes what it must; `index` does the rest before the first question.
    Meshes are compared by identity. A mesh is safe to use from several threads.

    `base` is another mesh of the same snapshot, whose contents are shared; `overlay` makes one on it.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        view: str = "",
        work: Work = UNFOLLOWED,
        base: Mesh | None = None,
        overlay: Overlay = NO_OVERLAY,
    ) -> None:
        self.snapshot = snapshot
        self._base, self._overlay = base, overlay
        self._problems: dict[Problem, None] = {}
        self._problems_lock = Lock()
        self._derived: dict[Hashable, Any] = {}
        self._deriving = RLock()
        shares_graphs = base is not None and not overlay.proxies
        self._graphs: dict[ProxyId, Graph] = base._graphs if base and shares_graphs else {}  # noqa: SLF001  # another mesh's
        if base is not None:
            self._loaded: Loaded = base._loaded.with_proxies(overlay.proxies)  # noqa: SLF001  # another mesh's
            self.bodies: Bodies = base.bodies
            return
        self.bodies = Bodies()
        with collector_paused():
            self._loaded = load(snapshot, self.bodies, view, work)
        if not (self.proxies or self.answers or self.objects):
            raise UnreadableError(_nothing(snapshot, self.problems))

    def overlay(
        self,
        objects: Iterable[Object] = (),
        *,
        without: Collection[ObjectRef] = (),
        proxies: Mapping[ProxyId, Proxy] = MappingProxyType({}),
    ) -> Mesh:
        """This mesh with some objects added, some taken out, and other proxies in the place of some; an object of the same
        kind, namespace and name is replaced.
        """
        return Mesh(self.snapshot, base=self, overlay=Overlay(tuple(objects), frozenset(without), proxies))

    def index(self, work: Work = UNFOLLOWED) -> None:
        """Indexes every dump and manifest, so that no question has to. Raises CancelledError; what is indexed by then is kept.

        `work` counts documents.
        """
        accounts = [account for proxy in self.proxies for account in proxy.accounts.values()]
        documents = [document for account in accounts for document in account.documents]
        total = len(documents) + len(self.manifests)
        with collector_paused():
            for done, read in enumerate([*(one.read for one in documents), *(one.read for one in self.manifests)]):
                work.step(done, total)
                read()
            for account in accounts:
                _ = account.by_kind
            _ = self.objects
        work.report(total, total)

    @property
    def proxies(self) -> tuple[Proxy, ...]:
        """Envoys, by identity. ztunnels are not among them."""
        return self._loaded.proxies

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Answers of control planes and ztunnels, and other documents that belong to no proxy and hold no objects."""
        return self._loaded.answers

    def answers_of(self, kind: str) -> tuple[Answer, ...]:
        return tuple(answer for answer in self.answers if answer.kind == kind)

    @property
    def manifests(self) -> tuple[Manifest, ...]:
        """The documents that hold Kubernetes objects."""
        return self._loaded.manifests

    @once
    def objects_by(self) -> Objects:
        """Kubernetes, Istio and Gateway API objects of the manifests, to look up."""
        if self._base is not None:
            return self._base.objects_by.overlaid(self._overlay.objects, self._overlay.without)
        with collector_paused():
            return Objects(tuple(item for manifest in self.manifests for item in manifest.objects))

    def derived(self, key: Hashable, make: Callable[[], T]) -> T:
        """What a higher room makes of this mesh, made once and kept as long as the mesh lives."""
        with self._deriving:
            if key not in self._derived:
                self._derived[key] = make()
            value: T = self._derived[key]
            return value

    @property
    def objects(self) -> tuple[Object, ...]:
        """All objects, in the order of the documents."""
        return self.objects_by.all

    def objects_of(self, kind: str, group: str | None = None) -> Iterable[Object]:
        return self.objects_by.of_kind(kind, group)

    def graph(self, proxy: Proxy, work: Work = UNFOLLOWED) -> Graph:
        """The graph of one of the proxies, built at the first question. Raises CancelledError.

        `work` counts the proxy's listeners, route tables and clusters.
        """
        from meshscope.mesh.graph import Graph  # most questions are about single resources

        graph = self._graphs.setdefault(proxy.id, Graph(proxy))
        graph.build(work)
        return graph

    @once
    def synced(self) -> dict[tuple[str, str], Synced]:
        """Sync states of proxies by namespace and name."""
        return synced(self.answers)

    @once
    def connections(self) -> dict[tuple[str, str], ProxyConnection]:
        """Proxies that a control plane is connected to, by namespace and name."""
        return connections(self.answers)

    @once
    def network(self) -> Network:
        """Pods, services and the endpoints behind them."""
        from meshscope.mesh.evidence import Evidence  # most questions are about proxies alone
        from meshscope.mesh.network.network import Network

        return Network(Evidence(self.objects_by, self.answers), self.pod_at)

    @once
    def _pods_of_proxies(self) -> dict[str, str]:
        return pods.of_proxies(self.proxies)

    @once
    def _pods_of_manifests(self) -> dict[str, str]:
        return pods.of_manifests(self.objects_by.of_kind("Pod", ""))

    def pod_at(self, ip: str) -> str | None:
        """The pod, as `name.namespace`, that owns an address."""
        return self._pods_of_proxies.get(ip) or self._pods_of_manifests.get(ip)

    def kind_of(self, proxy: Proxy) -> str:
        """sidecar, gateway, waypoint, ztunnel or envoy: by its node id, else by istiod, else by Istio's own listeners."""
        if proxy.node_id:
            return proxy.kind
        key = (proxy.id.namespace, proxy.id.name)
        proxy_type = self.connections[key].proxy_type if key in self.connections else ""
        proxy_type = proxy_type or (self.synced[key].sync.proxy_type if key in self.synced else "")
        if proxy_type:
            return kind_of_type(proxy_type)
        return "sidecar" if {"virtualOutbound", "virtualInbound"} & proxy.listener_names else "envoy"

    def app_of(self, proxy: Proxy) -> str:
        """The label `app`, of the node, else of the proxy's connection to its control plane."""
        if proxy.node:
            return proxy.node.label("app")
        connection = self.connections.get((proxy.id.namespace, proxy.id.name))
        return dict(connection.labels).get("app", "") if connection else ""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be read so far, each problem once. A document that is read later adds its own to the end."""
        with self._problems_lock:
            self._problems.update(dict.fromkeys(self._all_problems()))
            return tuple(self._problems)

    def _all_problems(self) -> Iterator[Problem]:
        yield from self.snapshot.problems
        yield from self._loaded.problems
        for proxy in self.proxies:
            for account in proxy.accounts.values():
                yield from account.problems
        for manifest in self.manifests:
            yield from manifest.problems
        for captured in self.snapshot.captured:
            document = captured.document
            for message in filter(None, (document.failure, *document.flaws)):
                yield Problem(document.name, message)


def _nothing(snapshot: Snapshot, problems: Iterable[Problem]) -> str:
    """One line: why nothing could be read."""
    source = ", ".join(snapshot.sources) or "the input"
    reasons = list(problems)
    if len(reasons) == 1:
        where = f"{reasons[0].document}: " if reasons[0].document not in ("", source) else ""
        return f"{source}: {where}{reasons[0].message}"
    if not reasons:
        return f"{source}: no Envoy, Istio or Kubernetes document in it"
    first = f"{reasons[0].document}: {reasons[0].message}"
    return f"{source}: none of {len(snapshot.captured)} documents can be read; the first: {first}"

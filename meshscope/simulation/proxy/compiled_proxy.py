"""Everything of one proxy that a simulation needs again and again, compiled once, in the three parts of Envoy itself."""

from __future__ import annotations

from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.simulation.bounded_cache import BoundedCache
from meshscope.simulation.connection import Envoy
from meshscope.simulation.proxy.compiled_downstream import CompiledDownstream
from meshscope.simulation.proxy.compiled_managers import CompiledManagers
from meshscope.simulation.proxy.compiled_secrets import CompiledSecrets
from meshscope.simulation.proxy.compiled_upstream import CompiledUpstream
from meshscope.simulation.proxy.unread import UnreadResources


class CompiledProxy:
    """`captured` is the mesh's proxy. `cache` keeps answers of its stages; all proxies of a simulation share it
    and `unread`."""

    def __init__(self, mesh: Mesh, captured: Proxy, cache: BoundedCache, unread: UnreadResources) -> None:
        self.mesh, self.captured, self.cache, self.unread = mesh, captured, cache, unread
        self.envoy = _envoy(captured)
        self.secrets = CompiledSecrets(mesh, captured)
        self.downstream = CompiledDownstream(mesh, captured, unread)
        self.managers = CompiledManagers(captured, self.envoy)
        self.upstream = CompiledUpstream(mesh, captured, self.envoy, unread)

    @property
    def name(self) -> str:
        return self.captured.name

    @property
    def ip(self) -> str | None:
        """The proxy's own address, from its node id."""
        return self.captured.node_id.ip if self.captured.node_id else None


def _envoy(proxy: Proxy) -> Envoy:
    """Version and runtime; an unknown version counts as the newest."""
    version = tuple(int(part) for part in proxy.envoy_version.split("-")[0].split(".") if part.isdigit())
    return Envoy(version, dict(proxy.runtime))

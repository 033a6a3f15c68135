"""Everything of one proxy that a simulation needs again and again, compiled once, in the three parts of Envoy itself."""

from __future__ import annotations

from functools import cached_property

from meshscope.envoy.certs import loaded_certificates
from meshscope.envoy.resource import SECRET
from meshscope.location import Location
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.simulation.bounded_cache import BoundedCache
from meshscope.simulation.connection import Envoy
from meshscope.simulation.proxy.compiled_downstream import CompiledDownstream
from meshscope.simulation.proxy.compiled_managers import CompiledManagers
from meshscope.simulation.proxy.compiled_upstream import CompiledUpstream
from meshscope.simulation.proxy.unread import UnreadResources
from meshscope.xds.certificate import leaf
from meshscope.xds.secret import Secret

WORKLOAD_CERTIFICATE = "default"
"""The secret in which Istio delivers a proxy's own identity."""
TRUST_DOMAIN = "cluster.local"
"""Istio's default, for a proxy whose certificate was not captured."""


class CompiledProxy:
    """`captured` is the mesh's proxy. `cache` keeps answers of its stages; all proxies of a simulation share it
    and `unread`."""

    def __init__(self, mesh: Mesh, captured: Proxy, cache: BoundedCache, unread: UnreadResources) -> None:
        self.captured, self.cache, self.unread = captured, cache, unread
        self._mesh = mesh
        self.envoy = _envoy(captured)
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

    @property
    def mesh(self) -> Mesh:
        """The mesh around it."""
        return self._mesh

    @cached_property
    def identity(self) -> str:
        """The SPIFFE identity of this proxy's certificate: from /certs, else as Istio composes it; "" if unknown."""
        answer = self.captured.answers.get("certs")
        value = answer.value if answer else None
        if answer and value is not None:
            certificates, _ = loaded_certificates(value, Location(answer.captured.document))
            sans = (san for certificate in certificates for san in certificate.sans if san.startswith("spiffe://"))
            if (identity := next(sans, None)) is not None:
                return identity
        node = self.captured.node
        pod = self._mesh.network.pod_named(self.captured.name)
        account = (node.text("SERVICE_ACCOUNT") if node else "") or (pod.service_account if pod else "")
        return f"spiffe://{TRUST_DOMAIN}/ns/{self.captured.id.namespace}/sa/{account}" if account else ""

    @cached_property
    def certificate(self) -> bytes:
        """The certificate of its workload in DER, where a dump holds it; else empty."""
        named = (one for one in self.captured.resources(SECRET) if one.name == WORKLOAD_CERTIFICATE)
        secret = next((self.captured.read(resource, Secret) for resource in named), None)
        return leaf(secret.public_certificates()) if isinstance(secret, Secret) else b""


def _envoy(proxy: Proxy) -> Envoy:
    """Version and runtime; an unknown version counts as the newest."""
    version = tuple(int(part) for part in proxy.envoy_version.split("-")[0].split(".") if part.isdigit())
    return Envoy(version, dict(proxy.runtime))

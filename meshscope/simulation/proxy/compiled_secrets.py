"""A proxy's secrets and certificates, and what its clusters show and ask in a handshake, each worked out once.

https://www.envoyproxy.io/docs/envoy/latest/configuration/security/secret
"""

from __future__ import annotations

from functools import cached_property

from meshscope.envoy.resource import SECRET, WARMING
from meshscope.location import Location
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.simulation.cluster.upstream_connection import UpstreamConnection
from meshscope.simulation.connection import Peer, ServerCheck
from meshscope.simulation.tls.credential import credentials
from meshscope.simulation.tls.secrets import WORKLOAD_CERTIFICATE, Secrets
from meshscope.simulation.tls.validation import CertificateCheck, Validation, validation
from meshscope.xds.certificate_fields import certificate_fields, certificates
from meshscope.xds.secret import Secret
from meshscope.xds.tls import CertificateValidationContext, CommonTlsContext

TRUST_DOMAIN = "cluster.local"
"""Istio's default, for a proxy whose certificate was not captured."""


class CompiledSecrets:
    def __init__(self, mesh: Mesh, captured: Proxy) -> None:
        self._mesh, self._captured = mesh, captured
        # by identity: the value keeps the object whose identity is the key
        self._shown: dict[int, tuple[CommonTlsContext, Peer]] = {}
        self._asked: dict[int, tuple[CommonTlsContext, Validation]] = {}

    @cached_property
    def secrets(self) -> Secrets:
        """What SDS delivered, and what Envoy lists as requested and not delivered."""
        every = self._captured.resources(SECRET, in_effect=False)
        active = {resource.name: resource for resource in every if resource.in_effect}
        missing = frozenset(resource.name for resource in every if resource.state == WARMING) - active.keys()

        def delivered(name: str) -> Secret | None:
            body = self._captured.read(active[name], Secret) if name in active else None
            return body if isinstance(body, Secret) else None

        return Secrets(delivered, missing, lambda: self._identity)

    @property
    def trust_domain(self) -> str:
        """That of its workload's own certificate, as far as it is known."""
        secret = self.secrets.delivered(WORKLOAD_CERTIFICATE)
        chain = certificates(secret.public_certificates()) if secret else ()
        fields = certificate_fields(chain[0]) if chain else None
        identity = next(iter(fields.uris if fields else ()), self._identity)
        return identity.removeprefix("spiffe://").partition("/")[0] or TRUST_DOMAIN

    def missing(self, upstream: UpstreamConnection) -> str | None:
        """The first secret that a connection to an upstream waits for."""
        return self.secrets.first_missing(upstream.context.common_tls_context) if upstream.context else None

    def shown(self, common: CommonTlsContext) -> Peer:
        """The client certificate of one of its clusters, as a server sees it."""
        if id(common) not in self._shown:
            self._shown[id(common)] = (common, self._certificate(common))
        return self._shown[id(common)][1]

    def server_check(self, common: CommonTlsContext, names: tuple[str, ...], at: str) -> ServerCheck | None:
        """What one of its clusters asks of a server's certificate; None: nothing. `names` are those of the request."""
        if id(common) not in self._asked:
            asked = validation(common, self.secrets) or Validation(CertificateValidationContext())
            self._asked[id(common)] = (common, asked)
        asked = self._asked[id(common)][1]
        return CertificateCheck(asked, names, at) if asked.asks or names else None

    def _certificate(self, common: CommonTlsContext) -> Peer:
        listed = credentials(common, self.secrets)
        return listed[0].peer if listed else Peer(presented=False, validated=False)

    @cached_property
    def _identity(self) -> str:
        """The first SPIFFE identity of /certs, else as Istio composes it; "" if unknown."""
        answer = self._captured.answers.get("certs")
        value = answer.value if answer else None
        if answer and value is not None:
            from meshscope.envoy.certs import loaded_certificates  # certificates themselves say more

            listed, _ = loaded_certificates(value, Location(answer.captured.document))
            sans = (san for certificate in listed for san in certificate.sans if san.startswith("spiffe://"))
            if (identity := next(sans, None)) is not None:
                return identity
        node = self._captured.node
        pod = self._mesh.network.pod_named(self._captured.name)
        account = (node.text("SERVICE_ACCOUNT") if node else "") or (pod.service_account if pod else "")
        return f"spiffe://{TRUST_DOMAIN}/ns/{self._captured.id.namespace}/sa/{account}" if account else ""

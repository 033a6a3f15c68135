"""The certificates that one side of a handshake can show.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/common.proto#extensions-transport-sockets-tls-v3-commontlscontext
"""

from __future__ import annotations

from msgspec import Raw, Struct

from meshscope.simulation.connection import Peer
from meshscope.simulation.tls.secrets import WORKLOAD_CERTIFICATE, Secrets
from meshscope.xds.certificate_fields import EMPTY_NAME, certificate_fields, certificates
from meshscope.xds.message import Undecodable, decode
from meshscope.xds.secret import TlsCertificate
from meshscope.xds.tls import CommonTlsContext


class Credential(Struct, frozen=True):
    """`chain` is in DER, the leaf first; () where it was not captured. `name` is its name in SDS, "" where it is inline.
    `identity` is what Istio composes for a workload's own certificate that was not captured, else "".
    """

    chain: tuple[bytes, ...] = ()
    name: str = ""
    identity: str = ""

    @property
    def key_type(self) -> str:
        """RSA or ECDSA; "" where it is not captured, or another."""
        fields = certificate_fields(self.chain[0]) if self.chain else None
        return fields.key_type if fields else ""

    @property
    def peer(self) -> Peer:
        """What the other side sees of it."""
        fields = certificate_fields(self.chain[0]) if self.chain else None
        if fields is None and self.identity:
            return Peer(presented=True, validated=True, uri_sans=(self.identity,))
        if fields is None:
            return Peer(presented=True)
        return Peer(
            presented=True,
            uri_sans=fields.uris,
            dns_sans=fields.dns,
            other_sans=(*fields.ips, *fields.emails),
            subject="" if fields.subject == EMPTY_NAME else _subject(self.chain[0]),
            der=self.chain[0],
            intermediates=self.chain[1:],
        )


def credentials(common: CommonTlsContext, secrets: Secrets) -> tuple[Credential, ...]:
    """Those of SDS, else those that are written in the context itself."""
    by_name = [secret.name for secret in common.tls_certificate_sds_secret_configs]
    if by_name:
        return tuple(_delivered(name, secrets) for name in by_name)
    return tuple(Credential(_inline(raw)) for raw in common.tls_certificates)


def shown_to(sni: str, listed: tuple[Credential, ...]) -> tuple[Credential, ...]:
    """The certificates of which a server may show one: those whose names have the client's SNI, exactly before by wildcard.

    Where none has it, any of them: their keys and the client's abilities choose.
    https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/security/ssl#certificate-selection
    """
    if len(listed) < 2 or not all(one.chain for one in listed):
        return listed
    parent = "*." + sni.partition(".")[2]
    for name in (sni, parent):
        if found := tuple(one for one in listed if name and name in _names(one)):
            return found
    return listed


def _names(credential: Credential) -> tuple[str, ...]:
    fields = certificate_fields(credential.chain[0])
    return tuple(name.lower() for name in fields.dns) if fields else ()


def _delivered(name: str, secrets: Secrets) -> Credential:
    secret = secrets.delivered(name)
    chain = certificates(secret.public_certificates()) if secret and secret.tls_certificate else ()
    return Credential(chain, name, secrets.identity() if not chain and name == WORKLOAD_CERTIFICATE else "")


def _inline(raw: Raw) -> tuple[bytes, ...]:
    body = decode(raw, TlsCertificate)
    return () if isinstance(body, Undecodable) else certificates(body.certificate_chain.inline())


def _subject(der: bytes) -> str:
    from meshscope.xds.certificate import subject_of  # Istio's certificates have no subject

    return subject_of(der) or ""

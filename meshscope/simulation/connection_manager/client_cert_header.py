"""`x-forwarded-client-cert`: how a connection manager forwards, writes or removes it.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-client-cert
The text has a GAP for each unknown part (the certificate's hash, the certificate itself, its subject). A GAP alone means that
nothing is known of the header, not even whether it exists.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256

from meshscope.simulation.connection import Peer
from meshscope.simulation.headers.inline import GAP
from meshscope.xds.http_connection_manager import HttpConnectionManager
from meshscope.xds.message import present

_WRITES = ("APPEND_FORWARD", "SANITIZE_SET")


def client_cert_header(
    manager: HttpConnectionManager,
    client_values: tuple[str, ...],
    peer: Peer,
    identities: tuple[str, ...] | None,
    *,
    terminates_tls: bool,
) -> str | None:
    """The header's value from here on; None: there is no such header. `client_values` are those that the client sent.

    `identities` are the URI SANs of this proxy's own certificate, None where it is unknown.
    """
    if present(manager.forward_client_cert_matcher):
        return GAP
    mode = manager.forward_client_cert_details.upper()
    from_client = ",".join(client_values) if client_values else None
    if mode == "ALWAYS_FORWARD_ONLY":
        return from_client
    if mode not in (*_WRITES, "FORWARD_ONLY") or not terminates_tls or peer.presented is False:
        return None
    if peer.presented is None:  # forwarded or written if there is a certificate, removed if there is none
        return GAP if from_client is not None or mode in _WRITES else None
    if mode == "FORWARD_ONLY":
        return from_client
    own = ";".join(_details(manager, peer, identities or ()))
    own = GAP + own if identities is None else own
    return f"{from_client},{own}" if from_client is not None and mode == "APPEND_FORWARD" else own


def _details(manager: HttpConnectionManager, peer: Peer, identities: tuple[str, ...]) -> Iterator[str]:
    """The parts in Envoy's order. If the peer has any name, the certificate is taken to have no others."""
    yield from (f"By={identity}" for identity in identities)
    yield f"Hash={sha256(peer.der).hexdigest() if peer.der else GAP}"
    details = manager.set_current_client_cert_details
    if details.cert:
        yield f'Cert="{_pem(peer.der) if peer.der else GAP}"'
    if details.chain:
        yield f'Chain="{GAP}"'
    if details.subject:
        subject = peer.subject if peer.subject or peer.der else None
        yield f'Subject="{GAP if subject is None else subject}"'
    has_names = peer.uri_sans or peer.dns_sans or peer.subject or peer.der
    if not has_names and (details.uri or details.dns):
        yield f"URI={GAP}" if details.uri else GAP
        return
    if details.uri:
        yield from (f"URI={uri}" for uri in peer.uri_sans or ("",))
    if details.dns:
        yield from (f"DNS={name}" for name in peer.dns_sans)


def _pem(der: bytes) -> str:
    """The certificate as PEM, URL-encoded."""
    from urllib.parse import quote  # a large module, and few proxies forward the certificate itself

    text = b64encode(der).decode()
    lines = (text[at : at + 64] for at in range(0, len(text), 64))
    pem = "".join(f"{line}\n" for line in ("-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----"))
    return quote(pem, safe="")

"""`x-forwarded-client-cert`: what a connection manager makes of it, and writes there of its client's certificate.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-client-cert
Where nobody knows a part (the certificate's hash, itself, or its subject) the text holds a GAP. A GAP alone is a header of
which nothing is known, not even whether it is there.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256

from meshscope.simulation.connection import Peer
from meshscope.simulation.headers.inline import GAP
from meshscope.xds.certificate import subject_of
from meshscope.xds.http_connection_manager import HttpConnectionManager
from meshscope.xds.message import present

_WRITES = ("APPEND_FORWARD", "SANITIZE_SET")


def client_cert_header(
    manager: HttpConnectionManager, came: tuple[str, ...], peer: Peer, identity: str, *, secured: bool
) -> str | None:
    """The header's value from here on; None: there is none. `came` are the values that the client sent.

    `identity` is the URI SAN of this proxy's own certificate, "" where it is not known.
    """
    if present(manager.forward_client_cert_matcher):
        return GAP
    mode = manager.forward_client_cert_details.upper()
    forwarded = ",".join(came) if came else None
    if mode == "ALWAYS_FORWARD_ONLY":
        return forwarded
    if mode not in (*_WRITES, "FORWARD_ONLY") or not secured or peer.presented is False:
        return None
    if peer.presented is None:  # kept or written with a certificate, taken away without one
        return GAP if forwarded is not None or mode in _WRITES else None
    if mode == "FORWARD_ONLY":
        return forwarded
    own = ";".join(_details(manager, peer, identity))
    own = own if identity else GAP + own
    return f"{forwarded},{own}" if forwarded is not None and mode == "APPEND_FORWARD" else own


def _details(manager: HttpConnectionManager, peer: Peer, identity: str) -> Iterator[str]:
    """In Envoy's order. A certificate of which something is said has those names and no others."""
    if identity:
        yield f"By={identity}"
    yield f"Hash={sha256(peer.der).hexdigest() if peer.der else GAP}"
    wanted = manager.set_current_client_cert_details
    if wanted.cert:
        yield f'Cert="{_pem(peer.der) if peer.der else GAP}"'
    if wanted.chain:
        yield f'Chain="{GAP}"'
    if wanted.subject:
        subject = peer.subject or (_subject(peer.der) if peer.der else None)
        yield f'Subject="{GAP if subject is None else subject}"'
    is_described = peer.uri_sans or peer.dns_sans or peer.subject
    if not is_described and (wanted.uri or wanted.dns):
        yield f"URI={GAP}" if wanted.uri else GAP
        return
    if wanted.uri:
        yield from (f"URI={uri}" for uri in peer.uri_sans or ("",))
    if wanted.dns:
        yield from (f"DNS={name}" for name in peer.dns_sans)


@lru_cache(maxsize=1024)
def _subject(der: bytes) -> str | None:
    return subject_of(der)


def _pem(der: bytes) -> str:
    """The certificate as PEM, URL-encoded."""
    from urllib.parse import quote  # few proxies forward the certificate itself, and the module is large

    text = b64encode(der).decode()
    lines = (text[at : at + 64] for at in range(0, len(text), 64))
    pem = "".join(f"{line}\n" for line in ("-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----"))
    return quote(pem, safe="")

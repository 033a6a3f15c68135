"""Secrets: names and public certificates. Private keys are never typed, read or shown.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/secret.proto
"""

from __future__ import annotations

import base64
import binascii

from meshscope.xds.message import Message, decode
from meshscope.xds.tls import CertificateValidationContext


class DataSource(Message, frozen=True):
    filename: str = ""
    inline_bytes: str = ""
    inline_string: str = ""

    def inline(self) -> bytes:
        """The bytes that stand in the configuration itself; none for a file or text that is not base64."""
        if self.inline_string:
            return self.inline_string.encode()
        try:
            return base64.b64decode(self.inline_bytes, validate=True)
        except (binascii.Error, ValueError):
            return b""


class TlsCertificate(Message, frozen=True):
    certificate_chain: DataSource = DataSource()


class Secret(Message, frozen=True):
    """One of tls_certificate, validation_context, session_ticket_keys, generic_secret is set; the latter two are keys and
    are not read."""

    name: str = ""
    tls_certificate: TlsCertificate | None = None
    validation_context: CertificateValidationContext | None = None

    @property
    def type(self) -> str:
        """`certificate`, `ca`, or "" where the secret is neither or was not delivered."""
        if self.tls_certificate:
            return "certificate"
        return "ca" if self.validation_context else ""

    def public_certificates(self) -> bytes:
        """PEM (or DER) of the public certificates that the secret holds inline."""
        if self.tls_certificate:
            return self.tls_certificate.certificate_chain.inline()
        trusted = decode(self.validation_context.trusted_ca, DataSource) if self.validation_context else None
        return trusted.inline() if isinstance(trusted, DataSource) else b""

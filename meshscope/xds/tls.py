"""TLS transport sockets, both sides.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/tls.proto
"""

from __future__ import annotations

from msgspec import Raw

from meshscope.xds.marks import Enum
from meshscope.xds.matcher import StringMatcher
from meshscope.xds.matcher_message import MatcherMessage
from meshscope.xds.message import Message


class SdsSecretConfig(Message, frozen=True):
    name: str = ""
    sds_config: Raw = Raw()


class TlsParameters(Message, frozen=True):
    tls_minimum_protocol_version: str = "TLS_AUTO"
    tls_maximum_protocol_version: str = "TLS_AUTO"
    cipher_suites: tuple[str, ...] = ()


class SubjectAltNameMatcher(MatcherMessage, frozen=True):
    """`oid` names the kind of an OTHER_NAME."""

    san_type: Enum = "SAN_TYPE_UNSPECIFIED"
    matcher: StringMatcher = StringMatcher()
    oid: str = ""


class CertificateValidationContext(Message, frozen=True):
    """Trust roots stay raw: they are data of a secret."""

    trusted_ca: Raw = Raw()
    match_subject_alt_names: tuple[StringMatcher, ...] = ()
    match_typed_subject_alt_names: tuple[SubjectAltNameMatcher, ...] = ()
    verify_certificate_spki: tuple[str, ...] = ()
    verify_certificate_hash: tuple[str, ...] = ()
    allow_expired_certificate: bool = False
    trust_chain_verification: str = "VERIFY_TRUST_CHAIN"
    custom_validator_config: Raw = Raw()
    crl: Raw = Raw()
    max_verify_depth: Raw = Raw()
    system_root_certs: Raw = Raw()
    ca_certificate_provider_instance: Raw = Raw()


class CombinedValidationContext(Message, frozen=True):
    default_validation_context: CertificateValidationContext = CertificateValidationContext()
    validation_context_sds_secret_config: SdsSecretConfig = SdsSecretConfig()


class CommonTlsContext(Message, frozen=True):
    tls_params: TlsParameters = TlsParameters()
    tls_certificates: tuple[Raw, ...] = ()
    tls_certificate_sds_secret_configs: tuple[SdsSecretConfig, ...] = ()
    validation_context: CertificateValidationContext | None = None
    validation_context_sds_secret_config: SdsSecretConfig | None = None
    combined_validation_context: CombinedValidationContext | None = None
    alpn_protocols: tuple[str, ...] = ()

    def secret_references(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        """The secrets that SDS has to deliver: path within this context, and name."""
        found: list[tuple[tuple[str | int, ...], str]] = [
            (("tls_certificate_sds_secret_configs", index), secret.name)
            for index, secret in enumerate(self.tls_certificate_sds_secret_configs)
        ]
        if self.validation_context_sds_secret_config:
            found.append((("validation_context_sds_secret_config",), self.validation_context_sds_secret_config.name))
        if self.combined_validation_context:
            secret = self.combined_validation_context.validation_context_sds_secret_config
            found.append((("combined_validation_context", "validation_context_sds_secret_config"), secret.name))
        return tuple((path, name) for path, name in found if name)


class DownstreamTlsContext(Message, frozen=True):
    common_tls_context: CommonTlsContext = CommonTlsContext()
    require_client_certificate: bool | None = None
    require_sni: bool | None = None
    full_scan_certs_on_sni_mismatch: bool | None = None


class UpstreamTlsContext(Message, frozen=True):
    common_tls_context: CommonTlsContext = CommonTlsContext()
    sni: str = ""
    auto_host_sni: bool = False
    auto_sni_san_validation: bool = False
    allow_renegotiation: bool = False


class QuicDownstreamTransport(Message, frozen=True):
    downstream_tls_context: DownstreamTlsContext = DownstreamTlsContext()


class QuicUpstreamTransport(Message, frozen=True):
    upstream_tls_context: UpstreamTlsContext = UpstreamTlsContext()

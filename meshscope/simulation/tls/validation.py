"""What one side of a handshake asks of the other's certificate, and whether it takes one.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/common.proto#extensions-transport-sockets-tls-v3-certificatevalidationcontext
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

from msgspec import Raw, Struct
from msgspec.structs import replace

from meshscope.simulation.connection import Envoy, Peer
from meshscope.simulation.tls.names import names_match, one_of
from meshscope.simulation.tls.secrets import MESH_AUTHORITY, Secrets
from meshscope.simulation.tls.trust import Presented, Usage, trusted
from meshscope.simulation.verdict import YES, Verdict, all_of, no, unknown
from meshscope.xds.certificate_fields import certificate_fields, certificates
from meshscope.xds.message import Undecodable, decode, present
from meshscope.xds.secret import DataSource
from meshscope.xds.tls import CertificateValidationContext, CommonTlsContext

_SIDES = {Usage.CLIENT: ("server", "client"), Usage.SERVER: ("client", "server")}
"""Who asks and who shows, by what the certificate is shown for."""


class Validation(Struct, frozen=True):
    """`context` is what is in effect, SDS included. `source` says where an authority that was not captured would stand, ""
    where it is known or nothing is asked of it. `of_mesh`: it is Istio's own, not captured, and taken for every workload's.
    """

    context: CertificateValidationContext
    roots: tuple[bytes, ...] = ()
    source: str = ""
    of_mesh: bool = False

    @property
    def requires(self) -> bool:
        """With names or pins a certificate is required even if `require_client_certificate` is not set."""
        context = self.context
        return context.trust_chain_verification != "ACCEPT_UNTRUSTED" and bool(
            context.match_typed_subject_alt_names
            or context.match_subject_alt_names
            or context.verify_certificate_spki
            or context.verify_certificate_hash
        )

    @property
    def asks(self) -> bool:
        """Whether the other side's certificate is looked at at all; a server asks for one only then."""
        context = self.context
        return bool(
            self._has_authority
            or self.requires
            or present(context.custom_validator_config)
            or context.trust_chain_verification == "ACCEPT_UNTRUSTED"
        )

    @property
    def _has_authority(self) -> bool:
        return bool(self.roots or self.source or self.of_mesh)

    def of(
        self,
        peer: Peer,
        envoy: Envoy,
        usage: Usage,
        *,
        at: str = "",
        names: tuple[str, ...] = (),
    ) -> Verdict:
        """Whether the certificate is taken, by the first reason not to, in Envoy's order: trust, names, pins.

        `names` are those that the request asks for, beside the context's. `at` as in `trusted`.
        """
        context, shows = self.context, _SIDES[usage][1]
        if names and not self._has_authority:
            return no("the client asks for a name, and has no trusted CA: it refuses every certificate")
        if context.trust_chain_verification == "ACCEPT_UNTRUSTED":
            return YES
        if present(context.custom_validator_config):
            return unknown("custom_validator_config is not modelled")
        trust = self._trust(peer, usage, at)
        if trust.is_no:
            return trust
        of_request = one_of(names, peer, shows=shows) if names else YES
        named = names_match(context, peer, envoy, shows=shows)
        return all_of((trust, of_request, named, _pinned(context, peer)))

    def _trust(self, peer: Peer, usage: Usage, at: str) -> Verdict:
        asks, shows = _SIDES[usage]
        if not self._has_authority:
            return YES
        if peer.validated is False:
            return no(f"the {asks}'s CA does not accept the {shows}'s certificate")
        if peer.validated or self.of_mesh:
            return YES
        if self.source or not peer.der:
            what = f"{asks}'s trusted CA" if self.source else f"{shows}'s certificate"
            return unknown(f"the {what} is not captured" + (f": {self.source}" if self.source else ""))
        verdict = trusted(
            Presented((peer.der, *peer.intermediates), usage),
            self.roots,
            at,
            allow_expired=self.context.allow_expired_certificate,
        )
        if verdict.is_no:
            return no(f"the {asks} refuses the {shows}'s certificate: {verdict.because}")
        return all_of((verdict, self._more(asks)))

    def _more(self, asks: str) -> Verdict:
        """What further makes a certificate refused that has a trusted issuer."""
        names = (name for name in ("crl", "max_verify_depth") if present(getattr(self.context, name)))
        unmodelled = next(names, None)
        return unknown(f"{unmodelled} of the {asks} is not modelled") if unmodelled else YES


def _pinned(context: CertificateValidationContext, peer: Peer) -> Verdict:
    """One pin is enough, of the certificate or of its key."""
    if not context.verify_certificate_spki and not context.verify_certificate_hash:
        return YES
    fields = certificate_fields(peer.der) if peer.der else None
    if fields is None:
        return unknown("whether the certificate has the pinned key or hash is unknown")
    hashes = {pin.replace(":", "").lower() for pin in context.verify_certificate_hash}
    is_pinned = (
        sha256(peer.der).hexdigest() in hashes or b64encode(fields.key_hash).decode() in context.verify_certificate_spki
    )
    return YES if is_pinned else no("the certificate has neither the pinned key nor the pinned hash")


def validation(common: CommonTlsContext, secrets: Secrets) -> Validation | None:
    """None: nothing is asked. A combined context is the default one with what SDS delivers laid over it."""
    reference, context = common.validation_context_sds_secret_config, common.validation_context
    if common.combined_validation_context:
        reference = common.combined_validation_context.validation_context_sds_secret_config
        context = common.combined_validation_context.default_validation_context
    if reference is None or not reference.name:
        return None if context is None else _with_roots(context, "")
    secret = secrets.delivered(reference.name)
    delivered = secret.validation_context if secret else None
    if delivered is None and reference.name == MESH_AUTHORITY:
        return Validation(context or CertificateValidationContext(), of_mesh=True)
    if delivered is None:
        where = f"secret {reference.name} is not in this input"
        return Validation(context or CertificateValidationContext(), source=where)
    return _with_roots(_over(context, delivered) if context else delivered, f" of secret {reference.name}")


def _over(
    default: CertificateValidationContext, delivered: CertificateValidationContext
) -> CertificateValidationContext:
    """As protobuf merges: lists are joined, what is set replaces."""
    empty = CertificateValidationContext()
    changed = {}
    for name in CertificateValidationContext.__struct_fields__:
        old, new = getattr(default, name), getattr(delivered, name)
        if isinstance(new, tuple):
            changed[name] = old + new
        elif present(new) if isinstance(new, Raw) else new != getattr(empty, name):
            changed[name] = new
    return replace(default, **changed)


def _with_roots(context: CertificateValidationContext, of_secret: str) -> Validation:
    for name in ("system_root_certs", "ca_certificate_provider_instance"):
        if present(getattr(context, name)):
            return Validation(context, source=f"{name}, which no dump holds")
    if not present(context.trusted_ca):
        return Validation(context)
    body = decode(context.trusted_ca, DataSource)
    if isinstance(body, Undecodable):
        return Validation(context, source=f"trusted_ca{of_secret} does not read")
    roots = certificates(body.inline())
    where = f"file {body.filename}" if body.filename else f"trusted_ca{of_secret} has no certificate"
    return Validation(context, roots=roots, source="" if roots else where)


class CertificateCheck:
    """What a client asks of the server's certificate. `names` are those of a request (`auto_san_validation`); `at` the time.
    Equal by them and by the identity of `validation`, so that connections are equal that ask the same.
    """

    def __init__(self, validation: Validation, names: tuple[str, ...], at: str) -> None:
        self._validation, self._names, self._at = validation, names, at

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CertificateCheck):
            return NotImplemented
        same = self._validation is other._validation
        return same and (self._names, self._at) == (other._names, other._at)

    def __hash__(self) -> int:
        return hash((id(self._validation), self._names, self._at))

    def __call__(self, server: Peer, envoy: Envoy) -> Verdict:
        return self._validation.of(server, envoy, Usage.SERVER, at=self._at, names=self._names)

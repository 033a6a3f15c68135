"""TLS of a listener as that of a Gateway's server.

https://gateway-api.sigs.k8s.io/reference/spec/#listenertlsconfig, translated as istiod does it
(https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gateway/conversion.go, buildTLS).
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from meshscope.effect.gateway_api.grants import is_granted
from meshscope.effect.gateway_api.sources import Sources
from meshscope.istio.gateway_api.gateway import FrontendTLSValidation, GatewaySpec
from meshscope.istio.gateway_api.listener import Listener
from meshscope.istio.manifest import Object
from meshscope.istio.objects.server_tls import ServerTLSSettings
from meshscope.istio.provenance import ObjectRef

TERMINATE_MODE = "gateway.istio.io/tls-terminate-mode"
LISTENER_PORT = "networking.istio.io/gatewayPort"
_NETWORK = "topology.istio.io/network"
_CROSS_NETWORK = 15443
_MOST_CERTIFICATES = 2


class Refusal(Struct, frozen=True):
    """Why istiod makes nothing of a listener, "" where it does. `is_open`: a ReferenceGrant that the input lacks would allow
    it.
    """

    because: str = ""
    is_open: bool = False


def server_tls(
    sources: Sources, owner: Object, gateway: GatewaySpec, listener: Listener
) -> tuple[ServerTLSSettings | None, Refusal]:
    """With the settings that it would have."""
    tls = listener.tls
    if tls is None:
        return None, Refusal()
    if tls.mode == "Passthrough":
        is_auto = _is_auto_passthrough(owner, listener)
        return ServerTLSSettings(mode="AUTO_PASSTHROUGH" if is_auto else "PASSTHROUGH"), Refusal()
    option = tls.options.get(TERMINATE_MODE)
    if option == "ISTIO_SIMPLE":
        return ServerTLSSettings(mode="SIMPLE", credential_name="builtin://"), Refusal()
    if option == "ISTIO_MUTUAL":
        return ServerTLSSettings(mode="ISTIO_MUTUAL"), Refusal()
    mode = option if option in ("MUTUAL", "OPTIONAL_MUTUAL") else "SIMPLE"
    names, refusal = _certificates(sources, owner, listener)
    settings = ServerTLSSettings(mode=mode)
    if len(names) == 1:
        settings = replace(settings, credential_name=names[0])
    elif names:
        settings = replace(settings, credential_names=names)
    validation = _validation(gateway, listener.port)
    if validation is None or not validation.ca_certificate_refs:
        return settings, refusal
    settings, other = _with_clients(sources, owner, validation, settings)
    return settings, refusal if refusal.because else other


def _certificates(sources: Sources, owner: Object, listener: Listener) -> tuple[tuple[str, ...], Refusal]:
    """Names of those that may be used; where none may, of all that are Secrets."""
    refs = listener.tls.certificate_refs if listener.tls else ()
    if len(refs) > _MOST_CERTIFICATES:
        return (), Refusal(f"it has {len(refs)} certificates, and istiod takes {_MOST_CERTIFICATES} at most")
    namespace = owner.namespace or "default"
    names, ungranted, reasons = [], [], []
    for ref in refs:
        to = ObjectRef(ref.group, ref.kind, ref.namespace or namespace, ref.name)
        name = f"kubernetes-gateway://{to.namespace}/{to.name}"
        if (ref.group, ref.kind) != ("", "Secret"):
            reasons.append(f"its certificate is a {ref.kind}, and istiod takes Secrets alone")
        elif not is_granted(sources, owner.kind, namespace, to):
            reasons.append(f"no ReferenceGrant lets it use {to}")
            ungranted.append(name)
        else:
            names.append(name)
    if names or not reasons:
        return tuple(names), Refusal()
    return tuple(ungranted), Refusal("; ".join(reasons), is_open=bool(ungranted))


def _validation(gateway: GatewaySpec, port: int) -> FrontendTLSValidation | None:
    """Of clients' certificates: that of the port, else the Gateway's."""
    frontend = gateway.tls.frontend if gateway.tls else None
    if frontend is None:
        return None
    own = next((one.tls for one in frontend.per_port if one.port == port), frontend.default)
    return own.validation


def _with_clients(
    sources: Sources, owner: Object, validation: FrontendTLSValidation, settings: ServerTLSSettings
) -> tuple[ServerTLSSettings, Refusal]:
    """A ConfigMap or a Secret has the authorities; of several the first counts."""
    ref = validation.ca_certificate_refs[0]
    namespace = owner.namespace or "default"
    to = ObjectRef(ref.group, ref.kind, ref.namespace or namespace, ref.name)
    if (ref.group, ref.kind) not in (("", "ConfigMap"), ("", "Secret")):
        return settings, Refusal(f"its certificate authorities are a {ref.kind}; istiod takes ConfigMaps and Secrets")
    scheme = "configmap" if ref.kind == "ConfigMap" else "kubernetes-gateway"
    is_strict = validation.mode != "AllowInsecureFallback"
    settings = replace(
        settings,
        mode="MUTUAL" if is_strict else "OPTIONAL_MUTUAL",
        ca_cert_credential_name=f"{scheme}://{to.namespace}/{to.name}-cacert",
        insecure_skip_verify=not is_strict,
    )
    if is_granted(sources, owner.kind, namespace, to):
        return settings, Refusal()
    return settings, Refusal(f"no ReferenceGrant lets it use {to}", is_open=True)


def _is_auto_passthrough(owner: Object, listener: Listener) -> bool:
    """A gateway between networks passes on by the server name alone.

    https://github.com/istio/istio/blob/master/pkg/config/gateway/kube/gateway.go (IsAutoPassthrough)
    """
    if (
        listener.tls is not None
        and listener.tls.options.get("gateway.istio.io/listener-protocol") == "auto-passthrough"
    ):
        return True
    port = owner.labels.get(LISTENER_PORT) or str(_CROSS_NETWORK)
    return owner.labels.has(_NETWORK) and str(listener.port) == port

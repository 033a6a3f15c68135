"""TLS of a listener as that of a Gateway's server.

https://gateway-api.sigs.k8s.io/reference/spec/#listenertlsconfig, translated as istiod does it
(https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gateway/conversion.go, buildTLS).
"""

from __future__ import annotations

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


def server_tls(
    sources: Sources, owner: Object, gateway: GatewaySpec, listener: Listener
) -> tuple[ServerTLSSettings | None, str]:
    """And why istiod makes nothing of the listener, "" where it does."""
    tls = listener.tls
    if tls is None:
        return None, ""
    if tls.mode == "Passthrough":
        is_auto = _is_auto_passthrough(owner, listener)
        return ServerTLSSettings(mode="AUTO_PASSTHROUGH" if is_auto else "PASSTHROUGH"), ""
    option = tls.options.get(TERMINATE_MODE)
    if option == "ISTIO_SIMPLE":
        return ServerTLSSettings(mode="SIMPLE", credential_name="builtin://"), ""
    if option == "ISTIO_MUTUAL":
        return ServerTLSSettings(mode="ISTIO_MUTUAL"), ""
    mode = option if option in ("MUTUAL", "OPTIONAL_MUTUAL") else "SIMPLE"
    names, problem = _certificates(sources, owner, listener)
    settings = ServerTLSSettings(mode=mode)
    if len(names) == 1:
        settings = replace(settings, credential_name=names[0])
    elif names:
        settings = replace(settings, credential_names=names)
    validation = _validation(gateway, listener.port)
    if problem or validation is None or not validation.ca_certificate_refs:
        return settings, problem
    return _with_clients(sources, owner, validation, settings)


def _certificates(sources: Sources, owner: Object, listener: Listener) -> tuple[tuple[str, ...], str]:
    """Names of those that may be used; the problem where there is none of them."""
    refs = listener.tls.certificate_refs if listener.tls else ()
    if len(refs) > _MOST_CERTIFICATES:
        return (), f"it has {len(refs)} certificates, and istiod takes {_MOST_CERTIFICATES} at most"
    namespace = owner.namespace or "default"
    names, problems = [], []
    for ref in refs:
        to = ObjectRef(ref.group, ref.kind, ref.namespace or namespace, ref.name)
        if (ref.group, ref.kind) != ("", "Secret"):
            problems.append(f"its certificate is a {ref.kind}, and istiod takes Secrets alone")
        elif not is_granted(sources, owner.kind, namespace, to):
            problems.append(f"no ReferenceGrant lets it use {to}")
        else:
            names.append(f"kubernetes-gateway://{to.namespace}/{to.name}")
    return tuple(names), "" if names else "; ".join(problems)


def _validation(gateway: GatewaySpec, port: int) -> FrontendTLSValidation | None:
    """Of clients' certificates: that of the port, else the Gateway's."""
    frontend = gateway.tls.frontend if gateway.tls else None
    if frontend is None:
        return None
    own = next((one.tls for one in frontend.per_port if one.port == port), frontend.default)
    return own.validation


def _with_clients(
    sources: Sources, owner: Object, validation: FrontendTLSValidation, settings: ServerTLSSettings
) -> tuple[ServerTLSSettings, str]:
    """A ConfigMap or a Secret has the authorities; of several the first counts."""
    ref = validation.ca_certificate_refs[0]
    namespace = owner.namespace or "default"
    to = ObjectRef(ref.group, ref.kind, ref.namespace or namespace, ref.name)
    if (ref.group, ref.kind) not in (("", "ConfigMap"), ("", "Secret")):
        return settings, f"its certificate authorities are a {ref.kind}; istiod takes ConfigMaps and Secrets"
    if not is_granted(sources, owner.kind, namespace, to):
        return settings, f"no ReferenceGrant lets it use {to}"
    scheme = "configmap" if ref.kind == "ConfigMap" else "kubernetes-gateway"
    is_strict = validation.mode != "AllowInsecureFallback"
    return replace(
        settings,
        mode="MUTUAL" if is_strict else "OPTIONAL_MUTUAL",
        ca_cert_credential_name=f"{scheme}://{to.namespace}/{to.name}-cacert",
        insecure_skip_verify=not is_strict,
    ), ""


def _is_auto_passthrough(owner: Object, listener: Listener) -> bool:
    """A gateway between networks passes on by the server name alone.

    https://github.com/istio/istio/blob/master/pkg/config/gateway/kube/gateway.go (IsAutoPassthrough)
    """
    if listener.tls is not None and listener.tls.options.get("gateway.istio.io/listener-protocol") == "auto-passthrough":
        return True
    port = owner.labels.get(LISTENER_PORT) or str(_CROSS_NETWORK)
    return owner.labels.has(_NETWORK) and str(listener.port) == port

"""XBackend: a host outside of the cluster that routes may lead to, and how it is connected to.

https://gateway-api.sigs.k8s.io/geps/gep-4488/
"""

from __future__ import annotations

from meshscope.istio.gateway_api.backend_tls_policy import BackendTLSPolicyValidation
from meshscope.istio.gateway_api.conditions import RouteStatus
from meshscope.istio.gateway_api.references import SecretObjectReference
from meshscope.typed import Typed

EXTERNAL_HOSTNAME = "ExternalHostname"


class ExternalHostname(Typed, frozen=True):
    hostname: str = ""


class BackendPort(Typed, frozen=True):
    name: str = ""
    port: int = 0


class BackendTLS(Typed, frozen=True, rename="camel"):
    """`mode` is None, ServerOnly or ClientAndServer."""

    mode: str = ""
    validation: BackendTLSPolicyValidation | None = None
    client_certificate_ref: SecretObjectReference | None = None


class XBackendSpec(Typed, frozen=True, rename="camel"):
    """`type` is EXTERNAL_HOSTNAME."""

    type: str = ""
    external_hostname: ExternalHostname | None = None
    port: BackendPort = BackendPort()
    protocol: str = ""
    tls: BackendTLS | None = None


class XBackend(Typed, frozen=True):
    spec: XBackendSpec = XBackendSpec()
    status: RouteStatus = RouteStatus()

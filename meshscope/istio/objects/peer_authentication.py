"""PeerAuthentication: which connections a workload accepts.

https://istio.io/latest/docs/reference/config/security/peer_authentication/
"""

from __future__ import annotations

from meshscope.istio.objects.selectors import PolicySelector
from meshscope.istio.objects.status import IstioStatus
from meshscope.typed import Typed


class MutualTLS(Typed, frozen=True):
    """UNSET is inherited."""

    mode: str = "UNSET"


class PeerAuthenticationSpec(Typed, frozen=True, rename="camel"):
    """Keys of `port_level_mtls` are the container's ports."""

    selector: PolicySelector | None = None
    mtls: MutualTLS | None = None
    port_level_mtls: dict[str, MutualTLS] = {}


class PeerAuthentication(Typed, frozen=True):
    spec: PeerAuthenticationSpec = PeerAuthenticationSpec()
    status: IstioStatus = IstioStatus()

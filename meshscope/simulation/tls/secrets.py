"""The secrets of one proxy, as a handshake needs them.

https://www.envoyproxy.io/docs/envoy/latest/configuration/security/secret
"""

from __future__ import annotations

from collections.abc import Callable

from meshscope.xds.secret import Secret
from meshscope.xds.tls import CommonTlsContext

WORKLOAD_CERTIFICATE, MESH_AUTHORITY = "default", "ROOTCA"
"""The secrets in which Istio delivers a workload's own identity, and the authority that signs all of them."""


class Secrets:
    """`delivered` answers a secret's contents by its name, None where they were not captured. `missing` are the names that
    Envoy itself lists as requested and not delivered. `identity` answers the SPIFFE identity in the workload's own certificate
    where that was not captured, "" if unknown.
    """

    def __init__(
        self,
        delivered: Callable[[str], Secret | None],
        missing: frozenset[str] = frozenset(),
        identity: Callable[[], str] = str,
    ) -> None:
        self.delivered, self._missing, self.identity = delivered, missing, identity

    def first_missing(self, common: CommonTlsContext) -> str | None:
        """The first secret of a TLS context that Envoy waits for; without it there is no handshake."""
        if not self._missing:
            return None
        return next((name for _, name in common.secret_references() if name in self._missing), None)


NO_SECRETS = Secrets(lambda _: None)

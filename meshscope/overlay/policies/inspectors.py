"""The listener filters that tell TLS and HTTP, but for ports none of whose chains asks for it.

https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/listener_inbound.go (populateListenerFilters)
"""

from __future__ import annotations

from meshscope.overlay.draft import Json
from meshscope.overlay.policies.peer_chains import INSPECTOR, PLAIN_HTTP, inspector, tls_inspected


def inspected(filters: list[Json], chains: list[Json]) -> list[Json]:
    """The listener filters of a listener with these chains."""
    by_port: dict[int, bool] = {}
    for one in chains:
        match = one.get("filter_chain_match", {})
        port = match.get("destination_port", 0)
        asks = any(name in match.get("application_protocols", ()) for name in PLAIN_HTTP)
        by_port[port] = by_port.get(port, False) or asks
    found = tls_inspected(filters, chains)
    own = next((one for one in found if one.get("name") == INSPECTOR), None)
    rest = [one for one in found if one is not own]
    if not any(by_port.values()):
        return rest
    made = inspector(sorted(port for port, asks in by_port.items() if not asks))
    if own is not None:
        made = {**own, **{key: value for key, value in made.items() if key != "typed_config"}}
    return [*rest, made]

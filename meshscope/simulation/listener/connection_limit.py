"""Connections that the accepting listener closes at once: a limit of zero in the runtime. Any other limit depends on others.

https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/runtime
https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge (overload.global_downstream_max_connections)
"""

from __future__ import annotations

from meshscope.simulation.connection import Envoy
from meshscope.simulation.runtime_fraction import runtime_integer
from meshscope.xds.listener import Listener

GLOBAL = "overload.global_downstream_max_connections"


def zero_limit(listener: Listener, envoy: Envoy) -> str:
    """The runtime key that lets the listener accept nothing; "" where there is none. Internal listeners have no limit."""
    if listener.is_internal:
        return ""
    own = f"envoy.resource_limits.listener.{listener.name}.connection_limit"
    keys = (own,) if listener.ignore_global_conn_limit else (own, GLOBAL)
    return next((key for key in keys if runtime_integer(envoy.runtime, key, -1) == 0), "")

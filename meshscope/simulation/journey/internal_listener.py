"""A connection to an internal listener that does not exist: its own Envoy refuses it, as if nothing listened.

https://www.envoyproxy.io/docs/envoy/latest/configuration/other_features/internal_listener
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import End
from meshscope.simulation.journey.caller import not_connected
from meshscope.simulation.journey.partial_path import PartialPath
from meshscope.simulation.local_reply import is_grpc
from meshscope.simulation.proxy.compiled_downstream import CompiledDownstream
from meshscope.simulation.trace import Path, Step, StepKind
from meshscope.simulation.verdict import Truth


def no_internal_listener(
    path: PartialPath, name: str, address: str, downstream: CompiledDownstream, request: HttpRequest | None
) -> Path:
    """How a request to it ends: the last hop's proxy answers 503 `UF`; `request` None: it closes the TCP connection."""
    because = f"internal listener {name} does not exist"
    assuming = downstream.assumed_missing(because)
    verdict = Truth.UNKNOWN if assuming else Truth.NO
    hop = path.hops[-1]
    step = Step(kind=StepKind.LISTENER, chosen=name, verdict=verdict, because=because)
    path = replace(path, hops=(*path.hops[:-1], replace(hop, steps=(*hop.steps, step))))
    path = replace(path, assuming=path.assuming + assuming)
    reason = f"remote_connection_failure|immediate_connect_error:_Invalid_argument|remote_address:{address}"
    seen = not_connected(hop, f"upstream_reset_before_response_started{{{reason}}}")
    return path.ended(End(Disposition.NO_LISTENER, replace(seen, code=200) if request and is_grpc(request) else seen))

"""Where a connection arrives: which proxy takes it there, on which of its listeners."""

from __future__ import annotations

from msgspec import Struct

from meshscope.simulation.listener.choice import ChosenListener
from meshscope.simulation.proxy.compiled_proxy import CompiledProxy
from meshscope.simulation.trace import Direction, EndpointRef, Step


class Arrival(Struct, frozen=True, kw_only=True):
    """`tools` None: no recorded proxy guards it, the workload (or the outside) gets it. `taken` None: nothing listens.

    `probability` is that of this way; `steps` tell how it came here; `closed` says why nobody gets it at all.
    """

    ip: str
    port: int
    probability: float | None = 1.0
    tools: CompiledProxy | None = None
    direction: Direction = Direction.INBOUND
    taken: ChosenListener | None = None
    steps: tuple[Step, ...] = ()
    endpoint: EndpointRef | None = None
    closed: str = ""
    assuming: tuple[str, ...] = ()

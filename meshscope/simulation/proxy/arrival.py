"""Where a connection arrives: which proxy takes it there, on which of its listeners."""

from __future__ import annotations

from msgspec import Struct

from meshscope.simulation.listener.choice import ChosenListener
from meshscope.simulation.proxy.compiled_proxy import CompiledProxy
from meshscope.simulation.trace import Direction, EndpointRef, Step


class Arrival(Struct, frozen=True, kw_only=True):
    """`proxy` None: no captured proxy guards the address, the workload (or the outside) gets the connection.

    `listener` None: nothing listens there. `probability` is that of this way, `steps` lead to it; `closed` says why the
    connection is closed on the way, "" where it is not.
    """

    ip: str
    port: int
    probability: float | None = 1.0
    proxy: CompiledProxy | None = None
    direction: Direction = Direction.INBOUND
    listener: ChosenListener | None = None
    steps: tuple[Step, ...] = ()
    endpoint: EndpointRef | None = None
    closed: str = ""
    assuming: tuple[str, ...] = ()

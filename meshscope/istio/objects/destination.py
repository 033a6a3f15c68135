"""Where traffic goes: a host of the service registry, one of its subsets, one of its ports.

https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination
"""

from __future__ import annotations

from meshscope.typed import Typed


class PortSelector(Typed, frozen=True):
    number: int = 0


class Destination(Typed, frozen=True):
    """A short `host` is of the object's own namespace. Without `port` the service must have only one."""

    host: str = ""
    subset: str = ""
    port: PortSelector | None = None

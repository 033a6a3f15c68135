"""exportTo: the namespaces whose proxies see an object.

https://istio.io/latest/docs/reference/config/networking/virtual-service/ (the field `exportTo` of each kind)
"""

from __future__ import annotations

from enum import IntEnum


class Reach(IntEnum):
    """How an object reaches a namespace. Of several objects for one host those that are meant for it more closely win."""

    PRIVATE = 0
    """It is exported to its own namespace alone, which is this one."""
    NAMED = 1
    """It is exported to this namespace among others."""
    PUBLIC = 2
    """It is exported to all."""


def reach(export_to: tuple[str, ...], own: str, client: str) -> Reach | None:
    """How an object of namespace `own` reaches proxies of namespace `client`; None where it does not.

    `export_to` is the object's, or the mesh's default where it has none.
    """
    if not export_to or "*" in export_to:
        return Reach.PUBLIC
    named = {own if name == "." else name for name in export_to} - {"~"}
    if "~" in export_to or client not in named:
        return None
    return Reach.PRIVATE if named == {own} else Reach.NAMED

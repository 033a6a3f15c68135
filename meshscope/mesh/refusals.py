"""Updates that an Envoy refused (NACK): what it was sent and does not use.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/config_dump_shared.proto#envoy-v3-api-msg-admin-v3-updatefailurestate
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from meshscope.envoy.resource import ERROR
from meshscope.location import Location
from meshscope.mesh.proxy import Proxy


class Refusal(Struct, frozen=True):
    """`is_update`: an older version of the resource stays in use. `attempt` is the time of the update (RFC 3339), or ""."""

    proxy: str
    kind: str
    name: str
    details: str
    attempt: str
    is_update: bool
    location: Location

    def __str__(self) -> str:
        subject = (
            f"{'an update of ' if self.is_update else ''}{self.kind.replace('_', ' ')} {self.name} of {self.proxy}"
        )
        time = f" at {self.attempt}" if self.attempt else ""
        return f"{subject} was refused{time}{': ' if self.details else ''}{self.details}"


def refusals(proxy: Proxy, kind: str) -> Iterator[Refusal]:
    """Those of a kind of resource, each once: a dump may list one several times."""
    every = proxy.resources(kind, in_effect=False)
    if all(resource.error is None and resource.state != ERROR for resource in every):
        return
    used = {resource.name for resource in every if resource.in_effect}
    seen = set()
    for resource in every:
        if resource.error is None and resource.state != ERROR:
            continue
        details, attempt = (resource.error.details, resource.error.last_update_attempt) if resource.error else ("", "")
        if (resource.name, details) not in seen:
            seen.add((resource.name, details))
            is_update = resource.name in used
            yield Refusal(proxy.name, kind, resource.name, details, attempt, is_update, resource.location)

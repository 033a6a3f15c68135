"""What is not listed is missing only where everything of its kind was captured; else it is an assumption."""

from __future__ import annotations

from meshscope.envoy.resource import CLUSTER, LISTENER, ROUTES, SCOPED_ROUTES
from meshscope.mesh.proxy import Proxy

_KINDS = {LISTENER: "listeners", ROUTES: "route configurations", CLUSTER: "clusters", SCOPED_ROUTES: "scopes"}


def assumed_missing(proxy: Proxy, kind: str, because: str) -> tuple[str, ...]:
    """The assumption that something is missing, `because` in words; none where that is certain."""
    if proxy.knows_all(kind):
        return ()
    return (f"{proxy.name}: {because}; not all of its {_KINDS[kind]} were captured",)

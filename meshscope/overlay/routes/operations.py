"""The name of a route's operation for traces, which istiod writes into its decorator.

https://github.com/istio/istio/blob/master/pilot/pkg/networking/telemetry/telemetry.go (GetRouteOperation)
"""

from __future__ import annotations

from meshscope.istio.names import parse_cluster
from meshscope.overlay.draft import Json


def decorator(body: Json, name: str, port: int) -> Json:
    """Of a route as JSON; where it does not lead to one cluster alone, `name` and `port` of its rules stand for the host."""
    cluster = parse_cluster((body.get("route") or {}).get("cluster", ""))
    place = f"{cluster.host}:{cluster.port}" if cluster else f"{name}:{port}"
    return {"operation": f"{place}{_path(body.get('match') or {})}"}


def _path(match: Json) -> str:
    if "prefix" in match:
        return f"{match['prefix']}*"
    if "path" in match:
        return str(match["path"])
    return str(match["safe_regex"].get("regex", "")) if "safe_regex" in match else "/*"

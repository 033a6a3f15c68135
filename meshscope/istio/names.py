"""Grammar of Istio's names of clusters and route configurations.

A name outside the grammar gives None, never a guess: EnvoyFilters and plain Envoys use any names.
"""

from __future__ import annotations

import re

from msgspec import Struct

_DIRECTIONS = ("outbound", "inbound", "inbound-vip")


class ClusterName(Struct, frozen=True):
    """`outbound|9080|v1|reviews.default.svc.cluster.local`.

    `port` is the service's for outbound clusters and the workload's for inbound ones (up to Istio 1.9 the service's,
    with the port's name in `subset`); None if the name has no number. `protocol` (`tcp`, `http`) belongs to a
    waypoint's `inbound-vip`. `sni_dnat` marks the form with `_.`, which AUTO_PASSTHROUGH gateways use and which is
    also the server name in Istio's mutual TLS.
    """

    direction: str
    port: int | None
    subset: str
    host: str
    protocol: str = ""
    sni_dnat: bool = False

    def __str__(self) -> str:
        subset = "/".join(part for part in (self.protocol, self.subset) if part)
        port = "" if self.port is None else str(self.port)
        separator = "_." if self.sni_dnat else "|"
        return separator.join((self.direction, port, subset, self.host))


def parse_cluster(name: str) -> ClusterName | None:
    """None for `PassthroughCluster` and every other name without the four parts.

    A host may contain `_.`, so the form with that separator is split from the left (Istio's ParseSubsetKey).
    """
    sni_dnat = name.startswith(("outbound_.", "inbound_."))
    parts = name.split("_.", 3) if sni_dnat else name.split("|")
    if len(parts) != 4 or parts[0] not in _DIRECTIONS:
        return None
    direction, port, subset, host = parts
    protocol = ""
    if direction == "inbound-vip":
        protocol, _, subset = subset.partition("/")
    return ClusterName(direction, _number(port), subset, host, protocol, sni_dnat)


class RouteConfigName(Struct, frozen=True):
    """The parts of a route configuration's name; `kind` is sidecar, gateway or inbound.

    `port` is the listener's port, in `https.…` the server's. Fields that a form of name does not have are empty.
    `bind` is the address of a server or Sidecar listener that has one; it may be a Unix socket.
    """

    kind: str
    port: int | None
    host: str = ""
    port_name: str = ""
    gateway: str = ""
    namespace: str = ""
    bind: str = ""


# Port names and namespaces have no dots; gateway names may.
_BIND = r"(?:\.(?P<bind>\d+\.\d+\.\d+\.\d+|[0-9a-fA-F.]*:[0-9a-fA-F:.]*))?"
_PLAIN = re.compile(rf"http\.(?P<port>\d+){_BIND}")
_TLS = re.compile(rf"https\.(?P<port>\d+)\.(?P<port_name>[^.]*)\.(?P<gateway>.+?)\.(?P<namespace>[^.:]+){_BIND}")
_SIDECAR = re.compile(r"(?:(?P<host>[^|/]+):)?(?P<port>\d+)")


def parse_route_config(name: str) -> RouteConfigName | None:
    """`9080`, `reviews.default.svc.cluster.local:9080`, `http.8080`, `https.443.https.bookinfo.default`, `inbound|…`.

    An inline inbound table is named after its cluster, also for passthrough ports. None for anything else: plain Envoys too
    use `default`, the name of a waypoint's inline table.
    """
    if "|" in name:
        cluster = parse_cluster(name)
        inbound = cluster is not None and cluster.direction.startswith("inbound")
        return RouteConfigName("inbound", cluster.port, cluster.host) if cluster and inbound else None
    if name.startswith("InboundPassthroughCluster"):
        return RouteConfigName("inbound", None)
    if name == "http_proxy":
        return RouteConfigName("sidecar", None)
    if name.startswith("unix://"):
        return RouteConfigName("sidecar", None, bind=name)
    return _gateway_route_config(name) or _sidecar_route_config(name)


def _gateway_route_config(name: str) -> RouteConfigName | None:
    if match := _PLAIN.fullmatch(name):
        return RouteConfigName("gateway", int(match["port"]), bind=match["bind"] or "")
    if match := _TLS.fullmatch(name):
        return RouteConfigName(
            "gateway",
            int(match["port"]),
            port_name=match["port_name"],
            gateway=match["gateway"],
            namespace=match["namespace"],
            bind=match["bind"] or "",
        )
    return None


def _sidecar_route_config(name: str) -> RouteConfigName | None:
    match = _SIDECAR.fullmatch(name)
    return RouteConfigName("sidecar", int(match["port"]), match["host"] or "") if match else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None

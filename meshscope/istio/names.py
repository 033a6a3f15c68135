"""Grammar of the names that Istio gives to clusters and route configurations.

A name that does not follow the grammar is None, never a guess: EnvoyFilters and plain Envoys name things freely.
"""

from __future__ import annotations

import re

from msgspec import Struct

_DIRECTIONS = ("outbound", "inbound", "inbound-vip")


class ClusterName(Struct, frozen=True):
    """`outbound|9080|v1|reviews.default.svc.cluster.local`.

    `port` is the service's for outbound clusters and the workload's for inbound ones (up to Istio 1.9 the service's,
    with the port's name in `subset`); None where the name has no number. `protocol` (`tcp`, `http`) is that of a
    waypoint's `inbound-vip`. `sni_dnat` marks the form with `_.`, which AUTO_PASSTHROUGH gateways use and which is
    also the server name that Istio's mutual TLS sends.
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

    Hosts may contain `_.`, so the form with that separator is split from the left only (Istio's ParseSubsetKey).
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
    """What the name of a route configuration says; `kind` is sidecar, gateway or inbound.

    `port` is the listener's port, but for `https.…` the server's. Empty fields are not part of that form of name.
    `bind` is the address of a server or Sidecar listener that has one, a Unix socket among them.
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

    Inbound tables that stand in the listener are named after their cluster, those of passed-through ports as well.
    None for anything else: the waypoint's inline `default` is also what plain Envoys are named.
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
    if found := _PLAIN.fullmatch(name):
        return RouteConfigName("gateway", int(found["port"]), bind=found["bind"] or "")
    if found := _TLS.fullmatch(name):
        return RouteConfigName(
            "gateway",
            int(found["port"]),
            port_name=found["port_name"],
            gateway=found["gateway"],
            namespace=found["namespace"],
            bind=found["bind"] or "",
        )
    return None


def _sidecar_route_config(name: str) -> RouteConfigName | None:
    found = _SIDECAR.fullmatch(name)
    return RouteConfigName("sidecar", int(found["port"]), found["host"] or "") if found else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None

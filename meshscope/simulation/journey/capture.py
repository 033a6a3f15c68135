"""Whether traffic enters the proxy at all: the rules of istio-iptables (or the CNI), from annotations and metadata.

https://istio.io/latest/docs/reference/config/annotations/ (traffic.sidecar.istio.io/…), `tools/istio-iptables` in Istio.
Without a pod's annotations the defaults hold: everything outbound but loopback, everything inbound but Istio's own ports.
"""

from __future__ import annotations

import ipaddress

from msgspec import Struct

from meshscope.mesh.network.facts import PodFact
from meshscope.mesh.proxy import Proxy

PREFIX = "traffic.sidecar.istio.io/"
OWN_INBOUND_PORTS = frozenset({15006, 15008, 15020, 15021, 15090})
"""Ports that istio-iptables never redirects: the proxy's own."""


class Capture(Struct, frozen=True):
    """`enters`: the proxy gets the traffic. `because` in words of the annotation that decides."""

    enters: bool
    because: str


def outbound(proxy: Proxy, pod: PodFact | None, ip: str | None, port: int) -> Capture:
    """From the application to an address; `ip` None is a name whose address is unknown."""
    if reason := _not_intercepted(proxy, pod):
        return Capture(False, reason)
    notes = Annotations(pod)
    if ip is not None and ipaddress.ip_address(ip).is_loopback:
        return Capture(False, "loopback traffic of the application is not redirected")
    if port in notes.ports("excludeOutboundPorts"):
        return Capture(False, f"{PREFIX}excludeOutboundPorts names {port}")
    if ip is not None and (found := notes.range_with("excludeOutboundIPRanges", ip)):
        return Capture(False, f"{PREFIX}excludeOutboundIPRanges names {found}")
    included = notes.text("includeOutboundIPRanges")
    if included not in ("", "*") and ip is not None:
        found = notes.range_with("includeOutboundIPRanges", ip)
        if not found and port not in notes.ports("includeOutboundPorts"):
            return Capture(False, f"{PREFIX}includeOutboundIPRanges leaves it out")
    return Capture(True, "iptables → 15001")


def inbound(proxy: Proxy, pod: PodFact | None, port: int) -> Capture:
    """From outside the pod to one of its ports."""
    if reason := _not_intercepted(proxy, pod):
        return Capture(False, reason)
    notes = Annotations(pod)
    if port in OWN_INBOUND_PORTS:
        return Capture(False, f"{port} is the proxy's own port")
    included = notes.text("includeInboundPorts")
    if included and included != "*" and port not in notes.ports("includeInboundPorts"):
        return Capture(False, f"{PREFIX}includeInboundPorts leaves {port} out")
    if port in notes.ports("excludeInboundPorts"):
        return Capture(False, f"{PREFIX}excludeInboundPorts names {port}")
    return Capture(True, "iptables → 15006")


def _not_intercepted(proxy: Proxy, pod: PodFact | None) -> str:
    mode = Annotations(pod).exact("sidecar.istio.io/interceptionMode") or (
        proxy.node.interception_mode if proxy.node else ""
    )
    if mode == "NONE":
        return "interception mode NONE: applications talk to the proxy's listeners themselves"
    if pod and pod.host_network:
        return "host network: nothing is redirected"
    return ""


class Annotations:
    """The pod's annotations, read as istio-iptables reads them; none where the pod is unknown."""

    def __init__(self, pod: PodFact | None) -> None:
        self._pod = pod

    def exact(self, name: str) -> str:
        return self._pod.annotations.get(name) if self._pod else ""

    def text(self, name: str) -> str:
        return self.exact(PREFIX + name).strip()

    def ports(self, name: str) -> frozenset[int]:
        return frozenset(int(part) for part in self.text(name).replace(" ", "").split(",") if part.isdigit())

    def range_with(self, name: str, ip: str) -> str:
        """The first range that holds an address, "" for none."""
        ranges = self.text(name).replace(" ", "")
        if not ranges:
            return ""
        address = ipaddress.ip_address(ip)
        for part in ranges.split(","):
            try:
                if part == "*" or address in ipaddress.ip_network(part, strict=False):
                    return part
            except ValueError:
                continue
        return ""

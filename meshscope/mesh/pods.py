"""Which pod owns an address: the proxies' own addresses, then the Pods of the manifests."""

from __future__ import annotations

from collections.abc import Iterable

from meshscope.istio.kubernetes import decode
from meshscope.istio.kubernetes.pod import Pod
from meshscope.istio.manifest import Object
from meshscope.mesh.proxy import Proxy
from meshscope.snapshot.snapshot import Problem


def of_proxies(proxies: Iterable[Proxy]) -> dict[str, str]:
    """`pod.namespace` by IP."""
    return {proxy.node_id.ip: proxy.name for proxy in proxies if proxy.node_id and proxy.node_id.ip}


def of_manifests(pods: Iterable[Object]) -> dict[str, str]:
    """`pod.namespace` by IP. Pods on the node's own network share its address and are left out."""
    found: dict[str, str] = {}
    for item in pods:
        pod = decode(item, Pod)
        if not isinstance(pod, Problem) and not pod.spec.host_network:
            for address in (pod.status.pod_ip, *(ip.ip for ip in pod.status.pod_ips)):
                if address:
                    found[address] = f"{item.name}.{item.namespace or 'default'}"
    return found

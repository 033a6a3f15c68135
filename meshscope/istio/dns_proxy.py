"""DNS proxying: the names that a proxy's agent resolves itself where it captures DNS.

Names outside the table go to the pod's name server.
https://istio.io/latest/docs/ops/configuration/traffic-management/dns-proxy/ and
https://github.com/istio/istio/blob/master/pkg/dns/client/dns.go
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from meshscope.istio.debug.name_table import NamedHost

KUBERNETES = "Kubernetes"
DEFAULT_DOMAIN = "svc.cluster.local"
"""Kubernetes' default, for a node id without a domain."""
NDOTS = 5
"""Kubernetes' `ndots`: a name with fewer dots is first tried below the search domains."""


class DnsProxy:
    """The agent of one pod. `domain` is the DNS domain of its node id, with or without the namespace, or ""."""

    def __init__(self, hosts: Iterable[NamedHost], namespace: str, domain: str) -> None:
        self._namespace = namespace
        self._domain = domain.removeprefix(f"{namespace}.") or DEFAULT_DOMAIN
        self._search = f".{namespace}.{self._domain}"
        self._hosts: dict[str, NamedHost] = {}
        ordered = sorted(hosts, key=lambda one: (one.registry != KUBERNETES, one.host))
        for host in ordered:
            self._hosts.setdefault(host.host, host)
        for host in ordered:
            for name in self._other_names(host):
                self._hosts.setdefault(name, host)

    def _other_names(self, host: NamedHost) -> Iterator[str]:
        """`name.namespace`, `name.namespace.svc`, and `name` for pods of the same namespace; none outside the own domain."""
        yield from host.aliases
        if host.registry == KUBERNETES and host.short_name and host.host.endswith(self._domain):
            yield f"{host.short_name}.{host.namespace}"
            yield f"{host.short_name}.{host.namespace}.{self._domain.partition('.')[0]}"
            if host.namespace == self._namespace:
                yield host.short_name

    def resolve(self, name: str) -> NamedHost | None:
        """The host that an application's resolver gets for a name; None if the agent has none.

        The resolver tries one candidate after another, as its search domains prescribe.
        """
        return next((host for candidate in self._candidates(name.lower()) if (host := self._lookup(candidate))), None)

    def _candidates(self, name: str) -> tuple[str, ...]:
        if name.endswith("."):
            return (name.removesuffix("."),)
        beyond = self._domain.partition(".")[2]
        below = (f"{name}{self._search}", f"{name}.{self._domain}", *((f"{name}.{beyond}",) if beyond else ()))
        return (*below, name) if name.count(".") < NDOTS else (name, *below)

    def _lookup(self, candidate: str) -> NamedHost | None:
        """The name itself, else the nearest wildcard. Each name also exists below the first search domain."""
        labels = candidate.split(".")
        wildcards = (".".join(("*", *labels[index:])) for index in range(1, len(labels)))
        for name in (candidate, *wildcards):
            host = self._hosts.get(name) or self._hosts.get(name.removesuffix(self._search))
            if host is not None:
                return host
        return None

"""The servers of Gateways that a proxy takes, by the listener that they share.

istiod merges the Gateways of a proxy, oldest first; a server that an earlier one excludes is left out
(https://github.com/istio/istio/blob/master/pilot/pkg/model/gateway.go, mergeGateways).
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.gateway_conflicts import excluded_by
from meshscope.effect.gateway_ports import opened_ports
from meshscope.effect.gateway_selection import why_not_selected
from meshscope.effect.written import Written
from meshscope.istio.objects.gateway import Gateway, Server
from meshscope.overlay.applied import NOW
from meshscope.overlay.written_rule import WrittenRule, written_rule

_ALL = "0.0.0.0"  # noqa: S104  # the name of a listener; nothing is bound
_HTTP = ("HTTP", "HTTP2", "GRPC", "GRPC-WEB")
_PASSED = ("PASSTHROUGH", "AUTO_PASSTHROUGH")
_PRIVILEGED = 1024


class Speaks(StrEnum):
    """What the chains of a server are."""

    HTTP = "HTTP"
    HTTPS = "HTTPS"
    """TLS that ends here, and HTTP in it."""
    TLS = "TLS"
    """TLS that is passed through, or ends here with anything else in it."""
    TCP = "TCP"


class TakenServer(Struct, frozen=True, eq=False):
    """`port` is the pod's; `doubt` says what would have to be known for it to be open."""

    gateway: Written[Gateway]
    index: int
    server: Server
    port: int
    doubt: str = ""

    @property
    def listener(self) -> str:
        return f"{self.server.bind or _ALL}_{self.port}"

    @property
    def speaks(self) -> Speaks:
        protocol = self.server.port.protocol.upper()
        if protocol in _HTTP:
            return Speaks.HTTP
        passes = self.server.tls is None or self.server.tls.mode in _PASSED
        if protocol == "HTTPS" and not passes:
            return Speaks.HTTPS
        return Speaks.TLS if protocol in ("HTTPS", "TLS") else Speaks.TCP

    @property
    def family(self) -> str:
        """Servers of one listener are of one."""
        return "TLS" if self.speaks in (Speaks.HTTPS, Speaks.TLS) else self.speaks.value

    @property
    def table(self) -> str:
        """The name of its route configuration, "" without HTTP."""
        bind = f".{self.server.bind}" if self.server.bind else ""
        if self.speaks is Speaks.HTTP:
            return f"http.{self.port}{bind}"
        named = f"{self.server.port.name}.{self.gateway.item.name}.{self.gateway.namespace}"
        return f"https.{self.server.port.number}.{named}{bind}" if self.speaks is Speaks.HTTPS else ""

    @property
    def hosts(self) -> tuple[str, ...]:
        """Without the namespaces in front."""
        return tuple(dict.fromkeys(host.rpartition("/")[2] for host in self.server.hosts))

    @property
    def names(self) -> tuple[str, ...]:
        """The server names that its filter chain asks for; none is any."""
        return () if "*" in self.hosts else self.hosts

    @property
    def rule(self) -> WrittenRule:
        """What people wrote."""
        return written_rule(self.gateway, ("spec", "servers", self.index))

    @property
    def said(self) -> tuple[object, ...]:
        """All that its listener is made of."""
        return self.gateway.namespace, self.gateway.item.name, self.server, self.port, self.doubt


def servers_by_listener(configuration: Configuration, client: Client) -> dict[str, tuple[TakenServer, ...]]:
    """In the order of the Gateways."""
    found: dict[str, list[TakenServer]] = {}
    for gateway in configuration.gateways if client.kind == "gateway" else ():
        if not why_not_selected(configuration, client, gateway):
            for index, server in enumerate(gateway.value.spec.servers):
                one = _taken(configuration, client, gateway, index, server)
                if one is not None:
                    found.setdefault(one.listener, []).append(one)
    return {name: tuple(some) for name, some in found.items()}


def _taken(
    configuration: Configuration, client: Client, gateway: Written[Gateway], index: int, server: Server
) -> TakenServer | None:
    number = server.port.number
    ports = opened_ports(configuration, client, gateway, number)
    listener = configuration.gateway_api.named(f"{gateway.namespace}/{gateway.item.name}")
    doubt = f"{listener.problem}; this input may lack one" if listener and listener.refusal.is_open else ""
    if not ports:
        ports = (number,)
        doubt = f"no Service of the Gateway has port {number} yet; istiod may add it to the one that it runs"
    elif number < _PRIVILEGED and not _is_mapped(configuration, client, number):
        doubt = f"whether the pod may open port {number} itself is unknown: no Service of it has that port"
    if excluded := excluded_by(configuration, client, gateway, server):
        other, why = excluded
        ages = [configuration.ages.of(one.item) for one in (other, gateway)]
        if "" not in ages or ages[1] == NOW:
            return None
        doubt = f"{other} has {why}; which of both is older is unknown"
    return TakenServer(gateway, index, server, ports[0], doubt)


def _is_mapped(configuration: Configuration, client: Client, number: int) -> bool:
    services = configuration.services_in_front(client)
    return any(fact.number == number for service in services for fact in service.ports)

"""The servers of Gateways that a proxy takes, by the listener that they share.

istiod merges the Gateways of a proxy, oldest first; a server that an earlier one excludes is left out
(https://github.com/istio/istio/blob/master/pilot/pkg/model/gateway.go, mergeGateways).
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.gateway_conflicts import qualified
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
    """`port` is the pod's, `table_port` that in the name of a route configuration; `doubt` says what would have to be known for
    it to be open.
    """

    gateway: Written[Gateway]
    index: int
    server: Server
    port: int
    table_port: int
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
            return f"http.{self.table_port}{bind}"
        named = f"{self.server.port.name}.{self.gateway.item.name}.{self.gateway.namespace}"
        return f"https.{self.server.port.number}.{named}{bind}" if self.speaks is Speaks.HTTPS else ""

    @property
    def hosts(self) -> tuple[str, ...]:
        """Without the namespaces in front."""
        return tuple(dict.fromkeys(host.rpartition("/")[2] for host in self.server.hosts))

    @property
    def redirects(self) -> tuple[str, ...]:
        """The hosts that it redirects to HTTPS."""
        return self.hosts if self.server.tls is not None and self.server.tls.https_redirect else ()

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
    return _merged(configuration, client)[0]


def left_out(configuration: Configuration, client: Client) -> tuple[tuple[TakenServer, TakenServer], ...]:
    """The servers that an earlier one excludes, each with that one."""
    return _merged(configuration, client)[1]


def _merged(
    configuration: Configuration, client: Client
) -> tuple[dict[str, tuple[TakenServer, ...]], tuple[tuple[TakenServer, TakenServer], ...]]:
    found: dict[str, list[TakenServer]] = {}
    excluded: list[tuple[TakenServer, TakenServer]] = []
    ports: dict[tuple[int, str], _Port] = {}
    for gateway in configuration.gateways if client.kind == "gateway" else ():
        if not why_not_selected(configuration, client, gateway):
            for index, server in enumerate(gateway.value.spec.servers):
                one = _taken(configuration, client, gateway, index, server)
                port = ports.setdefault((server.port.number, server.bind), _Port())
                if other := port.excludes(one):
                    if _is_younger(configuration, one, other):
                        excluded.append((one, other))
                    else:
                        found.setdefault(one.listener, []).append(_doubted(one, other))
                    continue
                if other := port.repeats(one):
                    one = replace(
                        one, doubt=f"{other.rule} has the same names, for another namespace; Envoy refuses both"
                    )
                port.take(one)
                found.setdefault(one.listener, []).append(one)
    return {name: tuple(some) for name, some in found.items()}, tuple(excluded)


class _Port:
    """The servers of one port and address so far: those of another protocol are left out, and those of TLS with a host that is
    there (https://istio.io/latest/docs/ops/common-problems/network-issues/#gateway-conflicts).
    """

    def __init__(self) -> None:
        self._first: TakenServer | None = None
        self._hosts: dict[str, TakenServer] = {}
        self._names: dict[str, TakenServer] = {}

    def excludes(self, one: TakenServer) -> TakenServer | None:
        first = self._first
        if first is None or (first.family == one.family == Speaks.HTTP):
            return None
        if first.family != one.family or one.family == Speaks.TCP:
            return first
        return next((self._hosts[host] for host in qualified(one.gateway, one.server) if host in self._hosts), None)

    def repeats(self, one: TakenServer) -> TakenServer | None:
        """A server of TLS with a chain for the same name."""
        return next((self._names[name] for name in one.hosts if name in self._names), None)

    def take(self, one: TakenServer) -> None:
        self._first = self._first or one
        if one.family == "TLS":
            self._hosts.update(dict.fromkeys(qualified(one.gateway, one.server), one))
            self._names.update(dict.fromkeys(one.hosts, one))


def _is_younger(configuration: Configuration, one: TakenServer, other: TakenServer) -> bool:
    """Whether that is known."""
    ages = [configuration.ages.of(each.gateway.item) for each in (other, one)]
    return one.gateway is other.gateway or "" not in ages or ages[1] == NOW


def _doubted(one: TakenServer, other: TakenServer) -> TakenServer:
    because = f"{other.rule} has its port or one of its hosts; which of both is older is unknown"
    return replace(one, doubt=because)


def _taken(
    configuration: Configuration, client: Client, gateway: Written[Gateway], index: int, server: Server
) -> TakenServer:
    number = server.port.number
    ports = opened_ports(configuration, client, gateway, number)
    listener = configuration.gateway_api.named(f"{gateway.namespace}/{gateway.item.name}")
    doubt = f"{listener.problem}; this input may lack one" if listener and listener.refusal.is_open else ""
    if not ports:
        doubt = f"no Service of the Gateway has port {number} yet; istiod may add it to the one that it runs"
    elif len(ports) > 1:
        doubt = (
            f"Services of the pod lead port {number} to the ports {', '.join(map(str, ports))}; one of them is rebuilt"
        )
    elif number < _PRIVILEGED and not _is_mapped(configuration, client, number):
        doubt = f"whether the pod may open port {number} itself is unknown: no Service of it has that port"
    port = (ports or (number,))[0]
    return TakenServer(gateway, index, server, port, port if configuration.is_since(1, 11) else number, doubt)


def _is_mapped(configuration: Configuration, client: Client, number: int) -> bool:
    services = configuration.services_in_front(client)
    return any(fact.number == number for service in services for fact in service.ports)

"""Which virtual host of a route table takes an authority: exact, `*.suffix`, `prefix.*`, then `*`.

Names and domains are read and indexed once; a search costs the same with ten virtual hosts and with ten thousand, and the
routes of a virtual host are read when it is first chosen.
https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-virtualhost
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from msgspec import Raw, Struct

from meshscope.location import Location
from meshscope.mesh.virtual_hosts import VirtualHostName
from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.matching.string import ascii_lower
from meshscope.simulation.route.compiled import CompiledVirtualHost
from meshscope.simulation.route.virtual_host_near import HostQuestion, NearVirtualHosts, first_label, split_port
from meshscope.simulation.trace import Rejected
from meshscope.simulation.verdict import Verdict, no, unknown
from meshscope.xds.message import Undecodable, decode, present
from meshscope.xds.route import RouteConfiguration, RouteConfigurationHead, VirtualHost


class FoundVirtualHost(Struct, frozen=True):
    """`index` counts in `virtual_hosts`; `domain` as configured; `rule`: only, exact, suffix, prefix or any."""

    index: int
    name: str
    domain: str
    rule: str


class _Table(RouteConfigurationHead, frozen=True):
    virtual_hosts: tuple[Raw, ...] = ()


class VirtualHosts:
    """The virtual hosts of one route table. `head` is the rest of it; `flaws` lists what of it does not read. `names` are
    those of all virtual hosts, where they were read already.
    """

    def __init__(self, table: RouteConfiguration | Raw | bytes, names: tuple[VirtualHostName, ...] = ()) -> None:
        self.flaws: list[str] = []
        self._nameless: list[str] = []
        self._read: dict[int, VirtualHost | Undecodable] = {}
        self._compiled: dict[int, CompiledVirtualHost] = {}
        self._raws: tuple[Raw, ...] = ()
        self._is_explained = False
        self.head: RouteConfigurationHead
        if isinstance(table, RouteConfiguration):
            self.head = table
            self._read = dict(enumerate(table.virtual_hosts))
            self.names = tuple(VirtualHostName(host.name, host.domains) for host in table.virtual_hosts)
        else:
            self.head, self._raws = self._light(table)
            whole = len(names) == len(self._raws)
            self.names = names if whole else tuple(self._name(index, raw) for index, raw in enumerate(self._raws))
        self._exact: dict[str, tuple[int, str]] = {}
        self._suffixes: dict[int, dict[str, FoundVirtualHost]] = {}
        self._prefixes: dict[int, dict[str, FoundVirtualHost]] = {}
        self._any: FoundVirtualHost | None = None
        self._index()

    def _light(self, table: Raw | bytes) -> tuple[RouteConfigurationHead, tuple[Raw, ...]]:
        light = decode(table, _Table)
        if isinstance(light, Undecodable):
            self.flaws.append(f"the route configuration does not read: {light.why}")
            return RouteConfigurationHead(), ()
        fields = {name: getattr(light, name) for name in RouteConfigurationHead.__struct_fields__}
        return RouteConfigurationHead(**fields), light.virtual_hosts

    def _name(self, index: int, raw: Raw) -> VirtualHostName:
        name = decode(raw, VirtualHostName)
        if isinstance(name, Undecodable):
            self._nameless.append(f"virtual host {index} does not read: {name.why}")
            self.flaws.append(self._nameless[-1])
            return VirtualHostName()
        return name

    def _index(self) -> None:
        """Envoy refuses a table with the same domain twice; here the first one stays and the second is a flaw."""
        for index, host in enumerate(self.names):
            for written in host.domains:
                domain = written.lower() if written.isascii() else ascii_lower(written)
                if "*" not in domain or not (domain.startswith("*") or domain.endswith("*")):
                    exact = (index, written)  # nearly all, and a table has tens of thousands
                    is_new = self._exact.setdefault(domain, exact) is exact
                elif domain == "*":
                    found = FoundVirtualHost(index, host.name, written, "any")
                    is_new, self._any = self._any is None, self._any or found
                else:
                    rule, key, table = self._place(domain)
                    found = FoundVirtualHost(index, host.name, written, rule)
                    is_new = table.setdefault(key, found) is found
                if not is_new:
                    self.flaws.append(f"domain {written} twice, which Envoy refuses: again in {host.name}")
        self._suffixes = dict(sorted(self._suffixes.items(), reverse=True))
        self._prefixes = dict(sorted(self._prefixes.items(), reverse=True))

    def _place(self, domain: str) -> tuple[str, str, dict[str, FoundVirtualHost]]:
        if domain.startswith("*"):
            return "suffix", domain[1:], self._suffixes.setdefault(len(domain) - 1, {})
        return "prefix", domain[:-1], self._prefixes.setdefault(len(domain) - 1, {})

    def host(self, authority: str | None, request: HttpRequest) -> str | None:
        """What is compared with the domains: lower case, by `vhost_header` and `ignore_port_in_host_matching`."""
        if self.head.vhost_header:
            values = request.values(self.head.vhost_header)
            authority = values[0] if values else None
        if authority is None:
            return None
        if self.head.ignore_port_in_host_matching:
            authority, _ = split_port(authority)
        return ascii_lower(authority)

    def find(self, authority: str | None, request: HttpRequest) -> FoundVirtualHost | Verdict:
        """A no where nothing matches; unknown where a virtual host could be fetched on demand, or one that does not read may
        have a better domain.
        """
        if self._nameless:
            exact = self._exact.get(self.host(authority, request) or "")
            return (
                FoundVirtualHost(exact[0], self.names[exact[0]].name, exact[1], "exact")
                if exact
                else unknown(self._nameless[0])
            )
        if not self._exact and not self._suffixes and not self._prefixes and self._any is not None:
            return FoundVirtualHost(self._any.index, self._any.name, self._any.domain, "only")
        host = self.host(authority, request)
        found = next(self.matching(host), None) if host is not None else None
        return found or self._nothing(host)

    def matching(self, host: str) -> Iterator[FoundVirtualHost]:
        """Every domain that matches, the one that wins first. A wildcard stands for at least one character."""
        if exact := self._exact.get(host):
            index, written = exact
            yield FoundVirtualHost(index, self.names[index].name, written, "exact")
        for length, suffixes in self._suffixes.items():
            if length < len(host) and (found := suffixes.get(host[len(host) - length :])):
                yield found
        for length, prefixes in self._prefixes.items():
            if length < len(host) and (found := prefixes.get(host[:length])):
                yield found
        if self._any:
            yield self._any

    def _nothing(self, host: str | None) -> Verdict:
        if self.flaws and not self.names:
            return unknown(self.flaws[0])
        if host is None:
            what = self.head.vhost_header
            return no(f"header {what}, the vhost_header, is absent" if what else "the request has no authority")
        if present(self.head.vhds):
            return unknown(f"no virtual host matches {host}, but vhds may fetch one on demand")
        return no(f"no virtual host has a domain that matches {host}")

    def virtual_host(self, index: int) -> VirtualHost | Undecodable:
        """Typed, with its routes; read once."""
        if index not in self._read:
            self._read[index] = decode(self._raws[index], VirtualHost)
        return self._read[index]

    def compiled(self, index: int) -> CompiledVirtualHost | Undecodable:
        """Ready to choose a route; made once."""
        if index not in self._compiled:
            host = self.virtual_host(index)
            if isinstance(host, Undecodable):
                return host
            ignoring = self.head.ignore_path_parameters_in_path_matching
            self._compiled[index] = CompiledVirtualHost(host, ignore_path_parameters=ignoring)
        return self._compiled[index]

    def _near(self, host: str | None) -> NearVirtualHosts:
        """Of the first question about a table a part will do; from the second on, all its domains are worth an index."""
        if not self._is_explained:
            self._is_explained = True
            return NearVirtualHosts(self.names, first_label(host or ""))
        return self._near_all

    @cached_property
    def _near_all(self) -> NearVirtualHosts:
        return NearVirtualHosts(self.names)

    def explain(
        self, authority: str | None, request: HttpRequest, *, location: Location | None = None, limit: int = 10
    ) -> tuple[Rejected, ...]:
        """Why others lost, near misses first, at most `limit` and a line that counts the rest. `location`: the table's."""
        winner = self.find(authority, request)
        chosen = winner.index if isinstance(winner, FoundVirtualHost) else None
        host = self.host(authority, request)
        matching = () if host is None else tuple((f.index, f.domain, f.rule) for f in self.matching(host))
        asked = HostQuestion(host, matching, self.head.ignore_port_in_host_matching)
        return self._near(host).misses(asked, chosen, location=location, limit=limit)

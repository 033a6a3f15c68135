"""The virtual host of a port of a service in a sidecar's route configurations.

https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/httproute.go
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import chain
from typing import Any

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.envoy.resource import ROUTES, STATIC
from meshscope.istio.protocol import Family
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.routes.bound import bound
from meshscope.overlay.routes.hash_keys import key_for
from meshscope.overlay.routes.host_table import LAST, sorted_place
from meshscope.overlay.routes.route_body import default_body, default_retries, is_default, routes_of
from meshscope.overlay.routes.virtual_host import Today, doubts, rebuilt_routes
from meshscope.overlay.routes.wanted import WantedRoutes, wanted_routes
from meshscope.overlay.services.not_exact import NotExactError
from meshscope.overlay.services.peers import peers
from meshscope.overlay.services.told import Spot, Told, domains_of, spelling_of

HTTP = (Family.HTTP, Family.AUTO)


def table_of(one: Told) -> str:
    """A port that is sniffed has a table of its own where the service has an address of its own."""
    is_own = one.port.protocol.family is Family.AUTO and any("/" not in address for address in one.addresses)
    return f"{one.service.host}:{one.port.number}" if is_own else str(one.port.number)


def name_of(configuration: Configuration, spot: Spot) -> str:
    host, port = spot
    return f"{host.lower() if configuration.is_since(1, 19) else host}:{port}"


def shares_port(configuration: Configuration, client: Client, port: int) -> bool:
    """Whether the proxy is told of any service that has routes in the table of the port."""
    scope = configuration.scope(client)
    for service in configuration.services.all:
        own = service.port(port)
        if own and own.protocol.family in HTTP and scope.service(service.host, port) == service:
            is_alias = bool(service.alias_of) and configuration.is_since(1, 21)
            if not is_alias and table_of(Told(service, own)) == str(port):
                return True
    return False


class VirtualHosts:
    """Those of one proxy."""

    def __init__(self, before: Configuration, after: Configuration, draft: Draft) -> None:
        self._before, self._after, self._draft = before, after, draft

    def make(self, one: Told) -> None:
        """Raises NotExactError."""
        spot = one.service.host, one.port.number
        domains = domains_of(self._after, self._draft.client, one, self._spelling)
        if any("/" in domain for domain in domains):
            raise NotExactError("names of a range of addresses are not rebuilt")
        table = self._table(one)
        name = name_of(self._after, spot)
        others = [each for each in table["virtual_hosts"] if each["name"] != name]
        taken = {domain for each in others for domain in each.get("domains", ()) if each["name"] not in LAST}
        if table_of(one) == name:
            if self._spelling.with_part:
                raise NotExactError("virtual hosts of sniffed ports of this version are not rebuilt")
            domains = ("*",)
        elif clash := next((each for each in domains if each in taken), ""):
            raise NotExactError(f"another virtual host has the domain {clash} already")
        body: dict[str, Any] = {"name": name, "domains": list(domains), "routes": self._routes(one)}
        if self._after.is_since(1, 5):
            body["include_request_attempt_count"] = True
        others.insert(sorted_place(others, name), body)
        self._draft.put(ROUTES, table["name"], {**table, "virtual_hosts": others})
        self._rules(spot)

    def rename(self, old: Told, new: Told) -> None:
        """Gives the virtual host other names; its routes stay."""
        spellings = [
            domains_of(configuration, self._draft.client, one, self._spelling)
            for configuration, one in ((self._before, old), (self._after, new))
        ]
        table = self._draft.body(ROUTES, table_of(new))
        if table is None or spellings[0] == spellings[1] or table_of(new) != str(new.port.number):
            return
        name = name_of(self._after, (new.service.host, new.port.number))
        hosts = []
        for each in table.get("virtual_hosts", ()):
            if each["name"] == name:
                kept = [domain for domain in each["domains"] if domain not in spellings[0] or domain in spellings[1]]
                each = {**each, "domains": list(dict.fromkeys((*kept, *spellings[1])))}  # noqa: PLW2901
            hosts.append(each)
        self._draft.put(ROUTES, table["name"], {**table, "virtual_hosts": hosts})

    def remove(self, one: Told) -> None:
        """With the table that has no other one."""
        spot = one.service.host, one.port.number
        table = self._draft.body(ROUTES, table_of(one))
        if table is None:
            return
        name = name_of(self._after, spot)
        kept = [each for each in table.get("virtual_hosts", ()) if each["name"] != name]
        is_shared = table["name"] == str(one.port.number) and shares_port(
            self._after, self._draft.client, one.port.number
        )
        if not is_shared:
            self._draft.remove(ROUTES, table["name"])
            return
        self._draft.put(ROUTES, table["name"], {**table, "virtual_hosts": kept})
        self._rules(spot)

    # --- what a virtual host is made of ------------------------------------------------------------------------------

    @property
    def _spelling(self) -> Any:
        domains = (domain for table in self._tables() for host in _hosts(table) for domain in host.get("domains", ()))
        return spelling_of(self._before, domains)

    def _tables(self) -> Iterator[Json]:
        """Those that istiod sends; of a proxy without any those of its peers."""
        own = tables_of(self._draft)
        first = next(own, None)
        if first is not None:
            yield first
            yield from own
            return
        for peer in peers(self._before, self._draft.client, ROUTES):
            yield from tables_of(Draft(peer))

    def _table(self, one: Told) -> Json:
        """The table that is there, or one like the others of the proxy."""
        name = table_of(one)
        if found := self._draft.body(ROUTES, name):
            return found
        peered = (each for peer in peers(self._before, self._draft.client, ROUTES) for each in tables_of(Draft(peer)))
        like = next((each for each in chain(self._tables(), peered) if each["name"].isdigit()), None)
        if like is None:
            raise NotExactError("no route configuration of the proxy tells what others are like")
        last = [copy.deepcopy(each) for each in like["virtual_hosts"] if each["name"] in LAST] if name.isdigit() else []
        return {**like, "name": name, "virtual_hosts": last}

    def _routes(self, one: Told) -> list[Json]:
        retries = default_retries(self._after, self._tables(), ())
        like = next((each for table in self._tables() for each in routes_of(table) if is_default(each)), None)
        body = default_body(str(one.cluster), like, retries, one.service.host, one.port.number)
        key = key_for(self._after, self._draft.client, one.cluster, body)
        if key.because:
            raise NotExactError(key.because)
        if key.body:
            body["route"]["hash_policy"] = [key.body]
        return [body]

    def _rules(self, spot: Spot) -> None:
        """The routes of the VirtualServices that have the host, also where it is no service, on port 80."""
        found = bound(self._after, self._draft.client, {spot[0]})
        for (name, host), candidates in found.items():
            if host.lower() != f"{spot[0]}:{spot[1]}".lower():
                continue
            table = self._draft.body(ROUTES, name)
            wanted = wanted_routes(self._after, self._draft.client, candidates, ())
            if table is None or not wanted.is_owned:
                continue
            if because := next(iter(doubts(WantedRoutes(), wanted)), ""):
                raise NotExactError(because)
            routes = rebuilt_routes(
                self._after, self._draft, Today((), ()), WantedRoutes(), wanted, lambda: iter(self._tables())
            )
            hosts = list(table["virtual_hosts"])
            own = next((each for each in hosts if each["name"].lower() == host.lower()), None)
            if own is None:
                domains = [spot[0], *([f"{spot[0]}:{spot[1]}"] if self._spelling.with_port else [])]
                own = {"name": host, "domains": domains, "include_request_attempt_count": True}
            else:
                hosts.remove(own)
            hosts.insert(sorted_place(hosts, own["name"]), {**own, "routes": list(routes)})
            self._draft.put(ROUTES, name, {**table, "virtual_hosts": hosts})


def tables_of(draft: Draft) -> Iterator[Json]:
    """The route configurations of a proxy that are no part of a listener."""
    sent = (name for name, table in draft.client.tables.items() if table.state != STATIC and not table.listener)
    yield from filter(None, (draft.body(ROUTES, name) for name in (*sent, *draft.made(ROUTES))))


def _hosts(table: Json) -> list[Json]:
    return list(table.get("virtual_hosts", ()))

"""Redirects to HTTPS: servers of plain HTTP with `httpsRedirect`, in the virtual hosts of their port.

A host of such a server has a virtual host also without any VirtualService
(https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/gateway.go, buildGatewayHTTPRouteConfig).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from meshscope.effect.answer import Difference
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.http_routes.gateway_places import served
from meshscope.effect.http_routes.places import gateways_of, hosts_of
from meshscope.envoy.resource import ROUTES
from meshscope.overlay.change import Kind
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.gateways.changes import part_change
from meshscope.overlay.gateways.servers import TakenServer
from meshscope.overlay.routes.bound import reach_of
from meshscope.overlay.routes.host_table import BLACK_HOLE, black_hole, insert
from meshscope.overlay.written_rule import WrittenRule

Redirected = Mapping[str, TakenServer]
"""The servers that redirect, by host."""
_ALL = "ALL"
_WORDS = ("no redirect to HTTPS", "redirect to HTTPS")


def redirected(configuration: Configuration, client: Client, servers: Sequence[TakenServer]) -> Redirected:
    """By each host of such a server, and by those of the VirtualServices that it takes."""
    found: dict[str, TakenServer] = {}
    for one in servers:
        if not one.redirects:
            continue
        name = f"{one.gateway.namespace}/{one.gateway.item.name}"
        hosts = list(plain_hosts(one))
        for rules in configuration.virtual_services:
            if name in gateways_of(rules) and reach_of(configuration, rules, client) is not None:
                hosts += served(one.server, one.gateway.namespace, hosts_of(rules), rules.namespace)
        for host in hosts:
            found.setdefault(host, one)
    return found


def plain_hosts(one: TakenServer) -> tuple[str, ...]:
    """Those that VirtualServices of any namespace may serve. What istiod makes of others without one differs by version."""
    texts = (text.partition("/") for text in one.server.hosts)
    return tuple(host if slash else place for place, slash, host in texts if place == "*" or not slash)


def write_redirects(draft: Draft, before: Redirected, after: Redirected, new: TakenServer) -> None:
    """In the route configuration of a port, of which `new` is a server. What a redirect alone makes comes and goes with it."""
    body = draft.body(ROUTES, new.table)
    if body is None or before.keys() == after.keys():
        return
    note = _Notes(draft, new.table)
    hosts: list[dict[str, Any]] = []
    for host in body.get("virtual_hosts", ()):
        for part in _parted(host, before, after):
            domain = part["domains"][0].removesuffix(":*")
            was, would = domain in before, domain in after
            if was == would:
                hosts.append(part)
            elif part.get("routes") or would:
                hosts.append(_written(part, redirects=would))
                note.add((after if would else before)[domain].rule, part, Kind.CHANGED, redirects=would)
            else:
                note.add(before[domain].rule, part, Kind.VANISHES, redirects=True)
    for one in dict.fromkeys(after.values()):
        for name in plain_hosts(one):
            if not any(name in host.get("domains", ()) for host in hosts if not host["name"].startswith(BLACK_HOLE)):
                hosts = [host for host in hosts if not host["name"].startswith(BLACK_HOLE)]
                made = {"name": f"{name}:{one.server.port.number}", "domains": [name], "require_tls": _ALL}
                insert(hosts, {**made, "include_request_attempt_count": True})
                note.add(one.rule, made, Kind.MADE, redirects=True)
    draft.put(ROUTES, new.table, {**body, "virtual_hosts": hosts or [black_hole(new.server.port.number)]})


def _parted(host: dict[str, Any], before: Redirected, after: Redirected) -> list[dict[str, Any]]:
    """Several hosts share a virtual host as long as all of it is the same for them."""
    groups: dict[bool, list[str]] = {}
    for domain in host.get("domains", ()):
        name = domain.removesuffix(":*")
        groups.setdefault((name in before) == (name in after), []).append(domain)
    if len(groups) == 1 or host["name"].startswith(BLACK_HOLE):
        return [host]
    port = host["name"].rpartition(":")[2]
    return [
        {**host, "domains": domains, "name": host["name"] if number == 0 else f"{domains[0]}:{port}"}
        for number, domains in enumerate(groups.values())
    ]


def _written(host: dict[str, Any], *, redirects: bool) -> dict[str, Any]:
    found = {key: value for key, value in host.items() if key != "require_tls"}
    return {**found, "require_tls": _ALL} if redirects else found


class _Notes:
    def __init__(self, draft: Draft, table: str) -> None:
        self._draft, self._table = draft, table

    def add(self, rule: WrittenRule, host: Json, kind: Kind, *, redirects: bool) -> None:
        sides = [_ALL if redirects else "", "" if redirects else _ALL]
        self._draft.changes.append(
            part_change(
                self._draft.client,
                rule,
                kind,
                f"{self._table}/{host['name']}",
                what="virtual host",
                before=None if kind is Kind.MADE else _WORDS[kind is Kind.VANISHES or not redirects],
                after=None if kind is Kind.VANISHES else _WORDS[redirects],
                differences=(Difference("require_tls", *sides),) if kind is Kind.CHANGED else (),
            )
        )

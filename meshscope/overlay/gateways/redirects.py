"""Redirects to HTTPS: servers of plain HTTP with `httpsRedirect`, in the virtual hosts of their port.

A host of such a server has a virtual host also without any VirtualService
(https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/gateway.go, buildGatewayHTTPRouteConfig).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from meshscope.effect.answer import Difference
from meshscope.envoy.resource import ROUTES
from meshscope.istio.hosts import is_within
from meshscope.overlay.change import Kind
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.gateways.changes import part_change
from meshscope.overlay.gateways.servers import TakenServer
from meshscope.overlay.routes.host_table import BLACK_HOLE, black_hole, insert

_ALL = "ALL"


def write_redirects(draft: Draft, old: Sequence[TakenServer], new: Sequence[TakenServer]) -> None:
    """In the route configuration of a port; what a redirect alone makes comes and goes with it."""
    body = draft.body(ROUTES, new[0].table)
    if body is None:
        return
    hosts: list[dict[str, Any]] = []
    for host in body.get("virtual_hosts", ()):
        for part in _parted(host, new):
            is_alone = _is_alone(part)
            if is_alone and not any(part["domains"][0] in one.hosts and _redirects(one) for one in new):
                _note(draft, old, part, Kind.VANISHES)
                continue
            hosts.append(part if is_alone else _written(draft, old, new, part))
    for one in new:
        for name in one.hosts if _redirects(one) else ():
            if not any(name in host.get("domains", ()) for host in hosts):
                hosts = [host for host in hosts if not host["name"].startswith(BLACK_HOLE)]
                made = {"name": f"{name}:{one.server.port.number}", "domains": [name], "require_tls": _ALL}
                insert(hosts, {**made, "include_request_attempt_count": True})
                _note(draft, [one], made, Kind.MADE)
    draft.put(ROUTES, new[0].table, {**body, "virtual_hosts": hosts or [black_hole(new[0].server.port.number)]})


def _redirects(one: TakenServer) -> bool:
    return one.server.tls is not None and one.server.tls.https_redirect


def _is_alone(host: Json) -> bool:
    """Whether a redirect alone makes it."""
    return host.get("require_tls") == _ALL and not host.get("routes") and not host["name"].startswith(BLACK_HOLE)


def _asked(domain: str, servers: Sequence[TakenServer]) -> bool | None:
    """Whether the servers redirect a host; None where none has it."""
    having = [one for one in servers if any(is_within(domain.removesuffix(":*"), host) for host in one.hosts)]
    return any(map(_redirects, having)) if having else None


def _parted(host: dict[str, Any], new: Sequence[TakenServer]) -> list[dict[str, Any]]:
    """Several hosts share a virtual host as long as all of it is the same for them."""
    groups: dict[bool | None, list[str]] = {}
    for domain in host.get("domains", ()):
        groups.setdefault(_asked(domain, new), []).append(domain)
    if len(groups) < 2 or host["name"].startswith(BLACK_HOLE):  # all are in one
        return [host]
    port = host["name"].rpartition(":")[2]
    return [
        {**host, "domains": domains, "name": host["name"] if number == 0 else f"{domains[0]}:{port}"}
        for number, domains in enumerate(groups.values())
    ]


def _written(
    draft: Draft, old: Sequence[TakenServer], new: Sequence[TakenServer], host: dict[str, Any]
) -> dict[str, Any]:
    asked = _asked(host["domains"][0], new)
    if asked is None or asked == (host.get("require_tls") == _ALL) or host["name"].startswith(BLACK_HOLE):
        return host
    found = {key: value for key, value in host.items() if key != "require_tls"}
    if asked:
        found["require_tls"] = _ALL
    _note(draft, [*new, *old], found, Kind.CHANGED)
    return found


def _note(draft: Draft, servers: Sequence[TakenServer], host: Json, kind: Kind) -> None:
    domain = host["domains"][0]
    owner = next((one for one in servers if any(is_within(domain, each) for each in one.hosts)), servers[0])
    redirects = host.get("require_tls") == _ALL
    words = ["redirect to HTTPS", "no redirect to HTTPS"]
    change = part_change(
        draft.client,
        owner.rule,
        kind,
        f"{owner.table}/{host['name']}",
        what="virtual host",
        before=None if kind is Kind.MADE else words[redirects] if kind is Kind.CHANGED else words[0],
        after=None if kind is Kind.VANISHES else words[not redirects],
        differences=(Difference("require_tls", *(("ALL", "") if redirects else ("", "ALL"))),)
        if kind is Kind.CHANGED
        else (),
    )
    draft.changes.append(change)

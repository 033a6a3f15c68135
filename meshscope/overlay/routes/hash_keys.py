"""The keys by which routes choose an endpoint, as the DestinationRules of their destinations ask for a consistent hash.

https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/route/route.go (consistentHashToHashPolicy)
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec import Raw, Struct

from meshscope.effect.answer import Difference
from meshscope.effect.clients import Client
from meshscope.effect.clusters.choice import Rule, chosen, host_of
from meshscope.effect.clusters.hashing import key_of, wanted_of_connections
from meshscope.effect.configuration import Configuration
from meshscope.envoy.resource import ROUTES, STATIC
from meshscope.istio.durations import envoy_duration
from meshscope.istio.names import ClusterName, parse_cluster
from meshscope.istio.objects.load_balancer import ConsistentHashLB
from meshscope.istio.objects.traffic_policy import PortTrafficPolicy, TrafficPolicy
from meshscope.istio.protocol import Family
from meshscope.overlay.applied import named
from meshscope.overlay.change import Change, Kind, NotRebuilt, Reach
from meshscope.overlay.clusters.policies import Asked, asked_of
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.routes.route_body import is_default

_OF_PORT = "whether its key is that of a port's own settings, which count where a route names the port, is not known"
_ATTRIBUTES = "attributes of the cookie of a consistent hash are not rebuilt"
_CONNECTIONS = (Family.TCP, Family.TLS, Family.AUTO)


class Key(Struct, frozen=True):
    """`body` is Envoy's policy, None for no key; `because` says why it is not known."""

    body: Json | None = None
    rule: Rule | None = None
    because: str = ""


def hash_policy(asked: ConsistentHashLB) -> Json | None:
    if asked.http_header_name:
        return {"header": {"header_name": asked.http_header_name}}
    if asked.http_query_parameter_name:
        return {"query_parameter": {"name": asked.http_query_parameter_name}}
    if asked.use_source_ip:
        return {"connection_properties": {"source_ip": True}}
    if cookie := asked.http_cookie:
        ttl = {} if cookie.ttl is None else {"ttl": envoy_duration(cookie.ttl)}
        return {"cookie": {"name": cookie.name, **({"path": cookie.path} if cookie.path else {}), **ttl}}
    return None


def why_not(asked: ConsistentHashLB) -> str:
    """Why the policy is not rebuilt; "" where it is."""
    return _ATTRIBUTES if asked.http_cookie and asked.http_cookie.attributes else ""


class HashKeys:
    """`before` and `after` are two configurations of the same proxies; `rules` the DestinationRules that differ."""

    def __init__(self, before: Configuration, after: Configuration, rules: tuple[Rule, ...]) -> None:
        self._before, self._after = before, after
        self._hosts = tuple(dict.fromkeys(map(host_of, rules)))
        self._objects = ", ".join(dict.fromkeys(str(named(one.item)) for one in rules))

    def rebuild(self, draft: Draft) -> None:
        if draft.client.kind in ("sidecar", "gateway"):
            for name in self._tables(draft):
                if (table := draft.body(ROUTES, name)) is not None:
                    _OfTable(self._before, self._after, draft, name).rebuild(table)
            self._note_connections(draft)

    def _note_connections(self, draft: Draft) -> None:
        """Filter chains choose by the source address, or by none."""
        sides = [
            {name: wanted_of_connections(asked.policy, None) for name, asked in self._asked(configuration, draft)}
            for configuration in (self._before, self._after)
        ]
        differing = [str(name) for name in {**sides[0], **sides[1]} if sides[0].get(name) != sides[1].get(name)]
        for name in differing if self._after.is_since(1, 14) else ():
            because = "the key by which filter chains choose an endpoint (useSourceIp) is not rebuilt"
            draft.not_rebuilt.append(
                NotRebuilt(
                    object=self._objects, because=because, proxy=draft.client.name, decides=Reach.NOTHING, name=name
                )
            )

    def _asked(self, configuration: Configuration, draft: Draft) -> Iterator[tuple[ClusterName, Asked]]:
        """Of ports that are spoken to in plain connections."""
        scope = configuration.scope(draft.client)
        for service in {one.host: one for host in self._hosts for one in scope.within(host)}.values():
            for name, asked in asked_of(configuration, draft.client, service).items():
                port = service.port(name.port or 0)
                if port and port.protocol.family in _CONNECTIONS:
                    yield name, asked

    def _tables(self, draft: Draft) -> list[str]:
        """Of route configurations those that are made anew, or that name a touched host."""
        changed = [name for kind, name in draft.differing(({}, set())) if kind == ROUTES]
        scopes = [configuration.scope(draft.client) for configuration in (self._before, self._after)]
        hosts = {one.host.encode() for scope in scopes for host in self._hosts for one in scope.within(host)}
        own = [one for one in draft.client.proxy.resources(ROUTES) if one.state != STATIC] if hosts else []
        naming = [one.name for one in own if any(host in bytes(memoryview(one.raw)) for host in hosts)]
        return list(dict.fromkeys((*changed, *naming)))


class _OfTable:
    """One route configuration of one proxy."""

    def __init__(self, before: Configuration, after: Configuration, draft: Draft, name: str) -> None:
        self._before, self._after, self._draft, self._name = before, after, draft, name
        captured = Draft(draft.client).body(ROUTES, name) or {}
        self._captured = [route for host in captured.get("virtual_hosts", ()) for route in host.get("routes", ())]

    def rebuild(self, table: Json) -> None:
        hosts = [self._host(host) for host in table.get("virtual_hosts", ())]
        if any(one is not other for one, other in zip(hosts, table.get("virtual_hosts", ()), strict=True)):
            self._draft.put(ROUTES, self._name, {**table, "virtual_hosts": hosts})

    def _host(self, host: Json) -> Json:
        routes = [self._route(host, number, route) for number, route in enumerate(host.get("routes", ()))]
        is_same = all(one is other for one, other in zip(routes, host.get("routes", ()), strict=True))
        return host if is_same else {**host, "routes": routes}

    def _route(self, host: Json, number: int, route: Json) -> Json:
        names = _clusters(route)
        client = self._draft.client
        would = [key_for(self._after, client, name, route) for name in names]
        keys = [one.body for one in would if one.body is not None]
        today = list((route.get("route") or {}).get("hash_policy", ()))
        is_kept = route in self._captured
        was = [key_for(self._before, client, name, route) for name in names] if is_kept else []
        if is_kept and [(one.body, one.because) for one in was] == [(one.body, one.because) for one in would]:
            return route
        spot = f"{self._name}/{host['name']}"
        unknown = next((one for one in (*would, *was) if one.because), None)
        if unknown is None and is_kept and today != [one.body for one in was if one.body is not None]:
            unknown = Key(rule=_rule_of(would, was), because="its key is today not what its DestinationRule says")
        if unknown is not None:
            self._note(unknown, f"{spot} {route.get('name', number)}")
            return route
        if keys == today:
            return route
        action = {key: value for key, value in route["route"].items() if key != "hash_policy"}
        if keys:
            action["hash_policy"] = keys
        if is_kept:
            self._tell(f"{spot} {route.get('name', '')}".rstrip(), today, keys, _rule_of(would, was))
        return {**route, "route": action}

    def _note(self, key: Key, place: str) -> None:
        """No request meets the key: which endpoint of a cluster it goes to is said of none."""
        self._draft.not_rebuilt.append(
            NotRebuilt(
                object=str(named(key.rule.item)) if key.rule else "",
                because=f"consistentHash, route {place}: {key.because}",
                proxy=self._draft.client.name,
                decides=Reach.NOTHING,
                location=key.rule.item.location if key.rule else None,
            )
        )

    def _tell(self, name: str, today: list[Json], keys: list[Json], rule: Rule | None) -> None:
        before, after = (", ".join(key_of(Raw(msgspec.json.encode(one))) for one in some) for some in (today, keys))
        self._draft.changes.append(
            Change(
                proxy=self._draft.client.name,
                what="route",
                name=name,
                change=Kind.CHANGED,
                object=str(named(rule.item)) if rule else "",
                before=f"by {before}" if before else None,
                after=f"by {after}" if after else None,
                differences=(Difference("route.hash_policy", after, before),),
                location=rule.item.location if rule else None,
            )
        )


def _rule_of(*sides: list[Key]) -> Rule | None:
    return next((one.rule for side in sides for one in side if one.rule), None)


def _clusters(route: Json) -> list[ClusterName]:
    action = route.get("route") or {}
    weighted = (action.get("weighted_clusters") or {}).get("clusters", ())
    names = [action["cluster"]] if "cluster" in action else [one.get("name", "") for one in weighted]
    found = (parse_cluster(name) for name in names)
    return [one for one in found if one is not None and one.direction == "outbound"]


def key_for(configuration: Configuration, client: Client, name: ClusterName, route: Json) -> Key:
    """Of one destination of a route. Settings of a port count where the route names it, as those of services alone do."""
    service = configuration.scope(client).service(name.host, name.port or 0)
    rules = chosen(configuration, client, service).rules if service else ()
    speaking = next((rule for rule in rules if rule.value.spec.traffic_policy is not None), None)
    whole = speaking.value.spec.traffic_policy if speaking else None
    subset = next(
        ((rule, one) for rule in rules for one in rule.value.spec.subsets if name.subset and one.name == name.subset),
        None,
    )
    own = subset[1].traffic_policy if subset else None
    levels = [(subset[0] if subset else None, own), (speaking, whole)]
    with_ports = next(_rings(levels, name.port or 0, asks_ports=True), (None, None))
    without = next(_rings(levels, name.port or 0, asks_ports=False), (None, None))
    rule, ring = with_ports if is_default(route) else without
    if with_ports[1] != without[1] and not is_default(route):
        return Key(rule=with_ports[0] or without[0], because=_OF_PORT)
    return Key(hash_policy(ring), rule, why_not(ring)) if ring else Key()


def _rings(
    levels: list[tuple[Rule | None, TrafficPolicy | None]], port: int, *, asks_ports: bool
) -> Iterator[tuple[Rule | None, ConsistentHashLB | None]]:
    """The first one counts: that of a port before that of its level, and that of a subset before that of the whole host."""
    for rule, policy in levels:
        if policy is None:
            continue
        ports = [one for one in policy.port_level_settings if one.port and one.port.number == port]
        some: list[TrafficPolicy | PortTrafficPolicy] = [*(ports if asks_ports else ()), policy]
        for one in some:
            if one.load_balancer and one.load_balancer.consistent_hash:
                yield rule, one.load_balancer.consistent_hash

"""What a proxy has of the services that it is told of, and is no longer told of, or is told of otherwise."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from meshscope.effect.clients import Client
from meshscope.effect.clusters.choice import chosen
from meshscope.effect.configuration import Configuration
from meshscope.effect.written import Written
from meshscope.envoy.resource import CLUSTER, ENDPOINTS, LISTENER, ROUTES
from meshscope.istio.hosts import full_host
from meshscope.istio.kubernetes import decode
from meshscope.istio.kubernetes.service import Service
from meshscope.istio.labels import Labels
from meshscope.istio.manifest import Object
from meshscope.istio.names import parse_cluster
from meshscope.istio.objects.service_entry import ServiceEntry
from meshscope.istio.objects.sidecar import Sidecar
from meshscope.istio.objects.workload_entry import WorkloadEntry
from meshscope.mesh.network.network import target_port
from meshscope.overlay.applied import Applied, named
from meshscope.overlay.change import NotRebuilt, Reach
from meshscope.overlay.clusters.policies import asked_of
from meshscope.overlay.clusters.rebuilding import apply_rules
from meshscope.overlay.clusters.subset_endpoints import subset_assignment
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.services.changes import changes_of
from meshscope.overlay.services.cluster_body import TYPES, cluster_body
from meshscope.overlay.services.endpoints import Backend, assignment, backends_of
from meshscope.overlay.services.listeners import Listeners
from meshscope.overlay.services.not_exact import NotExactError
from meshscope.overlay.services.outbound_policy import apply_mode, mode_of
from meshscope.overlay.services.patched import refuse_patched
from meshscope.overlay.services.peers import copied_clusters
from meshscope.overlay.services.told import Told, told
from meshscope.overlay.services.virtual_hosts import HTTP, VirtualHosts, table_of
from meshscope.snapshot.snapshot import Problem

KINDS: dict[tuple[str, str], Any] = {
    ("networking.istio.io", "ServiceEntry"): ServiceEntry,
    ("networking.istio.io", "WorkloadEntry"): WorkloadEntry,
    ("networking.istio.io", "Sidecar"): Sidecar,
    ("", "Service"): Service,
}
_DNS = ("STRICT_DNS", "LOGICAL_DNS")
_WORDS = {CLUSTER: "clusters", ROUTES: "route configurations", LISTENER: "listeners"}


class Services:
    """`before` and `after` are two configurations of the same proxies; `applied` the objects of KINDS that differ."""

    def __init__(self, before: Configuration, after: Configuration, applied: tuple[Applied, ...]) -> None:
        self._before, self._after, self._applied = before, after, applied
        sides = ((before, one.before) for one in applied), ((after, one.after) for one in applied)
        items = [(where, item) for side in sides for where, item in side if item is not None]
        self.hosts = {host for where, item in items for host in _hosts(where, item)}

    def rebuild(self, draft: Draft) -> None:
        client = draft.client
        if client.kind not in ("sidecar", "gateway"):
            if client.kind == "waypoint":
                self._note(draft, "what a waypoint knows of services is not rebuilt", Reach.REQUESTS)
            return
        saved = draft.saved()
        hosts = self.hosts
        sidecars = self._before.scope(client).sidecar, self._after.scope(client).sidecar
        is_scoped = _body(sidecars[0]) != _body(sidecars[1])
        if is_scoped:
            if because := _unmodelled(*sidecars):
                self._note(draft, because, Reach.REQUESTS)
                return
            if _ingress(sidecars[0]) != _ingress(sidecars[1]):
                self._note(draft, "ingress listeners of a Sidecar are not rebuilt", Reach.INBOUND)
            hosts = {one.host for configuration in (self._before, self._after) for one in configuration.services.all}
        by = _OfProxy(self, self._before, self._after, draft).rebuild(hosts)
        if client.kind == "sidecar" and (is_scoped or draft.made(LISTENER) or draft.made(ROUTES)):
            self._apply_mode(draft)
        self._note_inbound(draft)
        differing = draft.differing(saved)
        owners = {key: self._owners(by.get(key, ())) for key in differing}
        draft.changes += changes_of(draft, differing, owners)

    def _owners(self, hosts: Collection[str]) -> tuple[Applied, ...]:
        """The objects that speak of the hosts, else the Sidecars."""
        some = tuple(one for one in self._applied if self._of(one) & set(hosts))
        return some or tuple(one for one in self._applied if one.item.kind == "Sidecar") or self._applied

    def _apply_mode(self, draft: Draft) -> None:
        try:
            apply_mode(draft, mode_of(self._after, draft.client))
        except NotExactError as error:
            self._note(draft, str(error), Reach.REQUESTS)

    def _note_inbound(self, draft: Draft) -> None:
        """Which ports a workload's proxy takes requests for follows the Services that select it."""
        if not any(one.item.kind == "Service" for one in self._applied):
            return
        if _inbound(self._before, draft.client) != _inbound(self._after, draft.client):
            self._note(draft, "filter chains that a proxy has for its workload's ports are not rebuilt", Reach.INBOUND)

    def _note(self, draft: Draft, because: str, reach: Reach, name: str = "", host: str = "") -> None:
        some = [one for one in self._applied if not host or host in self._of(one)] or list(self._applied)
        draft.not_rebuilt.append(
            NotRebuilt(
                object=", ".join(str(named(one.item)) for one in some),
                because=because,
                proxy=draft.client.name,
                decides=reach,
                name=name,
                location=some[0].item.location,
            )
        )

    def note(self, draft: Draft, because: str, reach: Reach, name: str, host: str) -> None:
        self._note(draft, because, reach, name, host)

    def _of(self, one: Applied) -> set[str]:
        sides = (self._before, one.before), (self._after, one.after)
        return {host for where, item in sides if item is not None for host in _hosts(where, item)}


class _OfProxy:
    def __init__(self, owner: Services, before: Configuration, after: Configuration, draft: Draft) -> None:
        self._owner, self._before, self._after, self._draft = owner, before, after, draft
        self._hosts = VirtualHosts(before, after, draft)
        self._listeners = Listeners(before, after, draft)

    def rebuild(self, hosts: set[str]) -> dict[tuple[str, str], set[str]]:
        """The hosts that each resource is another one for."""
        client = self._draft.client
        by: dict[tuple[str, str], set[str]] = {}
        old, new = told(self._before, client, hosts), told(self._after, client, hosts)
        for spot in sorted({*old, *new}):
            saved = self._draft.saved()
            counts = len(self._draft.changes), len(self._draft.not_rebuilt)
            try:
                self._at(old.get(spot), new.get(spot))
                refuse_patched(self._before, self._draft, self._draft.differing(saved))
            except NotExactError as error:
                self._draft.restore(saved)
                del self._draft.changes[counts[0] :], self._draft.not_rebuilt[counts[1] :]
                because = f"{error} ({spot[0]}, port {spot[1]})"
                self._owner.note(self._draft, because, Reach.HOSTS, spot[0], spot[0])
            for key in self._draft.differing(saved):
                by.setdefault(key, set()).add(spot[0])
        return by

    def _at(self, old: Told | None, new: Told | None) -> None:
        is_same = old is not None and new is not None and old.key == new.key
        if not is_same and (because := self._unknown()):
            raise NotExactError(because)
        if new is None:
            if old is not None:
                self._remove(old)
        elif old is None:
            self._make(new)
        elif old.key != new.key:
            self._change(old, new)
        else:
            self._update(old, new)

    def _unknown(self) -> str:
        client = self._draft.client
        for kind in (CLUSTER, ROUTES, LISTENER) if client.kind == "sidecar" else (CLUSTER,):
            if not client.proxy.knows_all(kind):
                return f"not all {_WORDS[kind]} of the proxy were captured"
        return _unmodelled(self._after.scope(client).sidecar)

    def _remove(self, one: Told) -> None:
        self._remove_clusters(one)
        if one.is_routed:
            if one.port.protocol.family in HTTP:
                self._hosts.remove(one)
            self._listeners.remove(one)

    def _make(self, one: Told) -> None:
        if not self._make_cluster(one):
            return
        if one.is_routed:
            if one.port.protocol.family in HTTP:
                self._hosts.make(one)
            self._listeners.make(one)

    def _change(self, old: Told, new: Told) -> None:
        """The routes of a virtual host stay where it stays."""
        is_kept = old.is_routed and new.is_routed and table_of(old) == table_of(new)
        if is_kept and {old.port.protocol.family.value, new.port.protocol.family.value} == {"HTTP"}:
            self._remove_clusters(old)
            self._make_cluster(new)
            self._hosts.rename(old, new)
        else:
            self._remove(old)
            self._make(new)

    def _update(self, old: Told, new: Told) -> None:
        """Of a service of the same shape the endpoints, and the names of it."""
        if new.is_routed and new.port.protocol.family in HTTP:
            self._hosts.rename(old, new)
        is_untouched = new.service.host not in self._owner.hosts
        if is_untouched or TYPES.get(new.service.resolution) is None or new.service.resolution == "NONE":
            return
        backends = [self._backends(self._before, old), self._backends(self._after, new)]
        if backends[0] == backends[1]:
            return
        accounts = [{each.account for each in some if each.account} for some in backends]
        is_secured = not new.service.is_external and accounts[0] != accounts[1]
        if is_secured or TYPES[new.service.resolution] in _DNS or not backends[1] or not backends[0]:
            self._remove_clusters(old)
            self._make_cluster(new)
        elif TYPES[new.service.resolution] == "EDS":
            self._assign(new, backends[1])

    # --- clusters ----------------------------------------------------------------------------------------------------

    def _backends(self, configuration: Configuration, one: Told) -> tuple[Backend, ...]:
        """By the pods where a Service selects others than it did, or other ports, which no EndpointSlice tells yet."""
        host, port = one.service.host, one.port.number
        known = self._before.mesh.network.service_named(host)
        is_known = known is None or _selecting(self._before, host, port) == _selecting(configuration, host, port)
        return backends_of(configuration, one, by_selector=not is_known)

    def _make_cluster(self, one: Told) -> bool:
        """Whether there is one: of a name without any endpoint istiod makes none."""
        if one.service.host not in self._owner.hosts:
            found = copied_clusters(self._before, self._after, self._draft, one)
            for (kind, name), body in found.items():
                self._draft.put(kind, name, body)
            if found:
                return True
        is_original = one.service.resolution == "NONE"
        backends = () if is_original else self._backends(self._after, one)
        body = cluster_body(self._after, self._draft, one, backends)
        name = str(one.cluster)
        if body["type"] in _DNS:
            if not backends:
                return False
            found = assignment(name, backends, self._known(backends))
            body["load_assignment"] = found
            self._draft.put(CLUSTER, name, body)
            self._draft.relabel(name, name, found)
            self._owner.note(
                self._draft, f"what DNS says of {one.service.host} is unknown", Reach.CLUSTER, name, one.service.host
            )
        else:
            self._draft.put(CLUSTER, name, body)
            if body["type"] == "EDS":
                self._draft.relabel(name, name, assignment(name, backends, self._known(backends)))
        self._rules(one)
        return True

    def _rules(self, one: Told) -> None:
        """What DestinationRules ask for, with their subsets."""
        if one.is_routed or self._draft.client.kind == "gateway":
            apply_rules(self._before, self._after, self._draft, one.service, one.port.number)
        elif rules := chosen(self._after, self._draft.client, one.service).rules:
            raise NotExactError(f"what {rules[0]} asks of a host that a Sidecar does not import is not rebuilt")

    def _remove_clusters(self, one: Told) -> None:
        for name in (*(each.name for each in self._draft.client.proxy.resources(CLUSTER)), *self._draft.made(CLUSTER)):
            cluster = parse_cluster(name)
            is_outbound = cluster is not None and cluster.direction == "outbound" and not cluster.sni_dnat
            if cluster and is_outbound and (cluster.host, cluster.port) == (one.service.host, one.port.number):
                body = self._draft.body(CLUSTER, name) or {}
                service = (body.get("eds_cluster_config") or {}).get("service_name") or name
                self._draft.remove_cluster(name, service)

    def _assign(self, one: Told, backends: tuple[Backend, ...]) -> None:
        name = str(one.cluster)
        cluster = self._draft.body(CLUSTER, name) or {}
        place = (cluster.get("eds_cluster_config") or {}).get("service_name") or name
        today = self._draft.body(ENDPOINTS, place)
        if any(group.get("priority") for group in (today or {}).get("endpoints", ())):
            raise NotExactError("priorities by locality are not rebuilt")
        found = assignment(place, backends, self._known(backends))
        self._draft.relabel(name, place, found)
        for each, asked in asked_of(self._after, self._draft.client, one.service).items():
            if each.port == one.port.number and asked.labels is not None:
                own = subset_assignment(self._after, one.service, found, asked.labels, str(each))
                if isinstance(own, str):
                    raise NotExactError(own)
                self._draft.relabel(str(each), str(each), own)

    def _known(self, backends: tuple[Backend, ...]) -> Iterator[Json]:
        """Assignments with one of the addresses, of this proxy, then of others; what names none of them is not read."""
        wanted = {f'"{each.address}"'.encode() for each in backends if each.locality is None}
        for client in (self._draft.client, *self._before.clients):
            draft = self._draft if client is self._draft.client else Draft(client)
            for resource in client.proxy.resources(ENDPOINTS) if wanted else ():
                raw = bytes(resource.raw)
                found = {each for each in wanted if each in raw}
                if found and (body := draft.body(ENDPOINTS, resource.name)):
                    wanted -= found
                    yield body


def _body(one: Written[Sidecar] | None) -> tuple[object, ...] | None:
    return (named(one.item), bytes(one.item.body)) if one else None


def _ingress(one: Written[Sidecar] | None) -> tuple[object, ...]:
    return (one.value.spec.ingress, one.value.spec.inbound_connection_pool) if one else ((), None)


def _unmodelled(*sidecars: Written[Sidecar] | None) -> str:
    for one in sidecars:
        for each in one.value.spec.egress if one else ():
            if each.port or each.bind or each.capture_mode not in ("", "DEFAULT"):
                return f"egress listeners of {one} with a port or an address of their own are not rebuilt"
    return ""


def _inbound(configuration: Configuration, client: Client) -> dict[int, str]:
    """What is spoken on each port of a workload, by the oldest service that leads to it."""
    sidecar, network = configuration.scope(client).sidecar, configuration.mesh.network
    pod = network.pod_named(client.name)
    if pod is None or (sidecar and sidecar.value.spec.ingress):
        return {}
    found: dict[int, tuple[str, str]] = {}
    for front in configuration.services_in_front(client):
        for service in configuration.services.named(front.host):
            for port in service.ports:
                fact = front.port(port.number)
                target = target_port(fact, pod) if fact else 0
                age = service.created, port.protocol.name
                if target and service.namespace == client.namespace:
                    found[target] = min(found.get(target, age), age, key=lambda each: each[0])
    return {target: protocol for target, (_, protocol) in found.items()}


def _selecting(configuration: Configuration, host: str, number: int) -> tuple[object, ...]:
    """Which pods a Service takes, and which of their ports by which name."""
    service = configuration.mesh.network.service_named(host)
    port = service.port(number) if service else None
    return (service.selector if service else None, port.target if port else None, port.name if port else None)


def _hosts(configuration: Configuration, item: Object) -> set[str]:
    """The hosts that an object speaks of."""
    namespace = item.namespace or "default"
    if item.kind == "Service":
        value = decode(item, Service)
        alias = set() if isinstance(value, Problem) or not value.spec.external_name else {value.spec.external_name}
        return {full_host(item.name, namespace), *alias}
    if item.kind == "ServiceEntry":
        entry = decode(item, ServiceEntry)
        return set() if isinstance(entry, Problem) else set(entry.spec.hosts)
    if item.kind != "WorkloadEntry":
        return set()
    workload = decode(item, WorkloadEntry)
    if isinstance(workload, Problem):
        return set()
    labels = Labels(sorted({**dict(workload.spec.labels), **dict(item.labels)}.items()))
    some = (one for one in configuration.services.all if one.namespace == namespace and one.selector)
    return {one.host for one in some if labels.match(one.selector)}

"""The ports of services that one proxy is told of, no longer told of, or told of otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from meshscope.effect.clusters.choice import chosen
from meshscope.effect.configuration import Configuration
from meshscope.envoy.resource import CLUSTER, ENDPOINTS, LISTENER, ROUTES
from meshscope.istio.names import parse_cluster
from meshscope.overlay.change import Reach
from meshscope.overlay.clusters.policies import asked_of
from meshscope.overlay.clusters.rebuilding import apply_rules
from meshscope.overlay.clusters.sockets import named_for
from meshscope.overlay.clusters.subset_endpoints import subset_assignment
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.services.cluster_body import TYPES, cluster_body, is_disabled
from meshscope.overlay.services.endpoints import Backend, assignment, backends_of, unplaced
from meshscope.overlay.services.listeners import Listeners
from meshscope.overlay.services.not_exact import NotExactError
from meshscope.overlay.services.patched import refuse_patched
from meshscope.overlay.services.peers import copied_clusters
from meshscope.overlay.services.speaking import selecting, unmodelled
from meshscope.overlay.services.told import Told, told
from meshscope.overlay.services.virtual_hosts import HTTP, VirtualHosts, table_of

_DNS = ("STRICT_DNS", "LOGICAL_DNS")
_WORDS = {CLUSTER: "clusters", ROUTES: "route configurations", LISTENER: "listeners"}
_MATCHES = "transport_socket_matches"


class Note(Protocol):
    """Takes what is not rebuilt of a host: why, what it decides about, the name of that, and the host."""

    def __call__(self, because: str, reach: Reach, name: str, host: str) -> None: ...


class OfProxy:
    """`changed` are the hosts of which the objects speak."""

    def __init__(
        self, before: Configuration, after: Configuration, draft: Draft, changed: set[str], note: Note
    ) -> None:
        self._before, self._after, self._draft = before, after, draft
        self._changed, self._note = changed, note
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
                self._note(because, Reach.HOSTS, spot[0], spot[0])
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
        return unmodelled(self._after, self._after.scope(client).sidecar, client.namespace)

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
        is_untouched = new.service.host not in self._changed
        if is_untouched or TYPES.get(new.service.resolution) is None or new.service.resolution == "NONE":
            return
        backends = [self._backends(self._before, old), self._backends(self._after, new)]
        if self._is_switched(new) and not new.service.is_external:
            self._switch(new, backends[1])
        if backends[0] == backends[1]:
            return
        accounts = [{each.account for each in some if each.account} for some in backends]
        is_secured = not new.service.is_external and accounts[0] != accounts[1]
        if is_secured or TYPES[new.service.resolution] in _DNS or not backends[1] or not backends[0]:
            self._remove_clusters(old)
            self._make_cluster(new)
        elif TYPES[new.service.resolution] == "EDS":
            self._assign(new, backends[1])

    def _is_switched(self, one: Told) -> bool:
        """Whether a PeerAuthentication switches the mesh's TLS of a namespace on or off."""
        sides = (is_disabled(each, one.service.namespace) for each in (self._before, self._after))
        return len(set(sides)) > 1

    def _switch(self, one: Told, backends: tuple[Backend, ...]) -> None:
        """Of the clusters whose rule says nothing about TLS."""
        made = cluster_body(self._after, self._draft, one, backends)
        for name, asked in asked_of(self._after, self._draft.client, one.service).items():
            body = self._draft.body(CLUSTER, str(name))
            if name.port != one.port.number or body is None or (asked.policy and asked.policy.tls):
                continue
            kept = {key: value for key, value in body.items() if key not in ("transport_socket", _MATCHES)}
            if socket := made.get("transport_socket"):
                kept["transport_socket"] = named_for(socket, name)
            if _MATCHES in made:
                sockets = [(each, named_for(each["transport_socket"], name)) for each in made[_MATCHES]]
                kept[_MATCHES] = [{**each, "transport_socket": socket} for each, socket in sockets]
            self._draft.put(CLUSTER, str(name), kept)

    # --- clusters ----------------------------------------------------------------------------------------------------

    def _backends(self, configuration: Configuration, one: Told) -> tuple[Backend, ...]:
        """By the pods where a Service selects others than it did, or other ports, which no EndpointSlice tells yet."""
        host, port = one.service.host, one.port.number
        known = self._before.mesh.network.service_named(host)
        is_known = known is None or selecting(self._before, host, port) == selecting(configuration, host, port)
        return backends_of(configuration, one, by_selector=not is_known)

    def _make_cluster(self, one: Told) -> bool:
        """Whether there is one: of a name without any endpoint istiod makes none."""
        if one.service.host not in self._changed:
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
            self._note(f"what DNS says of {one.service.host} is unknown", Reach.CLUSTER, name, one.service.host)
        else:
            self._draft.put(CLUSTER, name, body)
            if body["type"] == "EDS":
                known = tuple(self._known(backends))
                address = unplaced(backends, known)
                if address and self._is_by_locality(one):
                    raise NotExactError(f"the locality of endpoint {address} is unknown")
                self._draft.relabel(name, name, assignment(name, backends, known))
        self._rules(one)
        return True

    def _rules(self, one: Told) -> None:
        """What DestinationRules ask for, with their subsets."""
        if one.is_routed or self._draft.client.kind == "gateway":
            apply_rules(self._before, self._after, self._draft, one.service, one.port.number)
        elif rules := chosen(self._after, self._draft.client, one.service).rules:
            raise NotExactError(f"what {rules[0]} asks of a host that a Sidecar does not import is not rebuilt")

    def _is_by_locality(self, one: Told) -> bool:
        """Whether some rule makes istiod order endpoints by their places."""
        asked = asked_of(self._after, self._draft.client, one.service).items()
        policies = (each.policy for name, each in asked if name.port == one.port.number and each.policy)
        return any(
            each.outlier_detection or (each.load_balancer and each.load_balancer.locality_lb_setting)
            for each in policies
        )

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

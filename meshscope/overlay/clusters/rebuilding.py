"""The clusters that applied DestinationRules touch, in one proxy."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
from msgspec.structs import replace

from meshscope.effect.answer import Difference
from meshscope.effect.clusters.choice import Rule, host_of
from meshscope.effect.clusters.expected import Facts
from meshscope.effect.clusters.facts import AUTO, cluster_facts
from meshscope.effect.configuration import Configuration
from meshscope.effect.patches.selection import patching
from meshscope.effect.services import MeshService
from meshscope.envoy.resource import CLUSTER, ENDPOINTS
from meshscope.istio.labels import Labels
from meshscope.istio.names import ClusterName
from meshscope.istio.objects.service_entry import ServiceEntry
from meshscope.istio.objects.traffic_policy import ClientTLSSettings
from meshscope.overlay.change import Kind, NotRebuilt, Reach
from meshscope.overlay.clusters.changes import cluster_change, owner_of_asked
from meshscope.overlay.clusters.own_sockets import OWN, why_not, write_own
from meshscope.overlay.clusters.policies import NOTHING, Asked, asked_of, unwritten
from meshscope.overlay.clusters.policy_body import PROTOCOL, http_options, write_policy
from meshscope.overlay.clusters.sockets import named_for, offer_http2, write_socket
from meshscope.overlay.clusters.subset_endpoints import subset_assignment, words
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.written_rule import written_rule
from meshscope.xds.cluster import Cluster
from meshscope.xds.message import decode

_ENDPOINTS_ELSEWHERE = ("ORIGINAL_DST",)
"""Types of clusters whose endpoints no subset narrows."""


class Clusters:
    """`before` and `after` are two configurations of the same proxies; `old` and `new` the DestinationRules that differ."""

    def __init__(
        self, before: Configuration, after: Configuration, old: tuple[Rule, ...], new: tuple[Rule, ...]
    ) -> None:
        self._before, self._after = before, after
        self._hosts = tuple(dict.fromkeys(host_of(one) for one in (*old, *new)))
        self._objects = ", ".join(dict.fromkeys(str(one) for one in (*new, *old)))

    def rebuild(self, draft: Draft) -> None:
        client = draft.client
        if client.kind not in ("sidecar", "gateway"):
            if client.kind == "waypoint":
                draft.not_rebuilt.append(
                    NotRebuilt(
                        object=self._objects, because="clusters of a waypoint are not rebuilt", proxy=client.name
                    )
                )
            return
        scope = self._after.scope(client)
        for service in {one.host: one for host in self._hosts for one in scope.within(host)}.values():
            self._of_service(draft, service)

    def _of_service(self, draft: Draft, service: MeshService) -> None:
        old = asked_of(self._before, draft.client, service)
        new = asked_of(self._after, draft.client, service)
        for name in sorted({*old, *new}, key=lambda one: (one.port or 0, one.subset)):
            _One(self._before, self._after, draft, service, name).rebuild(old.get(name), new.get(name))


def apply_rules(before: Configuration, after: Configuration, draft: Draft, service: MeshService, port: int) -> None:
    """To a cluster that was made without any rule, of which nothing is told yet."""
    count = len(draft.changes)
    for name, asked in asked_of(after, draft.client, service).items():
        if name.port == port:
            _One(before, after, draft, service, name).rebuild(None if name.subset else NOTHING, asked)
    del draft.changes[count:]


class _One:
    """One cluster of one proxy."""

    def __init__(
        self, before: Configuration, after: Configuration, draft: Draft, service: MeshService, name: ClusterName
    ) -> None:
        self._before, self._after = before, after
        self._draft, self._service, self._name = draft, service, name
        self._whole = replace(name, subset="")

    def rebuild(self, old: Asked | None, new: Asked | None) -> None:
        if old and new and _said(old) == _said(new):
            return
        body = self._draft.body(CLUSTER, str(self._name))
        if new is None:
            if body is not None:
                self._remove(old or NOTHING, body)
        elif body is None:
            self._make(new)
        else:
            self._change(old or new, new, body)

    # --- an existing one ---------------------------------------------------------------------------------------------

    def _change(self, old: Asked, new: Asked, today: Json) -> None:
        typed = decode(msgspec.json.encode(today), Cluster)
        if not isinstance(typed, Cluster):
            self._unknown(new, f"cluster {self._name} does not read: {typed.why}")
            return
        theirs, before, after = cluster_facts(typed), old.facts, new.facts
        changed = [field for field in dict.fromkeys((*after, *before)) if before.get(field) != after.get(field)]
        lagging = {field for field, value in after.items() if not self._agrees(field, theirs.get(field, ""), value)}
        body = copy.deepcopy(today)
        if changed or lagging:
            if new.doubt:
                self._unknown(new, new.doubt)
            self._doubt_today(new, theirs, before, after)
            base = {field: theirs.get(field, "") for field in lagging}
            write_policy(self._after, body, {**before, **base}, after)
            self._write_connection(new, body, {**before, **base}, after)
        if _tls(old) != _tls(new):
            self._write_own(new, body)
        if ("outlier_detection" in before) != ("outlier_detection" in after):
            self._note_localities(new)
        self._own(body, new)
        self._note_unwritten(old, new)
        self._put(new, today, body)
        if new.labels is not None and (old.labels != new.labels):
            self._relabel(new, new.labels, body)

    def _doubt_today(self, new: Asked, theirs: Facts, before: Facts, after: Facts) -> None:
        """A field that is neither as today's manifests nor as the new ones have it is somebody else's."""
        for field in dict.fromkeys((*before, *after)):
            known = {before.get(field, ""), after.get(field, "")}
            actual = theirs.get(field, "")
            if field in before and not any(self._agrees(field, actual, value) for value in known):
                filters = ", ".join(patching(self._before, self._draft.client, CLUSTER))
                because = f"{field} is {actual or 'absent'}, which today's manifests do not say"
                self._unknown(new, because + (f"; {filters} may have changed it" if filters else ""))

    def _agrees(self, field: str, actual: str, wanted: str) -> bool:
        is_fixed = field == "lb_policy" and self._service.resolution in ("Passthrough", "NONE", "")
        return is_fixed or actual == wanted

    @property
    def _default_mode(self) -> str:
        is_of_mesh = self._after.settings.enable_auto_mtls and not self._service.is_external
        return AUTO if is_of_mesh else "DISABLE"

    def _write_connection(self, new: Asked, body: dict[str, Any], before: Facts, after: Facts) -> None:
        if because := write_socket(self._draft, body, self._name, before, after, self._default_mode):
            self._unknown(new, because)
        if before.get(PROTOCOL) == after.get(PROTOCOL):
            return
        port = self._service.port(self._name.port or 0)
        spoken = port.protocol.name if port else ""
        if after.get(PROTOCOL) or spoken in ("HTTP2", "GRPC", "HTTP"):
            is_new = bool(after.get(PROTOCOL)) or spoken != "HTTP"
            http_options(body)["explicit_http_config"] = {
                "http2_protocol_options" if is_new else "http_protocol_options": {}
            }
            offer_http2(body, is_offered=is_new)
        else:
            self._unknown(new, f"the protocol that a port of {spoken or 'no protocol'} is spoken to is not rebuilt")

    def _write_own(self, new: Asked, body: dict[str, Any]) -> None:
        tls = _tls(new)
        if tls is None or tls.mode not in OWN:
            return
        entries = self._after.typed("ServiceEntry", ServiceEntry)
        has_names = any(
            self._service.host in one.value.spec.hosts and one.value.spec.subject_alt_names for one in entries
        )
        if because := why_not(self._after, tls, has_names=has_names):
            self._unknown(new, f"{because} is not rebuilt")
        else:
            write_own(body, tls)

    # --- a new one, and one that vanishes ----------------------------------------------------------------------------

    def _make(self, new: Asked) -> None:
        """A subset of a host that the proxy has."""
        base = self._draft.body(CLUSTER, str(self._whole))
        typed = decode(msgspec.json.encode(base), Cluster) if base else None
        if base is None or not self._name.subset or not isinstance(typed, Cluster):
            if self._draft.client.proxy.knows_all(CLUSTER):
                self._unknown(new, f"the proxy has no cluster {self._whole} today")
            else:
                self._unknown(new, f"cluster {self._whole} was not captured")
            return
        body: dict[str, Any] = copy.deepcopy(base)
        name = str(self._name)
        body["name"] = name
        if "alt_stat_name" in body:
            body["alt_stat_name"] = body["alt_stat_name"].replace(str(self._whole), name)
        for holder in (body, *body.get("transport_socket_matches", ())):
            if socket := holder.get("transport_socket"):
                holder["transport_socket"] = named_for(socket, self._name)
        whole = asked_of(self._after, self._draft.client, self._service).get(self._whole, NOTHING)
        write_policy(self._after, body, whole.facts, new.facts)
        self._write_connection(new, body, whole.facts, new.facts)
        if _tls(whole) != _tls(new):
            self._write_own(new, body)
        self._note_unwritten(whole, new)
        self._own(body, new)
        if typed.discovery_type == "EDS":
            body["eds_cluster_config"] = {**body.get("eds_cluster_config", {}), "service_name": name}
            self._relabel(new, new.labels or Labels(), body, shows=False)
        elif typed.discovery_type not in _ENDPOINTS_ELSEWHERE:
            self._unknown(new, f"which endpoints of a {typed.discovery_type} cluster the subset has is not rebuilt")
        self._put(new, None, body)

    def _remove(self, old: Asked, today: Json) -> None:
        service = (today.get("eds_cluster_config") or {}).get("service_name") or str(self._name)
        self._draft.remove_cluster(str(self._name), service)
        self._draft.changes.append(cluster_change(self._draft.client, self._name, old, Kind.VANISHES, today, None))

    def _relabel(self, new: Asked, labels: Labels, body: Json, *, shows: bool = True) -> None:
        """Gives a subset its endpoints."""
        name = (body.get("eds_cluster_config") or {}).get("service_name") or str(self._name)
        whole = self._draft.body(ENDPOINTS, str(self._whole))
        if whole is None:
            self._unknown(new, f"the endpoints of {self._whole} were not captured")
            return
        found = subset_assignment(self._after, self._service, whole, labels, name)
        if isinstance(found, str):
            self._unknown(new, found)
            return
        before, after = words(self._draft.body(ENDPOINTS, name)), words(found)
        self._draft.relabel(str(self._name), name, found)
        if shows and before != after:
            change = cluster_change(self._draft.client, self._name, new, Kind.CHANGED, None, None)
            differences = (Difference("endpoints", after, before),)
            self._draft.changes.append(
                replace(change, what="endpoints", before=before, after=after, differences=differences)
            )

    # --- both --------------------------------------------------------------------------------------------------------

    def _own(self, body: dict[str, Any], asked: Asked) -> None:
        """istiod notes the rule that a cluster is made with, and its subset."""
        istio = body.setdefault("metadata", {}).setdefault("filter_metadata", {}).setdefault("istio", {})
        if owner := owner_of_asked(asked):
            istio["config"] = self._draft.config_path(owner)
        else:
            istio.pop("config", None)
        if self._name.subset:
            istio["subset"] = self._name.subset

    def _put(self, asked: Asked, today: Json | None, body: Json) -> None:
        change = cluster_change(
            self._draft.client, self._name, asked, Kind.MADE if today is None else Kind.CHANGED, today, body
        )
        self._draft.put(CLUSTER, str(self._name), body)
        if today is None or change.differences:
            self._draft.changes.append(change)

    def _note_unwritten(self, old: Asked, new: Asked) -> None:
        for what, reach in unwritten(old.policy, new.policy):
            self._unknown(new, f"{what} is not rebuilt", reach)

    def _note_localities(self, new: Asked) -> None:
        """With outlier detection istiod gives endpoints priorities by their locality.

        https://istio.io/latest/docs/tasks/traffic-management/locality-load-balancing/failover/
        """
        if not self._after.settings.locality_lb_setting.enabled:
            return
        assignment = self._draft.body(ENDPOINTS, str(self._name)) or {}
        places = {msgspec.json.encode(group.get("locality", {})) for group in assignment.get("endpoints", ())}
        if len(places) > 1:
            self._unknown(new, "priorities by locality, which come and go with outlierDetection, are not rebuilt")

    def _unknown(self, asked: Asked, because: str, reach: Reach = Reach.CLUSTER) -> None:
        rule = written_rule(asked.rule, asked.path) if asked.rule else None
        self._draft.not_rebuilt.append(
            NotRebuilt(
                object=rule.object if rule else "",
                because=because,
                proxy=self._draft.client.name,
                decides=reach,
                name=str(self._name),
                location=rule.location if rule else None,
            )
        )


def _tls(asked: Asked) -> ClientTLSSettings | None:
    return asked.policy.tls if asked.policy else None


def _said(one: Asked) -> tuple[object, ...]:
    return one.policy, owner_of_asked(one), one.labels

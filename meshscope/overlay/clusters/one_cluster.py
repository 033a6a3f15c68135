"""One cluster of one proxy as DestinationRules would have it."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
from msgspec.structs import replace

from meshscope.effect.clusters.connection_limits import HTTP2, PROTOCOL
from meshscope.effect.clusters.expected import Facts
from meshscope.effect.clusters.facts import cluster_facts
from meshscope.effect.clusters.socket_facts import AUTO
from meshscope.effect.configuration import Configuration
from meshscope.effect.patches.selection import patching
from meshscope.effect.services import MeshService
from meshscope.envoy.resource import CLUSTER
from meshscope.istio.labels import Labels
from meshscope.istio.names import ClusterName
from meshscope.istio.objects.service_entry import ServiceEntry
from meshscope.istio.objects.traffic_policy import ClientTLSSettings
from meshscope.overlay.change import Kind, NotRebuilt, Reach
from meshscope.overlay.clusters.changes import cluster_change, owner_of_asked
from meshscope.overlay.clusters.cluster_endpoints import ClusterEndpoints
from meshscope.overlay.clusters.localities import orders, weigh, weighs_localities
from meshscope.overlay.clusters.own_sockets import OWN, why_not, write_own
from meshscope.overlay.clusters.policies import NOTHING, Asked, asked_of, unwritten
from meshscope.overlay.clusters.policy_body import write_policy
from meshscope.overlay.clusters.proxy_protocol import unwrap, wrap
from meshscope.overlay.clusters.raw_connections import rebuild_raw
from meshscope.overlay.clusters.sockets import named_for, offer_http2, write_socket
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.written_rule import written_rule
from meshscope.xds.cluster import Cluster
from meshscope.xds.message import decode

_ENDPOINTS_ELSEWHERE = ("ORIGINAL_DST",)
"""Types of clusters whose endpoints no subset narrows."""


class OneCluster:
    """One cluster of one proxy."""

    def __init__(
        self, before: Configuration, after: Configuration, draft: Draft, service: MeshService, name: ClusterName
    ) -> None:
        self._before, self._after = before, after
        self._draft, self._service, self._name = draft, service, name
        self._whole = replace(name, subset="")
        self._endpoints = ClusterEndpoints(before, after, draft, service, name, self._unknown)

    def rebuild(self, old: Asked | None, new: Asked | None) -> None:
        if old and new and _said(old) == _said(new):
            return
        if new is not None:
            self._write_raw(old or NOTHING, new)
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
            self._write(new, body, {**before, **base}, own=_tls(old) != _tls(new))
        self._own(body, new)
        self._note_unwritten(old, new)
        weigh(body, weighs_localities(self._before, old.policy), weighs_localities(self._after, new.policy))
        self._put(new, today, body)
        if new.labels is not None and (old.labels != new.labels):
            self._endpoints.relabel(new, new.labels, body)
        elif orders(self._before, old.policy) != orders(self._after, new.policy):
            self._endpoints.place(old, new, body)

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

    def _write(self, new: Asked, body: dict[str, Any], before: Facts, *, own: bool) -> None:
        """`own`: sockets with certificates of the rule's own may be others."""
        unwrap(body)
        write_policy(self._after, body, before, new.facts)
        if because := write_socket(self._draft, body, self._name, before, new.facts, self._default_mode):
            self._unknown(new, because)
        is_spoken = before.get(PROTOCOL) != new.facts.get(PROTOCOL)
        if is_spoken:
            offer_http2(body, is_offered=new.facts.get(PROTOCOL) == HTTP2)
        if own or is_spoken:  # a handshake offers the protocol
            self._write_own(new, body)
        wrap(body, new.facts)

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
        self._write(new, body, whole.facts, own=_tls(whole) != _tls(new))
        self._note_unwritten(whole, new)
        weigh(body, weighs_localities(self._after, whole.policy), weighs_localities(self._after, new.policy))
        self._own(body, new)
        if typed.discovery_type == "EDS":
            body["eds_cluster_config"] = {**body.get("eds_cluster_config", {}), "service_name": name}
            self._endpoints.relabel(new, new.labels or Labels(), body, shows=False)
        elif typed.discovery_type not in _ENDPOINTS_ELSEWHERE:
            self._unknown(new, f"which endpoints of a {typed.discovery_type} cluster the subset has is not rebuilt")
        self._put(new, None, body)

    def _remove(self, old: Asked, today: Json) -> None:
        service = (today.get("eds_cluster_config") or {}).get("service_name") or str(self._name)
        self._draft.remove_cluster(str(self._name), service)
        self._draft.changes.append(cluster_change(self._draft.client, self._name, old, Kind.VANISHES, today, None))

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

    def _write_raw(self, old: Asked, new: Asked) -> None:
        if because := rebuild_raw(self._after, self._draft, str(self._name), old, new):
            self._unknown(new, because, Reach.CLUSTER)

    def _note_unwritten(self, old: Asked, new: Asked) -> None:
        for because, reach in unwritten(self._after, old.policy, new.policy):
            self._unknown(new, because, reach)

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
    return one.policy, owner_of_asked(one), one.labels, one.raw

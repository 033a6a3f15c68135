"""The limits of the clusters to a proxy's own workload, which DestinationRules for its Services and Sidecars set."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
from msgspec.structs import replace

from meshscope.effect.clusters.facts import cluster_facts
from meshscope.effect.clusters.inbound_limits import InboundLimits, inbound_limits
from meshscope.effect.clusters.made_facts import made_facts
from meshscope.effect.configuration import Configuration
from meshscope.effect.inbound_ports import InboundPort, inbound_ports
from meshscope.effect.kinds.destination_rule import POLICY
from meshscope.envoy.resource import CLUSTER
from meshscope.istio.hosts import is_within
from meshscope.istio.names import parse_cluster
from meshscope.overlay.applied import named
from meshscope.overlay.change import Kind, NotRebuilt, Reach
from meshscope.overlay.clusters.changes import cluster_change
from meshscope.overlay.clusters.policies import Asked
from meshscope.overlay.clusters.policy_body import write_policy
from meshscope.overlay.draft import Draft
from meshscope.overlay.written_rule import written_rule
from meshscope.xds.cluster import Cluster
from meshscope.xds.message import decode


def rebuild_inbound(before: Configuration, after: Configuration, draft: Draft, hosts: tuple[str, ...]) -> None:
    """Of the Services within `hosts`; `*` is for ports that no Service has, too."""
    for port in inbound_ports(after, draft.client):
        if any(is_within(port.host, host) for host in hosts):
            old, new = (inbound_limits(one, draft.client, port) for one in (before, after))
            one, other = (_asked(each, draft, port, limits) for each, limits in ((before, old), (after, new)))
            if (one.facts, _owner(one)) != (other.facts, _owner(other)):
                _rebuild(after, draft, port, one, other, new.sidecar)


def _asked(configuration: Configuration, draft: Draft, port: InboundPort, limits: InboundLimits) -> Asked:
    facts = made_facts(configuration, draft.client, port.protocol, limits.policy, is_inbound=True)
    return Asked(limits.policy, limits.rule, POLICY, facts=facts)


def _owner(asked: Asked) -> str:
    return str(asked.rule) if asked.rule else ""


def _rebuild(  # noqa: PLR0913, PLR0917  # both sides of a cluster
    configuration: Configuration, draft: Draft, port: InboundPort, old: Asked, new: Asked, sidecar: str
) -> None:
    """A field that is neither as today's manifests nor as the new ones have it is somebody else's, and stays. `sidecar` has the
    pool that counts, "" where a rule has.
    """
    today, name = draft.body(CLUSTER, port.cluster), parse_cluster(port.cluster)
    typed = decode(msgspec.json.encode(today), Cluster) if today is not None else None
    if today is None or name is None or not isinstance(typed, Cluster):
        _unknown(draft, port, new, f"cluster {port.cluster} was not captured")
        return
    theirs = cluster_facts(typed)
    body: dict[str, Any] = copy.deepcopy(today)
    for field in (
        field for field in dict.fromkeys((*old.facts, *new.facts)) if old.facts.get(field) != new.facts.get(field)
    ):
        if field in old.facts and theirs.get(field, "") not in (old.facts[field], new.facts.get(field, "")):
            _unknown(
                draft, port, new, f"{field} is {theirs.get(field) or 'absent'}, which today's manifests do not say"
            )
            return
    write_policy(configuration, body, old.facts, new.facts)
    istio = body.setdefault("metadata", {}).setdefault("filter_metadata", {}).setdefault("istio", {})
    if new.rule is not None:
        istio["config"] = draft.config_path(named(new.rule.item))
    else:
        istio.pop("config", None)
    change = cluster_change(draft.client, name, new if new.rule else old, Kind.CHANGED, today, body)
    draft.put(CLUSTER, port.cluster, body)
    if sidecar:
        owner, _, rule = sidecar.partition(", ")
        change = replace(change, object=owner, rule=rule, location=None)
    if change.differences:
        draft.changes.append(change)


def _unknown(draft: Draft, port: InboundPort, asked: Asked, because: str) -> None:
    rule = written_rule(asked.rule, asked.path) if asked.rule else None
    draft.not_rebuilt.append(
        NotRebuilt(
            object=rule.object if rule else "",
            because=because,
            proxy=draft.client.name,
            decides=Reach.CLUSTER,
            name=port.cluster,
            location=rule.location if rule else None,
        )
    )

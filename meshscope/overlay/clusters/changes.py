"""What would be different in a cluster, by the facts that a traffic policy speaks of."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from meshscope.effect.answer import Difference
from meshscope.effect.clients import Client
from meshscope.effect.clusters.expected import Facts
from meshscope.effect.clusters.facts import cluster_facts
from meshscope.envoy.resource import CLUSTER
from meshscope.istio.names import ClusterName
from meshscope.istio.provenance import ObjectRef
from meshscope.overlay.applied import named
from meshscope.overlay.change import Change, Kind
from meshscope.overlay.clusters.policies import Asked
from meshscope.overlay.draft import Json
from meshscope.overlay.written_rule import written_rule
from meshscope.xds.cluster import Cluster
from meshscope.xds.message import decode


def cluster_change(  # noqa: PLR0913, PLR0917  # both sides of a cluster
    client: Client, name: ClusterName, asked: Asked, kind: Kind, today: Json | None, body: Json | None
) -> Change:
    """`today` and `body` are the cluster as it is and as it would be."""
    resource = client.proxy.resource(CLUSTER, str(name))
    rule = written_rule(asked.rule, asked.path) if asked.rule else None
    before, after = _facts(today), _facts(body)
    return Change(
        proxy=client.name,
        what="cluster",
        name=str(name),
        change=kind,
        object=rule.object if rule else "",
        rule=rule.rule if rule else "",
        before=_words(before),
        after=_words(after),
        differences=tuple(_differences(before, after)) if before is not None and after is not None else (),
        location=rule.location if rule else None,
        made=resource.location if resource else None,
    )


def owner_of_asked(asked: Asked) -> ObjectRef | None:
    """The rule that a cluster is made with."""
    return named(asked.rule.item) if asked.rule else None


def _facts(body: Json | None) -> Facts | None:
    typed = decode(msgspec.json.encode(body), Cluster) if body is not None else None
    return cluster_facts(typed) if isinstance(typed, Cluster) else None


def _differences(before: Facts, after: Facts) -> Iterator[Difference]:
    for field in dict.fromkeys((*after, *before)):
        if before.get(field) != after.get(field):
            yield Difference(field, after.get(field, ""), before.get(field, ""))


def _words(facts: Facts | None) -> str | None:
    return None if facts is None else ", ".join(f"{field} {value}" for field, value in facts.items()) or "the cluster"

"""The endpoints of one cluster of one proxy: those of a subset, and their places."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from meshscope.effect.answer import Difference
from meshscope.effect.configuration import Configuration
from meshscope.effect.services import MeshService
from meshscope.envoy.resource import CLUSTER, ENDPOINTS
from meshscope.istio.labels import Labels
from meshscope.istio.names import ClusterName
from meshscope.overlay.change import Kind
from meshscope.overlay.clusters.changes import cluster_change
from meshscope.overlay.clusters.localities import leaves_out, may_be_ejected, placed, placed_differently
from meshscope.overlay.clusters.policies import Asked
from meshscope.overlay.clusters.subset_endpoints import subset_assignment, words
from meshscope.overlay.draft import Draft, Json


class ClusterEndpoints:
    """`unknown` takes what is not known."""

    def __init__(  # noqa: PLR0913, PLR0917  # a cluster and its proxy
        self,
        before: Configuration,
        after: Configuration,
        draft: Draft,
        service: MeshService,
        name: ClusterName,
        unknown: Callable[[Asked, str], None],
    ) -> None:
        self._before, self._after = before, after
        self._draft, self._service, self._name = draft, service, name
        self._unknown = unknown

    def relabel(self, new: Asked, labels: Labels, body: Json, *, shows: bool = True) -> None:
        """Gives a subset its endpoints."""
        name = (body.get("eds_cluster_config") or {}).get("service_name") or str(self._name)
        whole = self._draft.body(ENDPOINTS, str(replace(self._name, subset="")))
        if whole is None:
            self._unknown(new, f"the endpoints of {replace(self._name, subset='')} were not captured")
            return
        found = subset_assignment(self._after, self._service, whole, labels, name)
        if not isinstance(found, str):
            found = self._placed(new, found)
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

    def place(self, old: Asked, new: Asked, body: Json) -> None:
        """Gives the endpoints other priorities and weights."""
        name = (body.get("eds_cluster_config") or {}).get("service_name") or str(self._name)
        today = body.get("load_assignment") or self._draft.body(ENDPOINTS, name)
        if today is None:
            if body.get("type") != "ORIGINAL_DST":
                self._unknown(new, f"the endpoints of {self._name} were not captured")
            return
        if leaves_out(self._before, self._draft.client, old.policy):
            self._unknown(new, "endpoints that `distribute` keeps from the proxy today are not known")
            return
        found = self._placed(new, today)
        if isinstance(found, str):
            self._unknown(new, found)
            return
        if any("priority" in group for group in found["endpoints"]) and may_be_ejected(self._draft, str(self._name)):
            self._unknown(new, "which endpoints are ejected, and so which locality serves, is not known")
        if differences := tuple(placed_differently(today, found)):
            if "load_assignment" in body:
                self._draft.put(CLUSTER, str(self._name), {**body, "load_assignment": found})
            else:
                self._draft.relabel(str(self._name), name, found)
            change = cluster_change(self._draft.client, self._name, new, Kind.CHANGED, None, None)
            self._draft.changes.append(replace(change, what="endpoints", differences=differences))

    def _placed(self, new: Asked, assignment: Json) -> Json | str:
        return placed(self._after, self._draft.client, self._service, new.policy, assignment)

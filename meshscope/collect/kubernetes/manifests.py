"""The objects of a cluster, or of one namespace of it, as far as the user may list them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from urllib.parse import quote

from msgspec import Struct

from meshscope.collect.collection import NOT_FOUND, Errand
from meshscope.collect.kubernetes.cluster import FORBIDDEN, Cluster
from meshscope.collect.kubernetes.finding import Found, Role
from meshscope.collect.kubernetes.listing import Listed, ask, forbidden, keep, list_all
from meshscope.collect.kubernetes.resources import NAMESPACES, PODS, Resource

CONTROL_PLANE = "istio-system"
"""Where the mesh config is looked for if no control plane is seen."""
ISTIODS = "app in (istiod, pilot)"


class Scope(Struct, frozen=True):
    """`namespace` "" is all of them; `own`, the context's, is where to look if all are not allowed."""

    namespace: str
    own: str


async def pods(errand: Errand, cluster: Cluster, scope: Scope) -> tuple[Listed, ...]:
    """Those that the user's labels choose, and with them the control planes."""
    labels = errand.live.labels
    chosen = await _list(errand, cluster, PODS, scope, **({"labelSelector": labels} if labels else {}))
    if not labels or not chosen.pages:
        return (chosen,)
    path = PODS.path(scope.namespace)
    control = await list_all(errand, cluster, path, labelSelector=ISTIODS)
    keep(errand, cluster, f"{path} ({ISTIODS})", control)
    return chosen, control


async def objects(errand: Errand, cluster: Cluster, scope: Scope, resources: Iterable[Resource]) -> None:
    """One list for each."""
    together = asyncio.Semaphore(errand.live.concurrency)

    async def one(resource: Resource) -> None:
        async with together:
            await _list(errand, cluster, resource, scope)

    await asyncio.gather(*map(one, resources))


async def _list(errand: Errand, cluster: Cluster, resource: Resource, scope: Scope, **query: str) -> Listed:
    """In all namespaces if that is wanted and allowed, else in one."""
    path = resource.path(scope.namespace)
    listed = await list_all(errand, cluster, path, **query)
    if not listed.is_forbidden:
        keep(errand, cluster, path, listed)
        return listed
    everywhere = "all namespaces" if resource.is_namespaced else "the cluster"
    why = forbidden(str(resource), scope.namespace if scope.namespace and resource.is_namespaced else everywhere)
    narrower = _narrower(resource, scope)
    if narrower:
        less = await list_all(errand, cluster, narrower, **query)
        if less.failed is None:
            keep(errand, cluster, narrower, less)
            errand.problem(cluster.name + path, f"{why}; only those of {scope.namespace or scope.own} were read")
            return less
    keep(errand, cluster, path, listed, why)
    return listed


def _narrower(resource: Resource, scope: Scope) -> str:
    """What a user may still see who may not list it: the context's own namespace."""
    if resource == NAMESPACES:
        return f"{NAMESPACES.path()}/{quote(scope.namespace or scope.own)}"
    return resource.path(scope.own) if resource.is_namespaced and not scope.namespace else ""


async def mesh_configs(errand: Errand, cluster: Cluster, found: Iterable[Found]) -> None:
    """The ConfigMaps of that name alone: `istio`, and `istio-REVISION` for each revision.

    https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/
    """
    planes = [one for one in found if one.role is Role.ISTIOD]
    wanted = {(one.pod.namespace, f"istio-{one.revision}" if one.revision else "istio") for one in planes}
    for namespace, name in sorted(wanted or {(CONTROL_PLANE, "istio")}):
        path = f"/api/v1/namespaces/{quote(namespace)}/configmaps/{quote(name)}"
        answer = await ask(errand, cluster, path)
        if answer.status == NOT_FOUND:
            continue
        failed = not answer.is_json or answer.stored is None
        pages = () if failed or answer.stored is None else (answer.stored,)
        why = forbidden(f"configmaps/{name}", namespace, verbs=("get",)) if answer.status == FORBIDDEN else ""
        keep(errand, cluster, path, Listed(pages, answer if failed else None), why)

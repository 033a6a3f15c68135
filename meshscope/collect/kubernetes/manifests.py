"""The objects of a cluster, or of one of its namespaces, as far as the user may list them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from urllib.parse import quote

from msgspec import Struct

from meshscope.collect.collection import NOT_FOUND, SourceCollection
from meshscope.collect.kubernetes.api_resources import NAMESPACES, PODS, ApiResource
from meshscope.collect.kubernetes.cluster import FORBIDDEN, KubernetesCluster
from meshscope.collect.kubernetes.object_lists import ObjectList, get_patiently, list_all, permission_hint, store_list
from meshscope.collect.kubernetes.pod_targets import PodTarget, Role

ROOT_NAMESPACE = "istio-system"
"""The namespace of the mesh config if no control plane is found."""
CONTROL_PLANE_SELECTOR = "app in (istiod, pilot)"


class Scope(Struct, frozen=True):
    """`namespace` is "" for all; `context_namespace` is the one to read if listing all of them is forbidden."""

    namespace: str
    context_namespace: str


async def collect_pods(
    collection: SourceCollection, cluster: KubernetesCluster, scope: Scope
) -> tuple[ObjectList, ...]:
    """The pods that the user's labels select, and the control planes."""
    labels = collection.live.labels
    selected = await _list(collection, cluster, PODS, scope, **({"labelSelector": labels} if labels else {}))
    if not labels or not selected.pages:
        return (selected,)
    path = PODS.path(scope.namespace)
    control_planes = await list_all(collection, cluster, path, labelSelector=CONTROL_PLANE_SELECTOR)
    store_list(collection, cluster, f"{path} ({CONTROL_PLANE_SELECTOR})", control_planes)
    return selected, control_planes


async def collect_objects(
    collection: SourceCollection, cluster: KubernetesCluster, scope: Scope, resources: Iterable[ApiResource]
) -> None:
    """One list for each resource."""
    slots = asyncio.Semaphore(collection.live.concurrency)

    async def collect_list(resource: ApiResource) -> None:
        async with slots:
            await _list(collection, cluster, resource, scope)

    await asyncio.gather(*map(collect_list, resources))


async def _list(
    collection: SourceCollection, cluster: KubernetesCluster, resource: ApiResource, scope: Scope, **query: str
) -> ObjectList:
    """The list in all namespaces if that is wanted and allowed, else in one."""
    path = resource.path(scope.namespace)
    objects = await list_all(collection, cluster, path, **query)
    if not objects.is_forbidden:
        store_list(collection, cluster, path, objects)
        return objects
    everywhere = "all namespaces" if resource.is_namespaced else "the cluster"
    where = scope.namespace if scope.namespace and resource.is_namespaced else everywhere
    why = permission_hint(str(resource), where)
    if narrower_path := _narrower_path(resource, scope):
        fewer = await list_all(collection, cluster, narrower_path, **query)
        if fewer.failed is None:
            store_list(collection, cluster, narrower_path, fewer)
            namespace = scope.namespace or scope.context_namespace
            collection.add_problem(cluster.name + path, f"{why}; only those of {namespace} were read")
            return fewer
    store_list(collection, cluster, path, objects, why)
    return objects


def _narrower_path(resource: ApiResource, scope: Scope) -> str:
    """The path for users who may not list all namespaces: the context's own namespace alone. "" if there is none."""
    if resource == NAMESPACES:
        return f"{NAMESPACES.path()}/{quote(scope.namespace or scope.context_namespace)}"
    return resource.path(scope.context_namespace) if resource.is_namespaced and not scope.namespace else ""


async def collect_mesh_configs(
    collection: SourceCollection, cluster: KubernetesCluster, targets: Iterable[PodTarget]
) -> None:
    """The ConfigMaps `istio`, and `istio-REVISION` for each revision, and no others.

    https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/
    """
    control_planes = [target for target in targets if target.role is Role.ISTIOD]
    names = {(one.pod.namespace, f"istio-{one.revision}" if one.revision else "istio") for one in control_planes}
    for namespace, name in sorted(names or {(ROOT_NAMESPACE, "istio")}):
        path = f"/api/v1/namespaces/{quote(namespace)}/configmaps/{quote(name)}"
        response = await get_patiently(collection, cluster, path)
        if response.status == NOT_FOUND:
            continue
        body = response.body if response.is_json else None
        objects = ObjectList((body,)) if body else ObjectList(failed=response)
        why = permission_hint(f"configmaps/{name}", namespace, verbs=("get",)) if response.status == FORBIDDEN else ""
        store_list(collection, cluster, path, objects, why)

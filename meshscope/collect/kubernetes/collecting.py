"""A cluster as a source: its objects, then every Envoy, ztunnel and control plane among its pods.

Invariant: a failure costs one document or list, and its message names the missing permission.
"""

from __future__ import annotations

import asyncio

import msgspec
from msgspec import Raw, Struct

from meshscope.collect.collection import SourceCollection
from meshscope.collect.envoy_admin import DOCUMENTS, collect_envoy
from meshscope.collect.istiod import collect_istiod
from meshscope.collect.kubernetes.api_resources import discover_resources
from meshscope.collect.kubernetes.cluster import KubernetesCluster, status_message
from meshscope.collect.kubernetes.credentials import find_access
from meshscope.collect.kubernetes.manifests import Scope, collect_mesh_configs, collect_objects, collect_pods
from meshscope.collect.kubernetes.object_lists import ObjectList
from meshscope.collect.kubernetes.pod_client import PodClient, ways_to
from meshscope.collect.kubernetes.pod_targets import PodTarget, Role, pod_targets
from meshscope.collect.live_source import KubernetesSource
from meshscope.collect.ztunnel import collect_ztunnel
from meshscope.errors import UnreachableError
from meshscope.istio.decoding import decode_slice
from meshscope.istio.kubernetes.pod import Pod
from meshscope.snapshot.snapshot import Problem

UNAUTHORIZED = 401


class _Items(Struct):
    items: list[Raw] = []


async def collect_cluster(collection: SourceCollection, source: KubernetesSource) -> None:
    """Raises UsageError for a context that does not exist, UnreachableError if the cluster refuses access."""
    live = collection.live
    try:
        async with asyncio.timeout(live.deadline):  # an exec plugin may wait for a login
            access = await find_access(
                source.context or live.context, live.kubeconfig, source.namespace or live.namespace
            )
    except TimeoutError:
        raise UnreachableError(f"{collection.source.rstrip(':')}: no credentials within {live.deadline:g} s") from None
    async with KubernetesCluster(access, live, collection.spool) as cluster:
        await _check_access(cluster)
        scope = Scope(access.namespace, access.context_namespace)
        pod_lists = await collect_pods(collection, cluster, scope)
        targets = _targets(collection, cluster, pod_lists)
        resources = await discover_resources(collection, cluster)
        await asyncio.gather(
            collect_objects(collection, cluster, scope, resources),
            collect_mesh_configs(collection, cluster, targets),
            *(_collect_target(collection, cluster, target) for target in targets),
        )


async def _check_access(cluster: KubernetesCluster) -> None:
    """Raises UnreachableError if the API server does not answer or does not accept the credentials."""
    response = await cluster.api.get("/version")
    where = f"{cluster.name}: {cluster.access.server}"
    check = f"`kubectl --context {cluster.access.context} get pods` has to work first"
    if not response.is_reached or (response.error and not response.status):
        raise UnreachableError(f"{where}: {response.failure}; {check}")
    if response.status == UNAUTHORIZED:
        message = status_message(response)
        raise UnreachableError(f"{where} does not accept the credentials ({message}): log in again; {check}")


def _targets(
    collection: SourceCollection, cluster: KubernetesCluster, pod_lists: tuple[ObjectList, ...]
) -> tuple[PodTarget, ...]:
    """The servers of all pods, without duplicates, in the order of the pods' names."""
    targets: dict[PodTarget, None] = {}
    for page in (page for one in pod_lists for page in one.pages):
        try:
            items = msgspec.json.decode(page.load(), type=_Items).items
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OSError) as error:
            collection.add_problem(cluster.name, f"pods cannot be read, so their proxies are missing: {error}")
            continue
        for item in items:
            pod = decode_slice(item, Pod, cluster.name, "a pod, which is left out")
            if isinstance(pod, Problem):
                collection.add_problem(pod.document, pod.message)
            else:
                targets.update(dict.fromkeys(pod_targets(pod)))
    return tuple(sorted(targets, key=lambda target: (target.pod, target.role)))


async def _collect_target(collection: SourceCollection, cluster: KubernetesCluster, target: PodTarget) -> None:
    pod = target.pod
    collection.progress.expect({Role.ISTIOD: 0, Role.ZTUNNEL: 1}.get(target.role, DOCUMENTS))
    async with collection.servers, PodClient(pod.namespace, ways_to(cluster, target)) as client:
        if target.role is Role.ISTIOD:
            await collect_istiod(collection, client, pod.name)
        elif target.role is Role.ZTUNNEL:
            await collect_ztunnel(collection, client, collection.proxy_id(pod.namespace, pod.name))
        else:
            await collect_envoy(collection, client, collection.proxy_id(pod.namespace, pod.name))

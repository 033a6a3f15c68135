"""A cluster as a source: its objects, then every Envoy, ztunnel and control plane that its pods show.

Invariant: what cannot be had costs itself alone, and says which permission it lacks.
"""

from __future__ import annotations

import asyncio

import msgspec
from msgspec import Raw, Struct

from meshscope.collect.collection import Errand
from meshscope.collect.envoy_admin import DOCUMENTS, ask_envoy
from meshscope.collect.istiod import ask_istiod
from meshscope.collect.kubernetes.cluster import Cluster, message_of
from meshscope.collect.kubernetes.credentials import find_access
from meshscope.collect.kubernetes.finding import Found, Role, find
from meshscope.collect.kubernetes.listing import Listed
from meshscope.collect.kubernetes.manifests import Scope, mesh_configs, objects, pods
from meshscope.collect.kubernetes.reaching import Reached, ways_to
from meshscope.collect.kubernetes.resources import find_resources
from meshscope.collect.live_source import KubernetesSource
from meshscope.collect.ztunnel import ask_ztunnel
from meshscope.errors import UnreachableError
from meshscope.istio.decoding import decoded
from meshscope.istio.kubernetes import Pod
from meshscope.snapshot.snapshot import Problem

UNAUTHORIZED = 401


class _Items(Struct):
    items: list[Raw] = []


async def gather(errand: Errand, source: KubernetesSource) -> None:
    """Raises UsageError for a context that does not exist, UnreachableError where the cluster does not let anybody in."""
    live = errand.live
    try:
        async with asyncio.timeout(live.deadline):  # an exec plugin may wait for somebody to log in
            access = await find_access(
                source.context or live.context, live.kubeconfig, source.namespace or live.namespace
            )
    except TimeoutError:
        raise UnreachableError(f"{errand.source} no credentials within {live.deadline:g} s") from None
    async with Cluster(access, live, errand.spool) as cluster:
        await _knock(cluster)
        scope = Scope(access.chosen, access.namespace)
        listed = await pods(errand, cluster, scope)
        found = _found(errand, cluster, listed)
        resources = await find_resources(errand, cluster)
        await asyncio.gather(
            objects(errand, cluster, scope, resources),
            mesh_configs(errand, cluster, found),
            *(_ask(errand, cluster, one) for one in found),
        )


async def _knock(cluster: Cluster) -> None:
    answer = await cluster.api.get("/version")
    where = f"{cluster.name}: {cluster.access.server}"
    check = f"`kubectl --context {cluster.access.context} get pods` has to work first"
    if not answer.is_reached or (answer.error and not answer.status):
        raise UnreachableError(f"{where}: {answer.said}; {check}")
    if answer.status == UNAUTHORIZED:
        raise UnreachableError(f"{where} does not accept the credentials ({message_of(answer)}): log in again; {check}")


def _found(errand: Errand, cluster: Cluster, listed: tuple[Listed, ...]) -> tuple[Found, ...]:
    """Each once, in the order of their pods' names."""
    found: dict[Found, None] = {}
    for page in (page for one in listed for page in one.pages):
        try:
            items = msgspec.json.decode(page.load(), type=_Items).items
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OSError) as error:
            errand.problem(cluster.name, f"pods cannot be read, so no proxies are found: {error}")
            continue
        for item in items:
            pod = decoded(item, Pod, cluster.name, "a pod, which is left out")
            if isinstance(pod, Problem):
                errand.problem(pod.document, pod.message)
            else:
                found.update(dict.fromkeys(find(pod)))
    return tuple(sorted(found, key=lambda one: (one.pod, one.role)))


async def _ask(errand: Errand, cluster: Cluster, found: Found) -> None:
    pod = found.pod
    errand.tally.expect({Role.ISTIOD: 0, Role.ZTUNNEL: 1}.get(found.role, DOCUMENTS))
    async with errand.servers, Reached(pod.namespace, ways_to(cluster, found)) as asker:
        if found.role is Role.ISTIOD:
            await ask_istiod(errand, asker, pod.name)
        elif found.role is Role.ZTUNNEL:
            await ask_ztunnel(errand, asker, errand.proxy(pod.namespace, pod.name))
        else:
            await ask_envoy(errand, asker, errand.proxy(pod.namespace, pod.name))

"""The resources of the API server that are listed. Never Secrets.

https://kubernetes.io/docs/reference/using-api/api-concepts/#discovery
"""

from __future__ import annotations

import asyncio
from typing import TypeVar
from urllib.parse import quote

import msgspec
from msgspec import Struct

from meshscope.collect.collection import SourceCollection
from meshscope.collect.kubernetes.cluster import KubernetesCluster, status_message
from meshscope.istio.kinds.istio_kinds import GATEWAY_API_KINDS, ISTIO_KINDS

GROUPS = frozenset(kind.group for kind in ISTIO_KINDS + GATEWAY_API_KINDS)
"""Every resource of these groups is listed, also those that this program does not know."""
_SLICES = "discovery.k8s.io"
_T = TypeVar("_T")


class ApiResource(Struct, frozen=True):
    """`name` is the plural; `group` is "" for the core group."""

    name: str
    group: str = ""
    version: str = "v1"
    is_namespaced: bool = True

    def __str__(self) -> str:
        return f"{self.name}.{self.group}" if self.group else self.name

    def path(self, namespace: str = "") -> str:
        """The path of its list in one namespace, or in all."""
        base = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        inside = f"/namespaces/{quote(namespace)}" if namespace and self.is_namespaced else ""
        return f"{base}{inside}/{self.name}"


PODS = ApiResource("pods")
NAMESPACES = ApiResource("namespaces", is_namespaced=False)
CORE = (ApiResource("services"), NAMESPACES, ApiResource("nodes", is_namespaced=False))
ENDPOINT_SLICES = ApiResource("endpointslices", _SLICES)


class _Version(Struct):
    version: str


class _Group(Struct, rename="camel"):
    name: str = ""
    versions: list[_Version] = []
    preferred_version: _Version | None = None


class _Groups(Struct):
    groups: list[_Group] = []


class _ResourceEntry(Struct):
    name: str
    namespaced: bool = False
    verbs: list[str] = []


class _ResourceList(Struct):
    resources: list[_ResourceEntry] = []


async def discover_resources(collection: SourceCollection, cluster: KubernetesCluster) -> tuple[ApiResource, ...]:
    """Every resource to list, without the pods. What cannot be discovered is a problem of the collection."""
    groups = await _discover(collection, cluster, "/apis", _Groups)
    if groups is None:
        return (*CORE, ENDPOINT_SLICES)
    versions = [
        (group.name, version)
        for group in groups.groups
        if group.name in GROUPS or group.name == _SLICES
        for version in _ordered_versions(group)
    ]
    lists = await asyncio.gather(
        *(_discover(collection, cluster, f"/apis/{group}/{version}", _ResourceList) for group, version in versions)
    )
    by_name: dict[str, ApiResource] = {}
    for (group, version), resource_list in zip(versions, lists, strict=True):
        for entry in resource_list.resources if resource_list else ():
            if "list" in entry.verbs and "/" not in entry.name:
                resource = ApiResource(entry.name, group, version, entry.namespaced)
                by_name.setdefault(str(resource), resource)
    return (*CORE, *by_name.values())


def _ordered_versions(group: _Group) -> list[str]:
    """The preferred version first: a resource is listed once, in the first version that has it."""
    preferred = [group.preferred_version.version] if group.preferred_version else []
    return list(dict.fromkeys([*preferred, *(one.version for one in group.versions)]))


async def _discover(collection: SourceCollection, cluster: KubernetesCluster, path: str, type_: type[_T]) -> _T | None:
    collection.progress.expect(1)
    response = await collection.get(cluster.api, path)
    try:
        if response.is_json and response.body:
            return msgspec.json.decode(response.body.load(), type=type_)
        why = status_message(response)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OSError) as error:
        why = str(error)
    collection.add_problem(cluster.name + path, f"resources that cannot be discovered are not listed: {why}")
    return None

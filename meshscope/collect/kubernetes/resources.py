"""What the API server has that is worth listing. Never Secrets.

https://kubernetes.io/docs/reference/using-api/api-concepts/#discovery
"""

from __future__ import annotations

import asyncio
from typing import TypeVar
from urllib.parse import quote

import msgspec
from msgspec import Struct, field

from meshscope.collect.client import Answer
from meshscope.collect.collection import Errand
from meshscope.collect.kubernetes.cluster import Cluster, message_of
from meshscope.istio.kinds.istio_kinds import GATEWAY_API_KINDS, ISTIO_KINDS

GROUPS = frozenset(kind.group for kind in ISTIO_KINDS + GATEWAY_API_KINDS)
"""Every kind of these is listed, known or not."""
_SLICES = "discovery.k8s.io"
_T = TypeVar("_T")


class Resource(Struct, frozen=True):
    """`name` is the plural; `group` "" is the core's."""

    name: str
    group: str = ""
    version: str = "v1"
    is_namespaced: bool = True

    def __str__(self) -> str:
        return f"{self.name}.{self.group}" if self.group else self.name

    def path(self, namespace: str = "") -> str:
        """Of its list in one namespace, or in all."""
        base = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        inside = f"/namespaces/{quote(namespace)}" if namespace and self.is_namespaced else ""
        return f"{base}{inside}/{self.name}"


PODS = Resource("pods")
NAMESPACES = Resource("namespaces", is_namespaced=False)
CORE = (Resource("services"), NAMESPACES, Resource("nodes", is_namespaced=False))
ENDPOINT_SLICES = Resource("endpointslices", _SLICES)


class _Version(Struct):
    version: str


class _Group(Struct, rename="camel"):
    name: str = ""
    versions: list[_Version] = []
    preferred_version: _Version | None = None


class _Groups(Struct):
    groups: list[_Group] = []


class _Kind(Struct):
    name: str
    namespaced: bool = False
    verbs: list[str] = []


class _Kinds(Struct):
    kinds: list[_Kind] = field(default=[], name="resources")


async def find_resources(errand: Errand, cluster: Cluster) -> tuple[Resource, ...]:
    """Everything to list but the pods. What cannot be found out is a problem of the errand."""
    groups = await _discovered(errand, cluster, "/apis", _Groups)
    if groups is None:
        return (*CORE, ENDPOINT_SLICES)
    asked = [
        (group.name, version)
        for group in groups.groups
        if group.name in GROUPS or group.name == _SLICES
        for version in _versions(group)
    ]
    kinds = await asyncio.gather(*(_discovered(errand, cluster, f"/apis/{g}/{v}", _Kinds) for g, v in asked))
    found: dict[str, Resource] = {}
    for (group, version), several in zip(asked, kinds, strict=True):
        for kind in several.kinds if several else ():
            if "list" in kind.verbs and "/" not in kind.name:
                resource = Resource(kind.name, group, version, kind.namespaced)
                found.setdefault(str(resource), resource)
    return (*CORE, *found.values())


def _versions(group: _Group) -> list[str]:
    """The preferred one first: a kind is listed once, in the first version that has it."""
    preferred = [group.preferred_version.version] if group.preferred_version else []
    return list(dict.fromkeys([*preferred, *(one.version for one in group.versions)]))


async def _discovered(errand: Errand, cluster: Cluster, path: str, type_: type[_T]) -> _T | None:
    errand.tally.expect(1)
    answer = await errand.get(cluster.api, path)
    try:
        if answer.is_json and answer.stored:
            return msgspec.json.decode(answer.stored.load(), type=type_)
        why = _explained(answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OSError) as error:
        why = str(error)
    errand.problem(cluster.name + path, f"what the API server has cannot be found out, and is not listed: {why}")
    return None


def _explained(answer: Answer) -> str:
    return message_of(answer) if answer.stored else answer.said

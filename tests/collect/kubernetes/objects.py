"""The objects of a test's cluster, as an API server answers for them: discovery, lists with pages and selectors, one."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

Json = dict[str, Any]
VERSION = "1000"
_VERBS = ["get", "list", "watch"]


class Kind(NamedTuple):
    group: str
    version: str
    plural: str
    kind: str
    is_namespaced: bool = True
    subresources: tuple[str, ...] = ()

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version


KINDS = (
    Kind("", "v1", "pods", "Pod", True, ("exec", "portforward", "log")),
    Kind("", "v1", "services", "Service"),
    Kind("", "v1", "namespaces", "Namespace", False),
    Kind("", "v1", "nodes", "Node", False),
    Kind("", "v1", "configmaps", "ConfigMap"),
    Kind("", "v1", "secrets", "Secret"),
    Kind("apps", "v1", "deployments", "Deployment"),
    Kind("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice"),
    Kind("networking.istio.io", "v1", "virtualservices", "VirtualService"),
    Kind("networking.istio.io", "v1", "destinationrules", "DestinationRule"),
    Kind("networking.istio.io", "v1", "gateways", "Gateway"),
    Kind("networking.istio.io", "v1alpha3", "virtualservices", "VirtualService"),
    Kind("networking.istio.io", "v1alpha3", "envoyfilters", "EnvoyFilter"),
    Kind("security.istio.io", "v1", "authorizationpolicies", "AuthorizationPolicy"),
    Kind("gateway.networking.k8s.io", "v1", "gatewayclasses", "GatewayClass", False),
    Kind("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute", True, ("status",)),
    Kind("gateway.networking.k8s.io", "v1alpha2", "tcproutes", "TCPRoute"),
    Kind("example.com", "v1", "widgets", "Widget"),
)


class Answer(NamedTuple):
    status: int
    body: Json


class Objects:
    """`most_per_page` is the most that one page holds, whatever a client asks for."""

    def __init__(self, documents: Iterable[Json] = ()) -> None:
        self.most_per_page = 10_000
        self.expiring = 0
        """How many of the next continued lists find their token expired."""
        self._kept: dict[tuple[str, str], list[Json]] = {}
        for document in documents:
            self.add(document)

    def add(self, document: Json) -> None:
        group = document.get("apiVersion", "v1").rpartition("/")[0]
        of_kind = self._kept.setdefault((group, document["kind"]), [])
        number = len(of_kind) + 1
        document["metadata"] |= {
            "uid": f"00000000-0000-0000-{len(self._kept):04}-{number:012}",
            "resourceVersion": str(number),
            "creationTimestamp": "2026-08-01T00:00:00Z",
        }
        of_kind.append(document)

    def remove(self, kind: str, name: str) -> None:
        """The objects of that kind and name, of the core group."""
        of_kind = self._kept[("", kind)]
        of_kind[:] = (one for one in of_kind if one["metadata"]["name"] != name)

    def answer(self, path: str, query: dict[str, str]) -> Answer:
        """What GET of that path gives."""
        if (found := self._discovery(path)) is not None:
            return Answer(200, found)
        if (route := _route(path)) is None:
            return not_found(path)
        kind, namespace, name = route
        every = [one for one in self._kept.get((kind.group, kind.kind), []) if _is_in(one, namespace)]
        if name:
            one = next((one for one in every if one["metadata"]["name"] == name), None)
            return Answer(200, _as(kind, one)) if one else not_found(path)
        chosen = [one for one in every if all(test(one) for test in _tests(query))]
        return self._page(kind, chosen, query)

    def watched(self, path: str, query: dict[str, str]) -> Iterator[Json]:
        """The events of a watch that begins at the beginning, and a bookmark."""
        route = _route(path)
        assert route is not None
        if query.get("resourceVersion", "0") == "0":
            for item in self.answer(path, {}).body["items"]:
                yield {"type": "ADDED", "object": _as(route[0], item)}
        if query.get("allowWatchBookmarks") in ("1", "true"):
            bookmark = {"metadata": {"resourceVersion": VERSION, "creationTimestamp": None}}
            yield {"type": "BOOKMARK", "object": _as(route[0], bookmark)}

    def _page(self, kind: Kind, items: list[Json], query: dict[str, str]) -> Answer:
        start = 0
        if token := query.get("continue"):
            if self.expiring:
                self.expiring -= 1
                return status(410, "Expired", "The provided continue parameter is too old to display a consistent list")
            start = int(base64.b64decode(token))
        end = start + min(int(query.get("limit") or "0") or len(items), self.most_per_page)
        meta: Json = {"resourceVersion": VERSION}
        if end < len(items):
            meta |= {"continue": base64.b64encode(b"%d" % end).decode(), "remainingItemCount": len(items) - end}
        bare = [{key: value for key, value in one.items() if key not in ("apiVersion", "kind")} for one in items]
        if kind.group and "k8s.io" not in kind.group:  # custom resources say what they are, others do not
            bare = [_as(kind, one) for one in items]
        listed = {"kind": f"{kind.kind}List", "apiVersion": kind.api_version, "metadata": meta}
        return Answer(200, listed | {"items": bare[start:end]})

    def _discovery(self, path: str) -> Json | None:
        parts = path.strip("/").split("/")
        if path == "/version":
            return {"major": "1", "minor": "32", "gitVersion": "v1.32.4", "platform": "linux/amd64"}
        if parts == ["api"]:
            return {"kind": "APIVersions", "versions": ["v1"]}
        if parts == ["apis"]:
            groups = dict.fromkeys(kind.group for kind in KINDS if kind.group)
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(name) for name in groups]}
        api = parts[1:] if parts[0] == "api" else parts[1:3]
        if len(parts) != (2 if parts[0] == "api" else 3):
            return None
        kinds = [kind for kind in KINDS if kind.api_version == "/".join(api)]
        resources = [each for kind in kinds for each in _resources(kind)]
        listed = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "/".join(api)}
        return listed | {"resources": resources} if kinds else None


def status(code: int, reason: str, message: str) -> Answer:
    told = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
    return Answer(code, told | {"message": message, "reason": reason, "code": code})


def not_found(path: str) -> Answer:
    return status(404, "NotFound", f"the server could not find the requested resource: {path}")


def _group(name: str) -> Json:
    versions = list(dict.fromkeys(kind.version for kind in KINDS if kind.group == name))
    told = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": told, "preferredVersion": told[0]}


def _resources(kind: Kind) -> Iterator[Json]:
    base = {"singularName": kind.kind.lower(), "namespaced": kind.is_namespaced, "kind": kind.kind}
    yield base | {"name": kind.plural, "verbs": _VERBS}
    for part in kind.subresources:
        yield base | {"name": f"{kind.plural}/{part}", "verbs": ["create", "get"]}


def _route(path: str) -> tuple[Kind, str, str] | None:
    """The kind, the namespace ("" for all) and the name ("" for a list)."""
    for kind in KINDS:
        base = f"/apis/{kind.api_version}" if kind.group else f"/api/{kind.version}"
        inside = r"(?:/namespaces/(?P<namespace>[^/]+))?" if kind.is_namespaced else "(?P<namespace>)"
        if found := re.fullmatch(rf"{base}{inside}/{kind.plural}(?:/(?P<name>[^/]+))?", path):
            return kind, found["namespace"] or "", found["name"] or ""
    return None


def _is_in(one: Json, namespace: str) -> bool:
    return not namespace or one["metadata"].get("namespace", "default") == namespace


def _as(kind: Kind, one: Json) -> Json:
    return one | {"apiVersion": kind.api_version, "kind": kind.kind}


def _tests(query: dict[str, str]) -> Iterator[Callable[[Json], bool]]:
    """Selectors: `a=b`, `a!=b`, `a`, `a in (b, c)`; of fields, metadata.name and metadata.namespace."""
    for text in re.split(r",(?![^(]*\))", query.get("labelSelector", "")):
        if not text:
            continue
        if many := re.fullmatch(r"(\S+) in \((.*)\)", text):
            yield lambda one, many=many: _labels(one).get(many[1]) in re.split(r",\s*", many[2])  # type: ignore[misc]  # a lambda of one
        else:
            key, sign, value = re.fullmatch(r"([^=!]+)(!?=*)(.*)", text).groups()  # type: ignore[union-attr]  # matches any
            yield lambda one, key=key, sign=sign, value=value: (  # type: ignore[misc]  # a lambda of one
                (key in _labels(one)) if not sign else ((_labels(one).get(key) == value) != sign.startswith("!"))
            )
    for text in filter(None, query.get("fieldSelector", "").split(",")):
        key, _, value = text.replace("==", "=").partition("=")
        yield lambda one, key=key, value=value: one["metadata"].get(key.rpartition(".")[2]) == value  # type: ignore[misc]


def _labels(one: Json) -> dict[str, str]:
    return one["metadata"].get("labels") or {}

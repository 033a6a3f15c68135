"""One proxy's configuration while it is rebuilt: bodies of resources as JSON, of which everything else is kept as it is."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from meshscope.effect.clients import Client
from meshscope.envoy.resource import CLUSTER, ENDPOINTS, ROUTES
from meshscope.istio.provenance import ObjectRef
from meshscope.mesh.overlaid import OverlaidProxy
from meshscope.mesh.proxy import Proxy
from meshscope.once import once
from meshscope.overlay.change import Change, NotRebuilt

Json = Any
"""A body of a resource, of which most fields are none of this program's types."""


Saved = tuple[dict[tuple[str, str], Any], set[str]]


class Draft:
    """`changes` and `not_rebuilt` are of this proxy."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.changes: list[Change] = []
        self.not_rebuilt: list[NotRebuilt] = []
        self._bodies: dict[tuple[str, str], Json | None] = {}
        self._read: dict[tuple[str, str], Json | None] = {}
        self._relabelled: set[str] = set()

    def body(self, kind: str, name: str) -> Json | None:
        """As it is by now, to read; None where the proxy has none, or where it does not read."""
        if (kind, name) in self._bodies:
            return self._bodies[kind, name]
        if (kind, name) not in self._read:
            self._read[kind, name] = self._captured(kind, name)
        return self._read[kind, name]

    def _captured(self, kind: str, name: str) -> Json | None:
        resource = self.client.proxy.resource(kind, name)
        if resource is None:
            return None
        try:
            body = msgspec.json.decode(resource.canonical())
        except msgspec.DecodeError:
            return None
        return body if isinstance(body, dict) else None

    def config_path(self, owner: ObjectRef) -> str:
        """How this proxy's control plane notes the object that something is made of."""
        kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", owner.kind).lower()
        return f"/apis/{owner.group}/{self._api_version}/namespaces/{owner.namespace}/{kind}/{owner.name}"

    @once
    def _api_version(self) -> str:
        proxy = self.client.proxy
        for resource in (*proxy.resources(ROUTES), *proxy.resources(CLUSTER)):
            if found := re.search(rb"/apis/networking\.istio\.io/(v\w+)/", memoryview(resource.raw)):
                return found[1].decode()
        return "v1"

    def made(self, kind: str) -> tuple[str, ...]:
        """Names of resources of the kind that would be there and are not today."""
        known = (name for (other, name), body in self._bodies.items() if other == kind and body is not None)
        return tuple(name for name in known if self.client.proxy.resource(kind, name) is None)

    def put(self, kind: str, name: str, body: Json) -> None:
        self._bodies[kind, name] = body

    def remove(self, kind: str, name: str) -> None:
        self._bodies[kind, name] = None

    def is_removed(self, kind: str, name: str) -> bool:
        return (kind, name) in self._bodies and self._bodies[kind, name] is None

    def relabel(self, cluster: str, assignment: str, body: Json) -> None:
        """Gives a cluster other hosts than were seen in it."""
        self._relabelled.add(cluster)
        self.put(ENDPOINTS, assignment, body)

    def saved(self) -> Saved:
        """To go back to, should a part turn out not to be known."""
        return dict(self._bodies), set(self._relabelled)

    def restore(self, saved: Saved) -> None:
        self._bodies, self._relabelled = dict(saved[0]), set(saved[1])

    def differing(self, saved: Saved) -> dict[tuple[str, str], Json | None]:
        """The bodies of then, None for none, of what is another one now."""
        now = self._bodies
        self._bodies = saved[0]
        found = {key: self.body(*key) for key, body in now.items() if key not in saved[0] or saved[0][key] is not body}
        self._bodies = now
        return found

    def remove_cluster(self, name: str, assignment: str) -> None:
        self.remove(CLUSTER, name)
        if self.client.proxy.resource(ENDPOINTS, assignment) is not None:
            self.remove(ENDPOINTS, assignment)

    def proxy(self) -> Proxy | None:
        """The proxy as it would be; None where it would be as it is."""
        if not self._bodies:
            return None
        edits = {key: None if body is None else msgspec.json.encode(body) for key, body in self._bodies.items()}
        return OverlaidProxy(self.client.proxy, edits, frozenset(self._relabelled))

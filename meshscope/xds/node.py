"""A node: how a proxy introduces itself to its control plane.

`metadata` is free-form: its keys are data, and it is kept as it is written.
https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/base.proto#config-core-v3-node
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from msgspec import Raw

from meshscope.xds.endpoint import Locality
from meshscope.xds.message import Message, Undecodable, decode, present


class SemanticVersion(Message, frozen=True):
    major_number: int = 0
    minor_number: int = 0
    patch: int = 0

    def __str__(self) -> str:
        return f"{self.major_number}.{self.minor_number}.{self.patch}"


class BuildVersion(Message, frozen=True):
    version: SemanticVersion = SemanticVersion()


class Node(Message, frozen=True, dict=True):
    """`build_version` is what proxies before API v3 report: `SHA/1.12.0/Clean/RELEASE/BoringSSL`."""

    id: str = ""
    cluster: str = ""
    metadata: Raw = Raw()
    locality: Locality = Locality()
    user_agent_name: str = ""
    user_agent_build_version: BuildVersion | None = None
    build_version: str = ""

    def value(self, key: str) -> Any:
        """One entry of the metadata, None where it is absent or the metadata does not read."""
        return self._entries.get(key)

    @property
    def has_metadata(self) -> bool:
        return bool(self._entries)

    def flag(self, key: str) -> bool:
        """The same where it is true or false; Istio writes both as text."""
        return self.value(key) in (True, "true", "1")

    @cached_property
    def _entries(self) -> dict[str, Any]:
        entries = decode(self.metadata, dict[str, Any]) if present(self.metadata) else {}
        return {} if isinstance(entries, Undecodable) else entries

    def text(self, key: str) -> str:
        """The same where it is text, else ""."""
        value = self.value(key)
        return value if isinstance(value, str) else ""

    @property
    def envoy_version(self) -> str:
        """`1.36.4`, "" where the node does not say; a build that calls itself 0.0.0 does not."""
        if self.user_agent_build_version and str(self.user_agent_build_version.version) != "0.0.0":
            return str(self.user_agent_build_version.version)
        return semantic_version(self.build_version)

    @property
    def istio_version(self) -> str:
        return self.text("ISTIO_VERSION")

    @property
    def namespace(self) -> str:
        return self.text("NAMESPACE")

    @property
    def workload(self) -> str:
        return self.text("WORKLOAD_NAME")

    @property
    def mesh_cluster(self) -> str:
        return self.text("CLUSTER_ID")

    @property
    def interception_mode(self) -> str:
        """REDIRECT, TPROXY, NONE or ""."""
        return self.text("INTERCEPTION_MODE")

    @cached_property
    def labels(self) -> tuple[tuple[str, str], ...]:
        """The pod's labels, sorted."""
        labels = self.value("LABELS")
        return tuple(sorted((key, str(value)) for key, value in labels.items())) if isinstance(labels, dict) else ()

    def label(self, key: str) -> str:
        """One of the pod's labels, "" where it has none of that name."""
        return dict(self.labels).get(key, "")


def semantic_version(build: str) -> str:
    """`1.36.4` out of `SHA/1.36.4/Clean/RELEASE/BoringSSL`, "" where it is written otherwise."""
    parts = build.split("/")
    return parts[1] if len(parts) > 1 and parts[1][:1].isdecimal() else ""

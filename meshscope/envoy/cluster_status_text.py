"""Envoy's `/clusters` as text: one `CLUSTER::KEY::VALUE` or `CLUSTER::ADDRESS::KEY::VALUE` a line.

Cluster names hold `|` and may hold `::`, IPv6 addresses do. Envoy announces a cluster (observability name, thresholds)
before its hosts, so names are known from the lines above or from `known_clusters`; a text that was cut or sorted is
split from the right. https://www.envoyproxy.io/docs/envoy/latest/operations/admin#get--clusters
"""

from __future__ import annotations

import io
import sys
from collections.abc import Collection, Iterator
from operator import methodcaller

from msgspec import Struct

from meshscope.envoy.cluster_status import EDS_FLAGS, ClusterStatus, HostStatus, Thresholds, eds_flag
from meshscope.location import Document, Location, Place
from meshscope.snapshot.snapshot import Problem

CLUSTER_KEYS = frozenset(
    ("observability_name", "outlier", "default_priority", "high_priority", "added_via_api", "eds_service_name")
)
_CLUSTER_MARKS = tuple(f"::{key}::" for key in sorted(CLUSTER_KEYS, reverse=True))


class TextLine(Location):
    """A place in a text that has lines but no tree; `line` counts from 1 in the document's body."""

    __slots__ = ("line",)

    def __init__(self, document: Document, line: int) -> None:
        super().__init__(document, (line,))
        self.line = line

    def place(self) -> Place:
        return Place(self.document.name, "", self.line + self.document.skipped_lines, 1)


class _Host(Struct):
    address: str
    line: int
    fields: dict[str, str] = {}


class _Cluster(Struct):
    line: int
    fields: dict[str, str] = {}
    hosts: list[HostStatus] = []

    def add(self, key: str, value: str) -> None:
        if key in ("default_priority", "high_priority", "outlier"):
            kind, _, value = value.partition("::")
            key = f"{key}::{kind}"
        self.fields[key] = value


class _Reader:
    def __init__(self, document: Document, known_clusters: Collection[str]) -> None:
        self.document = document
        self.names = set(known_clusters)
        self.clusters: dict[str, _Cluster] = {}
        self.problems: list[Problem] = []
        self.strange: list[tuple[int, str]] = []

    def read(self) -> None:
        above = prefix = "\n"  # what lines of the same cluster, and of the same host, start with
        cluster, host = _Cluster(0), _Host("", 0)
        length, fields = len(prefix), host.fields
        for number, line in enumerate(text_lines(self.document), 1):
            if line.startswith(prefix):
                key, found, value = line[length:].partition("::")
                if found and key not in fields and key not in CLUSTER_KEYS:
                    fields[key] = value
                    continue
            elif line.startswith(above):
                key, _, value = line[len(above) :].partition("::")
                if key in CLUSTER_KEYS:
                    cluster.add(key, value)
                    continue
            if of_cluster := cluster_line(line):
                self._close(cluster, host)
                name, key, value = of_cluster
                self.names.add(name)
                above, prefix, host, cluster = f"{name}::", "\n", _Host("", 0), self._cluster(name, number)
                cluster.add(key, value)
            elif parts := self._host_line(line):
                self._close(cluster, host)
                name, address, key, value = parts
                above, prefix, cluster = f"{name}::", f"{name}::{address}::", self._cluster(name, number)
                host = _Host(address, number, {key: value})
                length, fields = len(prefix), host.fields
            elif line.strip():
                self.strange.append((number, line))
        self._close(cluster, host)

    def _cluster(self, name: str, line: int) -> _Cluster:
        return self.clusters.get(name) or self.clusters.setdefault(name, _Cluster(line))

    def _host_line(self, line: str) -> tuple[str, str, str, str] | None:
        """Cluster, address, key and value of the first line of a host."""
        owner, found, value = line.partition("::hostname::")
        if found:
            key = "hostname"
        else:
            owner, _, value = line.rpartition("::")
            owner, found, key = owner.rpartition("::")
        if not found or not key.replace("_", "").isalnum():
            return None
        if name := self._announced(owner):
            return name, owner[len(name) + 2 :], key, value
        name, address = name_and_address(owner)
        return (name, address, key, value) if name and address else None

    def _announced(self, owner: str) -> str:
        """The longest name of a known cluster with which `CLUSTER::ADDRESS` starts."""
        found = owner
        while found:
            found = found.rpartition("::")[0]
            if found in self.names:
                return found
        return ""

    def _close(self, cluster: _Cluster, host: _Host) -> None:
        if not host.fields:
            return
        location = TextLine(self.document, line=host.line)
        try:
            cluster.hosts.append(_host_status(host, location))
        except ValueError as error:
            line = host.line + self.document.skipped_lines
            self.problems.append(Problem(self.document.name, f"host {host.address} at line {line}: {error}"))


def cluster_statuses_text(
    document: Document, known_clusters: Collection[str] = ()
) -> tuple[tuple[ClusterStatus, ...], tuple[Problem, ...]]:
    """The clusters of the text form, in its order. `known_clusters` are names from the same proxy's dump."""
    reader = _Reader(document, known_clusters)
    reader.read()
    clusters = tuple(_cluster_status(name, cluster, document) for name, cluster in reader.clusters.items())
    if reader.strange:
        number, line = reader.strange[0]
        more = f" and {len(reader.strange) - 1} lines more" if len(reader.strange) > 1 else ""
        message = f"line {number + document.skipped_lines}{more}: not a line of /clusters: {line[:80]}"
        reader.problems.append(Problem(document.name, message))
    return clusters, tuple(reader.problems)


def text_lines(document: Document) -> Iterator[str]:
    """The lines of a body, without their ends, one at a time."""
    lines = io.TextIOWrapper(io.BytesIO(document.body), "utf-8", "replace", newline="\n")
    return map(methodcaller("rstrip", "\r\n"), lines)


def cluster_line(line: str) -> tuple[str, str, str] | None:
    """Cluster, key and the rest of a line about a cluster itself."""
    for mark in _CLUSTER_MARKS:
        name, found, value = line.partition(mark)
        if found and name:
            return name, mark.strip(":"), value
    return None


def name_and_address(text: str) -> tuple[str, str]:
    """The parts of `NAME::ADDRESS`, split from the right by the forms of addresses."""
    for mark, is_so in (("::[", text.rpartition("]:")[2].isdecimal()), ("::envoy://", True)):
        name, found, address = text.rpartition(mark)
        if found and is_so:
            return name, mark[2:] + address
    name, _, address = text.rpartition("::")
    return name, address


def _cluster_status(name: str, cluster: _Cluster, document: Document) -> ClusterStatus:
    fields = cluster.fields
    return ClusterStatus(
        name=name,
        location=TextLine(document, line=cluster.line),
        added_via_api=fields.get("added_via_api") == "true",
        eds_service_name=fields.get("eds_service_name", ""),
        observability_name=fields.get("observability_name", ""),
        thresholds=tuple(
            thresholds
            for thresholds in (_thresholds(fields, "DEFAULT"), _thresholds(fields, "HIGH"))
            if thresholds != Thresholds(priority=thresholds.priority)
        ),
        success_rate_ejection_threshold=_threshold(fields, "success_rate_ejection_threshold"),
        local_origin_success_rate_ejection_threshold=_threshold(fields, "local_origin_success_rate_ejection_threshold"),
        hosts=tuple(cluster.hosts),
    )


def _thresholds(fields: dict[str, str], priority: str) -> Thresholds:
    def limit(name: str) -> int | None:
        text = fields.get(f"{priority.lower()}_priority::{name}", "")
        return int(text) if text.isdecimal() else None

    return Thresholds(
        priority=priority,
        max_connections=limit("max_connections"),
        max_pending_requests=limit("max_pending_requests"),
        max_requests=limit("max_requests"),
        max_retries=limit("max_retries"),
    )


def _threshold(fields: dict[str, str], name: str) -> float | None:
    """JSON has a threshold only above zero; the text writes -1 or 0 for none."""
    try:
        percent = float(fields.get(f"outlier::{name}", "-1"))
    except ValueError:
        return None
    return percent if percent > 0 else None


def _host_status(host: _Host, location: Location) -> HostStatus:
    """Raises ValueError where a number is expected. Unknown keys are statistics if they are numbers, else left out."""
    take = host.fields.pop
    flags, health = _health(take("health_flags", ""))
    return HostStatus(
        address=host.address,
        location=location,
        hostname=take("hostname", ""),
        health=health,
        health_flags=flags,
        weight=int(take("weight", "1")),
        priority=int(take("priority", "0")),
        region=take("region", ""),
        zone=take("zone", ""),
        sub_zone=take("sub_zone", ""),
        canary={"true": True, "false": False}.get(take("canary", "")),
        success_rate=_rate(take("success_rate", "-1")),
        local_origin_success_rate=_rate(take("local_origin_success_rate", "-1")),
        stats=tuple(sorted((sys.intern(key), int(value)) for key, value in host.fields.items() if value.isdecimal())),
    )


def _health(text: str) -> tuple[tuple[str, ...], str]:
    if text.startswith("/"):
        flags = tuple(text[1:].split("/"))
        return flags, next((health for health, flag in EDS_FLAGS.items() if flag in flags), "HEALTHY")
    health = text.upper() or "UNKNOWN"  # hosts that no load balancer picks carry the control plane's word itself
    return tuple(filter(None, (eds_flag(health),))), health


def _rate(text: str) -> float | None:
    rate = float(text)
    return rate if rate >= 0 else None

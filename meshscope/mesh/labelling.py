"""Gives the documents of a snapshot the kinds and owners that its mesh has recognised, for the manifest of a recording.

A recording with kinds and owners is laid out by proxy, and documents that no question needs are not read. A document of several
proxies, or of no known kind, is not labelled.
"""

from __future__ import annotations

from collections import defaultdict

from msgspec.structs import replace

from meshscope.envoy.dump import Dump
from meshscope.envoy.resource import ENDPOINTS
from meshscope.errors import UnreadableError
from meshscope.mesh.account import ENVOY, MARKDOWN
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.opening.fenced import is_fenced
from meshscope.snapshot.layout import debug_endpoint
from meshscope.snapshot.snapshot import Captured, ProxyId, Snapshot

Label = tuple[str, ProxyId | None]


def labelled(snapshot: Snapshot) -> Snapshot:
    """The same documents, labelled. If all of them have a kind already, nothing is read."""
    if all(one.kind for one in snapshot.captured):
        return snapshot
    try:
        labels = _labels(Mesh(snapshot))
    except UnreadableError:
        labels = {}
    captured = (_labelled(one, labels.get(id(one.document), set())) for one in snapshot.captured)
    return replace(snapshot, captured=tuple(captured))


def _labels(mesh: Mesh) -> dict[int, set[Label]]:
    found: dict[int, set[Label]] = defaultdict(set)
    for proxy in mesh.proxies:
        for view, account in proxy.accounts.items():
            for dump in account.dumps:
                found[id(dump.document)].add((_kind(view, dump), proxy.id))
        for kind, answer in proxy.answers.items():
            found[id(answer.captured.document)].add((kind, proxy.id))
    for answer in mesh.answers:
        found[id(answer.captured.document)].add((answer.kind, answer.captured.owner))
    for manifest in mesh.manifests:
        found[id(manifest.captured.document)].add((manifest.kind, None))
    return found


def _kind(view: str, dump: Dump) -> str:
    """The kind of a dump; istiod's endpoints alone are an answer of their own."""
    if view == ENVOY:
        return "config_dump"
    return "istiod_edsz" if dump.evidence == {ENDPOINTS} else "istiod_config_dump"


def _labelled(one: Captured, labels: set[Label]) -> Captured:
    if one.kind or one.document.failure:
        return one
    if is_fenced(one):
        return replace(one, kind=MARKDOWN)
    if len(labels) == 1:
        ((kind, owner),) = labels
        return replace(one, kind=kind, owner=owner)
    endpoint = debug_endpoint(one.document.name) if not labels and one.istiod else ""
    return (
        replace(one, kind=f"debug/{endpoint}") if endpoint else one
    )  # an empty answer can only be recognised by its name

"""Reverse look-up: everything, in all proxies, that refers to an IP, a host, a cluster, an object, a SAN, a secret.

A slice that does not contain the text is not decoded. A word is found where it stands alone: `10.20.0.2` is not in
`10.20.0.21`, `reviews` is not in `reviews-v2`, and the host of a cluster's name is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from meshscope.envoy.resource import CLUSTER, LISTENER, ROUTES, SECRET, Resource
from meshscope.errors import UsageError
from meshscope.istio.kinds.resources import kinds_named
from meshscope.istio.manifest import Object
from meshscope.istio.provenance import ObjectRef
from meshscope.listing.kinds import secrets
from meshscope.listing.mention import Mention
from meshscope.listing.registry import KINDS
from meshscope.listing.search_text import SearchText
from meshscope.listing.selection import EVERYTHING, Selection
from meshscope.listing.steps import parts, steps
from meshscope.location import Location
from meshscope.mesh.graph import Edge, Node
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.object_references import users_of
from meshscope.mesh.proxy import Proxy
from meshscope.mesh.proxy_documents import identity
from meshscope.mesh.redaction import redacted, shown_body
from meshscope.path import Path, path_text
from meshscope.untyped import untyped
from meshscope.work import UNFOLLOWED, Work


def find(
    mesh: Mesh,
    text: str,
    selection: Selection = EVERYTHING,
    work: Work = UNFOLLOWED,
) -> Iterator[Mention]:
    """All mentions of any text, of `IP:port`, or of anything as `kind/name` or `kind/name.namespace`.

    Raises UsageError for an unknown proxy and an ambiguous kind, CancelledError.
    """
    if (named := _of_a_kind(text)) is not None:
        kind, name = named
        if kind in _NODES:
            yield from _in_graphs(mesh, kind, name, selection, work)
            return
        yield from _own_object(mesh, "Service" if kind == "services" else kind, name)
        for text_of_name, part in parts(_spellings(mesh, kind, name), work):
            yield from _mentions(mesh, SearchText(text_of_name), selection, part)
        return
    reference = object_reference(text)
    if reference:
        for search, part in parts((_configuration_from, _objects_named, _objects_with), work):
            yield from search(mesh, reference, selection, part)
    else:
        yield from _mentions(mesh, SearchText(text), selection, work)


def _mentions(mesh: Mesh, text: SearchText, selection: Selection, work: Work) -> Iterator[Mention]:
    for look, part in parts((_in_configuration, _in_live_state, _in_certificates, _in_objects, _in_ztunnels), work):
        yield from look(mesh, text, selection, part)


def _of_a_kind(text: str) -> tuple[str, str] | None:
    """A kind that is no object of Istio or the Gateway API, and a name: `cluster/NAME`, `svc/NAME`, `pod/NAME`."""
    word, slash, name = text.partition("/")
    if not slash or not name:
        return None
    word = word.lower()
    kind = next((kind for kind, others in KINDS.items() if word == kind or word in others), "")
    if kind:
        return kind, name
    found = kinds_named(word)
    if found and not any("istio.io" in one.group or "gateway.networking" in one.group for one in found):
        return found[0].kind, name
    return None


def _own_object(mesh: Mesh, kind: str, name: str) -> Iterator[Mention]:
    for item in mesh.objects_of(kind):
        if name in (item.name, f"{item.name}.{item.namespace or 'default'}"):
            yield Mention(None, item.kind, str(item.ref), "metadata.name", item.name, item.location)


_NODES = {
    "clusters": (CLUSTER, "cluster"),
    "listeners": (LISTENER, "listener"),
    "routes": (ROUTES, "route_config"),
    "secrets": (SECRET, "secret"),
}
"""Kinds whose names may be any word: not every text of that name means them, so that the graph decides."""


def _in_graphs(mesh: Mesh, kind: str, name: str, selection: Selection, work: Work) -> Iterator[Mention]:
    """The resource itself and what refers to it, in each proxy that has the name."""
    resource_kind, node_kind = _NODES[kind]
    text = SearchText(name)
    for proxy, share in parts(selection.proxies(mesh), work):
        if not any(text.may_be_in(dump.document.body) for dump in proxy.account.dumps):
            continue
        for resource in proxy.resources(resource_kind):
            if resource.name == name:
                yield Mention(proxy.name, resource_kind, name, "name", name, resource.location)
        for edge in mesh.graph(proxy, share).used_by(Node(node_kind, (name,))):
            key = "/".join(map(str, edge.source.key))
            field = path_text(_within(proxy, edge))
            yield Mention(proxy.name, edge.source.kind, key, field, name, edge.location)


_RESOURCES = {"listener": LISTENER, "filterchain": LISTENER, "cluster": CLUSTER} | dict.fromkeys(
    ("route_config", "virtual_host", "route"), ROUTES
)
"""A node of the graph -> the kind of resource that it is a part of."""


def _within(proxy: Proxy, edge: Edge) -> Path:
    """Where in the resource the reference is; in the whole document where the resource is not found."""
    path, kind = edge.location.path, _RESOURCES.get(edge.source.kind)
    resource = proxy.resource(kind, str(edge.source.key[0])) if kind else None
    start = resource.location.path if resource else ()
    return path[len(start) :] if path[: len(start)] == start else path


def _spellings(mesh: Mesh, kind: str, name: str) -> tuple[str, ...]:
    """The texts that name the thing. A service is named by its hosts, a pod by its name and its addresses."""
    bare, dot, namespace = name.rpartition(".")
    if kind in ("services", "Service"):
        hosts = [
            one.host for one in mesh.network.services if name in (one.name, one.host, f"{one.name}.{one.namespace}")
        ]
        return tuple(dict.fromkeys((*hosts, *([] if hosts else [name]))))
    if kind in ("Pod", "proxies", "workloads"):
        pods = [pod for pod in mesh.network.pods if name in (pod.name, pod.full_name)]
        known = [text for pod in pods for text in (pod.name, *(() if pod.host_network else pod.ips))]
        return tuple(dict.fromkeys(known or [bare if dot else name]))
    if kind[:1].isupper() and dot and any(one.name == bare for one in mesh.objects_of(kind)):
        return (bare,) if namespace else (name,)
    return (name,)


def object_reference(text: str) -> ObjectRef | None:
    """`vs/reviews.default` or `virtualservice.networking.istio.io/reviews.default` as an object; None for other text."""
    word, slash, name = text.partition("/")
    kinds = [kind for kind in kinds_named(word) if "istio.io" in kind.group or "gateway.networking" in kind.group]
    if slash and len(kinds) > 1:
        raise UsageError(f"{word!r} is ambiguous: {', '.join(map(str, kinds))}")
    if not slash or not kinds:
        return None
    bare, dot, namespace = name.rpartition(".")
    return ObjectRef(kinds[0].group, kinds[0].kind, namespace if dot else "default", bare or name)


def config_path(reference: ObjectRef) -> str:
    """What istiod writes into `metadata.filter_metadata.istio.config`, without the API's version."""
    kebab = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", reference.kind).lower()
    return f"/namespaces/{reference.namespace}/{kebab}/{reference.name}"


def configuration_from(
    mesh: Mesh,
    reference: ObjectRef,
    selection: Selection = EVERYTHING,
    work: Work = UNFOLLOWED,
) -> Iterator[Mention]:
    """The configuration of proxies that istiod made from an object, by the metadata that it leaves."""
    yield from _in_configuration(mesh, SearchText(config_path(reference), at_end=True), selection, work)


def _configuration_from(mesh: Mesh, reference: ObjectRef, selection: Selection, work: Work) -> Iterator[Mention]:
    return configuration_from(mesh, reference, selection, work)


def _in_configuration(mesh: Mesh, text: SearchText, selection: Selection, work: Work) -> Iterator[Mention]:
    for proxy, share in parts(selection.proxies(mesh), work):
        with_text = {id(dump.origin): text.may_be_in(dump.document.body) for dump in proxy.account.dumps}
        for resource in steps(_resources(proxy), share):
            if (with_text.get(id(resource.origin)) and text.may_be_in(resource.raw)) or text.is_range_candidate(
                resource
            ):
                yield from _in_resource(proxy, resource, text)


def _resources(proxy: Proxy) -> Sequence[Resource]:
    return [resource for dump in proxy.account.dumps for resource in dump.resources if resource.in_effect]


def _in_resource(proxy: Proxy, resource: Resource, text: SearchText) -> Iterator[Mention]:
    try:
        body = redacted(untyped(resource.raw))
    except msgspec.DecodeError:
        return
    for path, value in text.found_in(body, ()):
        yield Mention(proxy.name, resource.kind, resource.name, path_text(path), value, resource.location.below(path))


def _in_live_state(mesh: Mesh, text: SearchText, selection: Selection, work: Work) -> Iterator[Mention]:
    """Hosts of `/clusters`."""
    for proxy in steps(selection.proxies(mesh), work):
        answer = proxy.answers.get("clusters")
        if answer is None or not text.may_be_in(answer.captured.document.body):
            continue
        for status in (proxy.live_clusters or {}).values():
            for host in status.hosts:
                if host.address == text.text or text.is_in(host.address) or host.hostname == text.text:
                    yield Mention(proxy.name, "endpoint", status.name, "address", host.address, host.location)


def _in_certificates(mesh: Mesh, text: SearchText, selection: Selection, work: Work) -> Iterator[Mention]:
    for proxy in steps(selection.proxies(mesh), work):
        if not proxy.resources(SECRET):
            continue
        for row in secrets.rows(mesh, Selection(proxy=proxy.name)):
            for san in row.sans:
                if san == text.text and row.location:
                    yield Mention(proxy.name, SECRET, row.name, "sans", san, row.location)


def _in_objects(mesh: Mesh, text: SearchText, _selection: Selection, work: Work) -> Iterator[Mention]:
    for item in steps(tuple(mesh.objects), work):
        if text.may_be_in(item.body):
            for path, value in text.found_in(shown_body(item), ()):
                yield Mention(None, item.kind, str(item.ref), path_text(path), value, item.location.below(path))


def _in_ztunnels(mesh: Mesh, text: SearchText, _selection: Selection, work: Work) -> Iterator[Mention]:
    """Workloads, services and policies of ztunnels, each by its namespace and name."""
    for answer in steps(mesh.answers_of("ztunnel"), work):
        document, value = answer.captured.document, answer.value
        if value is None or not text.may_be_in(document.body):
            continue
        from meshscope.istio.debug.ztunnel import raw_items  # many meshes have none

        proxy = str(identity(answer.captured, None))
        for kind, place, raw in raw_items(value, document.name):
            if not text.may_be_in(raw) or not isinstance(item := untyped(raw), dict):
                continue
            name = "/".join(str(item[key]) for key in ("namespace", "name") if item.get(key))
            for path, found in text.found_in(item, ()):
                yield Mention(proxy, kind, name, path_text(path), found, Location(document, (*place, *path)))


def _objects_named(mesh: Mesh, reference: ObjectRef, _selection: Selection, work: Work) -> Iterator[Mention]:
    for item in steps(tuple(mesh.objects), work):
        if _is_named(item, reference):
            yield Mention(None, item.kind, str(item.ref), "metadata.name", item.name, item.location)


def _is_named(item: Object, reference: ObjectRef) -> bool:
    same = (item.group, item.kind, item.name) == (reference.group, reference.kind, reference.name)
    return same and (item.namespace or "default") == reference.namespace


def _objects_with(mesh: Mesh, reference: ObjectRef, _selection: Selection, work: Work) -> Iterator[Mention]:
    """The objects whose fields name it."""
    for item in steps(tuple(mesh.objects), work):
        if _is_named(item, reference):
            for other, named in users_of(mesh, item):
                place = other.location.below(named.path)
                yield Mention(None, other.kind, str(other.ref), path_text(named.path), named.name, place)

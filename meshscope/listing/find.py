"""Reverse look-up: everything, in all proxies, that refers to an IP, a host, a cluster, an object, a SAN, a secret.

A slice that does not contain the text is not decoded. A word is found where it stands alone: `10.20.0.2` is not in
`10.20.0.21`, `reviews` is not in `reviews-v2`, and the host of a cluster's name is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from meshscope.envoy.resource import SECRET, Resource
from meshscope.errors import UsageError
from meshscope.istio.kinds.resources import kinds_named
from meshscope.istio.manifest import Object
from meshscope.istio.provenance import ObjectRef
from meshscope.listing.kinds import secrets
from meshscope.listing.mention import Mention
from meshscope.listing.search_text import SearchText
from meshscope.listing.selection import EVERYTHING, Selection
from meshscope.listing.steps import parts, steps
from meshscope.location import Location
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.mesh.proxy_documents import identity
from meshscope.mesh.redaction import redacted, shown_body
from meshscope.path import path_text
from meshscope.work import UNFOLLOWED, Work


def find(
    mesh: Mesh,
    text: str,
    selection: Selection = EVERYTHING,
    work: Work = UNFOLLOWED,
) -> Iterator[Mention]:
    """All mentions of any text, of `IP:port`, or of an object as `kind/name.namespace`.

    Raises UsageError for an unknown proxy and an ambiguous kind, CancelledError.
    """
    reference = object_reference(text)
    if reference:
        for search, part in parts((_configuration_from, _objects_named), work):
            yield from search(mesh, reference, selection, part)
    else:
        for look, part in parts((_in_configuration, _in_live_state, _in_certificates, _in_objects, _in_ztunnels), work):
            yield from look(mesh, SearchText(text), selection, part)


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
        body = redacted(msgspec.json.decode(resource.raw))
    except (msgspec.DecodeError, RecursionError):
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
            if not text.may_be_in(raw) or not isinstance(item := msgspec.json.decode(raw), dict):
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

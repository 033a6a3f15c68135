"""Reverse look-up: everything, in all proxies, that refers to an IP, a host, a cluster, an object, a SAN, a secret.

A slice in which the text does not stand is never decoded. A word is found where it stands alone: `10.20.0.2` is not in
`10.20.0.21`, `reviews` is not in `reviews-v2`, and the host of a cluster's name is.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from meshscope.envoy.resource import LISTENER, SECRET, Resource
from meshscope.errors import UsageError
from meshscope.istio.kinds.resources import kinds_named
from meshscope.istio.manifest import Object
from meshscope.istio.provenance import ObjectRef
from meshscope.listing.kinds import secrets
from meshscope.listing.selection import Selection
from meshscope.location import Location
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.mesh.redaction import redacted, shown_body
from meshscope.path import Path, written


class Mention(Struct, frozen=True):
    """`field` is the path inside the resource or object, `proxy` null for objects of manifests."""

    proxy: str | None
    kind: str
    name: str
    field: str
    value: str
    location: Location


def find(mesh: Mesh, what: str, selection: Selection = Selection()) -> Iterator[Mention]:  # noqa: B008  # frozen
    """All mentions. `what` is any text, `IP:port`, or an object as `kind/name.namespace`."""
    reference = object_reference(what)
    if reference:
        yield from made_of(mesh, reference, selection)
        yield from _named_objects(mesh.objects, reference)
    else:
        yield from _mentions(mesh, _Test(what), selection)
        yield from _in_live_state(mesh, what, selection)
        yield from _in_certificates(mesh, what, selection)
        yield from _in_objects(mesh.objects, what)


def object_reference(what: str) -> ObjectRef | None:
    """`vs/reviews.default` or `virtualservice.networking.istio.io/reviews.default` as an object; None for other text."""
    word, slash, name = what.partition("/")
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


def made_of(mesh: Mesh, reference: ObjectRef, selection: Selection = Selection()) -> Iterator[Mention]:  # noqa: B008
    """What istiod made of an object, in every proxy, by the metadata that it leaves."""
    test = _Test(config_path(reference))
    test.word = re.compile(re.escape(test.what) + "$")
    yield from _mentions(mesh, test, selection)


def _mentions(mesh: Mesh, test: _Test, selection: Selection) -> Iterator[Mention]:
    """Mentions in the configuration of proxies."""
    for proxy in selection.proxies(mesh):
        present = {id(dump.origin): test.may_be_in(dump.document.body) for dump in proxy.account.dumps}
        for resource in _resources(proxy):
            if (present.get(id(resource.origin)) and test.may_be_in(resource.raw)) or test.is_range_candidate(resource):
                yield from _in_resource(proxy, resource, test)


def _resources(proxy: Proxy) -> Iterator[Resource]:
    for dump in proxy.account.dumps:
        yield from (resource for resource in dump.resources if resource.in_effect)


def _in_resource(proxy: Proxy, resource: Resource, test: _Test) -> Iterator[Mention]:
    try:
        body = redacted(msgspec.json.decode(resource.raw))
    except (msgspec.DecodeError, RecursionError):
        return
    for path, value in test.found_in(body, ()):
        yield Mention(proxy.name, resource.kind, resource.name, written(path), value, resource.location.below(path))


_RANGE = re.compile(rb"refix_?[lL]en")


class _Test:
    """Whether a value mentions what is looked for."""

    def __init__(self, what: str) -> None:
        self.what = what
        host, colon, port = what.rpartition(":")
        self.address = _ip(host.strip("[]")) if colon and port.isdecimal() else None
        self.port = int(port) if self.address else None
        self.range_of = self.address or _ip(what)
        self.needle = (str(self.address) if self.address else what).encode()
        self.word = re.compile(rf"(?:(?<![\w.-])|(?<=_\.)){re.escape(what)}(?![\w-]|\.\w)")

    def may_be_in(self, raw: Any) -> bool:
        return self.needle in (raw if isinstance(raw, bytes) else bytes(raw))

    def is_range_candidate(self, resource: Resource) -> bool:
        """Whether a filter chain's ranges may hold the address without its text standing there."""
        return self.range_of is not None and resource.kind == LISTENER and bool(_RANGE.search(resource.raw))

    def found_in(self, value: Any, path: Path) -> Iterator[tuple[Path, str]]:
        """Paths of the mentions below a value."""
        if isinstance(value, str):
            if self.word.search(value):
                yield path, value
        elif isinstance(value, dict):
            if found := self._address_in(value) or self._range_in(value):
                yield path, found
                return
            for key, member in value.items():
                yield from self.found_in(member, (*path, key))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from self.found_in(item, (*path, index))

    def _address_in(self, value: dict[str, Any]) -> str:
        """A socket address with the wanted port, in either spelling."""
        if self.port is None or value.get("address") != str(self.address):
            return ""
        return self.what if self.port in (value.get("port_value"), value.get("portValue")) else ""

    def _range_in(self, value: dict[str, Any]) -> str:
        """A range of addresses that holds the one looked for; the range of all addresses says nothing."""
        prefix = value.get("address_prefix", value.get("addressPrefix"))
        length = value.get("prefix_len", value.get("prefixLen", 0))
        if self.range_of is None or not isinstance(prefix, str) or not length:
            return ""
        try:
            network = ipaddress.ip_network(f"{prefix}/{length}", strict=False)
        except ValueError:
            return ""
        return str(network) if self.range_of in network else ""


def _ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


# --- what stands elsewhere than in the configuration ----------------------------------------------------------------


def _in_live_state(mesh: Mesh, what: str, selection: Selection) -> Iterator[Mention]:
    """Hosts of `/clusters`."""
    test = _Test(what)
    for proxy in selection.proxies(mesh):
        answer = proxy.answers.get("clusters")
        if answer is None or not test.may_be_in(answer.captured.document.body):
            continue
        for status in (proxy.live_clusters or {}).values():
            for host in status.hosts:
                if host.address == what or test.word.search(host.address) or host.hostname == what:
                    yield Mention(proxy.name, "endpoint", status.name, "address", host.address, host.location)


def _in_certificates(mesh: Mesh, what: str, selection: Selection) -> Iterator[Mention]:
    for proxy in selection.proxies(mesh):
        if not proxy.resources(SECRET):
            continue
        for row in secrets.rows(mesh, Selection(proxy=proxy.name)):
            for san in row.sans:
                if san == what and row.location:
                    yield Mention(proxy.name, SECRET, row.name, "sans", san, row.location)


def _in_objects(objects: Iterable[Object], what: str) -> Iterator[Mention]:
    test = _Test(what)
    for item in objects:
        if test.may_be_in(item.body):
            for path, value in test.found_in(shown_body(item), ()):
                yield Mention(None, item.kind, str(item.ref), written(path), value, item.location.below(path))


def _named_objects(objects: Iterable[Object], reference: ObjectRef) -> Iterator[Mention]:
    for item in objects:
        same = (item.group, item.kind, item.name) == (reference.group, reference.kind, reference.name)
        if same and (item.namespace or "default") == reference.namespace:
            yield Mention(None, item.kind, str(item.ref), "metadata.name", item.name, item.location)

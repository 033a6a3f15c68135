"""Envoy's configuration inside Kubernetes objects: files in ConfigMaps, and the resources of Cilium's objects.

https://kubernetes.io/docs/concepts/configuration/configmap/
https://docs.cilium.io/en/stable/network/servicemesh/envoy-traffic-management/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from meshscope.istio.manifest import Object
from meshscope.istio.raw_json import members_of
from meshscope.location import Document, Location
from meshscope.snapshot.json_text import GarbledError, values_of
from meshscope.snapshot.snapshot import Captured, ProxyId

CILIUM = ("CiliumEnvoyConfig", "CiliumClusterwideEnvoyConfig")
_WORDS = (b"static_resources", b"staticResources", b"type.googleapis.com/envoy.")
_string = msgspec.json.Decoder(str)


def may_hold_configuration(body: bytes) -> bool:
    """Whether it is worth looking into the objects of a text. Nothing is parsed."""
    return any(word in body for word in _WORDS)


def files_of_config_maps(objects: Iterable[Object], around: Captured) -> Iterator[Captured]:
    """Each file that may be Envoy's as a document of its own. Its proxy is named after the ConfigMap."""
    for item in objects:
        if item.kind == "ConfigMap" and not item.group:
            for key, value in members_of(members_of(item.body).get("data", Raw())).items():
                body = _text(value).encode()
                if may_hold_configuration(body):
                    name = f"{around.document.name}!{item.namespace}/{item.name}/{key}".replace("!/", "!")
                    document = Document.of(name, body)
                    if not _is_template(document):
                        yield replace(around, document=document, kind="", owner=_owner(item, around))


def cilium_resources(objects: Iterable[Object], around: Captured) -> Iterator[tuple[Captured, Raw, Location]]:
    """The `spec` of each of Cilium's objects, which lists resources as a discovery response does, and its place."""
    for item in objects:
        if item.kind in CILIUM and item.group == "cilium.io":
            spec = members_of(item.body).get("spec")
            if spec is not None:
                yield replace(around, owner=_owner(item, around)), spec, item.location / "spec"


def _is_template(document: Document) -> bool:
    """Whether it is what a chart makes a configuration of: `{{ … }}` where no YAML is."""
    if b"{{" not in document.body:
        return False
    try:
        return not values_of(document)
    except GarbledError:
        return True


def _owner(item: Object, around: Captured) -> ProxyId:
    return ProxyId(around.mesh_cluster, item.namespace, item.name)


def _text(value: Raw) -> str:
    try:
        return _string.decode(value)
    except msgspec.DecodeError:
        return ""

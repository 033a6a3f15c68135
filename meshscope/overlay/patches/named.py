"""The resources of a proxy that some patches may be for: those that istiod sends, and none that a proxy is started with."""

from __future__ import annotations

from collections.abc import Sequence

from meshscope.envoy.resource import CLUSTER, ROUTES, STATIC, Resource
from meshscope.overlay.draft import Draft
from meshscope.overlay.patches.sequence import Patched


def names_of(draft: Draft, kind: str, patches: Sequence[Patched]) -> tuple[str, ...]:
    """Of the kind; without reading clusters that no patch names. Envoy lists the tables of listeners as static ones, too."""
    inline = {one.name for one in draft.client.proxy.inline_tables if one.state != STATIC} if kind == ROUTES else ()
    some = (one for one in draft.client.proxy.resources(kind) if one.state != STATIC or one.name in inline)
    found = (one.name for one in some if kind != CLUSTER or any(_may_name(one, patch) for patch in patches))
    return tuple(dict.fromkeys((*found, *draft.made(kind))))


def _may_name(one: Resource, patch: Patched) -> bool:
    wanted = patch.wanted.cluster
    if wanted is None or patch.apply_to != "CLUSTER":
        return True
    if wanted.name:
        return one.name == wanted.name
    return not wanted.service or wanted.service.encode() in bytes(one.raw)


def is_listed_twice(draft: Draft, kind: str, name: str) -> bool:
    """Whether it is a table inside of a listener, which Envoy lists by itself, too."""
    resource = draft.client.proxy.resource(kind, name)
    return kind == ROUTES and resource is not None and resource.state == STATIC

"""Patches of EnvoyFilters that istiod applies to what is made anew, too."""

from __future__ import annotations

from collections.abc import Mapping

from meshscope.effect.configuration import Configuration
from meshscope.envoy.resource import CLUSTER, LISTENER, ROUTES
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.patches.sequence import patches_of
from meshscope.overlay.patches.standing import is_for
from meshscope.overlay.services.not_exact import NotExactError


def refuse_patched(configuration: Configuration, draft: Draft, before: Mapping[tuple[str, str], Json | None]) -> None:
    """`before` are the bodies that were there, None for none, of what is another one now. Raises NotExactError."""
    patches = patches_of(configuration, draft.client)
    for (kind, name), was in before.items() if patches else ():
        body = draft.body(kind, name)
        if kind in (CLUSTER, LISTENER, ROUTES) and body is not None:
            new = body if was is None else _new_part(kind, was, body)
            for patch in patches if new else ():
                if is_for(patch, kind, new, is_gateway=draft.client.kind == "gateway"):
                    raise NotExactError(f"{patch} patches what is made of it")


def _new_part(kind: str, was: Json, body: Json) -> Json | None:
    """What stands in a resource and stood not in it: the rest is patched already."""
    key = {ROUTES: "virtual_hosts", LISTENER: "filter_chains"}.get(kind)
    if key is None:
        return body
    new = [each for each in body.get(key, ()) if each not in was.get(key, ())]
    return {**body, key: new} if new else None
